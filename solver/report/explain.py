"""The report of `match explain`: clause by clause, what it rests on, worst first.

It is written for someone who reviews an answer and has never seen logic: every reason is a recorded fact, in the words of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from solver.language.calendar import last_day_completing
from solver.language.domain import Interval, is_exact
from solver.language.simplify import simplify
from solver.language.tree import (
    AS_OF,
    CompletedYears,
    Condition,
    NumberVariable,
    variables,
    walk,
)
from solver.language.types import BooleanType, IntegerType, QuantityType
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Record
from solver.questions.answers import ClauseAnswer, CohortAnswer, MatchAnswer, Requirement, Status, TrialAnswer
from solver.questions.binding import Binder, bind
from solver.questions.near import NEAR, margin
from solver.questions.posed import NO_RANGES
from solver.questions.problem import Problem, pose
from solver.questions.warnings import assumption_text
from solver.report.frame import FAINT, HEADING, STYLES, Frame, recruitment, verdict_words
from solver.report.layout import Page, Span
from solver.report.limits import limits
from solver.report.wording import listed, number

_JUDGED = {
    "judgement": "a matter of judgement",
    "attestation": "a statement that someone must make",
    "administrative": "administrative",
}
_WHERE_OPEN = {
    "eligible": "open; the verdict does not depend on these",
    "undetermined": "open; not enough is recorded",
    "ineligible": "open; whatever these turn out to be, the verdict stays",
}
_BELOW = 6
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


class _Group(NamedTuple):
    """A clause with the cohorts in which it stands alike for the same reason; no cohorts means wherever it binds."""

    clause: Clause
    answer: ClauseAnswer
    cohorts: tuple[str, ...]


class _Explanation(Frame):
    def __init__(self, answer: MatchAnswer, record: Record, library: Library, width: int) -> None:
        super().__init__(answer, record, library, width)
        ranges = all(warning.text != NO_RANGES for warning in answer.warnings)
        assumed = {name: library.variables[name].absence for name in answer.assumed}
        self.problem: Problem = pose(library, record, ranges=ranges, assumed=assumed)

    def trial(self, answer: TrialAnswer) -> None:
        """Everything about one trial."""
        page = self.page
        page.lines.append(
            (
                Span(f"{answer.code}  {answer.trial}  ", HEADING),
                Span(verdict_words(answer), STYLES[answer.verdict]),
                Span(" (published criteria only)" if answer.published_only else ""),
            )
        )
        page.text(answer.title, style=FAINT)
        if answer.verdict == "withheld":
            page.text("The record contradicts itself, so nothing is said about its clauses.", indent=2)
        elif answer.verdict == "unresolved" and not answer.clauses:
            page.text("The question was not decided within the solver's budget.", indent=2)
        else:
            _TrialPart(self, answer).write()


class _TrialPart:
    """What is said about one trial whose clauses were looked at."""

    def __init__(self, whole: _Explanation, answer: TrialAnswer) -> None:
        self.whole, self.page, self.words = whole, whole.page, whole.words
        self.answer, self.problem = answer, whole.problem
        self.trial: Trial = whole.library.trials[answer.code]
        context = whole.record.context
        self.conditions = {b.clause.id: b.conditions for b in bind(self.trial, context, Binder())}
        self.missing = {item.variable: item for item in answer.missing}
        self.near = {
            (clause, warning.variable)
            for warning in whole.answer.warnings
            if warning.code == NEAR
            for clause in warning.clauses
        }

    def write(self) -> None:
        """Add the whole part to the page."""
        self._summary()
        self._conflicts()
        self._deciding_sets()
        groups = list(self._groups())
        open_heading = _WHERE_OPEN.get(self.answer.verdict, "open")
        parts: list[tuple[Status, str]] = [("not_met", "not met"), ("open", open_heading), ("met", "met")]
        blocking = [name for conflict in self.answer.conflicts for name in conflict]
        for status, words in parts:
            found = [group for group in groups if group.answer.status == status]
            if found:
                count = number(len({group.clause.id for group in found}), "clause")
                self._heading(f"{words[:1].upper()}{words[1:]} ({count})")
                for group in sorted(found, key=lambda group: group.clause.id not in blocking):
                    self._clause(group)
        self._not_judged()
        self._readings()
        self._notices()
        self._sources()

    def _heading(self, text: str) -> None:
        self.page.blank()
        self.page.text(text, indent=2, style=HEADING)

    # what came out

    def _summary(self) -> None:
        answer, page = self.answer, self.page
        several = len(answer.cohorts) > 1
        every = "every published clause" if answer.published_only else "every clause"
        which = f"{every} of some open cohort" if several else every
        way = "no cohort can" if several else "the trial cannot"
        sentence = {
            "eligible": f"Whatever {'else ' if answer.assuming else ''}is not recorded turns out to be, {which} is met.",
            "ineligible": f"Whatever is not recorded turns out to be, {way} be entered.",
            "undetermined": "It depends on data that are not recorded.",
        }
        page.text(
            sentence.get(answer.verdict, "The question was not decided within the solver's budget."), indent=2
        )
        if answer.assuming:
            self.whole.assuming(answer.assuming, "Assuming (the verdict needs each of these):")
        page.text(f"Recruitment: {recruitment(answer)}. {self.trial.recruitment_note}".strip(), indent=2)
        if several:
            for cohort in answer.cohorts:
                reasons = ["closed"] if not cohort.open else []
                reasons += [" together with ".join(conflict) for conflict in cohort.conflicts]
                if cohort.assuming != answer.assuming and cohort.assuming:
                    reasons.append(f"assuming {listed(cohort.assuming)}")
                why = f" ({'; '.join(reasons)})" if reasons else ""
                page.text(f"{cohort.label}: {cohort.verdict}{why}", indent=2, lead="- ")

    def _conflicts(self) -> None:
        answer, page = self.answer, self.page
        if answer.verdict != "ineligible":
            return
        self._heading(
            f"What excludes ({number(len(answer.conflicts), 'conflict')}, each enough by itself)"
            if len(answer.conflicts) > 1
            else "What excludes"
        )
        for i, conflict in enumerate(answer.conflicts, 1):
            lead = f"{i}. " if len(answer.conflicts) > 1 else ""
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
                    page.text(
                        f"{' and '.join(joint.clauses)} exclude each other",
                        indent=4 + len(lead),
                        style=HEADING,
                    )
                    self._because(joint.facts, joint.assumptions, 6 + len(lead))
        if "conflicts" in answer.cut:
            page.text("The search for conflicts was cut short: there may be more.", indent=4)

    def _deciding_sets(self) -> None:
        answer, page = self.answer, self.page
        if answer.verdict != "undetermined":
            return
        self._heading("What would settle it")
        sets = answer.deciding_sets
        if not sets:
            cut = "deciding_sets" in answer.cut
            page.text(
                "The search for what would settle it was cut short."
                if cut
                else "No data that can be asked for settle it.",
                indent=4,
            )
            return
        shared = frozenset(sets[0]).intersection(*sets)
        if shared:
            page.text(self._labels(shared), indent=4, lead="find out: ")
        if len(sets) > 1:
            for i, each in enumerate(sets[:_SETS]):
                lead = "      or: " if i else "     and: " if shared else "find out: "
                page.text(self._labels(set(each) - shared), indent=4, lead=lead)
            if len(sets) > _SETS:
                more = number(len(sets) - _SETS, "other way")
                page.text(f"in {more} (--format json lists all)", indent=4, lead="      or: ")
        if "deciding_sets" in answer.cut:
            page.text("The search was cut short: there may be other ways.", indent=4)
        if any(item.text for item in answer.missing):
            page.text("The open clauses below say what each of them must be.", indent=4, style=FAINT)

    def _labels(self, names: Iterable[str]) -> str:
        wanted = set(names)
        return "; ".join(self.words.wanted(name) for name in self.whole.library.variables if name in wanted)

    # clause by clause

    def _groups(self) -> Iterable[_Group]:
        """The clauses in the order of the file, cohorts that agree together."""
        found: dict[tuple[object, ...], list[ClauseAnswer]] = {}
        for answer in self.answer.clauses:
            key = (answer.id, answer.status, answer.facts, answer.assumptions)
            found.setdefault(key, []).append(answer)
        for answers in found.values():
            clause = self.words.clause(answers[0].id)
            cohorts = tuple(answer.cohort for answer in answers if answer.cohort is not None)
            bound = cohorts or tuple(self.conditions[clause.id])
            yield _Group(clause, answers[0], () if set(bound) == self.trial.cohorts.keys() else bound)

    def _clause(self, group: _Group) -> None:
        clause, answer, page = group.clause, group.answer, self.page
        page.text(clause.label, indent=2, lead=f"{clause.id}  ", lead_style=HEADING)
        if group.cohorts:
            page.text(
                listed([self.trial.cohorts[cohort] for cohort in group.cohorts]), indent=_BELOW, lead="for: "
            )
        if answer.status == "open":
            self._open(group)
        else:
            closed = [cohort.label for cohort in self.answer.cohorts if self._shuts(group, cohort)]
            if closed:
                page.text(listed(closed), indent=_BELOW, lead="closed: ")
            if answer.facts or answer.assumptions or not closed:
                self._because(answer.facts, answer.assumptions, _BELOW)
            if answer.status == "not_met":
                self._limits(group)
            for name in answer.facts:
                if (clause.id, name) in self.near:
                    page.text(
                        f"{self.words.fact(name)}, within {margin(self.whole.library.variables[name])} of it",
                        indent=_BELOW,
                        lead="close to the limit: ",
                    )
        if clause.note:
            page.text(clause.note, indent=_BELOW, lead="note: ")
        judged = _JUDGED.get(clause.judgement)
        page.text(f"source: {clause.source}{f'; {judged}' if judged else ''}", indent=_BELOW, style=FAINT)

    def _limits(self, group: _Group) -> None:
        """What each recorded number alone would have to be for a clause to be met."""
        conditions = self.conditions[group.clause.id]
        condition = conditions[group.cohorts[0]] if group.cohorts else next(iter(conditions.values()))
        whole = self.whole
        text = limits(self.problem, whole.library, whole.record, condition, group.answer.facts)
        if text:
            self.page.text(f"{text}, with the rest as it is", indent=_BELOW, lead="would be met by: ")

    def _shuts(self, group: _Group, cohort: CohortAnswer) -> bool:
        """Whether a clause is not met in a cohort that is closed."""
        routing, answer = group.clause.routing, group.answer
        return (
            routing
            and answer.status == "not_met"
            and not cohort.open
            and cohort.cohort in (group.cohorts or self.trial.cohorts)
        )

    def _because(self, facts: Sequence[str], assumptions: Sequence[str], indent: int) -> None:
        if facts:
            self.page.text(self.words.facts(facts), indent=indent, lead="because: ")
        for name in assumptions:
            policy = self.whole.library.policies.get(name.partition(":")[0])
            itself = policy is not None and policy.covers == "clauses"
            text = (
                f"{policy.text} ({policy.id})" if policy and itself else assumption_text(self.problem, name)
            )
            self.page.text(text, indent=indent, lead="assumed: ")
        if not facts and not assumptions:
            self.page.text("it is so for every patient", indent=indent, lead="because: ")

    def _open(self, group: _Group) -> None:
        """What an open clause waits for; where that decides the trial, with what is required of it."""
        conditions = self.conditions[group.clause.id]
        waits = self._waits_for(conditions[cohort] for cohort in group.cohorts or conditions)
        wanted = [name for name in waits if name in self.missing]
        if waits and not wanted:
            self.page.text(self._labels(waits), indent=_BELOW, lead="not known: ")
        for name in wanted:
            item = self.missing[name]
            self._required(item, "needed: " if item.text else "find out: ")
        for name in self._instead(waits):
            self._required(self.missing[name], "or through: ")

    def _waits_for(self, conditions: Iterable[Condition]) -> list[str]:
        """The variables on which conditions still depend, in the order of the vocabulary."""
        known = self.problem.known
        names = frozenset[str]().union(*(variables(simplify(c, known)) for c in conditions))
        return [name for name in self.whole.library.variables if name in names and not is_exact(known[name])]

    def _instead(self, waits: Sequence[str]) -> list[str]:
        """Variables of deciding sets that no open clause mentions, and that tell something of these through the theory."""
        library = self.whole.library
        mentioned = set().union(
            *(
                variables(condition)
                for answer in self.answer.clauses
                if answer.status == "open"
                for condition in self.conditions[answer.id].values()
            )
        )
        near = frozenset[str]().union(
            *(names for names in library.mentions.values() if not names.isdisjoint(waits))
        )
        return [
            name
            for name in library.variables
            if name in self.missing and name in near and name not in mentioned
        ]

    def _required(self, item: Requirement, lead: str) -> None:
        text = f"{self._requirement(item)} [{item.variable}]"
        if item.variable in self.whole.record.facts:
            text += f", recorded: {self.whole.record.facts[item.variable].text}"
        if item.with_others:
            others = listed([self.whole.library.variables[name].label for name in item.with_others])
            text += f"; {'more is required of it ' if item.text else ''}together with {others}"
        self.page.text(text, indent=_BELOW, lead=lead)

    def _requirement(self, item: Requirement) -> str:
        """A variable with what it must be: `a result at most 470 ms`, `a finding: no`."""
        variable = self.whole.library.variables[item.variable]
        label = variable.label
        if item.text is None:
            return self.words.wanted(item.variable)
        if isinstance(variable.type, BooleanType):
            return f"{label}: {'yes' if item.text == 'true' else 'no'}"
        colon = "" if isinstance(variable.type, IntegerType | QuantityType) else ":"
        return f"{label}{colon} {item.text}{self._age(item)}"

    def _age(self, item: Requirement) -> str:
        """What a requirement of a day means in completed years, where the trial counts them from it to the day of evaluation."""
        counted = any(
            part == CompletedYears(NumberVariable(item.variable, "date"), NumberVariable(AS_OF, "date"))
            for clause in self.trial.clauses
            for condition in clause.conditions.values()
            for part in walk(condition)
        )
        if not counted or not isinstance(item.allowed, tuple) or len(item.allowed) != 1:
            return ""
        possible, allowed, day = item.possible, item.allowed[0], self.whole.record.as_of
        assert isinstance(possible, Interval)
        words = []
        for years in range(150):
            last = last_day_completing(years, day)
            if allowed.high == last != possible.high:
                words.append(f"{years} years or older")
            if allowed.low == last + 1 and allowed.low != possible.low:
                words.append(f"younger than {years} years")
        return f" ({' and '.join(words)})" if words else ""

    # what else there is to know

    def _not_judged(self) -> None:
        if self.answer.unpublished:
            self._heading("Not judged: these criteria exist, and are not published or have no logical form")
            for name in self.answer.unpublished:
                text = self.trial.unpublished.get(name) or self.words.clause(name).label
                self.page.text(text, indent=4, lead=f"{name}  ", lead_style=HEADING)

    def _readings(self) -> None:
        if not self.answer.readings:
            return
        self._heading("Where the verdict depends on how the text is read")
        context = self.whole.record.context
        for reading in self.answer.readings:
            text = self.trial.readings[reading.id].text
            clauses = [
                clause
                for clause in self.trial.clauses
                if reading.id in clause.alternatives or clause.secondary == reading.id
            ]
            second = reading.id in context.readings or (
                context.secondary_sources and any(clause.secondary == reading.id for clause in clauses)
            )
            blocked = listed([" together with ".join(conflict) for conflict in reading.conflicts])
            page = self.page
            page.text(text, indent=4, lead=f"{reading.id}  ", lead_style=HEADING)
            page.text(
                f"{self.answer.verdict} ({'second' if second else 'default'} reading)",
                indent=_BELOW,
                lead="as judged here: ",
            )
            page.text(
                f"{reading.verdict}{f', by {blocked}' if blocked else ''}",
                indent=_BELOW,
                lead="under the other reading: ",
            )
            page.text(question(self.trial, clauses, text), indent=_BELOW, lead="ask the sponsor: ")

    def _notices(self) -> None:
        if self.answer.notices:
            self._heading("Notes")
            for _, text in self.answer.notices:
                self.page.text(text, indent=4, lead="- ")

    def _sources(self) -> None:
        self._heading("Sources")
        for name, text in self.trial.sources.items():
            self.page.text(text, indent=4, lead=f"{name}  ", lead_style=HEADING)


def question(trial: Trial, clauses: Sequence[Clause], reading: str) -> str:
    """A sentence to send to the sponsor, which says nothing of any patient."""
    named = listed([f"{clause.id} ({clause.source}: {clause.label})" for clause in clauses])
    return f'In {trial.nct} ({trial.title}), {named} can be read in two ways - "{reading}" - which of the two applies?'
