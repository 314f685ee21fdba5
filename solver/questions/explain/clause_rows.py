"""Clause by clause: how each clause of a trial stands for one patient, in the words of the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from solver.engine.answer import ClauseAnswer, CohortAnswer, Requirement
from solver.engine.warnings.near_limits import NEAR, margin
from solver.language.calendar import last_day_completing
from solver.language.domain import Interval
from solver.language.tree import AS_OF, CompletedYears, NumberVariable, walk
from solver.language.types import BooleanType, IntegerType, QuantityType
from solver.library.models import Clause, Trial
from solver.questions.match.answer import ClauseDetail, MatchAnswer, TrialAnswer
from solver.report.head import FAINT, HEADING, Frame
from solver.report.words import listed, number

_JUDGED = {
    "judgement": "a matter of judgement",
    "attestation": "a statement that someone must make",
    "administrative": "administrative",
}

BELOW = 6


Explained = Frame[MatchAnswer, TrialAnswer]


class Group(NamedTuple):
    """A clause with the cohorts in which it stands alike for the same reason; no cohorts means wherever it binds."""

    clause: Clause
    answer: ClauseAnswer
    cohorts: tuple[str, ...]
    details: tuple[ClauseDetail, ...]


class Clauses:
    """The clauses of one trial that was looked at, on the page of the whole report."""

    def __init__(self, whole: Explained, answer: TrialAnswer) -> None:
        self.whole, self.page, self.words = whole, whole.page, whole.words
        self.answer = answer
        self.trial: Trial = whole.library.trials[answer.code]
        self.sentences = dict(answer.sentences)
        self.missing = {item.variable: item for item in answer.missing}
        self.near = {
            (clause, warning.variable)
            for warning in whole.answer.warnings
            if warning.code == NEAR
            for clause in warning.clauses
        }

    def labels(self, names: Iterable[str]) -> str:
        """Variables in words, in the order of the vocabulary."""
        wanted = set(names)
        return "; ".join(self.words.wanted(name) for name in self.whole.library.variables if name in wanted)

    def groups(self) -> Iterable[Group]:
        """The clauses in the order of the file, cohorts that agree together."""
        found: dict[tuple[object, ...], list[tuple[ClauseAnswer, ClauseDetail]]] = {}
        for answer, detail in zip(self.answer.clauses, self.answer.details, strict=True):
            key = (answer.id, answer.status, answer.facts, answer.assumptions)
            found.setdefault(key, []).append((answer, detail))
        for pairs in found.values():
            answers, details = zip(*pairs, strict=True)
            clause = self.words.clause(answers[0].id)
            cohorts = tuple(answer.cohort for answer in answers if answer.cohort is not None)
            bound = cohorts or details[0].bound
            yield Group(clause, answers[0], () if set(bound) == self.trial.cohorts.keys() else bound, details)

    def clause(self, group: Group) -> None:
        """How one clause stands, and by what."""
        clause, answer, page = group.clause, group.answer, self.page
        page.text(clause.label, indent=2, lead=f"{clause.id}  ", lead_style=HEADING)
        if group.cohorts:
            page.text(
                listed([self.trial.cohorts[cohort] for cohort in group.cohorts]), indent=BELOW, lead="for: "
            )
        if answer.opaque:
            pass
        elif answer.status == "open":
            self._open(group)
        else:
            closed = [cohort.label for cohort in self.answer.cohorts if self._shuts(group, cohort)]
            if closed:
                page.text(listed(closed), indent=BELOW, lead="closed: ")
            if answer.facts or answer.assumptions or not closed:
                lead = "does not apply: " if group.details[0].does_not_apply else "because: "
                self.because(answer.facts, answer.assumptions, BELOW, lead)
                if lead == "because: ":
                    self._apart(answer.facts)
            for text in group.details[0].comes_to:
                page.text(text, indent=BELOW, lead="comes to: ")
            if group.details[0].would_be_met_by:
                text = f"{group.details[0].would_be_met_by}, with the rest as it is"
                page.text(text, indent=BELOW, lead="would be met by: ")
            for name in answer.facts:
                if (clause.id, name) in self.near:
                    page.text(
                        f"{self.words.fact(name)}, within {margin(self.whole.library.variables[name])} of it",
                        indent=BELOW,
                        lead="close to the limit: ",
                    )
        if clause.note:
            page.text(clause.note, indent=BELOW, lead="note: ")
        judged = _JUDGED.get(clause.judgement)
        page.text(f"source: {clause.source}{f'; {judged}' if judged else ''}", indent=BELOW, style=FAINT)

    def _apart(self, facts: Sequence[str]) -> None:
        """The days between two recent dates on which a clause rests."""
        days = sorted((day, name) for name in facts if (day := self.words.recent(name)) is not None)
        if len(days) == 2:
            (first, before), (last, after) = days
            labels = [self.whole.library.variables[name].label for name in (before, after)]
            text = f"{number(last - first, 'day')}, from the {labels[0]} to the {labels[1]}"
            self.page.text(text, indent=BELOW, lead="apart: ")

    def _shuts(self, group: Group, cohort: CohortAnswer) -> bool:
        """Whether a clause is not met in a cohort that is closed."""
        routing, answer = group.clause.routing, group.answer
        return (
            routing
            and answer.status == "not_met"
            and not cohort.open
            and cohort.cohort in (group.cohorts or self.trial.cohorts)
        )

    def because(
        self, facts: Sequence[str], assumptions: Sequence[str], indent: int, lead: str = "because: "
    ) -> None:
        """The facts and assumptions that something rests on."""
        if facts:
            self.page.text(self.words.facts(facts), indent=indent, lead=lead)
        for name in assumptions:
            policy = self.whole.library.policies.get(name.partition(":")[0])
            itself = policy is not None and policy.covers == "clauses"
            text = f"{policy.text} ({policy.id})" if policy and itself else self.sentences[name]
            self.page.text(text, indent=indent, lead="assumed: ")
        if not facts and not assumptions:
            self.page.text("it is so for every patient", indent=indent, lead="because: ")

    def _open(self, group: Group) -> None:
        """What an open clause waits for; where that decides the trial, with what is required of it."""
        waits = self._in_order(name for detail in group.details for name in detail.waits_for)
        wanted = [name for name in waits if name in self.missing]
        if waits and not wanted:
            self.page.text(self.labels(waits), indent=BELOW, lead="not known: ")
        for name in wanted:
            item = self.missing[name]
            self._required(item, "needed: " if item.require else "find out: ")
        for name in self._in_order(name for detail in group.details for name in detail.instead):
            self._required(self.missing[name], "or through: ")

    def _in_order(self, names: Iterable[str]) -> list[str]:
        """Variables in the order of the vocabulary, each once."""
        found = set(names)
        return [name for name in self.whole.library.variables if name in found]

    def _required(self, item: Requirement, lead: str) -> None:
        text = f"{self._requirement(item)} [{item.variable}]"
        if item.variable in self.whole.record.facts:
            text += f", recorded: {self.whole.record.facts[item.variable].text}"
        if item.with_others:
            others = listed([self.whole.library.variables[name].label for name in item.with_others])
            text += f"; {'more is required of it ' if item.require else ''}together with {others}"
        self.page.text(text, indent=BELOW, lead=lead)

    def _requirement(self, item: Requirement) -> str:
        """A variable with what it must be: `a result at most 470 ms`, `a finding: no`."""
        variable = self.whole.library.variables[item.variable]
        label = variable.label
        if item.require is None:
            return self.words.wanted(item.variable)
        if isinstance(variable.type, BooleanType):
            return f"{label}: {'yes' if item.require == 'true' else 'no'}"
        colon = "" if isinstance(variable.type, IntegerType | QuantityType) else ":"
        return f"{label}{colon} {item.require}{self._age(item)}"

    def _age(self, item: Requirement) -> str:
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
