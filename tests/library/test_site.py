"""The file of a site: its keys, its paths, and what it says of trials; bad files are told with line and remedy."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from solver.errors import InputError
from solver.library.beside import AtSite
from solver.library.files.site import Site, read_site
from solver.library.models import Library
from solver.patient.readers.native.site_context import site_context
from solver.patient.record import Context

FILES = Path(__file__).parent / "sites"


def whole(path: Path, library: Library) -> tuple[Site, Library, Context]:
    """A site as every command takes it: its words on trials, its policies and its context."""
    site = read_site(path)
    with_site = site.applied(library)
    site.policies(library)
    return site, with_site, site_context(site, with_site)


@pytest.mark.parametrize("path", sorted(FILES.glob("bad/*")), ids=lambda path: path.name)
def test_a_bad_file_is_told_in_one_line_with_its_place(path: Path, library: Library) -> None:
    """Each file says in a comment what is said of it."""
    with pytest.raises(InputError) as caught:
        whole(path, library)
    expected = re.search(r'(?:# |"//": ")(\d+:.*?)"?$', path.read_text(encoding="utf-8"), re.MULTILINE)
    assert expected is not None
    found = [line.removeprefix(f"{path}:") for line in caught.value.problems if "'//'" not in line]
    assert len(found) == 1
    assert found[0].startswith(expected[1]), found


def test_a_file_says_all_that_options_would(library: Library) -> None:
    """YAML, with a key that has nothing behind it; cohorts are named by the code of their trial or its number."""
    site, found, context = whole(FILES / "good" / "whole.yaml", library)
    assert site.name.name == "Ward 7"
    assert (
        site.name.digest
        == f"sha256:{hashlib.sha256((FILES / 'good' / 'whole.yaml').read_bytes()).hexdigest()}"
    )
    assert site.policies(library) == ("history-absent",)
    assert found.site == site.name
    assert found.trials["RO"].at_site == AtSite(True, 2, "call before noon", 1, "trial desk, 4711")
    assert found.trials["UC"].cohorts_at_site == {"ESC": AtSite(False, rank=3)}
    assert found.trials["K017"].at_site is None
    assert dict(context.open_cohorts) == {"SAR": {"EXP"}, "UC": {"EXP"}}
    assert context.readings == {"AMB-SAR-3"}
    assert context.reference["alt"][0].limits["uln"] * 2 == 71


def test_a_file_may_be_json(library: Library) -> None:
    """With a mark of byte order, tabs, the line ends of Windows, escapes and null; names of trials stand in any case."""
    site, found, context = whole(FILES / "good" / "site.json", library)
    assert site.name.name == "Station 7 ä"
    assert found.trials["RO"].at_site == AtSite(open=False, rank=0)
    assert dict(context.open_cohorts) == {"SAR": {"EXP"}, "UC": {"EXP"}}


def test_a_site_without_a_name_is_called_as_its_file(tmp_path: Path) -> None:
    """So that an answer always names the site."""
    path = tmp_path / "ward-7.yaml"
    path.write_text("policies: [history-absent]\n", encoding="utf-8")
    assert read_site(path).name.name == "ward-7"


def test_paths_lead_from_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command gives the same answer in any folder."""
    (tmp_path / "ward" / "trials").mkdir(parents=True)
    path = tmp_path / "ward" / "site.yaml"
    path.write_text("trials: [trials]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert [Path(each).resolve() for each in read_site("ward/site.yaml").trials] == [
        tmp_path / "ward" / "trials"
    ]


def test_a_trial_has_the_best_rank_of_its_open_cohorts(library: Library, tmp_path: Path) -> None:
    """Where it has none of its own; a cohort that is closed ranks nothing."""
    path = tmp_path / "site.yaml"
    path.write_text("trials_open: {SAR.EXP: {rank: 4}, SAR.JPC: {rank: 3}, SAR.ESC: {open: false, rank: 1}}")
    assert whole(path, library)[1].trials["SAR"].at_site == AtSite(rank=3)


def test_what_another_site_said_is_taken_back(library: Library) -> None:
    """A library under one site's file, then under another's, is as if the second were alone."""
    _, first, _ = whole(FILES / "good" / "whole.yaml", library)
    assert whole(FILES / "good" / "site.json", first)[1] == whole(FILES / "good" / "site.json", library)[1]
