"""The trials of a library as forms over one flat program, as they bind whoever has a context."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
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

    `shown` are the places of the cohorts that are not capped. Of the clauses that bind every cohort `alike` are those that ask the same of
    each, with that literal, and `unlike` the others. `texts` are the clauses without logic that cap a cohort; they stand among `clauses`,
    in the order of the protocol, without a literal. Where all clauses bind every cohort alike, `take` takes what belongs to their
    literals out of a list by literal, in the order of their `names`.
    """

    trial: Trial
    extent: Extent
    bindings: tuple[Binding, ...]
    cohorts: tuple[tuple[Literal, ...], ...]
    shown: tuple[int, ...]
    clauses: Mapping[str, Mapping[str, Literal]]
    alike: tuple[tuple[str, Literal], ...]
    unlike: tuple[tuple[str, tuple[Literal, ...]], ...]
    cohorts_shown: tuple[tuple[tuple[Literal, ...], bool], ...]
    texts: frozenset[str]
    names: tuple[str, ...] = ()
    take: Callable[[Sequence[bool]], tuple[bool, ...]] | None = None


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
    by_clause: dict[str, dict[str, Literal]] = {
        binding.clause.id: {
            cohort: program.literal(condition) for cohort, condition in binding.conditions.items()
        }
        for binding in bindings
    }
    texts = frozenset(name for names in extent.capped.values() for name in names)
    ordered = [clause.id for clause in trial.clauses if clause.id in by_clause or clause.id in texts]
    clauses = {name: by_clause.get(name, {}) for name in ordered}
    cohorts = tuple(
        tuple(dict.fromkeys(each[cohort] for each in clauses.values() if cohort in each))
        for cohort in trial.cohorts
    )
    whole = [
        (name, tuple(dict.fromkeys(each.values())))
        for name, each in clauses.items()
        if each.keys() >= trial.cohorts.keys()
    ]
    alike = tuple((name, literals[0]) for name, literals in whole if len(literals) == 1)
    every = len(alike) == len(by_clause) > 1  # of one item alone it would take no tuple
    shown = tuple(i for i, cohort in enumerate(trial.cohorts) if cohort not in extent.capped)
    return TrialForm(
        trial,
        extent,
        bindings,
        cohorts,
        shown,
        clauses,
        alike,
        tuple((name, literals) for name, literals in whole if len(literals) > 1),
        tuple((literals, i in shown) for i, literals in enumerate(cohorts)),
        texts,
        tuple(name for name, _ in alike) if every else (),
        itemgetter(*(literal for _, literal in alike)) if every else None,
    )
