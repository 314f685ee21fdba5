"""What to find out, in order: what is said of a result holds once it is recorded, and nothing is said of one that cannot come out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import pytest

from solver.engine.case import Engine
from solver.engine.consistency import OpenedRecord
from solver.engine.deciding_sets import deciding_sets
from solver.engine.finding_out.next_steps import NextSteps
from solver.engine.finding_out.set_cover import SetCover
from solver.engine.finding_out.step import NextStep, StepResult
from solver.engine.problem import Problem
from solver.engine.requirements import requirements
from solver.evaluation.evaluate import evaluate
from solver.language.calendar import format_day
from solver.language.domain import Interval
from solver.language.types import DateType, QuantityType
from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from tests.support.records.worked import case_record, labelled_cases

CASES = {case["id"]: case for case in labelled_cases()}
THINNED = sorted(CASES)[::6]
"""Of these worked cases some facts are taken away, so that trials are undetermined."""


@cache
def engine(assume: tuple[str, ...]) -> Engine:
    """One engine for all records."""
    return Engine(load_library(), assume=assume)


@lru_cache(maxsize=1)
def opened_record(text: str, assume: tuple[str, ...]) -> OpenedRecord:
    """A record as it is opened, once for all trials."""
    return engine(assume).open(record_from(json.loads(text), engine(assume).library), warned=False)


def steps(
    record: dict[str, Any], code: str, *, assume: tuple[str, ...] = ()
) -> tuple[Problem, list[NextStep]] | None:
    """The steps for a trial that is undetermined; None for any other."""
    used, opened = engine(assume), opened_record(json.dumps(record), assume)
    if opened.consistent is not True:
        return None
    with used.allowance():
        case = used.case(opened, [])
        decision = case.decision(used.library.trials[code])
        if decision.verdict != "undetermined":
            return None
        sets = deciding_sets(case.problem, decision).subsets
        missing = requirements(case.problem, decision, sorted({name for each in sets for name in each}))
        found = NextSteps(case.problem, SetCover(used.library))
        return case.problem, list(found.in_order(decision, sets, missing))


@cache
def undetermined(
    assume: tuple[str, ...] = (),
) -> list[tuple[dict[str, Any], str, Problem, list[NextStep]]]:
    """The records with each trial that is undetermined for them, and its steps."""
    pairs = [(record, code) for record in thinned() for code in load_library().trials]
    return [(*pair, *found) for pair in pairs if (found := steps(*pair, assume=assume)) is not None]


def thinned() -> Iterator[dict[str, Any]]:
    """Records of worked cases, each without a third of its facts."""
    for place, name in enumerate(THINNED):
        record = case_record(CASES[name])
        facts = {key: fact for i, (key, fact) in enumerate(record["facts"].items()) if (i + place) % 3}
        yield {**record, "facts": facts}


def values(library: Library, name: str, part: Any) -> Iterator[Any]:
    """Some values of a part of what a variable can be, as a record writes them."""
    kind = library.variables[name].type
    if isinstance(part, frozenset):
        yield from sorted(part)
        return
    for each in part:
        assert isinstance(each, Interval)
        middle = each.low if each.exact else (each.low + min(each.high, each.low + 10)) / 2
        number = middle if isinstance(kind, QuantityType) else int(middle)
        if each.low_open and number == each.low:
            number += 1
        if isinstance(kind, DateType):
            yield format_day(int(number))
        elif isinstance(kind, QuantityType):
            value = {"value": float(number), "unit": kind.unit.text}
            yield value | ({"drug": "prednisone"} if library.variables[name].drugs else {})
        else:
            yield int(number)


def with_fact(record: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The record with one fact in place of what it says of the variable."""
    return {**record, "facts": {**record["facts"], name: value}}


def verdict(record: dict[str, Any], code: str, assume: tuple[str, ...]) -> str:
    """The verdict on a trial, of which no reason is asked."""
    used = engine(assume)
    opened = used.open(record_from(record, used.library), warned=False)
    if opened.consistent is not True:
        return "withheld"
    with used.allowance():
        return used.case(opened, []).decision(used.library.trials[code]).verdict


def claims(found: list[NextStep]) -> Iterator[tuple[StepResult, str, Any]]:
    """What is said of results: that they end the trial, or that they are enough."""
    for step in found:
        for result in step.results:
            if result.ending is not None:
                yield result, "ineligible", result.ending
            if result.winning is not None:
                yield result, "eligible", result.winning


@pytest.mark.parametrize("assume", [(), ("history-absent",)])
def test_what_is_advised_holds_when_it_is_done(library: Library, assume: tuple[str, ...]) -> None:
    """Once a result that is said to end a trial, or to be enough, is recorded, the verdict is that."""
    looked_at = 0
    for record, code, _, found in undetermined(assume):
        for result, expected, part in claims(found):
            for value in values(library, result.variable, part):
                after = verdict(with_fact(record, result.variable, value), code, assume)
                assert after == expected, (record["id"], code, result.variable, value)
                looked_at += 1
    assert looked_at > 100


def test_nothing_is_said_of_what_is_not_plausible(library: Library) -> None:
    """Every value of which something is said lies in the plausible range."""
    looked_at = 0
    for record, code, problem, found in undetermined():
        for result, _, part in claims(found):
            variable = library.variables[result.variable]
            for each in part if variable.plausible is not None and isinstance(part, tuple) else ():
                known = {**problem.known, result.variable: each}
                assert evaluate(variable.plausible, known) is True, (record["id"], code, result)
                looked_at += 1
    assert looked_at > 20


def test_the_lightest_test_that_can_end_it_comes_first(library: Library) -> None:
    """Tests that can end the trial come before the others, each by burden: a question before a draw, a draw before a puncture."""
    covers, several = SetCover(library), 0
    for _, _, _, found in undetermined():
        ends = [any(result.ends for result in step.results) for step in found]
        order = [(not end, covers.weight(step.test)) for end, step in zip(ends, found, strict=True)]
        assert order == sorted(order)
        several += len(order) > 2
    assert several > 5


def test_the_steps_together_settle_the_trial(library: Library) -> None:
    """What the steps ask for is a deciding set, each variable once."""
    for record, code, _, found in undetermined():
        asked = tuple(sorted(name for step in found for name in step.variables))
        answer = Matcher(library).match(record_from(record, library), [code]).trials[0]
        assert not asked or asked in answer.deciding_sets
