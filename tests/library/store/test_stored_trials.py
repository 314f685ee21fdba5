"""A trial of which a part is packed is the trial, in every way but one: the part is unpacked when it is asked for."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

import cli
from solver.library.load import load_library
from solver.library.models import Library, Trial
from solver.library.store import stored_trials
from solver.library.store.stored_trials import StoredTrial, TrialPacker, key_of

KEY = "0" * 16
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def plain() -> Library:
    """The encodings of the program, of which nothing is packed."""
    return load_library(cached=False)


def test_a_stored_trial_is_equal_to_the_trial(plain: Library) -> None:
    """On either side, and after it has been pickled; one that differs in one field, packed or not, is not equal."""
    for trial in plain.trials.values():
        stored = StoredTrial.of(trial, KEY, {})
        assert stored == trial
        assert trial == stored
        for _ in range(2):  # once the labels are packed, and once they are not
            again = pickle.loads(pickle.dumps(stored))
            assert again == trial
            assert again.labels == stored.labels == trial.labels
        assert replace(stored, title="other") != trial
        assert trial != replace(stored, clauses=trial.clauses[1:])
    assert StoredTrial.of(trial, KEY, {}) != "trial"


def test_nothing_is_unpacked_that_is_not_asked_for(plain: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who, where and labels are at hand, what lists of trials show comes at once, and the first question for more unpacks the rest."""
    trial = next(iter(plain.trials.values()))
    stored = StoredTrial.of(trial, KEY, {})
    unpacked: list[bytes] = []

    def loads(content: bytes) -> object:
        unpacked.append(content)
        return pickle.loads(content)

    monkeypatch.setattr(stored_trials, "pickle", SimpleNamespace(loads=loads))
    for names, packs in (
        (("nct", "code", "cohorts", "terms", "labels"), 0),
        (("title", "recruitment", "readings", "unpublished", "open_ended"), 1),
        (("clauses", "notices", "enrolment"), 2),
    ):
        assert [getattr(stored, name) for name in names] == [getattr(trial, name) for name in names]
        assert len(unpacked) == packs
    assert [getattr(stored, each.name) for each in fields(Trial)] == [
        getattr(trial, each.name) for each in fields(Trial)
    ]
    assert len(unpacked) == 2
    with pytest.raises(AttributeError, match="a trial has no 'arms'"):
        stored.arms  # noqa: B018


def test_whatever_trials_are_packed_like_they_are_the_same(plain: Library) -> None:
    """The first of them too, and each for itself once others are gone; together they take less room."""
    packer, trials = TrialPacker(), list(plain.trials.values())
    together = [packer.packed(trial, KEY, {}) for trial in (*trials, *trials)]
    for trial, stored in zip((*trials, *trials), together, strict=True):
        again = pickle.loads(pickle.dumps(stored))
        assert again == trial
        assert again.clauses == trial.clauses
    whole = pickle.dumps([StoredTrial.of(trial, KEY, {}) for trial in (*trials, *trials)])
    assert len(pickle.dumps(together)) < len(whole)


def test_a_changed_trial_has_no_key(plain: Library) -> None:
    """Its key stands for what was compiled of a file, and it is something else."""
    trial = next(iter(plain.trials.values()))
    stored = StoredTrial.of(trial, KEY, {})
    assert (key_of(stored), key_of(trial)) == (KEY, None)
    assert key_of(pickle.loads(pickle.dumps(stored))) == KEY
    changed = replace(stored, clauses=trial.clauses[1:])
    assert changed.labels == {clause.id: clause.label for clause in trial.clauses[1:]}
    assert key_of(changed) is None
    assert pickle.loads(pickle.dumps(changed)) == changed


def test_of_named_trials_alone_clauses_are_unpacked(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command about one trial of a library, also where a site says that another is open."""
    load_library()
    site = cache.parents[1] / "site.yaml"
    site.write_text("trials_open: {RO: {open: true}}")
    unpacked: list[str] = []

    def loads(content: bytes) -> Any:
        found = pickle.loads(content)
        if isinstance(found[0], tuple):  # clauses, and not what lists show
            unpacked.extend({clause.id.partition(".")[0] for clause in found[0]})
        return found

    monkeypatch.setattr(stored_trials, "pickle", SimpleNamespace(loads=loads))
    patient = str(ROOT / "examples" / "two-clocks.json")
    for more, others in (([], set()), (["--site", str(site)], {"RO"}), (["--full"], set())):
        unpacked.clear()
        found = CliRunner().invoke(cli.verbs, [patient, "--trials", "ZPED", *more])
        assert found.exit_code == 0, found.output
        assert set(unpacked) == {"ZPED"} | others


def test_every_thread_gets_the_same_objects(plain: Library) -> None:
    """What is found of a condition is kept by its identity."""
    for trial in plain.trials.values():
        stored = StoredTrial.of(trial, KEY, {})
        with ThreadPoolExecutor(8) as threads:
            seen = set(threads.map(lambda _, each=stored: id(each.clauses), range(64)))
        assert len(seen) == 1


def test_only_the_cache_packs_trials(tmp_path: Path, cache: Path) -> None:
    """A library of the cache has packed trials, and one without the cache has none."""
    assert all(key_of(trial) for trial in load_library().trials.values())
    assert not any(key_of(trial) for trial in load_library(cached=False).trials.values())
