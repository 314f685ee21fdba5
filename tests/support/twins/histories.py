"""The naive twin of events and findings: histories are enumerated, one event at a time, from what a record says.

It knows neither groups of concepts nor a solver. A `Situation` is an invented tree of concepts, a record and the clauses of one trial; both
the files that the engine compiles and this model are made from it. A history is only ever looked at through the values that it gives the
terms of the trial: what it has of each, one event more or less, is a `State`, and states are closed under every event that nobody wrote
down. Days are few: those that the record or a clause names, with some more on each side, so that whatever can be told apart is.

Beside them some situations have one quantity, with results, a limit of normal and a day, and some write a term as a variable that means it;
of these only such as mean no day, since a day that is recorded does not say that anything happened.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations, product
from itertools import combinations_with_replacement as pairs_of
from operator import add, or_
from typing import Any

AS_OF = date(2026, 11, 20)
DAY = timedelta(days=1)
NEVER_YET, GOES_ON = -(10**6), 10**6
"""Before every day, and after every day; days are counted from the day of evaluation."""

MOST = 6
"""Histories in which something happened more often are left out: no clause counts so far."""

LISTS = ("therapies", "conditions")
OF_LIST = {"therapies": ("therapy",), "conditions": ("condition", "diagnosis")}

State = tuple[Any, ...]


@dataclass(frozen=True)
class Thing:
    """A concept."""

    id: str
    kind: str
    broader: tuple[str, ...] = ()
    lasts: str | None = None
    half_life: int | None = None
    """Days."""


@dataclass(frozen=True)
class Of:
    """What a term is about: a concept, and what is left out of it."""

    concept: str
    but: tuple[str, ...] = ()

    def text(self) -> str:
        """As section 3 writes it."""
        return self.concept + (f" except {{{', '.join(sorted(self.but))}}}" if self.but else "")


@dataclass(frozen=True)
class Asked:
    """A term: its name and what it is about, and the variable that means it where a clause writes that."""

    term: str
    of: Of
    alias: str | None = None

    def text(self) -> str:
        """The canonical name."""
        if self.alias is not None:
            return self.alias
        if self.term == "diagnosis":
            return f"diagnosis is {self.of.text()}"
        return f"{self.term}({self.of.text()})"

    @property
    def known_as(self) -> str:
        """What a deciding set calls it."""
        return "diagnosis" if self.term == "diagnosis" else self.text()


@dataclass(frozen=True)
class Clause:
    """A condition: its text, the terms it speaks of, and its truth where these have values."""

    text: str
    terms: tuple[Asked, ...]
    holds: Callable[[Mapping[Asked, Any]], bool] = field(compare=False)


Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """One thing that a record says, under the name that a contradiction gives it."""

    name: str
    list: str
    entry: Entry | None = None
    of: str = ""


def days_of(text: str) -> tuple[int, int]:
    """The days that a date may mean, counted from the day of evaluation."""
    parts = [int(part) for part in text.split("-")]
    first = date(*[*parts, 1, 1][:3])
    if len(parts) == 3:
        last = first
    elif len(parts) == 2:
        last = date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1) - DAY
    else:
        last = date(parts[0], 12, 31)
    return (first - AS_OF).days, (last - AS_OF).days


def months_later(day: int, months: int) -> int:
    """A day some calendar months later; the infinite days stay."""
    if day in (NEVER_YET, GOES_ON):
        return day
    start = AS_OF + day * DAY
    index = start.year * 12 + start.month - 1 + months
    for number in (start.day, 30, 29, 28):
        try:
            moved = date(index // 12, index % 12 + 1, min(number, start.day))
            return (moved - AS_OF).days
        except ValueError:
            continue
    raise AssertionError


def days_later(day: int, days: int) -> int:
    """A day some days later; the infinite days stay."""
    return day if day in (NEVER_YET, GOES_ON) else day + days


QUANTITY = "alt"
"""The quantity that has results, and limits of normal from 1 to 4."""

VALUE, LIMIT, MEASURED = (
    Asked(word, Of(QUANTITY), name)
    for word, name in (
        ("value", QUANTITY),
        ("uln", f"uln({QUANTITY})"),
        ("measured", f"measured({QUANTITY})"),
    )
)


@dataclass(frozen=True)
class Measured:
    """What a record says of the quantity: its fact, and the limit of normal of its site."""

    fact: Any = None
    site: float | None = None

    def record(self) -> dict[str, Any]:
        """The fact of the record."""
        return {} if self.fact is None else {QUANTITY: self.fact}

    def context(self) -> dict[str, Any]:
        """The context of the record."""
        if self.site is None:
            return {}
        row = {"uln": {"value": self.site, "unit": "U/L"}}
        return {"context": {"reference": {QUANTITY: [row]}}}

    def states(self) -> Iterator[tuple[float, float, int]]:
        """The value, its limit and its day, in every way that is left."""
        counted = self.counted()
        every, limits = [tick / 4 for tick in range(41)], [tick / 2 for tick in range(2, 9)]
        own = [entry["uln"] for entry in counted if "uln" in entry]
        for limit in own or limits if self.site is None or own else [self.site]:
            for value in every:
                if not counted or _between(value, limit, counted):
                    for day in self.days(counted):
                        yield value, limit, day

    def counted(self) -> list[Entry]:
        """The results of the latest day on or before the day of evaluation; a single one without a date."""
        if not isinstance(self.fact, list):
            used = [] if self.fact is None else [self.fact]
            return [entry for entry in used if days_of(entry.get("date", AS_OF.isoformat()))[0] <= 0]
        used = [entry for entry in self.fact if days_of(entry["date"])[0] <= 0]
        latest = max((entry["date"] for entry in used), default=None)
        return [entry for entry in used if entry["date"] == latest]

    def days(self, counted: Sequence[Entry]) -> list[int]:
        """The days on which the result that counts may have been."""
        if not counted or "date" not in counted[0]:
            return [*range(-40, 1)]
        first, last = days_of(counted[0]["date"])
        return [*range(first, min(last, 0) + 1)]


def _between(value: float, limit: float, counted: Sequence[Entry]) -> bool:
    """Whether the results of one day cover a value."""
    ends = [
        entry[key] * (limit if entry["unit"] == "ULN" else 1)
        for entry in counted
        for key in ("value", "min", "max")
        if key in entry
    ]
    return min(ends) <= value <= max(ends)


@dataclass(frozen=True)
class Situation:
    """A tree, what a record says, and the clauses of a trial that bind its one cohort; `near` are days that the clauses turn on."""

    things: tuple[Thing, ...]
    facts: Mapping[str, Any]
    never: tuple[str, ...]
    complete: tuple[str, ...]
    clauses: tuple[Clause, ...]
    near: tuple[int, ...] = ()
    values: tuple[str, ...] = ()
    """The diagnoses that the variable names."""
    apart: int = 0
    """How many days the clauses together set events apart."""
    measured: Measured | None = None
    """A quantity that the clauses ask about."""

    # --- the tree

    @cached_property
    def by_id(self) -> dict[str, Thing]:
        """Every concept by its id."""
        return {thing.id: thing for thing in self.things}

    @cached_property
    def _above(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for thing in self.things:  # what is broader stands before
            found[thing.id] = {thing.id}.union(*(found[parent] for parent in thing.broader))
        return found

    @cached_property
    def _below(self) -> dict[str, set[str]]:
        return {of: {each for each, above in self._above.items() if of in above} for of in self._above}

    def above(self, concept: str) -> set[str]:
        """The concept and all that it is a kind of."""
        return self._above[concept]

    def below(self, concept: str) -> set[str]:
        """The concept and all kinds of it."""
        return self._below[concept]

    def is_of(self, concept: str, of: Of) -> bool:
        """Whether what happened to be of a concept counts for a term."""
        above = self.above(concept)
        return of.concept in above and above.isdisjoint(of.but)

    def lasts(self, concept: str) -> str:
        """How long it lasts; said by itself, or by the nearest broader one."""
        thing = self.by_id[concept]
        if thing.lasts is not None:
            return thing.lasts
        said = {self.lasts(parent) for parent in thing.broader}
        assert len(said) <= 1
        return said.pop() if said else "span"

    def of_list(self, name: str) -> list[str]:
        """The concepts that entries of a list can be of."""
        return [thing.id for thing in self.things if thing.kind in OF_LIST.get(name, ("finding",))]

    # --- what the record says

    @cached_property
    def items(self) -> list[Item]:
        """What can contradict: entries, and what `never` and `complete` say."""
        found = []
        for name in (*LISTS, "findings"):
            for i, entry in enumerate(self.facts.get(name, [])):
                start = entry.get("date" if name == "findings" else "start")
                if start and days_of(start)[0] > 0:
                    continue  # a plan counts for nothing, and a later result is not used
                found.append(Item(f"{name}[{i}]", name, entry))
        found += [Item(asked.text(), "", None) for asked in self.terms if asked.text() in self.facts]
        for key, said in (("never", self.never), ("complete", self.complete)):
            for of in said:
                where = of if of not in self.by_id else self.list_of(self.by_id[of].kind)
                found.append(Item(f"{key}:{of}", where, None, of))
        return found

    @staticmethod
    def list_of(kind: str) -> str:
        """The list that has entries of a kind."""
        return next((name for name, kinds in OF_LIST.items() if kind in kinds), "findings")

    def denied(self, said: Iterable[Item]) -> set[str]:
        """Concepts of which nothing happened."""
        found: set[str] = set()
        for item in said:
            if item.name.startswith("never:"):
                found |= self.below(item.of)
        return found

    def closed(self, said: Iterable[Item], name: str) -> set[str]:
        """Concepts of which nothing happened but what is listed."""
        found: set[str] = set()
        for item in said:
            if item.name.startswith("complete:"):
                found |= set(self.of_list(name)) if item.of == name else set()
                found |= self.below(item.of) if item.of in self.by_id else set()
        return found

    # --- the histories of one list

    @cached_property
    def days(self) -> list[int]:
        """The days on which things happen here."""
        named = {0, *self.near}
        for name in LISTS:
            for entry in self.facts.get(name, []):
                for key in ("start", "end"):
                    if key in entry:
                        named |= set(days_of(entry[key]))
        reach = (2 if len(self.terms) > 1 else 1) + self.apart
        return sorted({day + by for day in named for by in range(-reach, reach + 1) if day + by <= 0})

    @cached_property
    def counts(self) -> bool:
        """Whether it matters how often things happened."""
        return any(asked.term == "times" for asked in self.terms)

    def happenings(self, concept: str) -> Iterator[tuple[int, int, int]]:
        """Start, end and count of every event of a concept."""
        lasts = self.lasts(concept)
        for start in self.days:
            if lasts == "day":
                yield start, start, 1
                continue
            ends = [GOES_ON] if lasts == "life" else [*(end for end in self.days if end >= start), GOES_ON]
            for end in ends:
                for count in (1, 2, 3) if self.counts else (1,):
                    yield start, end, count

    def ways(self, item: Item, denied: set[str]) -> Iterator[tuple[str, int, int, int, int | None] | None]:
        """What an entry may have been: concept, start, end, count and line; None is nothing that any term is about."""
        entry = item.entry
        assert entry is not None
        unknown = entry["is"] not in self.by_id
        concepts = self.of_list(item.list) if unknown else sorted(self.below(entry["is"]))
        if unknown:
            yield None
        first, last = days_of(entry["start"]) if "start" in entry else (-(10**6), 0)
        end = days_of(entry["end"]) if "end" in entry else None
        goes_on = entry.get("ongoing")
        if end and end[0] > 0:
            end, goes_on = None, True
        lines: Sequence[int | None] = [entry["line"]] if "line" in entry else [None, 1, 2, 3, 4]
        if not any(asked.term == "lines" for clause in self.clauses for asked in clause.terms):
            lines = [None]
        for concept in concepts:
            if concept in denied:
                continue
            for start, ended, count in self.happenings(concept):
                if not first <= start <= last:
                    continue
                if end and not (ended != GOES_ON and end[0] <= ended <= end[1]):
                    continue
                if goes_on is not None and goes_on is not (ended == GOES_ON):
                    continue
                if "times" in entry and self.lasts(concept) != "day" and count != 1:
                    continue
                number = entry.get("times", count) if self.lasts(concept) != "day" else 1
                for line in lines:
                    yield concept, start, ended, number, line

    def states(
        self, name: str, said: Sequence[Item], maybe: Sequence[Item], terms: Sequence[Asked]
    ) -> set[State]:
        """What histories of a list give the terms about it; entries of `maybe` may have happened or not."""
        denied = self.denied(said)
        closed = denied | self.closed(said, name)
        found = {tuple(_nothing(asked.term) for asked in terms)}
        join, counted = _joining(terms), [i for i, asked in enumerate(terms) if asked.term == "times"]

        def small(state: State) -> bool:
            return all(state[i] <= MOST for i in counted)

        def step(way: tuple[str, int, int, int, int | None] | None) -> State:
            if way is None:
                return tuple(_nothing(asked.term) for asked in terms)
            concept, *rest = way
            return tuple(
                _something(asked.term, *rest) if self.is_of(concept, asked.of) else _nothing(asked.term)
                for asked in terms
            )

        for item in (*said, *maybe):
            if item.entry is None or item.list != name:
                continue
            steps = {step(way) for way in self.ways(item, denied)}
            if item in maybe:
                steps.add(step(None))
            found = set(filter(small, (join(one, other) for one in found for other in steps)))
        numbers: Sequence[int | None] = [None]
        if any(asked.term == "lines" for asked in terms):
            numbers = [None, 1, 2, 3, 4]
        more = {
            step((concept, *event, line))
            for concept in self.of_list(name)
            if concept not in closed
            for event in self.happenings(concept)
            for line in numbers
        }
        # what two others give together needs no step of its own
        more -= {both for one, other in pairs_of(more, 2) if (both := join(one, other)) not in (one, other)}
        pending = list(found)
        while pending:
            state = pending.pop()
            new = set(filter(small, {join(state, one) for one in more} - found))
            found |= new
            pending += new
        return found

    # --- findings

    def finding_states(
        self, said: Sequence[Item], maybe: Sequence[Item], terms: Sequence[Asked]
    ) -> set[State]:
        """What the results leave of the terms about findings."""
        used = [(item, False) for item in said if item.list == "findings" and item.entry]
        used += [(item, True) for item in maybe if item.list == "findings" and item.entry]
        denied, closed = self.denied(said), self.closed(said, "findings")
        found: set[State] = set()
        choices = [
            self.result_days(item.entry or {}) + ([None] if optional else []) for item, optional in used
        ]
        # which comes before which is all that counts
        told_apart = {_ranks(days) for days in product(*self._telling_days(choices))}
        for ranks in sorted(told_apart, key=repr):
            results = [
                (i.entry or {}, rank) for (i, _), rank in zip(used, ranks, strict=True) if rank is not None
            ]
            if any(e["present"] and e["is"] in denied for e, _ in results):
                continue
            found |= self.findings_given(results, denied, closed, used, terms)
        return found

    @staticmethod
    def _telling_days(choices: Sequence[list[int | None]]) -> Iterator[list[int | None]]:
        """Of the days of each result some by which they can come in any order: beside each end as many as there are results."""
        written = [[day for day in days if day is not None] for days in choices]
        ends = {end for days in written for end in (days[0], days[-1])}
        kept = {None, *(end + by for end in ends for by in range(len(choices) + 1))}
        return ([day for day in days if day in kept] for days in choices)

    @staticmethod
    def result_days(entry: Entry) -> list[int | None]:
        """The days on which a result may have been; those before all that is written are one. One that is not used has none."""
        if "date" not in entry:
            return [*range(-60, 1)]
        first, last = days_of(entry["date"])
        return [*range(first, min(last, 0) + 1)]

    def findings_given(
        self,
        results: Sequence[tuple[Entry, int]],
        denied: set[str],
        closed: set[str],
        used: Sequence[tuple[Item, bool]],
        terms: Sequence[Asked],
    ) -> set[State]:
        """The states with results on these days."""
        names = self.of_list("findings")
        may: dict[str, tuple[bool, ...]] = {}
        counted: dict[str, list[Entry]] = {}
        for finding in names:
            bearing = [
                (entry, day)
                for entry, day in results
                if (
                    entry["is"] in self.below(finding)
                    if entry["present"]
                    else entry["is"] in self.above(finding)
                )
            ]
            latest = max((day for _, day in bearing), default=None)
            counted[finding] = [entry for entry, day in bearing if day == latest]
            may[finding] = tuple({bool(entry["present"]) for entry in counted[finding]}) or (False, True)
            listed = any(
                item.entry and item.entry["present"] and self.below(item.entry["is"]) & self.below(finding)
                for item, _ in used
            )
            if finding in denied or (finding in closed and not listed):
                may[finding] = tuple(value for value in may[finding] if not value)
        found = set()
        for values in product(*(may[name] for name in names)):
            world = dict(zip(names, values, strict=True))
            if any(world[n] and not world[up] for n in names for up in self.above(n) - {n}):
                continue
            each = [self.finding_values(asked, world, counted[asked.of.concept]) for asked in terms]
            found |= set(product(*each))
        return found

    @staticmethod
    def finding_values(asked: Asked, world: Mapping[str, bool], counted: Sequence[Entry]) -> list[Any]:
        """The values that one term may have."""
        if asked.term == "present":
            return [world[asked.of.concept]]
        own = [e["level"]["value"] for e in counted if e["is"] == asked.of.concept and "level" in e]
        every = [tick / 4 for tick in range(9)]
        if not own:
            return every
        return [value for value in every if min(own) <= value <= max(own)]

    # --- the diagnosis

    def diagnoses(self) -> list[str]:
        """What the disease treated now may be."""
        given = self.facts.get("diagnosis")
        every = [thing.id for thing in self.things if thing.kind == "diagnosis"]
        if given is None:
            return every
        written = given["one_of"] if isinstance(given, dict) else [given]
        return sorted({each for of in written for each in self.below(of)})

    # --- everything at once

    @cached_property
    def terms(self) -> list[Asked]:
        """Every term of the clauses, once, and what the values of the diagnosis tell."""
        found = dict.fromkeys(term for clause in self.clauses for term in clause.terms)
        told = [Asked("diagnosis", Of(value)) for value in self.values]
        return list(dict.fromkeys([*found, *told]))

    def worlds(
        self, said: Sequence[Item] | None = None, asked_of: Sequence[Asked] | None = None
    ) -> Iterator[dict[Asked, Any]]:
        """The values of all terms, or of some, in every history that what is said leaves; what is left out of it may be so or not."""
        said = self.items if said is None else said
        names = {item.name for item in said}
        recorded = [asked for asked in self.terms if asked.text() in names]
        terms = self.terms if asked_of is None else [*asked_of, *recorded]
        maybe = [item for item in self.items if item not in said and item.entry is not None]
        parts: list[tuple[list[Asked], list[State]]] = []
        for name in (*LISTS, "findings"):
            mine = [
                a
                for a in terms
                if a.of.concept in self.by_id and self.place_of(a) == name and a.term != "diagnosis"
            ]
            ask = self.finding_states if name == "findings" else None
            if mine or any(item.list == name for item in self.items):
                states = ask(said, maybe, mine) if ask else self.states(name, said, maybe, mine)
                parts.append((mine, sorted(states, key=repr)))
        about = [asked for asked in terms if asked.term == "diagnosis"]
        if about:
            kinds = [tuple(self.is_of(d, asked.of) for asked in about) for d in self.diagnoses()]
            parts.append((about, sorted(set(kinds))))
        if self.measured is not None and asked_of is None:
            each = zip(*self.measured.states(), strict=True)
            values = dict(zip((VALUE, LIMIT, MEASURED), each, strict=True))
            about = [asked for asked in (VALUE, LIMIT, MEASURED) if asked in terms]
            parts.append((about, sorted(set(zip(*(values[asked] for asked in about), strict=True)))))
        for states in product(*(states for _, states in parts)):
            world = {
                asked: len(value) if asked.term == "lines" else value
                for (mine, _), state in zip(parts, states, strict=True)
                for asked, value in zip(mine, state, strict=True)
            }
            if all(world[asked] == _bare(self.facts[asked.text()]) for asked in recorded):
                yield world

    def place_of(self, asked: Asked) -> str:
        """The list that a term is about."""
        return self.list_of(self.by_id[asked.of.concept].kind)

    def possible(self, said: Sequence[Item]) -> bool:
        """Whether some history agrees with what is said."""
        return next(self.worlds(said, ()), None) is not None

    def answer(self) -> dict[str, Any]:
        """Verdict, conflicts, deciding sets and contradictions, and how every clause stands."""
        found: dict[str, Any] = {"contradictions": (), "conflicts": (), "deciding_sets": (), "clauses": {}}
        worlds = [*self.worlds()]
        if not worlds:
            found["verdict"] = "withheld"
            found["contradictions"] = self.smallest(self.items, lambda kept: not self.possible(kept))
            return found
        truths = [tuple(clause.holds(world) for clause in self.clauses) for world in worlds]
        for i, _ in enumerate(self.clauses):
            values = {truth[i] for truth in truths}
            found["clauses"][f"T.I{i}"] = {(True,): "met", (False,): "not_met"}.get(tuple(values), "open")
        verdicts = {all(truth) for truth in truths}
        if len(verdicts) == 1:
            found["verdict"] = "eligible" if verdicts.pop() else "ineligible"
            if found["verdict"] == "ineligible":
                seen = set(truths)
                found["conflicts"] = _minimal(
                    [f"T.I{i}" for i, _ in enumerate(self.clauses)],
                    lambda kept: not any(all(t[int(c[3:])] for c in kept) for t in seen),
                )
            return found
        found["verdict"] = "undetermined"
        names = sorted({asked.known_as for clause in self.clauses for asked in clause.terms})
        pairs = {
            (tuple((asked, world[asked]) for asked in self.terms), all(truth))
            for world, truth in zip(worlds, truths, strict=True)
        }

        def decides(kept: Iterable[str]) -> bool:
            seen: dict[Any, bool] = {}
            for values, truth in pairs:
                key = tuple(value for asked, value in values if asked.known_as in kept)
                if seen.setdefault(key, truth) is not truth:
                    return False
            return True

        found["deciding_sets"] = _minimal(names, decides)
        return found

    @staticmethod
    def smallest(
        items: Sequence[Item], holds: Callable[[Sequence[Item]], bool]
    ) -> tuple[tuple[str, ...], ...]:
        """All minimal sets of items with a property, by name."""
        by_name = {item.name: item for item in items}
        return _minimal(sorted(by_name), lambda kept: holds([by_name[name] for name in kept]))

    # --- as files

    def concepts_file(self) -> dict[str, Any]:
        """The file of concepts."""
        found = []
        for thing in self.things:
            entry: dict[str, Any] = {"id": thing.id, "kind": thing.kind, "label": f"the {thing.id}"}
            if thing.broader:
                entry["broader"] = list(thing.broader)
            if thing.lasts:
                entry["lasts"] = thing.lasts
            if thing.half_life:
                entry["half_life"] = f"{thing.half_life} d"
            if thing.kind == "finding":
                entry["level"] = "1"
            found.append(entry)
        return {"concepts": found}

    def vocabulary(self, shared: Mapping[str, Any]) -> dict[str, Any]:
        """The file of variables: those shared, and the diagnosis where there is one."""
        variables = [*shared["variables"], *map(_variable_meaning, self.terms)]
        if self.measured is not None:
            variables.append(
                {
                    **_VARIABLE,
                    "name": QUANTITY,
                    "type": "quantity",
                    "unit": "U/L",
                    "reference": {"uln": ["1 U/L", "4 U/L"]},
                }
            )
        variables = [each for each in variables if each]
        if not self.values:
            return {"variables": variables}
        diagnosis = {
            "name": "diagnosis",
            "type": "concept",
            "kind": "diagnosis",
            "values": list(self.values),
            "label": "the diagnosis",
            "changes": "never",
            "about": "The disease treated now.",
        }
        return {"variables": [*variables, diagnosis]}

    def record(self) -> dict[str, Any]:
        """The record."""
        found: dict[str, Any] = {"id": "twin", "as_of": AS_OF.isoformat(), "facts": dict(self.facts)}
        if self.measured is not None:
            found["facts"] |= self.measured.record()
            found |= self.measured.context()
        if self.never:
            found["never"] = list(self.never)
        if self.complete:
            found["complete"] = list(self.complete)
        return found


_VARIABLE = {"label": "a variable", "changes": "test", "about": "Invented."}
_TYPES = {
    "ever": "boolean",
    "current": "boolean",
    "times": "integer",
    "present": "boolean",
    "level": "quantity",
}


def _variable_meaning(asked: Asked) -> dict[str, Any]:
    """The variable that means a term; empty where there is none."""
    if asked.alias is None or asked.term not in _TYPES:
        return {}
    unit = {"unit": "1"} if asked.term == "level" else {}
    means = replace(asked, alias=None).text()
    return {**_VARIABLE, **unit, "name": asked.alias, "type": _TYPES[asked.term], "means": means}


def _bare(fact: Any) -> Any:
    """The value of a fact."""
    return fact["value"] if isinstance(fact, dict) else fact


def without_lists(situation: Situation) -> Situation:
    """The same, of which nothing is said to be complete."""
    return replace(situation, complete=())


def _minimal(names: Sequence[str], holds: Callable[[Sequence[str]], bool]) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for size in range(len(names) + 1):
        for kept in combinations(names, size):
            if not any(set(one) <= set(kept) for one in found) and holds(kept):
                found.append(kept)
    return tuple(found)


def _nothing(term: str) -> Any:
    return {
        "ever": False,
        "current": False,
        "first_start": GOES_ON,
        "last_start": NEVER_YET,
        "last_end": NEVER_YET,
        "times": 0,
        "lines": frozenset(),
    }[term]


def _something(term: str, start: int, end: int, count: int, line: int | None) -> Any:
    return {
        "ever": True,
        "current": end == GOES_ON,
        "first_start": start,
        "last_start": start,
        "last_end": end,
        "times": count,
        "lines": frozenset() if line is None else frozenset({line}),
    }[term]


_Join = Callable[[Any, Any], Any]


def _first_of(a: Any, b: Any) -> Any:
    return a if a < b else b


def _last_of(a: Any, b: Any) -> Any:
    return a if a > b else b


_JOIN: dict[str, _Join] = {
    "ever": or_,
    "current": or_,
    "first_start": _first_of,
    "last_start": _last_of,
    "last_end": _last_of,
    "times": add,
    "lines": or_,
}


def _joining(terms: Sequence[Asked]) -> Callable[[State, State], State]:
    """What two parts of a history give the terms together; most of the time goes into this."""
    match [_JOIN[asked.term] for asked in terms]:
        case []:
            return lambda one, other: ()
        case [f]:
            return lambda one, other: (f(one[0], other[0]),)
        case [f, g]:
            return lambda one, other: (f(one[0], other[0]), g(one[1], other[1]))
        case [f, g, h]:
            return lambda one, other: (f(one[0], other[0]), g(one[1], other[1]), h(one[2], other[2]))
        case joins:
            return lambda one, other: tuple([f(a, b) for f, a, b in zip(joins, one, other, strict=True)])


def _ranks(days: Sequence[int | None]) -> tuple[int | None, ...]:
    """The places of days in their order."""
    order = sorted({day for day in days if day is not None})
    return tuple(None if day is None else order.index(day) for day in days)


# --- drawing situations


def drawn(seed: int) -> Situation:
    """A random situation."""
    return _Draw(random.Random(seed)).situation()


_DATES = ("2026-11-20", "2026-11-10", "2026-10-31", "2026-10", "2026-09-20", "2026-11", "2026-12-24", "2027")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
}


class _Draw:
    """Draws one situation; `near` are the days that its clauses turn on, and `apart` is how far they set events apart."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.near, self.apart = chance, set[int](), 0
        self.named: dict[tuple[str, Of], Asked] = {}
        self.measures = False

    def situation(self) -> Situation:
        chance = self.chance
        kinds = chance.choice(
            [["therapy"], ["therapy"], ["condition"], ["finding"], ["therapy", "finding"], ["condition"]]
        )
        things = [thing for kind in kinds for thing in self.tree(kind)]
        if kinds == ["condition"] and chance.random() < 0.7:
            top = chance.choice(things).id
            things += [
                Thing("dx", "diagnosis", (top,)),
                Thing("dy", "diagnosis", chance.choice([(), ("dx",)])),
            ]
        things = _sound(things)
        clauses = tuple(self.clause(things) for _ in range(chance.choice([1, 1, 2, 3])))
        facts: dict[str, Any] = {}
        for kind in kinds:
            name = Situation.list_of(kind)
            entries = [self.entry(things, name) for _ in range(chance.choice([0, 1, 1, 2, 3]))]
            entries = [entry for i, entry in enumerate(entries) if entry not in entries[:i]]
            if entries or chance.random() < 0.5:
                facts[name] = entries
        diagnoses = [thing.id for thing in things if thing.kind == "diagnosis"]
        if diagnoses and chance.random() < 0.5:
            facts["diagnosis"] = chance.choice([*diagnoses, {"one_of": diagnoses}])
        ids = [thing.id for thing in things]
        never = chance.sample(ids, chance.choice([0, 0, 0, 1, 2]) if len(ids) > 1 else 0)
        lists = [Situation.list_of(kind) for kind in kinds]
        pool = [*lists, *lists, *ids]
        complete = dict.fromkeys(chance.choice(pool) for _ in range(chance.choice([0, 0, 1, 2])))
        for asked in self.named.values():
            if asked.alias is not None and chance.random() < 0.3:
                facts[asked.alias] = self.alias_fact(asked.term)
        near = tuple(sorted(self.near))
        values = tuple(chance.sample(diagnoses, 1)) if diagnoses else ()
        return Situation(
            tuple(things),
            facts,
            tuple(never),
            tuple(complete),
            clauses,
            near,
            values,
            self.apart,
            self.results() if self.measures else None,
        )

    def asked(self, term: str, of: Of) -> Asked:
        """A term, which some clauses of a trial write as the variable that means it, and then all."""
        alias = f"{term}_variable_{len(self.named)}" if self.chance.random() < 0.25 else None
        return self.named.setdefault((term, of), Asked(term, of, alias))

    def alias_fact(self, term: str) -> Any:
        """What a record says of a variable that means a term."""
        if term == "level":
            return {"value": self.chance.choice([0.25, 0.5, 1]), "unit": "1"}
        return self.chance.choice([0, 1, 2] if term == "times" else [False, True])

    def results(self) -> Measured:
        """What a record says of the quantity."""
        chance = self.chance
        site = chance.choice([None, None, 1.5, 2])
        way = chance.choice(["none", "one", "one", "several"])
        if way == "none":
            return Measured(None, site)
        some = [
            self.result(several=way == "several") for _ in range(1 if way == "one" else chance.randint(2, 3))
        ]
        some = [each for i, each in enumerate(some) if each not in some[:i]]
        return Measured(some if way == "several" else some[0], site)

    def result(self, *, several: bool) -> dict[str, Any]:
        """A result of the quantity."""
        chance = self.chance
        entry: dict[str, Any] = {"unit": "U/L" if several else chance.choice(["U/L", "U/L", "ULN"])}
        low, high = sorted(chance.sample([0.5, 1, 1.5, 2], 2))
        entry |= {"value": low} if several or chance.random() < 0.7 else {"min": low, "max": high}
        if not several and entry["unit"] == "U/L" and chance.random() < 0.4:
            entry["uln"] = chance.choice([1, 2, 3])
        if several or chance.random() < 0.6:
            days = ["2026-11-20", "2026-11-10", "2026-10-31", "2026-12-24"]
            entry["date"] = chance.choice(days if several else [*days[:3], "2026-11"])
        return entry

    def quantity_atom(self) -> Clause:
        """A clause about the quantity: its value, its multiple of the limit of normal, or its day."""
        chance, self.measures = self.chance, True
        sign = chance.choice(["<=", ">"])
        test, way = _OPERATORS[sign], chance.choice(["value", "limit", "limit", "day"])
        number = chance.choice([1, 2])
        if way == "value":
            return Clause(f"{QUANTITY} {sign} {number} U/L", (VALUE,), lambda at: test(at[VALUE], number))
        if way == "limit":
            text = f"{QUANTITY} {sign} {number} ULN"
            return Clause(text, (VALUE, LIMIT), lambda at: test(at[VALUE], number * at[LIMIT]))
        days = chance.choice([10, 20])
        text = f"measured({QUANTITY}) + {days} d {sign} as_of"
        return Clause(text, (MEASURED,), lambda at: test(at[MEASURED] + days, 0))

    def tree(self, kind: str) -> list[Thing]:
        chance, found = self.chance, list[Thing]()
        for name in [f"{kind[0]}{letter}" for letter in "abcd"[: chance.choice([2, 3, 3, 4])]]:
            parents = [thing.id for thing in found]
            some = chance.sample(parents, min(len(parents), chance.choice([0, 1, 1, 2])))
            lasts = chance.choice([None, None, None, "span", "day", "life"]) if kind != "finding" else None
            half_life = 5 if not some and kind != "finding" and chance.random() < 0.3 else None
            found.append(Thing(name, kind, tuple(sorted(some)), lasts, half_life))
        return found

    def entry(self, things: Sequence[Thing], name: str) -> dict[str, Any]:
        chance = self.chance
        kinds = OF_LIST.get(name, ("finding",))
        able = [thing.id for thing in things if thing.kind in kinds]
        model = Situation(tuple(things), {}, (), (), ())
        entry: dict[str, Any] = {"is": chance.choice([*able, *able, "XYZ-123"])}
        if name == "findings":
            entry["is"] = chance.choice(able)
            entry["present"] = chance.random() < 0.6
            if entry["present"] and chance.random() < 0.5:
                entry["level"] = {"value": chance.choice([0.25, 0.5, 1]), "unit": "1"}
            if chance.random() < 0.8:
                entry["date"] = chance.choice(
                    ["2026-11-20", "2026-11-10", "2026-11", "2026-10-31", "2026-12-24"]
                )
            return entry
        lasts = "span" if entry["is"] == "XYZ-123" else model.lasts(entry["is"])
        if chance.random() < 0.7:
            entry["start"] = chance.choice(_DATES)
        if lasts == "span":
            way = chance.random()
            if way < 0.4:
                entry["end"] = chance.choice(_DATES)
            elif way < 0.6:
                entry["ongoing"] = chance.random() < 0.6
            if chance.random() < 0.3:
                entry["times"] = chance.choice([1, 2, 3])
        if name == "therapies" and chance.random() < 0.3:
            entry["line"] = chance.choice([1, 2, 3])
        start, end = (days_of(entry[key]) if key in entry else None for key in ("start", "end"))
        if end and start and (end[1] < start[0] or (start[0] <= 0 and end[1] < min(start[0], 0))):
            del entry["end"]
        return entry

    def of(self, things: Sequence[Thing], kind: str) -> Of:
        chance = self.chance
        model = Situation(tuple(things), {}, (), (), ())
        able = [t.id for t in things if t.kind == kind or (kind == "condition" and t.kind == "diagnosis")]
        concept = chance.choice(able)
        others = [
            t
            for t in able
            if t != concept and model.below(t) & model.below(concept) and t not in model.above(concept)
        ]
        but = chance.sample(others, 1) if others and chance.random() < 0.3 else []
        return Of(concept, tuple(but))

    def atom(self, things: Sequence[Thing]) -> Clause:
        chance = self.chance
        if chance.random() < 0.15:
            return self.quantity_atom()
        kinds = sorted({thing.kind for thing in things})
        kind = chance.choice(kinds)
        if kind == "diagnosis" or (kind == "condition" and "diagnosis" in kinds and chance.random() < 0.3):
            able = [thing.id for thing in things if thing.kind == "diagnosis"]
            asked = Asked("diagnosis", Of(chance.choice(able)))
            return Clause(asked.text(), (asked,), lambda at: at[asked])
        if kind == "finding":
            finding = Of(chance.choice([thing.id for thing in things if thing.kind == "finding"]))
            if chance.random() < 0.6:
                there = self.asked("present", finding)
                return Clause(there.text(), (there,), lambda at: at[there])
            level, limit = self.asked("level", finding), chance.choice([0.25, 0.5, 1])
            sign = chance.choice(["<=", ">"])
            return Clause(
                f"{level.text()} {sign} {limit}", (level,), lambda at: _OPERATORS[sign](at[level], limit)
            )
        return self.event_atom(self.of(things, kind), things, kind)

    def event_atom(self, of: Of, things: Sequence[Thing], kind: str) -> Clause:
        chance = self.chance
        way = chance.choice(
            ["ever", "ever", "current", "within", "months", "offset", "date", "two", "times", "lines"]
        )
        if way == "lines" and kind != "therapy":
            way = "ever"
        if way in ("ever", "current"):
            plain = self.asked(way, of)
            return Clause(plain.text(), (plain,), lambda at: at[plain])
        if way in ("within", "months"):
            end, many = Asked("last_end", of), chance.choice([1, 2])
            days = chance.choice([5, 10, 21])
            half_life = next(thing.half_life for thing in things if thing.id == of.concept)
            if way == "within" and half_life is not None:
                length = half_life * many
                self.near.add(-length)
                text = f"within({of.text()}, {many} half_lives)"
                return Clause(text, (end,), lambda at: days_later(at[end], length) > 0)
            if way == "within":
                self.near.add(-days)
                return Clause(
                    f"within({of.text()}, {days} d)", (end,), lambda at: days_later(at[end], days) > 0
                )
            self.near |= {months_later(0, -many)}
            return Clause(
                f"within({of.text()}, {many} mo)", (end,), lambda at: months_later(at[end], many) > 0
            )
        day = Asked(chance.choice(["first_start", "last_start", "last_end"]), of)
        sign = chance.choice(["<", "<=", ">", ">="])
        test = _OPERATORS[sign]
        if way == "offset":
            by = chance.choice([0, 10, 20])
            self.near.add(-by)
            return Clause(
                f"{day.text()} + {by} d {sign} as_of", (day,), lambda at: test(days_later(at[day], by), 0)
            )
        if way == "date":
            at_day = chance.choice(["2026-10-31", "2026-11-10"])
            number = days_of(at_day)[0]
            self.near.add(number)
            return Clause(f"{day.text()} {sign} {at_day}", (day,), lambda at: test(at[day], number))
        if way == "two":
            other = Asked(chance.choice(["first_start", "last_start", "last_end"]), self.of(things, kind))
            by = chance.choice([0, 0, 3])
            self.apart += by
            left = f"{day.text()} + {by} d" if by else day.text()
            both = tuple(dict.fromkeys((day, other)))
            return Clause(
                f"{left} {sign} {other.text()}", both, lambda at: test(days_later(at[day], by), at[other])
            )
        limit = chance.choice([1, 2])
        often = self.asked(way, of) if way == "times" else Asked(way, of)
        return Clause(f"{often.text()} {sign} {limit}", (often,), lambda at: test(at[often], limit))

    def clause(self, things: Sequence[Thing]) -> Clause:
        chance, one = self.chance, self.atom(things)
        way = chance.random()
        if way < 0.3:
            return Clause(f"not ({one.text})", one.terms, lambda at: not one.holds(at))
        if way < 0.55:
            other = self.atom(things)
            both = tuple(dict.fromkeys((*one.terms, *other.terms)))
            if chance.random() < 0.5:
                return Clause(
                    f"({one.text}) or ({other.text})", both, lambda at: one.holds(at) or other.holds(at)
                )
            return Clause(
                f"({one.text}) implies ({other.text})", both, lambda at: not one.holds(at) or other.holds(at)
            )
        return one


def _sound(things: list[Thing]) -> list[Thing]:
    """The same tree, in which two that last differently never stand above one that does not say how it lasts."""
    found: list[Thing] = []
    for thing in things:
        model = Situation(tuple(found), {}, (), (), ())
        said = {model.lasts(parent) for parent in thing.broader}
        if thing.lasts is None and len(said) > 1:
            thing = Thing(thing.id, thing.kind, thing.broader, "span", thing.half_life)
        found.append(thing)
    return found
