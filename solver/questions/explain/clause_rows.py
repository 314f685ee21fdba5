"""How each clause of a trial stands for one patient, in the words of the record, and what would have to change for an ineligible one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from solver.engine.answer import ClauseAnswer, CohortAnswer, Requirement
from solver.engine.warnings.near_limits import NEAR, margin
from solver.language.calendar import last_day_completing
from solver.language.domain import Interval
from solver.language.tree import AS_OF, CompletedYears, NumberVariable, walk
from solver.language.types import BooleanType
from solver.library.models import Clause, Trial
from solver.questions.explain.repair import KINDS, movable
from solver.questions.match import answer as a
from solver.report.head import FAINT, HEADING, Frame
from solver.report.requirement_units import in_recorded_unit
from solver.report.words import listed, number
from solver.text import grouped

_JUDGED = {
    "judgement": "a matter of judgement",
    "attestation": "a statement that someone must make",
    "administrative": "administrative",
}

BELOW = 6


Explained = Frame[a.MatchAnswer, a.TrialAnswer]
_KINDS = {**dict(zip(KINDS, KINDS, strict=True)), "test": "another result"}
_WORSE = "only if "
_SHOWN = 8
_NEVER_SHOWN = 4
_SUMMED = 3
"""So many ways that never change are shown where there are more than `_NEVER_SHOWN`."""
_NAMED = 4
"""So many clauses that stay open are named; more are counted."""


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
        clause, answer, page = group.clause, group.answer, self.page
        page.text(clause.label, indent=2, lead=f"{clause.id}  ", lead_style=HEADING)
        if group.cohorts:
            page.text(listed([self.trial.cohorts[c] for c in group.cohorts]), indent=BELOW, lead="for: ")
        if answer.opaque:
            pass
        elif answer.status == "open":
            self._write_open(group)
        else:
            closed = [cohort.label for cohort in self.answer.cohorts if self._shuts_cohort(group, cohort)]
            if closed:
                page.text(listed(closed), indent=BELOW, lead="closed: ")
            if answer.facts or answer.assumptions or not closed:
                lead = "does not apply: " if group.details[0].does_not_apply else "because: "
                self.because(answer.facts, answer.assumptions, BELOW, lead)
                if lead == "because: ":
                    self._write_days_apart(answer.facts)
            for text in group.details[0].comes_to:
                page.text(text, indent=BELOW, lead="comes to: ")
            if group.details[0].would_be_met_by:
                text = f"{group.details[0].would_be_met_by}, with the rest as it is"
                page.text(text, indent=BELOW, lead="would be met by: ")
            for name in answer.facts:
                if (clause.id, name) in self.near:
                    near = margin(self.whole.library.variables[name])
                    text = f"{self.words.fact(name)}, within {near} of it"
                    page.text(text, indent=BELOW, lead="close to the limit: ")
        if clause.note:
            page.text(clause.note, indent=BELOW, lead="note: ")
        judged = _JUDGED.get(clause.judgement)
        page.text(f"source: {clause.source}{f'; {judged}' if judged else ''}", indent=BELOW, style=FAINT)

    def _write_days_apart(self, facts: Sequence[str]) -> None:
        days = sorted((day, name) for name in facts if (day := self.words.recent(name)) is not None)
        if len(days) == 2:
            (first, before), (last, after) = days
            labels = [self.whole.library.variables[name].label for name in (before, after)]
            text = f"{number(last - first, 'day')}, from the {labels[0]} to the {labels[1]}"
            self.page.text(text, indent=BELOW, lead="apart: ")

    def _shuts_cohort(self, group: Group, cohort: CohortAnswer) -> bool:
        """Whether a clause is not met in a cohort that is closed."""
        routing, answer = group.clause.routing, group.answer
        shut = not cohort.open and cohort.cohort in (group.cohorts or self.trial.cohorts)
        return routing and answer.status == "not_met" and shut

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

    def _write_open(self, group: Group) -> None:
        """What an open clause waits for; where that decides the trial, with what is required of it."""
        waits = self._in_order(name for detail in group.details for name in detail.waits_for)
        wanted = [name for name in waits if name in self.missing]
        if waits and not wanted:
            self.page.text(self.labels(waits), indent=BELOW, lead="not known: ")
        for name in wanted:
            item = self.missing[name]
            self._write_required(item, "needed: " if item.require else "find out: ")
        for name in self._in_order(name for detail in group.details for name in detail.instead):
            self._write_required(self.missing[name], "or through: ")

    def _in_order(self, names: Iterable[str]) -> list[str]:
        """Variables in the order of the vocabulary, each once."""
        found = set(names)
        return [name for name in self.whole.library.variables if name in found]

    def _write_required(self, item: Requirement, lead: str) -> None:
        text = f"{self._requirement_words(item)} [{item.variable}]"
        if item.variable in self.whole.record.facts:
            text += f", recorded: {self.whole.record.facts[item.variable].text}"
        if item.with_others:
            others = listed([self.whole.library.variables[name].label for name in item.with_others])
            text += f"; {'more is required of it ' if item.require else ''}together with {others}"
        self.page.text(text, indent=BELOW, lead=lead)

    def _requirement_words(self, item: Requirement) -> str:
        """A variable with what it must be: `a result at most 470 ms`, `a finding: no`."""
        if item.require is None:
            return self.words.wanted(item.variable)
        return f"{self.words.required(item.variable, item.require)}{self._age_words(item)}"

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


def write_repairs(part: Clauses, repairs: a.Repairs) -> None:
    """Add what would have to change to the page of a trial."""
    _Repairs(part, repairs).write()


class _Repairs:
    """What would have to change for an ineligible patient: what can be done, by kind, and apart from it what is no advice."""

    def __init__(self, part: Clauses, repairs: a.Repairs) -> None:
        self.part, self.page, self.repairs = part, part.page, repairs
        self.library, self.record = part.whole.library, part.whole.record

    def write(self) -> None:
        actions = [repair for repair in self.repairs.repairs if repair.action]
        others = [repair for repair in self.repairs.repairs if not repair.action]
        ways = f" ({len(actions)} ways, each enough by itself)" if len(actions) > 1 else ""
        self.part.heading(f"What would have to change{ways}")
        if actions:
            self._write_actions(actions)
        elif others:
            self.page.text("Nothing that anyone could do would be enough.", indent=4)
        elif self.repairs.complete:
            self._write_nothing()
        if others:
            self.part.heading("Not actions")
            self._write_others(others)
        if not self.repairs.complete:
            found = "there may be more" if self.repairs.repairs else "nothing was found before"
            self.page.text(f"The search for changes was cut short: {found}.", indent=4)

    def _write_actions(self, repairs: Sequence[a.Repair]) -> None:
        shown = repairs[:_SHOWN]
        alike = len({repair.still_open for repair in shown}) == 1
        for i, repair in enumerate(shown, 1):
            lead = f"{i}. " if len(repairs) > 1 else ""
            self._write_repair(repair, self._by_kind(repair), lead)
            if not alike:
                self._still_open(repair, 4 + len(lead))
        if len(repairs) > _SHOWN:
            more = number(len(repairs) - _SHOWN, "other way")
            self.page.text(f"and {more} (--format json lists all)", indent=4)
        if alike:
            self._still_open(shown[0], 4)

    def _still_open(self, repair: a.Repair, indent: int, style: str = "") -> None:
        """The clauses that are open once everything is as it is asked, for want of data or of logic."""
        texts = {answer.id for answer in self.part.answer.clauses if answer.opaque}
        for why, left in (
            ("for what is not recorded", [name for name in repair.still_open if name not in texts]),
            ("since they are kept as text", [name for name in repair.still_open if name in texts]),
        ):
            if left:
                named = ", ".join(left) if len(left) <= _NAMED else number(len(left), "clause")
                self.page.text(f"Then still open, {why}: {named}.", indent=indent, style=style)

    def _write_others(self, repairs: Sequence[a.Repair]) -> None:
        never = [repair for repair in repairs if repair.kind == "never"]
        shown = never if len(never) <= _NEVER_SHOWN else never[:_SUMMED]
        told = [repair for repair in repairs if repair.kind != "never" or repair in shown]
        alike = len({repair.still_open for repair in told}) == 1
        for repair in told:
            self._write_repair(repair, self._with_reason(repair), "- ", FAINT)
            if not alike:
                self._still_open(repair, 6, FAINT)
        left = [change for repair in never[len(shown) :] for change in repair.changes]
        if left:
            labels = [self.library.variables[each.variable].label for each in left if each.kind == "never"]
            ways = number(len(never) - len(shown), "other way")
            text = f"{ways}, each through what does not change: {listed(list(dict.fromkeys(labels)), 'or')}"
            self.page.text(text, indent=4, lead="- ", style=FAINT)
        if alike:
            self._still_open(told[0], 4, FAINT)

    def _with_reason(self, repair: a.Repair) -> dict[str, str]:
        """What a repair that is no advice asks, by kind, and why it is none."""
        parts = self._by_kind(repair)
        fixed = [change for change in repair.changes if change.kind == "never"]
        if fixed:
            reason = f"{'this does' if len(fixed) == 1 else 'these do'} not change"
        elif any(change.worse for change in repair.changes):
            reason = "the patient would be worse; a fact, not advice"
        elif not all(self.library.variables[change.variable].advice for change in repair.changes):
            reason = "a fact, not advice"
        else:
            reason = "at that age a clause asks for something else; a fact, not advice"
        last = list(parts)[-1]
        return {**parts, last: f"{parts[last]}: {reason}"}

    def _write_repair(self, repair: a.Repair, parts: Mapping[str, str], lead: str, style: str = "") -> None:
        """One repair: a line or two for each kind of change, and the clauses that several values must meet together."""
        for i, (kind, text) in enumerate(parts.items()):
            bare = kind == "never" or text.startswith(_WORSE) or not self._is_advised(repair, kind)
            word = "" if bare else f"{_KINDS[kind]}: "
            before = f"{' ' * len(lead)}and " if i else lead
            self.page.text(text, indent=4, lead=f"{before}{word}", style=style, lead_style=style)
        for each in repair.such_that:
            self.page.text(self._joint_words(repair, each), indent=4 + len(lead), style=style)

    def _is_advised(self, repair: a.Repair, kind: str) -> bool:
        changes = [self.library.variables[each.variable] for each in repair.changes if each.kind == kind]
        return not changes or any(variable.advice for variable in changes)

    def _joint_words(self, repair: a.Repair, jointly: a.Jointly) -> str:
        """The clause that must be met besides, and on what else than the changed facts it turns."""
        (label, *_) = [each.label for each in self.part.answer.clauses if each.id == jointly.clause]
        changed = {change.variable for change in repair.changes}
        others = [self.library.variables[name].label for name in jointly.variables if name not in changed]
        together = f"together with {listed(others)}, " if others else ""
        return f"{together}such that {jointly.clause} is met ({label})"

    def _by_kind(self, repair: a.Repair) -> dict[str, str]:
        """What a repair asks, by kind: the easiest first, but what is to be stopped before the wait that follows."""
        stopped = next((change.stopped_on for change in repair.changes if change.stopped_on), None)
        until = repair.wait_until
        waits = [(repair.wait_kind, self._wait_words(until, stopped))] if until else []
        found = grouped([*waits, *((change.kind, self._change_words(change)) for change in repair.changes)])
        kinds = ["stop", *KINDS] if stopped else KINDS
        return {kind: "; and ".join(found[kind]) for kind in kinds if kind in found}

    def _wait_words(self, until: str, stopped: str | None) -> str:
        if stopped is None:
            return f"wait until {until}"
        days = (date.fromisoformat(until) - date.fromisoformat(stopped)).days
        return f"then wait until {until} ({number(days, 'day')}), longer if it is stopped later"

    def _change_words(self, change: a.Change) -> str:
        """What a fact must be, and what it is: `dose at most 10 mg/d (recorded 20 mg/d)`."""
        fact = self.record.facts[change.variable]
        only = _WORSE if change.worse else ""
        others = [
            f"{other.value} with {listed([self._required_words(each.variable, each.requirement) for each in other.changes])}"
            for other in change.otherwise
        ]
        values = ", or ".join([self._required_words(change.variable, change.requirement), *others])
        last = f", the last dose on {change.stopped_on}" if change.stopped_on else ""
        return f"{only}{values} (recorded {fact.text}){last}"

    def _required_words(self, name: str, required: Requirement | None) -> str:
        variable, fact = self.library.variables[name], self.record.facts[name]
        text = in_recorded_unit(required, variable, fact.text) if required else None
        if text is None:
            return f"{variable.label} other than recorded"
        if isinstance(variable.type, BooleanType):
            return f"{variable.label}: {'yes' if text == 'true' else 'no'}"
        return f"{variable.label} {text}"

    def _write_nothing(self) -> None:
        """That nothing recorded could be otherwise so that it is enough, and on what the trial fails whatever changes."""
        page, answer = self.page, self.part.answer
        text = "Nothing: no change of a recorded fact would be enough, nor would waiting for seven years."
        page.text(text, indent=4)
        blocking = {name for conflict in answer.conflicts if len(conflict) == 1 for name in conflict}
        told = set()
        for clause in answer.clauses:
            if clause.id not in blocking or clause.status != "not_met" or clause.id in told:
                continue
            if not any(movable(self.library.variables[name]) for name in clause.facts):
                told.add(clause.id)
                facts = self.part.words.facts(clause.facts)
                other = "what is assumed" if clause.assumptions else "nothing that is recorded"
                page.text(f"{clause.id} rests on {f'{facts} alone' if facts else other}", indent=4, lead="- ")
