"""The brief report of `match what-if`: the changes, the verdicts before and after, and what is behind those that change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.library.models import Library
from solver.patient.changes import Changed
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.what_if.answer import Difference, WhatIfAnswer
from solver.questions.what_if.page import (
    WhatIfReport,
    change_words,
    scenario_words,
    told_verdict,
    write_scenarios,
)
from solver.report.brief import (
    FOR_ONE,
    add_blocks,
    write_contradictions,
    write_folded,
    write_judged_by,
    write_patient,
)
from solver.report.command_line.output import MOST_COLUMNS
from solver.report.head import FAINT, HEADING, STYLES, Frame, patient_words
from solver.report.page import Page, Span
from solver.report.words import Wording, listed


def brief_what_if_page(answer: WhatIfAnswer, changed: Changed, library: Library, width: int) -> Page:
    """The answer for people with little time."""
    report = _BriefWhatIf(answer, changed, library, min(width, MOST_COLUMNS))
    report.write()
    return report.page


def brief_scenarios_page(
    answers: Sequence[WhatIfAnswer], records: Sequence[Changed], library: Library, width: int
) -> Page:
    """Several scenarios about one record: a row each, and as much as there is room for of what stands in the way in each."""
    page = Page(min(width, MOST_COLUMNS))
    page.text(f"{patient_words(answers[0].before)} - what if", style=HEADING)
    for i, text in enumerate(scenario_words(answers, library), 1):
        page.folded([text], 2, indent=2, lead=f"{i}. ")
    write_scenarios(page, answers)
    blocks = []
    for i, (answer, record) in enumerate(zip(answers, records, strict=True), 1):
        words = Wording.of_events(library, record.after)
        for facts in answer.after.contradictions[:1]:
            text = f"the record contradicts itself: {words.facts(facts)}"
            blocks.append(_forms(page.width, [text], "", f"  {i}. "))
        for trial in answer.after.trials:
            blocks.append(
                _forms(page.width, list(_reasons(trial, words)), _ids(trial), f"  {i}. {trial.code} ")
            )
    blocks = [forms for forms in blocks if forms[0].lines]
    _add(page, blocks)
    return page


class _BriefWhatIf(WhatIfReport):
    def write(self) -> None:
        """Write the page."""
        page = self.page
        write_patient(self)
        changes = [
            f"{self.label_of(each.variable)}: {each.before or 'unknown'} -> {each.after or 'unknown'}"
            for each in self.whole.changes
        ]
        page.folded(changes, 3, lead="What if ", lead_style=HEADING)
        page.text(self.summary_words())
        write_judged_by(self)
        frames: tuple[tuple[str, Frame[MatchAnswer, TrialAnswer]], ...] = (
            ("Before the changes:", self.earlier),
            ("With the changes:", self),
        )
        for lead, side in frames:
            if side.answer.record.status == "contradictory":
                page.text(lead, style=HEADING)
                side.page = page  # the facts are told as that record has them
                write_contradictions(side)
        page.blank()
        rows = [
            [
                Span(each.code, HEADING),
                *(Span(told_verdict(side), STYLES[side.verdict]) for side in (each.before, each.after)),
                Span(change_words(each), HEADING if each.verdict_changed else FAINT),
            ]
            for each in self.differences
        ]
        page.table(("code", "before", "after", "change"), rows)
        if any(cell.text.endswith("*") for row in rows for cell in row):
            page.text("* on the published criteria only; others exist", style=FAINT)
        changed = [each for each in self.differences if each.changed and each.after.verdict != "withheld"]
        _add(
            page,
            [
                _forms(page.width, list(self._behind(each)), _ids(each.after), f"{each.code} ")
                for each in changed
            ],
        )

    def _behind(self, difference: Difference) -> Iterable[str]:
        """What is behind a verdict that changes."""
        after = difference.after
        yield from _reasons(after, self.words)
        if after.verdict == "eligible":
            yield f"every {'published ' * after.published_only}criterion is met"
        if difference.gone and after.verdict != "unresolved":
            ids = [" with ".join(conflict) for conflict in difference.gone]
            yield f"no longer in the way: {listed(ids)}"
        if difference.no_longer_missing and after.verdict in ("eligible", "ineligible", "undetermined"):
            yield f"no longer asked for: {self.variable_names(self.earlier.words, difference.no_longer_missing)}"


def _reasons(trial: TrialAnswer, words: Wording) -> Iterable[str]:
    """What stands in the way, or what is missing; nothing where the trial can be entered."""
    for conflict in trial.conflicts:
        yield f"no: {words.clauses(conflict)}"
    if trial.verdict == "undetermined":
        labels = [words.wanted(name) for name in sorted(set().union(*trial.deciding_sets))]
        yield f"open: find out {listed(labels) or 'more'}"


def _forms(width: int, texts: Sequence[str], ids: str, lead: str) -> list[Page]:
    """Sentences about one trial, a paragraph each, or fewer, or the ids of the clauses in the way, or nothing."""
    forms = []
    for most in (6, 3):
        page = Page(width)
        for i, text in enumerate(texts[:most]):
            more = f" (+{len(texts) - most} more)" if i == most - 1 and len(texts) > most else ""
            page.folded([text + more], 2, lead=lead if i == 0 else " " * len(lead), lead_style=HEADING)
        forms.append(page)
    shortest = Page(width)
    if texts:
        shortest.folded([ids or texts[0]], 1, lead=lead, lead_style=HEADING)
    return [*forms, shortest, Page(width)]


def _ids(trial: TrialAnswer) -> str:
    """The clauses in the way, by id."""
    return (
        f"no: {', '.join(' with '.join(conflict) for conflict in trial.conflicts)}" if trial.conflicts else ""
    )


def _add(page: Page, blocks: Sequence[Sequence[Page]]) -> None:
    """Add the blocks as far as there is room, and say how many are cut."""
    gap = Page(page.width)
    gap.lines.append(())
    forms = [[gap, Page(page.width)], *blocks] if blocks else []
    cut = sum(place > 0 for place in add_blocks(page, forms, FOR_ONE - 1)[1:])
    write_folded(page, [(cut, "reason")], ["recorded facts, recruitment"])
