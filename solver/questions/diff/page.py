"""The report of `match diff`: how a trial B relates to a trial A, with patients who show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.engine.answer import Subsets
from solver.engine.clauses import extent
from solver.language.calendar import format_day
from solver.language.tree import variables
from solver.library.models import Clause, Library
from solver.patient.record import Context
from solver.questions.diff.admission import Direction, Shown
from solver.questions.diff.ask import Changed, ClausePairing, CohortPairing, Relation
from solver.questions.diff.document import Answer, counts
from solver.questions.diff.edits import local_id
from solver.report.any_day import days_words
from solver.report.head import FAINT, HEADING, STYLES
from solver.report.page import Page, Span
from solver.report.words import Wording, listed, number

_CLAUSES = 12
_SETS = 3
_FEW = 6
_PATIENTS = 40
_LONG = 60
_ALL = "(--format json lists all)"
_RELATION: dict[Relation, str] = {
    "equivalent": "A and B are equivalent: they admit the same patients.",
    "stricter": "B is stricter than A: it admits some of the patients of A, and no others.",
    "looser": "B is looser than A: it admits all patients of A, and others.",
    "incomparable": "A and B are incomparable: each admits patients whom the other does not.",
    "unresolved": "How A and B relate is not decided within the solver's budget.",
}
_RELATION_STYLES: dict[Relation, str] = {
    "equivalent": "bold green",
    "stricter": "bold yellow",
    "looser": "bold yellow",
    "incomparable": "bold red",
    "unresolved": "bold magenta",
}


def diff_page(answer: Answer, library: Library, width: int) -> Page:
    """The answer for people."""
    report = _Report(answer, library, width)
    report.write()
    return report.page


class _Report:
    def __init__(self, answer: Answer, library: Library, width: int) -> None:
        self.answer, self.library, self.page = answer, library, Page(width)
        self.found = answer.comparison
        self.trials = {"A": self.found.first, "B": self.found.second}

    def write(self) -> None:
        """Add everything to the page."""
        pairing = self.found.pairing
        self._header()
        self._direction("A", "B", pairing.lost)
        self._direction("B", "A", pairing.gained)
        self._cohorts()
        self._clauses()
        self._readings()
        self._edits()
        if self.answer.patients is not None:
            self._patients(self.answer.patients)

    def _header(self) -> None:
        page, pairing = self.page, self.found.pairing
        for (side, trial), file in zip(self.trials.items(), self.answer.files, strict=True):
            where = f"file {file}" if file else "of the encodings"
            page.text(f"{trial.code} ({trial.nct}), {where}", lead=f"{side}: ", style=HEADING)
        page.blank()
        plausible = (
            " So it is within plausible values." if pairing.lost.ranges or pairing.gained.ranges else ""
        )
        page.text(_RELATION[pairing.relation] + plausible, style=_RELATION_STYLES[pairing.relation])
        days = days_words() if self.found.every_day else f"on {format_day(self.found.as_of)}"
        text = f"Over all patients evaluated {days}, with every cohort open, under the first readings."
        page.text(text, style=FAINT)
        for rests, trial in self.trials.items():
            whole = extent(trial, Context())
            if trial.open_ended or whole.not_judged:
                page.text(f"{rests} has criteria that are not encoded; nothing is said of them.", style=FAINT)
            if any(whole.capped.values()):
                text = (
                    f"{rests} keeps {number(whole.objective - whole.encoded, 'objective criterion', 'objective criteria')} as text, "
                    "which may take and refuse anyone; only the same text is taken for the same."
                )
                page.text(text, style=FAINT)

    # whom one admits and the other does not

    def _direction(self, own: str, other: str, found: Direction) -> None:
        page = self.page
        page.blank()
        page.text(f"Admitted by {own} and not by {other}", style=HEADING)
        if found.exists is None:
            page.text("not decided within the solver's budget", indent=2)
        elif not found.exists:
            page.text(f"nobody{self._needs(found)}", indent=2)
        else:
            self._responsible(other, found)
            if found.witness is None:
                page.text("No patient who shows it was found that can be written exactly.", indent=2)
            else:
                self._witness(own, other, found, found.witness)

    def _needs(self, found: Direction) -> str:
        """What the proof that there is nobody takes for granted."""
        if not found.ranges:
            return ""
        names = [name.partition(":")[2] for name in found.ranges]
        labels = [self.library.variables[n].label if n in self.library.variables else n for n in names]
        return f", as long as these have plausible values: {listed(labels)}"

    def _responsible(self, other: str, found: Direction) -> None:
        page, sets = self.page, found.responsible.subsets
        if not sets:
            page.text("The solver gave up on the clauses that are responsible.", indent=2)
            return
        page.text(f"{other} would admit them without {_clauses_word(sets)}:", indent=2)
        for i, subset in enumerate(sets[:_SETS]):
            if i:
                page.text("or without", indent=2)
            for name in subset[:_CLAUSES]:
                page.text(self._clause(other, name), indent=4, lead="- ")
            if len(subset) > _CLAUSES:
                page.text(f"and {len(subset) - _CLAUSES} more {_ALL}", indent=4, lead="- ")
        if len(sets) > _SETS or not found.responsible.complete:
            page.text(f"and there are other sets of clauses {_ALL}", indent=2)

    def _clause(self, side: str, name: str) -> str:
        """A clause in words, with what became of it."""
        clause = self._named(side, name)
        changed = {each.clause: each for each in self.found.clauses}.get(local_id(self.trials[side], clause))
        note = "" if changed is None or changed.change == "unchanged" else f" ({_became(changed)})"
        return f"{name}{note} {clause.label}"

    def _named(self, side: str, name: str) -> Clause:
        return next(clause for clause in self.trials[side].clauses if clause.id == name)

    def _witness(self, own: str, other: str, found: Direction, shown: Shown) -> None:
        """A patient: first what the responsible clauses speak of that are failed, then the rest."""
        page, record = self.page, shown.record
        words = Wording(self.library, record)
        failed = list(dict.fromkeys(name for names in shown.failed.values() for name in names))
        responsible = {name for subset in found.responsible.subsets for name in subset}
        failed = [name for name in failed if name in responsible] or failed
        spoken = self._spoken(other, failed)
        telling = [name for name in record.facts if name in spoken]
        rest = [name for name in record.facts if name not in spoken]
        cohort = f" ({shown.cohort})" if len(self.trials[own].cohorts) > 1 else ""
        day = "" if record.as_of == self.found.as_of else f" evaluated on {format_day(record.as_of)},"
        capped = shown.cohort in extent(self.trials[own], Context()).capped
        fits = "who meets what is encoded" if capped else "eligible"
        page.text(
            f"For example,{day} {fits} in {own}{cohort}, and not in {other} for {listed(failed)}:", indent=2
        )
        for name in telling:
            page.text(words.fact(name), indent=4, lead="- ")
        if rest:
            lead = "the rest: " if telling else ""
            page.text(f"{lead}{words.facts(rest)}", indent=4, lead="- ")

    def _spoken(self, side: str, names: Iterable[str]) -> frozenset[str]:
        """The variables that clauses speak of."""
        conditions = [
            condition for name in names for condition in self._named(side, name).conditions.values()
        ]
        return frozenset[str]().union(*map(variables, conditions))

    # parts

    def _cohorts(self) -> None:
        cohorts = self.found.cohorts
        if len(cohorts) == 1 and cohorts[0].pairing is self.found.pairing:
            return
        page = self.page
        page.blank()
        page.text("Cohorts", style=HEADING)
        width = max(len(each.cohort) for each in cohorts)
        for each in cohorts:
            page.row([Span(f"  {each.cohort}"), Span(self._cohort(each))], [width + 2])

    def _cohort(self, each: CohortPairing) -> str:
        pairing = each.pairing
        if pairing is None:
            return f"only in {' AB'[each.version]}"
        parts = [
            f"{side} asks for {_briefly(found.responsible.subsets)}"
            for side, found in (("B", pairing.lost), ("A", pairing.gained))
            if found.exists and found.responsible.subsets
        ]
        words = {"stricter": "stricter in B", "looser": "looser in B"}.get(pairing.relation, pairing.relation)
        return f"{words}: {'; '.join(parts)}" if parts else words

    def _clauses(self) -> None:
        """What became of each clause, of two versions of one trial."""
        if not self.found.clauses:
            return
        page = self.page
        page.blank()
        page.text("Clauses", style=HEADING)
        changed = [each for each in self.found.clauses if each.change != "unchanged"]
        for each in changed:
            page.text(f"{each.clause} {_became(each)}", indent=2, lead="- ")
        same = len(self.found.clauses) - len(changed)
        page.text(f"{number(same, 'clause')} unchanged", indent=2, lead="- ")

    def _readings(self) -> None:
        if not self.found.readings:
            return
        self.page.blank()
        self.page.text("Under a second reading it is otherwise", style=HEADING)
        for name, relation in self.found.readings:
            self.page.text(f"{name}: {relation}", indent=2, lead="- ")

    def _edits(self) -> None:
        if not self.found.edits:
            return
        page = self.page
        page.blank()
        page.text("Elsewhere in the file", style=HEADING)
        for edit in self.found.edits:
            if edit.before is None or edit.after is None:
                change = "added" if edit.before is None else "removed"
            elif len(edit.before) + len(edit.after) <= _LONG:
                change = f"{edit.before or 'none'} -> {edit.after or 'none'}"
            else:
                change = "reads otherwise"
            page.text(f"{edit.where}: {change}", indent=2, lead="- ")

    # a cohort of patients

    def _patients(self, patients: Sequence[Changed]) -> None:
        page = self.page
        page.blank()
        changed = [each for each in patients if each.difference.verdict_changed]
        page.text(f"Patients: {len(changed)} of {len(patients)} change", style=HEADING)
        for count in counts(patients):
            before, after = count["before"], count["after"]
            change = f"{before} in both" if before == after else f"{before} -> {after}"
            page.text(f"{count['count']} {change}", indent=2, lead="- ")
        if changed:
            page.blank()
        width = max((len(each.patient) for each in changed[:_PATIENTS]), default=0)
        for each in changed[:_PATIENTS]:
            difference = each.difference
            style = STYLES[difference.after.verdict]
            cells = [Span(f"  {each.patient}", HEADING), Span(_change(each), style)]
            page.row(cells, [width + 2])
        if len(changed) > _PATIENTS:
            page.text(f"and {len(changed) - _PATIENTS} more {_ALL}", indent=2)
        if self.answer.wrong:
            page.text(f"{number(self.answer.wrong, 'line')} of the cohort could not be read.", indent=2)


def _clauses_word(sets: Subsets) -> str:
    if len(sets) > 1:
        return "one of these sets of clauses"
    return "this clause" if len(sets[0]) == 1 else "these clauses"


def _alternatives(sets: Subsets) -> str:
    return "; or ".join(listed(subset) for subset in sets[:_SETS])


def _briefly(sets: Subsets) -> str:
    if len(sets) == 1 and len(sets[0]) > _FEW:
        return number(len(sets[0]), "clause")
    return _alternatives(sets)


def _became(each: ClausePairing) -> str:
    """What became of a clause, and what that means."""
    if each.change == "reworded":
        return "reworded, and says the same"
    if each.change in ("added", "removed") and each.relation == "equivalent":
        return f"{each.change}, and changes nothing by itself"
    if each.change in ("added", "removed"):
        return each.change
    return {"incomparable": "changed in both directions", "unresolved": "changed, not decided how"}.get(
        each.relation, f"changed, {each.relation}"
    )


def _change(each: Changed) -> str:
    """From which verdict to which, and why."""
    before, after = each.difference.before, each.difference.after
    reasons = []
    if before.conflicts:
        reasons.append(f"A: {_alternatives(before.conflicts)}")
    if after.conflicts:
        reasons.append(f"B: {_alternatives(after.conflicts)}")
    for side, answer in (("A", before), ("B", after)):
        if answer.deciding_sets:
            reasons.append(f"{side} needs {_alternatives(answer.deciding_sets)}")
    why = f" ({'; '.join(reasons)})" if reasons else ""
    names = [
        f"{t.verdict}{' on the published criteria' if t.published_only else ''}" for t in (before, after)
    ]
    return f"{names[0]} -> {names[1]}{why}"
