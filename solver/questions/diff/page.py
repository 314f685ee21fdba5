"""The report of `match diff`: how a trial B relates to a trial A, with patients who show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from solver.engine.answer import Subsets
from solver.language.calendar import format_day
from solver.language.tree import variables
from solver.library.models import Clause, Library
from solver.questions.diff import answer as a
from solver.questions.diff.ask import local_id
from solver.report.head import FAINT, HEADING, STYLES
from solver.report.page import Page, Span
from solver.report.words import Wording, listed, number

_CLAUSES = 12
_SETS = 3
_FEW = 6
_PATIENTS = 40
_LONG = 60
_ALL = "(--format json lists all)"
RELATIONS: dict[a.Relation, str] = {
    "equivalent": "A and B are equivalent: they admit the same patients.",
    "stricter": "B is stricter than A: it admits some of the patients of A, and no others.",
    "looser": "B is looser than A: it admits all patients of A, and others.",
    "incomparable": "A and B are incomparable: each admits patients whom the other does not.",
    "unresolved": "How A and B relate is not decided within the solver's budget.",
}
RELATION_STYLES: dict[a.Relation, str] = {
    "equivalent": "bold green",
    "stricter": "bold yellow",
    "looser": "bold yellow",
    "incomparable": "bold red",
    "unresolved": "bold magenta",
}


def diff_page(answer: a.Comparison, library: Library, width: int) -> Page:
    """The answer for people."""
    report = DiffPage(answer, library, Page(width))
    report.write()
    return report.page


class DiffPage:
    """What a page of a comparison is made of."""

    def __init__(self, answer: a.Comparison, library: Library, page: Page) -> None:
        self.found, self.library, self.page = answer, library, page
        self.sides = {"A": answer.first_side, "B": answer.second_side}

    def write(self) -> None:
        """Add everything to the page."""
        self._write_head()
        self.write_direction("A", "B", self.found.lost, "Admitted by A and not by B")
        self.write_direction("B", "A", self.found.gained, "Admitted by B and not by A")
        self._write_cohorts()
        self._write_clauses()
        self._write_readings()
        self._write_edits()
        if self.found.patients is not None:
            self._write_patients(self.found.patients)

    def _write_head(self) -> None:
        page, found = self.page, self.found
        for name, side in self.sides.items():
            where = f"file {side.file}" if side.file else "of the encodings"
            page.text(f"{side.code} ({side.nct}), {where}", lead=f"{name}: ", style=HEADING)
        page.blank()
        plausible = " So it is within plausible values." if found.lost.ranges or found.gained.ranges else ""
        page.text(RELATIONS[found.relation] + plausible, style=RELATION_STYLES[found.relation])
        days = found.days or f"on {found.day}"
        text = f"Over all patients evaluated {days}, with every cohort open, under the first readings."
        page.text(text, style=FAINT)
        for name, side in self.sides.items():
            if side.open_ended:
                page.text(f"{name} has criteria that are not encoded; nothing is said of them.", style=FAINT)
            if side.texts:
                text = (
                    f"{name} keeps {number(side.texts, 'objective criterion', 'objective criteria')} as text, "
                    "which may take and refuse anyone; only the same text is taken for the same."
                )
                page.text(text, style=FAINT)

    def _write_heading(self, text: str) -> None:
        self.page.blank()
        self.page.text(text, style=HEADING)

    # whom one admits and the other does not

    def write_direction(self, own: str, other: str, found: a.OneWay, heading: str) -> None:
        """Whom one side admits and the other does not."""
        page = self.page
        self._write_heading(heading)
        if found.exists is None:
            page.text("not decided within the solver's budget", indent=2)
        elif not found.exists:
            page.text(f"nobody{self._ranges_words(found)}", indent=2)
        else:
            self._write_responsible(other, found)
            if found.witness is None:
                page.text("No patient who shows it was found that can be written exactly.", indent=2)
            else:
                self._write_witness(own, other, found, found.witness)

    def _ranges_words(self, found: a.OneWay) -> str:
        """What the proof that there is nobody takes for granted."""
        if not found.ranges:
            return ""
        names = [name.partition(":")[2] for name in found.ranges]
        labels = [self.library.variables[n].label if n in self.library.variables else n for n in names]
        return f", as long as these have plausible values: {listed(labels)}"

    def _write_responsible(self, other: str, found: a.OneWay) -> None:
        page, sets = self.page, found.responsible
        if not sets:
            page.text("The solver gave up on the clauses that are responsible.", indent=2)
            return
        page.text(f"{other} would admit them without {_clauses_word(sets)}:", indent=2)
        for i, subset in enumerate(sets[:_SETS]):
            if i:
                page.text("or without", indent=2)
            for name in subset[:_CLAUSES]:
                page.text(self._clause_words(other, name), indent=4, lead="- ")
            if len(subset) > _CLAUSES:
                page.text(f"and {len(subset) - _CLAUSES} more {_ALL}", indent=4, lead="- ")
        if len(sets) > _SETS or not found.responsible_complete:
            page.text(f"and there are other sets of clauses {_ALL}", indent=2)

    def _clause_words(self, side: str, name: str) -> str:
        clause = self._clause_of(side, name)
        changes = {each.clause: each for each in self.found.clauses}
        changed = changes.get(local_id(self.sides[side].trial, clause))
        note = "" if changed is None or changed.change == "unchanged" else f" ({_change_of_clause(changed)})"
        return f"{name}{note} {clause.label}"

    def _clause_of(self, side: str, name: str) -> Clause:
        return next(clause for clause in self.sides[side].trial.clauses if clause.id == name)

    def _write_witness(self, own: str, other: str, found: a.OneWay, shown: a.AdmittedPatient) -> None:
        """A patient: first what the responsible clauses speak of that are failed, then the rest."""
        page, record = self.page, shown.record
        asked = replace(self.library, trials={side: self.sides[side].trial for side in (own, other)})
        words = Wording.of_events(asked, record)
        record = words.record
        failed = list(dict.fromkeys(name for names in shown.failed.values() for name in names))
        responsible = {name for subset in found.responsible for name in subset}
        failed = [name for name in failed if name in responsible] or failed
        spoken = self._variables_of(other, failed)
        telling = [name for name in record.facts if name in spoken]
        rest = [name for name in record.facts if name not in spoken]
        cohort = f" ({shown.cohort})" if len(self.sides[own].trial.cohorts) > 1 else ""
        day = "" if record.as_of == self.found.as_of else f" evaluated on {format_day(record.as_of)},"
        fits = "who meets what is encoded" if shown.cohort in self.sides[own].capped else "eligible"
        whom = f"For example,{day} {fits} in {own}{cohort}"
        page.text(f"{whom}, and not in {other} for {listed(failed)}:", indent=2)
        for name in telling:
            page.text(words.fact(name), indent=4, lead="- ")
        if rest:
            lead = "the rest: " if telling else ""
            page.text(f"{lead}{words.facts(rest)}", indent=4, lead="- ")

    def _variables_of(self, side: str, names: Iterable[str]) -> frozenset[str]:
        conditions = [c for name in names for c in self._clause_of(side, name).conditions.values()]
        return frozenset[str]().union(*map(variables, conditions))

    # parts

    def _write_cohorts(self) -> None:
        cohorts = self.found.cohorts
        if len(cohorts) == 1:
            return
        page = self.page
        self._write_heading("Cohorts")
        width = max(len(each.cohort) for each in cohorts)
        for each in cohorts:
            page.row([Span(f"  {each.cohort}"), Span(_cohort_words(each))], [width + 2])

    def _write_clauses(self) -> None:
        if not self.found.clauses:
            return
        page = self.page
        self._write_heading("Clauses")
        changed = [each for each in self.found.clauses if each.change != "unchanged"]
        for each in changed:
            page.text(f"{each.clause} {_change_of_clause(each)}", indent=2, lead="- ")
        same = len(self.found.clauses) - len(changed)
        page.text(f"{number(same, 'clause')} unchanged", indent=2, lead="- ")

    def _write_readings(self) -> None:
        if not self.found.readings:
            return
        self._write_heading("Under a second reading it is otherwise")
        for name, relation in self.found.readings:
            self.page.text(f"{name}: {relation}", indent=2, lead="- ")

    def _write_edits(self) -> None:
        if not self.found.edits:
            return
        page = self.page
        self._write_heading("Elsewhere in the file")
        for edit in self.found.edits:
            if edit.before is None or edit.after is None:
                change = "added" if edit.before is None else "removed"
            elif len(edit.before) + len(edit.after) <= _LONG:
                change = f"{edit.before or 'none'} -> {edit.after or 'none'}"
            else:
                change = "reads otherwise"
            page.text(f"{edit.where}: {change}", indent=2, lead="- ")

    # a cohort of patients

    def _write_patients(self, patients: Sequence[a.ComparedPatient]) -> None:
        page = self.page
        page.blank()
        changed = [each for each in patients if each.changed]
        page.text(f"Patients: {len(changed)} of {len(patients)} change", style=HEADING)
        for each in self.found.counts or ():
            same = each.before == each.after
            change = f"{each.before} in both" if same else f"{each.before} -> {each.after}"
            page.text(f"{each.count} {change}", indent=2, lead="- ")
        if changed:
            page.blank()
        width = max((len(each.patient) for each in changed[:_PATIENTS]), default=0)
        for patient in changed[:_PATIENTS]:
            style = STYLES[patient.after.verdict]
            cells = [Span(f"  {patient.patient}", HEADING), Span(_change_words(patient), style)]
            page.row(cells, [width + 2])
        if len(changed) > _PATIENTS:
            page.text(f"and {len(changed) - _PATIENTS} more {_ALL}", indent=2)
        if self.found.wrong_lines:
            page.text(f"{number(self.found.wrong_lines, 'line')} of the cohort could not be read.", indent=2)


def _cohort_words(each: a.CohortPairing) -> str:
    if each.relation is None:
        return f"only in {'A' if each.version == 'first' else 'B'}"
    parts = [
        f"{side} asks for {_few_alternatives(found.responsible)}"
        for side, found in (("B", each.lost), ("A", each.gained))
        if found and found.exists and found.responsible
    ]
    words = {"stricter": "stricter in B", "looser": "looser in B"}.get(each.relation, each.relation)
    return f"{words}: {'; '.join(parts)}" if parts else words


def _clauses_word(sets: Subsets) -> str:
    if len(sets) > 1:
        return "one of these sets of clauses"
    return "this clause" if len(sets[0]) == 1 else "these clauses"


def _alternatives_words(sets: Subsets) -> str:
    return "; or ".join(listed(subset) for subset in sets[:_SETS])


def _few_alternatives(sets: Subsets) -> str:
    if len(sets) == 1 and len(sets[0]) > _FEW:
        return number(len(sets[0]), "clause")
    return _alternatives_words(sets)


def _change_of_clause(each: a.ClausePairing) -> str:
    if each.change == "reworded":
        return "reworded, and says the same"
    if each.change in ("added", "removed") and each.relation == "equivalent":
        return f"{each.change}, and changes nothing by itself"
    if each.change in ("added", "removed"):
        return each.change
    words = {"incomparable": "changed in both directions", "unresolved": "changed, not decided how"}
    return words.get(each.relation, f"changed, {each.relation}")


def _change_words(each: a.ComparedPatient) -> str:
    sides = (("A", each.before), ("B", each.after))
    reasons = [f"{side}: {_alternatives_words(now.conflicts)}" for side, now in sides if now.conflicts]
    reasons += [f"{s} needs {_alternatives_words(n.deciding_sets)}" for s, n in sides if n.deciding_sets]
    why = f" ({'; '.join(reasons)})" if reasons else ""
    return f"{_verdict_words(each.before)} -> {_verdict_words(each.after)}{why}"


def _verdict_words(now: a.PatientStanding) -> str:
    return f"{now.verdict}{' on the published criteria' if now.published_only else ''}"
