"""The report of `match what-if`: the verdicts before and after changes of the record, side by side, and what is behind them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Literal

from typing_extensions import TypedDict

from solver.engine.answer import Subsets, Verdict
from solver.library.models import Library
from solver.patient.changes import Changed
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.document import (
    CompleteShape,
    EngineShape,
    RecordShape,
    TrialShape,
    WarningShape,
)
from solver.questions.what_if.ask import Difference, WhatIfAnswer
from solver.report.head import FAINT, HEADING, STYLES, Frame, at_best, recruitment_told, verdict_words
from solver.report.json import answer_document
from solver.report.page import Page, Span
from solver.report.words import Wording, listed, number

SCHEMA: Literal["trialproof/what-if/1"] = "trialproof/what-if/1"

_SETS = 4
_CONFLICTS = 8
_IN_SET = 6
_MORE = "(--format json lists all)"


class ChangeShape(TypedDict):
    """One change, in the words of the record; null is unknown."""

    variable: str
    """The variable, or `as_of`, the day of evaluation."""
    before: str | None
    after: str | None


class SideShape(TypedDict):
    """The answer for one trial, before the changes or after them; each key as in the JSON of `match`."""

    verdict: Verdict
    published_only: bool
    conflicts: list[list[str]]
    deciding_sets: list[list[str]]
    complete: CompleteShape
    assuming: list[str]


class DifferenceShape(TypedDict):
    """One trial before and after."""

    trial: str
    code: str
    before: SideShape
    after: SideShape
    changed: bool
    """Whether anything differs between the two."""


class WhatIfShape(TypedDict):
    """One patient before and after changes of the record."""

    schema: Literal["trialproof/what-if/1"]
    engine: EngineShape
    patient: str
    as_of: str
    """The day of evaluation before the changes, `YYYY-MM-DD`."""
    changes: list[ChangeShape]
    record_before: RecordShape
    record_after: RecordShape
    trials: list[DifferenceShape]
    warnings: list[WarningShape]
    """What a reader should know of the changed record."""
    policies: list[str]
    """Ids of the assumption policies in force."""


def what_if_document(answer: WhatIfAnswer) -> WhatIfShape:
    """The answer as JSON values."""
    before, after = answer_document(answer.before), answer_document(answer.after)
    return {
        "schema": SCHEMA,
        "engine": before["engine"],
        "patient": before["patient"],
        "as_of": before["as_of"],
        "changes": [
            {"variable": change.name, "before": change.before, "after": change.after}
            for change in answer.changes
        ],
        "record_before": before["record"],
        "record_after": after["record"],
        "trials": [
            {
                "trial": one["trial"],
                "code": one["code"],
                "before": _side(one),
                "after": _side(other),
                "changed": difference.changed,
            }
            for one, other, difference in zip(before["trials"], after["trials"], answer.trials, strict=True)
        ],
        "warnings": after["warnings"],
        "policies": after["policies"],
    }


def _side(trial: TrialShape) -> SideShape:
    return {
        "verdict": trial["verdict"],
        "published_only": trial["published_only"],
        "conflicts": trial["conflicts"],
        "deciding_sets": trial["deciding_sets"],
        "complete": trial["complete"],
        "assuming": trial["assuming"],
    }


def what_if_json(answer: WhatIfAnswer) -> str:
    """The answer as one line of JSON, without the line's end."""
    return json.dumps(what_if_document(answer), ensure_ascii=False, separators=(",", ":"))


# --- for people --------------------------------------------------------------------------------------------------------


def what_if_page(answer: WhatIfAnswer, changed: Changed, library: Library, width: int) -> Page:
    """The answer for people."""
    report = _Report(answer, changed, library, width)
    report.top()
    report.rows()
    for difference in report.differences:
        if difference.changed and difference.after.verdict != "withheld":
            report.details(difference)
    report.footer()
    return report.page


