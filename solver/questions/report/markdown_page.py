"""A report as Markdown: the same sentences as in HTML, with the timeline in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.questions.report.answer import PatientReport
from solver.questions.report.contents import (
    ReportedClause,
    ReportedPatient,
    ReportedTrial,
    report_contents,
)
from solver.report.markdown import code, inline, paragraph


def markdown_report(reports: Sequence[PatientReport]) -> str:
    """The file on these patients, of whom there is at least one; several have an index."""
    lines: list[str] = []
    patients = [report_contents(each) for each in reports]
    if len(patients) > 1:
        lines += [f"# Report on {len(patients)} patients", ""]
        for i, patient in enumerate(patients, 1):
            said = "contradicts itself" if patient.contradictions else patient.summary
            tail = f": {inline(said)}" if said else ""
            lines.append(f"- [{inline(patient.name)}](#patient-{i}), as of {patient.as_of}{tail}")
        lines.append("")
    for i, patient in enumerate(patients, 1):
        if len(patients) > 1:
            lines += [f'<a id="patient-{i}"></a>', ""]
        lines += _patient_lines(patient, "##" if len(patients) > 1 else "#")
    return "\n".join(lines).rstrip("\n") + "\n"


def _patient_lines(patient: ReportedPatient, level: str) -> Iterator[str]:
    site = f" ({inline(patient.site)})" if patient.site else ""
    yield f"{level} Patient {inline(patient.name)}, as of {patient.as_of}{site}"
    yield ""
    for text in (patient.headline, *patient.judged_by):
        yield from _paragraph(text)
    for text in patient.safety:
        yield from (f"**Safety:** {inline(text)}", "")
    for facts, grounds in patient.contradictions:
        told = " ".join([f"the record contradicts itself: {facts}.", *grounds])
        yield from (f"**Safety:** {inline(told)}", "")
    if patient.contradictions:
        yield from _paragraph("Every verdict is withheld until the record is corrected.")
    yield from _paragraph(patient.summary)
    yield "| Trial | Verdict | Recruitment | Reason |"
    yield "|---|---|---|---|"
    for trial in patient.trials:
        cells = (f"{trial.code} ({trial.nct})", trial.verdict_words, trial.recruitment, trial.reason)
        yield f"| {' | '.join(map(inline, cells))} |"
    yield ""
    for trial in patient.trials:
        if trial.clauses:
            yield from _trial_lines(trial, f"{level}#")
    notes = [f"{codes}: {text}" for text, codes in patient.notes]
    for title, texts in (
        ("Notes of the trials", notes),
        ("Assumed, since it is not recorded", patient.assumptions),
        ("Warnings", patient.warnings),
        ("Everything that is recorded", patient.recorded),
    ):
        if texts:
            yield from (f"{level}# {title}", "", *(f"- {inline(text)}" for text in texts), "")
    yield from _paragraph("; ".join(f"{name}: {text}" for name, text in patient.identity) + ".")
    yield from _paragraph("Decision support only: a clinician must review the basis of every answer.")
    yield from ("Reviewed: name ____________________, date ____________, signature ____________________", "")


def _trial_lines(trial: ReportedTrial, level: str) -> Iterator[str]:
    yield f"{level} {inline(trial.code)} ({inline(trial.nct)}): {inline(trial.verdict_words)}"
    yield ""
    yield from _paragraph(trial.title)
    for text in trial.days:
        yield from _paragraph(f"If only time passes: {text}.")
    if trial.timeline:
        yield from (*(f"- {inline(row.name)}: {inline(row.words)}" for row in trial.timeline.rows), "")
    if trial.findings:
        yield "| To find out | Required | Remarks |"
        yield "|---|---|---|"
        for finding in trial.findings:
            yield f"| {inline(finding.label)} | {inline(finding.require)} | {inline(finding.notes)} |"
        yield ""
    for i, step in enumerate(trial.steps, 1):
        effects = f" - {inline('; '.join(step.effects))}" if step.effects else ""
        yield f"{i}. {inline(step.how)}: {inline(step.labels)}{effects}"
    if trial.steps:
        yield ""
    yield from (_clause_line(clause) for clause in trial.pressing)
    if trial.pressing:
        yield ""
    if trial.met:
        yield from (f"Met: {', '.join(code(clause.id) for clause in trial.met)}.", "")
    for text in trial.sentences:
        yield from _paragraph(text)
    yield from _paragraph(f"Sources: {'; '.join(f'{name} - {text}' for name, text in trial.sources)}.")


def _clause_line(clause: ReportedClause) -> str:
    told = []
    for each in clause.standings:
        lead = f"{each.cohorts}: " if each.cohorts else ""
        told.append(f"{lead}{each.status}{f' - {joined}' if (joined := '; '.join(each.basis)) else ''}")
    text = f"{clause.label}: {'; '.join(told)}. Source: {clause.source}"
    return f"- {code(clause.id)} {inline(text)}"


def _paragraph(text: str) -> tuple[str, ...]:
    return (paragraph(text), "") if text else ()
