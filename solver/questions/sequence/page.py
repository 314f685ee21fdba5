"""The report of `match sequence`: what entering one trial does to the others, as a matrix, and the orders that keep most doors open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from solver.engine.answer import EnrolmentEffects, Subsets, Verdict
from solver.engine.enrolment_effects import enrolment_effects
from solver.library.models import Library
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.sequence.ask import Circumstances, Door, SequenceAnswer
from solver.questions.sequence.document import as_match
from solver.questions.sequence.orders import OrderGroup, Orders
from solver.report.enrolment import effect_words, labels
from solver.report.head import FAINT, HEADING, STYLES, Frame
from solver.report.page import GAP, Page, Span
from solver.report.words import listed, number

_GROUPS = 4
_ORDERS = 6
_CONFLICTS = 6
_MORE = "(--format json lists all)"
_WORDS: dict[Verdict, str] = {
    "eligible": "yes",
    "undetermined": "open",
    "ineligible": "no",
    "unresolved": "?",
    "withheld": "x",
}
_LEGEND: dict[str, str] = {
    "yes": "yes: eligible",
    "(yes)": "(yes): eligible on the published criteria, others exist",
    "open": "open: data are missing",
    "no": "no: not eligible",
    "?": "?: not decided within the solver's budget",
    "x": "x: the record would contradict itself",
    "*": "*: if what is out of date by then is as recorded when it is measured anew",
    "+": "+: assuming what is listed below",
    "!": "!: not as today",
    "-": "-: the trial that is entered",
}
_NOTHING = "nothing in this vocabulary"
_MARKS = "*+!"
_FROZEN = (
    "Only what is named above changes, and what is out of date counts as it is recorded: the day stays, and nothing is said of what a "
    "treatment achieves. That the criteria of an earlier trial were met adds nothing to the record. Plausible ranges are assumed of what "
    "is not recorded; match names them."
)


def sequence_page(answer: SequenceAnswer, library: Library, width: int) -> Page:
    """The answer for people."""
    report = _Report(answer, library, width)
    report.write()
    return report.page


class _Report(Frame[MatchAnswer, TrialAnswer]):
    def __init__(self, answer: SequenceAnswer, library: Library, width: int) -> None:
        super().__init__(as_match(answer, answer.today), answer.today.record, library, width)
        self.whole = answer

    def write(self) -> None:
        """Add everything to the page."""
        page, answer = self.page, self.whole
        page.text(f"Patient {answer.patient}, as of {answer.as_of}", style=HEADING)
        page.text("What entering one trial does to the others")
        for sentence in self._context():
            page.text(sentence, style=FAINT)
        page.blank()
        if answer.today.consistent is False:
            self.contradictions()
        elif answer.today.consistent is None:
            page.text("Whether the record contradicts itself was not decided within the solver's budget.")
        else:
            self._matrix()
            if answer.assumptions:
                self._assumptions()
            if answer.entries:
                self._effects()
                self._changes()
            self._order()
            self._last_chances()
            if answer.entries:
                page.blank()
                page.text(_FROZEN, style=FAINT)
        self.footer()

    # the matrix

    def _matrix(self) -> None:
        """A row for today, and two for each trial that can be entered; as many columns at a time as there is room for."""
        codes = [door.code for door in self.whole.today.doors]
        rows = [("today", self.whole.today)]
        for row, code, circumstances in self._rows():
            rows.append((f"{'' if row == 'after' else '  '}{row} {code}", circumstances))
        first = max(len(name) for name, _ in rows)
        words = (_cell(door).text for _, circumstances in rows for door in circumstances.doors)
        wide = max(map(len, (*codes, *words)))
        several = max(1, (self.page.width - first) // (wide + GAP))
        used: set[str] = set()
        for start in range(0, len(codes), several):
            part = codes[start : start + several]
            self.page.blank()
            self._line("", [Span(code, HEADING) for code in part], first, wide)
            for name, circumstances in rows:
                doors = {door.code: door for door in circumstances.doors}
                cells = [_cell(doors.get(code)) for code in part]
                for cell in cells:
                    word = cell.text.rstrip(_MARKS)
                    used.update((word, *cell.text[len(word) :]))
                self._line(name, cells, first, wide)
        self.page.blank()
        legend = [text for mark, text in _LEGEND.items() if mark in used]
        self.page.text("; ".join(legend), style=FAINT)
        self.recruiting((code, self.library.trials[code].recruitment.replace("_", " ")) for code in codes)

    def _line(self, name: str, cells: Sequence[Span], first: int, wide: int) -> None:
        gap = Span(" " * GAP)
        padded = (Span(cell.text.ljust(wide), cell.style) for cell in cells)
        self.page.lines.append((Span(name.ljust(first)), *(part for cell in padded for part in (gap, cell))))

    def _assumptions(self) -> None:
        """What each trial's verdict needs to be assumed: today's, and where it is another, in which rows."""
        self.page.blank()
        self.page.text("Assumed where a verdict is marked + (it needs each of these)", style=HEADING)
        for door in self.whole.today.doors:
            if door.assuming:
                self.assuming(door.assuming, f"{door.code}:")
            others: dict[tuple[str, ...], dict[str, list[str]]] = {}
            for row, entered, circumstances in self._rows():
                for then in circumstances.doors:
                    if then.code == door.code and then.assuming not in ((), door.assuming):
                        others.setdefault(then.assuming, {}).setdefault(row, []).append(entered)
            for names, rows in others.items():
                told = " and ".join(f"{row} {listed(codes, 'or')}" for row, codes in rows.items())
                self.assuming(names, f"{door.code} {told}:")

    def _rows(self) -> Iterable[tuple[str, str, Circumstances]]:
        """The rows of the matrix below today's."""
        for entry in self.whole.entries:
            yield "after", entry.code, entry.after
            yield "while on", entry.code, entry.during

    # what entering changes

    def _effects(self) -> None:
        """What is known otherwise of a patient who enters, and what is out of date by then; trials that change the same together."""
        page = self.page
        page.blank()
        page.text("What entering changes in the record", style=HEADING)
        found = {
            entry.code: enrolment_effects(self.library.trials[entry.code], self.library)
            for entry in self.whole.entries
        }
        self._grouped("while on", {code: self._during(effects) for code, effects in found.items()})
        self._grouped("after", {code: self._after(effects) for code, effects in found.items()})
        outdated = {code: effects.outdates for code, effects in found.items()}
        if any(outdated.values()):
            self._outdated(outdated)

    def _grouped(self, words: str, texts: Mapping[str, str]) -> None:
        """A text of each trial, those that have the same together; of an empty one nothing is told."""
        groups: dict[str, list[str]] = {}
        for code, text in texts.items():
            groups.setdefault(text, []).append(code)
        for text, codes in groups.items():
            if text:
                self._told(f"{words} {listed(codes, 'or')}: ", text)

    def _outdated(self, outdated: Mapping[str, Sequence[str]]) -> None:
        """What is to be known anew: what is so after each of the trials once, and then what is so after single ones."""
        page = self.page
        page.blank()
        page.text("Out of date afterwards, to be known anew before a next trial", style=HEADING)
        several = [names for names in outdated.values() if names]
        shared = [name for name in several[0] if all(name in names for names in several)]
        besides = ""
        if len(several) > 1 and shared:
            codes = [code for code, names in outdated.items() if names]
            self._told(f"after {listed(codes, 'or')}: ", labels(shared, self.library))
            besides = "besides, "
        else:
            shared = []
        rest = {code: [name for name in names if name not in shared] for code, names in outdated.items()}
        self._grouped(f"{besides}after", {code: labels(names, self.library) for code, names in rest.items()})

    def _told(self, lead: str, text: str) -> None:
        """Something of some trials: set in beside them, unless they leave little room."""
        if len(lead) > self.page.width // 3:
            self.page.text(lead + text, indent=2)
        else:
            self.page.text(text, indent=2, lead=lead)

    def _during(self, effects: EnrolmentEffects) -> str:
        return "; ".join(effect_words(effect, self.library) for effect in effects.during) or _NOTHING

    def _after(self, effects: EnrolmentEffects) -> str:
        parts = [effect_words(effect, self.library) for effect in effects.after]
        if effects.forgets:
            parts.append(f"no longer known: {labels(effects.unknown, self.library)}")
        return "; ".join(parts) or _NOTHING

    def _changes(self) -> None:
        """The doors that close or open, with the clauses that close them."""
        entries, page = self.whole.entries, self.page
        page.blank()
        page.text("Doors that close or open", style=HEADING)
        told = self._changed("after", [(entry.code, entry.after) for entry in entries])
        if not (self._changed("while on", [(entry.code, entry.during) for entry in entries]) or told):
            page.text("none", indent=2)

    def _changed(self, words: str, several: Sequence[tuple[str, Circumstances]]) -> bool:
        """Tell what changes, what several trials do to the same door or one trial to several doors together; whether anything does."""
        told = False
        groups: dict[tuple[str, str, Subsets], list[str]] = {}
        for code, circumstances in several:
            told = self._contradicted(code, words, circumstances) or told
            for door in circumstances.doors:
                if door.changed and circumstances.consistent is not False:
                    outdated = words == "after" and self.library.trials[code].enrolment.outdates
                    final = outdated and door.verdict == "ineligible" and not door.provisional
                    said = _said(door) + (", whatever is measured anew" if final else "")
                    groups.setdefault((door.code, said, door.conflicts), []).append(code)
        today = {door.code: _said(door) for door in self.whole.today.doors}
        alike: dict[tuple[str, str, Subsets], list[str]] = {}
        for (closed, verdict, conflicts), entered in groups.items():
            change = f"{today[closed]} -> {verdict}"
            alike.setdefault((listed(entered, "or"), change, conflicts), []).append(closed)
        for (names, change, conflicts), codes in alike.items():
            self._told(f"{words} {names}: ", f"{listed(codes)} {change}")
            self._conflicts(conflicts, 4)
        return told or bool(groups)

    def _contradicted(self, code: str, words: str, circumstances: Circumstances) -> bool:
        """Say that the facts that a trial adds contradict the rest, if they do."""
        if circumstances.consistent is not False:
            return False
        frame: Frame[MatchAnswer, TrialAnswer] = Frame(
            as_match(self.whole, circumstances), circumstances.record, self.library, self.page.width
        )
        self.page.text(
            "the record would contradict itself, so every verdict is withheld:",
            indent=2,
            lead=f"{words} {code}: ",
            style=STYLES["withheld"],
        )
        for facts in circumstances.contradictions[:_CONFLICTS]:
            self.page.text(frame.words.facts(facts), indent=4, lead="- ")
        return True

    def _conflicts(self, conflicts: Subsets, indent: int) -> None:
        for conflict in conflicts[:_CONFLICTS]:
            text = ", together with ".join(f"{name} {self.words.clause(name).label}" for name in conflict)
            self.page.text(text, indent=indent, lead="- ")
        if len(conflicts) > _CONFLICTS:
            self.page.text(f"and {len(conflicts) - _CONFLICTS} more {_MORE}", indent=indent, lead="- ")

    # orders

    def _order(self) -> None:
        page, orders = self.page, self.whole.orders
        page.blank()
        page.text("Orders that keep most doors open", style=HEADING)
        if orders is None:
            page.text("There are too many orders to look through: name fewer trials with --trials.", indent=2)
        elif not orders.length:
            page.text("No trial can be entered today.", indent=2)
        else:
            page.text(_summary(orders), indent=2)
            for group in orders.groups[:_GROUPS]:
                self._group(group)
            if len(orders.groups) > _GROUPS:
                page.text(f"and {len(orders.groups) - _GROUPS} more {_MORE}", indent=2, lead="- ")
        ways: dict[tuple[str, ...], list[str]] = {}
        for code, way in self.whole.opened:
            ways.setdefault(way, []).append(code)
        for way, codes in ways.items():
            which = "it" if len(codes) == 1 else "each of them"
            text = f"{listed(codes)} cannot be entered today; the shortest way to {which} is {', then '.join(way)}."
            page.text(text, indent=2)

    def _group(self, group: OrderGroup) -> None:
        """The orders of the same trials: in words where few rules tell them all, else one by one."""
        page = self.page
        if group.count == 1:
            page.text(", then ".join(group.listed[0]), indent=2, lead="- ")
            return
        later: dict[str, list[str]] = {}
        for first, second in group.always:
            later.setdefault(first, []).append(second)
        rules = [f"{first} before {listed(others)}" for first, others in later.items()]
        within = f", with {'; '.join(rules)}" if rules else ""
        whole = listed(group.codes)
        if group.free:
            count = number(group.count, "order")
            page.text(f"{whole} in any order{within} ({count})", indent=2, lead="- ")
            return
        page.text(f"{whole}{within}, in {number(group.count, 'order')}:", indent=2, lead="- ")
        for order in group.listed[:_ORDERS]:
            page.text(", then ".join(order), indent=4, lead="- ")
        if group.count > _ORDERS:
            page.text(f"and {group.count - _ORDERS} more", indent=4, lead="- ")

    def _last_chances(self) -> None:
        if not self.whole.last_chances:
            return
        self.page.blank()
        self.page.text("Last chances", style=HEADING)
        for last in self.whole.last_chances:
            how = ", if what is out of date is as recorded:" if last.provisional else " for good:"
            text = f"{last.code} must come before {last.before}, which closes it{how}"
            self.page.text(text if last.conflicts else text.replace(":", "."), indent=2)
            self._conflicts(last.conflicts, 4)


def _summary(orders: Orders) -> str:
    if orders.length == 1:
        return "At most one trial can, or might, be entered:"
    tied = "one order" if orders.count == 1 else f"{orders.count} orders, all tied"
    return f"At most {orders.length} trials can, or might, be entered one after the other, in {tied}:"


def _said(door: Door) -> str:
    words = f"{door.verdict}, assuming" if door.assuming else door.verdict
    return f"{words}, if what is out of date is as recorded" if door.provisional else words


def _cell(door: Door | None) -> Span:
    if door is None:
        return Span("-")
    word = f"({_WORDS[door.verdict]})" if door.published_only else _WORDS[door.verdict]
    marks = "".join(
        mark
        for mark, holds in zip(_MARKS, (door.provisional, door.assuming, door.changed), strict=True)
        if holds
    )
    return Span(word + marks, STYLES[door.verdict])
