"""Events of one list, as hidden variables: each entry of the record, and whatever else happened of each part of the tree.

What is asked of a set of concepts is the `or`, the least, the largest or the sum over the entries and parts inside it. That is exact: an
entry is of one concept, so that it chooses one part, and whatever else happened of a part is as good as any other that begins, ends and
counts alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.dataclass import dataclass
from solver.engine.events.closing import Closures
from solver.engine.events.extension import (
    GOES_ON,
    NEVER_YET,
    Extension,
    at_most,
    choice,
    equivalence,
    largest,
    minus,
    number,
    same,
    within_days,
)
from solver.language import tree as t
from solver.language.concepts import ConceptTree
from solver.language.values import ConceptTerm
from solver.library.concepts.parts import ConceptPart, SortedConcepts
from solver.patient.happened import Event

MOST_LINES = 12
"""Lines of treatment are numbered from 1 to so many."""

_NOTHING = "nothing"
"""What an entry is of whose name is not known, if it is of nothing in the tree."""


def rest_of(name: str, part: ConceptPart) -> str:
    """What the hidden variables call whatever else happened of a part, of a list."""
    return f"{name}, {part.name}"


@dataclass(frozen=True)
class Happening:
    """Something that happened, or may have: `parts` are those that it may be of, and `of` says when it is of some of them.

    It began between `first` and `last`, which are one day of an entry, and ended on the day `ended` unless it `goes_on`. `line` says when
    it belongs to a line of treatment.
    """

    parts: frozenset[str]
    of: Callable[[frozenset[str]], t.Condition]
    first: t.Term
    last: t.Term
    ended: t.Term
    goes_on: t.Condition
    count: t.Term
    line: Callable[[int], t.Condition]

    def inside(self, parts: Sequence[ConceptPart]) -> t.Condition:
        """That it is of one of the parts."""
        names = frozenset(part.name for part in parts) & self.parts
        return self.of(names) if names else t.FALSE

    @property
    def end(self) -> t.Term:
        """The last day of it, after every day where it goes on."""
        return choice(self.goes_on, GOES_ON, self.ended)


class HappeningsOfList:
    """The events of one list of a record."""

    def __init__(
        self,
        extension: Extension,
        tree: ConceptTree,
        parts: SortedConcepts,
        closures: Closures,
    ) -> None:
        self.extension, self.tree, self.parts, self.closures = extension, tree, parts, closures
        self.happenings: list[Happening] = []

    # --- entries

    def add_entry(self, event: Event, said: t.Condition) -> None:
        """An entry of the record, which happened if `said` holds; what can be stopped happened, and goes on if `said` holds."""
        stays = t.TRUE
        if event.stops_on is not None:
            said, stays = t.TRUE, said
        able = self._able_parts(event)
        names = [part.name for part in able]
        if event.concept is None:
            names.append(_NOTHING)
        label = f"{event.name} is an event of one concept, and begins before it ends"
        if not names:
            self.extension.say(label, t.negation(said))
            return
        chosen = None
        if len(names) > 1:
            chosen = self.extension.hidden_kind(f"what {event.name} is of", tuple(names))

        def of(wanted: frozenset[str]) -> t.Condition:
            if chosen is None or wanted.issuperset(names):
                return said
            return t.conjunction([said, t.Member(chosen, wanted)])

        def is_part(part: ConceptPart) -> t.Condition:
            return t.TRUE if chosen is None else t.Member(chosen, frozenset({part.name}))

        for part in able:
            left = self._concepts_of(event) & part.members
            denied = self.closures.all_denied(left)
            if denied != t.FALSE:
                spoken = f"{event.name} is not of what never happened"
                self.extension.say(spoken, t.negation(t.conjunction([said, is_part(part), denied])))
        asked = frozenset[str]().union(*(self.parts.asked[part.name] for part in able))
        start = self._start_of(event)
        goes_on, ended, conditions = self._end_of(event, start, able, is_part, stays)
        self.extension.say(label, t.conjunction(conditions))
        count = self._count_of(event, able, is_part) if "times" in asked else number(1)
        line = self._line_of(event, asked)
        self.happenings.append(Happening(frozenset(names), of, start, start, ended, goes_on, count, line))

    def _concepts_of(self, event: Event) -> frozenset[str]:
        if event.concept is None:
            return frozenset(self.parts.of)
        return self.tree.narrower(event.concept) & self.parts.of.keys()

    def _able_parts(self, event: Event) -> list[ConceptPart]:
        """The parts that an entry can be of, by its name and how it lasted."""
        concepts = self._concepts_of(event)
        return [
            part
            for part in self.parts.parts
            if not concepts.isdisjoint(part.members) and self._can_last(event, part)
        ]

    def _can_last(self, event: Event, part: ConceptPart) -> bool:
        if part.lasts == "life":
            return event.end is None and event.goes_on is not False
        if part.lasts == "day":
            if event.goes_on:
                return False
            apart = event.end and event.start and (event.end.low > event.start.high)
            return not apart
        return True

    def _start_of(self, event: Event) -> t.Term:
        if event.start is not None and event.start.exact:
            return number(int(event.start.low))
        day = self.extension.hidden_day(f"start of {event.name}")
        if event.start is not None:
            self.extension.say(f"{event.name}, as recorded", within_days(day, event.start))
        return day

    def _end_of(
        self,
        event: Event,
        start: t.Term,
        able: Sequence[ConceptPart],
        is_part: Callable[[ConceptPart], t.Condition],
        stays: t.Condition,
    ) -> tuple[t.Condition, t.Term, list[t.Condition]]:
        """Whether it goes on, the day on which it ended if not, and what holds of these; what goes on does so while it `stays`."""
        lasting = {part.lasts for part in able}
        if lasting == {"day"} and event.end is None:
            return t.FALSE, start, []
        if lasting == {"life"}:
            return t.TRUE, start, []
        if event.goes_on:
            lives = [t.implication(is_part(part), stays) for part in able if part.lasts == "life"]
            return stays, start if event.stops_on is None else number(event.stops_on), lives
        goes_on: t.Condition = t.FALSE
        if event.end is None and event.goes_on is None:
            goes_on = self.extension.hidden_flag(f"{event.name} goes on")
        ended: t.Term
        conditions = []
        if event.end is not None and event.end.exact:
            ended = number(int(event.end.low))
        else:
            ended = self.extension.hidden_day(f"end of {event.name}")
            if event.end is not None:
                conditions.append(within_days(ended, event.end))
        conditions.append(at_most(start, ended))
        for part in able:
            if part.lasts == "day":
                one_day = t.conjunction([t.negation(goes_on), same(ended, start)])
                conditions.append(t.implication(is_part(part), one_day))
            elif part.lasts == "life":
                conditions.append(t.implication(is_part(part), goes_on))
        return goes_on, ended, conditions

    def _count_of(
        self, event: Event, able: Sequence[ConceptPart], is_part: Callable[[ConceptPart], t.Condition]
    ) -> t.Term:
        days = [part for part in able if part.lasts == "day"]
        if len(days) == len(able) and able:
            return number(1)
        count: t.Term
        if event.times is not None:
            count = number(event.times)
        else:
            count = self.extension.hidden_count(f"times of {event.name}")
            self.extension.say(f"{event.name} counts once or more", at_most(number(1), count))
        return choice(t.disjunction(map(is_part, days)), number(1), count)

    def _line_of(self, event: Event, asked: frozenset[str]) -> Callable[[int], t.Condition]:
        if event.line is not None or "lines" not in asked:
            return lambda line: t.Truth(line == event.line)
        chosen = self.extension.hidden_count(f"line of {event.name}")
        self.extension.say(f"{event.name} is of one line, or of none", at_most(chosen, number(MOST_LINES)))
        return lambda line: same(chosen, number(line))

    # --- what is not written down

    def add_rest(self) -> None:
        """Whatever else happened of each part."""
        for part in self.parts.parts:
            if self.parts.asked[part.name]:
                self._add_rest_of(part)

    def _add_rest_of(self, part: ConceptPart) -> None:
        extension, about = self.extension, rest_of(self.closures.name, part)
        asked = self.parts.asked[part.name]
        closed = self.closures.all_closed(part.members)
        if closed == t.TRUE:
            return
        more = extension.hidden_flag(f"more of {about}")
        extension.say("nothing more happened of what is complete", t.negation(t.conjunction([closed, more])))
        first = extension.hidden_day(f"first start of {about}")
        several = not asked.isdisjoint({"last_start", "last_end", "current", "times", "lines"})
        last = extension.hidden_day(f"last start of {about}") if several else first
        conditions = [at_most(first, last)] if several else []
        goes_on: t.Condition = t.Truth(part.lasts == "life")
        ended = last
        if part.lasts == "span" and asked & {"last_end", "current"}:
            goes_on = extension.hidden_flag(f"{about} goes on")
            ended = extension.hidden_day(f"last end of {about}")
            conditions.append(at_most(last, ended))
        count, line = self._rest_counted(about, asked, same(first, last), conditions)
        # of what did not happen the days may stay open
        ordered = t.implication(more, t.conjunction(conditions))
        extension.say(f"{about}: the first begins before the last ends", ordered)
        self.happenings.append(
            Happening(frozenset({part.name}), lambda _: more, first, last, ended, goes_on, count, line)
        )

    def _rest_counted(
        self, about: str, asked: frozenset[str], at_once: t.Condition, conditions: list[t.Condition]
    ) -> tuple[t.Term, Callable[[int], t.Condition]]:
        """How often more of a part happened, and in which lines; what holds of these goes to `conditions`."""
        if asked.isdisjoint({"times", "lines"}):
            return number(1), lambda line: t.FALSE
        count = self.extension.hidden_count(f"times of {about}")
        conditions += [
            at_most(number(1), count),
            t.implication(at_most(count, number(1)), at_once),
        ]
        if "lines" not in asked:
            return count, lambda line: t.FALSE
        flags = [self.extension.hidden_flag(f"{about} in line {i + 1}") for i in range(MOST_LINES)]
        conditions.append(at_most(t.Count(tuple(flags)), count))
        return count, lambda line: flags[line - 1]

    # --- what is asked

    def define(self, term: ConceptTerm) -> None:
        """What a term about the list is."""
        assert term.of is not None
        parts, name = self.parts.inside[term.of.text], term.name
        inside = [(each, held) for each in self.happenings if (held := each.inside(parts)) != t.FALSE]
        label = f"what happened of {term.of.text}"
        match term.question:
            case "ever":
                found = t.disjunction(held for _, held in inside)
                self.extension.say(label, equivalence(t.BooleanVariable(name), found))
            case "current":
                found = t.disjunction(t.conjunction([held, each.goes_on]) for each, held in inside)
                self.extension.say(label, equivalence(t.BooleanVariable(name), found))
            case "first_start":
                ends = [choice(held, minus(each.first), minus(GOES_ON)) for each, held in inside]
                self._say_number(label, name, "date", minus(largest(ends, minus(GOES_ON))))
            case "last_start":
                days = [choice(held, each.last, NEVER_YET) for each, held in inside]
                self._say_number(label, name, "date", largest(days, NEVER_YET))
            case "last_end":
                days = [choice(held, each.end, NEVER_YET) for each, held in inside]
                self._say_number(label, name, "date", largest(days, NEVER_YET))
            case "times":
                counts = tuple(choice(held, each.count, number(0)) for each, held in inside)
                total: t.Term = t.Sum((*counts, number(0))) if counts else number(0)
                self._say_number(label, name, "int", total)
            case "lines":
                used = tuple(self._line_used(inside, line) for line in range(1, MOST_LINES + 1))
                self._say_number(label, name, "int", t.Count(used))

    @staticmethod
    def _line_used(inside: Sequence[tuple[Happening, t.Condition]], line: int) -> t.Condition:
        return t.disjunction(t.conjunction([held, each.line(line)]) for each, held in inside)

    def _say_number(self, label: str, name: str, kind: t.Kind, term: t.Term) -> None:
        self.extension.say(label, t.Compare("==", t.NumberVariable(name, kind), term))
