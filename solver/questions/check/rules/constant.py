"""What can be said of one clause alone: that it is always met, or never."""

from __future__ import annotations

from solver.language.tree import TRUE, NumberVariable, negation, variables, walk
from solver.language.types import DateType
from solver.questions.check.answer import Basis
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.proofs import Prover, widest_basis
from solver.questions.check.trial_view import Criterion


def check_constant(prover: Prover, log: FindingsLog, criterion: Criterion) -> None:
    """Find a clause that every patient meets, or that none can meet; such a clause is faulty."""
    clause, name = criterion.clause, criterion.id
    with log.trying(f"whether {name} is always met", [name]):
        if _is_always_met(prover, log, criterion) or _is_never_met(prover, log, criterion):
            log.faulty.add(name)
            return
        for reading in clause.alternatives:
            _check_reading(prover, log, criterion, reading)


def _is_always_met(prover: Prover, log: FindingsLog, criterion: Criterion) -> bool:
    name = criterion.id
    bases = [prover.refuted([negation(condition)]) for condition in criterion.conditions.values()]
    basis = _basis_of_all(bases)
    if basis is None:
        return False
    if criterion.clause.routing:
        text = f"Only the state of the trial can falsify {name}: every patient meets it while the cohorts are open"
        log.add("routing", [name], text, basis=basis)
        return True
    when = criterion.parts.when
    if when is not None and (never := prover.refuted([when])) is not None:
        text = f"The 'when' of {name} can never hold, so that every patient meets it"
        log.add("dead-exception", [name], text, basis=never, part="when")
        return True
    log.add("vacuous", [name], f"Every patient meets {name}, so that it asks for nothing", basis=basis)
    return True


def _is_never_met(prover: Prover, log: FindingsLog, criterion: Criterion) -> bool:
    """Whether no patient can meet the clause in some cohort, or its requirement where its guard holds."""
    name, view = criterion.id, log.view
    bases = {cohort: prover.refuted([condition]) for cohort, condition in criterion.conditions.items()}
    refuted = {cohort: basis for cohort, basis in bases.items() if basis is not None}
    if refuted:
        where = view.in_words(tuple(refuted))
        text = f"No patient can meet {name}{where}"
        cohorts = tuple(refuted) if where else ()
        basis = widest_basis(list(refuted.values()))
        log.add("contradictory", [name], text, basis=basis, cohorts=cohorts)
        return True
    guard, require = criterion.clause.guard, criterion.parts.require
    if guard is None or require is None or guard == TRUE or not variables(require):
        return False
    refusal = prover.refuted([guard, require])
    if refusal is None or prover.refuted([guard]) is not None:
        return False
    dated = any(_is_date(prover, node.name) for node in walk(require) if isinstance(node, NumberVariable))
    text = f"Where {name} applies, no {'dates' if dated else 'patient'} can meet what it requires"
    log.add("impossible-window" if dated else "contradictory", [name], text, basis=refusal)
    return True


def _is_date(prover: Prover, name: str) -> bool:
    variable = prover.library.variables.get(name)
    return variable is not None and isinstance(variable.type, DateType)


def _check_reading(prover: Prover, log: FindingsLog, criterion: Criterion, reading: str) -> None:
    name = criterion.id
    conditions = criterion.clause.alternatives[reading] or {}
    opened = [log.view.cache.opened(condition, True) for condition in conditions.values()]
    always = _basis_of_all([prover.refuted([negation(condition)]) for condition in opened])
    if always is not None and not criterion.clause.routing:
        text = f"Under the second reading {reading}, every patient meets {name}"
        log.add("vacuous", [name], text, basis=always, part=reading)
    never = _basis_of_all([prover.refuted([condition]) for condition in opened])
    if never is not None:
        text = f"Under the second reading {reading}, no patient can meet {name}"
        log.add("contradictory", [name], text, basis=never, part=reading)


def _basis_of_all(bases: list[Basis | None]) -> Basis | None:
    """What it takes to prove all of several claims; None if one of them is not proved, or there is none."""
    proved = [basis for basis in bases if basis is not None]
    return widest_basis(proved) if proved and len(proved) == len(bases) else None
