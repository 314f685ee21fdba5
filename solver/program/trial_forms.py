"""The trials of a library as forms over one flat program, as they bind whoever has a context."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, compress, count, repeat
from typing import NamedTuple
from weakref import WeakKeyDictionary

from solver.cache_files import nothing_is_garbage
from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.engine.clauses import Extent
from solver.library.models import Trial
from solver.patient.record import Context
from solver.program.candidates import Candidates
from solver.program.fragments import Asked, Fragment, compiled_fragment
from solver.program.slots import FlatProgram, Literal
from solver.program.stored_programs import stored_fragments

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
        clauses = [_by_cohort(each, trial) for each in asked]
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
        return {name: _by_cohort(asked, self.trial) for name, asked in named}

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


def _by_cohort(asked: Asked, trial: Trial) -> Mapping[str, Literal]:
    return dict.fromkeys(trial.cohorts, asked) if isinstance(asked, int) else dict(asked)


@dataclass(frozen=True, slots=True)
class AskingClauses:
    """The clauses of forms of which all clauses ask the same of every cohort, one behind the other.

    Of each its name, what it asks for, and the place of its form.
    """

    names: Sequence[str]
    asked: Sequence[Literal]
    forms: Sequence[int]

    @classmethod
    def of(cls, forms: Sequence[TrialForm]) -> AskingClauses:
        """Those of these forms."""
        names = list(chain.from_iterable([form.names for form in forms]))
        asked = list(chain.from_iterable([form.asked for form in forms]))
        own = chain.from_iterable(map(repeat, count(), [len(form.names) for form in forms]))
        return cls(names, asked, list(own))

    def by_form(self, marked: Sequence[bool]) -> dict[int, tuple[str, ...]]:
        """By the place of its form, the clauses that ask for a literal that is marked, in the order of the protocol."""
        asking = list(compress(count(), map(marked.__getitem__, self.asked)))
        names = tuple(map(self.names.__getitem__, asking))
        found, at = {}, 0
        for form, many in Counter(map(self.forms.__getitem__, asking)).items():
            found[form] = names[at : (at := at + many)]
        return found


@dataclass(frozen=True, slots=True)
class TrialForms:
    """The forms of some trials, the program that they share, and which clauses ask for what."""

    program: FlatProgram
    forms: tuple[TrialForm, ...]
    candidates: Candidates
    asking: AskingClauses


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
        fragments = stored_fragments(engine.cache, program, trials, context)
        forms = tuple(map(TrialForm.of, trials, fragments))
        candidates = Candidates.of(program, [form.cohorts for form in forms])
        return TrialForms(program, forms, candidates, AskingClauses.of(forms))


def form_of(engine: Engine, program: FlatProgram, trial: Trial, context: Context) -> TrialForm:
    """The form of a trial over a program, to which its conditions are added."""
    table, fragment = compiled_fragment(engine.cache, trial, context)
    return TrialForm.of(trial, table.join(fragment, program))
