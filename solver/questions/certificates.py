"""Certificates: each claim of an answer as a self-contained SMT-LIB 2 script, for another solver to check.

A script states the recorded facts, the assumptions, the theory and the trial exactly as they are written: nothing is simplified, but that
recorded lists are resolved. It says which answer a solver must give.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval, intersect
from solver.language.simplify import simplify
from solver.language.tree import AS_OF, Condition, variables
from solver.language.types import DateType, EnumerationType, QuantityType
from solver.library.models import Trial
from solver.patient.record import Record
from solver.questions.answers import TrialAnswer
from solver.questions.eligibility import Decision
from solver.questions.problem import Problem, plausible, widest

if TYPE_CHECKING:
    from solver.questions.matcher import Matching
    from solver.smt.script import Symbols

Status = Literal["sat", "unsat"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: `name` tells it from the others of a trial, `sentence` says it, and a solver must answer `status` to `script`."""

    name: str
    sentence: str
    status: Status
    script: str


def record_digest(record: Record) -> str:
    """A digest of what a record says: its day, its facts and its context, in whatever order they stand."""
    context = record.context
    content = {
        "as_of": format_day(record.as_of),
        "facts": {
            name: [fact.text, str(fact.domain), str(fact.values)] for name, fact in record.facts.items()
        },
        "open_cohorts": {code: sorted(cohorts) for code, cohorts in context.open_cohorts.items()},
        "readings": sorted(context.readings),
        "secondary_sources": context.secondary_sources,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def certificates(
    matching: Matching, trial: Trial, answer: TrialAnswer, heading: Sequence[str]
) -> Iterator[Claim]:
    """The claims of the answer for one trial, for a consistent record and without assumption policies over clauses.

    `heading` stands as comments at the top of each script. The lists of the answer must be complete for the claims to be all there are.
    """
    writer = _Writer(matching.problem, matching.decision(trial), heading)
    yield writer.claim("record", "some patient fits the record", "sat", [])
    holds, fails = trial.code, f"(not {trial.code})"
    if answer.verdict == "eligible":
        yield writer.claim(
            "eligible", "every patient who fits the record satisfies the trial", "unsat", [fails]
        )
    elif answer.verdict == "ineligible":
        yield writer.claim(
            "ineligible", "no patient who fits the record satisfies the trial", "unsat", [holds]
        )
    elif answer.verdict == "undetermined":
        yield writer.claim("possible", "some patient who fits the record satisfies the trial", "sat", [holds])
        yield writer.claim(
            "refutable", "some patient who fits the record does not satisfy the trial", "sat", [fails]
        )
    for i, conflict in enumerate(answer.conflicts, 1):
        named = " and ".join(conflict)
        yield writer.claim(
            f"conflict-{i}", f"{named} cannot hold together", "unsat", [writer.together(conflict)]
        )
        for left in conflict:
            rest = [name for name in conflict if name != left]
            what = f"{' and '.join(rest)} can hold" if rest else "nothing stands in the way"
            sentence = f"without {left}, {what}: the conflict is minimal"
            yield writer.claim(f"conflict-{i}-without-{left}", sentence, "sat", [writer.together(rest)])
    for i, names in enumerate(answer.deciding_sets, 1):
        sentence = f"patients who agree on {' and '.join(names)} agree on the trial"
        yield writer.claim(f"deciding-{i}", sentence, "unsat", [holds], agreeing=names)
        for left in names:
            rest = [name for name in names if name != left]
            sentence = f"without {left} they need not: the deciding set is minimal"
            yield writer.claim(f"deciding-{i}-without-{left}", sentence, "sat", [holds], agreeing=rest)


class _Writer:
    """Writes the scripts about one patient and one trial."""

    def __init__(self, problem: Problem, decision: Decision, heading: Sequence[str]) -> None:
        self.problem, self.decision, self.heading = problem, decision, heading
        library = problem.library
        mentioned = frozenset[str]().union(
            *(variables(condition) for each in decision.bindings for condition in each.conditions.values())
        )
        linked = frozenset[str]().union(*(library.linked.get(name, frozenset()) for name in mentioned))
        self.names = sorted((mentioned | linked) & library.variables.keys())
        named = frozenset(self.names)
        self.axioms = [axiom for axiom in problem.axioms if library.mentions[axiom.id] & named]
        self.known: dict[str, Domain] = {AS_OF: problem.known[AS_OF]}
        self.known.update({name: self._domain(name) for name in self.names})

    def _domain(self, name: str) -> Domain:
        """What is stated of a variable: its fact, what is assumed of it, or all that its type allows."""
        problem = self.problem
        domain = problem.assumed.get(name, problem.widest[name])
        if name in problem.ranged:
            assumed = plausible(problem.library.variables[name], problem.record.as_of)
            if isinstance(domain, Interval) and isinstance(assumed, Interval):
                domain = intersect(domain, assumed)
        return domain

    def together(self, clauses: Sequence[str]) -> str:
        """That these clauses hold together in some cohort, as far as they bind it."""
        cohorts = []
        for cohort in self.decision.trial.cohorts:
            bound = {name for name, _, _ in self.decision.clauses(cohort)}
            parts = " ".join(f"{name}.{cohort}" for name in clauses if name in bound)
            cohorts.append(f"(and true {parts})")
        return f"(or {' '.join(cohorts)})"

    def claim(
        self,
        name: str,
        sentence: str,
        status: Status,
        goals: Sequence[str],
        *,
        agreeing: Sequence[str] | None = None,
    ) -> Claim:
        """One claim; with `agreeing` a second patient, who agrees on those variables, does not satisfy the trial."""
        from solver.smt import script

        second = frozenset(self.names) if agreeing is not None else frozenset[str]()
        symbols = script.Symbols(self.problem.types, self.known, {1: second})
        copies = (0, 1) if agreeing is not None else (0,)
        body = [line for copy in copies for line in self._patient(symbols, copy)]
        code = self.decision.trial.code
        for goal in goals:
            body.append(f"(assert {goal})")
        if agreeing is not None:
            body.append(
                "; the second patient does not satisfy the trial, and agrees with the first on these variables"
            )
            body.append(f"(assert (not {code}!1))")
            body += [f"(assert (= {each} {symbols.symbol(each, 1)}))" for each in agreeing]
        lines = [
            *(f"; {line}" for line in (*self.heading, f"claim: {sentence}")),
            "(set-logic ALL)",
            f"(set-info :status {status})",
            *self._vocabulary(symbols),
            symbols.declarations().rstrip(),
            *body,
            "(check-sat)",
            "(exit)",
        ]
        return Claim(f"{code}.{name}", sentence, status, "\n".join(lines) + "\n")

    def _vocabulary(self, symbols: Symbols) -> Iterator[str]:
        """What the symbols stand for, as comments."""
        library = self.problem.library
        for name in dict.fromkeys(symbols.declared.values()):
            if name == AS_OF:
                yield "; as_of: the day of evaluation, as a day number (1 January of the year 1 is 1)"
                continue
            variable = library.variables[name]
            text = f"; {name}: {variable.label}"
            match variable.type:
                case EnumerationType(values):
                    text += f" ({', '.join(f'{i} {value}' for i, value in enumerate(values))})"
                case DateType():
                    text += ", as a day number"
                case QuantityType(unit):
                    text += f", in {unit.text}"
            yield text

    def _patient(self, symbols: Symbols, copy: int) -> Iterator[str]:
        """What is stated of one patient: facts, assumptions, theory, and the trial by cohort and clause."""
        from solver.smt import script

        suffix = f"!{copy}" if copy else ""
        record = self.problem.record
        lists = self.problem.library.lists
        if copy == 0:
            yield f"; day of evaluation {format_day(record.as_of)}"
            yield from (f"(assert {text})" for text in script.domain_text(AS_OF, self.known[AS_OF], symbols))
        for name in self.names:
            stated = [] if name in lists else script.domain_text(name, self.known[name], symbols, copy)
            if stated:
                yield f"; {self._about(name)}"
                yield from (f"(assert {text})" for text in stated)
        for name, choice in self.problem.choices.items():
            if name in self.names:
                yield f"(assert {self._text(choice, symbols, copy)})"
        for axiom in self.axioms:
            yield f"; {axiom.id}: {axiom.label}"
            yield f"(assert {self._text(axiom.condition, symbols, copy)})"
        yield from self._trial(symbols, copy, suffix)

    def _trial(self, symbols: Symbols, copy: int, suffix: str) -> Iterator[str]:
        trial = self.decision.trial
        for cohort in trial.cohorts:
            names = []
            for binding in self.decision.bindings:
                if cohort in binding.conditions:
                    clause = binding.clause
                    names.append(f"{clause.id}.{cohort}{suffix}")
                    yield f"; {clause.id} ({cohort}): {clause.label} [{clause.source}]"
                    text = self._text(binding.conditions[cohort], symbols, copy)
                    yield f"(define-fun {names[-1]} () Bool {text})"
            yield f"(define-fun {trial.code}.{cohort}{suffix} () Bool (and true {' '.join(names)}))"
        cohorts = " ".join(f"{trial.code}.{cohort}{suffix}" for cohort in trial.cohorts)
        yield f"(define-fun {trial.code}{suffix} () Bool (or {cohorts}))"

    def _about(self, name: str) -> str:
        """Why a domain is stated, in words."""
        variable, fact = self.problem.library.variables[name], self.problem.record.facts.get(name)
        if fact is not None:
            return f"recorded: {variable.label} {fact.text}"
        if name in self.problem.assumed:
            return f"assumed: {variable.assumption}"
        return (
            f"assumed: plausible:{name}" if name in self.problem.ranged else f"{variable.label}: not recorded"
        )

    def _text(self, condition: Condition, symbols: Symbols, copy: int) -> str:
        from solver.smt import script

        lists = self.problem.library.lists
        if not variables(condition).isdisjoint(lists):
            resolved = {**{name: self.problem.widest[name] for name in lists}, **self._wide(condition)}
            condition = simplify(condition, resolved)
        return script.condition_text(condition, symbols, copy)

    def _wide(self, condition: Condition) -> Mapping[str, Domain]:
        """Nothing known of what a condition mentions besides lists."""
        library, record = self.problem.library, self.problem.record
        return {
            name: widest(library.variables[name], record.as_of)
            for name in variables(condition)
            if name in library.variables and name not in library.lists
        }
