"""The report of `match examples`: a review sheet for people, as a page, as Markdown to sign and as JSON, and what came of a saved one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby

from solver.engine.answer import Subsets
from solver.language.types import EnumerationType
from solver.library.models import Library
from solver.questions.examples import answer as a
from solver.report.head import FAINT, HEADING, STYLES
from solver.report.json import document
from solver.report.markdown import code, inline, paragraph
from solver.report.page import Page
from solver.report.words import Wording, listed, number

_MOST_DIFFERENT = 40
_STYLES: dict[str, str] = dict(STYLES.items())
_INTRODUCTION = (
    "Every patient is the starting patient of the cohort with the facts that are named changed, and meets every other "
    "clause of the cohort. So whoever is ineligible here is ineligible by the clause of the heading alone."
)
_QUESTION = "Would you judge each patient the same by the text of the protocol?"


def examples_page(sheet: a.Sheet, library: Library, width: int) -> Page:
    """The sheet for people."""
    words, page = _PatientWords(library), Page(width)
    page.text(_title_words(sheet), style=HEADING)
    page.text(_counts_words(sheet))
    page.text(_INTRODUCTION, style=FAINT)
    page.blank()
    page.text("Starting patients", style=HEADING)
    for start in sheet.starting:
        page.text(f"{start.cohort} {start.label}", indent=2)
        page.text(words.start(start), indent=4)
    for first, group in _by_clause(sheet):
        page.blank()
        page.text(first.label, lead=f"{first.clause}  ", style=HEADING, lead_style=HEADING)
        logic = told = ""
        for example in group:
            if logic != (logic := example.logic):
                page.text(logic, indent=2, style=FAINT)
            if told != (told := words.setting(example)):
                page.text(f"{told or 'As the starting patient'}:", indent=2)
            for facts, verdict in words.lines(example):
                page.text(f"{facts}: {verdict}", indent=4, lead="- ", style=_STYLES.get(verdict, ""))
    if sheet.unshown:
        page.blank()
        page.text("Clauses without an example", style=HEADING)
        for unshown in sheet.unshown:
            page.text(f"{unshown.label}: {_why_unshown(unshown)}", indent=2, lead=f"{unshown.clause}  ")
    return page


def examples_markdown(sheet: a.Sheet, library: Library) -> str:
    """The sheet as Markdown to sign."""
    words = _PatientWords(library)
    lines = [f"# {inline(_title_words(sheet))}", "", paragraph(sheet.title), "", _counts_words(sheet), ""]
    lines += [_INTRODUCTION, "", _QUESTION, "", "## Starting patients", ""]
    for start in sheet.starting:
        lines.append(f"- **{inline(start.cohort)}** {inline(start.label)}: {inline(words.start(start))}")
    for first, group in _by_clause(sheet):
        lines += ["", f"## {inline(first.clause)}: {inline(first.label)}", ""]
        lines.append(f"Source: {inline(first.source)}")
        logic = ""
        for example in group:
            if logic != (logic := example.logic):
                lines += ["", f"Encoded as {code(logic)}"]
            setting = words.setting(example)
            lines += ["", *([f"{paragraph(setting)}:", ""] if setting else [])]
            lines += ["| patient | | verdict | agree | disagree |", "|---|---|---|---|---|"]
            for patient in example.patients:
                cells = [patient.record.id, words.facts(patient, example.changes), _verdict_words(patient)]
                lines.append(f"| {' | '.join(map(inline, cells))} | ☐ | ☐ |")
    if sheet.unshown:
        lines += ["", "## Clauses without an example", ""]
        for unshown in sheet.unshown:
            why = f"**{inline(unshown.clause)}** {inline(unshown.label)}: {inline(_why_unshown(unshown))}"
            lines.append(f"- {why}  ☐ agree  ☐ disagree")
    lines += ["", "## Signature", "", "| name | date | signature |", "|---|---|---|", "| | | |", ""]
    lines += [f"Encodings: {code(sheet.engine.encodings)}"]
    return "\n".join(lines)


def examples_text(sheet: a.Sheet) -> str:
    """The sheet as JSON, a line for each part, so that versions of a saved one can be compared."""
    lines = []
    for key, value in document(sheet).items():
        if isinstance(value, list):
            parts = ",\n".join(f"  {_json_value(part)}" for part in value)
            lines.append(f"{_json_value(key)}: [\n{parts}\n ]" if parts else f"{_json_value(key)}: []")
        else:
            lines.append(f"{_json_value(key)}: {_json_value(value)}")
    return "{" + ",\n ".join(lines) + "}"


def _json_value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _title_words(sheet: a.Sheet) -> str:
    return f"{sheet.code} ({sheet.nct}): examples for review"


def _counts_words(sheet: a.Sheet) -> str:
    patients = sum(len(example.patients) for example in sheet.examples)
    clauses = len({example.clause for example in sheet.examples})
    whole = f"{number(patients, 'patient')} for {number(clauses, 'clause')}"
    return f"{whole}, as of {sheet.day}; encodings {sheet.engine.encodings[:19]}"


def _by_clause(sheet: a.Sheet) -> Iterator[tuple[a.Example, list[a.Example]]]:
    for _, group in groupby(sheet.examples, key=lambda example: example.clause):
        examples = list(group)
        yield examples[0], examples


class _PatientWords:
    """The words for the patients of a sheet."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def start(self, start: a.StartingPatient) -> str:
        """The starting patient of a cohort, or why there is none."""
        if start.patient is not None:
            return f"{start.patient.cohort_verdict}: {self.facts(start.patient, start.patient.record.facts)}"
        return "the solver gave up on who can enter it" if start.undecided else "nobody can enter it"

    def facts(self, patient: a.JudgedPatient, names: Iterable[str]) -> str:
        """Facts of a patient in words; what is not recorded is told as well."""
        words = Wording(self.library, patient.record)
        wanted = set(names)
        return "; ".join(
            words.fact(name) if name in patient.record.facts else f"{variable.label} not recorded"
            for name, variable in self.library.variables.items()
            if name in wanted
        )

    def setting(self, example: a.Example) -> str:
        """In which cohort, unless the clause reads the same in all of them, and what besides is not as with its starting patient."""
        patient = example.patients[0]
        cohort = "" if example.everywhere else f"Cohort {example.cohort}"
        closed = "the other cohorts closed" if patient.record.context.open_cohorts else ""
        setup = f"with {self.facts(patient, example.setup)}" if example.setup else ""
        together = "where no single fact is enough" if len(example.changes) > 1 else ""
        text = ", ".join(filter(None, (cohort, closed, setup, together)))
        return text[:1].upper() + text[1:]

    def lines(self, example: a.Example) -> list[tuple[str, str]]:
        """What changes in each patient, and the verdict; values of an enumeration with the same verdict together."""
        variable = self.library.variables[example.changes[0]]
        if len(example.changes) > 1 or not isinstance(variable.type, EnumerationType):
            return [(self.facts(each, example.changes), _verdict_words(each)) for each in example.patients]
        alike: dict[str, list[str]] = {}
        for patient in example.patients:
            alike.setdefault(_verdict_words(patient), []).append(patient.record.facts[variable.name].text)
        return [(f"{variable.label} {listed(values, 'or')}", verdict) for verdict, values in alike.items()]


