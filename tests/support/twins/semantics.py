"""What the answers mean, written once more and apart from the engine: completions at random, trials on one completion, a plain solver.

Only the meaning of one condition on one completion (`evaluate`), and its text for the solver, are shared with the program.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import chain, combinations

from solver.evaluation.evaluate import evaluate
from solver.evaluation.simplify import simplify
from solver.language.domain import Domain, Interval, Recorded
from solver.language.tree import (
    AS_OF,
    COHORT_OPEN,
    Compare,
    Condition,
    Constant,
    NumberVariable,
    Or,
    conjunction,
    negation,
    variables,
)
from solver.language.types import BooleanType, DateType, EnumerationType, ListType, QuantityType
from solver.library.models import Axiom, Library, Trial, Variable
from solver.patient.record import Fact, Record
from solver.smt.session import Budget, GaveUp, Sat, Session
from solver.smt.symbols import Symbols
from solver.smt.translate import condition_text, domain_text
from tests.support.records import worked

PLAUSIBLE: dict[str, tuple[Fraction, Fraction]] = {
    name: (Fraction(low), Fraction(high))
    for name, low, high in (
        ("ecog", 0, 4),
        ("karnofsky", 0, 100),
        ("lansky", 0, 100),
        ("prior_hsct_count", 0, 5),
        ("prior_allo_hsct_count", 0, 5),
        ("salvage_attempts", 0, 15),
        ("relapse_number", 0, 10),
        ("induction_cycles_refractory", 0, 6),
        ("hma_cycles_refractory", 0, 60),
        ("hma_ven_cycles_refractory", 0, 60),
        ("proteinuria_grade", 0, 3),
        ("weight", 1, 250),
        ("height", 30, 250),
        ("serum_creatinine", "0.1", 25),
        ("bm_blasts_pct", 0, 100),
        ("pb_blasts_pct", 0, 100),
        ("pb_blasts_abs", 0, 10**6),
        ("wbc", 0, 10**6),
        ("qtcf", 200, 800),
        ("corticosteroid_daily", 0, 5000),
        ("cr_duration", 0, 600),
        ("flt3_itd_allelic_ratio", 0, 50),
        ("heart_rate", 20, 300),
        ("qt", 200, 800),
    )
}
"""The plausible ranges of the clinical reading, in canonical units."""

TELLING: dict[str, tuple[Fraction, ...]] = {
    name: tuple(Fraction(value) for value in values)
    for name, values in {
        "weight": ("9.9", 10, 30, 50, 78),
        "serum_creatinine": ("0.9", "1.6", "1.7", 3),
        "bm_blasts_pct": ("4.9", 5, "5.1", 42),
        "pb_blasts_abs": (0, 1, 20000, 20001),
        "wbc": (4000, 20000, 60000),
        "pb_blasts_pct": (0, 10, 50),
        "qtcf": (430, 470, "470.1"),
        "heart_rate": (60, 100),
        "qt": (400, 470),
        "cr_duration": (3, 6, 11),
        "corticosteroid_daily": (0, 10, "10.1"),
        "flt3_itd_allelic_ratio": ("0.04", "0.05", 1),
        "ipss_r_score": (1, 3, "3.1", 5, 7),
        "ecog": (0, 1, 2, 3),
        "karnofsky": (49, 50, 90),
        "lansky": (49, 50, 90),
    }.items()
}
"""Values on both sides of the limits, to be drawn more often than others."""

AGES = (0, 1, 2, 15, 16, 17, 18, 21, 22, 58, 65, 66, 75)

QTCF = "QTCF"
BLAST_COUNT = "B20"

Point = dict[str, Domain]


def whole(value: int) -> Interval:
    """The domain of one whole number."""
    return Interval(value, value, whole=True)


def axioms_in_force(library: Library, record: Record) -> list[Axiom]:
    """The theory, without definitions of what is recorded."""
    return [
        axiom
        for axiom in library.axioms
        if not axiom.while_unrecorded or not set(axiom.while_unrecorded) <= set(record.facts)
    ]


def years_before(day: int, years: int) -> int:
    """A day so many years earlier."""
    start = date.fromordinal(day)
    last = 28 if (start.month, start.day) == (2, 29) else start.day
    return date(start.year - years, start.month, last).toordinal()


def full_range(variable: Variable, as_of: int) -> Domain:
    """What a variable may be that is not recorded."""
    match variable.type:
        case BooleanType():
            return frozenset({True, False})
        case EnumerationType(values):
            return frozenset(values)
        case ListType():
            return Recorded(0, frozenset())
        case DateType() if variable.absent_as_of:
            return whole(as_of)
        case DateType() if variable.name == "birth_date":
            return Interval(years_before(as_of, 111) + 1, as_of, whole=True)
        case DateType():
            last = as_of if variable.past else date(2100, 2, 28).toordinal()
            return Interval(date(1900, 3, 1).toordinal(), last, whole=True)
    is_whole = not isinstance(variable.type, QuantityType)
    if variable.name in PLAUSIBLE:
        low, high = PLAUSIBLE[variable.name]
        return Interval(*((int(low), int(high)) if is_whole else (low, high)), whole=is_whole)
    return Interval(0, math.inf, variable.positive, True, is_whole)


def domains(library: Library, record: Record) -> Point:
    """What each variable may be by its own fact, or by its plausible range, before the theory says anything."""
    found: Point = {AS_OF: whole(record.as_of)}
    for name, variable in library.variables.items():
        found[name] = full_range(variable, record.as_of)
        fact = record.facts.get(name)
        if fact is not None:
            assumed, said = found[name], fact.domain
            found[name] = said
            if isinstance(said, Interval) and not fact.exact and fact.values is None:
                assert isinstance(assumed, Interval)
                both = meet(said, assumed)
                found[name] = said if both is None else both
            if variable.past:
                domain = found[name]
                assert isinstance(domain, Interval)
                found[name] = meet(domain, Interval(1, record.as_of, whole=True)) or frozenset()
    return found


def meet(one: Interval, other: Interval) -> Interval | None:
    """What lies in both intervals; None if nothing does."""
    low, low_open = max((one.low, one.low_open), (other.low, other.low_open))
    high, closed = min((one.high, not one.high_open), (other.high, not other.high_open))
    if low > high or (low == high and (low_open or not closed)):
        return None
    return Interval(low, high, low_open, not closed, one.whole)


def holds(axiom: Axiom, point: Point) -> bool:
    """Whether an axiom holds on a completion; a cube root may be off by a millionth."""
    if axiom.id == QTCF:
        qt, rate, qtcf = (number(point, name) for name in ("qt", "heart_rate", "qtcf"))
        return abs(qt**3 * rate - qtcf**3 * 60) <= qtcf**3 * 60 / 10**6
    return evaluate(axiom.condition, point) is True


def number(point: Point, name: str) -> Fraction:
    """The value of a number on a completion."""
    domain = point[name]
    assert isinstance(domain, Interval)
    assert domain.exact
    return Fraction(domain.low)


class Completions:
    """Completions of a record drawn at random: a value for every variable, mended until every axiom holds.

    What is not recorded is mostly as in one of the worked patients, so that completions on both sides of a verdict are drawn.
    """

    def __init__(self, library: Library, record: Record, seed: int) -> None:
        self.library, self.record = library, record
        self.models = models(library)
        self.like: dict[str, Domain] = {}
        self.alike: dict[int, dict[str, Domain]] = {}
        self.axioms = axioms_in_force(library, record)
        self.domains = domains(library, record)
        self.random = random.Random(seed)
        self.speaking: dict[str, list[int]] = {}
        self.mendable: list[list[str]] = []
        for i, axiom in enumerate(self.axioms):
            names = sorted(variables(axiom.condition))
            self.mendable.append([name for name in names if self.free(name)])
            for name in names:
                self.speaking.setdefault(name, []).append(i)
        self.choices = {name: self._choices(name) for name in self.domains}
        self.settled = {
            name: listed[0]
            for name, (listed, inner) in self.choices.items()
            if inner is None and len(listed) == 1
        }
        self.open = [name for name in self.choices if name not in self.settled]

    def draw(self, tries: int = 400) -> Point | None:
        """A completion, or None if none was found."""
        if frozenset() in self.domains.values():
            return None
        chosen_model = self.random.randrange(len(self.models))
        if chosen_model not in self.alike:
            self.alike[chosen_model] = self._alike(self.models[chosen_model])
        self.like = self.alike[chosen_model]
        point = {**self.settled, **{name: self.value(name) for name in self.open}}
        hold = [holds(axiom, point) for axiom in self.axioms]
        for _ in range(tries):
            wrong = [i for i, right in enumerate(hold) if not right]
            if not wrong:
                return point
            chosen = self.random.choice(wrong)
            if not self.mendable[chosen]:
                return None
            name = self.random.choice(self.mendable[chosen])
            point[name] = self.mended(self.axioms[chosen], name, point)
            for i in self.speaking[name]:
                hold[i] = holds(self.axioms[i], point)
        return None

    def some(self, count: int) -> Iterator[Point]:
        """Up to `count` completions."""
        for _ in range(count):
            point = self.draw()
            if point is not None:
                yield point

    def free(self, name: str) -> bool:
        """Whether the record leaves the variable more than one value."""
        domain = self.domains[name]
        if isinstance(domain, Interval):
            return not domain.exact
        return isinstance(domain, frozenset) and len(domain) > 1

    def value(self, name: str) -> Domain:
        """A value within the domain of a variable."""
        like = self.like.get(name)
        if like is not None and self.random.random() < 0.8:
            return like
        listed, inner = self.choices[name]
        place = self.random.randrange(len(listed) + (inner is not None))
        if place < len(listed) or inner is None:
            return listed[place]
        low, width, domain = inner
        between = low + width * self.random.randint(1, 99) / 100
        further = math.floor(between) if domain.whole else between
        if further in domain or not listed:
            return Interval(further, further, whole=domain.whole)
        return self.random.choice(listed)

    def _alike(self, model: Mapping[str, Fact]) -> dict[str, Domain]:
        """What a patient like this one says of each variable that the record does not list, as far as the record allows it."""
        found: dict[str, Domain] = {}
        for name, domain in self.domains.items():
            fact, like = self.record.facts.get(name), model.get(name)
            if isinstance(domain, Recorded) or (fact is not None and fact.values is not None):
                continue
            if like is not None and like.exact and _within(like.domain, domain):
                found[name] = like.domain
        return found

    def _choices(self, name: str) -> tuple[list[Domain], tuple[Fraction, Fraction, Interval] | None]:
        """The values of a variable from which one is chosen, and the interval within which another is drawn."""
        domain = self.domains[name]
        fact = self.record.facts.get(name)
        if isinstance(domain, Recorded):
            return [domain], None
        if isinstance(domain, frozenset):
            return [frozenset({each}) for each in sorted(domain)], None  # type: ignore[type-var]
        if fact is not None and fact.values is not None:
            values = [value for value in fact.values if value in domain]
            return [whole(int(each)) if domain.whole else Interval(each, each) for each in values], None
        if domain.exact:
            return [domain], None
        found = [value for value in self.telling(name) if value in domain]
        for end, is_open in ((domain.low, domain.low_open), (domain.high, domain.high_open)):
            if not is_open and not isinstance(end, float):
                found.append(end)
        low = Fraction(domain.low)
        high = low + 10 if isinstance(domain.high, float) else Fraction(domain.high)
        return [Interval(each, each, whole=domain.whole) for each in found], (low, high - low, domain)

    def telling(self, name: str) -> list[int | Fraction]:
        """Values near the limits."""
        today = self.record.as_of
        if name == "birth_date":
            return [years_before(today, age) + beside for age in AGES for beside in (0, 1)]
        if isinstance(self.library.variables[name].type, DateType):
            return [today - days for days in (0, 10, 27, 28, 60, 89, 90, 91, 92, 200, 400, 2000)]
        return list(TELLING.get(name, (0, 1, 2, 3, 4)))

    def mended(self, axiom: Axiom, name: str, point: Point) -> Domain:
        """Another value for a variable of an axiom; the one that the others give, where it is an equation."""
        solved = None
        if axiom.id == BLAST_COUNT:
            solved = _blast_count(name, point)
        elif axiom.id == QTCF:
            solved = _fridericia(name, point)
        domain = self.domains[name]
        fact = self.record.facts.get(name)
        listed = fact is not None and fact.values is not None
        if solved is not None and isinstance(domain, Interval) and not listed and solved in domain:
            return Interval(solved, solved)
        return self.value(name)


def _within(value: Domain, domain: Domain) -> bool:
    if isinstance(value, Interval) and isinstance(domain, Interval):
        assert not isinstance(value.low, float)
        return value.low in domain
    return isinstance(value, frozenset) and isinstance(domain, frozenset) and value <= domain


_MODELS: dict[str, tuple[Mapping[str, Fact], ...]] = {}


def models(library: Library) -> tuple[Mapping[str, Fact], ...]:
    """The facts of the worked patients, read once a library."""
    if library.digest not in _MODELS:
        records = [worked.read(worked.patient(name), library) for name in worked.load("patients")]
        _MODELS[library.digest] = tuple(record.facts for record in records)
    return _MODELS[library.digest]


def _blast_count(name: str, point: Point) -> Fraction | None:
    count, cells, share = (number(point, n) for n in ("pb_blasts_abs", "wbc", "pb_blasts_pct"))
    if name == "pb_blasts_abs":
        return cells * share / 100
    divisor = share if name == "wbc" else cells
    return 100 * count / divisor if divisor else None


def _fridericia(name: str, point: Point) -> Fraction:
    qt, rate, qtcf = (number(point, n) for n in ("qt", "heart_rate", "qtcf"))
    if name == "heart_rate":
        return 60 * qtcf**3 / qt**3
    cube = qt**3 * rate / 60 if name == "qtcf" else 60 * qtcf**3 / rate
    return Fraction(round(float(cube) ** (1 / 3) * 10**9), 10**9)


def clauses(trial: Trial, record: Record, cohort: str) -> dict[str, Condition]:
    """The clauses of a cohort by id, under the readings of the context, with the door open or shut."""
    context = record.context
    found = {}
    for clause in trial.clauses:
        if clause.secondary and not context.secondary_sources:
            continue
        conditions: Mapping[str, Condition] | None = clause.conditions
        for reading in sorted(context.readings & clause.alternatives.keys()):
            conditions = clause.alternatives[reading]
        if conditions is not None and cohort in conditions:
            found[clause.id] = conditions[cohort]
    return found


def door(trial: Trial, record: Record, cohort: str) -> Point:
    """Whether a cohort is open, as a value of the built-in variable."""
    opened = record.context.open_cohorts.get(trial.code)
    return {COHORT_OPEN: frozenset({opened is None or cohort in opened})}


def satisfied(trial: Trial, record: Record, point: Point) -> dict[str, bool]:
    """Whether a completion satisfies each cohort of a trial."""
    found = {}
    for cohort in trial.cohorts:
        at = {**point, **door(trial, record, cohort)}
        asked = clauses(trial, record, cohort).values()
        found[cohort] = all(evaluate(condition, at) is True for condition in asked)
    return found


class Copies:
    """One or two copies of a patient under the whole theory, stated to the solver without any closure."""

    def __init__(self, library: Library, record: Record) -> None:
        self.library, self.record = library, record
        self.domains = domains(library, record)
        theory = [axiom.condition for axiom in axioms_in_force(library, record)]
        for name, fact in record.facts.items():
            if fact.values is not None:
                kind = library.variables[name].type
                sort = (
                    "real"
                    if isinstance(kind, QuantityType)
                    else "date"
                    if isinstance(kind, DateType)
                    else "int"
                )
                term = NumberVariable(name, sort)  # type: ignore[arg-type]
                theory.append(Or(tuple(Compare("==", term, Constant(value)) for value in fact.values)))
        self.theory = [(simplify(each, self.domains), self.unknown(each)) for each in theory]

    def possible(self, *goals: Sequence[Condition], shared: Iterable[str] | None = None) -> bool | None:
        """Whether copy 0 can meet the first goals and copy 1 the second, if they agree on what is shared; None if the solver gave up."""
        private = {} if shared is None else {1: frozenset(self.library.variables).difference(shared)}
        types = {name: variable.type for name, variable in self.library.variables.items()}
        types[AS_OF] = DateType()
        symbols = Symbols(types, self.domains, private)
        reached = {name for goal in chain.from_iterable(goals) for name in variables(goal)}
        theory: list[Condition] = []
        left = self.theory
        while near := [pair for pair in left if pair[1] & reached or not pair[1]]:
            left = [pair for pair in left if not (pair[1] & reached or not pair[1])]
            for condition, names in near:
                theory.append(condition)
                reached |= names
        lines = []
        for copy, wanted in enumerate(goals):
            for condition in (*(simplify(each, self.domains) for each in wanted), *theory):
                lines.append(condition_text(condition, symbols, copy))
        for symbol, name in list(symbols.declared.items()):
            copy = int(symbol.partition("!")[2] or 0)
            lines += domain_text(name, self.domains[name], symbols, copy)
        script = symbols.declarations() + "".join(f"(assert {line})\n" for line in lines)
        outcome = Session(script, {}, Budget(seconds=20)).check()
        return None if isinstance(outcome, GaveUp) else isinstance(outcome, Sat)

    def unknown(self, condition: Condition) -> frozenset[str]:
        """The variables of a condition that are not known."""
        return frozenset(
            name
            for name in variables(condition)
            if not (isinstance(self.domains[name], Recorded) or _exact(self.domains[name]))
        )


def _exact(domain: Domain) -> bool:
    return domain.exact if isinstance(domain, Interval) else len(domain) == 1


def opened(condition: Condition, trial: Trial, record: Record, cohort: str, known: Point) -> Condition:
    """A condition with what is known of the patient and of the cohort put in."""
    return simplify(condition, {**known, **door(trial, record, cohort)})


def goals(
    trial: Trial, record: Record, cohort: str, known: Point, only: Iterable[str] | None = None
) -> list[Condition]:
    """What a cohort asks, or only some of its clauses."""
    wanted = None if only is None else set(only)
    return [
        opened(condition, trial, record, cohort, known)
        for name, condition in clauses(trial, record, cohort).items()
        if wanted is None or name in wanted
    ]


def formula(trial: Trial, record: Record, known: Point, *, truth: bool) -> Condition:
    """That some cohort, or that no cohort, has all its clauses met."""
    cohorts = [conjunction(goals(trial, record, cohort, known)) for cohort in trial.cohorts]
    negated = conjunction([negation(each) for each in cohorts])
    return negation(negated) if truth else negated


def hitting_sets(subsets: Sequence[Sequence[str]], most: int) -> list[frozenset[str]]:
    """All minimal hitting sets of at most `most` elements, by trying every set."""
    elements = sorted(set(chain.from_iterable(subsets)))
    found: list[frozenset[str]] = []
    for size in range(most + 1):
        for chosen in map(frozenset, combinations(elements, size)):
            if all(chosen & set(s) for s in subsets) and not any(other <= chosen for other in found):
                found.append(chosen)
    return found
