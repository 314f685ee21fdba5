"""What a reader of an answer should know besides the verdicts: odd values, disagreeing results, and what was assumed.

The checks of the theory: warnings about what is recorded, where their condition certainly holds of it.

What is recorded is the facts and what follows from them by the axioms. No range that is only plausible counts, and no policy: what is
unknown, or only possible, is not warned about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from solver.engine.answer import AnswerWarning, Assumption, Subsets
from solver.engine.oracle import Oracle
from solver.engine.problem import Problem
from solver.evaluation.evaluate import bounds, evaluate
from solver.language import domain as d
from solver.language.calendar import CYCLE_START, FIRST_DAY, format_day
from solver.language.recorded import DAYS_OLD, GREATEST, LEAST, OWN_UNIT, RECORDED, WHOLE, asked
from solver.language.tree import AS_OF, Condition, Term, variables
from solver.library.chart_checks import Blank
from solver.library.models import Library, Policy
from solver.patient.readers.native.dates import parse_date
from solver.patient.record import Fact, Written
from solver.patient.write import exact_decimal
from solver.text import listed
from solver.work import OutOfBudget


def record_warnings(problem: Problem) -> Iterator[AnswerWarning]:
    """Warnings about the record itself."""
    record, library = problem.record, problem.library
    for code, name, text in record.warnings:
        yield AnswerWarning(code=code, text=text, variable=name)
    for name, fact in record.facts.items():
        variable = library.variables[name]
        if variable.plausible is None:
            continue
        known = {AS_OF: problem.known[AS_OF], name: fact.domain}
        if evaluate(variable.plausible, known) is False:
            plausible = f"the plausible range ({variable.plausible_text})"
            text = f"{variable.label}: {fact.text} lies outside {plausible}"
            yield AnswerWarning(code="implausible", text=f"{text}; it is used as recorded", variable=name)
    for name in problem.implausible:
        if name not in record.facts:
            variable = library.variables[name]
            text = f"{variable.label}: what is recorded puts it outside the plausible range ({variable.plausible_text})"
            yield AnswerWarning(code="implausible", text=f"{text}; the range was not assumed", variable=name)
    yield from check_warnings(problem)


def never_asked_warning(problem: Problem, code: str, sets: Subsets) -> AnswerWarning | None:
    """That what is never asked for would settle a trial, by the smallest of these sets; None if there is none."""
    if not sets:
        return None
    variables_ = problem.library.variables
    smallest = min(sets, key=len)
    hidden = [name for name in smallest if not variables_[name].requested]
    planned = [name for name in hidden if variables_[name].absent_as_of]
    others = [name for name in smallest if variables_[name].requested]
    beside = listed([_open_variable(problem, name) for name in others])
    together = f" together with {beside}" if others else ""
    exact = listed([_open_variable(problem, name) for name in hidden])
    text = (
        f"{code}: {exact} would settle the verdict{together}; no deciding set names what is never asked for"
    )
    kind = "planned-first-dose" if planned else "never-asked"
    return AnswerWarning(code=kind, text=text, variable=(planned or hidden)[0])


def _open_variable(problem: Problem, name: str) -> str:
    """A variable whose value is not known, with what is recorded of it."""
    label, fact = problem.library.variables[name].label, problem.record.facts.get(name)
    return f"the {label} [{name}]" if fact is None else f"the exact {label} [{name}, recorded: {fact.text}]"


def assumption_texts(problem: Problem, names: Iterable[str]) -> tuple[Assumption, ...]:
    """The assumptions of these ids, each once with its sentence, sorted by id."""
    return tuple(Assumption(name, assumption_text(problem, name)) for name in sorted(set(names)))


def assumption_text(problem: Problem, name: str) -> str:
    """The sentence that says what is assumed, by the id of the assumption."""
    policy, _, subject = name.partition(":")
    if policy in problem.library.policies:
        return policy_text(problem.library, problem.library.policies[policy], subject)
    sentences = [axiom.label for axiom in problem.axioms if axiom.assumption == name]
    subject = name.removeprefix("plausible:")
    variable = problem.library.variables.get(subject) or problem.library.every_term.get(subject)
    if variable is not None and variable.plausible_text and (variable.term or subject in problem.ranged):
        recorded = "not recorded exactly" if variable.name in problem.record.facts else "not recorded"
        sentences.insert(0, f"{variable.label}, {recorded}, is plausible: {variable.plausible_text}")
    return "; ".join(sentences) or name


def policy_text(library: Library, policy: Policy, subject: str) -> str:
    """What a policy assumes of a variable or a clause."""
    if policy.covers == "variables":
        variable = library.variables.get(subject) or library.every_term[subject]
        return f"{variable.label}: {policy.text} ({policy.id})"
    clauses = (clause for trial in library.trials.values() for clause in trial.clauses)
    label = next(clause.label for clause in clauses if clause.id == subject)
    return f"{subject} {label}: {policy.text} ({policy.id})"


_DECIMALS = 2


def check_warnings(problem: Problem) -> Iterator[AnswerWarning]:
    """A warning for each check that certainly holds of what is recorded."""
    recorded, asking = problem.record.facts.keys(), _Asking(problem)
    for check in problem.library.checks:
        if check.speaks_of.isdisjoint(recorded) or not asking.certain(check.when):
            continue
        there = [words for condition, words in check.there if asking.certain(condition)]
        if there or not check.there:
            parts = [p if isinstance(p, str) else _filled_blank(p, asking, there) for p in check.text]
            yield AnswerWarning(code=check.id, text="".join(parts), variable=check.variable)


def headline(problem: Problem) -> tuple[str, ...]:
    """Who the patient is, in parts, from the facts alone: what follows from them, or is assumed, is no part of it."""
    recorded, asking = problem.record.facts.keys(), _Asking(problem, problem.widest)
    found: list[str] = []
    for part in problem.library.headline:
        for check in part.first_of:
            if not check.speaks_of.isdisjoint(recorded) and asking.certain(check.when):
                words = "".join(p if isinstance(p, str) else _filled_blank(p, asking, []) for p in check.text)
                before = [found.pop()] if part.beside and found else []
                found.append(" ".join([*before, words]))
                break
    return tuple(found)


def safety_facts(problem: Problem) -> tuple[str, ...]:
    """The variables about the patient's safety that are recorded as true."""
    facts = problem.record.facts
    return tuple(
        name
        for name, variable in problem.library.variables.items()
        if variable.safety and name in facts and facts[name].domain == frozenset({True})
    )