class _Report(Frame[MatchAnswer, TrialAnswer]):
    """A report on the changed record; the one before is at hand as well."""

    def __init__(self, answer: WhatIfAnswer, changed: Changed, library: Library, width: int) -> None:
        super().__init__(answer.after, changed.after, library, width)
        self.whole, self.changed = answer, changed
        self.earlier: Frame[MatchAnswer, TrialAnswer] = Frame(answer.before, changed.before, library, width)
        self.differences = sorted(answer.trials, key=lambda d: (not d.verdict_changed, not d.changed))

    def top(self) -> None:
        """Who the patient is, what is changed, what that changes, and what contradicts."""
        page, whole = self.page, self.whole
        page.text(f"Patient {whole.before.patient}, as of {whole.before.as_of}", style=HEADING)
        page.text("What if", style=HEADING)
        for change in whole.changes:
            before, after = change.before or "unknown", change.after or "unknown"
            same = " (no change)" if before == after else ""
            page.text(f"{before} -> {after}{same}", indent=2, lead=f"{self._label(change.name)}: ")
        page.text(self._summary())
        for sentence in self._context():
            page.text(sentence, style=FAINT)
        page.blank()
        self._contradiction(self.earlier, "Before the changes:")
        self._contradiction(self, "With the changes:")
        self._way_out()

    def _label(self, name: str) -> str:
        variable = self.library.variables.get(name)
        return f"{variable.label} [{name}]" if variable else "day of evaluation [as_of]"

    def _summary(self) -> str:
        if self.answer.consistent is False and self.whole.before.consistent is not False:
            return "With these changes the record contradicts itself, so every verdict is withheld."
        changed = sum(difference.verdict_changed for difference in self.differences)
        if not changed:
            return "No verdict changes."
        verb = "changes" if changed == 1 else "change"
        return f"{changed} of {number(len(self.differences), 'verdict')} {verb}."

    def _contradiction(self, side: Frame[MatchAnswer, TrialAnswer], lead: str) -> None:
        """The contradictions of one of the two records, with the facts as that record has them."""
        if side.answer.consistent is False:
            self.page.text(lead, style=HEADING)
            side.page = self.page
            side.contradictions()

    def _way_out(self) -> None:
        """What else to change where the changes contradict the rest of the record."""
        given = {change.name for change in self.whole.changes}
        earlier = self.whole.before.contradictions
        new = [facts for facts in self.answer.contradictions if facts not in earlier]
        others = sorted({name for facts in new for name in facts} - given)
        if others:
            examples = listed([f"{name}=unknown" for name in others[:_IN_SET]], "or")
            self.page.text(f"To go on, change these facts as well, or forget them: {examples}")
            self.page.blank()

    def rows(self) -> None:
        """A row a trial: the verdicts side by side, and what changed."""
        heads = [Span(text, FAINT) for text in ("trial", "code", "before", "after", "change")]
        cells = [
            [
                Span(difference.after.trial),
                Span(difference.after.code, HEADING),
                *(
                    Span(_verdict(side), STYLES[side.verdict])
                    for side in (difference.before, difference.after)
                ),
                Span(_change(difference), HEADING if difference.verdict_changed else FAINT),
            ]
            for difference in self.differences
        ]
        widths = [max(len(row[i].text) for row in [heads, *cells]) for i in range(4)]
        for row in [heads, *cells]:
            self.page.row(row, widths)
        if any(row[i].text.endswith("*") for row in cells for i in (2, 3)):
            self.page.text("* on the published criteria only; others exist", style=FAINT)
        left = [trial for trial in self.trials if trial.verdict not in ("ineligible", "withheld")]
        if left:
            self.page.blank()
            self.recruiting(map(recruitment_told, left))

    def details(self, difference: Difference) -> None:
        """What the changes do to one trial."""
        page, after = self.page, difference.after
        was = Span(verdict_words(difference.before), STYLES[difference.before.verdict])
        before = (was, Span(" -> ")) if difference.verdict_changed else ()
        page.blank()
        page.lines.append(
            (
                Span(f"{after.code}  {after.trial}  ", HEADING),
                *before,
                Span(verdict_words(after), STYLES[after.verdict]),
                Span("" if difference.verdict_changed else ", as before"),
            )
        )
        page.text(after.title, style=FAINT)
        if after.verdict == "eligible":
            page.text(
                f"Every {'published ' * after.published_only}criterion{' with logic' * bool(after.not_judged)} is met.",
                indent=2,
            )
        if after.assuming:
            self.assuming(after.assuming, "Assuming (the verdict needs each of these):")
        self._conflicts(difference)
        self._deciding_sets(difference)

    def _conflicts(self, difference: Difference) -> None:
        page, after, before = self.page, difference.after, difference.before
        if after.conflicts:
            page.text("Not met:", indent=2)
        for conflict in after.conflicts[:_CONFLICTS]:
            known = " (as before)" if conflict in before.conflicts else ""
            page.text(f"{self._clauses(conflict)}{known}", indent=2, lead="- ")
            basis = self._basis(after, conflict)
            if basis:
                page.text(f"recorded: {basis}", indent=6)
        self._rest(after.conflicts, _CONFLICTS)
        if "conflicts" in after.cut:
            page.text("The search for conflicts was cut short: there may be more.", indent=2)
        if difference.gone and after.verdict != "unresolved":
            page.text("No longer in the way:", indent=2)
            for conflict in difference.gone[:_CONFLICTS]:
                page.text(self._clauses(conflict), indent=2, lead="- ")
            self._rest(difference.gone, _CONFLICTS)

    def _rest(self, subsets: Subsets, shown: int) -> None:
        if len(subsets) > shown:
            self.page.text(f"and {len(subsets) - shown} more {_MORE}", indent=2, lead="- ")

    def _clauses(self, conflict: Sequence[str]) -> str:
        return ", together with ".join(f"{name} {self.words.clause(name).label}" for name in conflict)

    def _basis(self, trial: TrialAnswer, conflict: Sequence[str]) -> str:
        """The facts that force a conflict."""
        names = [
            *(each.facts for each in trial.clauses if each.id in conflict and each.status == "not_met"),
            *(each.facts for each in trial.joint_conflicts if set(each.clauses) <= set(conflict)),
        ]
        return self.words.facts(name for facts in names for name in facts)

    def _deciding_sets(self, difference: Difference) -> None:
        page, after = self.page, difference.after
        sets = after.deciding_sets
        why = at_best(after) if after.verdict == "undetermined" else None
        if why:
            page.text(why, indent=2)
        shared = frozenset(sets[0]).intersection(*sets) if sets else frozenset()
        if shared:
            page.text(self._names(self.words, shared), indent=2, lead="Find out: ")
        for i, each in enumerate(sets[:_SETS] if len(sets) > 1 else ()):
            lead = "      or: " if i else "     and: " if shared else "Find out: "
            page.text(self._names(self.words, set(each) - shared), indent=2, lead=lead)
        if len(sets) > _SETS:
            page.text(f"in {number(len(sets) - _SETS, 'other way')} {_MORE}", indent=2, lead="      or: ")
        if "deciding_sets" in after.cut:
            page.text("The search for what would settle it was cut short.", indent=2)
        gone = difference.no_longer_missing
        if gone and after.verdict in ("eligible", "ineligible", "undetermined"):
            page.text(self._names(self.earlier.words, gone), indent=2, lead="No longer asked for: ")

    def _names(self, words: Wording, names: Iterable[str]) -> str:
        wanted = set(names)
        labels = [words.wanted(name) for name in self.library.variables if name in wanted]
        more = len(labels) - _IN_SET
        return listed(labels) if more <= 1 else f"{', '.join(labels[:_IN_SET])} and {more} more {_MORE}"


def _verdict(trial: TrialAnswer) -> str:
    return f"{verdict_words(trial)}{'*' if trial.published_only else ''}"


def _change(difference: Difference) -> str:
    if difference.verdict_changed:
        return "changes"
    return "same verdict, other reasons" if difference.changed else "none"
