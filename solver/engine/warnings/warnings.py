"""What a reader of an answer should know besides the verdicts: odd values, disagreeing results, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from solver.engine.answer import AnswerWarning, Assumption, Subsets
from solver.engine.problem import Problem
from solver.engine.warnings.chart_checks import check_warnings
from solver.evaluation.evaluate import evaluate
from solver.language.tree import AS_OF
from solver.library.models import Library, Policy
from solver.text import listed


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
    together = (
        f" together with {listed([_open_variable(problem, name) for name in others])}" if others else ""
    )
    exact = listed([_open_variable(problem, name) for name in hidden])
    text = (
        f"{code}: {exact} would settle the verdict{together}; no deciding set names what is never asked for"
    )
    return AnswerWarning(
        code="planned-first-dose" if planned else "never-asked", text=text, variable=(planned or hidden)[0]
    )


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
    variable = problem.library.variables.get(name.removeprefix("plausible:"))
    if variable is not None and variable.plausible_text and variable.name in problem.ranged:
        recorded = "not recorded exactly" if variable.name in problem.record.facts else "not recorded"
        sentences.insert(0, f"{variable.label}, {recorded}, is plausible: {variable.plausible_text}")
    return "; ".join(sentences) or name


def policy_text(library: Library, policy: Policy, subject: str) -> str:
    """What a policy assumes of a variable or a clause."""
    if policy.covers == "variables":
        return f"{library.variables[subject].label}: {policy.text} ({policy.id})"
    clauses = (clause for trial in library.trials.values() for clause in trial.clauses)
    label = next(clause.label for clause in clauses if clause.id == subject)
    return f"{subject} {label}: {policy.text} ({policy.id})"
