"""One patient of a cohort against the trials, with no more reasons than are asked for; each answer is that of `match`.

none       the verdict of each trial
clauses    which clauses exclude the patient by themselves, and which are open
conflicts  all conflicts, and without which clauses the patient would fit
full       deciding sets and the variables that are missing as well
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from solver.cache_files import nothing_is_garbage
from solver.dataclass import dataclass
from solver.engine.answer import Subsets, Verdict
from solver.engine.case import Case, Engine
from solver.engine.consistency import OpenedRecord
from solver.engine.decision import Decision
from solver.errors import EngineError
from solver.library.models import Trial
from solver.patient.record import Record
from solver.program.verdicts import ShownVerdict, ShownVerdicts, searched_verdict, shown_verdicts
from solver.work import OutOfBudget

Level = Literal["none", "clauses", "conflicts", "full"]
"""How many reasons are worked out: `conflicts` are all but the deciding sets."""

_IN_FULL = ("conflicts", "full")


class TrialVerdict(NamedTuple):
    """How a patient stands to one trial.

    `blocking` are the clauses that exclude by themselves, whatever the cohort, sorted as conflicts are, and `open` those that are open in
    some cohort of an undetermined trial, in the order of the protocol. `encoded` is how many of how many objective clauses have logic,
    where some do not. `eligible_without` are the minimal sets of clauses without which the trial is eligible; None where they could not all
    be found, and `conflicts_complete` says so of the conflicts. What the level leaves out is None.
    """

    trial: str
    code: str
    verdict: Verdict
    published_only: bool = False
    blocking: tuple[str, ...] | None = None
    open: tuple[str, ...] | None = None
    conflicts: Subsets | None = None
    deciding_sets: Subsets | None = None
    missing: tuple[str, ...] | None = None
    encoded: tuple[int, int] | None = None
    conflicts_complete: bool | None = None
    eligible_without: Subsets | None = None


# of thousands of trials: the constructor of a named tuple is a function of Python
_made = tuple.__new__


@dataclass(frozen=True, slots=True)
class PatientVerdicts:
    """How a patient stands to each trial, and what of the record contradicts itself."""

    contradictions: Subsets
    trials: tuple[TrialVerdict, ...]


def judge(
    engine: Engine,
    record: Record,
    trials: Iterable[str] | None = None,
    level: Level = "clauses",
    *,
    prove: bool = False,
) -> PatientVerdicts:
    """The verdicts on one record, which was read with the engine's library; `trials` as for `match`.

    With `prove` the engine decides besides what evaluation and completions show. Raises `InputError` for a trial that is not known, and
    `EngineError` if an answer fails its own re-check.
    """
    chosen = engine.chosen(trials)
    with engine.allowance():
        opened = engine.open(record, warned=False)
        if opened.consistent is not True:
            verdict: Verdict = "unresolved" if opened.consistent is None else "withheld"
            found = [_withheld(engine, record, each, verdict, level) for each in chosen]
            return PatientVerdicts(opened.contradictions.subsets, tuple(found))
        # within a budget of the user's own, a verdict that runs out of it stays unresolved, as in `match`
        if level in _IN_FULL or engine.budget is not None or not engine.search:
            return PatientVerdicts((), _decided(engine, opened, chosen, level))
        case = engine.case(opened, [])
        shown = shown_verdicts(engine, case, chosen, clauses=level == "clauses")
        verdicts = _shown_or_decided(engine, case, chosen, shown, level)
        if prove and verdicts != (proved := _decided(engine, opened, chosen, level)):
            differ = [one.code for one, other in zip(verdicts, proved, strict=True) if one != other]
            raise EngineError(f"{record.id}: what was shown of {', '.join(differ)} is not what is proved")
    return PatientVerdicts((), verdicts)


def _decided(
    engine: Engine, opened: OpenedRecord, trials: Sequence[Trial], level: Level
) -> tuple[TrialVerdict, ...]:
    """The verdicts by the engine alone; conflicts are proved together, and each by itself where that fails, as in `match`."""

    def found(case: Case) -> tuple[TrialVerdict, ...]:
        return tuple(engine.shared_out(trials, case, [], lambda here, each: _verdict(here, each, level)))

    case = engine.case(opened, [])
    case.put_off_proofs()
    verdicts = found(case)
    return verdicts if case.prove_all() else found(engine.case(opened, []))


def _shown_or_decided(
    engine: Engine, case: Case, trials: Sequence[Trial], shown: ShownVerdicts, level: Level
) -> tuple[TrialVerdict, ...]:
    """The verdicts that were shown, and those of the engine on what is left open."""

    def ask(here: Case, trial: Trial) -> TrialVerdict:
        if here.base is case.base:
            here.problem.oracle.learn(shown.completions)  # type: ignore[arg-type]
        found = shown.verdicts.get(trial.code)
        if found is None:
            with suppress(OutOfBudget):
                found = searched_verdict(here, shown, trial)
        return _verdict(here, trial, level) if found is None else _as_shown(found, level, here)

    with nothing_is_garbage():
        sure = [each for each in shown.verdicts.values() if not each.doubtful]
        found = dict(zip([each.trial.code for each in sure], _all_as_shown(sure, level), strict=True))
    left = [trial for trial in trials if trial.code not in found]
    found.update(zip([each.code for each in left], engine.shared_out(left, case, [], ask), strict=True))
    return tuple([found[trial.code] for trial in trials])


def _as_shown(shown: ShownVerdict, level: Level, case: Case) -> TrialVerdict:
    """A verdict that was shown; of doubtful clauses the engine says whether they block, or are open."""
    if shown.doubtful and level != "none":
        found = {*shown.yes, *(name for name in shown.doubtful if _settled(case, shown, name))}
        names = tuple(clause.id for clause in shown.trial.clauses if clause.id in found)
        shown = shown._replace(yes=names)
    return next(_all_as_shown([shown], level))


def _all_as_shown(shown: Iterable[ShownVerdict], level: Level) -> Iterator[TrialVerdict]:
    """Verdicts that were shown: there are thousands."""
    none: tuple[str, ...] | None = None if level == "none" else ()
    for trial, encoded, verdict, names, _ in shown:
        blocking = opened = none
        if none is None:
            pass
        elif verdict == "ineligible":
            blocking = names if len(names) < 2 else tuple(sorted(names))
        elif verdict == "undetermined":
            opened = names
        published = verdict == "eligible" and trial.open_ended
        told = trial.nct, trial.code, verdict, published, blocking, opened
        yield _made(TrialVerdict, (*told, None, None, None, encoded, None, None))


def _settled(case: Case, shown: ShownVerdict, name: str) -> bool:
    """Whether a clause blocks an ineligible trial, or is open in an undetermined one."""
    bindings = case.standings.cache.bindings(shown.trial, case.problem.record.context)
    binding = next(each for each in bindings if each.clause.id == name)
    standings = (case.standings.of(condition) for condition in binding.conditions.values())
    if shown.verdict == "ineligible":
        return all(standing is False for standing in standings)
    return any(not isinstance(standing, bool) for standing in standings)


def _verdict(case: Case, trial: Trial, level: Level) -> TrialVerdict:
    decision = case.decision(trial)
    found = TrialVerdict(
        trial.nct,
        trial.code,
        decision.verdict,
        decision.published_only,
        encoded=decision.extent.in_part,
    )
    if level == "none":
        return found
    found = found._replace(
        blocking=tuple(sorted(blocking_clauses(decision))), open=tuple(open_clauses(decision))
    )
    if level == "clauses":
        return found
    # verdicts with no more than clauses do not need these, which take time to import
    from solver.engine.deciding_sets import deciding_sets
    from solver.engine.eligible_without import eligible_without

    sets: Subsets = ()
    if level == "full" and decision.verdict == "undetermined":
        sets = deciding_sets(case.problem, decision).subsets
    conflicts = case.conflicts(decision)
    without = eligible_without(case.problem, decision, case.assumptions.clauses(trial))
    if level == "full":
        missing = tuple(sorted({name for each in sets for name in each}))
        found = found._replace(deciding_sets=sets, missing=missing)
    return found._replace(
        conflicts=conflicts.subsets,
        conflicts_complete=conflicts.complete,
        eligible_without=without.subsets if without.complete else None,
    )


def blocking_clauses(decision: Decision) -> Iterator[str]:
    """The clauses of an ineligible trial that no completion meets in any cohort."""
    if decision.verdict != "ineligible":
        return
    for binding in decision.bindings:
        name = binding.clause.id
        if binding.conditions.keys() >= decision.cohorts.keys() and all(
            decision.standings[name, cohort] is False for cohort in decision.cohorts
        ):
            yield name


def open_clauses(decision: Decision) -> Iterator[str]:
    """The clauses of an undetermined trial that are open in some cohort, texts without logic among them."""
    if decision.verdict != "undetermined":
        return
    texts = {name for names in decision.extent.capped.values() for name in names}
    bindings = {binding.clause.id: binding for binding in decision.bindings}
    for clause in decision.trial.clauses:
        binding = bindings.get(clause.id)
        standings = (
            []
            if binding is None
            else [decision.standings[clause.id, cohort] for cohort in binding.conditions]
        )
        if clause.id in texts or any(not isinstance(standing, bool) for standing in standings):
            yield clause.id


def _withheld(engine: Engine, record: Record, trial: Trial, verdict: Verdict, level: Level) -> TrialVerdict:
    extent = engine.cache.extent(trial, record.context)
    clauses = () if level != "none" else None
    full = level in _IN_FULL
    sets = () if full else None
    found = TrialVerdict(
        trial.nct, trial.code, verdict, False, clauses, clauses, sets, sets, sets, extent.in_part
    )
    return found._replace(conflicts_complete=True, eligible_without=()) if full else found
