"""Invented workups for invented worlds, and what to order by trying every set of tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from solver.engine.answer import Values
from solver.language.domain import Interval
from solver.library.compile import compile_library
from solver.library.files.yaml_places import parse_document
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.workup.answer import Plan, TestsAnswer, TrialTests
from solver.questions.workup.ask import plan_tests
from solver.smt.session import Budget
from tests.support.twins.invented import holds_of_someone, settings_of
from tests.support.twins.naive import Clause, Patient, TooLargeError, Trial, Twin, Value, World

WEIGHTS = {"light": 1, "middle": 2, "heavy": 5}
Set = frozenset[str]


@dataclass(frozen=True)
class Test:
    """A test of an invented workup."""

    __test__ = False

    id: str
    reveals: tuple[str, ...]
    burden: str
    days: int
    weights: Mapping[str, int] = field(default_factory=WEIGHTS.copy, repr=False)

    @property
    def weight(self) -> int:
        """What it adds to the burden of a plan."""
        return self.weights[self.burden]


@dataclass(frozen=True)
class Case:
    """A world with a workup, and a patient of it."""

    world: World
    patient: Patient
    tests: tuple[Test, ...]

    @cached_property
    def library(self) -> Library:
        """The world as the engine compiles it."""
        documents: dict[str, list[Any]] = {"vocabulary": [], "theory": [], "trials": []}
        for name, text in self.world.files().items():
            documents[name.split("/")[0]].append(parse_document(text, name))
        workup = {
            "burdens": [{"id": name, "label": name, "weight": weight} for name, weight in WEIGHTS.items()],
            "tests": [
                {"id": t.id, "label": t.id, "reveals": t.reveals, "burden": t.burden, "days": t.days}
                | {"source": "editable default"}
                for t in self.tests
            ],
        }
        document = parse_document(json.dumps(workup, indent=1), "workup.yaml")
        return compile_library(*documents.values(), "sha256:0", document)

    def ask(self, *, budget: Budget | None = None, pairs: bool = False) -> TestsAnswer:
        """What the engine says is to be ordered."""
        record = read_record(self.patient.record(), self.library, name="invented.json")
        return plan_tests(Matcher(self.library, budget=budget), record, pairs=pairs)

    def reveals(self, test: str) -> Set:
        """What a test reveals."""
        return revealed(each for each in self.tests if each.id == test)

    def brute(self) -> list[Brute]:
        """Each trial by enumeration; patients whose meaning is not settled, and too large ones, are passed over."""
        twin = Twin(self.world, self.patient)
        assume(holds_of_someone(self.world, self.patient.as_of))
        assume(twin.settled)
        assume(twin.possible(self.patient.facts, assumed=False))
        try:
            return [Brute(self, trial, twin.points(trial, twin.ranges)) for trial in self.world.trials]
        except TooLargeError:
            assume(False)
            raise


@dataclass(frozen=True)
class Asked:
    """A case with the trials by enumeration and what the engine answers."""

    case: Case
    brutes: list[Brute]

    @cached_property
    def answer(self) -> TestsAnswer:
        """What the engine answers, with pairs."""
        return self.case.ask(pairs=True)

    def undetermined(self) -> Iterator[OpenedRecord]:
        """Each undetermined trial, by enumeration and by the engine."""
        for brute, answer in zip(self.brutes, self.answer.trials, strict=True):
            if brute.undetermined:
                yield OpenedRecord(self.case, brute, answer)


@dataclass(frozen=True)
class OpenedRecord:
    """One trial of a case, by enumeration and by the engine."""

    case: Case
    brute: Brute
    answer: TrialTests

    def __str__(self) -> str:
        """The files of the world, the record, the tests and the answer."""
        files = [f"--- {name}\n{text}" for name, text in self.case.world.files().items()]
        tests = "\n".join(map(str, self.case.tests))
        return "\n".join([*files, self.case.patient.record().decode(), tests, str(self.answer)])


AT_ONCE = 10
"""How many cases are drawn from one seed: later ones resemble earlier ones."""


def invented_cases(count: int) -> list[Asked]:
    """Some cases, always the same, in each of which a trial is undetermined."""
    return [asked for number in range(count // AT_ONCE) for asked in _drawn(number)]


def _drawn(number: int) -> list[Asked]:
    found: list[Asked] = []

    @seed(number)
    @settings(
        max_examples=AT_ONCE,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def draw(case: Case) -> None:
        brutes = case.brute()
        assume(any(brute.undetermined for brute in brutes))
        found.append(Asked(case, brutes))

    draw()
    return found


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A world with two to seven tests, which overlap."""
    world, patient = draw(settings_of())
    names = [n for n, v in world.variables.items() if v.requested and v.kind != "list"]
    assume(names)
    several = [draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)) for _ in range(2)]
    left = [name for name in names if not any(name in each for each in several)]
    several += [[name] for name in left]
    if draw(st.booleans()):
        several.append([draw(st.sampled_from(names))])
    tests = tuple(
        Test(f"t-{i}", tuple(each), draw(st.sampled_from(sorted(WEIGHTS))), draw(st.integers(0, 3)))
        for i, each in enumerate(several)
    )
    return Case(world, patient, tests)


