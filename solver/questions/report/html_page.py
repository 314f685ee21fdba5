"""A report as one HTML file: no script, nothing fetched, and the same bytes for the same question."""

from __future__ import annotations

from collections.abc import Sequence

from solver.questions.report.answer import PatientReport
from solver.questions.report.contents import report_contents
from solver.report.html.rendering import TEMPLATES, render_html


def html_report(reports: Sequence[PatientReport]) -> str:
    """The file on these patients, of whom there is at least one; several have an index."""
    from markupsafe import Markup

    style = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))
    patients = [report_contents(each) for each in reports]
    return render_html("report.html", patients=patients, style=style).lstrip()
