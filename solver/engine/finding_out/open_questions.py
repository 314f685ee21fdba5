"""What is still to be asked of a patient, the question that settles the most first.

A variable is asked about while it is in a deciding set of an undetermined trial that may be open. First come those of which one answer
ends the most trials, then those that matter for the most, then what asks least of the patient, then what is likeliest to end one.

    A  I1  score <= 2          nothing is recorded: a score of 3 ends both trials, so that it is asked for first;
    B  I1  score <= 1          the weight ends only B, and comes next; the index is never asked for, since no answer changes anything
    B  E1  weight < 40 kg

Where the deciding sets of a trial take more work than a question may, whatever its open clauses speak of is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from solver.engine.answer import AS_ENCODED, AtSite, CohortAnswer, Notice, Provisos, Subsets, Verdict
from solver.engine.banner import applying, cohort_answer, is_closed
from solver.engine.case import Case, Engine
from solver.engine.deciding_sets import deciding_sets
from solver.engine.warnings.warnings import headline, safety_facts
from solver.evaluation.evaluate import evaluate
from solver.evaluation.simplify import simplify
from solver.language.domain import is_exact
from solver.language.tree import Condition, variables
from solver.library.models import Trial
from solver.patient.record import Record
from solver.work import allowed

WORK = 60_000
"""How much work the deciding sets of a trial may take where somebody waits for the next question."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A variable that is to be asked for, with the codes of the trials for which it matters.

    One answer `ends` some of them by itself. `test` is what finds it out, by its id, from the lightest; None where nothing does.
    """

    variable: str
    trials: tuple[str, ...]
    ends: tuple[str, ...]
    test: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStanding:
    """How a patient stands to one trial, without reasons."""

    trial: Trial
    verdict: Verdict
    published_only: bool = False
    cohorts: tuple[CohortAnswer, ...] = ()
    notices: tuple[Notice, ...] = ()
    provisos: Provisos = AS_ENCODED
    assuming: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The short code of the trial."""
        return self.trial.code

    @property
    def recruitment(self) -> str:
        """The recruitment status of the trial."""
        return self.trial.recruitment

    @property
    def at_site(self) -> AtSite | None:
        """What a site says of the trial."""
        return self.trial.at_site


@dataclass(frozen=True, slots=True)
class InterviewState:
    """How a patient stands to each trial, and what is still to be asked.

    Of a record that contradicts itself there are the `contradictions` and no questions; `consistent` is None where the solver gave up
    on it. `safety` are the variables about the patient's safety that are recorded as true, `headline` says who the patient is, and
    `warnings` are the sentences on what is odd in the record, as `match` tells them.
    """

    consistent: bool | None
    contradictions: Subsets
    trials: tuple[TrialStanding, ...]
    questions: tuple[OpenQuestion, ...] = ()
    headline: tuple[str, ...] = ()
    safety: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def interview_state(engine: Engine, record: Record, trials: Iterable[str] | None = None) -> InterviewState:
    """The verdicts on one record, and what is to be asked next; `trials` as for `match`."""
    chosen = engine.chosen(trials)
    with engine.allowance():
        opened = engine.open(record)
        odd = tuple(dict.fromkeys(warning.text for warning in opened.warnings))
        told = headline(opened.problem), safety_facts(opened.problem), odd
        if opened.consistent is not True:
            verdict: Verdict = "unresolved" if opened.consistent is None else "withheld"
            heads = tuple(
                TrialStanding(trial=trial, verdict=verdict, provisos=engine.provisos(trial))
                for trial in chosen
            )
            return InterviewState(opened.consistent, opened.contradictions.subsets, heads, (), *told)
        case = engine.case(opened, [])
        found = engine.shared_out(chosen, case, [], _decided)
    asked = {head.code: matters for head, matters in found}
    return InterviewState(True, (), tuple(head for head, _ in found), _in_order(engine, asked), *told)


def _decided(case: Case, trial: Trial) -> tuple[TrialStanding, dict[str, bool]]:
    """How the patient stands to a trial, and the variables that matter to it, each with whether it can end it alone."""
    decision = case.decision(trial)
    problem = case.problem
    head = TrialStanding(
        trial=trial,
        verdict=decision.verdict,
        published_only=decision.published_only,
        cohorts=tuple(cohort_answer(problem, trial, *each) for each in decision.cohorts.items()),
        notices=applying(problem, trial),
        provisos=case.provisos(trial),
    )
    if decision.verdict != "undetermined" or is_closed(head):
        return head, {}
    cohorts = [_open_variables(case, decision.open_clauses(cohort).values()) for cohort in decision.hopeful()]
    with allowed(WORK):
        sets = deciding_sets(problem, decision)
    names = {name for each in sets.subsets for name in each}
    if not sets.complete:
        names |= {
            name for clauses in cohorts for _, left in clauses for name in left if _is_asked(case, name)
        }
    return head, {name: all(_can_fail(case, clauses, name) for clauses in cohorts) for name in names}


_Open = list[tuple[Condition, set[str]]]


def _open_variables(case: Case, conditions: Iterable[Condition]) -> _Open:
    """Each condition as what is known leaves it, with the variables on which it still depends."""
    known = case.problem.known
    left = [simplify(condition, known) for condition in conditions]
    return [(each, {name for name in variables(each) if not is_exact(known[name])}) for each in left]


def _can_fail(case: Case, clauses: _Open, name: str) -> bool:
    """Whether one value of a variable is enough for one of the open clauses of a cohort to fail."""
    if any(left == {name} for _, left in clauses):
        return True
    known = case.problem.known
    domain = known[name]
    if not isinstance(domain, frozenset):
        return False
    about = [condition for condition, left in clauses if name in left]
    values = ({**known, name: frozenset({value})} for value in domain)
    return any(evaluate(condition, each) is False for each in values for condition in about)  # type: ignore[arg-type]


def _is_asked(case: Case, name: str) -> bool:
    variable = case.problem.library.variables[name]
    return variable.requested and not variable.hidden


def _in_order(engine: Engine, asked: dict[str, dict[str, bool]]) -> tuple[OpenQuestion, ...]:
    """The variables in the order in which they are asked for."""
    place = {name: i for i, name in enumerate((*engine.library.variables, *engine.library.terms))}
    found = []
    for name in place:
        trials = tuple(code for code, matters in asked.items() if name in matters)
        if trials:
            ends = tuple(code for code in trials if asked[code][name])
            test = _lightest(engine, name)
            found.append((_effort(engine, name, test), OpenQuestion(name, trials, ends, test)))
    found.sort(key=lambda each: (-len(each[1].ends), -len(each[1].trials), *each[0], place[each[1].variable]))
    return tuple(question for _, question in found)


def _lightest(engine: Engine, name: str) -> str | None:
    cover = engine.covers.cheapest(frozenset({name})) if engine.covers.covers([name]) else None
    return cover.tests[0] if cover is not None and cover.tests else None


def _effort(engine: Engine, name: str, test: str | None) -> tuple[int, int, int]:
    """What a test asks of the patient, how seldom it ends a trial, and how long it takes; what has no test comes last."""
    if test is None:
        return 1_000, 0, 0
    found = engine.library.tests[test]
    mine = (each.percent for each in found.chances if each.variable in (name, None))
    return engine.covers.weight(test), -max(mine, default=0), found.days
