"""A library that differs in few trials from one that is kept is kept as that, and nobody can tell."""

from __future__ import annotations

import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from solver.library import load
from solver.library.load import load_library
from solver.library.models import Library
from solver.library.store import stored_libraries
from solver.library.store.stored_libraries import MANY
from tests.support.libraries.concept_library import CLAUSE, concept_folder
from tests.support.libraries.concept_library import TRIAL as CONCEPT_TRIAL
from tests.support.libraries.small_library import TRIAL, folder, stored


def trial(number: int, limit: int = 10) -> str:
    """One of many trials that are much alike."""
    text = TRIAL.replace("code: ONE", f"code: T{number}").replace("NCT00000001", f"NCT{number:08}")
    return text.replace("10 kg", f"{limit} kg")


def many_trials(base: Path, count: int = MANY + 5) -> Path:
    """A folder of so many trials."""
    where = folder(base, {f"trials/t{number:03}.yaml": trial(number) for number in range(count)})
    (where / "trials" / "one.yaml").unlink()
    return where


def change(where: Path, number: int, limit: int) -> None:
    """Change a trial."""
    (where / "trials" / f"t{number:03}.yaml").write_text(trial(number, limit))


def kinds(cache: Path) -> list[str]:
    """The kinds of the files of the cache."""
    return sorted(file.suffix for file in stored(cache))


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read as YAML."""
    from solver.library.files import yaml_places

    told: list[str] = []
    genuine = yaml_places.parse_document
    monkeypatch.setattr(
        yaml_places,
        "parse_document",
        lambda source, name: (told.append(Path(name).name), genuine(source, name))[1],
    )
    return told


def test_a_changed_trial_alone_is_written(
    tmp_path: Path, cache: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the whole library, which stays as it is; and it is read again without compiling."""
    where = many_trials(tmp_path)
    load_library(where)
    (whole,) = stored(cache)
    for limit in (11, 12):
        compiled.clear()
        change(where, 3, limit)
        found = load_library(where)
        assert compiled == ["t003.yaml"]
        assert found == load_library(where, cached=False)
        assert found.trials["T3"].clauses[0].logic[""].endswith(f"{limit} kg")
    change(where, 7, 13)
    load_library(where)
    assert kinds(cache) == [".change"] * 3 + [".library"]
    assert whole in stored(cache)
    assert sum(file.stat().st_size for file in stored(cache) if file != whole) < whole.stat().st_size / 2
    fresh = load_library(where, cached=False)
    monkeypatch.setattr(load, "_compiled_library", None)
    again = load_library(where)
    assert again == fresh
    assert list(again.trials) == list(fresh.trials)
    assert vars(again).keys() >= {"mentions", "linked", "lists", "parts", "tests_of_terms"}


def test_what_comes_and_goes_is_a_change_too(tmp_path: Path, cache: Path) -> None:
    """The trials are in the order of their files."""
    where = many_trials(tmp_path)
    load_library(where)
    (where / "trials" / "t002.yaml").unlink()
    (where / "trials" / "t001b.yaml").write_text(trial(999))
    for _ in range(2):
        assert list(load_library(where).trials)[:4] == ["T0", "T1", "T999", "T3"]
    assert kinds(cache) == [".change", ".library"]


def test_a_change_that_has_grown_is_written_whole(tmp_path: Path, cache: Path) -> None:
    """So that what is read besides the whole library stays little."""
    where = many_trials(tmp_path)
    load_library(where)
    for number in range(3):
        change(where, number, 20)
        assert load_library(where) == load_library(where, cached=False)
    assert kinds(cache) == [".change", ".change", ".library", ".library"]


@pytest.mark.parametrize("how", ["gone", "another", "cut"])
def test_a_change_of_what_is_not_there_is_none(tmp_path: Path, cache: Path, how: str) -> None:
    """The file of the whole library is gone, or is that of another one, or damaged: all is compiled that has to be."""
    where = many_trials(tmp_path)
    load_library(where)
    (whole,) = stored(cache)
    change(where, 3, 11)
    load_library(where)
    content = whole.read_bytes()
    whole.unlink()
    if how == "another":
        for number in range(5):
            change(where, number, 30)
        load_library(where)
        (other,) = (file for file in stored(cache) if file.suffix == ".library")
        shutil.copy(other, whole)
        for number in range(5):
            change(where, number, 10)
        change(where, 3, 11)
    elif how == "cut":
        whole.write_bytes(content[:-1])
        whole.chmod(0o600)
    for _ in range(2):
        assert load_library(where) == load_library(where, cached=False)


def test_a_change_of_what_is_asked_of_concepts_is_written_whole(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of the concepts hangs on what all trials ask of them."""
    monkeypatch.setattr(stored_libraries, "MANY", 1)
    monkeypatch.setattr(stored_libraries, "_MOST_CHANGED", 1)
    where = concept_folder(tmp_path, "ever(car_t)")
    load_library(where)
    (where / "trials" / "one.yaml").write_text(CONCEPT_TRIAL + CLAUSE % (1, 1, "times(car_t) <= 1"))
    found, fresh = load_library(where), load_library(where, cached=False)
    assert (found, found.terms, found.parts) == (fresh, fresh.terms, fresh.parts)
    assert kinds(cache) == [".library", ".library"]
    (where / "trials" / "one.yaml").write_text(CONCEPT_TRIAL + CLAUSE % (1, 1, "times(car_t) <= 2"))
    found, fresh = load_library(where), load_library(where, cached=False)
    assert (found, found.terms, found.parts) == (fresh, fresh.terms, fresh.parts)
    assert kinds(cache) == [".change", ".library", ".library"]


def test_the_words_of_another_library_are_not_taken(tmp_path: Path, cache: Path) -> None:
    """A change is told by its name and by the digest of what it is of, whatever a file holds."""
    where = many_trials(tmp_path)
    library = load_library(where)
    applied = stored_libraries.ChangedLibrary(
        "x.library", "sha256:other", tuple(library.trials), {}, library.digest, {}
    )
    assert applied.applied(library) is None
    assert applied.applied("something else") is None
    missing = stored_libraries.ChangedLibrary("x.library", library.digest, ("T0", "T77"), {}, "", {})
    assert missing.applied(library) is None


def _loaded(where: str) -> list[Any]:
    """What a folder holds, loaded several times over: the limits of the first clauses."""
    found: list[Library] = [load_library(where) for _ in range(4)]
    return [[trial.clauses[0].logic[""][-5:] for trial in each.trials.values()] for each in found]


def test_processes_that_write_changes_at_once_do_not_disturb_one_another(tmp_path: Path, cache: Path) -> None:
    """Each of several writes changes of the same library, while others read them, and old ones give way."""
    count, folders = MANY + 1, []
    for number in range(8):
        where = many_trials(tmp_path / str(number), count)
        change(where, number, 50 + number)
        folders.append(str(where))
    load_library(many_trials(tmp_path / "first", count))
    with ProcessPoolExecutor(3, get_context("spawn")) as processes:
        found = list(processes.map(_loaded, folders * 2))
    limits = [[f"{50 + number if each == number else 10} kg" for each in range(count)] for number in range(8)]
    assert found == [[each] * 4 for each in limits] * 2
    assert set(kinds(cache)) == {".change", ".library"}
    assert len(stored(cache)) <= 8
