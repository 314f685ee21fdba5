"""How each clause of a trial stands for one patient, in the words of the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from solver.engine.answer import ClauseAnswer, CohortAnswer, Requirement
from solver.engine.warnings.near_limits import NEAR, margin
from solver.language.calendar import last_day_completing
from solver.language.domain import Interval
from solver.language.tree import AS_OF, CompletedYears, NumberVariable, walk
from solver.library.models import Clause, Trial
from solver.questions.match import answer as a
from solver.report.head import FAINT, HEADING, Frame
from solver.report.words import listed, number
from solver.text import grouped

_JUDGED = {
    "judgement": "a matter of judgement",
    "attestation": "a statement that someone must make",
    "administrative": "administrative",
}

BELOW = 6

Explained = Frame[a.MatchAnswer, a.TrialAnswer]


class Group(NamedTuple):
    """A clause with the cohorts in which it stands alike for the same reason; no cohorts means wherever it binds."""

    clause: Clause
    answer: ClauseAnswer
    cohorts: tuple[str, ...]
    details: tuple[a.ClauseDetail, ...]


class Clauses:
    """The clauses of one trial that was looked at, on the page of the whole report."""

    def __init__(self, whole: Explained, answer: a.TrialAnswer) -> None:
        self.whole, self.page, self.words = whole, whole.page, whole.words
        self.answer = answer
        self.trial: Trial = whole.library.trials[answer.code]
        self.sentences = dict(answer.sentences)
        self.missing = {item.variable: item for item in answer.missing}
        warnings = [warning for warning in whole.answer.warnings if warning.code == NEAR]
        self.near = {(clause, warning.variable) for warning in warnings for clause in warning.clauses}

    def heading(self, text: str) -> None:
        """Begin a section of what is said about the trial."""
        self.page.blank()
        self.page.text(text, indent=2, style=HEADING)

    def labels(self, names: Iterable[str]) -> str:
        """Variables in words, in the order of the vocabulary."""
        wanted = set(names)
        return "; ".join(self.words.wanted(name) for name in self.whole.library.variables if name in wanted)

    def groups(self) -> Iterable[Group]:
        """The clauses in the order of the file, cohorts that agree together."""
        found = grouped(
            ((each.id, each.status, each.facts, each.assumptions), (each, detail))
            for each, detail in zip(self.answer.clauses, self.answer.details, strict=True)
        )
        for pairs in found.values():
            answers, details = zip(*pairs, strict=True)
            clause = self.words.clause(answers[0].id)
            cohorts = tuple(answer.cohort for answer in answers if answer.cohort is not None)
            bound = cohorts or details[0].bound
            yield Group(clause, answers[0], () if set(bound) == self.trial.cohorts.keys() else bound, details)

    def clause(self, group: Group) -> None:
        """How one clause stands, and by what."""
        clause, page = group.clause, self.page
        page.text(clause.label, indent=2, lead=f"{clause.id}  ", lead_style=HEADING)
        for lead, items in self.told(group):
            page.text("; ".join(items), indent=BELOW, lead=lead)
        page.text(self.source(clause), indent=BELOW, style=FAINT)

    def source(self, clause: Clause) -> str:
        """Where a clause stands in the source, and whether it is a matter of judgement."""
        judged = _JUDGED.get(clause.judgement)
        return f"source: {clause.source}{f'; {judged}' if judged else ''}"

    def told(self, group: Group) -> Iterable[tuple[str, Sequence[str]]]:
        """What is said of one clause below its label, each with the words before it."""
        clause, answer = group.clause, group.answer
        if group.cohorts:
            yield "for: ", [listed([self.trial.cohorts[c] for c in group.cohorts])]
        if not answer.opaque:
            yield from self._told_of_open(group) if answer.status == "open" else self._told_of_settled(group)
        if clause.note:
            yield "note: ", [clause.note]

    def _told_of_settled(self, group: Group) -> Iterable[tuple[str, Sequence[str]]]:
        """What a clause that is met or not met rests on, and how close that is."""
        answer, detail = group.answer, group.details[0]
        closed = [cohort.label for cohort in self.answer.cohorts if self._shuts_cohort(group, cohort)]
        if closed:
            yield "closed: ", [listed(closed)]
        if answer.facts or answer.assumptions or not closed:
            lead = "does not apply: " if detail.does_not_apply else "because: "
            yield from self._told_basis(answer.facts, answer.assumptions, lead)
            apart = self._days_apart(answer.facts)
            if apart and not detail.does_not_apply:
                yield "apart: ", [apart]
        for text in detail.comes_to:
            yield "comes to: ", [text]
        if detail.would_be_met_by:
            yield (
                "would be met by: ",
                [f"{self.words.limits(detail.would_be_met_by)}, with the rest as it is"],
            )
        for name in answer.facts:
            if (group.clause.id, name) in self.near:
                near = margin(self.whole.library.variables[name])
                yield "close to the limit: ", [f"{self.words.fact(name)}, within {near} of it"]

    def _days_apart(self, facts: Sequence[str]) -> str:
        """How far two recent dates among the facts are apart; empty if there are not two."""
        days = sorted((day, name) for name in facts if (day := self.words.recent(name)) is not None)
        if len(days) != 2:
            return ""
        (first, before), (last, after) = days
        labels = [self.whole.library.variables[name].label for name in (before, after)]
        return f"{number(last - first, 'day')}, from the {labels[0]} to the {labels[1]}"

    def _shuts_cohort(self, group: Group, cohort: CohortAnswer) -> bool:
        """Whether a clause is not met in a cohort that is closed."""
        routing, answer = group.clause.routing, group.answer
        shut = not cohort.open and cohort.cohort in (group.cohorts or self.trial.cohorts)
        return routing and answer.status == "not_met" and shut

    def because(self, facts: Sequence[str], assumptions: Sequence[str], indent: int) -> None:
        """The facts and assumptions that something rests on."""
        for lead, items in self._told_basis(facts, assumptions):
            self.page.text("; ".join(items), indent=indent, lead=lead)

    def _told_basis(
        self, facts: Sequence[str], assumptions: Sequence[str], lead: str = "because: "
    ) -> Iterable[tuple[str, Sequence[str]]]:
        """The facts and assumptions that something rests on, or that it is so for everyone."""
        if facts:
            yield lead, self.words.each_fact(facts)
        for name in assumptions:
            policy = self.whole.library.policies.get(name.partition(":")[0])
            itself = policy is not None and policy.covers == "clauses"
            yield "assumed: ", [f"{policy.text} ({policy.id})" if policy and itself else self.sentences[name]]
        if not facts and not assumptions:
            yield "because: ", ["it is so for every patient"]

    def _told_of_open(self, group: Group) -> Iterable[tuple[str, Sequence[str]]]:
        """What an open clause waits for; where that decides the trial, with what is required of it."""
        waits = self._in_order(name for detail in group.details for name in detail.waits_for)
        wanted = [name for name in waits if name in self.missing]
        if waits and not wanted:
            yield "not known: ", [self.labels(waits)]
        for name in wanted:
            item = self.missing[name]
            yield "needed: " if item.require else "find out: ", [self._required_of(item)]
        for name in self._in_order(name for detail in group.details for name in detail.instead):
            yield "or through: ", [self._required_of(self.missing[name])]

    def _in_order(self, names: Iterable[str]) -> list[str]:
        """Variables in the order of the vocabulary, each once."""
        found = set(names)
        return [name for name in self.whole.library.variables if name in found]

    def _required_of(self, item: Requirement) -> str:
        """What is required of a missing variable, what is recorded of it, and with which others more is required."""
        text = f"{self._requirement_words(item)} [{item.variable}]"
        if item.variable in self.whole.record.facts:
            text += f", recorded: {self.whole.record.facts[item.variable].text}"
        if item.with_others:
            others = listed([self.whole.library.variables[name].label for name in item.with_others])
            text += f"; {'more is required of it ' if item.require else ''}together with {others}"
        return text

    def _requirement_words(self, item: Requirement) -> str:
        """A variable with what it must be: `a result at most 470 ms`, `a finding: no`."""
        if item.require is None:
            return self.words.wanted(item.variable)
        return f"{self.words.required(item.variable, item.require, item.allowed)}{self._age_words(item)}"

    def _age_words(self, item: Requirement) -> str:
        """What a requirement of a day means in completed years, where the trial counts them from it to the day of evaluation."""
        counted = any(
            part == CompletedYears(NumberVariable(item.variable, "date"), NumberVariable(AS_OF, "date"))
            for clause in self.trial.clauses
            for condition in clause.conditions.values()
            for part in walk(condition)
        )
        if not counted or not isinstance(item.allowed, tuple) or len(item.allowed) != 1:
            return ""
        possible, allowed, day = item.possible, item.allowed[0], self.whole.record.as_of
        assert isinstance(possible, Interval)
        words = []
        for years in range(150):
            last = last_day_completing(years, day)
            if allowed.high == last != possible.high:
                words.append(f"{years} years or older")
            if allowed.low == last + 1 and allowed.low != possible.low:
                words.append(f"younger than {years} years")
        return f" ({' and '.join(words)})" if words else ""
