"""What can be said of one clause alone: that it is always met, never met, or an exclusion the wrong way round."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from solver.language.calendar import FIRST_DAY
from solver.language.domain import Domain, Interval, point
from solver.language.simplify import simplify
from solver.language.tree import (
    AS_OF,
    TRUE,
    BooleanVariable,
    Compare,
    CompletedYears,
    Condition,
    Constant,
    Kind,
    Member,
    NumberVariable,
    negation,
    variables,
    walk,
)
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, QuantityType
from solver.library.models import Clause, Variable
from solver.questions.check.findings import Basis
from solver.questions.check.journal import Journal
from solver.questions.check.scene import Scene, widest_basis
from solver.questions.check.subject import Criterion

LONG_AGO = 40 * 366
"""How many days before the reference day an event lies long ago."""

_LIST = re.compile(r"\b(in|ex)clusions?\b", re.IGNORECASE)
_SAYS_NO = re.compile(r"\b(no|not|neither|never|without)\b", re.IGNORECASE)
_EXCLUSION_ID = re.compile(r"E\d", re.ASCII)


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
    opened = {c: journal.subject.binder.opened(condition, True) for c, condition in conditions.items()}
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


def is_exclusion(clause: Clause) -> bool:
    """Whether a clause says that it comes from a list of exclusions: by its source, or else by an id that begins with E and a number."""
    lists = {found.group(1).lower() for found in _LIST.finditer(clause.source)}
    if lists:
        return lists == {"ex"}
    return bool(_EXCLUSION_ID.match(clause.id.partition(".")[2]))


def check_polarity(scene: Scene, journal: Journal, criterion: Criterion) -> None:
    """Find an exclusion that the patient who is best off cannot meet, or that is met by being worse; such a clause is faulty.

    Of a variable that does not say which direction is worse, it is worse to have it, to have more of it, or to have had it lately. Of
    other clauses, the label may say that the clause is the wrong way round.
    """
    if criterion.clause.routing:
        return
    if not is_exclusion(criterion.clause):
        _check_label(scene, journal, criterion)
        return
    with journal.trying(f"whether {criterion.id} is an exclusion the wrong way round", [criterion.id]):
        for condition in dict.fromkeys(criterion.conditions.values()):
            if _wrong_way_round(scene, journal, criterion, condition):
                journal.faulty.add(criterion.id)
                return


def _check_label(scene: Scene, journal: Journal, criterion: Criterion) -> None:
    """Find a clause that requires a single thing although its label says no."""
    require = criterion.parts.require
    if not isinstance(require, BooleanVariable) or not _SAYS_NO.search(criterion.clause.label):
        return
    variable = scene.library.variables[require.name]
    if not _SAYS_NO.search(variable.label):
        text = f"The label of {criterion.id} says no, but the clause requires {require.name}: was 'not' forgotten?"
        journal.add("polarity", [criterion.id], text)
        journal.faulty.add(criterion.id)


def _wrong_way_round(scene: Scene, journal: Journal, criterion: Criterion, condition: Condition) -> bool:
    guard = criterion.clause.guard or TRUE
    free = variables(condition) - (variables(guard) if guard != TRUE else frozenset())
    best: list[Condition] = [guard]
    for name in sorted(free):
        variable = scene.library.variables.get(name)
        if variable is None:
            continue
        good, bad = _ends(scene, variable, condition)
        if good is None or bad is None:
            continue
        best.append(good[1])
        if variable.worse is not None:
            worst = simplify(condition, {**scene.strict.known, name: bad[0]})
            improved = simplify(condition, {**scene.strict.known, name: good[0]})
            goals = [guard, bad[1], worst, negation(improved)]
            if scene.possible(goals):
                text = f"{criterion.id} is an exclusion, but a patient can meet it only by a worse {variable.label}"
                _add(scene, journal, criterion, text, [guard, bad[1], condition, negation(improved)])
                return True
    pinned = _pinned(scene, condition, guard, free)
    if pinned is not None:
        text = f"{criterion.id} is an exclusion, but only patients with {pinned} can meet it"
        _add(scene, journal, criterion, text, [guard, condition])
        return True
    if len(best) > 1 and scene.possible(best) and not scene.possible([*best, condition]):
        text = f"{criterion.id} is an exclusion, but a patient who has nothing of what it speaks of cannot meet it"
        _add(scene, journal, criterion, text, [guard, condition])
        return True
    return False


def _add(scene: Scene, journal: Journal, criterion: Criterion, text: str, goals: list[Condition]) -> None:
    text = f"{text}: was 'not' forgotten?"
    journal.add("polarity", [criterion.id], text, witness=scene.witness(goals))


_End = tuple[Domain, Condition]


def _ends(scene: Scene, variable: Variable, condition: Condition) -> tuple[_End | None, _End | None]:
    """The best and the worst value of a variable, and the conditions that it has them; None where neither is clear."""
    name, kind = variable.name, variable.type
    if isinstance(kind, BooleanType):
        yes: _End = (frozenset({True}), BooleanVariable(name))
        no: _End = (frozenset({False}), negation(BooleanVariable(name)))
        return (yes, no) if variable.worse == "false" else (no, yes)
    if isinstance(kind, IntegerType | QuantityType):
        domain = scene.known[name]
        assert isinstance(domain, Interval)
        if isinstance(domain.low, float) or isinstance(domain.high, float):
            return None, None
        sort: Kind = "int" if isinstance(kind, IntegerType) else "real"
        low, high = (_at(name, sort, end, whole=sort == "int") for end in (domain.low, domain.high))
        return (high, low) if variable.worse == "lower" else (low, high)
    if isinstance(kind, DateType) and variable.past and _counted(condition, name):
        ago = max(scene.day - LONG_AGO, FIRST_DAY)
        return _at(name, "date", ago, whole=True), _at(name, "date", scene.day, whole=True)
    return None, None


def _at(name: str, sort: Kind, value: int | Fraction, *, whole: bool) -> _End:
    number = Fraction(value)
    term = NumberVariable(name, sort)
    return point(int(number) if whole else number, whole=whole), Compare("==", term, Constant(number))


def _counted(condition: Condition, name: str) -> bool:
    """Whether every comparison with a date counts from it to the day of evaluation or the first dose, and none is an age."""
    found = [node for node in walk(condition) if isinstance(node, Compare) and name in variables(node)]
    aged = any(name in variables(node) for node in walk(condition) if isinstance(node, CompletedYears))
    return bool(found) and not aged and all(AS_OF in variables(node) for node in found)


def _pinned(scene: Scene, condition: Condition, guard: Condition, free: frozenset[str]) -> str | None:
    """The one value of an enumeration that a clause leaves, in words; None if there is none."""
    for name in sorted(free):
        kind = scene.library.variables[name].type if name in scene.library.variables else None
        if not isinstance(kind, EnumerationType) or len(kind.values) < 3:
            continue
        left = [v for v in kind.values if scene.possible([guard, condition, Member(name, frozenset({v}))])]
        if len(left) == 1:
            return f"{name} {left[0]}"
    return None
