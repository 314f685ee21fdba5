"""Amendments of the trial files of which it is known whom they admit or shut out: a sample here, more in `make amended-pairs`."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.support.faults.amended_pairs import FILES, AmendedPair, judge, pairs_of, sample
from tests.support.libraries.shipped import LIBRARY

QUICK = ("k001", "k017", "zped", "uc", "ro", "NCT02474290", "NCT02367456")
"""The files of which a pair is compared in a moment."""

SLOW_KINDS = {"unit"}
"""That a ratio with other numbers is the same is much work for the solver: the whole run has it."""


def one_of_each_kind() -> Iterator[AmendedPair]:
    """The first pair of each kind that one of these files has."""
    seen = set(SLOW_KINDS)
    for path in (path for name in QUICK for path in FILES if path.stem == name):
        for pair in pairs_of(path, LIBRARY, Random(path.stem)):
            if pair.kind not in seen:
                seen.add(pair.kind)
                yield pair


KINDS = list(one_of_each_kind())


@pytest.mark.parametrize("pair", KINDS, ids=[pair.kind for pair in KINDS])
def test_an_amendment_of_each_kind_is_told_as_it_is_known(pair: AmendedPair) -> None:
    """The relation is one that there may be, whoever is shown stands as is said, and no drawn patient contradicts it."""
    judged = judge(LIBRARY, pair, Random(1), patients=20)
    assert not judged.faults, judged
    assert judged.drawn or judged.refused


def test_the_kinds_are_those_that_amendments_have() -> None:
    """Limits, strictness, windows, `when`, clauses that come and go, and rewritings that change nothing."""
    kinds = {pair.kind for pair in KINDS}
    assert {
        "limit",
        "strictness",
        "window",
        "added",
        "left out",
        "part left out",
        "and or or",
        "when left out",
    } <= kinds
    assert {"moved", "renamed", "reordered", "de morgan", "expanded"} <= kinds


@pytest.mark.slow
def test_more_pairs_of_every_file() -> None:
    """Ten of each file: not one answer does not agree."""
    judged = [judge(LIBRARY, pair, Random(1)) for pair in sample(LIBRARY, 1, 10)]
    assert [each for each in judged if each.faults] == []
