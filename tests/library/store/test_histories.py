"""Whatever is done to a folder of encodings, and to the cache, the next load is that of a fresh compilation."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.errors import InputError
from solver.language import elaborate
from solver.language.tree import Condition
from solver.language.values import Scope
from solver.library import compile, trial_files
from solver.library.files.file_faults import FilePart
from solver.library.load import default_encodings, load_library
from solver.library.models import Library, Trial
from solver.library.store import stored_libraries
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.report.json import json_text
from tests.support.libraries.small_library import FILES, TRIAL, VOCABULARY, folder, stored

TRIALS = [f"trials/{name}.yaml" for name in "abcd"]
EDITS: dict[str, Callable[[str], str]] = {
    "another limit": lambda text: text.replace("10 kg", "11 kg"),
    "another clause": lambda text: text.replace("require: grade <= 2", "require: grade <= 3 or smoker"),
    "another guard": lambda text: text.replace("unless: smoker", "unless: smoker or grade > 3"),
    "a guard the other way": lambda text: text.replace("unless: smoker", "when: smoker").replace(
        "when: kind == AML", "unless: kind == AML"
    ),
    "another title": lambda text: text.replace("A first trial", "A second trial"),
    "the code of another": lambda text: text.replace("code: ONE", "code: TWO"),
    "an unknown name": lambda text: text.replace("grade <= 2", "garde <= 2"),
    "no YAML": lambda text: text + "  - [",
    "an unknown key": lambda text: text.replace("label: Consent", "lable: Consent"),
}
WORDS = {
    "another unit": VOCABULARY.replace("plausible: 1 kg", "plausible: 2 kg"),
    "another name": VOCABULARY.replace("name: smoker", "name: smokes"),
    "a wrong unit": VOCABULARY.replace("    unit: kg\n", "    unit: kgg\n"),
    "as it was": VOCABULARY,
}
NEVER_KEPT = {"cohort_open and kind == AML", "cohort_open and kind == MDS", "smoker"}
"""Texts of routing clauses and of notices, which mean something else than in other clauses, or may."""

RECORD = {
    "as_of": "2026-11-20",
    "facts": {"kind": "AML", "grade": 3, "weight": {"value": 10.5, "unit": "kg"}},
}


def trial(number: int) -> str:
    """A trial of its own code and number."""
    code = ("ONE", "TWO", "THREE", "FOUR")[number]
    return TRIAL.replace("code: ONE", f"code: {code}").replace("NCT00000001", f"NCT0000000{number + 1}")


def outcome(where: Path, *, cached: bool) -> Library | tuple[str, ...]:
    """The library, or everything that is wrong with it."""
    try:
        return load_library(where, cached=cached)
    except InputError as error:
        return tuple(error.problems)


def answer(library: Library) -> str:
    """What is answered for a record."""
    return json_text(Matcher(library).match(read_record(RECORD, library, name="r")))


def damage(cache: Path, how: str, random: Random) -> None:
    """Spoil a file of the cache, if there is one."""
    files = stored(cache)
    if not files:
        return
    file = random.choice(files)
    content = bytearray(file.read_bytes())
    match how:
        case "cut":
            file.write_bytes(content[: random.randrange(len(content))])
        case "one bit":
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)
            file.write_bytes(content)
        case "of another":
            other = random.choice(files).read_bytes()
            file.write_bytes(other)
        case "taken away":
            file.unlink()


STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(range(4)), st.sampled_from(sorted(EDITS))),
    st.tuples(st.just("restore"), st.sampled_from(range(4)), st.just("")),
    st.tuples(st.just("delete"), st.sampled_from(range(1, 4)), st.just("")),
    st.tuples(st.just("words"), st.just(0), st.sampled_from(sorted(WORDS))),
    st.tuples(
        st.just("damage"),
        st.integers(0, 1000),
        st.sampled_from(["cut", "one bit", "of another", "taken away"]),
    ),
)


def live_through(base: Path, steps: list[tuple[str, int, str]]) -> None:
    """Load after each step with the cache and without, and compare."""
    where = folder(base, {TRIALS[0]: trial(0), TRIALS[1]: trial(1)})
    (where / "trials" / "one.yaml").unlink()
    cache = base / "cache" / "trialproof"
    for kind, number, how in [("restore", 0, ""), *steps]:
        match kind:
            case "write":
                (where / TRIALS[number]).write_text(EDITS[how](trial(number)))
            case "restore":
                (where / TRIALS[number]).write_text(trial(number))
            case "delete":
                (where / TRIALS[number]).unlink(missing_ok=True)
            case "words":
                (where / "vocabulary" / "all.yaml").write_text(WORDS[how])
            case "damage":
                damage(cache, how, Random(number))
        found, fresh = outcome(where, cached=True), outcome(where, cached=False)
        assert found == fresh
        if isinstance(found, Library):
            assert isinstance(fresh, Library)
            assert list(found.trials) == list(fresh.trials)
    if isinstance(found, Library):
        assert isinstance(fresh, Library)
        again = load_library(where)
        if "smoker" in again.variables:
            assert answer(again) == answer(found) == answer(fresh)


@pytest.mark.parametrize(
    "examples", [pytest.param(25, id="some"), pytest.param(1_000, id="many", marks=pytest.mark.slow)]
)
def test_any_history_of_files_and_of_the_cache_loads_as_a_fresh_compilation(examples: int) -> None:
    """Edits, additions, deletions, other words, faults, and cache files that are cut, garbled, foreign or gone."""

    @settings(max_examples=examples)
    @given(st.lists(STEPS, max_size=6), st.booleans())
    def whatever_happens(steps: list[tuple[str, int, str]], changes: bool) -> None:
        with tempfile.TemporaryDirectory() as base, pytest.MonkeyPatch.context() as patched:
            patched.setenv("XDG_CACHE_HOME", f"{base}/cache")
            if changes:  # else so few trials are always written whole
                patched.setattr(stored_libraries, "MANY", 1)
                patched.setattr(stored_libraries, "_MOST_CHANGED", 1)
            live_through(Path(base), steps)

    whatever_happens()


def test_a_changed_file_is_compiled_alone(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other trial, and the words, come from the library before; nothing is compiled where a file goes."""
    compiled: list[str] = []
    genuine = trial_files._compiled_trial

    def told(file: FilePart, *more: Any) -> Trial:
        compiled.append(Path(file.document.name).name)
        return genuine(file, *more)

    monkeypatch.setattr(trial_files, "_compiled_trial", told)
    where = folder(tmp_path, {name: trial(i) for i, name in enumerate(TRIALS)})
    (where / "trials" / "one.yaml").unlink()
    load_library(where)
    assert compiled == ["a.yaml", "b.yaml", "c.yaml", "d.yaml"]
    monkeypatch.setattr(compile, "compile_words", None)
    compiled.clear()
    (where / TRIALS[2]).write_text(EDITS["another limit"](trial(2)))
    assert load_library(where).trials["THREE"].clauses[0].logic[""].endswith("11 kg")
    assert compiled == ["c.yaml"]
    (where / TRIALS[2]).unlink()
    assert list(load_library(where).trials) == ["ONE", "TWO", "FOUR"]
    (where / TRIALS[2]).write_text(trial(2))
    load_library(where)
    assert compiled == ["c.yaml"]


