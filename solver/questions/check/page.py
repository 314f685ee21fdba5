"""The report of `match check`: what is found in trial files, errors first, what is acknowledged last."""

from __future__ import annotations

from solver.library.models import Library
from solver.questions.check.answer import SEVERITIES, CheckAnswer, Finding, Severity
from solver.report.head import FAINT, HEADING
from solver.report.page import Page
from solver.report.words import Wording, listed, number

_FACTS = 8
_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold"}
_BASIS = (
    "Judged on every patient that the theory allows, evaluated {days} and for any first dose "
    "of the next ten years, while every cohort is open. What holds within plausible ranges only is said so."
)


def check_page(answer: CheckAnswer, library: Library, width: int) -> Page:
    """The findings for people."""
    page = Page(width)
    page.text(f"Consistency of {listed(answer.trials)}", style=HEADING)
    counts = zip(SEVERITIES, answer.counts, strict=False)
    told = ", ".join(number(count, severity) for severity, count in counts if count) or "nothing found"
    acknowledged = [finding for finding in answer.findings if finding.acknowledged is not None]
    page.text(f"{told}; {len(acknowledged)} acknowledged" if acknowledged else told)
    for finding in answer.findings:
        if finding.acknowledged is None:
            _write_finding(page, finding, library)
    if acknowledged:
        page.blank()
        page.text("Acknowledged in the file", style=HEADING)
        for finding in acknowledged:
            page.text(f"{_position_text(finding)}: {finding.kind}: {finding.text}", indent=2, lead="- ")
            page.text(f"Reason: {finding.acknowledged}", indent=4, style=FAINT)
    page.blank()
    page.text(_BASIS.format(days=answer.days), style=FAINT)
    return page


def _position_text(finding: Finding) -> str:
    """As compilers tell it, so that editors find it."""
    place = finding.places[0]
    return f"{place.file}:{place.line}:{place.column}"


def _write_finding(page: Page, finding: Finding, library: Library) -> None:
    page.blank()
    page.text(
        f"{_position_text(finding)}: {finding.severity}: {finding.kind}", style=_STYLES[finding.severity]
    )
    page.text(finding.text, indent=2)
    for place in finding.places:
        if place.clause is not None:
            text = f"{place.clause}, line {place.line}: {place.label}"
            page.text(text, indent=2, lead="- ", style=FAINT)
    if finding.witness is not None:
        words = Wording(library, finding.witness)
        spoken = frozenset[str]().union(*(place.variables for place in finding.places))
        names = sorted(finding.witness.facts, key=lambda name: name not in spoken)
        text = "; ".join(words.fact(name) for name in names[:_FACTS])
        if len(names) > _FACTS:
            text += f"; and {number(len(names) - _FACTS, 'more fact')} (--format json)"
        page.text(text, indent=2, lead="Such a patient: ")
