"""What answers say of what to find out: tests to do, what their results settle, and what they come to."""

from __future__ import annotations

from dataclasses import field

from solver.dataclass import dataclass
from solver.engine.answer import PRIVATE, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """Results for one variable that settle an undetermined trial by themselves, and that can come out.

    All of them lie within the plausible ranges, and agree with what is recorded.
    """

    variable: str
    ends: str | None = None
    """The values with which the patient is ineligible, in words as those of `require`."""
    wins: str | None = None
    """The values that make the patient eligible; null where the variable does not settle the trial alone."""
    ending: Values | None = field(default=None, metadata=PRIVATE)
    winning: Values | None = field(default=None, metadata=PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A test to do for an undetermined trial."""

    test: str
    """Its id."""
    variables: tuple[str, ...]
    """What it is done for, of what settles the trial: those of `results` first."""
    results: tuple[StepResult, ...] = ()
    """The variables one result of which can settle the trial by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestGroup:
    """Questions to one person, or tests that are done at once."""

    __test__ = False

    label: str
    """What it is, in words: `questions to the patient`, `blood draw`."""
    count: int
    """How many: of questions, how many are asked; else 1."""
    tests: tuple[str, ...]
    """The tests, by id."""
