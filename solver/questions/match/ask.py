"""One patient against the trials: the consistency of the record first, then every verdict with its reason.

What only an undetermined trial needs is imported where there is one: it is a tenth of what there is to import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from solver.cache_files import nothing_is_garbage
from solver.engine.answer import (
    AnswerWarning,
    ClauseAnswer,
    CohortAnswer,
    Encoded,
    JointConflict,
    Requirement,
    Status,
    Verdict,
)
from solver.engine.banner import applying, cohort_answer, is_closed
from solver.engine.case import Case, Engine
from solver.engine.clauses import Binding
from solver.engine.conflicts import trial_conflicts
from solver.engine.consistency import OpenedRecord
from solver.engine.decision import Decision, Standings, surely_ineligible, wants_logic
from solver.engine.finding_out.ranked_sets import ranked_sets
from solver.engine.minimal_sets import Minimal
from solver.engine.warnings.warnings import assumption_texts, headline, never_asked_warning, safety_facts
from solver.language.calendar import format_day
from solver.language.tree import Condition
from solver.library.models import Clause, Trial
from solver.patient.record import Record
from solver.questions.match.answer import CompleteLists, MatchAnswer, ReadingAnswer, TrialAnswer

Ask = Callable[[Case, Decision], TrialAnswer]


def match(engine: Engine, record: Record, trials: Iterable[str] | None = None) -> MatchAnswer:
    """The answer for one record, which was read with the engine's library.

    `trials` are the trials to answer for, by code or NCT number, in the order given; None means all. Raises `InputError` for a
    name that is not known, and `EngineError` if an answer fails its own re-check.
    """
    chosen = engine.chosen(trials)
    # nothing that is made here refers to itself
    with engine.allowance(), nothing_is_garbage():
        return answer_each(engine, record, chosen, trial_answer)


def answer_each(engine: Engine, record: Record, trials: Sequence[Trial], ask: Ask) -> MatchAnswer:
    """The answer with what is asked of each trial, each within its share of the work that is left; of a contradictory record, none."""
    opened = engine.open(record)
    if opened.consistent is not True:
        return _whole_answer(engine, opened, opened.warnings, _unasked_trials(engine, opened, trials))

    def answered(*, at_once: bool) -> tuple[Case, list[AnswerWarning], list[TrialAnswer]]:
        warnings = list(opened.warnings)
        case = engine.case(opened, warnings)
        if not at_once:
            case.put_off_proofs()
        found = engine.shared_out(trials, case, warnings, lambda here, each: ask(here, here.decision(each)))
        return case, warnings, found

    case, warnings, answers = answered(at_once=False)
    if (
        not case.prove_all()
    ):  # which of the conflicts is not proved is told where each is proved as it is found
        case, warnings, answers = answered(at_once=True)
    warnings = case.replicates.said(warnings)
    warnings.extend(case.near_limits.warnings())
    return _whole_answer(engine, case.opened, warnings, answers)


def _whole_answer(
    engine: Engine, opened: OpenedRecord, warnings: Sequence[AnswerWarning], trials: Sequence[TrialAnswer]
) -> MatchAnswer:
    record = opened.problem.record
    names = [name for trial in trials for name in assumptions_behind(trial)]
    return MatchAnswer(
        engine=engine.version,
        patient=record.id,
        as_of=format_day(record.as_of),
        record=opened.state(),
        assumptions=assumption_texts(opened.problem, names),
        warnings=tuple(warnings),
        trials=tuple(trials),
        policies=engine.policies,
        headline=headline(opened.problem),
        safety=safety_facts(opened.problem),
        without=engine.without,
        site=engine.library.site,
        assumed=tuple(opened.problem.assumed),
    )


def assumptions_behind(trial: TrialAnswer) -> Iterable[str]:
    """The assumptions behind a trial's answer: of the failed clauses if ineligible, else of what is met or failed where it counts."""
    blocking = {name for conflict in trial.conflicts for name in conflict}
    failed = {cohort.cohort for cohort in trial.cohorts if cohort.verdict == "ineligible"}
    for clause in trial.clauses:
        if clause.assumptions and (
            clause.id in blocking if trial.verdict == "ineligible" else clause.cohort not in failed
        ):
            yield from clause.assumptions
    for conflict in trial.joint_conflicts:
        yield from conflict.assumptions
    yield from trial.assuming


