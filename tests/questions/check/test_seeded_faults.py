"""Faults that authors might make are told, and edits that change nothing are let be: a sample here, all of them in `make seeded-faults`."""

from __future__ import annotations

import pytest

from solver.library.models import Library
from tests.support.faults.seeded_faults import Judge, Seeded, corpus

CORPUS = list(corpus())
QUICK = {"k001", "k017", "zped", "uc", "ro"}
"""The trials that are checked in a moment."""


def sample() -> list[Seeded]:
    """The first edit of each kind that one of the small trials has."""
    found: dict[tuple[bool, str], Seeded] = {}
    for each in sorted(CORPUS, key=lambda seeded: seeded.file == "ro"):
        if each.file in QUICK:
            found.setdefault((each.harmless, each.kind), each)
    return list(found.values())


@pytest.fixture(scope="module")
def judge(library: Library) -> Judge:
    """Whoever says what is told, with the patients that were found before."""
    return Judge(library)


@pytest.mark.parametrize("seeded", sample(), ids=str)
def test_a_fault_of_each_kind_is_told_and_what_is_harmless_is_not(seeded: Seeded, judge: Judge) -> None:
    """What is found with the edit and not without it names the clause of a fault; of a harmless edit nothing is found."""
    told = judge.told(seeded)
    assert told.right, [finding.text for finding in told.findings]


def test_every_edit_of_the_corpus_has_its_place() -> None:
    """Each changes the text of its file, and no two are the same."""
    assert len({str(each) for each in CORPUS}) == len(CORPUS)
    for each in CORPUS:
        assert each.text()


@pytest.mark.slow
def test_of_the_whole_corpus_the_marks_are_kept(judge: Judge) -> None:
    """Of all faults 96 % are told, and no more than 3 % of the harmless edits raise an alarm."""
    told = [judge.told(each) for each in CORPUS]
    faults = [each.right for each in told if not each.seeded.harmless]
    harmless = [each.right for each in told if each.seeded.harmless]
    assert sum(faults) >= 0.96 * len(faults)
    assert sum(harmless) >= 0.97 * len(harmless)