class _Asking:
    """One record, and the questions that checks ask about its facts; `known` is what they are asked of."""

    def __init__(self, problem: Problem, known: d.Environment | None = None) -> None:
        self.problem = problem
        self.known: dict[str, d.Domain] = dict(problem.certain if known is None else known)
        for name in problem.library.dates:
            left = self.known[name]
            if isinstance(left, d.Interval) and left.low == CYCLE_START:
                # solvers count days within one cycle of the calendar, but an unknown date is any that a record can give
                self.known[name] = left._replace(low=FIRST_DAY)

    def certain(self, condition: Condition) -> bool:
        """Whether a condition holds of every patient whom the facts fit."""
        known = self.about(condition)
        value = evaluate(condition, known)
        names = variables(condition)
        if value is None and all(d.is_exact(known[n]) or n in self.problem.record.facts for n in names):
            # several values of one fact may each meet another part of the condition
            facts = [choice for name, choice in self.problem.choices.items() if name in names]
            oracle = Oracle(self.problem.types, known, facts, self.problem.budget, search=self.problem.search)
            try:
                value = oracle.settle(condition)
            except OutOfBudget:
                value = None
        return value is True

    def about(self, node: Condition | Term) -> d.Environment:
        """What is known of everything that a condition or a number speaks of."""
        for name in variables(node):
            question = asked(name)
            if question is not None and name not in self.known:
                self.known[name] = _answer_known(*question, self.problem)
        return self.known


def _answer_known(question: str, variable: str, problem: Problem) -> d.Domain:
    """What is known of the answer to a question about a fact."""
    fact = problem.record.facts.get(variable)
    match question:
        case str() if question == RECORDED:
            return frozenset({fact is not None})
        case str() if question == DAYS_OLD:
            return _days_old(fact, problem.record.as_of)
        case str() if question in (OWN_UNIT, WHOLE):
            return _as_written(question, fact)
    values = fact.written.replicates if fact is not None and fact.written is not None else ()
    if not values:
        return d.EVERYTHING
    assert question in (LEAST, GREATEST)
    return d.point(d.plain(min(values) if question == LEAST else max(values)))


def _days_old(fact: Fact | None, as_of: int) -> d.Interval:
    if fact is None or fact.date is None:
        return d.EVERYTHING
    days = parse_date(fact.date)
    return d.Interval(as_of - days.high, as_of - days.low, whole=True)


def _as_written(question: str, fact: Fact | None) -> frozenset[bool]:
    written = fact.written if fact is not None else None
    if written is None:
        return d.BOTH
    if question == OWN_UNIT:
        return frozenset({written.scale == 1})
    found = frozenset(number.denominator == 1 for number in written.numbers)
    return frozenset({found == {True}}) if written.form == "replicates" else found or d.BOTH


def _filled_blank(blank: Blank, asking: _Asking, there: list[str]) -> str:
    match blank.kind:
        case "there":
            return listed(there)
        case "is":
            return "is" if len(there) == 1 else "are"
        case "replicates":
            fact = asking.problem.record.facts[blank.name]
            assert fact.written is not None
            return replicates_text(fact.written)
        case "enumeration":
            recorded = asking.problem.record.facts.get(blank.name)
            if recorded is not None and recorded.concepts is not None:
                return listed(sorted(each.replace("_", " ") for each in recorded.concepts), "or")
            domain = asking.known[blank.name]
            assert isinstance(domain, frozenset)
            return listed(sorted(map(str, domain)), "or")
    assert blank.term is not None
    known = bounds(blank.term, asking.about(blank.term))
    return days_text(known) if blank.kind == "date" else number_text(known)


def number_text(known: d.Interval) -> str:
    """A number as far as it is known: `59`, `59 or 60`, `59 to 61`, `at least 59`."""
    if known.exact:
        return _number_text(known.low)
    if isinstance(known.high, float):
        return "some number" if isinstance(known.low, float) else f"at least {_number_text(known.low)}"
    if isinstance(known.low, float):
        return f"at most {_number_text(known.high)}"
    joint = "or" if known.whole and known.high == known.low + 1 else "to"
    return f"{_number_text(known.low)} {joint} {_number_text(known.high)}"


def days_text(known: d.Interval) -> str:
    """A date as far as it is known."""
    if known.exact:
        return format_day(int(known.low))
    return f"some day from {format_day(int(known.low))} to {format_day(int(known.high))}"


def replicates_text(written: Written) -> str:
    """The least and the greatest of the replicates, in the unit as it is written: `0.8 to 2.4 mg/dL`."""
    ends = f"{_number_text(min(written.numbers))} to {_number_text(max(written.numbers))}"
    return f"{ends} {written.unit}".strip()


def _number_text(value: d.Number) -> str:
    """A number as a decimal, rounded where it has no short one."""
    try:
        return f"{exact_decimal(value)}"
    except ValueError:
        return f"{float(round(Fraction(value), _DECIMALS)):g}"