def _unasked_trials(engine: Engine, opened: OpenedRecord, trials: Sequence[Trial]) -> list[TrialAnswer]:
    """Trials whose verdict is withheld, or was not reached."""
    verdict: Verdict = "unresolved" if opened.consistent is None else "withheld"
    context = opened.problem.record.context
    extents = {trial.code: engine.cache.extent(trial, context) for trial in trials}
    return [
        TrialAnswer(
            trial=trial.nct,
            code=trial.code,
            title=trial.title,
            recruitment=trial.recruitment,
            verdict=verdict,
            unpublished=() if verdict == "withheld" else tuple(trial.unpublished),
            complete=CompleteLists(verdict == "withheld", verdict == "withheld"),
            encoded=Encoded(extents[trial.code].encoded, extents[trial.code].objective),
            not_judged=() if verdict == "withheld" else extents[trial.code].not_judged,
            provisos=engine.provisos(trial),
            at_site=trial.at_site,
        )
        for trial in trials
    ]


def trial_answer(case: Case, decision: Decision) -> TrialAnswer:
    """The answer for the trial of a decision."""
    trial, problem = decision.trial, case.problem
    by_cohort = case.conflicts_by_cohort(decision)
    found = trial_conflicts(by_cohort) if decision.verdict == "ineligible" else Minimal((), True)
    sets = Minimal((), decision.verdict != "unresolved")
    never, without_logic = Minimal((), True), False
    if decision.verdict == "undetermined":
        from solver.engine.deciding_sets import deciding_sets, never_asked

        sets = deciding_sets(problem, decision)
        without_logic = sets.complete and not sets.subsets and wants_logic(problem, decision)
        if not sets.subsets and sets.complete and not without_logic:
            never = never_asked(problem, decision)
        warning = never_asked_warning(problem, trial.code, never.subsets)
        case.warnings.extend([warning] if warning else [])
    whole = decision.extent
    _look_around(case, decision, {name for conflict in found.subsets for name in conflict})
    # in this order, since each leaves less of the trial's work to the next
    cohorts = tuple(_cohort_answers(case, decision, by_cohort))
    missing = _requirements(case, decision, sets)
    joint_conflicts = tuple(_joint_conflicts(case, decision, by_cohort))
    readings, clauses = tuple(_other_readings(case, decision)), tuple(_clause_answers(case, decision))
    dates = case.dates(decision)
    answer = TrialAnswer(
        trial=trial.nct,
        code=trial.code,
        title=trial.title,
        recruitment=trial.recruitment,
        verdict=decision.verdict,
        published_only=decision.published_only,
        unpublished=tuple(trial.unpublished),
        cohorts=cohorts,
        conflicts=found.subsets,
        deciding_sets=sets.subsets,
        deciding=ranked_sets(case.covers, sets.subsets),
        never_asked=never.subsets,
        missing=missing,
        joint_conflicts=joint_conflicts,
        complete=CompleteLists(found.complete and decision.verdict != "unresolved", sets.complete),
        readings=readings,
        clauses=clauses,
        notices=applying(problem, trial),
        dates=dates,
        eligible_from=dates.eligible_from if dates else None,
        eligible_until=dates.eligible_until if dates else None,
        assuming=case.assuming(decision),
        encoded=Encoded(whole.encoded, whole.objective),
        not_judged=whole.not_judged,
        wants_logic=without_logic,
        provisos=case.provisos(trial),
        at_site=trial.at_site,
    )
    return _with_first(case, decision, answer) if sets.subsets and not is_closed(answer) else answer


def _requirements(case: Case, decision: Decision, sets: Minimal) -> tuple[Requirement, ...]:
    if not sets.subsets:
        return ()
    from solver.engine.requirements import requirements

    return requirements(case.problem, decision, sorted({name for each in sets.subsets for name in each}))


def _with_first(case: Case, decision: Decision, answer: TrialAnswer) -> TrialAnswer:
    """The answer for an undetermined trial that may be open, with what to find out first."""
    steps = case.steps
    first = steps.first(decision, answer.deciding_sets, answer.missing)
    if first is None:
        return answer
    groups = steps.groups(answer.deciding_sets)
    return replace(answer, first=first, then=tuple(each for each in groups if first.test not in each.tests))


