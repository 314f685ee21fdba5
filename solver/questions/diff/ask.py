"""The difference between two trials, or two versions of one: whom each admits and the other does not.

A trial is equivalent to another if both admit the same patients, stricter if it admits fewer, looser if more, and else incomparable. All
patients are meant that the theory allows, on any day of evaluation or on one that is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from solver.engine.case import Engine
from solver.engine.clauses import ConditionCache
from solver.engine.decision import Standings, decide
from solver.engine.problem import pose
from solver.engine.witness import REFERENCE_DAY
from solver.errors import EngineError
from solver.language.tree import TRUE, Condition
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Context, Record
from solver.questions.diff.admission import Admission, Direction, Everyone, admission, direction
from solver.questions.diff.edits import Edit, edits, local_id
from solver.questions.match.ask import match
from solver.questions.what_if.ask import Difference
from solver.work import Budget

Relation = Literal["equivalent", "stricter", "looser", "incomparable", "unresolved"]
Change = Literal["unchanged", "reworded", "changed", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Pairing:
    """How the second relates to the first: `lost` are those whom only the first admits, `gained` those whom only the second does."""

    lost: Direction
    gained: Direction

    @property
    def relation(self) -> Relation:
        """The relation, `unresolved` where the solver gave up on what it depends on."""
        if self.lost.exists is None or self.gained.exists is None:
            return "unresolved"
        if self.lost.exists:
            return "incomparable" if self.gained.exists else "stricter"
        return "looser" if self.gained.exists else "equivalent"


@dataclass(frozen=True, slots=True)
class CohortPairing:
    """A cohort of both, by its id, with how they relate; without a `pairing` where only `version` 1 or 2 has it."""

    cohort: str
    pairing: Pairing | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class ClausePairing:
    """A clause by its id within the trial: what became of its text, and how it relates over the cohorts that both versions have.

    A `reworded` clause says the same of everyone in other words; one that was added or removed is compared with asking nothing.
    """

    clause: str
    change: Change
    relation: Relation


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the second trial relates to the first, under first readings.

    With `every_day` that is so of patients evaluated on any day, and `as_of` (a day number) is the first that was looked at; else of those
    of the day `as_of`. `also` are other days on which somebody was found whom one admits and the other does not: the witness of a direction
    may be evaluated on one.

    `clauses` and `edits` are empty unless both are versions of one trial: with the same code or number. `readings` gives, for each
    second reading under which they relate otherwise, how.
    """

    first: Trial
    second: Trial
    as_of: int
    pairing: Pairing
    cohorts: tuple[CohortPairing, ...]
    clauses: tuple[ClausePairing, ...]
    readings: tuple[tuple[str, Relation], ...]
    edits: tuple[Edit, ...]
    also: tuple[int, ...] = ()
    every_day: bool = False

    @property
    def differs(self) -> bool:
        """Whether the trials differ in anything but words, as far as is known: as a whole, in a cohort or under a reading."""
        relations = [self.pairing.relation, *(relation for _, relation in self.readings)]
        relations += [each.pairing.relation if each.pairing else "incomparable" for each in self.cohorts]
        return set(relations) != {"equivalent"}


def compare(
    library: Library, first: Trial, second: Trial, *, as_of: int | None = None, budget: Budget | None = None
) -> Comparison:
    """How the second trial relates to the first under the theory of a library, whose trials do not matter.

    `as_of` is the day of evaluation as a day number; None is every day, the reference day first. Raises `EngineError` if a witness
    does not replay.
    """
    day = REFERENCE_DAY.toordinal() if as_of is None else as_of
    everyone, cache = Everyone(library, day, budget, every_day=as_of is None), ConditionCache()
    asked = [admission(trial, Context(), cache) for trial in (first, second)]
    pairing = _pairing(everyone, *asked)
    _replay(everyone, (first, second), pairing)
    versions = first.code == second.code or first.nct == second.nct
    cohorts = _cohorts(everyone, asked[0], asked[1], pairing)
    clauses = _clauses(everyone, first, second, asked) if versions else ()
    readings = _readings(everyone, first, second, asked, pairing, cache)
    said = edits(first, second) if versions else ()
    also = tuple(sorted(everyone.days))
    return Comparison(first, second, day, pairing, cohorts, clauses, readings, said, also, everyone.every_day)


def _pairing(everyone: Everyone, first: Admission, second: Admission, *, shown: bool = True) -> Pairing:
    return Pairing(
        direction(everyone, first, second, shown=shown), direction(everyone, second, first, shown=shown)
    )


def _replay(everyone: Everyone, trials: tuple[Trial, Trial], pairing: Pairing) -> None:
    """Match both witnesses against both trials; raises `EngineError` if either is not admitted as it should be.

    Whom a trial with capped cohorts admits, or not, may be undetermined: it depends on what is kept as text.
    """
    for found, expected in (
        (pairing.lost.witness, ["eligible", "ineligible"]),
        (pairing.gained.witness, ["ineligible", "eligible"]),
    ):
        if found is None:
            continue
        problem = pose(everyone.library, found.record, everyone.budget)
        standings = Standings(problem.oracle, ConditionCache())
        for trial, verdict in zip(trials, expected, strict=True):
            decision = decide(problem, standings, trial, Context())
            allowed = {verdict, "unresolved", *(["undetermined"] if decision.extent.capped else [])}
            if decision.verdict not in allowed:
                raise EngineError("a witness is not matched as it should be")


