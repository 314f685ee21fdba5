"""The terminal report of `match`: one line a trial, then the reasons, for someone with little time.

Everything is said in words and laid out for the width; nothing is only said by colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from solver.engine.answer import Subsets
from solver.language.tree import TRUE, variables
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.report import head
from solver.report.page import Page, Span
from solver.report.words import (
    IN_FULL,
    cohort_recruitment,
    days_line,
    listed,
    number,
    recruitment_cell,
    recruitment_words,
)
from solver.text import grouped

_IN_ROW = 3
_IN_SET = 6
_SETS = 4
_CONFLICTS = 30
_FIRST = 8


def report(answer: MatchAnswer, record: Record, library: Library, width: int) -> Page:
    """The report on one patient."""
    return _Report(answer, record, library, width).page


class _Report(head.Frame[MatchAnswer, TrialAnswer]):
    def __init__(self, answer: MatchAnswer, record: Record, library: Library, width: int) -> None:
        super().__init__(answer, record, library, width)
        self.ranks = self._ranked_variables()
        self.header()
        if answer.consistent is False:
            self.contradictions()
        self._write_rows()
        if len(self.trials) > 1 and all(trial.verdict == "undetermined" for trial in self.trials):
            self._write_first()
        for trial in self.trials:
            if trial.verdict not in ("withheld", "unresolved"):
                _Details(self, trial)
        self.footer()

    def _ranked_variables(self) -> list[str]:
        """The variables of deciding sets, those first that settle something in the most trials and are read by the most clauses."""
        trials = Counter(name for trial in self.trials for name in set().union(*trial.deciding_sets))
        clauses = Counter(
            name
            for trial in self.trials
            for clause in self.library.trials[trial.code].clauses
            for name in set().union(*map(variables, clause.conditions.values()))
        )
        places = {name: i for i, name in enumerate(self.library.variables)}
        self.in_trials = trials
        return sorted(trials, key=lambda name: (-trials[name], -clauses[name], places[name]))

    def _write_rows(self) -> None:
        cells = [
            (
                Span(trial.trial),
                Span(trial.code, head.HEADING),
                Span(head.verdict_words(trial), head.STYLES[trial.verdict]),
                Span(recruitment_cell(trial)),
                Span(self._short_reason(trial)),
            )
            for trial in self.trials
        ]
        self.page.table(("trial", "code", "verdict", "recruitment", "reason"), cells)

    def _short_reason(self, trial: TrialAnswer) -> str:
        match trial.verdict:
            case "eligible":
                every = "published criteria only: meets all" * trial.published_only or "meets every criterion"
                if trial.provisos.without:
                    every += " left"
                if trial.not_judged:
                    every += f", {len(trial.not_judged)} not judged"
                if not trial.assuming:
                    return every
                return f"{every}, if {number(len(trial.assuming), 'assumption holds', 'assumptions hold')}"
            case "ineligible":
                if not trial.conflicts:
                    return "blocked; the conflicts were not found within the budget"
                labels = [self.words.clause(name).label for name in trial.conflicts[0]]
                more = len(trial.conflicts) - 1
                first = f"not met{' together' if len(labels) > 1 else ''}: {'; '.join(labels)}"
                return first + (f" (+{more} more)" if more else "")
            case "undetermined":
                if trial.wants_logic:
                    return str(trial.encoded)
                return self._missing_words(trial.deciding_sets or trial.never_asked)
            case "unresolved":
                return "not decided within the solver's budget"
            case _:
                return "the record contradicts itself"

    def _missing_words(self, sets: Subsets) -> str:
        if not sets:
            return "data are missing; no deciding set was found"
        ordered = self.in_order(sets[0])
        labels = [self.words.wanted(name) for name in ordered]
        if len(labels) > _IN_ROW:
            return f"missing: {number(len(labels), 'item')}, among them {listed(labels[: _IN_ROW - 1])}"
        return f"missing: {listed(labels)}" + (" (or another way)" if len(sets) > 1 else "")

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Variables in the order in which to find them out."""
        places = {name: place for place, name in enumerate(self.ranks)}
        return sorted(names, key=lambda name: places.get(name, len(places)))

    def _write_first(self) -> None:
        page = self.page
        page.blank()
        page.text("Find out first", style=head.HEADING)
        for i, name in enumerate(self.ranks[:_FIRST], 1):
            count = self.in_trials[name]
            trials = "every trial" if count == len(self.trials) else f"{count} of {len(self.trials)} trials"
            page.text(f"{self.words.named(name)} - {trials}", indent=2, lead=f"{i}. ")