def _verdict_words(patient: a.JudgedPatient) -> str:
    """The verdict on the cohort, and on the trial where that is another."""
    if patient.verdict == patient.cohort_verdict or patient.cohort_verdict is None:
        return str(patient.cohort_verdict)
    return f"{patient.cohort_verdict} (the trial: {patient.verdict})"


def _why_unshown(unshown: a.Unshown) -> str:
    match unshown.why:
        case "vacuous":
            return "nobody fails it while the cohort is open, so it needs no example"
        case "implied":
            return f"never the only reason: whoever fails it also fails {listed(unshown.others, 'or')}"
        case _:
            return "no example was found within the solver's budget"


def verify_page(found: a.SheetRecheck, width: int) -> Page:
    """What came of a saved sheet: who stands otherwise, the clause of the example first."""
    page = Page(width)
    whole = f"{found.code}: {found.hold} of {found.patients} patients of {found.file} stand as saved"
    page.text(whole, style=HEADING)
    same = found.saved_encodings == found.engine.encodings
    page.text(f"The encodings are {'the same' if same else 'others than those of the sheet'}.", style=FAINT)
    for clause, group in groupby(found.differ, key=lambda each: each.clause):
        page.blank()
        page.text(clause or "starting patients", style=HEADING)
        for each in list(group)[:_MOST_DIFFERENT]:
            text = f"cohort {each.cohort}: {_standing_words(each.saved)} in the sheet, now {_standing_words(each.now)}"
            page.text(text, indent=2, lead=f"{each.patient}  ")
    return page


def _standing_words(standing: a.PatientVerdict) -> str:
    """The verdict on the cohort with its conflicts, and on the trial where that is another."""
    if standing.cohort_verdict is None:
        return "without such a cohort"
    cohort = f"{standing.cohort_verdict}{_by_conflicts(standing.cohort_conflicts)}"
    if (standing.verdict, standing.conflicts) == (standing.cohort_verdict, standing.cohort_conflicts):
        return cohort
    return f"{cohort} (the trial: {standing.verdict}{_by_conflicts(standing.conflicts)})"


def _by_conflicts(conflicts: Subsets) -> str:
    return f" by {listed([' + '.join(conflict) for conflict in conflicts])}" if conflicts else ""