def test_of_a_changed_file_only_what_was_not_there_is_compiled(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts that stood in the file before are not read again, wherever in it they stand."""
    texts: list[str] = []
    genuine = elaborate.compile_condition

    def told(text: str, scope: Scope) -> Condition:
        texts.append(" ".join(text.split()))
        return genuine(text, scope)

    monkeypatch.setattr(elaborate, "compile_condition", told)
    where = folder(tmp_path)
    file = where / "trials" / "one.yaml"
    load_library(where)
    whole = texts.copy()
    for how, compiled in (
        ("another title", []),
        ("another limit", ["weight >= 11 kg"]),
        ("another guard", ["smoker or grade > 3", "weight >= 10 kg"]),
    ):
        texts.clear()
        file.write_text(EDITS[how](TRIAL))
        found = load_library(where)
        assert [text for text in texts if text not in NEVER_KEPT] == compiled
        assert found == load_library(where, cached=False)
        load_library(where)
    assert set(whole) > NEVER_KEPT


def test_a_changed_file_of_the_program_is_as_compiled_anew(tmp_path: Path, cache: Path) -> None:
    """With terms, routing clauses, second readings and guards."""
    where = tmp_path / "encodings"
    shutil.copytree(default_encodings(), where)
    load_library(where)
    for file in (where / "trials").iterdir():
        text = file.read_text()
        assert "\ntitle: " in text
        file.write_text(text.replace("\ntitle: ", "\ntitle: Another ", 1))
    found, fresh = load_library(where), load_library(where, cached=False)
    assert found == fresh
    assert [trial.terms for trial in found.trials.values()] == [
        trial.terms for trial in fresh.trials.values()
    ]


def _loaded(where: str) -> list[str]:
    """The titles of the trials of a folder, loaded several times over."""
    return [trial.title for _ in range(5) for trial in load_library(where).trials.values()]


def test_processes_that_load_at_once_do_not_disturb_one_another(tmp_path: Path, cache: Path) -> None:
    """Each of several writes the same files of the cache while the others read and write them, and those of other libraries give way."""
    folders = []
    for limit in range(6):
        where = folder(
            tmp_path / str(limit), {TRIALS[0]: trial(1).replace("A first trial", f"Trial {limit}")}
        )
        folders.append(str(where))
    with ProcessPoolExecutor(4, get_context("spawn")) as processes:
        found = list(processes.map(_loaded, folders * 4))
    assert found == [[f"Trial {limit}", "A first trial"] * 5 for limit in range(6)] * 4
    assert all(file.suffix == ".library" for file in stored(cache))
    assert len(stored(cache)) <= 6


def test_only_the_latest_few_libraries_are_kept(tmp_path: Path, cache: Path) -> None:
    """Of the same words; those of others are left alone."""
    other = load_library(folder(tmp_path / "other", {"vocabulary/all.yaml": WORDS["another unit"]}))
    for limit in range(10, 20):
        where = folder(tmp_path, {"trials/one.yaml": TRIAL.replace("10 kg", f"{limit} kg")})
        load_library(where)
    assert len(stored(cache)) == 5
    shutil.rmtree(where / "trials")
    assert load_library(tmp_path / "other" / "own") == other


def test_added_trials_of_other_folders_are_told_apart_by_their_files(tmp_path: Path, cache: Path) -> None:
    """What is compiled of a file is used wherever it lies, and the library says where that is now."""
    where = folder(tmp_path)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "more.yaml").write_text(trial(1))
        found = load_library(where, add_trials=[tmp_path / name])
        assert found.added == {"TWO": str(tmp_path / name / "more.yaml")}
        assert found == load_library(where, add_trials=[tmp_path / name], cached=False)


assert set(FILES) == {"vocabulary/all.yaml", "theory/all.yaml", "trials/one.yaml"}
