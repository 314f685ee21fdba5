"""A site's own mapping files: they are part of the library, of its digest and of its cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.errors import InputError
from solver.library.load import load_library
from solver.patient.readers.foreign.statements import Coding
from tests.support.libraries import small_library

SYSTEMS = "systems:\n  own: ['urn:own']\n"
ENTRY = """\
entries:
  - id: weight
    variable: weight
    resource: Observation
    read: quantity
    codes: [{system: own, code: W}]
"""
MORE = """\
entries:
  - id: weight
    codes: [{system: own, code: KG}]
"""


@pytest.fixture
def encodings(tmp_path: Path) -> Path:
    """A small library with mapping files."""
    return small_library.folder(tmp_path, {"codes/systems.yaml": SYSTEMS, "codes/labs.yaml": ENTRY})


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A site's folder of mapping files."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "more.yaml").write_text(MORE)
    return folder


def test_mapping_files_are_part_of_a_library(encodings: Path, own: Path, cache: Path) -> None:
    """Those of the encodings, those that a site adds, and none where there are none; a cached library has them too."""
    for _ in range(2):
        library = load_library(encodings, codes=[own])
        assert [entry.id for entry in library.codes.find("Observation", Coding("urn:own", "KG"))] == [
            "weight"
        ]
    plain = load_library(encodings)
    assert plain.codes.find("Observation", Coding("urn:own", "KG")) == ()
    assert plain.codes.find("Observation", Coding("urn:own", "W"))
    (encodings / "codes" / "labs.yaml").unlink()
    (encodings / "codes" / "systems.yaml").unlink()
    (encodings / "codes").rmdir()
    assert load_library(encodings).codes.entries == {}


def test_the_digest_covers_every_mapping_file(encodings: Path, own: Path, cache: Path) -> None:
    """A site's file, and a change of it, give another digest."""
    plain, first = load_library(encodings).digest, load_library(encodings, codes=[own]).digest
    (own / "more.yaml").write_text(MORE.replace("KG", "KILO"))
    second = load_library(encodings, codes=[own]).digest
    assert len({plain, first, second}) == 3


def test_a_wrong_folder_is_refused(encodings: Path, own: Path, tmp_path: Path) -> None:
    """One that is not there, a file, an empty one, and one with files of another ending, each in one line."""
    (tmp_path / "empty").mkdir()
    (own / "extra.yml").write_text(MORE)
    paths = [tmp_path / "none", own / "more.yaml", tmp_path / "empty", own]
    with pytest.raises(InputError) as caught:
        load_library(encodings, codes=paths)
    said = [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]
    assert said == [
        "none: is not a folder of mapping files: no such directory",
        "site/more.yaml: is not a folder of mapping files: it is a file: give the folder it lies in",
        "empty: holds no .yaml file: put mapping files there",
        "site/extra.yml: would be overlooked: call it .yaml",
    ]


def test_a_fault_of_a_site_is_told_with_its_place(encodings: Path, own: Path) -> None:
    """File, line and column."""
    (own / "more.yaml").write_text(
        ENTRY.replace("id: weight", "id: other").replace("variable: weight", "variable: wait")
    )
    with pytest.raises(InputError, match=r"more\.yaml:3:15: unknown variable 'wait'"):
        load_library(encodings, codes=[own], cached=False)