def _cohorts(
    everyone: Everyone, first: Admission, second: Admission, whole: Pairing
) -> tuple[CohortPairing, ...]:
    found = []
    for name in dict.fromkeys([*first, *second]):
        if name in first and name in second:
            alone = len(first) == len(second) == 1
            parts = {name: first[name]}, {name: second[name]}
            found.append(CohortPairing(name, whole if alone else _pairing(everyone, *parts)))
        else:
            found.append(CohortPairing(name, None, 1 if name in first else 2))
    return tuple(found)


def _clauses(
    everyone: Everyone, first: Trial, second: Trial, asked: list[dict[str, dict[str, Condition]]]
) -> tuple[ClausePairing, ...]:
    clauses = [{local_id(trial, clause): clause for clause in trial.clauses} for trial in (first, second)]
    shared = [cohort for cohort in asked[0] if cohort in asked[1]]

    def over(version: int, name: str) -> dict[str, Condition]:
        """What the clause asks for in each cohort that both versions have."""
        clause = clauses[version].get(name)
        return {c: asked[version][c].get(clause.id, TRUE) if clause else TRUE for c in shared}

    names = list(dict.fromkeys([*clauses[0], *clauses[1]]))
    found = []
    for name in names:
        before, after = (over(version, name) for version in (0, 1))
        relation = _clause_relation(everyone, before, after)
        same = before == after and _texts(clauses[0].get(name), shared) == _texts(
            clauses[1].get(name), shared
        )
        change = _change(clauses[0].get(name), clauses[1].get(name), relation, same=same)
        found.append(ClausePairing(name, change, relation))
    return tuple(found)


def _clause_relation(
    everyone: Everyone, before: Mapping[str, Condition], after: Mapping[str, Condition]
) -> Relation:
    """How a clause relates to what it was: over all cohorts, each by itself."""
    lost = gained = Direction(False)
    for cohort, condition in before.items():
        if condition != after[cohort]:
            parts = {cohort: {"": condition}}, {cohort: {"": after[cohort]}}
            pairing = _pairing(everyone, *parts, shown=False)
            lost = max(lost, pairing.lost, key=_weight)
            gained = max(gained, pairing.gained, key=_weight)
    return Pairing(lost, gained).relation


def _weight(found: Direction) -> int:
    return {False: 0, None: 1, True: 2}[found.exists]


def _change(before: Clause | None, after: Clause | None, relation: Relation, *, same: bool) -> Change:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    if relation != "equivalent":
        return "changed"
    return "unchanged" if same else "reworded"


def _texts(clause: Clause | None, cohorts: list[str]) -> list[list[str | None]]:
    """The logic of a clause in each of the cohorts, under the first reading and each second one, as it is written."""
    if clause is None:
        return []
    logics = [clause.logic, *(clause.other_logic[name] for name in sorted(clause.other_logic))]
    return [[logic.get(cohort, logic.get("")) for cohort in cohorts] for logic in logics]


def _readings(
    everyone: Everyone,
    first: Trial,
    second: Trial,
    asked: list[dict[str, dict[str, Condition]]],
    whole: Pairing,
    cache: ConditionCache,
) -> tuple[tuple[str, Relation], ...]:
    names = [reading.id for trial in (first, second) for reading in trial.readings.values() if reading.switch]
    names += [clause.secondary for trial in (first, second) for clause in trial.clauses if clause.secondary]
    found: list[tuple[str, Relation]] = []
    for name in dict.fromkeys(names):
        context = Context(readings=frozenset({name}))
        other = [admission(trial, context, cache) for trial in (first, second)]
        if other == asked:
            continue
        relation = _pairing(everyone, *other, shown=False).relation
        if relation != whole.relation:
            found.append((name, relation))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Changed:
    """A patient of a real cohort before and after: on the first trial and on the second."""

    patient: str
    difference: Difference


class Amendment:
    """Two versions of a trial, or two trials, as patients are matched against them: `libraries` has one library for each."""

    def __init__(
        self, library: Library, first: Trial, second: Trial, *, budget: Budget | None = None
    ) -> None:
        self.trials = first, second
        self.libraries = tuple(library.with_trial(trial) for trial in self.trials)
        self._engines = [Engine(each, budget=budget) for each in self.libraries]

    def patient(self, before: Record, after: Record) -> Changed:
        """How one patient stands, whose record was read with each library."""
        found = [
            match(engine, record, [trial.code]).trials[0]
            for engine, record, trial in zip(self._engines, (before, after), self.trials, strict=True)
        ]
        return Changed(before.id, Difference(found[0], found[1]))
