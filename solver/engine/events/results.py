"""Findings, as hidden variables: what is there of each part of the tree, and which of the results count.

A positive result speaks for everything broader, a negative one against everything narrower. Of the results that bear on a finding those of
the latest day count; on the day of a result that is not known exactly, every order is looked at.
"""

from __future__ import annotations

from fractions import Fraction

from solver.dataclass import dataclass
from solver.engine.events.closing import Closures
from solver.engine.events.extension import (
    NEVER_YET,
    Extension,
    at_most,
    choice,
    equivalence,
    largest,
    number,
    same,
    within_days,
)
from solver.language import tree as t
from solver.language.concepts import ConceptSet, ConceptTree
from solver.language.domain import Interval
from solver.language.values import ConceptTerm
from solver.library.concepts.parts import SortedConcepts
from solver.patient.happened import FindingResult


@dataclass(frozen=True)
class _Given:
    """A result of the record, with the condition that it was so and its day."""

    result: FindingResult
    said: t.Condition
    day: t.Term


class ResultsOfFindings:
    """The findings of a record."""

    def __init__(
        self, extension: Extension, tree: ConceptTree, parts: SortedConcepts, closures: Closures
    ) -> None:
        self.extension, self.tree, self.parts, self.closures = extension, tree, parts, closures
        self.given: list[_Given] = []
        self.found: dict[str, t.Condition] = {}

    def add_result(self, result: FindingResult, said: t.Condition) -> None:
        """A result of the record, which was so if `said` holds."""
        if result.days is not None and result.days.exact:
            day: t.Term = number(int(result.days.low))
        else:
            day = self.extension.hidden_day(f"day of {result.name}")
            if result.days is not None:
                self.extension.say(f"{result.name}, as recorded", within_days(day, result.days))
        if result.present and result.concept is not None:
            denied = self.closures.all_denied([result.concept])
            if denied != t.FALSE:
                spoken = f"{result.name} is not of what was never found"
                self.extension.say(spoken, t.negation(t.conjunction([said, denied])))
        self.given.append(_Given(result, said, day))

    def add_parts(self) -> None:
        """What is there of each part that something asks about."""
        listed = [each.result for each in self.given if each.result.present]
        anything = any(result.concept is None for result in listed)
        for part in self.parts.parts:
            if not self.parts.asked[part.name]:
                continue
            flag = self.found[part.name] = self.extension.hidden_flag(f"findings, {part.name}")
            reasons = []
            for concept in part.members:
                open_ = anything or any(
                    result.concept is not None and self.tree.overlap(concept, result.concept)
                    for result in listed
                )
                reasons.append(self.closures.denied(concept) if open_ else self.closures.closed(concept))
            closed = self.closures.none_left(reasons)
            said = "nothing was found that was never found, or beyond what is complete"
            self.extension.say(said, t.negation(t.conjunction([closed, flag])))

    def define(self, term: ConceptTerm) -> None:
        """What a term about findings is."""
        assert term.of is not None
        if term.question == "present":
            self._define_present(term, term.of)
        elif term.question == "level":
            self._define_level(term, term.of)
        else:
            self._define_day(term, term.of)

    def _bearing(self, of: ConceptSet) -> list[_Given]:
        """The results that say something of a set: positive ones of a part of it, negative ones of all of it."""
        members = self.tree.members(of)
        found = []
        for each in self.given:
            concept = each.result.concept
            if concept is None:
                continue
            about = self.tree.narrower(concept)
            if (about <= members) if each.result.present else (members <= about):
                found.append(each)
        return found

    def _counting(self, of: ConceptSet) -> tuple[t.Condition, t.Term, list[tuple[_Given, t.Condition]]]:
        """Whether there is a result of a set, the latest day of one, and of each whether it counts."""
        bearing = self._bearing(of)
        latest = largest([choice(each.said, each.day, NEVER_YET) for each in bearing], NEVER_YET)
        some = t.disjunction(each.said for each in bearing)
        return some, latest, [(e, t.conjunction([e.said, same(e.day, latest)])) for e in bearing]

    def _define_present(self, term: ConceptTerm, of: ConceptSet) -> None:
        value = t.BooleanVariable(term.name)
        there = t.disjunction(self.found[part.name] for part in self.parts.inside[of.text])
        self.extension.say(f"what is there of {of.text}", equivalence(value, there))
        some, _, counting = self._counting(of)
        label = f"of the results of {of.text} those of the latest day count"
        for present in (True, False):
            for_it = t.disjunction(counts for each, counts in counting if each.result.present is present)
            holds = value if present else t.negation(value)
            self.extension.say(label, t.implication(t.conjunction([some, holds]), for_it))

    def _define_level(self, term: ConceptTerm, of: ConceptSet) -> None:
        _, _, counting = self._counting(of)
        own = [
            (each.result.level, counts)
            for each, counts in counting
            if each.result.concept == of.concept and each.result.level is not None
        ]
        if not own:
            return
        level = t.NumberVariable(term.name, "real")
        some = t.disjunction(counts for _, counts in own)
        above = t.disjunction(t.conjunction([counts, _at_least(level, each)]) for each, counts in own)
        below = t.disjunction(t.conjunction([counts, _at_most(level, each)]) for each, counts in own)
        label = f"the level of {of.text} is that of the results that count"
        self.extension.say(label, t.implication(some, above))
        self.extension.say(label, t.implication(some, below))

    def _define_day(self, term: ConceptTerm, of: ConceptSet) -> None:
        some, latest, counting = self._counting(of)
        if not counting:
            return
        day = t.NumberVariable(term.name, "date")
        same_day = t.Compare("==", day, latest)
        self.extension.say(f"the day of the result of {of.text} that counts", t.implication(some, same_day))


def _at_least(level: t.Term, days: Interval) -> t.Condition:
    if isinstance(days.low, float):
        return t.TRUE
    low = number(Fraction(days.low))
    return t.Compare("<", low, level) if days.low_open else at_most(low, level)


def _at_most(level: t.Term, days: Interval) -> t.Condition:
    if isinstance(days.high, float):
        return t.TRUE
    high = number(Fraction(days.high))
    return t.Compare("<", level, high) if days.high_open else at_most(level, high)
