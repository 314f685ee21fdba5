"""Certificates: each claim of an answer as a self-contained SMT-LIB 2 script, for another solver to check.

A script states the recorded facts, the assumptions, the theory and the trial as they are written, and says which answer a solver must
give. Nothing that the engine found out is in it. Nothing is simplified, but recorded lists are worked into what speaks of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from solver.dataclass import dataclass
from solver.engine.answer import Subsets, Verdict
from solver.engine.clauses import toggled
from solver.engine.decision import Decision
from solver.engine.problem import Problem, plausible, widest, within
from solver.evaluation.simplify import simplify
from solver.language.calendar import format_day
from solver.language.domain import Domain, Inconsistent, Interval, intersect
from solver.language.tree import AS_OF, TRUE, Condition, variables
from solver.library.models import Axiom, Library, Trial
from solver.questions.match.answer import TrialAnswer
from solver.smt import certificate as export
from solver.smt.certificate import Definition, Junction, ScriptSheet, Second, Status
from solver.smt.query import joined, negated

if TYPE_CHECKING:
    from solver.engine.case import Case


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: `name` tells it from the others of a patient, `sentence` says it, and a solver must answer `status` to `script`.

    `trial` is the code of the trial that it is about, None of a contradiction; `cut` says that not all that could be claimed of it was
    found.
    """

    name: str
    sentence: str
    status: Status
    script: str
    trial: str | None = None
    cut: bool = False


def certificates(case: Case, trial: Trial, answer: TrialAnswer, heading: Sequence[str]) -> Iterator[Claim]:
    """The claims of the answer for one trial, for a consistent record; none but that, if the solver gave up on the verdict.

    `heading` stands as comments at the top of each script. The claims are about the lists of the answer: whether these are complete is
    no claim. Claims of other readings that change the verdict follow those of the reading that was chosen.
    """
    problem, context = case.problem, case.problem.record.context
    cut = lists_were_cut(answer)
    writer = _TrialWriter(problem, case.decision(trial), heading, trial.code, cut)
    yield writer.claim("record", "some patient fits the record", "sat", None)
    yield from writer.verdict(answer.verdict)
    yield from writer.conflicts(answer.conflicts)
    yield from writer.deciding(answer.deciding_sets)
    others = toggled(trial, context)
    for reading in answer.readings:
        second = case.assumptions.decide(case.standings, trial, others[reading.id])
        said = [*heading, f"reading: {reading.id} is read the other way"]
        writer = _TrialWriter(problem, second, said, f"{trial.code}.{reading.id}", cut)
        yield from writer.verdict(reading.verdict)
        yield from writer.conflicts(reading.conflicts)


def lists_were_cut(answer: TrialAnswer) -> bool:
    """Whether not every conflict and deciding set of a verdict was found."""
    complete = answer.complete
    return answer.verdict != "unresolved" and not (complete.conflicts and complete.deciding_sets)


def contradiction_certificates(
    problem: Problem, contradictions: Subsets, heading: Sequence[str]
) -> Iterator[Claim]:
    """The claims of an answer for a record that contradicts itself: each contradiction, and that it is minimal."""

    def claim(
        name: str, members: Sequence[str], facts: Sequence[str], sentence: str, status: Status
    ) -> Claim:
        sheet = _facts_sheet(problem, members, facts)
        script = export.ScriptWriter(sheet).script([*heading, f"claim: {sentence}"], status)
        return Claim(name, sentence, status, script)

    for i, members in enumerate(contradictions, 1):
        sentence = f"no patient fits what is recorded of {_and_words(members)}"
        yield claim(f"contradiction-{i}", members, members, sentence, "unsat")
        for left, rest in _without_each(members):
            sentence = f"without {left} some patient fits {_and_words(rest) or 'the rest'}: the contradiction is minimal"
            yield claim(f"contradiction-{i}-without-{left}", members, rest, sentence, "sat")


