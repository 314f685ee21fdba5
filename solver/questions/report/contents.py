"""What a report says, in words and in the order in which it says it, for every form of it.

Requirements, assumptions and days are told as they stand in the JSON, and no limit is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from solver.dataclass import dataclass
from solver.engine.answer import ClauseAnswer, Requirement
from solver.engine.banner import is_closed
from solver.library.models import Clause, Trial
from solver.questions.match.answer import ClauseDetail, TrialAnswer
from solver.questions.report.answer import PatientReport
from solver.questions.when.answer import TrialDates
from solver.questions.workup.answer import TrialTests
from solver.report import brief_words, head
from solver.report.html.timeline import TimeBar, Timeline, drawn_timeline
from solver.report.words import (
    cohort_recruitment,
    listed,
    number,
    recruitment_words,
    windows_words,
)
from solver.text import grouped

_STATUS = {"met": "met", "not_met": "not met", "open": "open"}
_WORST = ("not_met", "open", "met")
_IN_ROW, _CLOCKS, _IN_WAY = 3, 12, 8


_NOTHING_ALONE = "nothing by itself"
"""What is required of a variable of which it depends on others, or which only tells them."""


class ReportedStanding(NamedTuple):
    """How a clause stands in some cohorts, or in all where none is named, and by what."""

    cohorts: str
    status: str
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportedClause:
    """A clause: `status` is `not_met` or `open` where it is that in some cohort."""

    id: str
    label: str
    source: str
    note: str | None
    status: str
    standings: tuple[ReportedStanding, ...]

    @property
    def status_words(self) -> str:
        """The status in words; where it is another in some cohort, that it is so for some."""
        alike = len({standing.status for standing in self.standings}) == 1
        return _STATUS[self.status] if alike else f"{_STATUS[self.status]} for some cohorts"


class ReportedFinding(NamedTuple):
    """A variable to find out, what is required of it, and what is recorded of it."""

    variable: str
    label: str
    require: str
    notes: str


class ReportedStep(NamedTuple):
    """A test to do, what for, and what its results do."""

    how: str
    labels: str
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedTrial:
    """What is said of one trial."""

    code: str
    nct: str
    title: str
    verdict: str
    verdict_words: str
    recruitment: str
    reason: str
    closed: bool
    days: tuple[str, ...]
    sentences: tuple[str, ...]
    findings: tuple[ReportedFinding, ...]
    ways: tuple[str, ...]
    steps: tuple[ReportedStep, ...]
    timeline: Timeline | None
    more_clocks: int
    clauses: tuple[ReportedClause, ...]
    sources: tuple[tuple[str, str], ...]

    @property
    def pressing(self) -> tuple[ReportedClause, ...]:
        """The clauses that exclude or are open."""
        return tuple(clause for clause in self.clauses if clause.status != "met")

    @property
    def met(self) -> tuple[ReportedClause, ...]:
        """The clauses that are met."""
        return tuple(clause for clause in self.clauses if clause.status == "met")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPatient:
    """What is said of one patient."""

    name: str
    as_of: str
    site: str | None
    headline: str
    judged_by: tuple[str, ...]
    safety: tuple[str, ...]
    contradictions: tuple[tuple[str, tuple[str, ...]], ...]
    summary: str
    trials: tuple[ReportedTrial, ...]
    notes: tuple[tuple[str, str], ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    recorded: tuple[str, ...]
    identity: tuple[tuple[str, str], ...]


def report_contents(report: PatientReport) -> ReportedPatient:
    """What a report says of its patient."""
    return _Contents(report).patient()


class _Contents:
    def __init__(self, report: PatientReport) -> None:
        self.answer, self.report = report.explained, report
        codes = [trial.code for trial in self.answer.trials]
        frame = head.RecordFrame(self.answer, report.record, report.library, 80, codes)
        self.frame, self.library, self.words = frame, frame.library, frame.words
        self.assumed = dict(self.answer.assumptions)

    def patient(self) -> ReportedPatient:
        """Everything."""
        answer, labels = self.answer, self.library.policies
        policies = [f"Policy {name} is in force: {labels[name].label}." for name in answer.policies]
        trials = brief_words.in_place(answer.trials)
        return ReportedPatient(
            name=answer.patient,
            as_of=answer.as_of,
            site=answer.site.name if answer.site else None,
            headline=", ".join(answer.headline),
            judged_by=tuple(self.frame.context_sentences(policies)),
            safety=tuple(self._safety()),
            contradictions=tuple(
                (self.words.facts(facts), tuple(self.frame.grounds_of(facts)))
                for facts in answer.record.contradictions
            ),
            summary=brief_words.approach_words(trials),
            trials=tuple(self._trial(trial) for trial in trials),
            notes=tuple((text, listed(codes)) for text, codes in self._notices(safety=False).items()),
            assumptions=tuple(text for _, text in answer.assumptions),
            warnings=tuple(self._warnings()),
            recorded=tuple(self.words.each_fact(self.words.record.facts)),
            identity=tuple(self._identity()),
        )

    def _safety(self) -> Iterator[str]:
        for name in self.answer.safety:
            yield self.words.stated(name)
        for text, codes in self._notices(safety=True).items():
            yield f"{text} ({listed(codes)})"

    def _notices(self, *, safety: bool) -> dict[str, list[str]]:
        """The notices of the trials, each sentence once with the trials that say it."""
        notices = ((notice, trial) for trial in self.answer.trials for notice in trial.notices)
        return grouped((notice.text, trial.code) for notice, trial in notices if notice.safety is safety)

    def _warnings(self) -> Iterator[str]:
        for warning in self.answer.warnings:
            label = self.library.variables[warning.variable].label if warning.variable else ""
            known = not label or label.casefold() in warning.text.casefold()
            yield warning.text if known else f"{label}: {warning.text}"

    def _identity(self) -> Iterator[tuple[str, str]]:
        """What the answers were given by, and about."""
        engine = self.answer.engine
        yield "Record", self.answer.record.digest
        yield "Encodings", engine.encodings
        if self.answer.site:
            yield "Site", f"{self.answer.site.name}, {self.answer.site.digest}"
        yield "Program", f"Trialproof {engine.version}, {engine.solver}"

    # one trial

    def _trial(self, answer: TrialAnswer) -> ReportedTrial:
        trial = self.library.trials[answer.code]
        dates = next(each for each in self.report.dates.trials if each.code == answer.code)
        asked = self.report.tests.trials if self.report.tests else ()
        tests = next((each for each in asked if each.code == answer.code), None)
        published = " (published criteria only)" if answer.published_only else ""
        return ReportedTrial(
            code=answer.code,
            nct=answer.trial,
            title=answer.title,
            verdict=answer.verdict,
            verdict_words=head.verdict_words(answer) + published,
            recruitment=brief_words.brief_recruitment(answer),
            reason=self._reason(answer),
            closed=is_closed(answer),
            days=tuple(self._days(dates)),
            sentences=tuple(self._sentences(answer, trial)),
            findings=tuple(map(self._finding, answer.missing)),
            ways=tuple(self._ways(answer)),
            steps=tuple(self._steps(tests)) if tests else (),
            timeline=trial_timeline(dates, self.report.dates.as_of, self.report.dates.horizon),
            more_clocks=max(0, len(dates.clocks) - _CLOCKS),
            clauses=tuple(self._clauses(answer)),
            sources=tuple(trial.sources.items()),
        )

    def _reason(self, answer: TrialAnswer) -> str:
        """Why, in the row of a trial; what it leaves out stands in the part of the trial."""
        match answer.verdict:
            case "eligible":
                met = "meets all published criteria" if answer.published_only else "meets every criterion"
                assumed = f", if {number(len(answer.assuming), 'assumption holds', 'assumptions hold')}"
                unjudged = f"; {len(answer.not_judged)} not judged" if answer.not_judged else ""
                return f"{met}{assumed if answer.assuming else ''}{unjudged}"
            case "ineligible":
                texts = [self.words.clauses(each) for each in answer.conflicts]
                return (
                    _counted("not met: ", texts, "; ")
                    if texts
                    else "blocked; why was not found within the budget"
                )
            case "undetermined":
                if answer.wants_logic:
                    return str(answer.encoded)
                sets = answer.deciding_sets or answer.never_asked
                names = [self.words.wanted(name) for name in (sets[0] if sets else ())]
                return _counted("missing: ", names, ", ") if names else "data are missing"
            case "unresolved":
                return "not decided within the solver's budget"
            case _:
                return "withheld: the record contradicts itself"

    def _days(self, dates: TrialDates) -> Iterator[str]:
        """From when until when, if only time passes."""
        answer = self.report.dates
        if dates.dates is None:
            return
        if dates.eligible:
            word = dates.provisos.added_to("eligible")
            yield windows_words(word, dates.eligible, answer.as_of, answer.horizon)
        if dates.possible and [*dates.possible] != [*dates.eligible]:
            yield windows_words("possible", dates.possible, answer.as_of, answer.horizon)
        for each in dates.never:
            later = ", though perhaps after it" if each.later else ""
            yield f"on no day until {answer.horizon}{later}: {self.words.clauses(each.clauses)}"

    def _sentences(self, answer: TrialAnswer, trial: Trial) -> Iterator[str]:
        """What there is to say of a trial besides its clauses."""
        yield recruitment_words(answer, trial)
        if answer.assuming:
            for policy, subjects in self.words.assumed(answer.assuming):
                yield f"The verdict rests on the policy {policy}: {subjects}."
        best = head.at_best(answer) if answer.verdict != "ineligible" else None
        if best:
            yield best
        if len(answer.cohorts) > 1:
            for verdict, cohorts in grouped((each.verdict, each) for each in answer.cohorts).items():
                told = [
                    each.label + (f" ({words})" if (words := cohort_recruitment(each)) else "")
                    for each in cohorts
                ]
                yield f"{answer.provisos.added_to(verdict).capitalize()}: {'; '.join(told)}."
        for reading in answer.readings:
            other = answer.provisos.added_to(reading.verdict)
            yield f"Under the other reading of {reading.id}: {other}. {trial.readings[reading.id].text}"
        for name in (*answer.unpublished, *answer.not_judged):
            yield f"Not judged: {name} {trial.unpublished.get(name) or self.words.clause(name).label}"
        if answer.cut:
            yield f"Not complete within the budget: {listed(answer.cut).replace('_', ' ')}."

    # what to find out

    def _finding(self, missing: Requirement) -> ReportedFinding:
        fact = self.words.record.facts.get(missing.variable)
        notes = [f"recorded: {fact.text}"] if fact else []
        if missing.with_others:
            others = [self.library.variables[name].label for name in missing.with_others]
            notes.append(f"more is required together with {listed(others)}")
        return ReportedFinding(
            missing.variable,
            self.library.variables[missing.variable].label,
            missing.require or _NOTHING_ALONE,
            "; ".join(notes),
        )

    def _ways(self, answer: TrialAnswer) -> Iterator[str]:
        """Each set that settles the trial, the least burden first."""
        for ranked in answer.deciding:
            labels = [self.library.variables[name].label for name in ranked.variables]
            told = (
                listed(labels)
                if len(labels) <= _IN_WAY
                else f"{listed(labels[:_IN_WAY])} and {len(labels) - _IN_WAY} more"
            )
            yield f"{told}{f' (burden {ranked.burden})' if ranked.burden is not None else ''}"

    def _steps(self, tests: TrialTests) -> Iterator[ReportedStep]:
        for step in tests.steps:
            effects = []
            for result in step.results:
                label = self.library.variables[result.variable].label
                effects += [f"{label}: {result.ends} ends it"] if result.ends else []
                effects += [f"{label}: {result.wins} is enough"] if result.wins else []
            labels = listed([self.library.variables[name].label for name in step.variables])
            yield ReportedStep(self.library.tests[step.test].how, labels, tuple(effects))

    # clauses

    def _clauses(self, answer: TrialAnswer) -> Iterator[ReportedClause]:
        sentences = dict(answer.sentences) | self.assumed
        pairs = list(zip(answer.clauses, answer.details, strict=True)) if answer.details else []
        for name, several in grouped((each.id, (each, detail)) for each, detail in pairs).items():
            clause = self.words.clause(name)
            alike = grouped(
                ((each.status, each.facts, each.assumptions), (each, detail)) for each, detail in several
            )
            yield ReportedClause(
                name,
                clause.label,
                clause.source,
                clause.note,
                min((each.status for each, _ in several), key=_WORST.index),
                tuple(self._standing(clause, answer, group, sentences) for group in alike.values()),
            )

    def _standing(
        self,
        clause: Clause,
        answer: TrialAnswer,
        group: Sequence[tuple[ClauseAnswer, ClauseDetail]],
        sentences: dict[str, str],
    ) -> ReportedStanding:
        (first, detail), cohorts = group[0], [each.cohort for each, _ in group if each.cohort is not None]
        labels = {each.cohort: each.label for each in answer.cohorts}
        bound = cohorts or [name for name in detail.bound if name in labels]
        named = "" if set(bound) == set(labels) else listed([labels[name] for name in bound])
        basis = [*self.words.each_fact(first.facts)]
        basis += [f"assumed: {sentences.get(name, name)}" for name in first.assumptions]
        waits = [self.words.wanted(name) for name in (*detail.waits_for, *detail.instead)]
        basis += [f"waits for {listed(waits)}"] if waits and first.status == "open" else []
        basis += ["kept as text, and never taken for met"] if first.opaque else []
        basis += [f"comes to {text}" for text in detail.comes_to]
        basis += [f"would be met by {detail.would_be_met_by}"] if detail.would_be_met_by else []
        closed = [each.label for each in answer.cohorts if not each.open and each.cohort in bound]
        basis += (
            [f"closed: {listed(closed)}"] if clause.routing and closed and first.status == "not_met" else []
        )
        status = "does not apply" if detail.does_not_apply else _STATUS[first.status]
        return ReportedStanding(named, status, tuple(basis))


def trial_timeline(dates: TrialDates, as_of: str, horizon: str) -> Timeline | None:
    """The days of a trial as a drawing, a bar for each clock; None where nothing is known of them."""
    if dates.dates is None:
        return None
    bars = [TimeBar(each.clause, each.met, each.possible) for each in dates.clocks[:_CLOCKS]]
    spans = [[(each.first, each.last) for each in part] for part in (dates.eligible, dates.possible)]
    bars.append(TimeBar("together" if bars else dates.code, *spans))
    return drawn_timeline(f"{dates.code} if only time passes", bars, as_of, horizon)


def _counted(lead: str, items: Sequence[str], joiner: str) -> str:
    """The first of the items, and how many others there are."""
    more = len(items) - _IN_ROW
    shown = items if more <= 1 else items[:_IN_ROW]
    return f"{lead}{joiner.join(shown)}{f'{joiner}+{more} more below' if more > 1 else ''}"


def anchors(patients: Iterable[ReportedPatient]) -> list[str]:
    """A name for the part of each patient, to which the index leads."""
    return [f"patient-{i}" for i, _ in enumerate(patients, 1)]
