"""The report of `match sequence`: what entering one trial does to the others, as a matrix, and the orders that keep most doors open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from solver.engine.answer import EnrolmentEffects, Provisos, Subsets
from solver.library.models import Library
from solver.questions.sequence.answer import Circumstances, Door, OrderGroup, Orders, SequenceAnswer
from solver.report.head import FAINT, HEADING, STYLES, RecordFrame, patient_words
from solver.report.matrix import LEGEND, verdict_cell, write_legend, write_matrix
from solver.report.page import Page, Span
from solver.report.words import Wording, effect_words, labels, listed, number, recruitment
from solver.text import grouped

_GROUPS = 4
_ORDERS = 6
_CONFLICTS = 6
MARKED = {
    **LEGEND,
    "x": "x: the record would contradict itself",
    "*": "*: if what is out of date by then is as recorded when it is measured anew",
    "+": "+: assuming what is listed below",
    "!": "!: not as today",
    "-": "-: the trial that is entered",
}
"""What the words and marks of the matrix mean."""
_NOTHING = "nothing in this vocabulary"
_MARKS = "*+!"
_FROZEN = (
    "Only what is named above changes, and what is out of date counts as it is recorded: the day stays, and nothing is said of what a "
    "treatment achieves. That the criteria of an earlier trial were met adds nothing to the record. Plausible ranges are assumed of what "
    "is not recorded; match names them."
)


def sequence_page(answer: SequenceAnswer, library: Library, width: int) -> Page:
    """The answer for people."""
    report = SequenceReport(answer, library, width)
    report.write()
    return report.page


class SequenceReport(RecordFrame[SequenceAnswer]):
    """What is said of what entering one trial does to the others."""

    assumed = ""

    def __init__(self, answer: SequenceAnswer, library: Library, width: int) -> None:
        # the patient of an answer is one as read, whose events the page extends the library by
        super().__init__(answer, answer.today.patient, library.extended_from or library, width)

    def write(self) -> None:
        """Write the whole page."""
        page, answer = self.page, self.answer
        page.text(patient_words(answer), style=HEADING)
        page.text("What entering one trial does to the others")
        self.judged_by()
        if answer.record.status == "contradictory":
            self.contradictions()
        elif answer.record.status == "undecided":
            page.text("Whether the record contradicts itself was not decided within the solver's budget.")
        else:
            self.write_matrix(MARKED)
            self.recruiting(
                (door.code, recruitment(self.library.trials[door.code])) for door in answer.today.trials
            )
            if answer.assumptions:
                self._write_assumptions()
            if answer.entries:
                self._write_effects()
                self._write_changes()
            self._write_orders()
            self._last_chances()
            if answer.entries:
                page.blank()
                page.text(_FROZEN, style=FAINT)
        self.footer()

    # the matrix

    def write_matrix(self, legend: Mapping[str, str]) -> None:
        """A row for today, and two for each trial that can be entered; below them what the words and marks mean."""
        today = self.answer.today
        codes = [door.code for door in today.trials]
        rows = [("today", _row_cells(today, codes))]
        for row, code, circumstances in self._rows_below():
            rows.append((f"{'' if row == 'after' else '  '}{row} {code}", _row_cells(circumstances, codes)))
        write_matrix(self.page, codes, rows)
        words = [cell.text for _, cells in rows for cell in cells]
        used = {part for text in words for part in (text.rstrip(_MARKS), *text[len(text.rstrip(_MARKS)) :])}
        write_legend(self.page, legend, used, self.answer.policies)

    def _write_assumptions(self) -> None:
        """What each trial's verdict needs to be assumed: today's, and where it is another, in which rows."""
        self.page.blank()
        self.page.text("Assumed where a verdict is marked + (it needs each of these)", style=HEADING)
        for door in self.answer.today.trials:
            if door.assuming:
                self.assuming(door.assuming, f"{door.code}:")
            others = grouped(
                (then.assuming, (row, entered))
                for row, entered, circumstances in self._rows_below()
                for then in circumstances.trials
                if then.code == door.code and then.assuming not in ((), door.assuming)
            )
            for names, rows in others.items():
                told = " and ".join(f"{row} {listed(codes, 'or')}" for row, codes in grouped(rows).items())
                self.assuming(names, f"{door.code} {told}:")

    def _rows_below(self) -> Iterable[tuple[str, str, Circumstances]]:
        """The rows of the matrix below today's."""
        for entry in self.answer.entries:
            yield "after", entry.code, entry.after
            yield "while on", entry.code, entry.during

    # what entering changes

    def _write_effects(self) -> None:
        """What is known otherwise of a patient who enters, and what is out of date by then; trials that change the same together."""
        self.page.blank()
        self.page.text("What entering changes in the record", style=HEADING)
        entries = self.answer.entries
        self._tell_alike("while on", {entry.code: self._words_during(entry.enrolment) for entry in entries})
        self._tell_alike("after", {entry.code: self._words_after(entry.enrolment) for entry in entries})
        outdated = {entry.code: entry.enrolment.outdates for entry in entries}
        if any(outdated.values()):
            self._write_outdated(outdated)

    def _tell_alike(self, words: str, texts: Mapping[str, str]) -> None:
        """A text of each trial, those that have the same together; of an empty one nothing is told."""
        for text, codes in grouped((text, code) for code, text in texts.items()).items():
            if text:
                self._write_told(f"{words} {listed(codes, 'or')}: ", text)

    def _write_outdated(self, outdated: Mapping[str, Sequence[str]]) -> None:
        """What is to be known anew: what is so after each of the trials once, and then what is so after single ones."""
        page = self.page
        page.blank()
        page.text("Out of date afterwards, to be known anew before a next trial", style=HEADING)
        several = [names for names in outdated.values() if names]
        shared = [name for name in several[0] if all(name in names for names in several)]
        besides = ""
        if len(several) > 1 and shared:
            codes = [code for code, names in outdated.items() if names]
            self._write_told(f"after {listed(codes, 'or')}: ", labels(shared, self.library))
            besides = "besides, "
        else:
            shared = []
        rest = {code: [name for name in names if name not in shared] for code, names in outdated.items()}
        self._tell_alike(f"{besides}after", {code: labels(each, self.library) for code, each in rest.items()})

    def _write_told(self, lead: str, text: str) -> None:
        """Something of some trials: set in beside them, unless they leave little room."""
        if len(lead) > self.page.width // 3:
            self.page.text(lead + text, indent=2)
        else:
            self.page.text(text, indent=2, lead=lead)

    def _words_during(self, effects: EnrolmentEffects) -> str:
        return "; ".join(effect_words(effect, self.library) for effect in effects.during) or _NOTHING

    def _words_after(self, effects: EnrolmentEffects) -> str:
        parts = [effect_words(effect, self.library) for effect in effects.after]
        if effects.forgets:
            parts.append(f"no longer known: {labels(effects.unknown, self.library)}")
        return "; ".join(parts) or _NOTHING

    def _write_changes(self) -> None:
        """The doors that close or open, with the clauses that close them."""
        entries, page = self.answer.entries, self.page
        page.blank()
        page.text("Doors that close or open", style=HEADING)
        told = [
            self._write_changed("after", [(entry.code, entry.after) for entry in entries]),
            self._write_changed("while on", [(entry.code, entry.during) for entry in entries]),
        ]
        if not any(told):
            page.text("none", indent=2)

    def _write_changed(self, row: str, several: Sequence[tuple[str, Circumstances]]) -> bool:
        """Tell what changes, what several trials do to the same door or one trial to several doors together; whether anything does."""
        contradicted = [code for code, found in several if self._write_contradicted(code, row, found)]
        changes = self.changed_doors(row, [each for each in several if each[0] not in contradicted])
        for entered, change, conflicts in changes:
            self._write_told(f"{row} {entered}: ", change)
            self._write_conflicts(conflicts)
        return bool(contradicted or changes)

    def changed_doors(
        self, row: str, several: Sequence[tuple[str, Circumstances]]
    ) -> list[tuple[str, str, Subsets]]:
        """What entering does to doors: after which trials, what changes, and by which conflicts; what is alike stands together."""
        today = {door.code: _door_words(door, self.answer.policies) for door in self.answer.today.trials}
        changes = grouped(
            ((door.code, self._words_then(door, row, code), door.conflicts), code)
            for code, found in several
            for door in found.trials
            if door.changed
        )
        alike = grouped(
            ((listed(entered, "or"), f"{today[closed]} -> {then}", conflicts), closed)
            for (closed, then, conflicts), entered in changes.items()
        )
        return [
            (names, f"{listed(codes)} {change}", conflicts)
            for (names, change, conflicts), codes in alike.items()
        ]

    def _words_then(self, door: Door, row: str, entered: str) -> str:
        """How a trial stands after another, and whether later results can mend it."""
        outdated = row == "after" and self.library.trials[entered].enrolment.outdates
        final = outdated and door.verdict == "ineligible" and not door.provisional
        words = _door_words(door, self.answer.policies)
        return f"{words}, whatever is measured anew" if final else words

    def _write_contradicted(self, code: str, row: str, circumstances: Circumstances) -> bool:
        """Say that the facts that a trial adds contradict the rest, if they do."""
        if circumstances.consistent is not False:
            return False
        text = "the record would contradict itself, so every verdict is withheld:"
        self.page.text(text, indent=2, lead=f"{row} {code}: ", style=STYLES["withheld"])
        words = Wording.of_events(self.library, circumstances.patient)
        for facts in circumstances.contradictions[:_CONFLICTS]:
            self.page.text(words.facts(facts), indent=4, lead="- ")
        return True

    def _write_conflicts(self, conflicts: Subsets) -> None:
        for conflict in conflicts[:_CONFLICTS]:
            self.page.text(self.words.clauses(conflict), indent=4, lead="- ")
        self.rest(len(conflicts) - _CONFLICTS, indent=4)

    # orders

    def _write_orders(self) -> None:
        page, orders = self.page, self.answer.orders
        page.blank()
        page.text("Orders that keep most doors open", style=HEADING)
        if orders is None:
            page.text("There are too many orders to look through: name fewer trials with --trials.", indent=2)
        elif not orders.length:
            page.text("No trial can be entered today.", indent=2)
        else:
            page.text(_orders_words(orders), indent=2)
            for group in orders.groups[:_GROUPS]:
                self._write_group(group)
            self.rest(len(orders.groups) - _GROUPS)
        for way, codes in grouped((way, code) for code, way in self.answer.opened).items():
            which = "it" if len(codes) == 1 else "each of them"
            text = f"{listed(codes)} cannot be entered today; the shortest way to {which} is {', then '.join(way)}."
            page.text(text, indent=2)

    def _write_group(self, group: OrderGroup) -> None:
        """The orders of the same trials: in words where few rules tell them all, else one by one."""
        page = self.page
        page.text(self.group_words(group), indent=2, lead="- ")
        if group.count == 1 or group.free:
            return
        for order in group.listed[:_ORDERS]:
            page.text(", then ".join(order), indent=4, lead="- ")
        if group.count > _ORDERS:
            page.text(f"and {group.count - _ORDERS} more", indent=4, lead="- ")

    def group_words(self, group: OrderGroup) -> str:
        """The orders of the same trials in words."""
        if group.count == 1:
            return ", then ".join(group.listed[0])
        rules = [f"{first} before {listed(others)}" for first, others in grouped(group.always).items()]
        within = f", with {'; '.join(rules)}" if rules else ""
        whole, count = listed(group.trials), number(group.count, "order")
        return f"{whole} in any order{within} ({count})" if group.free else f"{whole}{within}, in {count}:"

    def _last_chances(self) -> None:
        if not self.answer.last_chances:
            return
        self.page.blank()
        self.page.text("Last chances", style=HEADING)
        for last in self.answer.last_chances:
            how = ", if what is out of date is as recorded:" if last.provisional else " for good:"
            text = f"{last.code} must come before {last.before}, which closes it{how}"
            self.page.text(text if last.conflicts else text.replace(":", "."), indent=2)
            self._write_conflicts(last.conflicts)


def _orders_words(orders: Orders) -> str:
    if orders.length == 1:
        return "At most one trial can, or might, be entered:"
    tied = "one order" if orders.count == 1 else f"{orders.count} orders, all tied"
    return f"At most {orders.length} trials can, or might, be entered one after the other, in {tied}:"


def _door_words(door: Door, policies: tuple[str, ...]) -> str:
    words = Provisos(policies).added_to(door.verdict)
    return f"{words}, if what is out of date is as recorded" if door.provisional else words


def _row_cells(circumstances: Circumstances, codes: Sequence[str]) -> list[Span]:
    """The cells of a row; a dash stands for the trial that is entered."""
    doors = {door.code: door for door in circumstances.trials}
    return [_door_cell(doors[code]) if code in doors else Span("-") for code in codes]


def _door_cell(door: Door) -> Span:
    holds = (door.provisional, door.assuming, door.changed)
    marks = "".join(mark for mark, held in zip(_MARKS, holds, strict=True) if held)
    return verdict_cell(door.verdict, door.published_only, "x", marks)
