"""What the clauses of a trial cost a cohort, from the rows that `screen` writes with all reasons.

A patient with the conflicts A, and B with C, is gained by leaving out A with B, or A with C; no clause gains one alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from solver.engine.case import Engine
from solver.engine.clauses import every_clause_in_force
from solver.errors import InputError
from solver.library.choice import choose_clauses
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Context, Record
from solver.questions.relax.answer import LeftOut, LimitPoint, MovedLimit, RelaxAnswer, RelaxedClause
from solver.questions.relax.comparisons import (
    MovedTrials,
    chosen_comparison,
    comparisons,
    decimal_text,
    named_limits,
)
from solver.questions.relax.moving import HIGHEST, MovedVerdicts, RelaxQuestion, Step, check_limits
from solver.questions.relax.shapley import shapley_values
from solver.screen.output_rows import OutputRow

MOST_POINTS = 20
"""How many limits at which the count changes are told, besides today's."""

Sets = frozenset[frozenset[str]]


@dataclass
class RelaxTally:
    """Counts of one trial, row by row."""

    trial: Trial
    context: Context
    without: tuple[str, ...] = ()
    patients: int = 0
    errors: int = 0
    judged: int = 0
    incomplete: int = 0
    not_excluded: int = 0
    eligible: int = 0
    moved: list[MovedVerdicts] = field(default_factory=list)
    _fails: Counter[str] = field(default_factory=Counter)
    _open: Counter[str] = field(default_factory=Counter)
    _gains: Counter[str] = field(default_factory=Counter)
    _eligible_gains: Counter[str] = field(default_factory=Counter)
    _shares: dict[str, Fraction] = field(default_factory=dict)
    _gain: int = 0
    _eligible_gain: int = 0
    _named: set[str] = field(default_factory=set)
    _games: dict[Sets, dict[str, Fraction] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._players = {clause.id for clause in self.trial.clauses if not clause.routing}
        self._known = {clause.id for clause in self.trial.clauses}

    def add(self, row: OutputRow) -> None:
        """Count one patient; raises `InputError` for a clause that the trial does not have."""
        self.patients += 1
        if row["error"] is not None:
            self.errors += 1
            return
        if "moved" in row:
            self.moved.append(row["moved"])
        verdict = row["verdict"]
        if verdict == "withheld":
            return
        self.judged += 1
        self.not_excluded += verdict != "ineligible"
        self.eligible += verdict == "eligible"
        self._fails.update(row["blocking"] or ())
        self._open.update(row["open"] or ())
        conflicts = frozenset(map(frozenset, row["conflicts"] or ()))
        self._note([*conflicts, row["blocking"] or (), row["open"] or ()])
        shares = self._shares_of(conflicts)
        if row["conflicts_complete"] is False or row["eligible_without"] is None or shares is None:
            self.incomplete += 1
            return
        for name, share in shares.items():
            self._shares[name] = self._shares.get(name, Fraction(0)) + share
        if conflicts:
            self._gains.update(frozenset.intersection(*conflicts))
            self._gain += all(not conflict.isdisjoint(self.without) for conflict in conflicts)
        if verdict != "eligible":
            fitting = frozenset(map(frozenset, row["eligible_without"]))
            self._note(fitting)
            self._eligible_gains.update(name for each in fitting if len(each) == 1 for name in each)
            self._eligible_gain += any(each.issubset(self.without) for each in fitting)

    def _note(self, sets: Iterable[Collection[str]]) -> None:
        named = frozenset[str]().union(*sets)
        if not named <= self._known:
            raise InputError(
                f"{self.trial.code} has no clause {sorted(named - self._known)[0]}: the cohort was judged with other encodings"
            )
        self._named |= named

    def _shares_of(self, conflicts: Sets) -> dict[str, Fraction] | None:
        if not conflicts:
            return {}
        if conflicts not in self._games:
            self._games[conflicts] = shapley_values(conflicts, self._players)
        return self._games[conflicts]

    def clauses(self) -> Iterator[RelaxedClause]:
        """What each clause costs that is in force, or was for some patient."""
        in_force = {clause.id for clause, _ in every_clause_in_force(self.trial, self.context)} | self._named
        for clause in self.trial.clauses:
            name = clause.id
            if clause.routing or name not in in_force:
                continue
            share = self._shares.get(name, Fraction(0))
            yield RelaxedClause(
                name,
                clause.label,
                self._fails[name],
                self._open[name],
                self._gains[name],
                self._eligible_gained([name], self._eligible_gains[name]),
                float(share),
                str(share),
            )

    def left_out(self) -> LeftOut | None:
        """What leaving out the set gains."""
        if not self.without:
            return None
        gained = self._eligible_gained(self.without, self._eligible_gain)
        return LeftOut(self.without, self._gain, gained)

    def _eligible_gained(self, without: Collection[str], found: int) -> int | None:
        """How many more are eligible; a cohort that nothing binds takes nobody for certain."""
        left = [clause for clause in self.trial.clauses if clause.id not in without]
        firm = [clause for clause in left if clause.secondary is None and not clause.alternatives]
        cohorts = self.trial.cohorts
        if all(any(clause.binds(cohort) for clause in firm) for cohort in cohorts):
            return found
        return None if any(clause.binds(cohort) for clause in left for cohort in cohorts) else -self.eligible


def moved_limit(
    library: Library, trial: Trial, context: Context | None, text: str
) -> tuple[MovedTrials, tuple[Fraction, ...] | None]:
    """The trial with the limit moved that a text names, `CLAUSE[:N][=LIMIT,...]`, and the limits if they are given.

    Raises `InputError` with one line for what names no comparison with a limit of the trial.
    """
    name, number, limits = named_limits(text)
    [clause_id] = choose_clauses(library, [name], "--move")
    clause = next((each for each in trial.clauses if each.id == clause_id), None)
    if clause is None:
        raise InputError(f"--move: {clause_id} is no clause of {trial.code}")
    found = comparisons(_logic_in_force(clause, context or Context()))
    moved = MovedTrials(library, trial, clause, chosen_comparison(clause.id, number, found))
    check_limits(moved, limits or None)
    return moved, limits or None


def _logic_in_force(clause: Clause, context: Context) -> Mapping[str, str]:
    """The text of what a clause requires under the readings of a context."""
    active = [name for name in clause.alternatives if name in context.readings]
    return clause.other_logic.get(" + ".join(active), clause.logic) if active else clause.logic


def relax(
    engine: Engine,
    trial: str,
    records: Iterable[Record],
    *,
    without: str | Iterable[str] = (),
    move: str | None = None,
) -> RelaxAnswer:
    """What the clauses of a trial cost the patients of these records, which were read with the engine's library.

    `without` are clauses to leave out at once, and `move` names a limit as `--move` does. Raises `InputError` for a name that is not known.
    """
    names = [trial]
    [chosen] = engine.chosen(names)
    left_out = choose_clauses(engine.library, without) if without else []
    moved, limits = (None, None) if move is None else moved_limit(engine.library, chosen, None, move)
    asked = RelaxQuestion((chosen.code,), None, None, "conflicts", moved=moved, limits=limits)
    rows = (row for i, record in enumerate(records, 1) for row in asked.of_record(engine, record, i))
    return relaxed(engine, chosen, None, rows, without=left_out, moved=moved, limits=limits)


def relaxed(
    engine: Engine,
    trial: Trial,
    context: Context | None,
    rows: Iterable[OutputRow],
    *,
    without: Sequence[str] = (),
    moved: MovedTrials | None = None,
    limits: Sequence[Fraction] | None = None,
    ignored: Sequence[str] = (),
) -> RelaxAnswer:
    """What rows of one trial come to; with `moved` each has the verdicts at other limits, `limits` if they are given.

    Raises `InputError` for rows of other encodings.
    """
    tally = RelaxTally(trial, context or Context(), tuple(without))
    for row in rows:
        tally.add(row)
    return RelaxAnswer(
        engine.version,
        trial.nct,
        trial.code,
        tally.patients,
        tally.errors,
        tally.judged,
        tally.incomplete,
        tally.not_excluded,
        tally.eligible,
        tuple(tally.clauses()),
        tally.left_out(),
        None if moved is None else _moved_limit(moved, tally.moved, limits),
        tuple(ignored),
        site=engine.library.site,
    )


def _moved_limit(
    moved: MovedTrials, found: Sequence[MovedVerdicts], limits: Sequence[Fraction] | None
) -> MovedLimit:
    comparison = moved.comparison
    points = _points_at(limits, found) if limits is not None else _points_of_change(moved, found)
    return MovedLimit(moved.clause.id, comparison.text, comparison.unit or None, tuple(points))


def _points_at(limits: Sequence[Fraction], found: Sequence[MovedVerdicts]) -> Iterator[LimitPoint]:
    for place, limit in enumerate(limits):
        verdicts = Counter[str](each.at[place] for each in found)
        yield _point(limit, verdicts)


def _points_of_change(moved: MovedTrials, found: Sequence[MovedVerdicts]) -> Iterator[LimitPoint]:
    """The cohort at today's limit, and at limits at which it changes; of many some, as far apart as may be."""
    sign = 1 if moved.loosening else -1
    steps = sorted((step for each in found for step in each.steps), key=lambda step: sign * step[1])
    places = list(dict.fromkeys(step[1] for step in steps if _counts(step) and step[1] < HIGHEST))
    # nothing is told between two limits between which somebody changes
    lows = sorted(min(step[:2]) for step in steps)
    highs = sorted(max(step[:2]) for step in steps)
    sure = [place for place in places if bisect_left(lows, place) == bisect_right(highs, place)]
    today = moved.comparison.limit
    kept = {*_spread([place for place in sure if place != today]), today}
    for limit in sorted(kept):
        verdicts = Counter[str](each.strictest for each in found)
        for before, after in (step[2:] for step in steps if sign * step[1] <= sign * limit):
            verdicts[before] -= 1
            verdicts[after] += 1
        yield _point(limit, verdicts)


def _counts(step: Step) -> bool:
    return any((step[2] in group) != (step[3] in group) for group in (_EXCLUDED, _FITTING))


_EXCLUDED, _FITTING = ("ineligible",), ("eligible",)


def _spread(places: Sequence[Fraction]) -> list[Fraction]:
    if len(places) <= MOST_POINTS:
        return list(places)
    last = len(places) - 1
    return [places[round(last * i / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]


def _point(limit: Fraction, verdicts: Counter[str]) -> LimitPoint:
    told = sum(verdicts[each] for each in ("eligible", "undetermined", "unresolved"))
    number = int(limit) if limit.denominator == 1 else float(decimal_text(limit))
    return LimitPoint(number, told, verdicts["eligible"])
