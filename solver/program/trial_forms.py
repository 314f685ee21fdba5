"""The trials of a library as forms over one flat program, as they bind whoever has a context."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.engine.clauses import Binding, Extent, clauses_in_force
from solver.library.models import Trial
from solver.patient.record import Context
from solver.program.candidates import Candidates
from solver.program.slots import FlatProgram, Literal

_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class TrialForm:
    """A trial in a context: of each cohort the literals of its clauses, and of each clause those by cohort.

    `shown` are the places of the cohorts that are not capped, and `whole` the clauses that bind every cohort, with their literals; `texts`
    are the clauses without logic that cap a cohort.
    """

    trial: Trial
    extent: Extent
    bindings: tuple[Binding, ...]
    cohorts: tuple[tuple[Literal, ...], ...]
    shown: tuple[int, ...]
    clauses: Mapping[str, Mapping[str, Literal]]
    whole: tuple[tuple[str, tuple[Literal, ...]], ...]
    texts: frozenset[str]


@dataclass(frozen=True, slots=True)
class TrialForms:
    """The forms of some trials, and the program that they share."""

    program: FlatProgram
    forms: tuple[TrialForm, ...]
    candidates: Candidates


def trial_forms(engine: Engine, trials: Sequence[Trial], context: Context) -> TrialForms:
    """The forms of trials of an engine, worked out once for each context."""
    with _lock:
        kept = _kept.setdefault(engine, {})
        routed = frozenset(context.open_cohorts.items())
        key = tuple(trial.code for trial in trials), routed, context.readings, context.secondary_sources
        found = kept.get(key)
        if found is None:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            found = kept[key] = _compiled(engine, trials, context)
        return found


_kept: WeakKeyDictionary[Engine, dict[object, TrialForms]] = WeakKeyDictionary()
_lock = threading.Lock()


def _compiled(engine: Engine, trials: Sequence[Trial], context: Context) -> TrialForms:
    program = FlatProgram()
    forms = tuple(form_of(engine, program, trial, context) for trial in trials)
    return TrialForms(program, forms, Candidates.of(program, [form.cohorts for form in forms]))


def form_of(engine: Engine, program: FlatProgram, trial: Trial, context: Context) -> TrialForm:
    """The form of a trial over a program, to which its conditions are added."""
    bindings = clauses_in_force(trial, context, engine.cache)
    extent = engine.cache.extent(trial, context)
    clauses = {
        binding.clause.id: {
            cohort: program.literal(condition) for cohort, condition in binding.conditions.items()
        }
        for binding in bindings
    }
    cohorts = tuple(
        tuple(dict.fromkeys(each[cohort] for each in clauses.values() if cohort in each))
        for cohort in trial.cohorts
    )
    return TrialForm(
        trial,
        extent,
        bindings,
        cohorts,
        tuple(i for i, cohort in enumerate(trial.cohorts) if cohort not in extent.capped),
        clauses,
        tuple(
            (name, tuple(dict.fromkeys(each.values())))
            for name, each in clauses.items()
            if each.keys() >= trial.cohorts.keys()
        ),
        frozenset(name for names in extent.capped.values() for name in names),
    )
