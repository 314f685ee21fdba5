"""What the laws of the six trials share: who is asked, what is compared, and what a completion teaches."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from solver.language.domain import Interval, Recorded, is_exact
from solver.language.types import DateType, QuantityType
from solver.matcher import Matcher
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from tests.support.drawing.drawn import drawn
from tests.support.records import worked
from tests.support.records.solved import CONTRADICTORY, LIBRARY, MATCHER, RECORDS, match, read
from tests.support.records.worked import Json
from tests.support.twins import semantics
from tests.support.twins.semantics import Copies, formula, hitting_sets

RANK = {"ineligible": 0, "undetermined": 1, "eligible": 2}
"""How near a verdict is to eligible."""


def consistent_match(record: Json, *codes: str, matcher: Matcher = MATCHER) -> MatchAnswer:
    """The answer for a consistent record; others are passed over."""
    answer = match(record, codes or None, matcher)
    assume(answer.consistent)
    return answer


def reasons(trial: TrialAnswer) -> tuple[Any, ...]:
    """What an answer says of one trial, without the facts behind it."""
    return trial.verdict, trial.conflicts, trial.deciding_sets


SEEDS = st.integers(0, 10**6)


SOME = st.one_of(RECORDS, CONTRADICTORY)


DEFINED = frozenset({"qtcf", "qt", "heart_rate", "pb_blasts_abs", "wbc", "pb_blasts_pct", "weight"})
"""Variables on which the theory says less once they are recorded: recording or forgetting them is more than a matter of knowledge."""


DECIDED = ("eligible", "ineligible")


def verdicts(answer: MatchAnswer) -> dict[str, str]:
    """The verdict on each trial."""
    return {trial.code: trial.verdict for trial in answer.trials}


def implausible(answer: MatchAnswer) -> bool:
    """Whether something recorded lies, or is known to lie, outside a plausible range."""
    return any(warning.code == "implausible" for warning in answer.warnings)


def answered(record: Json, *, plausible: bool = False) -> tuple[Record, MatchAnswer]:
    """A record with its answer; one that contradicts itself is passed over."""
    found = match(record)
    assume(found.consistent)
    assume(not (plausible and implausible(found)))
    return read(record), found


def as_fact(name: str, value: Fraction) -> Any:
    """An exact value as a record has it, or None if it has no short decimal form."""
    variable = LIBRARY.variables[name]
    if isinstance(variable.type, DateType):
        return semantics.date.fromordinal(int(value)).isoformat()
    if not isinstance(variable.type, QuantityType):
        return int(value)
    if Fraction(repr(float(value))) != value:
        return None
    drug = {"drug": "prednisone"} if variable.drugs else {}
    return {"value": float(value), "unit": variable.type.unit.text, **drug}


def learned(record: Json, point: semantics.Point, names: list[str]) -> Json:
    """The record with what a completion says of some variables; a value that has no short decimal form is left out."""
    facts = dict(record["facts"])
    for name in names:
        domain = point[name]
        if isinstance(domain, Interval):
            fact = as_fact(name, Fraction(domain.low))
        else:
            assert isinstance(domain, frozenset)
            (fact,) = domain
        if fact is not None:
            facts[name] = fact
    return {**record, "facts": facts}


def check_deciding_sets(patient: Record, trial: TrialAnswer) -> None:
    """Each deciding set decides, no part of it does, and neither does what is left once one variable of each is taken away."""
    model = LIBRARY.trials[trial.code]

    copies = Copies(LIBRARY, patient)
    taken, refused = (formula(model, patient, copies.domains, truth=truth) for truth in (True, False))

    def open_given(shared: frozenset[str]) -> bool | None:
        return copies.possible([taken], [refused], shared=shared)

    for decided in trial.deciding_sets:
        known = semantics.domains(LIBRARY, patient)
        assert not any(is_exact(known[name]) for name in decided)
        assert open_given(frozenset(decided)) is not True
        for name in decided:
            assert open_given(frozenset(decided) - {name}) is not False
    assert not trial.cut
    askable = frozenset(
        name
        for name, domain in semantics.domains(LIBRARY, patient).items()
        if name in LIBRARY.variables
        and LIBRARY.variables[name].requested
        and not isinstance(domain, Recorded)
        and not is_exact(domain)
    )
    for correction in hitting_sets(trial.deciding_sets, 2)[:2]:
        assert open_given(askable - correction) is not False


FEW = drawn(15)


MAN = worked.patient("relapsed-man")


def match_man(changes: Json, *unset: str, context: Json | None = None) -> MatchAnswer:
    """The answer for the relapsed man with some facts changed and some left out."""
    record = copy.deepcopy(MAN)
    record["facts"].update(changes)
    for name in unset:
        record["facts"].pop(name, None)
    if context is not None:
        record["context"] = context
    return MATCHER.match(worked.read(record, LIBRARY))


def of(answer: MatchAnswer, code: str) -> TrialAnswer:
    """The answer for one trial."""
    return next(trial for trial in answer.trials if trial.code == code)


CODES = sorted(LIBRARY.trials)


def asked_alone(record: Json, code: str) -> TrialAnswer:
    """The answer for one trial of a record that is known to be consistent."""
    answer = MATCHER.match(read(record), [code])
    assert answer.consistent
    return answer.trials[0]


def with_changes(name: str, changes: Json, *unset: str) -> Json:
    """A worked patient with some facts with_changes, and some left out if they are there."""
    record = worked.patient(name)
    facts = {key: fact for key, fact in record["facts"].items() if key not in unset}
    return {**record, "facts": facts | changes}


def status(record: Json, clause: str) -> str:
    """How a clause of one cohort stands."""
    trial = asked_alone(record, clause.partition(".")[0])
    (found,) = {each.status for each in trial.clauses if each.id == clause}
    return found
