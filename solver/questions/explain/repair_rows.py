"""What would have to change for an ineligible patient, in words: what can be done, by kind, and apart from it what is no advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from solver.engine.answer import Requirement
from solver.language.types import BooleanType
from solver.patient.happened import Event, FindingResult
from solver.questions.explain.clause_rows import Clauses
from solver.questions.explain.repair import KINDS, movable
from solver.questions.match import answer as a
from solver.report.head import FAINT
from solver.report.requirement_units import in_recorded_unit
from solver.report.words import listed, number
from solver.text import grouped

_KINDS = {**dict(zip(KINDS, KINDS, strict=True)), "test": "another result"}
_WORSE = "only if "
_SHOWN = 8
_NEVER_SHOWN = 4
_SUMMED = 3
"""So many ways that never change are shown where there are more than `_NEVER_SHOWN`."""
_NAMED = 4
"""So many clauses that stay open are named; more are counted."""


def write_repairs(part: Clauses, repairs: a.Repairs) -> None:
    """Add what would have to change to the page of a trial."""
    RepairRows(part, repairs).write()


class RepairRows:
    """What would have to change for an ineligible patient: what can be done, by kind, and apart from it what is no advice."""

    def __init__(self, part: Clauses, repairs: a.Repairs) -> None:
        self.part, self.page, self.repairs = part, part.page, repairs
        self.library, self.record = part.whole.library, part.whole.record
        said: list[Event | FindingResult] = [*self.record.events, *self.record.findings]
        self.said = {each.name: each for each in said}

    def write(self) -> None:
        """Add all of it to the page."""
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
            self._write_repair(repair, self.by_kind(repair), lead)
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
            self._write_repair(repair, self.with_reason(repair), "- ", FAINT)
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

    def with_reason(self, repair: a.Repair) -> dict[str, str]:
        """What a repair that is no advice asks, by kind, and why it is none."""
        parts = self.by_kind(repair)
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
        for i, (word, text) in enumerate(self.worded(repair, parts)):
            before = f"{' ' * len(lead)}and " if i else lead
            self.page.text(text, indent=4, lead=f"{before}{word}", style=style, lead_style=style)
        for each in repair.such_that:
            self.page.text(self.joint_words(repair, each), indent=4 + len(lead), style=style)

    def worded(self, repair: a.Repair, parts: Mapping[str, str]) -> list[tuple[str, str]]:
        """What a repair asks, each kind with the word before it, which is empty where it is no advice."""
        found = []
        for kind, text in parts.items():
            bare = kind == "never" or text.startswith(_WORSE) or not self._is_advised(repair, kind)
            found.append(("" if bare else f"{_KINDS[kind]}: ", text))
        return found

    def _is_advised(self, repair: a.Repair, kind: str) -> bool:
        changes = [self.library.variables[each.variable] for each in repair.changes if each.kind == kind]
        return not changes or any(variable.advice for variable in changes)

    def joint_words(self, repair: a.Repair, jointly: a.Jointly) -> str:
        """The clause that must be met besides, and on what else than the changed facts it turns."""
        (label, *_) = [each.label for each in self.part.answer.clauses if each.id == jointly.clause]
        changed = {change.variable for change in repair.changes}
        others = [self.library.variables[name].label for name in jointly.variables if name not in changed]
        together = f"together with {listed(others)}, " if others else ""
        return f"{together}such that {jointly.clause} is met ({label})"

    def by_kind(self, repair: a.Repair) -> dict[str, str]:
        """What a repair asks, by kind: the easiest first, but what is to be stopped before the wait that follows."""
        stopped = next((change.stopped_on for change in repair.changes if change.stopped_on), None)
        until = repair.wait_until
        waits = [(repair.wait_kind, self._wait_words(until, stopped))] if until else []
        found = grouped([*waits, *((change.kind, self._change_words(change)) for change in repair.changes)])
        kinds = [*(change.kind for change in repair.changes if change.stopped_on), *KINDS]
        return {kind: "; and ".join(found[kind]) for kind in dict.fromkeys(kinds) if kind in found}

    def _wait_words(self, until: str, stopped: str | None) -> str:
        if stopped is None:
            return f"wait until {until}"
        days = (date.fromisoformat(until) - date.fromisoformat(stopped)).days
        return f"then wait until {until} ({number(days, 'day')}), longer if it is stopped later"

    def _change_words(self, change: a.Change) -> str:
        """What a fact must be, and what it is: `dose at most 10 mg/d (recorded 20 mg/d)`."""
        if change.variable in self.said:
            return self._said_words(change)
        fact = self.record.facts[change.variable]
        only = _WORSE if change.worse else ""
        others = [
            f"{other.value} with {listed([self._required_words(each.variable, each.requirement) for each in other.changes])}"
            for other in change.otherwise
        ]
        values = ", or ".join([self._required_words(change.variable, change.requirement), *others])
        last = f", the last dose on {change.stopped_on}" if change.stopped_on else ""
        return f"{only}{values} (recorded {fact.text}){last}"

    def _said_words(self, change: a.Change) -> str:
        """What is to be stopped or found anew of events and findings: `azacitidine (recorded from 2026-08-01, ongoing)`."""
        said = self.said[change.variable]
        label = self._label_of(said)
        recorded = said.text.removeprefix(f"{label}, ")
        words = f"{label} (recorded {recorded})"
        if isinstance(said, FindingResult):
            return words
        last = ", the last dose on" if said.list == "therapies" else ", over on"
        return f"{words}{last} {change.stopped_on}" if change.stopped_on else words

    def _label_of(self, said: Event | FindingResult) -> str:
        return said.written if said.concept is None else self.library.concepts[said.concept].label

    def _required_words(self, name: str, required: Requirement | None) -> str:
        if name in self.said:
            said = self.said[name]
            return f"{self._label_of(said)} {'other than recorded' if isinstance(said, FindingResult) else 'stopped'}"
        variable, fact = self.library.variables[name], self.record.facts[name]
        text = in_recorded_unit(required, variable, fact.text) if required else None
        if text is None:
            return f"{variable.label} other than recorded"
        if isinstance(variable.type, BooleanType):
            return f"{variable.label}: {'yes' if text == 'true' else 'no'}"
        words = self.part.whole.words
        none = words.none_of(name, required.allowed) if required and words.rounded else ""
        return none or f"{variable.label} {words.limits(text)}"

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
