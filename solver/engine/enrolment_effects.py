"""What entering a trial changes, with the values as a record has them.

`after: {grade: {one_of: [high, low]}}` of a trial's file becomes `Effect("grade", ("low", "high"))`: the values stand in the order of the
vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping

from solver.engine.answer import Effect, EnrolmentEffects
from solver.language.domain import Domain, Interval
from solver.language.types import EnumerationType
from solver.library.models import Library, Trial, Variable


def enrolment_effects(trial: Trial, library: Library) -> EnrolmentEffects:
    """What entering a trial sets, leaves out of date and makes unknown."""
    enrolment = trial.enrolment
    during, after = (_effects_of(part, library) for part in (enrolment.during, enrolment.after))
    return EnrolmentEffects(during, after, enrolment.outdates, enrolment.forgets)


def _effects_of(domains: Mapping[str, Domain], library: Library) -> tuple[Effect, ...]:
    return tuple(
        Effect(name, _values_within(domain, library.variables[name])) for name, domain in domains.items()
    )


def _values_within(domain: Domain, variable: Variable) -> tuple[bool | int | str, ...]:
    """The values of an effect, those of an enumeration in its order."""
    if isinstance(domain, Interval):
        return (int(domain.low),)
    assert isinstance(domain, frozenset)
    order = variable.type.values if isinstance(variable.type, EnumerationType) else (True, False)
    return tuple(value for value in order if value in domain)