class _TrialWriter:
    """Writes the claims about one patient and one trial; their names begin with `prefix`."""

    def __init__(
        self, problem: Problem, decision: Decision, heading: Sequence[str], prefix: str, cut: bool
    ) -> None:
        self.decision, self.heading, self.prefix, self.cut = decision, list(heading), prefix, cut
        self.code = decision.trial.code
        self.shown = _shown_name(decision.trial) if decision.extent.capped else self.code
        mentioned = (variables(each) for binding in decision.bindings for each in binding.conditions.values())
        names = _linked_to(problem.library, frozenset[str]().union(*mentioned))
        domains = {name: _stated_domain(problem, name) for name in names if name not in problem.library.lists}
        lists = {name: problem.widest[name] for name in problem.library.lists}
        resolve = _resolver_of(problem, domains, lists)
        sheet = _script_sheet(
            problem,
            domains,
            [(_reason_words(problem, name), name, domain) for name, domain in domains.items()],
            [axiom for axiom in problem.axioms if problem.library.mentions[axiom.id] & frozenset(names)],
            frozenset(problem.record.facts),
            resolve,
            list(_trial_definitions(decision, resolve)),
            _list_notes(problem, names),
        )
        self.sheet = export.ScriptWriter(sheet)

    def claim(
        self, name: str, sentence: str, status: Status, goal: str | None, second: Second | None = None
    ) -> Claim:
        """One claim; with `second` also of a second patient."""
        heading = [*self.heading, f"claim: {sentence}"]
        script = self.sheet.script(heading, status, goal, second)
        return Claim(f"{self.prefix}.{name}", sentence, status, script, self.code, self.cut)

    def verdict(self, verdict: Verdict) -> Iterator[Claim]:
        """The claims of the verdict itself.

        Where cohorts are capped, eligible is shown only by the others, so that `shown` stands for the trial there.
        """
        holds, capped = export.written(self.code), self.decision.extent.capped
        fails = negated(export.written(self.shown))
        if verdict == "eligible":
            by = ", by a cohort whose objective criteria are all encoded" if capped else ""
            sentence = f"every patient who fits the record satisfies the trial{by}"
            yield self.claim("eligible", sentence, "unsat", fails)
        elif verdict == "ineligible":
            sentence = "no patient who fits the record satisfies the trial"
            yield self.claim("ineligible", sentence, "unsat", holds)
        elif verdict == "undetermined":
            sentence = "some patient who fits the record satisfies the trial"
            yield self.claim("possible", sentence, "sat", holds)
            by = " by a cohort whose objective criteria are all encoded" if capped else ""
            sentence = f"some patient who fits the record does not satisfy the trial{by}"
            yield self.claim("refutable", sentence, "sat", fails)

    def conflicts(self, conflicts: Subsets) -> Iterator[Claim]:
        """Each conflict, and that it is minimal."""
        for i, conflict in enumerate(conflicts, 1):
            together = " together" if conflict[1:] else ""
            sentence = f"{_and_words(conflict)} cannot hold{together} in any cohort"
            yield self.claim(f"conflict-{i}", sentence, "unsat", self._hold_together(conflict))
            for left, rest in _without_each(conflict):
                what = f"{_and_words(rest)} can hold in some cohort" if rest else "nothing is in conflict"
                sentence = f"without {left} {what}: the conflict is minimal"
                yield self.claim(f"conflict-{i}-without-{left}", sentence, "sat", self._hold_together(rest))

    def deciding(self, sets: Subsets) -> Iterator[Claim]:
        """Each deciding set, and that it is minimal."""
        answers = [self.code] if self.shown == self.code else [self.code, self.shown]
        holds = None if answers[1:] else export.written(self.code)
        whole = " and on what is shown of it" if answers[1:] else ""
        for i, names in enumerate(sets, 1):
            sentence = f"patients who agree on {_and_words(names)} agree on the trial{whole}"
            yield self.claim(
                f"deciding-{i}", sentence, "unsat", holds, Second(self._agreeing(names), answers)
            )
            for left, rest in _without_each(names):
                sentence = f"without {left} they need not: the deciding set is minimal"
                second = Second(self._agreeing(rest), answers)
                yield self.claim(f"deciding-{i}-without-{left}", sentence, "sat", holds, second)

    def _agreeing(self, names: Sequence[str]) -> tuple[str, ...]:
        """The variables of a deciding set, and what the trial asks of their concepts besides."""
        asked = self.decision.trial.terms.values()
        terms = [each.term for each in asked if each.term is not None and each.term.question == "is"]
        return (*names, *(term.name for term in terms if term.variable in names))

    def _hold_together(self, clauses: Sequence[str]) -> str:
        """That these clauses hold together in some cohort, as far as they bind it."""
        cohorts = []
        for cohort in self.decision.trial.cohorts:
            bound = {name for name, _, _ in self.decision.clauses(cohort)}
            parts = [export.written(_clause_name(name, cohort)) for name in clauses if name in bound]
            cohorts.append(joined("and", parts))
        return joined("or", cohorts)