class _Details:
    """The reasons for one trial's verdict."""

    def __init__(self, whole: _Report, answer: TrialAnswer) -> None:
        self.whole, self.page, self.words = whole, whole.page, whole.words
        self.answer = answer
        self.trial: Trial = whole.library.trials[answer.code]
        self.assumptions = dict(whole.answer.assumptions)
        page = self.page
        whole.trial_heading(answer.code, answer.trial, answer.title, *head.verdict_spans(answer))
        days = days_line(answer.dates, whole.answer.as_of, head.fits_words(answer.provisos))
        if days:
            page.text(days, indent=2)
        match answer.verdict:
            case "ineligible":
                self._write_conflicts()
            case "undetermined":
                self._deciding_sets()
                text = head.at_best(answer)
                if text:
                    page.text(text, indent=2)
            case "eligible":
                self._eligible_for()
        self._write_cohorts()
        self._write_readings()
        if answer.verdict != "ineligible":
            self._write_unpublished()
            page.text(recruitment_words(answer, self.trial), indent=2)
        self._write_notices()

    def _eligible_for(self) -> None:
        """What the verdict assumes, and for which cohorts the patient is eligible, where there are several."""
        cohorts = self.answer.cohorts
        if self.answer.assuming:
            self.whole.assuming(self.answer.assuming, "Assuming (the verdict needs each of these):")
        if len(cohorts) == 1:
            return
        labels = [
            cohort.label + (f" ({cohort_recruitment(cohort)})" if cohort.recruitment else "")
            for cohort in cohorts
            if cohort.verdict == "eligible"
        ]
        if labels:
            self.page.text("; ".join(labels), indent=2, lead=f"{head.fits_words(self.answer.provisos)} for: ")
            for cohort in cohorts:
                if cohort.assuming and cohort.assuming != self.answer.assuming:
                    self.whole.assuming(cohort.assuming, f"{cohort.label}, assuming (each is needed):")
            return
        text = "; ".join(cohort.label for cohort in cohorts if cohort.verdict != "ineligible")
        self.page.text(
            f"{head.fits_words(self.answer.provisos)} for one of these, regardless of missing data: {text}",
            indent=2,
        )

    def _write_conflicts(self) -> None:
        conflicts, page = self.answer.conflicts, self.page
        if not conflicts:
            return
        several = f" ({len(conflicts)} reasons, each excludes)" if len(conflicts) > 1 else ""
        page.text(f"Not met{several}:", indent=2)
        for conflict in conflicts[:_CONFLICTS]:
            if len(conflict) > 1:
                page.text("together (any one of them met would lift this conflict):", indent=2, lead="- ")
            for name in conflict:
                self._write_clause(name, "    " if len(conflict) > 1 else "- ", joint=len(conflict) > 1)
            for sentence in self._joint_basis(conflict):
                page.text(sentence, indent=8)
        self.whole.rest(len(conflicts) - _CONFLICTS)
        if "conflicts" in self.answer.cut:
            page.text("The search for conflicts was cut short: there may be more.", indent=2)

    def _write_clause(self, name: str, lead: str, *, joint: bool) -> None:
        """One clause of a conflict with the facts that matter; in a joint conflict also what it blocks."""
        clause = self.words.clause(name)
        self.page.text(clause.label, indent=2, lead=f"{lead}{name}  ", lead_style=head.HEADING)
        blocked = [cohort for cohort in self.answer.cohorts if (name,) in cohort.conflicts]
        below = 2 + len(lead) + 2
        if joint and blocked:
            self.page.text(f"blocks {listed([cohort.label for cohort in blocked])}", indent=below)
        for sentence in self._clause_basis(clause, [cohort.cohort for cohort in self.answer.cohorts]):
            self.page.text(sentence, indent=below)

    def _joint_basis(self, conflict: Sequence[str]) -> Iterable[str]:
        for joint in self.answer.joint_conflicts:
            if set(joint.clauses) <= set(conflict):
                facts = self.words.facts(joint.facts)
                cannot = f"{' and '.join(joint.clauses)} exclude each other"
                yield f"{cannot}; recorded: {facts}" if facts else cannot
                for name in joint.assumptions:
                    yield f"assumed: {self.assumptions.get(name, name)}"

    def _clause_basis(self, clause: Clause, cohorts: Sequence[str]) -> Iterable[str]:
        """What a failed clause rests on: the recorded facts, the assumptions, the closed doors."""
        failed = [
            answer
            for answer in self.answer.clauses
            if answer.id == clause.id and answer.status == "not_met" and answer.cohort in (None, *cohorts)
        ]
        facts = self.words.facts(name for answer in failed for name in answer.facts)
        if facts:
            yield f"recorded: {facts}"
        for name in sorted({name for answer in failed for name in answer.assumptions}):
            yield f"assumed: {self.assumptions.get(name, name)}"
        closed = [each.label for each in self.answer.cohorts if not each.open and each.cohort in cohorts]
        if clause.routing and closed:
            yield f"closed: {listed(closed)}"

    def _deciding_sets(self) -> None:
        sets, page = self.answer.deciding_sets, self.page
        if self.answer.wants_logic:
            return
        if not sets:
            cut, asked = "deciding_sets" in self.answer.cut, self.answer.never_asked
            text = "The search for what would settle it was cut short."
            page.text(text if cut else self.words.nothing_asked_settles(asked), indent=2)
            return
        self.whole.find_out(sets, self._variable_names, _SETS)
        if "deciding_sets" in self.answer.cut:
            page.text("The search was cut short: there may be other ways.", indent=2)

    def _variable_names(self, names: Iterable[str]) -> str:
        ordered = [self.words.named(name) for name in self.whole.in_order(names)]
        more = len(ordered) - _IN_SET
        return listed(ordered) if more <= 1 else f"{', '.join(ordered[:_IN_SET])} and {more} more {IN_FULL}"

    def _write_cohorts(self) -> None:
        """The cohorts whose verdict is not the trial's, those with the same reasons together."""
        others = (cohort for cohort in self.answer.cohorts if cohort.verdict != self.answer.verdict)
        groups = grouped(((cohort.verdict, cohort.conflicts), cohort) for cohort in others)
        for (verdict, conflicts), cohorts in groups.items():
            labels = "; ".join(cohort.label for cohort in cohorts)
            self.page.text(f"{labels}: {self.answer.provisos.added_to(verdict)}", indent=2)
            keys = [cohort.cohort for cohort in cohorts]
            for conflict in conflicts:
                clauses = [self.words.clause(name) for name in conflict]
                text = ", together with ".join(f"{clause.id} {clause.label}" for clause in clauses)
                basis = "; ".join(part for clause in clauses for part in self._clause_basis(clause, keys))
                self.page.text(f"{text}{f' ({basis})' if basis else ''}", indent=4, lead="- ")
                for sentence in self._joint_basis(conflict) if len(conflict) > 1 else ():
                    self.page.text(sentence, indent=6)
            texts = {answer.id for answer in self.answer.clauses if answer.opaque}
            if verdict == "undetermined":
                for name in self._open_clauses(keys):
                    standing = "kept as text" if name in texts else "open"
                    label = self.words.clause(name).label
                    self.page.text(f"{name} {label} ({standing})", indent=4, lead="- ")

    def _open_clauses(self, cohorts: Sequence[str]) -> list[str]:
        return [
            answer.id
            for answer in self.answer.clauses
            if answer.status == "open"
            and (answer.cohort in cohorts or answer.cohort is None)
            and not set(cohorts).isdisjoint(self._bound_cohorts(self.words.clause(answer.id)))
        ]

    def _bound_cohorts(self, clause: Clause) -> Collection[str]:
        """The cohorts that a clause binds, under the first reading."""
        return clause.opaque_in if clause.opaque else clause.conditions

    def _write_readings(self) -> None:
        for reading in self.answer.readings:
            blocked = ""
            if reading.conflicts:
                ids = listed([" with ".join(conflict) for conflict in reading.conflicts])
                blocked = f" by {ids}"
            text = f"{self.answer.provisos.added_to(reading.verdict)}{blocked}. {self.trial.readings[reading.id].text}"
            self.page.text(f"Under the other reading of {reading.id}: {text}", indent=2)

    def _write_unpublished(self) -> None:
        for name in (*self.answer.unpublished, *self.answer.not_judged):
            text = self.trial.unpublished.get(name) or self.words.clause(name).label
            self.page.text(f"Not judged: {name} {text}", indent=2)

    def _write_notices(self) -> None:
        """The notices that the head does not show; for an ineligible patient only those that speak of this patient."""
        general = {notice.id for notice in self.trial.notices if notice.when == TRUE}
        for notice in self.answer.notices:
            if not notice.safety and (self.answer.verdict != "ineligible" or notice.id not in general):
                self.page.text(f"Note: {notice.text}", indent=2)
