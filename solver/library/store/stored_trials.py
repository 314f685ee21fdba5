"""Trials as the compile cache keeps them: what every question asks of all of them is at hand, and the rest is packed until somebody asks.

    of a library with thousands of trials    code, number, cohorts, terms                        read at once
    of the trials that a screen shows        labels                                              unpacked one by one, in no time
    of the trials that a list shows          title, intervention, recruitment                    unpacked one by one
    of the trials that need reasons          clauses, notices, sources, what enrolment changes   unpacked one by one
    of a trial whose file has changed        conditions by their texts                           packed with the reasons, never held

A trial is packed by itself, so that what was compiled of one file can go into the next library that has the same file: as what makes it
differ from another trial, since trials are much alike.
"""

from __future__ import annotations

import marshal
import pickle
import threading
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from typing import Any

from solver.language.tree import Condition
from solver.library.models import Trial, Variable

_AT_HAND = ("nct", "code", "cohorts", "terms")
_REASONS = ("clauses", "sources", "notices", "enrolment", "acknowledged", "states")
_SHOWN = tuple(each.name for each in fields(Trial) if each.name not in (*_AT_HAND, *_REASONS))
_PACK_OF = {**dict.fromkeys(_SHOWN, ("_shown", _SHOWN)), **dict.fromkeys(_REASONS, ("_reasons", _REASONS))}
_give_nct, _give_code, _give_cohorts, _give_terms = (getattr(Trial, name).__set__ for name in _AT_HAND)
_unpacking = threading.Lock()


class StoredTrial(Trial):
    """A trial of which parts are packed until they are asked for; it is equal to the same trial unpacked.

    `key` says of which content it was compiled, in which words and by which code. A trial that is made of one by `dataclasses.replace` is
    another one, and has none.
    """

    __slots__ = ("_labels", "_like", "_reasons", "_shown", "key")
    _labels: Mapping[str, str] | bytes
    _shown: bytes
    _reasons: bytes
    _like: bytes
    key: str

    @classmethod
    def of(
        cls, trial: Trial, key: str, expressions: Mapping[str, Condition], like: bytes = b""
    ) -> StoredTrial:
        """A trial, packed as what makes it differ from another one; `expressions` are conditions of it by their texts."""
        shown = pickle.dumps(tuple(getattr(trial, name) for name in _SHOWN), pickle.HIGHEST_PROTOCOL)
        reasons = pickle.dumps(
            (*(getattr(trial, name) for name in _REASONS), dict(expressions)), pickle.HIGHEST_PROTOCOL
        )
        packs = marshal.dumps(dict(trial.labels)), _packed(shown, like), _packed(reasons, like)
        return _restored(trial.nct, trial.code, trial.cohorts, trial.terms, *packs, like, key)

    def unpacked_reasons(self) -> bytes:
        """What other trials may be packed like."""
        return _unpacked(self._reasons, self._like)

    def __getattr__(self, name: str) -> Any:
        """What is packed; asked for once, since it is an attribute from then on."""
        if name not in _PACK_OF:
            raise AttributeError(f"a trial has no '{name}'", name=name, obj=self)
        pack, names = _PACK_OF[name]
        with _unpacking:
            # what is kept of conditions goes by identity: of two threads that ask at once, both get the same objects
            if not _is_set(self, names[-1]):
                values = pickle.loads(_unpacked(getattr(self, pack), self._like))
                # expressions stand behind the reasons, and are not held: only a changed file asks for them
                for part, value in zip(names, values, strict=False):
                    object.__setattr__(self, part, value)
        return object.__getattribute__(self, name)

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of the clauses by id, in the order of the protocol; they are unpacked without the clauses."""
        if not _is_set(self, "key"):
            return super().labels
        found = self._labels
        if isinstance(found, bytes):
            found = marshal.loads(found)
            object.__setattr__(self, "_labels", found)
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trial):
            return NotImplemented
        return all(getattr(self, each.name) == getattr(other, each.name) for each in fields(Trial))

    __hash__ = Trial.__hash__

    def __reduce__(self) -> tuple[Callable[..., Trial], tuple[Any, ...]]:
        """As it is packed, whatever was unpacked since."""
        if not _is_set(self, "key"):
            return Trial, tuple(getattr(self, each.name) for each in fields(Trial))
        return _restored, (
            self.nct,
            self.code,
            self.cohorts,
            self.terms,
            self._labels if isinstance(self._labels, bytes) else marshal.dumps(dict(self._labels)),
            self._shown,
            self._reasons,
            self._like,
            self.key,
        )


def key_of(trial: Trial) -> str | None:
    """The key of what is stored of a trial; None of one that is not as it was compiled, or is not stored."""
    try:
        return trial.key if isinstance(trial, StoredTrial) else None
    except AttributeError:
        return None


def keys_of(trials: Collection[Trial]) -> list[str | None]:
    """The key of each trial."""
    try:
        return [trial.key for trial in trials]  # type: ignore[attr-defined]
    except AttributeError:
        return [key_of(trial) for trial in trials]


def expressions_of(trial: Trial | None) -> Mapping[str, Condition]:
    """The conditions that are stored with a trial by their texts; none where it is not as it was compiled, or is not stored."""
    if not isinstance(trial, StoredTrial) or key_of(trial) is None:
        return {}
    found: Mapping[str, Condition] = pickle.loads(trial.unpacked_reasons())[-1]
    return found


class TrialPacker:
    """Packs the trials of a library, all like the first."""

    def __init__(self) -> None:
        self._like = b""

    def packed(self, trial: Trial, key: str, expressions: Mapping[str, Condition]) -> StoredTrial:
        """A trial, packed; see `StoredTrial.of`."""
        found = StoredTrial.of(trial, key, expressions, self._like)
        self._like = self._like or found.unpacked_reasons()
        return found


def _packed(content: bytes, like: bytes) -> bytes:
    # what is read in full is to be small
    packer = zlib.compressobj(zdict=like) if like else zlib.compressobj()
    return packer.compress(content) + packer.flush()


def _unpacked(content: bytes, like: bytes) -> bytes:
    return (zlib.decompressobj(zdict=like) if like else zlib.decompressobj()).decompress(content)


def _restored(
    nct: str,
    code: str,
    cohorts: Mapping[str, str],
    terms: Mapping[str, Variable],
    labels: bytes,
    shown: bytes,
    reasons: bytes,
    like: bytes,
    key: str,
) -> StoredTrial:
    # there are thousands
    trial = object.__new__(StoredTrial)
    _give_nct(trial, nct)
    _give_code(trial, code)
    _give_cohorts(trial, cohorts)
    _give_terms(trial, terms)
    _give_labels(trial, labels)
    _give_shown(trial, shown)
    _give_reasons(trial, reasons)
    _give_like(trial, like)
    _give_key(trial, key)
    return trial


_give_labels, _give_shown, _give_reasons, _give_like, _give_key = (
    getattr(StoredTrial, name).__set__ for name in ("_labels", "_shown", "_reasons", "_like", "key")
)


def _is_set(trial: Trial, name: str) -> bool:
    try:
        object.__getattribute__(trial, name)
    except AttributeError:
        return False
    return True