Resolve = Callable[[Condition], Condition]


def _script_sheet(
    problem: Problem,
    ranges: Mapping[str, Domain],
    domains: Sequence[tuple[str, str, Domain]],
    axioms: Iterable[Axiom],
    facts: frozenset[str],
    resolve: Resolve,
    definitions: Sequence[Definition] = (),
    notes: Sequence[str] = (),
) -> ScriptSheet:
    """What is stated of the variables of `ranges`, under these axioms and facts."""
    library, day = problem.library, problem.known[AS_OF]
    choices = [
        (f"recorded: {library.variables[name].label} {problem.record.facts[name].text}", resolve(choice))
        for name, choice in problem.choices.items()
        if name in ranges and name in facts
    ]
    theory = [
        (f"{'assumed' if each.assumption else 'theory'}: {each.id}: {each.label}", resolve(each.condition))
        for each in axioms
    ]
    return ScriptSheet(
        problem.types,
        {AS_OF: "the day of evaluation", **{name: v.label for name, v in library.variables.items()}},
        {AS_OF: day, **ranges},
        [(f"recorded: day of evaluation {format_day(problem.record.as_of)}", AS_OF, day), *domains],
        [*choices, *theory],
        definitions,
        notes,
    )


def _facts_sheet(problem: Problem, members: Sequence[str], facts: Sequence[str]) -> ScriptSheet:
    """What is stated of the variables linked to `members` by the theory alone, where only `facts` are recorded."""
    library, record = problem.library, problem.record
    names = _linked_to(library, members)
    ranges: dict[str, Domain] = {}
    domains = []
    for name in names:
        variable = library.variables[name]
        domain = ranges[name] = widest(variable, record.as_of)
        if name not in facts:
            domains.append((f"{variable.label}: not recorded, or left out", name, domain))
            continue
        fact = record.facts[name]
        try:
            domain = ranges[name] = within(variable, fact, record.as_of)
        except Inconsistent:
            domains.append((f"{variable.label}: not after the day of evaluation", name, domain))
            domain = fact.domain
        domains.append((f"recorded: {variable.label} {fact.text}", name, domain))
    certain = [axiom for axiom in problem.axioms if axiom.assumption is None]
    axioms = [axiom for axiom in certain if library.mentions[axiom.id] & frozenset(names)]
    lists = {name: ranges[name] for name in names if name in library.lists}
    resolve = _resolver_of(problem, ranges, lists)
    kept = {name: domain for name, domain in ranges.items() if name not in lists}
    stated = [each for each in domains if each[1] not in lists]
    notes = _list_notes(problem, [name for name in lists if name in facts])
    return _script_sheet(problem, kept, stated, axioms, frozenset(facts), resolve, (), notes)


