"""What every report on a patient has: who it is about, what contradicts, and what the answers rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar, cast

from solver.engine.answer import (
    Assumption,
    EncodedTrialHead,
    Provisos,
    RecordAnswer,
    TrialHead,
    TrialsAnswer,
    Verdict,
)
from solver.engine.banner import is_closed
from solver.engine.consistency import grounds
from solver.engine.events.extend import extended
from solver.engine.warnings.near_limits import NEAR
from solver.library.models import Library
from solver.patient.readers.native.record_faults import REJECTED
from solver.patient.record import Record
from solver.report.page import Page, Span
from solver.report.words import IN_FULL, Wording, approach_words, closed_cohorts, listed, number, recruitment
from solver.text import grouped

ORDER: tuple[Verdict, ...] = ("eligible", "undetermined", "ineligible", "unresolved", "withheld")
STYLES: dict[Verdict, str] = {
    "eligible": "bold green",
    "undetermined": "bold yellow",
    "ineligible": "red",
    "unresolved": "bold magenta",
    "withheld": "bold red",
}
_LAST = 10**6
"""A rank behind all that a site can give."""

HEADING = "bold"
FAINT = "dim"

TO_TICK = "To tick: assumed by policies, since it is not recorded"
"""The heading of what policies assumed."""


def rule(width: int) -> Page:
    """What stands between two patients."""
    page = Page(width)
    page.rule()
    return page


def gap(width: int) -> Page:
    """What stands between two patients on brief pages."""
    page = Page(width)
    page.lines.append(())
    return page


def closing(width: int) -> Page:
    """What stands below the last answer."""
    page = gap(width)
    page.text("Decision support only: a clinician must review the basis of every answer.")
    return page


def patient_words(answer: RecordAnswer) -> str:
    """Whom a whole page is about, on which day, and at which site."""
    return f"Patient {answer.patient}, as of {answer.as_of}" + (
        f" ({answer.site.name})" if answer.site else ""
    )


def site_rank(trial: TrialHead) -> int:
    """Where a site ranks a trial among those of the same verdict; those without a rank come last."""
    said = trial.at_site
    return _LAST if said is None or said.rank is None else said.rank


def verdict_words(trial: TrialHead) -> str:
    """The verdict, and what it was given on: the clauses that were left out, and that policies assumed something."""
    return trial.provisos.added_to(trial.verdict)


def with_left_out(verdict: str, provisos: Provisos) -> str:
    """The verdict with the clauses of its trial that were left out, without that policies assumed something, which all trials share."""
    return replace(provisos, policies=()).added_to(verdict)


def fits_words(provisos: Provisos) -> str:
    """How a sentence begins that says when, or for what, somebody is eligible: `Eligible without X.I4, assuming,`."""
    words = provisos.added_to("eligible")
    return f"E{words[1:]}{',' if provisos.policies else ''}"


def verdict_spans(trial: TrialHead) -> tuple[Span, Span]:
    """The verdict as it stands in the line that begins the part of a trial."""
    published = " (published criteria only)" if trial.published_only else ""
    return Span(verdict_words(trial), STYLES[trial.verdict]), Span(published)


def at_best(trial: EncodedTrialHead) -> str | None:
    """Why a trial that is not excluded is at best undetermined, or some of its cohorts are; None where nothing is capped."""
    left = [cohort for cohort in trial.cohorts if cohort.verdict != "ineligible"]
    capped = [cohort.label for cohort in left if cohort.capped]
    if not capped:
        return None
    where = "" if len(capped) == len(left) else f" for {listed(capped)}"
    best = f"so the answer is at best undetermined{where}."
    if any(clause.opaque for clause in trial.clauses):
        return f"{trial.encoded}: what is kept as text is never taken for met, {best}"
    return f"No criterion in force binds the patient{where}, {best}"


Answer = TypeVar("Answer", bound=RecordAnswer)
Answered = TypeVar("Answered", bound=TrialsAnswer)
TrialOf = TypeVar("TrialOf", bound=TrialHead)


class RecordFrame(Generic[Answer]):
    """A report on one patient: `page`, to which the parts are added, and what they are made from; `codes` are the trials asked about."""

    assumed = "Assumed, since it is not recorded, and it mattered"
    """The heading of what is assumed at the end of a page; empty for a page that says it in a place of its own."""

    def __init__(
        self, answer: Answer, record: Record, library: Library, width: int, codes: Collection[str] = ()
    ) -> None:
        self.library, self.record = extended(library, record)
        self.answer, self.codes = answer, codes
        self.words = Wording(self.library, self.record)
        self.page = Page(width)

    def recruiting(self, trials: Iterable[tuple[str, str]]) -> None:
        """Say of trials, by code and status in words, whether they recruit, those of the same status together."""
        statuses = grouped((status, code) for code, status in trials)
        told = "; ".join(f"{listed(codes)} {status}" for status, codes in statuses.items())
        if told:
            self.page.text(f"Recruitment: {told}.", style=FAINT)

    def judged_by(self) -> None:
        """End the head of the page with what the answer was judged by."""
        labels = self.library.policies
        policies = [f"Policy {name} is in force: {labels[name].label}." for name in self.answer.policies]
        for sentence in self.context_sentences(policies):
            self.page.text(sentence, style=FAINT)
        self.page.blank()

    def context_sentences(self, policies: Iterable[str], *, shortly: bool = False) -> Iterable[str]:
        """What the answer was judged by, a sentence each; `policies` are those on policies; `shortly` tells clauses by their ids alone."""
        context = self.record.context
        for code, cohorts in sorted(context.open_cohorts.items()):
            if code in self.codes:
                labels = [label for key, label in self.library.trials[code].cohorts.items() if key in cohorts]
                yield f"Open in {code}: {listed(labels) or 'no cohort'}."
        if context.readings:
            yield f"Judged under the second reading of {listed(sorted(context.readings))}."
        if context.secondary_sources:
            yield "Clauses from secondary sources are in force."
        without = self.answer.without
        labelled = [f"{name} {self.words.clause(name).label}" for name in without]
        yield from (f"Left out: {told}." for told in ([listed(without)] if shortly and without else labelled))
        yield from policies
        for name, fact in self.record.facts.items():
            if self.library.variables[name].absent_as_of:
                label = self.library.variables[name].label
                yield f"{label[:1].upper()}{label[1:]}: {fact.text}."

    def contradictions(self) -> None:
        """Why every verdict is withheld: the contradicting facts, and the theory behind each contradiction."""
        page, found = self.page, self.answer.record.contradictions
        page.text("THE RECORD CONTRADICTS ITSELF", style=STYLES["withheld"])
        page.text("No patient fits it, so every verdict is withheld until it is corrected.")
        page.blank()
        for i, facts in enumerate(found, 1):
            page.text(
                self.words.facts(facts), indent=2, lead=f"{i}. ", style=HEADING if len(found) > 1 else ""
            )
            for sentence in self.grounds_of(facts):
                page.text(sentence, indent=5, style=FAINT)
        if not self.answer.record.contradictions_complete:
            page.text("The search for contradictions was cut short: there may be more.", indent=2)
        if len(found) > 1:
            page.text("Each of these must be corrected.", indent=2)
        page.blank()
        self._write_corrections()

    def _write_corrections(self) -> None:
        """What would hold if the contradicting facts were left out, each as few as may be."""
        page = self.page
        for correction in self.answer.record.corrections or ():
            page.text(f"If this is wrong: {self.words.facts(correction.facts)}", style=HEADING)
            for trial in correction.trials:
                verdict = trial.provisos.added_to(trial.verdict)
                verdict += " (published criteria only)" if trial.published_only else ""
                reasons = "; or ".join(" with ".join(conflict) for conflict in trial.conflicts)
                page.text(
                    f"{trial.code} {verdict}" + (f" ({reasons})" if reasons else ""), indent=4, lead="- "
                )
            if not correction.trials:
                page.text("not decided within the solver's budget", indent=4, lead="- ")
        if self.answer.record.corrections:
            page.blank()

    def grounds_of(self, facts: Sequence[str]) -> list[str]:
        """Why facts contradict, in sentences; none where that is not known."""
        axioms = grounds(self.library, self.record, facts)
        if axioms is None:
            return []
        if not axioms:
            return [f"It cannot be so on {self.answer.as_of}: what is past lies on that day or before it."]
        return [f"{axiom.label}." for axiom in axioms]

    def assuming(self, names: Sequence[str], lead: str) -> None:
        """What a verdict needs to be assumed, policy by policy."""
        self.page.text(lead, indent=2)
        for policy, subjects in self.words.assumed(names):
            self.page.text(subjects, indent=2, lead=f"- {policy}: ")

    def trial_heading(self, code: str, trial: str, title: str, *verdict: Span) -> None:
        """Begin the part of a trial: a line with its verdict, below an empty one, and the title."""
        self.page.blank()
        self.page.lines.append((Span(f"{code}  {trial}  ", HEADING), *verdict))
        self.page.text(title, style=FAINT)

    def find_out(
        self,
        sets: Sequence[Sequence[str]],
        named: Callable[[Collection[str]], str],
        most: int,
        *,
        indent: int = 2,
        lead: str = "Find out: ",
    ) -> None:
        """What to find out: what all of the sets share, and then the rest of each, so many at most."""
        shared = frozenset(sets[0]).intersection(*sets) if sets else frozenset[str]()
        if shared:
            self.page.text(named(shared), indent=indent, lead=lead)
        for i, each in enumerate(sets[:most] if len(sets) > 1 else ()):
            first = "     and: " if shared else lead
            self.page.text(named(set(each) - shared), indent=indent, lead="      or: " if i else first)
        if len(sets) > most:
            more = number(len(sets) - most, "other way")
            self.page.text(f"in {more} {IN_FULL}", indent=indent, lead="      or: ")

    def rest(self, count: int, noun: str = "", *, indent: int = 2, lead: str = "- ") -> None:
        """Say that a list goes on, by how many, and where it stands whole; nothing if it does not."""
        if count > 0:
            more = number(count, noun) if noun else str(count)
            self.page.text(f"and {more} more {IN_FULL}", indent=indent, lead=lead)

    def to_tick(self) -> list[Assumption]:
        """What policies assumed and what mattered: a list to tick."""
        policies = self.library.policies
        return [each for each in self.answer.assumptions if each.id.partition(":")[0] in policies]

    def footer(self) -> None:
        """What the answers rest on: what was rejected, assumed, warned about, or close to a limit."""
        page, answer = self.page, self.answer
        rejected = [warning for warning in answer.warnings if warning.code == REJECTED]
        close = [warning for warning in answer.warnings if warning.code == NEAR]
        warnings = [warning for warning in answer.warnings if warning.code not in (REJECTED, NEAR)]
        if rejected:
            page.blank()
            page.text("REJECTED, and not used: correct the record", style=STYLES["withheld"])
            for warning in rejected:
                page.text(warning.text, indent=2, lead="- ")
        to_tick = self.to_tick()
        others = [each.text for each in answer.assumptions if each not in to_tick]
        if others and self.assumed:
            page.blank()
            page.text(self.assumed, style=HEADING)
            for text in others:
                page.text(text, indent=2, lead="- ")
        if to_tick:
            page.blank()
            page.text(TO_TICK, style=HEADING)
            for _, text in to_tick:
                page.text(text, indent=2, lead="[ ] ")
        if warnings:
            page.blank()
            page.text("Warnings", style=HEADING)
            texts = Counter(
                (check.id, *(part for part in check.text if isinstance(part, str)))
                for check in self.library.checks
            )
            whole = {check[0] for check in texts} - {check[0] for check, count in texts.items() if count > 1}
            for warning in warnings:
                label = self.library.variables[warning.variable].label if warning.variable else ""
                known = not label or warning.code in whole or label.casefold() in warning.text.casefold()
                page.text(warning.text if known else f"{label}: {warning.text}", indent=2, lead="- ")
        if close:
            page.blank()
            page.text("Close to a limit (within 5 % or 7 days); it changes no answer", style=HEADING)
            for warning in close:
                fact = self.words.fact(warning.variable) if warning.variable else warning.text
                page.text(f"{fact}: {listed(warning.clauses)}", indent=2, lead="- ")


class Frame(RecordFrame[Answered], Generic[Answered, TrialOf]):
    """A report whose answer has a verdict on each trial: `trials` are sorted by it."""

    def __init__(self, answer: Answered, record: Record, library: Library, width: int) -> None:
        super().__init__(answer, record, library, width, [trial.code for trial in answer.trials])
        trials = cast(Sequence[TrialOf], answer.trials)
        self.trials = sorted(
            trials, key=lambda trial: (ORDER.index(trial.verdict), is_closed(trial), site_rank(trial))
        )

    def header(self) -> None:
        """Who the patient is, what came out, and what it was judged by."""
        answer, page = self.answer, self.page
        page.text(patient_words(answer), style=HEADING)
        if answer.record.consistent is not False:
            counts = Counter(
                (trial.verdict, with_left_out(trial.verdict, trial.provisos)) for trial in self.trials
            )
            parts = [f"{count} {words}" for (_, words), count in counts.items()]
            fit = [trial for trial in self.trials if trial.verdict == "eligible"]
            notes = [
                f"{'' if count == len(fit) else f'{count} '}{words}"
                for words, count in (
                    ("on the published criteria only", sum(trial.published_only for trial in self.trials)),
                    ("under assumptions", sum(bool(trial.assuming) for trial in self.trials)),
                )
                if count
            ]
            if notes:
                parts[0] += f" ({', '.join(notes)})"
            page.text(f"{', '.join(parts)}{', each assuming' if answer.policies else ''}")
            if fit and (len(self.trials) > 1 or any(map(is_closed, fit))):
                page.text(self._to_approach_words(fit))
            self.write_safety()
        below = sum(warning.code != NEAR for warning in answer.warnings)
        if below:
            page.text(
                f"{number(below, 'warning')} about this record at the end: read before use.", style=HEADING
            )
        self.judged_by()

    def _to_approach_words(self, fit: Sequence[TrialHead]) -> str:
        """Which of the trials that fit are to be approached, and which are closed: by their status, or since the cohorts that fit are."""
        told: dict[bool, list[str]] = {False: [], True: []}
        for trial in fit:
            shut = is_closed(trial)
            state = closed_cohorts(trial) or recruitment(trial) if shut else approach_words(trial)
            told[shut].append(f"{trial.code}{trial.provisos.left_out} ({state})")
        found = f"to approach: {', '.join(told[False])}" if told[False] else "none to approach"
        closed = f" Fits but closed: {', '.join(told[True])}." if told[True] else ""
        assuming = ", assuming" if self.answer.policies else ""
        return f"Clinically fits {len(fit)}{assuming}; {found}.{closed}"

    def write_safety(self) -> None:
        """The notices about the patient's safety, each sentence once with the trials that say it."""
        notices = ((notice, trial) for trial in self.answer.trials for notice in trial.notices)
        said = grouped((notice.text, trial.code) for notice, trial in notices if notice.safety)
        for text, codes in said.items():
            self.page.text(text, lead=f"Safety ({', '.join(codes)}): ", lead_style=STYLES["withheld"])
