"""The report of `match what-if`: the verdicts before and after changes of the record, side by side, and what is behind them.

With several scenarios there is one row each, the trials side by side, and what stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from solver.library.models import Library
from solver.patient.changes import Changed
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.what_if.answer import Difference, WhatIfAnswer
from solver.report.head import FAINT, HEADING, STYLES, Frame, at_best, patient_words, verdict_words
from solver.report.matrix import LEGEND, verdict_cell, write_legend, write_matrix
from solver.report.page import Page, Span
from solver.report.words import IN_FULL, Wording, listed, number, recruitment_told

_SETS = 4
_CONFLICTS = 8
_IN_SET = 6
WITHHELD = "withheld"
SCENARIO_LEGEND = LEGEND | {"open": "open: data are missing that matter"}
SCENARIO_LEGEND |= {WITHHELD: "withheld: the record contradicts itself"}


def what_if_page(answer: WhatIfAnswer, changed: Changed, library: Library, width: int) -> Page:
    """The answer for people."""
    report = WhatIfReport(answer, changed, library, width)
    report.write()
    return report.page


class WhatIfReport(Frame[MatchAnswer, TrialAnswer]):
    """A report on the changed record; the one before is at hand as well."""

    def __init__(self, whole: WhatIfAnswer, changed: Changed, library: Library, width: int) -> None:
        super().__init__(whole.after, changed.after, library, width)
        self.whole = whole
        self.earlier: Frame[MatchAnswer, TrialAnswer] = Frame(whole.before, changed.before, library, width)
        self.differences = sorted(whole.trials, key=lambda d: (not d.verdict_changed, not d.changed))

    def write(self) -> None:
        """Write the whole page."""
        self._write_top()
        self._write_rows()
        for difference in self.differences:
            if difference.changed and difference.after.verdict != "withheld":
                self._write_details(difference)
        self.footer()

    def _write_top(self) -> None:
        """Who the patient is, what is changed, what that changes, and what contradicts."""
        page, whole = self.page, self.whole
        page.text(patient_words(whole.before), style=HEADING)
        page.text("What if", style=HEADING)
        for change in whole.changes:
            before, after = change.before or "unknown", change.after or "unknown"
            same = " (no change)" if before == after else ""
            page.text(f"{before} -> {after}{same}", indent=2, lead=f"{self.label_of(change.variable)}: ")
        page.text(self.summary_words())
        self.judged_by()
        for side, lead in ((self.earlier, "Before the changes:"), (self, "With the changes:")):
            if side.answer.record.status == "contradictory":
                page.text(lead, style=HEADING)
                # the facts are told as that record has them
                side.page = page
                side.contradictions()
        self._way_out()

    def label_of(self, name: str) -> str:
        """A changed variable in words, with its name."""
        if "[" in name or ":" in name:
            # an entry, or what is said of a whole kind
            return name
        variable = self.library.variables.get(name)
        return f"{variable.label} [{name}]" if variable else "day of evaluation [as_of]"

    def summary_words(self) -> str:
        """How many verdicts change."""
        if self.whole.after.consistent is False and self.whole.before.consistent is not False:
            return "With these changes the record contradicts itself, so every verdict is withheld."
        changed = sum(difference.verdict_changed for difference in self.differences)
        if not changed:
            return "No verdict changes."
        verb = "changes" if changed == 1 else "change"
        return f"{changed} of {number(len(self.differences), 'verdict')} {verb}."

    def _way_out(self) -> None:
        """What else to change where the changes contradict the rest of the record."""
        given = {change.variable for change in self.whole.changes}
        earlier = self.whole.before.contradictions
        new = [facts for facts in self.whole.after.contradictions if facts not in earlier]
        others = sorted({name for facts in new for name in facts} - given)
        if others:
            examples = listed([f"{name}=unknown" for name in others[:_IN_SET]], "or")
            self.page.text(f"To go on, change these facts as well, or forget them: {examples}")
            self.page.blank()

    def _write_rows(self) -> None:
        rows = [
            [
                Span(each.trial),
                Span(each.code, HEADING),
                *(Span(told_verdict(side), STYLES[side.verdict]) for side in (each.before, each.after)),
                Span(change_words(each), HEADING if each.verdict_changed else FAINT),
            ]
            for each in self.differences
        ]
        self.page.table(("trial", "code", "before", "after", "change"), rows)
        if any(cell.text.endswith("*") for row in rows for cell in row):
            self.page.text("* on the published criteria only; others exist", style=FAINT)
        left = [trial for trial in self.trials if trial.verdict not in ("ineligible", "withheld")]
        if left:
            self.page.blank()
            self.recruiting(map(recruitment_told, left))

    def _write_details(self, difference: Difference) -> None:
        page, after = self.page, difference.after
        was = Span(verdict_words(difference.before), STYLES[difference.before.verdict])
        before = (was, Span(" -> ")) if difference.verdict_changed else ()
        verdict = Span(verdict_words(after), STYLES[after.verdict])
        same = Span("" if difference.verdict_changed else ", as before")
        self.trial_heading(after.code, after.trial, after.title, *before, verdict, same)
        if after.verdict == "eligible":
            more = " with logic" * bool(after.not_judged)
            page.text(f"Every {'published ' * after.published_only}criterion{more} is met.", indent=2)
        if after.assuming:
            self.assuming(after.assuming, "Assuming (the verdict needs each of these):")
        self._write_conflicts(difference)
        self._deciding_sets(difference)

    def _write_conflicts(self, difference: Difference) -> None:
        page, after, before = self.page, difference.after, difference.before
        if after.conflicts:
            page.text("Not met:", indent=2)
        for conflict in after.conflicts[:_CONFLICTS]:
            known = " (as before)" if conflict in before.conflicts else ""
            page.text(f"{self.words.clauses(conflict)}{known}", indent=2, lead="- ")
            basis = self._conflict_basis(after, conflict)
            if basis:
                page.text(f"recorded: {basis}", indent=6)
        self.rest(len(after.conflicts) - _CONFLICTS)
        if not after.complete.conflicts:
            page.text("The search for conflicts was cut short: there may be more.", indent=2)
        if difference.gone and after.verdict != "unresolved":
            page.text("No longer in the way:", indent=2)
            for conflict in difference.gone[:_CONFLICTS]:
                page.text(self.words.clauses(conflict), indent=2, lead="- ")
            self.rest(len(difference.gone) - _CONFLICTS)

    def _conflict_basis(self, trial: TrialAnswer, conflict: Sequence[str]) -> str:
        names = [
            *(each.facts for each in trial.clauses if each.id in conflict and each.status == "not_met"),
            *(each.facts for each in trial.joint_conflicts if set(each.clauses) <= set(conflict)),
        ]
        return self.words.facts(name for facts in names for name in facts)

    def _deciding_sets(self, difference: Difference) -> None:
        page, after = self.page, difference.after
        why = at_best(after) if after.verdict == "undetermined" else None
        if why:
            page.text(why, indent=2)
        self.find_out(after.deciding_sets, partial(self.variable_names, self.words), _SETS)
        if not after.complete.deciding_sets:
            page.text("The search for what would settle it was cut short.", indent=2)
        gone = difference.no_longer_missing
        if gone and after.verdict in ("eligible", "ineligible", "undetermined"):
            page.text(self.variable_names(self.earlier.words, gone), indent=2, lead="No longer asked for: ")

    def variable_names(self, words: Wording, names: Iterable[str]) -> str:
        """Missing variables in words, so many at most."""
        wanted = set(names)
        labels = [words.wanted(name) for name in self.library.variables if name in wanted]
        more = len(labels) - _IN_SET
        return listed(labels) if more <= 1 else f"{', '.join(labels[:_IN_SET])} and {more} more {IN_FULL}"


def told_verdict(trial: TrialAnswer) -> str:
    """A verdict for a row; a star stands for published criteria only."""
    return f"{verdict_words(trial)}{'*' if trial.published_only else ''}"


def change_words(difference: Difference) -> str:
    """Whether a verdict changes, or what is behind it."""
    if difference.verdict_changed:
        return "changes"
    return "same verdict, other reasons" if difference.changed else "none"


def scenarios_page(
    answers: Sequence[WhatIfAnswer], records: Sequence[Changed], library: Library, width: int
) -> Page:
    """Several scenarios about one record: a row each, the trials side by side, and what stands in the way; `records` are their records."""
    page = Page(width)
    page.text(patient_words(answers[0].before), style=HEADING)
    page.text("What if", style=HEADING)
    for i, text in enumerate(scenario_words(answers, library), 1):
        page.text(text, indent=2, lead=f"{i}. ")
    write_scenarios(page, answers)
    for i, (answer, record) in enumerate(zip(answers, records, strict=True), 1):
        _write_reasons(Frame(answer.after, record.after, library, width), page, i)
    return page


def scenario_words(answers: Sequence[WhatIfAnswer], library: Library) -> list[str]:
    """What each scenario changes."""
    variables = library.variables
    return [
        "; ".join(
            f"{variables[each.variable].label if each.variable in variables else each.variable}: "
            f"{each.before or 'unknown'} -> {each.after or 'unknown'}"
            for each in answer.changes
        )
        for answer in answers
    ]


def write_scenarios(page: Page, answers: Sequence[WhatIfAnswer]) -> None:
    """A row for the record as it is and one for each scenario, the trials side by side, and what the words mean."""
    first = answers[0]
    named = [("as recorded", first.before), *((f"{i}.", each.after) for i, each in enumerate(answers, 1))]
    sides = [(name, answer.trials) for name, answer in named]
    rows = [(n, [verdict_cell(t.verdict, t.published_only, WITHHELD) for t in side]) for n, side in sides]
    write_matrix(page, [trial.code for trial in first.trials], rows)
    write_legend(page, SCENARIO_LEGEND, {cell.text for _, cells in rows for cell in cells}, first.policies)


def _write_reasons(frame: Frame[MatchAnswer, TrialAnswer], page: Page, number: int) -> None:
    """What stands in the way in one scenario, or what is missing; nothing if every trial can be entered."""
    if frame.answer.contradictions or any(trial.verdict != "eligible" for trial in frame.trials):
        page.blank()
        page.text(f"Scenario {number}", style=HEADING)
    lead = "the record contradicts itself: "
    for facts in frame.answer.contradictions:
        page.text(frame.words.facts(facts), indent=2, lead=lead, style=STYLES["withheld"])
    for trial in frame.trials:
        for conflict in trial.conflicts:
            page.text(frame.words.clauses(conflict), indent=2, lead=f"{trial.code} no: ")
        if trial.verdict == "undetermined":
            labels = [frame.words.wanted(name) for name in sorted(set().union(*trial.deciding_sets))]
            page.text(f"find out {listed(labels) or 'more'}", indent=2, lead=f"{trial.code} open: ")
