"""What `match tests` answers, schema `trialproof/tests/1`: what to order for one patient, for each trial and across all."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.engine import answer as a
from solver.engine.finding_out.step import NextStep, TestGroup
from solver.engine.finding_out.step import StepResult as StepResult
from solver.language.domain import Domain


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """A test of a plan, by id, and the variables that it is ordered for."""

    test: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Tests to order together, which settle what they are for, whatever their results."""

    tests: tuple[PlannedTest, ...]
    burden: int
    """The sum of the weights of their burdens."""
    days: int
    """When the last result is in."""
    cheapest: bool
    """Whether it is proved that no set has a smaller burden."""
    groups: tuple[TestGroup, ...] = ()
    """What they come to: questions to one person together, and so what is done at once."""

    @property
    def weight(self) -> int:
        """The sum of the weights of their burdens, as `burden`."""
        return self.burden


@dataclass(frozen=True, slots=True)
class Route:
    """The cheapest tests that could make the patient eligible, with what each result must be, where the results alone can say it."""

    plan: Plan
    results: tuple[a.Requirement, ...]
    together: tuple[str, ...] = ()
    """Ids of the clauses that the variables of `jointly` must meet with each other, whatever those of `whatever` are."""
    jointly: tuple[str, ...] = ()
    whatever: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisive:
    """Values of one variable that settle the trial by themselves; null where there is none, or where the solver gave up.

    `ends` make the patient ineligible, `wins` eligible.
    """

    variable: str
    ends_text: str | None = field(metadata=a.written_as("ends"))
    wins_text: str | None = field(metadata=a.written_as("wins"))
    ends: a.Values | None = field(metadata=a.PRIVATE)
    wins: a.Values | None = field(metadata=a.PRIVATE)


@dataclass(frozen=True, slots=True)
class NextTest:
    """The test to begin with: one whose result can settle the trial by itself if there is one, and the least burden among those.

    `decisive` is what it could settle by itself.
    """

    test: str
    variables: tuple[str, ...]
    decisive: tuple[Decisive, ...]


@dataclass(frozen=True, slots=True)
class IdleClause:
    """Why one clause does not make a missing variable matter."""

    clause: str
    why: str
    """`met`, `not_met`, `decided`, `closed` or `settled`.

    `met` and `not_met`: it stands so whatever the value is, by these facts and assumptions. `decided`: the trial is ineligible for other
    reasons. `closed`: it is open in cohorts only that the patient cannot enter. `settled`: it is open, and what decides the trial does
    not turn on this variable.
    """
    facts: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    requires: str | None = None
    """What the clause alone would require of the variable, beyond what is assumed of it."""
    assumed: tuple[str, ...] = field(default=(), metadata=a.PRIVATE)
    """The sentences of `assumptions`."""


@dataclass(frozen=True, slots=True)
class IrrelevantVariable:
    """A variable that is not known, that some clause of the trial mentions, and that does not matter."""

    variable: str
    clauses: tuple[IdleClause, ...]


Idle = IrrelevantVariable


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The variables in which two completions of opposite verdicts differ; they agree on the others.

    `satisfies` and `fails` say what is left of each open variable that bears on the trial: the first satisfies the trial, the second does
    not. Nothing hangs on a domain that has more than one value.
    """

    differs: tuple[str, ...]
    satisfies: tuple[tuple[str, Domain], ...] = field(metadata=a.PRIVATE)
    fails: tuple[tuple[str, Domain], ...] = field(metadata=a.PRIVATE)
    told: tuple[tuple[str, str], ...] = field(metadata=a.PRIVATE)
    """What each variable that differs is in the first and in the second, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTests:
    """What to order for one trial; only an undetermined one has a plan, a route, a next test and decisive values."""

    trial: str
    code: str
    title: str
    recruitment: str
    verdict: a.Verdict
    published_only: bool = False
    assuming: tuple[str, ...] = ()
    """Ids of assumptions that the verdict eligible needs, none of which can be left out."""
    deciding_sets: a.Subsets = ()
    missing: tuple[a.Requirement, ...] = ()
    complete: bool = True
    """Whether all deciding sets are listed."""
    plan: Plan | None = None
    """The cheapest tests that settle the trial whatever their results."""
    route: Route | None = None
    next: NextTest | None = None
    steps: tuple[NextStep, ...] = ()
    """The tests of the cheapest plan in the order in which to do them: first those that can end the trial, of these the lightest."""
    decisive: tuple[Decisive, ...] = ()
    idle: tuple[IrrelevantVariable, ...] = ()
    """The missing variables that do not matter."""
    pair: Pair | None = None
    at_site: a.AtSite | None = field(default=None, metadata=a.SPARSE)
    """What a site's file says of the trial, in place of the registry for what is open; left out where it says nothing."""
    cohorts: tuple[a.CohortAnswer, ...] = field(default=(), metadata=a.PRIVATE)
    """Without reasons."""
    notices: tuple[a.Notice, ...] = field(default=(), metadata=a.PRIVATE)
    at_best: a.Verdict = field(default="eligible", metadata=a.PRIVATE)
    """The best verdict that any results can lead to, given how much is `encoded`."""
    provisos: a.Provisos = field(default=a.AS_ENCODED, metadata=a.PRIVATE)
    """The policies and the clauses left out with which the verdict was given."""
    encoded: a.Encoded = field(default=a.NOTHING, metadata=a.PRIVATE)

    @property
    def safety(self) -> tuple[str, ...]:
        """The ids of the notices that are about the patient's safety."""
        return tuple(notice.id for notice in self.notices if notice.safety)


@dataclass(frozen=True, slots=True)
class SharedPlan:
    """A plan across trials, and the codes of those that it settles."""

    plan: Plan
    trials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsAnswer(a.TrialsAnswer):
    """What to order for one patient: for each trial, and across all."""

    __test__ = False

    schema: Literal["trialproof/tests/1"] = "trialproof/tests/1"
    engine: a.EngineVersion
    patient: str
    as_of: str
    record: a.RecordState
    assumptions: tuple[a.Assumption, ...] = ()
    """What is assumed of data that bear on undetermined trials, and what `assuming` names."""
    warnings: tuple[a.AnswerWarning, ...] = ()
    trials: tuple[TrialTests, ...] = ()
    shared: tuple[SharedPlan, ...] = ()
    """Plans across trials, that which settles the most first; each further one settles fewer for less burden."""
    shared_complete: bool = True
    """Whether all plans across trials were compared."""
    policies: tuple[str, ...] = ()
    """Ids of the assumption policies in force."""
    without: tuple[str, ...] = ()
    """Ids, sorted, of the clauses that were left out."""
    site: a.SiteName | None = field(default=None, metadata=a.SPARSE)
    """The site under whose file it was given; left out without one."""
    assumed: tuple[str, ...] = field(default=(), metadata=a.PRIVATE)
    """The variables that the policies took as absent."""
