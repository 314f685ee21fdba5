"""Expressions that are compiled when they are first used match as those that are compiled at once."""

from __future__ import annotations

import copy
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.patterns import pattern


@given(st.text(alphabet="aAbB1 ", max_size=8), st.sampled_from([0, re.IGNORECASE, re.ASCII]))
def test_it_finds_what_a_compiled_expression_finds(text: str, flags: int) -> None:
    """Each way of asking gives the same, the first time and again."""
    lazy, at_once = pattern(r"(a+)(b?)", flags), re.compile(r"(a+)(b?)", flags)
    for _ in range(2):
        assert lazy.findall(text) == at_once.findall(text)
        assert lazy.sub("x", text) == at_once.sub("x", text)
        assert [each.span() for each in lazy.finditer(text)] == [
            each.span() for each in at_once.finditer(text)
        ]
        assert bool(lazy.fullmatch(text)) is bool(at_once.fullmatch(text))
    assert (lazy.pattern, lazy.flags) == (at_once.pattern, at_once.flags)


def test_a_copy_is_a_compiled_expression() -> None:
    """Copied, or from another process, it is what it stands for."""
    lazy = pattern(rb"\d+")
    for each in (copy.copy(lazy), copy.deepcopy(lazy), pickle.loads(pickle.dumps(lazy))):
        assert each == re.compile(rb"\d+")


def test_a_wrong_expression_is_told_when_it_is_used() -> None:
    """As the compiler of expressions tells it."""
    with pytest.raises(re.error):
        pattern("(").match("")
