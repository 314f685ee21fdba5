"""The trials of a library as forms over one flat program, as they bind whoever has a context."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from itertools import chain
from typing import NamedTuple
from weakref import WeakKeyDictionary

from solver.cache_files import nothing_is_garbage
from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.engine.clauses import Extent
from solver.library.models import Trial
from solver.patient.record import Context
from solver.program.candidates import Candidates
from solver.program.clause_table import AskingClauses, ClauseTable
from solver.program.fragments import Fragment, asked_by_cohort, compiled_fragment
from solver.program.slots import FlatProgram, Literal
from solver.program.stored_programs import stored_clauses

_MOST_KEPT = 64


class TrialForm(NamedTuple):
    """A trial in a context: of each cohort the literals of its clauses, with whether somebody can be shown to fit it, which nobody can
    whose cohort is capped.

    Where all clauses with logic ask the same of every cohort, `names` are these clauses, and `asked` their literals.
    """

    trial: Trial
    fragment: Fragment
    cohorts_shown: tuple[tuple[tuple[Literal, ...], bool], ...]
    names: tuple[str, ...] = ()
    asked: tuple[Literal, ...] = ()

    @classmethod
    def of(cls, trial: Trial, fragment: Fragment) -> TrialForm:
        """The form of a trial whose fragment has the slots of a program."""
        _, names, asked, extent, alike = fragment
        if alike is not None:
            return cls(trial, fragment, ((alike, True),) * len(trial.cohorts), names, asked)  # type: ignore[arg-type]
        clauses = [asked_by_cohort(each, trial.cohorts) for each in asked]
        shown = tuple(
            (tuple(dict.fromkeys(each[name] for each in clauses if name in each)), name not in extent.capped)
            for name in trial.cohorts
        )
        same = tuple(each for each in asked if isinstance(each, int))
        named = tuple(name for name, each in zip(names, asked, strict=True) if each != ())
        return (
            cls(trial, fragment, shown, named, same)
            if len(same) == len(named)
            else cls(trial, fragment, shown)
        )

    @property
    def extent(self) -> Extent:
        """How much of the trial has logic."""
        return self.fragment.extent

    @property
    def cohorts(self) -> tuple[tuple[Literal, ...], ...]:
        """The literals of each cohort."""
        return tuple([literals for literals, _ in self.cohorts_shown])

    @property
    def shown(self) -> tuple[int, ...]:
        """The places of the cohorts that are not capped."""
        return tuple(i for i, (_, shown) in enumerate(self.cohorts_shown) if shown)

    @property
    def clauses(self) -> Mapping[str, Mapping[str, Literal]]:
        """The literals of each clause by cohort, in the order of the protocol; none of one that is kept as text."""
        named = zip(self.fragment.names, self.fragment.asked, strict=True)
        return {name: asked_by_cohort(asked, self.trial.cohorts) for name, asked in named}

    @property
    def whole(self) -> Mapping[str, tuple[Literal, ...]]:
        """The clauses that bind every cohort, with what they ask for."""
        cohorts = self.trial.cohorts.keys()
        bound = {name: each for name, each in self.clauses.items() if each.keys() >= cohorts}
        return {name: tuple(dict.fromkeys(each.values())) for name, each in bound.items()}

    @property
    def texts(self) -> frozenset[str]:
        """The clauses without logic that cap a cohort."""
        return frozenset(name for names in self.extent.capped.values() for name in names)


@dataclass(frozen=True, slots=True)
class TrialForms:
    """Some trials over the program that they share: their clauses as a table, which of them ask for what, and values worth trying."""

    trials: tuple[Trial, ...]
    program: FlatProgram
    table: ClauseTable
    asking: AskingClauses
    candidates: Candidates
    different: frozenset[int]
    """The places of the trials that are not alike for every cohort, or of which nobody can be shown to fit some."""
    _in_part: tuple[tuple[int, int] | None, ...]
    _forms: dict[int, TrialForm] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        trials: Sequence[Trial],
        program: FlatProgram,
        table: ClauseTable,
        asking: AskingClauses,
        wanted: Mapping[Literal, int],
    ) -> TrialForms:
        """Trials over a program, with their clauses, which of these ask for what, and how many cohorts ask for each literal."""
        capped = {i for i, extent in enumerate(table.extents) if extent.capped}
        places = [i for i, extent in enumerate(table.extent_of) if extent in capped] if capped else []
        candidates, different = Candidates.of(program, wanted), frozenset({*places, *table.different})
        in_part = tuple(extent.in_part for extent in table.extents)
        return cls(tuple(trials), program, table, asking, candidates, different, in_part)

    def encoded(self, place: int) -> tuple[int, int] | None:
        """How many of how many objective clauses of a trial have logic, by its place; None where all have."""
        return self._in_part[self.table.extent_of[place]]

    def form(self, place: int) -> TrialForm:
        """The form of a trial by its place, which is made once it is asked for."""
        found = self._forms.get(place)
        if found is None:
            found = self._forms[place] = TrialForm.of(self.trials[place], self.table.fragment(place))
        return found


def trial_forms(engine: Engine, trials: Sequence[Trial], context: Context) -> TrialForms:
    """The forms of trials of an engine, worked out once for each context."""
    with _lock:
        kept = _kept.setdefault(engine, {})
        routed = frozenset(context.open_cohorts.items())
        key = tuple([trial.code for trial in trials]), routed, context.readings, context.secondary_sources
        found = kept.get(key)
        if found is None:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            found = kept[key] = _joined(engine, trials, context)
        return found


_kept: WeakKeyDictionary[Engine, dict[object, TrialForms]] = WeakKeyDictionary()
_lock = threading.Lock()


def _joined(engine: Engine, trials: Sequence[Trial], context: Context) -> TrialForms:
    program = FlatProgram()
    with nothing_is_garbage():
        return TrialForms.of(trials, program, *stored_clauses(engine.cache, program, trials, context))


def form_of(engine: Engine, program: FlatProgram, trial: Trial, context: Context) -> TrialForm:
    """The form of a trial over a program, to which its conditions are added."""
    table, fragment = compiled_fragment(engine.cache, trial, context)
    return TrialForm.of(trial, table.join(fragment, program))


def cohorts_asking(forms: Iterable[TrialForm]) -> Mapping[Literal, int]:
    """How many cohorts of some trials ask for each literal."""
    return Counter(chain.from_iterable(literals for form in forms for literals in form.cohorts))