def _trial_definitions(decision: Decision, resolve: Resolve) -> Iterator[Definition]:
    """Each clause in each cohort, then each cohort, then the trial; a clause that a policy counts as met is true."""
    trial = decision.trial
    for cohort in trial.cohorts:
        names = []
        for binding in decision.bindings:
            clause = binding.clause
            if cohort in binding.conditions:
                names.append(_clause_name(clause.id, cohort))
                text = f"{clause.id} ({cohort}): {clause.label} [{clause.source}]"
                if (clause.id, cohort) in decision.counted:
                    yield Definition(names[-1], f"assumed: {clause.assumption}: {text}", TRUE)
                else:
                    yield Definition(names[-1], text, resolve(binding.conditions[cohort]))
        said = f"cohort {cohort}: {trial.cohorts[cohort]}"
        yield Definition(_cohort_name(trial, cohort), said, Junction("and", tuple(names)))
    cohorts = tuple(_cohort_name(trial, cohort) for cohort in trial.cohorts)
    yield Definition(trial.code, f"the trial: {trial.title}", Junction("or", cohorts))
    capped = decision.extent.capped
    if capped:
        left = tuple(_cohort_name(trial, cohort) for cohort in trial.cohorts if cohort not in capped)
        said = "the trial by a cohort whose objective criteria are all encoded; what is kept as text is never taken for met: "
        kept = [f"{cohort}: {_and_words(names) or 'nothing is asked'}" for cohort, names in capped.items()]
        yield Definition(_shown_name(trial), f"{said}{'; '.join(kept)}", Junction("or", left))


def _clause_name(name: str, cohort: str) -> str:
    return f"{name}@{cohort}"


def _cohort_name(trial: Trial, cohort: str) -> str:
    return f"{trial.code}/{cohort}"


def _shown_name(trial: Trial) -> str:
    return f"{trial.code}:shown"


def _linked_to(library: Library, names: Iterable[str]) -> list[str]:
    """The variables among these, and all that the theory links to them."""
    found = frozenset[str]().union(*(library.linked.get(name, frozenset()) for name in names))
    return sorted(found & library.variables.keys())


def _stated_domain(problem: Problem, name: str) -> Domain:
    """What is stated of a variable: its fact, what is assumed of it, or all that its type allows."""
    domain = problem.assumed.get(name, problem.widest[name])
    if name in problem.ranged:
        assumed = plausible(problem.library.variables[name], problem.record.as_of)
        if isinstance(domain, Interval) and isinstance(assumed, Interval):
            domain = intersect(domain, assumed)
    return domain


def _reason_words(problem: Problem, name: str) -> str:
    """Why a domain is stated, in words."""
    variable, fact = problem.library.variables[name], problem.record.facts.get(name)
    if name in problem.assumed:
        return f"assumed: {variable.assumption}: {variable.label}"
    parts = [f"recorded: {variable.label} {fact.text}" if fact else f"not recorded: {variable.label}"]
    if name in problem.ranged:
        parts.append(f"assumed: plausible:{name}")
    return "; ".join(parts)


def _resolver_of(problem: Problem, ranges: Mapping[str, Domain], lists: Mapping[str, Domain]) -> Resolve:
    """How lists are worked into a condition: with nothing known of what it mentions besides."""
    library, record = problem.library, problem.record

    def wide(name: str) -> Domain:
        variable = library.variables[name]
        return ranges[name] if variable.absent_as_of else widest(variable, record.as_of)

    def resolve(condition: Condition) -> Condition:
        mentioned = variables(condition)
        if mentioned.isdisjoint(library.lists):
            return condition
        known = {name: wide(name) for name in mentioned if name in library.variables}
        return simplify(condition, {AS_OF: problem.known[AS_OF], **known, **lists})

    return resolve


def _list_notes(problem: Problem, names: Iterable[str]) -> list[str]:
    """What is recorded in lists."""
    notes = []
    for name in names:
        if name in problem.library.lists:
            fact = problem.record.facts.get(name)
            said = fact.text if fact else "nothing recorded"
            whole = " (complete list)" if fact is not None and fact.complete else ""
            label = problem.library.variables[name].label
            notes.append(f"worked into what speaks of it: {label}: {said or 'none'}{whole}")
    return notes


def _without_each(members: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for left in members:
        yield left, tuple(name for name in members if name != left)


def _and_words(names: Sequence[str]) -> str:
    return " and ".join(names)
