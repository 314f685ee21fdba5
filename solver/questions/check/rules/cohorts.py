"""What binds each cohort and how much of it has logic; cohorts that overlap, and readings that take the same patients."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

from solver.engine.answer import Encoded
from solver.engine.clauses import clauses_in_force, extent, toggled
from solver.language.tree import Condition, conjunction, negation
from solver.library.beside import Place
from solver.library.models import OBJECTIVE, Clause
from solver.patient.record import Context
from solver.questions.check.answer import Basis
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.proofs import widest_basis
from solver.questions.check.rules.together import Together
from solver.text import listed

_MOST_NAMED = 6
"""How many clauses are named one by one."""


def check_overlaps(together: Together) -> None:
    """Find the cohorts that a patient can enter together, and those that lie within another."""
    view, log, prover = together.view, together.log, together.prover
    cohorts = [cohort for cohort in view.cohorts if not together.shut(cohort)]
    clauses = {cohort: together.conditions(cohort) for cohort in cohorts}
    within: dict[str, list[str]] = {}
    apart: list[tuple[str, str]] = []
    witness: list[Condition] | None = None
    with log.trying("whether cohorts overlap"):
        for one, other in permutations(cohorts, 2):
            if not prover.possible([*clauses[one], *clauses[other]]):
                continue
            if witness is None:
                witness = [*clauses[one], *clauses[other]]
            if _takes_all_of(together, other, one, clauses):
                within.setdefault(one, []).append(other)
            elif one < other and not _takes_all_of(together, one, other, clauses):
                apart.append((one, other))
        if witness is None:
            return
        told = [f"{one} lies within {listed(others)}" for one, others in within.items()]
        told += [f"{one} and {other} overlap" for one, other in apart]
        text = f"A patient can enter several cohorts of {view.trial.code}: {'; '.join(told)}"
        routing = [c.id for c in view.criteria if c.clause.routing]
        among = {*within, *(other for others in within.values() for other in others)}
        about = tuple(c for c in cohorts if c in among or any(c in pair for pair in apart))
        both = prover.witness(witness) if log.notes else None
        log.add("overlap", routing, text, cohorts=about, witness=both)


def _takes_all_of(together: Together, cohort: str, other: str, clauses: dict[str, list[Condition]]) -> bool:
    """Whether a cohort takes everyone whom another takes: what it alone keeps as text may refuse them."""
    if not together.view.no_more_texts(cohort, other):
        return False
    return not together.prover.possible([*clauses[other], negation(conjunction(clauses[cohort]))])


def check_readings(together: Together) -> None:
    """Find the ambiguities whose two readings take the same patients."""
    view, log = together.view, together.log
    trial, start = view.trial, Context()
    for reading, context in toggled(trial, start).items():
        clauses = [c.id for c in trial.clauses if reading in c.alternatives or c.secondary == reading]
        if not together.said.isdisjoint(clauses):
            continue
        with log.trying(f"whether the readings of {reading} differ", clauses):
            contexts = (Context(context.open_cohorts, frozenset(), False), context)
            basis = _readings_agree(together, contexts)
            if basis is not None:
                text = f"Both readings of {reading} take the same patients"
                log.add("same-readings", clauses, text, basis=basis, part=reading)


def _readings_agree(together: Together, contexts: tuple[Context, Context]) -> Basis | None:
    """What it takes to prove that the trial takes the same patients in both contexts; None if it does not."""
    bases: list[Basis] = []
    one, other = (_by_cohort(together, context) for context in contexts)
    kept = [together.view.cache.extent(together.view.trial, context).capped for context in contexts]
    if kept[0].keys() != kept[1].keys():
        return None
    for these, those, held, texts in ((one, other, kept[0], kept[1]), (other, one, kept[1], kept[0])):
        for cohort, conditions in these.items():
            # of the same cohort, only what the readings change can fail; what is kept as text may refuse anyone
            fails = [
                negation(conjunction([c for c in others if name != cohort or c not in conditions]))
                for name, others in those.items()
                if set(texts.get(name, ())) <= set(held.get(cohort, ()))
            ]
            basis = together.prover.refuted([*conditions, *fails])
            if basis is None:
                return None
            bases.append(basis)
    return widest_basis(bases)


def _by_cohort(together: Together, context: Context) -> dict[str, list[Condition]]:
    """The clauses in force in a context, by cohort, but for those that nothing is inferred from."""
    trial = together.view.trial
    bindings = clauses_in_force(trial, context, together.view.cache)
    return {
        cohort: [
            binding.conditions[cohort]
            for binding in bindings
            if cohort in binding.conditions and binding.clause.id not in together.left_out[cohort]
        ]
        for cohort in trial.cohorts
    }


def check_bound(log: FindingsLog) -> None:
    """Find the cohorts that only clauses of all cohorts bind, where another has clauses of its own: one may have been forgotten."""
    trial = log.view.trial
    own: dict[str, list[str]] = {cohort: [] for cohort in trial.cohorts}
    for clause in trial.clauses:
        asked = _asked_of_cohorts(clause)
        if len(asked) < len(own) or len(set(asked.values())) > 1:
            for cohort in asked:
                own[cohort].append(clause.id)
    shared = [cohort for cohort, clauses in own.items() if not clauses]
    if not shared or len(shared) == len(own):
        return
    others = [cohort for cohort, clauses in own.items() if clauses]
    theirs = f"{listed(others)} {'has' if len(others) == 1 else 'have'} clauses of {'its' if len(others) == 1 else 'their'} own"
    for cohort in shared:
        text = f"Only clauses of every cohort bind {cohort}, while {theirs}: is one missing?"
        place = Place(*log.view.source.document.region(("cohorts", cohort)))
        log.add("shared-only", [], text, place=place, cohorts=(cohort,), part=cohort)


def _asked_of_cohorts(clause: Clause) -> Mapping[str, object]:
    """What a clause says for each cohort that it binds: equal where it says the same."""
    return dict.fromkeys(clause.opaque_in) if clause.opaque else clause.conditions


def check_encoded(log: FindingsLog) -> None:
    """Say how much of the trial has logic, where not all of it has: nobody can be shown to fit a cohort that the rest binds."""
    trial = log.view.trial
    whole = extent(trial, Context(secondary_sources=True))
    texts = [clause for clause in trial.clauses if clause.opaque and clause.judgement == OBJECTIVE]
    if whole.encoded == whole.objective:
        return
    cohorts = [cohort for cohort, names in whole.capped.items() if names]
    where = log.view.in_words(cohorts)
    names = told = [clause.id for clause in texts]
    if len(names) > _MOST_NAMED:
        told = [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} more"]
    share = Encoded(whole.encoded, whole.objective)
    verb = "is" if len(names) == 1 else "are"
    text = f"{share}: {listed(told)} {verb} kept as text, so that nobody can be shown to be eligible{where}"
    log.add("not-encoded", names, text, cohorts=tuple(cohorts) if where else ())
