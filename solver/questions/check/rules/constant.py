"""What can be said of one clause alone: that it is always met, or never."""

from __future__ import annotations

from collections.abc import Mapping

from solver.language.tree import (
    TRUE,
    Condition,
    NumberVariable,
    negation,
    variables,
    walk,
)
from solver.language.types import DateType
from solver.questions.check.any_patient import Scene, widest_basis
from solver.questions.check.findings import Basis
from solver.questions.check.findings_log import Journal
from solver.questions.check.trial_view import Criterion


def check_constant(scene: Scene, journal: Journal, criterion: Criterion) -> None:
    """Find a clause that every patient meets, or that none can meet; such a clause is faulty."""
    clause, name = criterion.clause, criterion.id
    with journal.trying(f"whether {name} is always met", [name]):
        if _always(scene, journal, criterion) or _never(scene, journal, criterion):
            journal.faulty.add(name)
            return
        for reading, alternative in clause.alternatives.items():
            _check_reading(scene, journal, criterion, reading, alternative or {})


def _always(scene: Scene, journal: Journal, criterion: Criterion) -> bool:
    name = criterion.id
    bases = [scene.refuted([negation(condition)]) for condition in criterion.conditions.values()]
    basis = _whole(bases)
    if basis is None:
        return False
    if criterion.clause.routing:
        text = f"Only the state of the trial can falsify {name}: every patient meets it while the cohorts are open"
        journal.add("routing", [name], text, basis=basis)
        return True
    when = criterion.parts.when
    if when is not None and (never := scene.refuted([when])) is not None:
        text = f"The 'when' of {name} can never hold, so that every patient meets it"
        journal.add("dead-exception", [name], text, basis=never, part="when")
        return True
    journal.add("vacuous", [name], f"Every patient meets {name}, so that it asks for nothing", basis=basis)
    return True


def _never(scene: Scene, journal: Journal, criterion: Criterion) -> bool:
    """Whether no patient can meet the clause in some cohort, or its requirement where its guard holds."""
    name, subject = criterion.id, journal.subject
    bases = {cohort: scene.refuted([condition]) for cohort, condition in criterion.conditions.items()}
    refuted = {cohort: basis for cohort, basis in bases.items() if basis is not None}
    if refuted:
        where = subject.in_words(tuple(refuted))
        text = f"No patient can meet {name}{where}"
        cohorts = tuple(refuted) if where else ()
        basis = widest_basis(list(refuted.values()))
        journal.add("contradictory", [name], text, basis=basis, cohorts=cohorts)
        return True
    guard, require = criterion.clause.guard, criterion.parts.require
    if guard is None or require is None or guard == TRUE or _false(require):
        return False
    refusal = scene.refuted([guard, require])
    if refusal is None or scene.refuted([guard]) is not None:
        return False
    dated = any(_dated(scene, node.name) for node in walk(require) if isinstance(node, NumberVariable))
    text = f"Where {name} applies, no {'dates' if dated else 'patient'} can meet what it requires"
    journal.add("impossible-window" if dated else "contradictory", [name], text, basis=refusal)
    return True


def _false(condition: Condition) -> bool:
    return not variables(condition)


def _dated(scene: Scene, name: str) -> bool:
    variable = scene.library.variables.get(name)
    return variable is not None and isinstance(variable.type, DateType)


def _check_reading(
    scene: Scene, journal: Journal, criterion: Criterion, reading: str, conditions: Mapping[str, Condition]
) -> None:
    name = criterion.id
    opened = {c: journal.subject.cache.opened(condition, True) for c, condition in conditions.items()}
    always = _whole([scene.refuted([negation(condition)]) for condition in opened.values()])
    if always is not None and not criterion.clause.routing:
        text = f"Under the second reading {reading}, every patient meets {name}"
        journal.add("vacuous", [name], text, basis=always, part=reading)
    never = _whole([scene.refuted([condition]) for condition in opened.values()])
    if never is not None:
        text = f"Under the second reading {reading}, no patient can meet {name}"
        journal.add("contradictory", [name], text, basis=never, part=reading)


def _whole(bases: list[Basis | None]) -> Basis | None:
    """What it takes to prove all of several claims; None if one of them is not proved, or there is none."""
    proved = [basis for basis in bases if basis is not None]
    return widest_basis(proved) if proved and len(proved) == len(bases) else None
