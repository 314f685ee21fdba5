"""What the brief report of `match explain` says of one trial: why it is not, what would change it, what is open, and what is met."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from solver.engine.answer import Status
from solver.questions.explain.clause_rows import BELOW, Clauses, Explained, Group
from solver.questions.explain.page import question
from solver.questions.explain.repair_rows import RepairRows
from solver.questions.match import answer as a
from solver.report import head
from solver.report.brief import write_folded, write_trial_line
from solver.report.words import cohort_recruitment, listed, number
from solver.text import grouped

WHY, CHANGE, OPEN = "why", "change", "open"
_BASIS = ("closed: ", "because: ", "assumed: ", "apart: ", "comes to: ", "would be met by: ")
_FOLDED: tuple[Status, Status] = ("open", "met")


class Size(NamedTuple):
    """How much is said of one trial: so many reasons, ways, open clauses, and cohorts, each of so many lines."""

    reasons: int
    ways: int
    open: int
    cohorts: int
    lines: int


NAMED = Size(8, 3, 12, 8, 2)
AMONG_ALL = Size(2, 1, 2, 0, 1)


class BriefTrial(Clauses):
    """What is said briefly about one trial."""

    def __init__(self, whole: Explained, answer: a.TrialAnswer, size: Size) -> None:
        super().__init__(whole, answer)
        self.size, self.named = size, size is NAMED
        found = list(self.groups())
        self.kept_as_text = _ids(group for group in found if group.answer.opaque)
        self.by_status = grouped((group.answer.status, group) for group in found if not group.answer.opaque)

    def write(self, show: Collection[str]) -> None:
        """Add the parts that are wanted, all if none is named, and say what is folded."""
        write_trial_line(
            self.page, self.answer, self.answer.trial, self.answer.dates, self.whole.answer.as_of
        )
        if self.answer.verdict == "unresolved" and not self.answer.clauses:
            self.page.text("The question was not decided within the solver's budget.", indent=2)
            return
        if not show or WHY in show:
            self._write_why()
        elif self.answer.conflicts:
            ids = [" with ".join(conflict) for conflict in self.answer.conflicts]
            each = ", each excludes" if len(ids) > 1 else ", which excludes"
            self.page.folded(ids, 2, indent=2, lead=f"{number(len(ids), 'reason')}{each}: ", joiner=", ")
        if self.answer.repairs is not None and (not show or CHANGE in show):
            self._write_changes(self.answer.repairs)
        elif CHANGE in show and self.answer.verdict == "eligible":
            self.page.text("Nothing has to change.", indent=2)
        elif CHANGE in show and self.answer.verdict == "undetermined":
            self.page.text("It depends on what is missing: see --show open.", indent=2)
        if not show or OPEN in show:
            self._write_open()
        if OPEN in show and not (self.by_status.get("open") or self.kept_as_text):
            self.page.text("Nothing is open.", indent=2)
        if not show:
            self._write_met()
        if self.answer.verdict != "ineligible" and (not show or WHY in show):
            self._write_remarks()
        self._write_folded(show)

    # why it is not

    def _write_why(self) -> None:
        answer, page = self.answer, self.page
        if answer.verdict == "ineligible":
            self._write_reasons()
        else:
            page.text(self._sentence(), indent=2)
        why = head.at_best(answer) if answer.verdict == "undetermined" else None
        if why:
            page.text(why, indent=2)
        if answer.assuming:
            assumed = [f"{policy} ({subjects})" for policy, subjects in self.words.assumed(answer.assuming)]
            page.folded(assumed, self.size.lines, indent=2, lead="Assuming, each needed: ")
        self._write_brief_cohorts()
        self._write_brief_readings()

    def _write_remarks(self) -> None:
        """What is not judged, and the notes, of a patient who is not excluded."""
        self._write_unpublished()
        for text in (notice.text for notice in self.answer.notices if not notice.safety and self.named):
            self.page.folded([text], 4, indent=2, lead="Note: ")

    def _sentence(self) -> str:
        answer = self.answer
        if answer.verdict == "eligible":
            every = "every published clause" if answer.published_only else "every clause"
            every += " left" * bool(answer.provisos.without) + " with logic" * bool(answer.not_judged)
            every += " of some open cohort" if len(answer.cohorts) > 1 else ""
            return f"Regardless of {'other ' if answer.assuming else ''}missing data, {every} is met."
        if answer.verdict == "undetermined":
            return (
                "Regardless of missing data, it cannot be told."
                if answer.wants_logic
                else "It depends on data that are not recorded."
            )
        return "The question was not decided within the solver's budget."

    def _write_reasons(self) -> None:
        answer, page = self.answer, self.page
        conflicts, complete = answer.conflicts, answer.complete.conflicts
        several = len(conflicts) > 1
        joint = len(conflicts) == 1 and len(conflicts[0]) > 1
        told = f"{len(conflicts)} reasons, each excludes:" if several else "1 reason, which excludes:"
        if joint:
            told = "1 reason, which excludes together (any one of them met would lift it):"
        none = "The reasons were not found within the solver's budget."
        page.text(told if conflicts else none, indent=2, style=head.HEADING)
        for conflict in conflicts[: self.size.reasons]:
            if len(conflict) > 1 and not joint:
                page.text("together (any one of them met would lift this conflict):", indent=2)
            for name in conflict:
                blocked = [cohort.label for cohort in answer.cohorts if (name,) in cohort.conflicts]
                blocks = f" (blocks {listed(blocked)})" if blocked and len(conflict) > 1 else ""
                self._write_reason(name, blocks)
            for each in answer.joint_conflicts:
                if set(each.clauses) <= set(conflict):
                    facts = self.words.each_fact(each.facts)
                    lead = f"{' and '.join(each.clauses)} exclude each other: "
                    page.folded(facts, self.size.lines, indent=4, lead=lead)
        self._more(len(conflicts) - self.size.reasons, "reason")
        if not complete:
            page.text("The search for reasons was cut short: there may be more.", indent=2)
        elif conflicts and self.named:
            these = "These are" if several else "That is"
            page.text(f"{these} all; the search was complete.", indent=2, style=head.FAINT)

    def _write_reason(self, name: str, blocks: str = "") -> None:
        """One clause of a conflict, and what it rests on where it is not met for the first reason of several alike."""
        page, clause = self.page, self.words.clause(name)
        lines = self.size.lines
        page.folded([f"{clause.label}{blocks}"], lines, indent=2, lead=f"{name}  ", lead_style=head.HEADING)
        found = [group for group in self.by_status.get("not_met", ()) if group.clause.id == name]
        for lead, items in self.told(found[0]) if found else ():
            if lead in _BASIS:
                page.folded(items, lines, indent=BELOW, lead=lead)

    def _write_brief_cohorts(self) -> None:
        """The cohorts, those with the same verdict for the same reason together."""
        if len(self.answer.cohorts) < 2 or not self.size.cohorts:
            return
        found = []
        for cohort in self.answer.cohorts:
            reasons = ["closed"] if not cohort.open else []
            reasons += [" together with ".join(conflict) for conflict in cohort.conflicts[:3]]
            if len(cohort.conflicts) > 3:
                reasons.append(f"+{len(cohort.conflicts) - 3} more")
            if cohort.recruitment and cohort.verdict != "ineligible":
                reasons.append(cohort_recruitment(cohort))
            found.append(((cohort.verdict, tuple(reasons)), cohort.label))
        groups = list(grouped(found).items())
        for (verdict, told), labels in groups[: self.size.cohorts]:
            why = f" ({'; '.join(told)})" if told else ""
            self.page.folded(
                [f"{self.answer.provisos.added_to(verdict)}{why}: {listed(labels)}"],
                self.size.lines,
                indent=2,
                lead="- ",
            )
        self._more(len(groups) - self.size.cohorts, "group of cohorts", "groups of cohorts")

    def _write_unpublished(self) -> None:
        names = (*self.answer.unpublished, *self.answer.not_judged)
        if not self.named:
            if names:
                self.page.folded(names, 1, indent=2, lead="Not judged: ", joiner=", ")
            return
        for name in names[: self.size.reasons]:
            text = self.trial.unpublished.get(name) or self.words.clause(name).label
            self.page.folded([text], self.size.lines, indent=2, lead=f"Not judged: {name} ")
        self._more(len(names) - self.size.reasons, "criterion not judged", "criteria not judged")

    def _write_brief_readings(self) -> None:
        """The ambiguities that change the verdict, with the question to the sponsor where the trial was named."""
        context, page = self.whole.record.context, self.page
        for reading in self.answer.readings:
            clauses = [
                clause
                for clause in self.trial.clauses
                if reading.id in clause.alternatives or clause.secondary == reading.id
            ]
            secondary = any(clause.secondary == reading.id for clause in clauses)
            second = reading.id in context.readings or (context.secondary_sources and secondary)
            blocked = listed([" together with ".join(conflict) for conflict in reading.conflicts])
            other = f"{self.answer.provisos.added_to(reading.verdict)}{f', by {blocked}' if blocked else ''}"
            here = f"{head.verdict_words(self.answer)} as judged here ({'second' if second else 'default'} reading)"
            text = f"{here}, {other} under the other reading"
            page.folded([text], 2, indent=2, lead=f"{reading.id}: ", lead_style=head.HEADING)
            if self.named:
                asked = question(self.trial, clauses, self.trial.readings[reading.id].text)
                page.text(asked, indent=4, lead="ask the sponsor: ")

    # what would have to change

    def _write_changes(self, repairs: a.Repairs) -> None:
        page, rows = self.page, RepairRows(self, repairs)
        actions = [repair for repair in repairs.repairs if repair.action]
        others = [repair for repair in repairs.repairs if not repair.action]
        several = f" ({len(actions)} ways, each enough by itself)" if len(actions) > 1 else ""
        page.text(f"What would have to change{several}:", indent=2, style=head.HEADING)
        for repair in actions[: self.size.ways]:
            self._write_way(
                rows, repair, "; and ".join(f"{w}{t}" for w, t in rows.worded(repair, rows.by_kind(repair)))
            )
        self._more(len(actions) - self.size.ways, "way")
        if not actions and repairs.repairs:
            page.text("Nothing that anyone could do would be enough.", indent=4)
        elif not actions and repairs.complete:
            page.text("Nothing: no change of a recorded fact would be enough.", indent=4)
        if others and self.named:
            page.text("Not actions:", indent=2, style=head.HEADING)
            for repair in others[: self.size.ways]:
                parts = rows.worded(repair, rows.with_reason(repair))
                self._write_way(rows, repair, "; and ".join(f"{word}{text}" for word, text in parts))
            self._more(len(others) - self.size.ways, "way that is no action", "ways that are no actions")
        elif others:
            page.text(
                f"+{number(len(others), 'way that is no action', 'ways that are no actions')}", indent=4
            )
        if not repairs.complete:
            page.text("The search for changes was cut short: there may be more.", indent=4)

    def _write_way(self, rows: RepairRows, repair: a.Repair, text: str) -> None:
        """One way, with the clauses that are open even so."""
        more = f"; then still open: {', '.join(repair.still_open[:3])}" if repair.still_open else ""
        left = len(repair.still_open) - 3
        more += f" and {left} more" if left > 0 else ""
        joint = "".join(f"; {rows.joint_words(repair, each)}" for each in repair.such_that)
        self.page.folded([f"{text}{joint}{more}"], 2 * self.size.lines, indent=4, lead="- ")

    # what is open, and what is met

    def _write_open(self) -> None:
        answer, page, size = self.answer, self.page, self.size
        found = self.by_status.get("open", [])
        decides = answer.verdict == "undetermined" and not answer.wants_logic
        if decides:
            self._write_deciding_sets()
        if found and decides:
            page.text(f"Open ({_count(found)}):", indent=2, style=head.HEADING)
            for group in found[: size.open]:
                self._write_open_clause(group)
            left = _ids(found[size.open :])
            if left:
                page.folded(left, size.lines, indent=2, lead="and open: ", joiner=", ")
        elif found:
            lead = f"Open, without effect on the verdict ({_count(found)}): "
            page.folded(_ids(found), size.lines, indent=2, lead=lead, joiner=", ")
        if self.kept_as_text:
            lead = f"Kept as text ({len(self.kept_as_text)}): "
            page.folded(self.kept_as_text, size.lines, indent=2, lead=lead, joiner=", ")

    def _write_open_clause(self, group: Group) -> None:
        page, clause = self.page, group.clause
        page.folded([clause.label], self.size.lines, indent=2, lead=f"{clause.id}  ", lead_style=head.HEADING)
        if not self.named:
            return
        told = [(lead, items) for lead, items in self.told(group) if lead not in ("for: ", "note: ")]
        for lead, items in told[:3]:
            page.folded(items, self.size.lines, indent=BELOW, lead=lead)
        if len(told) > 3:
            page.text(f"+{len(told) - 3} more to find out", indent=BELOW)

    def _write_deciding_sets(self) -> None:
        answer, page = self.answer, self.page
        sets = answer.deciding_sets
        if not sets:
            asked = self.words.nothing_asked_settles(answer.never_asked)
            cut = "The search for what would settle it was cut short."
            page.text(asked if answer.complete.deciding_sets else cut, indent=2)
            return
        names = [name for name in self.whole.library.variables if name in sets[0]]
        wanted = [self.words.wanted(name) for name in names]
        page.folded(wanted, self.size.lines + 1, indent=2, lead="find out: ", lead_style=head.HEADING)
        if len(sets) > 1:
            page.text(f"or in {number(len(sets) - 1, 'other way')}", indent=4)

    def _write_met(self) -> None:
        found = self.by_status.get("met", [])
        if not found:
            return
        lead = f"Met ({_count(found)}): "
        if not self.named:
            self.page.text(", ".join(_ids(found)), indent=2, lead=lead, lead_style=head.HEADING)
            return
        self.page.text(lead.strip(), indent=2, style=head.HEADING)
        for name in _ids(found):
            label = self.words.clause(name).label
            self.page.folded([label], 1, indent=2, lead=f"{name}  ", lead_style=head.HEADING)

    # what is folded

    def _more(self, count: int, noun: str, several: str | None = None) -> None:
        if count > 0:
            self.page.text(f"+{number(count, noun, several)} more", indent=2)

    def _write_folded(self, show: Collection[str]) -> None:
        """What is said of this trial under `--full` alone, or in parts that were not wanted."""
        answer = self.answer
        counts: list[str] = []
        if show and CHANGE not in show and answer.repairs is not None:
            counts.append(number(len(answer.repairs.repairs), "way to change it", "ways to change it"))
        if show:
            opened, met = (_count(self.by_status.get(status, ())) for status in _FOLDED)
            counts += [f"{opened} open"] if opened and OPEN not in show else []
            counts += [f"{met} met"] if met else []
        notes = sum(not notice.safety for notice in answer.notices)
        if notes and not (self.named and answer.verdict != "ineligible" and (not show or WHY in show)):
            counts.append(number(notes, "note"))
        write_folded(self.page, [], [*counts, "the clauses in full"], indent=2)


def _ids(groups: Iterable[Group]) -> list[str]:
    """The ids of the clauses, each once."""
    return list(dict.fromkeys(group.clause.id for group in groups))


def _count(groups: Iterable[Group]) -> int:
    return len(_ids(groups))
