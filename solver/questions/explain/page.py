"""The report of `match explain`: clause by clause, what it rests on, worst first.

It is written for someone who reviews an answer and has never seen logic: every reason is a recorded fact, in the words of the record.
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.engine.answer import Status
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Record
from solver.questions.explain.clause_rows import BELOW, Clauses, Explained, Group
from solver.questions.explain.repair_rows import write_repairs
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.report import head
from solver.report.page import Page
from solver.report.words import cohort_recruitment, days_line, listed, number, recruitment_words

_WHERE_OPEN = {
    "eligible": "open; the verdict does not depend on these",
    "undetermined": "open; not enough is recorded",
    "ineligible": "open; whatever these turn out to be, the verdict stays",
}
_SETS = 8


def explanation(answer: MatchAnswer, record: Record, library: Library, width: int) -> Page:
    """The report on one patient."""
    frame = _Explanation(answer, record, library, width)
    frame.header()
    if answer.consistent is False:
        frame.contradictions()
    for i, trial in enumerate(frame.trials):
        if i:
            frame.page.rule()
        frame.trial(trial)
    frame.footer()
    return frame.page


class _Explanation(Explained):
    """The whole report."""

    def trial(self, answer: TrialAnswer) -> None:
        """Everything about one trial."""
        page = self.page
        self.trial_heading(answer.code, answer.trial, answer.title, *head.verdict_spans(answer))
        if answer.verdict == "withheld":
            page.text("The record contradicts itself, so nothing is said about its clauses.", indent=2)
        elif answer.verdict == "unresolved" and not answer.clauses:
            page.text("The question was not decided within the solver's budget.", indent=2)
        else:
            _TrialPart(self, answer).write()


class _TrialPart(Clauses):
    """What is said about one trial whose clauses were looked at."""

    def write(self) -> None:
        """Add the whole part to the page."""
        self._write_summary()
        self._write_conflicts()
        if self.answer.repairs is not None:
            write_repairs(self, self.answer.repairs)
        self._deciding_sets()
        groups = list(self.groups())
        open_heading = _WHERE_OPEN.get(self.answer.verdict, "open")
        parts: list[tuple[Status, str]] = [("not_met", "not met"), ("open", open_heading), ("met", "met")]
        blocking = [name for conflict in self.answer.conflicts for name in conflict]
        for status, words in parts:
            found = [group for group in groups if group.answer.status == status and not group.answer.opaque]
            if found:
                count = number(len({group.clause.id for group in found}), "clause")
                self.heading(f"{words[:1].upper()}{words[1:]} ({count})")
                for group in sorted(found, key=lambda group: group.clause.id not in blocking):
                    self.clause(group)
        self._write_texts(groups)
        self._not_judged()
        self._write_readings()
        self._write_notices()
        self._write_sources()

    # what came out

    def _write_summary(self) -> None:
        answer, page = self.answer, self.page
        several = len(answer.cohorts) > 1
        every = "every published clause" if answer.published_only else "every clause"
        every += " left" if answer.provisos.without else ""
        if answer.not_judged:
            every += " with logic"
        which = f"{every} of some open cohort" if several else every
        way = "no cohort can" if several else "the trial cannot"
        sentence = {
            "eligible": f"Regardless of {'other ' if answer.assuming else ''}missing data, {which} is met.",
            "ineligible": f"Regardless of missing data, {way} be entered.",
            "undetermined": "Regardless of missing data, it cannot be told."
            if answer.wants_logic
            else "It depends on data that are not recorded.",
        }
        undecided = "The question was not decided within the solver's budget."
        page.text(sentence.get(answer.verdict, undecided), indent=2)
        why = head.at_best(answer) if answer.verdict == "undetermined" else None
        if why:
            page.text(why, indent=2)
        days = days_line(answer.dates, self.whole.answer.as_of, head.fits_words(answer.provisos))
        if days:
            page.text(days, indent=2)
        if answer.assuming:
            self.whole.assuming(answer.assuming, "Assuming (the verdict needs each of these):")
        page.text(recruitment_words(answer, self.trial), indent=2)
        if several:
            for cohort in answer.cohorts:
                reasons = ["closed"] if not cohort.open else []
                reasons += [" together with ".join(conflict) for conflict in cohort.conflicts]
                if cohort.recruitment and cohort.verdict != "ineligible":
                    reasons.append(cohort_recruitment(cohort))
                if cohort.assuming != answer.assuming and cohort.assuming:
                    reasons.append(f"assuming {listed(cohort.assuming)}")
                why = f" ({'; '.join(reasons)})" if reasons else ""
                page.text(
                    f"{cohort.label}: {self.answer.provisos.added_to(cohort.verdict)}{why}",
                    indent=2,
                    lead="- ",
                )

    def _write_conflicts(self) -> None:
        answer, page = self.answer, self.page
        if answer.verdict != "ineligible":
            return
        several = len(answer.conflicts) > 1
        count = f" ({number(len(answer.conflicts), 'reason')}, each excludes)" if several else ""
        self.heading(f"What excludes{count}")
        for i, conflict in enumerate(answer.conflicts, 1):
            lead = f"{i}. " if several else ""
            if len(conflict) == 1:
                page.text(f"{conflict[0]}  {self.words.clause(conflict[0]).label}", indent=4, lead=lead)
                continue
            page.text("together, so that any one of them met would lift this conflict:", indent=4, lead=lead)
            for name in conflict:
                blocked = [cohort.label for cohort in answer.cohorts if (name,) in cohort.conflicts]
                blocks = f" (blocks {listed(blocked)})" if blocked else ""
                page.text(f"{name}  {self.words.clause(name).label}{blocks}", indent=4 + len(lead), lead="- ")
            for joint in answer.joint_conflicts:
                if set(joint.clauses) <= set(conflict):
                    text = f"{' and '.join(joint.clauses)} exclude each other"
                    page.text(text, indent=4 + len(lead), style=head.HEADING)
                    self.because(joint.facts, joint.assumptions, 6 + len(lead))
        if "conflicts" in answer.cut:
            page.text("The search for conflicts was cut short: there may be more.", indent=4)
        elif answer.conflicts:
            these = "These are" if several else "That is"
            page.text(f"{these} all; the search was complete.", indent=4, style=head.FAINT)

    def _deciding_sets(self) -> None:
        answer, page = self.answer, self.page
        if answer.verdict != "undetermined" or answer.wants_logic:
            return
        self.heading("What would settle it")
        sets = answer.deciding_sets
        if not sets:
            cut = "deciding_sets" in answer.cut
            asked = self.words.nothing_asked_settles(answer.never_asked)
            page.text("The search for what would settle it was cut short." if cut else asked, indent=4)
            return
        self.whole.find_out(sets, self.labels, _SETS, indent=4, lead="find out: ")
        if "deciding_sets" in answer.cut:
            page.text("The search was cut short: there may be other ways.", indent=4)
        if any(item.text for item in answer.missing):
            page.text("The open clauses below say what each of them must be.", indent=4, style=head.FAINT)

    # what else there is to know

    def _write_texts(self, groups: Sequence[Group]) -> None:
        found = [group for group in groups if group.answer.opaque]
        if found:
            self.heading(f"Kept as text: nobody can be shown to meet these ({number(len(found), 'clause')})")
            for group in found:
                self.clause(group)

    def _not_judged(self) -> None:
        names = (*self.answer.unpublished, *self.answer.not_judged)
        if names:
            self.heading("Not judged: these criteria exist, and are not published or have no logical form")
            for name in names:
                text = self.trial.unpublished.get(name) or self.words.clause(name).label
                self.page.text(text, indent=4, lead=f"{name}  ", lead_style=head.HEADING)

    def _write_readings(self) -> None:
        if not self.answer.readings:
            return
        self.heading("Where the verdict depends on how the text is read")
        context = self.whole.record.context
        for reading in self.answer.readings:
            text = self.trial.readings[reading.id].text

            def turns(clause: Clause, name: str = reading.id) -> bool:
                return name in clause.alternatives or clause.secondary == name

            clauses = list(filter(turns, self.trial.clauses))
            secondary = any(clause.secondary == reading.id for clause in clauses)
            second = reading.id in context.readings or (context.secondary_sources and secondary)
            blocked = listed([" together with ".join(conflict) for conflict in reading.conflicts])
            page = self.page
            page.text(text, indent=4, lead=f"{reading.id}  ", lead_style=head.HEADING)
            words = f"{head.verdict_words(self.answer)} ({'second' if second else 'default'} reading)"
            page.text(words, indent=BELOW, lead="as judged here: ")
            words = f"{self.answer.provisos.added_to(reading.verdict)}{f', by {blocked}' if blocked else ''}"
            page.text(words, indent=BELOW, lead="under the other reading: ")
            page.text(question(self.trial, clauses, text), indent=BELOW, lead="ask the sponsor: ")

    def _write_notices(self) -> None:
        if self.answer.notices:
            self.heading("Notes")
            for notice in self.answer.notices:
                self.page.text(notice.text, indent=4, lead="- ")

    def _write_sources(self) -> None:
        self.heading("Sources")
        for name, text in self.trial.sources.items():
            self.page.text(text, indent=4, lead=f"{name}  ", lead_style=head.HEADING)


def question(trial: Trial, clauses: Sequence[Clause], reading: str) -> str:
    """A sentence to send to the sponsor, which says nothing of any patient."""
    named = listed([f"{clause.id} ({clause.source}: {clause.label})" for clause in clauses])
    return f'In {trial.nct} ({trial.title}), {named} can be read in two ways - "{reading}" - which of the two applies?'