def _joint_conflicts(case: Case, decision: Decision, minimal: dict[str, Minimal]) -> Iterable[JointConflict]:
    for cohort, found in minimal.items():
        joint = [conflict for conflict in found.subsets if len(conflict) > 1]
        conditions = decision.conditions(cohort) if joint else {}
        for conflict in joint:
            evidence = case.evidence_finder.conflict([conditions[name] for name in conflict])
            if evidence is not None:
                yield JointConflict(cohort, conflict, evidence.facts, evidence.assumptions)


def _cohort_answers(case: Case, decision: Decision, by_cohort: dict[str, Minimal]) -> Iterable[CohortAnswer]:
    for cohort, verdict in decision.cohorts.items():
        yield cohort_answer(
            case.problem,
            decision.trial,
            cohort,
            verdict,
            by_cohort[cohort].subsets if cohort in by_cohort else (),
            case.assuming(decision, cohort),
            capped=cohort in decision.extent.capped,
        )


def _other_readings(case: Case, decision: Decision) -> Iterable[ReadingAnswer]:
    trial, standings = decision.trial, case.standings
    for other in standings.cache.other_readings(trial, case.problem.record.context):
        if not (other.capped_otherwise or any(_may_differ(standings, *pair) for pair in other.changed)):
            continue
        bindings = standings.cache.bindings(trial, other.context)
        if decision.verdict == "ineligible" and surely_ineligible(standings, trial, bindings):
            continue
        second = case.assumptions.decide(standings, trial, other.context)
        if second.verdict != decision.verdict:
            conflicts: Minimal = Minimal((), True)
            if second.verdict == "ineligible":
                conflicts = trial_conflicts(case.conflicts_by_cohort(second))
            yield ReadingAnswer(other.name, second.verdict, conflicts.subsets)


def _may_differ(standings: Standings, before: Condition, after: Condition) -> bool:
    """Whether a clause may stand otherwise where it reads otherwise."""
    value = standings.evaluated(before)
    return value is None or value is not standings.evaluated(after)


def _look_around(case: Case, decision: Decision, blocking: set[str]) -> None:
    """Look for near limits of the clauses that count: those that block, or those that are met where the way is open.

    Where replicates disagree, every settled clause is looked at with each of them.
    """
    blocked, replicates = decision.verdict == "ineligible", case.replicates if case.replicates.any else None
    for binding in decision.bindings if decision.verdict != "unresolved" else ():
        name = binding.clause.id
        if blocked and replicates is None and name not in blocking:
            continue
        for cohort, condition in binding.conditions.items():
            standing = decision.standings[name, cohort]
            if standing is not True and standing is not False:
                continue
            if replicates is not None:
                replicates.look(name, condition, standing)
            if blocked:
                counts = not standing and name in blocking
            else:
                counts = standing and decision.cohorts[cohort] != "ineligible"
            facts = case.basis(decision, binding, cohort)[0] if counts else ()
            if facts:
                case.near_limits.look(name, condition, standing, facts)


def _clause_answers(case: Case, decision: Decision) -> Iterable[ClauseAnswer]:
    found: list[ClauseAnswer] = []
    for each in _in_force(decision):
        if isinstance(each, Clause):
            found.append(ClauseAnswer(each.id, None, "open", each.label, each.source, opaque=True))
            continue
        clause, cohorts = each.clause, list(each.conditions)
        if len(cohorts) > 1 and not each.differs:
            # one cohort stands for all, and one in which it counts as met before the others
            cohorts = [name for name in cohorts if (clause.id, name) in decision.counted][:1] or cohorts[:1]
        for cohort in cohorts:
            standing, where = decision.standings[clause.id, cohort], cohort if each.differs else None
            if standing is True or standing is False:
                facts, assumptions = case.basis(decision, each, cohort)
                status: Status = "met" if standing else "not_met"
            else:
                facts, assumptions, status = (), (), "open"
            found.append(
                ClauseAnswer(clause.id, where, status, clause.label, clause.source, facts, assumptions)
            )
    return found


def _in_force(decision: Decision) -> Iterable[Binding | Clause]:
    """The clauses in force, in the order of the file: those with logic as they bind, and those kept as text that cap a cohort."""
    texts = {name for names in decision.extent.capped.values() for name in names}
    if not texts:
        yield from decision.bindings
        return
    bindings = {binding.clause.id: binding for binding in decision.bindings}
    for clause in decision.trial.clauses:
        if clause.id in texts:
            yield clause
        if clause.id in bindings:
            yield bindings[clause.id]
