"""The report of `match examples`: a review sheet for people, as a page and as Markdown to sign, and what came of a saved one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from solver.engine.answer import Subsets
from solver.language.calendar import format_day
from solver.language.types import EnumerationType
from solver.library.models import Library
from solver.questions.examples.ask import Example, Judged, Sheet, Unshown
from solver.questions.examples.document import SavedSheet, clause_logic
from solver.questions.examples.saved_sheet import Rechecked, Standing
from solver.report.head import FAINT, HEADING, STYLES
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


class _Words:
    """The words of a sheet."""

    def __init__(self, sheet: Sheet, library: Library) -> None:
        self.sheet, self.library = sheet, library

    def title(self) -> str:
        trial = self.sheet.trial
        return f"{trial.code} ({trial.nct}): examples for review"

    def counts(self) -> str:
        patients = sum(len(example.patients) for example in self.sheet.examples)
        clauses = len({example.clause for example in self.sheet.examples})
        whole = f"{number(patients, 'patient')} for {number(clauses, 'clause')}"
        return f"{whole}, as of {format_day(self.sheet.as_of)}; encodings {self.sheet.encodings[:19]}"

    def start(self, cohort: str, start: Judged | None) -> str:
        if start is not None:
            return f"{start.standing.cohort_verdict}: {self.facts(start, start.record.facts)}"
        if cohort in self.sheet.undecided:
            return "the solver gave up on who can enter it"
        return "nobody can enter it"

    def facts(self, patient: Judged, names: Iterable[str]) -> str:
        """Facts of a patient in words; what is not recorded is told as well."""
        words = Wording(self.library, patient.record)
        wanted = set(names)
        return "; ".join(
            words.fact(name) if name in patient.record.facts else f"{variable.label} not recorded"
            for name, variable in self.library.variables.items()
            if name in wanted
        )

    def clause(self, name: str) -> str:
        return next(each.label for each in self.sheet.trial.clauses if each.id == name)

    def source(self, name: str) -> str:
        return next(each.source for each in self.sheet.trial.clauses if each.id == name)

    def setting(self, example: Example) -> str:
        """In which cohort, unless the clause reads the same in all of them, and what besides is not as with its starting patient."""
        patient = example.patients[0]
        clause = next(each for each in self.sheet.trial.clauses if each.id == example.clause)
        everywhere = not clause.by_cohort and len(clause.conditions) == len(self.sheet.trial.cohorts)
        cohort = "" if everywhere else f"Cohort {example.cohort}"
        closed = "the other cohorts closed" if patient.record.context.open_cohorts else ""
        setup = f"with {self.facts(patient, example.setup)}" if example.setup else ""
        together = "where no single fact is enough" if len(example.changes) > 1 else ""
        text = ", ".join(filter(None, (cohort, closed, setup, together)))
        return text[:1].upper() + text[1:]

    def verdict(self, example: Example, patient: Judged) -> str:
        """The verdict on the cohort, and on the trial where that is another."""
        stands = patient.standing
        if stands.verdict == stands.cohort_verdict or stands.cohort_verdict is None:
            return str(stands.cohort_verdict)
        return f"{stands.cohort_verdict} (the trial: {stands.verdict})"

    def lines(self, example: Example) -> list[tuple[str, str]]:
        """What changes in each patient, and the verdict; values of an enumeration with the same verdict together."""
        rows = [
            (self.facts(patient, example.changes), self.verdict(example, patient), patient)
            for patient in example.patients
        ]
        name = example.changes[0]
        if len(example.changes) > 1 or not isinstance(self.library.variables[name].type, EnumerationType):
            return [(facts, verdict) for facts, verdict, _ in rows]
        alike: dict[str, list[str]] = {}
        for _, verdict, patient in rows:
            alike.setdefault(verdict, []).append(patient.record.facts[name].text)
        label = self.library.variables[name].label
        return [(f"{label} {listed(values, 'or')}", verdict) for verdict, values in alike.items()]

    def unshown(self, unshown: Unshown) -> str:
        """Why a clause has no example."""
        match unshown.why:
            case "vacuous":
                return "nobody fails it while the cohort is open, so it needs no example"
            case "implied":
                return f"never the only reason: whoever fails it also fails {listed(unshown.others, 'or')}"
            case _:
                return "no example was found within the solver's budget"


def examples_page(sheet: Sheet, library: Library, width: int) -> Page:
    """The sheet for people."""
    words, page = _Words(sheet, library), Page(width)
    page.text(words.title(), style=HEADING)
    page.text(words.counts())
    page.text(_INTRODUCTION, style=FAINT)
    page.blank()
    page.text("Starting patients", style=HEADING)
    for cohort, start in sheet.starts.items():
        page.text(f"{cohort} {sheet.trial.cohorts[cohort]}", indent=2)
        page.text(words.start(cohort, start), indent=4)
    for clause, group in _by_clause(sheet):
        page.blank()
        page.text(words.clause(clause), lead=f"{clause}  ", style=HEADING, lead_style=HEADING)
        logic = told = ""
        for example in group:
            if logic != (logic := clause_logic(sheet, clause, example.cohort)):
                page.text(logic, indent=2, style=FAINT)
            if told != (told := words.setting(example)):
                page.text(f"{told or 'As the starting patient'}:", indent=2)
            for facts, verdict in words.lines(example):
                page.text(f"{facts}: {verdict}", indent=4, lead="- ", style=_STYLES.get(verdict, ""))
    if sheet.unshown:
        page.blank()
        page.text("Clauses without an example", style=HEADING)
        for unshown in sheet.unshown:
            text = f"{words.clause(unshown.clause)}: {words.unshown(unshown)}"
            page.text(text, indent=2, lead=f"{unshown.clause}  ")
    return page


def _by_clause(sheet: Sheet) -> Iterator[tuple[str, list[Example]]]:
    for clause, group in groupby(sheet.examples, key=lambda example: example.clause):
        yield clause, list(group)


def examples_markdown(sheet: Sheet, library: Library) -> str:
    """The sheet as Markdown to sign."""
    words = _Words(sheet, library)
    lines = [
        f"# {inline(words.title())}",
        "",
        paragraph(sheet.trial.title),
        "",
        words.counts(),
        "",
        _INTRODUCTION,
        "",
        _QUESTION,
    ]
    lines += ["", "## Starting patients", ""]
    for cohort, start in sheet.starts.items():
        lines.append(
            f"- **{inline(cohort)}** {inline(sheet.trial.cohorts[cohort])}: {inline(words.start(cohort, start))}"
        )
    for clause, group in _by_clause(sheet):
        lines += [
            "",
            f"## {inline(clause)}: {inline(words.clause(clause))}",
            "",
            f"Source: {inline(words.source(clause))}",
        ]
        logic = ""
        for example in group:
            if logic != (logic := clause_logic(sheet, clause, example.cohort)):
                lines += ["", f"Encoded as {code(logic)}"]
            setting = words.setting(example)
            lines += ["", *([f"{paragraph(setting)}:", ""] if setting else [])]
            lines += ["| patient | | verdict | agree | disagree |", "|---|---|---|---|---|"]
            for patient in example.patients:
                cells = [
                    patient.record.id,
                    words.facts(patient, example.changes),
                    words.verdict(example, patient),
                ]
                lines.append(f"| {' | '.join(map(inline, cells))} | ☐ | ☐ |")
    if sheet.unshown:
        lines += ["", "## Clauses without an example", ""]
        for unshown in sheet.unshown:
            lines.append(
                f"- **{inline(unshown.clause)}** {inline(words.clause(unshown.clause))}: {inline(words.unshown(unshown))}"
                "  ☐ agree  ☐ disagree"
            )
    lines += ["", "## Signature", "", "| name | date | signature |", "|---|---|---|", "| | | |", ""]
    lines += [f"Encodings: {code(sheet.encodings)}"]
    return "\n".join(lines)


def verify_page(sheet: SavedSheet, found: Sequence[Rechecked], library: Library, width: int) -> Page:
    """What came of a saved sheet: who stands otherwise, the clause of the example first."""
    page = Page(width)
    differ = [each for each in found if not each.holds]
    whole = (
        f"{sheet.code}: {len(found) - len(differ)} of {len(found)} patients of {sheet.name} stand as saved"
    )
    page.text(whole, style=HEADING)
    same = "the same" if sheet.encodings == library.digest else "others than those of the sheet"
    page.text(f"The encodings are {same}.", style=FAINT)
    for clause, group in groupby(differ, key=lambda each: each.saved.clause):
        page.blank()
        page.text(clause or "starting patients", style=HEADING)
        for each in list(group)[:_MOST_DIFFERENT]:
            before, now = (_stands(one) for one in (each.saved.standing, each.now))
            page.text(
                f"cohort {each.saved.cohort}: {before} in the sheet, now {now}",
                indent=2,
                lead=f"{each.saved.record.id}  ",
            )
    return page


def _stands(standing: Standing) -> str:
    """The verdict on the cohort with its conflicts, and on the trial where that is another."""
    if standing.cohort_verdict is None:
        return "without such a cohort"
    cohort = f"{standing.cohort_verdict}{_by(standing.cohort_conflicts)}"
    if (standing.verdict, standing.conflicts) == (standing.cohort_verdict, standing.cohort_conflicts):
        return cohort
    return f"{cohort} (the trial: {standing.verdict}{_by(standing.conflicts)})"


def _by(conflicts: Subsets) -> str:
    """The conflicts, the members of each joined by a plus."""
    return f" by {listed([' + '.join(conflict) for conflict in conflicts])}" if conflicts else ""
