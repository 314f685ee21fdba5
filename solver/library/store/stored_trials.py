"""Trials as the compile cache keeps them: what lists of trials show is at hand, and the rest is packed until somebody asks for it.

    of a library with thousands of trials    code, number, title, cohorts, readings, terms       read at once
    of the trials that need reasons          clauses, notices, sources, what enrolment changes   unpacked one by one

A trial is packed by itself, so that what was compiled of one file can go into the next library that has the same file.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from solver.library.models import Trial

_PACKED = ("clauses", "sources", "notices", "enrolment", "acknowledged", "states")
_AT_HAND = tuple(each.name for each in fields(Trial) if each.name not in _PACKED)
_SETTERS = tuple(getattr(Trial, name).__set__ for name in _AT_HAND)
_unpacking = threading.Lock()


class StoredTrial(Trial):
    """A trial of which a part is packed until it is asked for; it is equal to the same trial unpacked.

    `key` says of which content it was compiled, in which words and by which code. A trial that is made of one by `dataclasses.replace` is
    another one, and has none.
    """

    __slots__ = ("_pack", "key")
    _pack: bytes
    key: str

    @classmethod
    def of(cls, trial: Trial, key: str) -> StoredTrial:
        """A trial, packed."""
        packed = tuple(getattr(trial, name) for name in _PACKED)
        return _restored(
            tuple(getattr(trial, name) for name in _AT_HAND),
            pickle.dumps(packed, pickle.HIGHEST_PROTOCOL),
            key,
        )

    def __getattr__(self, name: str) -> Any:
        """What is packed; asked for once, since it is an attribute from then on."""
        if name not in _PACKED:
            raise AttributeError(f"a trial has no '{name}'", name=name, obj=self)
        with _unpacking:
            # what is kept of conditions goes by identity: of two threads that ask at once, both get the same objects
            if not _is_set(self, _PACKED[-1]):
                for part, value in zip(_PACKED, pickle.loads(self._pack), strict=True):
                    object.__setattr__(self, part, value)
        return object.__getattribute__(self, name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trial):
            return NotImplemented
        return all(getattr(self, each.name) == getattr(other, each.name) for each in fields(Trial))

    __hash__ = Trial.__hash__

    def __reduce__(self) -> tuple[Callable[..., Trial], tuple[Any, ...]]:
        """As it is packed, whatever was unpacked since."""
        if not _is_set(self, "key"):
            return Trial, tuple(getattr(self, each.name) for each in fields(Trial))
        return _restored, (tuple(getattr(self, name) for name in _AT_HAND), self._pack, self.key)


def key_of(trial: Trial) -> str | None:
    """The key of what is stored of a trial; None of one that is not as it was compiled, or is not stored."""
    try:
        return trial.key if isinstance(trial, StoredTrial) else None
    except AttributeError:
        return None


def _restored(at_hand: tuple[Any, ...], packed: bytes, key: str) -> StoredTrial:
    trial = object.__new__(StoredTrial)
    for give, value in zip(_SETTERS, at_hand, strict=True):
        give(trial, value)
    object.__setattr__(trial, "_pack", packed)
    object.__setattr__(trial, "key", key)
    return trial


def _is_set(trial: Trial, name: str) -> bool:
    try:
        object.__getattribute__(trial, name)
    except AttributeError:
        return False
    return True