class Enumerated:
    """A trial by enumeration: `points` are all completions, `good` says which of them satisfy it."""

    def __init__(self, points: Sequence[Mapping[str, Value]], good: Sequence[bool]) -> None:
        self.points, self.good = points, good

    @property
    def undetermined(self) -> bool:
        """Whether some completion satisfies the trial and another does not."""
        return len(set(self.good)) > 1

    def values(self, name: str) -> list[Value]:
        """The values of a variable in the completions."""
        return list(dict.fromkeys(at[name] for at in self.points))

    def groups(self, names: Iterable[str]) -> dict[tuple[Value, ...], set[bool]]:
        """The verdicts of the completions that agree on the variables, for each choice of their values."""
        found: dict[tuple[Value, ...], set[bool]] = {}
        here = [name for name in sorted(names) if name in self.points[0]]
        for at, good in zip(self.points, self.good, strict=True):
            found.setdefault(tuple(at[name] for name in here), set()).add(good)
        return found

    def settles(self, names: Iterable[str]) -> bool:
        """Whether the values of the variables, whatever they are, leave one verdict."""
        return all(len(verdicts) == 1 for verdicts in self.groups(names).values())

    def could_establish(self, names: Iterable[str]) -> bool:
        """Whether some values of the variables make the patient eligible."""
        return any(verdicts == {True} for verdicts in self.groups(names).values())

    def where(self, allows: Callable[[Mapping[str, Value]], bool]) -> set[bool]:
        """The verdicts of the completions that are allowed."""
        return {good for at, good in zip(self.points, self.good, strict=True) if allows(at)}


class Brute(Enumerated):
    """A trial of a case by enumeration."""

    def __init__(self, case: Case, trial: Trial, points: Sequence[Mapping[str, Value]]) -> None:
        self.case, self.trial = case, trial
        super().__init__(points, [self._satisfied(at) for at in points])

    def _satisfied(self, at: Mapping[str, Value]) -> bool:
        return any(self.satisfies(at, cohort, self.trial.clauses) for cohort in self.trial.cohorts)

    def satisfies(self, at: Mapping[str, Value], cohort: str, clauses: Iterable[Clause]) -> bool:
        """Whether those of the clauses that bind the cohort hold."""
        is_open = self.case.patient.is_open(self.trial.code, cohort)
        return all(
            clause.holds({**at, "cohort_open": is_open}, cohort)
            for clause in clauses
            if cohort in clause.binds(self.trial.cohorts)
        )

    def open_names(self) -> list[str]:
        """The variables that can be asked for and that have more than one value in the completions."""
        variables = self.case.world.variables
        return [
            name
            for name in self.points[0]
            if name in variables and variables[name].requested and len(self.values(name)) > 1
        ]

    def part(self, allows: Callable[[Mapping[str, Value]], bool]) -> Brute:
        """The trial with those completions only that are allowed."""
        return Brute(self.case, self.trial, [at for at in self.points if allows(at)])


def revealed(tests: Iterable[Test]) -> Set:
    """What the tests reveal between them."""
    return frozenset(name for test in tests for name in test.reveals)


def subsets(tests: Sequence[Test]) -> Iterator[tuple[Test, ...]]:
    """Every set of tests."""
    for size in range(len(tests) + 1):
        yield from combinations(tests, size)


def cost(tests: Iterable[Test]) -> tuple[int, int, int, tuple[str, ...]]:
    """What plans are compared by: weight, number of tests, days until the last result, ids."""
    chosen = list(tests)
    days = max((test.days for test in chosen), default=0)
    return sum(test.weight for test in chosen), len(chosen), days, tuple(sorted(t.id for t in chosen))


def cheapest(
    tests: Sequence[Test], wanted: Callable[[Set], bool]
) -> tuple[int, int, int, tuple[str, ...]] | None:
    """The least cost of a set of tests which reveals what is wanted."""
    found = [cost(chosen) for chosen in subsets(tests) if wanted(revealed(chosen))]
    return min(found, default=None)


def cost_of(plan: Plan) -> tuple[int, int, int, tuple[str, ...]]:
    """The cost of a plan of the engine."""
    return plan.weight, len(plan.tests), plan.days, tuple(sorted(test.test for test in plan.tests))


def ordinal(value: Value) -> Any:
    """A value as the engine counts it."""
    return Fraction(value.toordinal()) if isinstance(value, date) else value


def holds(allowed: Values, value: Value) -> bool:
    """Whether a value is among those that the engine names."""
    if isinstance(allowed, tuple):
        return any(Fraction(ordinal(value)) in part for part in allowed if isinstance(part, Interval))
    return value in allowed
