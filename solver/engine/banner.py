"""What stands beside the verdicts on trials and is no part of them: whether cohorts recruit, sentences that apply, what entering changes.

`after: {grade: {one_of: [high, low]}}` of a trial's file becomes `Effect("grade", ("low", "high"))`: the values stand in the order of the
vocabulary.
"""

from __future__ import annotations

from dataclasses import replace

from solver.engine.answer import CohortAnswer, EnrolmentEffects, Notice, Subsets, TrialHead, Verdict
from solver.engine.enrolment_effects import Effect
from solver.engine.problem import Problem
from solver.evaluation.evaluate import evaluate
from solver.language.domain import Domain, Environment, Interval, Recorded
from solver.language.types import EnumerationType
from solver.library.beside import CLOSED, UNKNOWN, CohortState
from solver.library.models import Library, Trial, Variable

SHUT = 2
"""The `openness` of a trial that takes nobody."""


def cohort_state(problem: Problem, trial: Trial, cohort: str) -> CohortState | None:
    """What is known of a cohort's recruitment for this patient; None where only the trial's own status speaks."""
    states = trial.states.get(cohort, ())
    if not states:
        return None
    known = with_events(problem)
    return next((state for state in states if evaluate(state.when, known) is True), None)


def cohort_answer(
    problem: Problem,
    trial: Trial,
    cohort: str,
    verdict: Verdict,
    conflicts: Subsets = (),
    assuming: tuple[str, ...] = (),
    *,
    capped: bool = False,
) -> CohortAnswer:
    """The verdict on a cohort, with the reasons given, and whether it recruits."""
    is_open = problem.record.context.is_open(trial.code, cohort)
    found = CohortAnswer(
        cohort=cohort,
        label=trial.cohorts[cohort],
        open=is_open,
        verdict=verdict,
        conflicts=conflicts,
        assuming=assuming,
        capped=capped,
    )
    part = trial.cohorts_at_site.get(cohort)
    if part is not None:
        found = replace(found, at_site=part)
        if part.open is not None:
            # a record whose own context opens the cohort has the last word
            return (
                found
                if part.open or is_open
                else replace(found, recruitment="closed", recruitment_note=part.note)
            )
    state = cohort_state(problem, trial, cohort)
    if state is None or (trial.at_site is not None and trial.at_site.open is not None):
        return found
    return replace(
        found, recruitment=state.state, recruitment_note=state.note, recruitment_source=state.source
    )


def with_events(problem: Problem) -> Environment:
    """What is known, with the entries of a list of events among the names of each list that means it: a name in it says no more."""
    known, library = dict(problem.known), problem.library
    for variable in library.variables.values() if problem.record.events else ():
        names = known[variable.name]
        if variable.means is None or not variable.means.list or not isinstance(names, Recorded):
            continue
        happened = {event.concept for event in problem.record.events if event.list == variable.means.list}
        more = [library.concepts.broader(concept) | {concept} for concept in happened if concept is not None]
        known[variable.name] = names._replace(classes=names.classes.union(*more))
    return known


def applying(problem: Problem, trial: Trial) -> tuple[Notice, ...]:
    """The notices of a trial that certainly apply to this patient."""
    if not trial.notices:
        return ()
    known = with_events(problem)
    found = (notice for notice in trial.notices if evaluate(notice.when, known) is True)
    return tuple(Notice(notice.id, notice.text, notice.safety) for notice in found)


def is_closed(trial: TrialHead) -> bool:
    """Whether it is known that the patient cannot enter a trial now: by its own status, or since every cohort that fits is closed."""
    fit = fitting(trial)
    return openness(trial) == SHUT or (bool(fit) and all(each.recruitment == "closed" for each in fit))


def openness(trial: Trial | TrialHead) -> int:
    """Where a trial stands by its own status, or by the site's word: 0 if it may be open, 1 if that is not known, 2 if it is closed."""
    if trial.at_site is not None and trial.at_site.open is not None:
        return 0 if trial.at_site.open else SHUT
    return SHUT if trial.recruitment in CLOSED else int(trial.recruitment == UNKNOWN)


def fitting(trial: TrialHead) -> tuple[CohortAnswer, ...]:
    """The cohorts that the patient fits; if none certainly, those that the patient may fit, and for an ineligible patient all."""
    fit = tuple(each for each in trial.cohorts if each.verdict == "eligible")
    may_fit = tuple(each for each in trial.cohorts if each.verdict in ("undetermined", "unresolved"))
    return fit or may_fit or trial.cohorts


def enrolment_effects(trial: Trial, library: Library) -> EnrolmentEffects:
    """What entering a trial sets, leaves out of date and makes unknown."""
    enrolment = trial.enrolment
    during, after = (
        tuple(Effect(name, _values_within(domain, library.variables[name])) for name, domain in part.items())
        for part in (enrolment.during, enrolment.after)
    )
    return EnrolmentEffects(during, after, enrolment.outdates, enrolment.forgets)


def _values_within(domain: Domain, variable: Variable) -> tuple[bool | int | str, ...]:
    """The values of an effect, those of an enumeration in its order."""
    if isinstance(domain, Interval):
        return (int(domain.low),)
    assert isinstance(domain, frozenset)
    order = variable.type.values if isinstance(variable.type, EnumerationType) else (True, False)
    return tuple(value for value in order if value in domain)
