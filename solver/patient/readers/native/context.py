"""The context of a record: which cohorts are open, which readings hold, whether secondary sources count."""

from __future__ import annotations

from dataclasses import field
from itertools import combinations
from typing import Any

from solver.dataclass import dataclass
from solver.library.models import Library, Trial
from solver.library.readings import exclusive
from solver.patient.readers.native.json_text import Source, parsed, settle, shown, source_name
from solver.patient.readers.native.limits import read_reference
from solver.patient.readers.native.record_faults import Findings, step
from solver.patient.record import Context, ReferenceRow
from solver.text import quote

CONTEXT_KEYS = ("open_cohorts", "readings", "secondary_sources", "reference")


@dataclass(frozen=True, slots=True)
class GivenContext:
    """A context as far as it is given: None where a key is absent."""

    open_cohorts: dict[str, frozenset[str]] = field(default_factory=dict)
    readings: frozenset[str] | None = None
    secondary_sources: bool | None = None
    reference: dict[str, tuple[ReferenceRow, ...]] | None = None

    def over(self, site: Context) -> Context:
        """The context where this one wins over the site's, key by key and trial by trial."""
        return Context(
            {**site.open_cohorts, **self.open_cohorts},
            site.readings if self.readings is None else self.readings,
            site.secondary_sources if self.secondary_sources is None else self.secondary_sources,
            site.reference if self.reference is None else self.reference,
        )


def read_context(
    source: Source, library: Library, *, name: str | None = None, over: Context | None = None
) -> Context:
    """The context that a source gives, as a site gives it once for all its patients; see `read_record` for `source` and `name`.

    It wins over the context `over`, key by key and trial by trial. Raises `InputError` with one line for every fault.
    """
    called = source_name(source, name, "context")
    findings = Findings(called)
    given = context_from(settle(parsed(source, called), findings), library, "", findings)
    findings.stop_if_wrong()
    return given.over(over or Context())


def context_from(value: object, library: Library, where: str, findings: Findings) -> GivenContext:
    """The context that an object gives, as `json_text.settle` gives it; faults go to `findings`."""
    if not isinstance(value, dict):
        findings.add(
            where, f"{shown(value)} is not a context: write an object with {', '.join(CONTEXT_KEYS)}"
        )
        return GivenContext()
    for key in value:
        if key not in CONTEXT_KEYS:
            hint = findings.hint(key, CONTEXT_KEYS, words=True) or f": the keys are {', '.join(CONTEXT_KEYS)}"
            findings.add_key(where, key, f"unknown key {quote(key)}{hint}")
    given: dict[str, Any] = {}
    if "open_cohorts" in value:
        given["open_cohorts"] = _open_cohorts(
            value["open_cohorts"], library, step(where, "open_cohorts"), findings
        )
    if "readings" in value:
        given["readings"] = _readings_in_force(value["readings"], library, step(where, "readings"), findings)
    if "secondary_sources" in value:
        at = step(where, "secondary_sources")
        given["secondary_sources"] = _secondary_sources(value["secondary_sources"], at, findings)
    if "reference" in value:
        at = step(where, "reference")
        given["reference"] = read_reference(value["reference"], library, at, findings)
    return GivenContext(**given)


def _open_cohorts(
    value: object, library: Library, where: str, findings: Findings
) -> dict[str, frozenset[str]]:
    if not isinstance(value, dict):
        findings.add(where, f"{shown(value)} is not an object: give each trial a list of its open cohorts")
        return {}
    found: dict[str, frozenset[str]] = {}
    for name, cohorts in value.items():
        trial = library.trial(name)
        if trial is None:
            known = [each for trial in library.trials.values() for each in (trial.code, trial.nct)]
            codes = ", ".join(trial.code for trial in library.trials.values())
            hint = findings.hint(name, known, words=True) or f": the trials are {codes}"
            findings.add_key(where, name, f"{quote(name)} is not a known trial{hint}")
        elif trial.code in found:
            findings.add(step(where, name), f"the trial {trial.code} is given twice: keep one")
        else:
            found[trial.code] = _cohorts_of(cohorts, trial, step(where, name), findings)
    return found


def _cohorts_of(value: object, trial: Trial, where: str, findings: Findings) -> frozenset[str]:
    names = _names_listed(value, where, findings)
    if names is None:
        return frozenset()
    wrong = [name for name in names if name not in trial.cohorts]
    for name in wrong:
        hint = findings.hint(name, trial.cohorts) or f": its cohorts are {', '.join(trial.cohorts)}"
        findings.add(where, f"{quote(name)} is not a cohort of {trial.code}{hint}")
    if not wrong and not trial.routed and set(names) != set(trial.cohorts):
        findings.add(
            where,
            f"cohorts of {trial.code} cannot be closed, because it has no routing clause: leave {trial.code} out",
        )
    return frozenset(names)


def _readings_in_force(value: object, library: Library, where: str, findings: Findings) -> frozenset[str]:
    names = _names_listed(value, where, findings) or []
    switches = {reading.id for reading in library.switches()}
    clauses = (clause for trial in library.trials.values() for clause in trial.clauses)
    secondary = {clause.secondary for clause in clauses if clause.secondary}
    known = {reading for trial in library.trials.values() for reading in trial.readings}
    for name in names:
        if name in switches or name in secondary:
            continue
        problem = "has no second reading as logic: leave it out"
        if name not in known:
            able = sorted(switches | secondary)
            hint = findings.hint(name, able) or f": the readings are {', '.join(able)}"
            problem = f"is not a known reading{hint}"
        findings.add(where, f"{quote(name)} {problem}")
    for trial in library.trials.values():
        given = [name for name in trial.readings if name in names]
        for one, other in combinations(given, 2):
            if exclusive(trial.readings, one, other):
                findings.add(
                    where,
                    f"{one} and {other} cannot hold together: choose one {trial.readings[one].choose_one}",
                )
    return frozenset(names)


def _secondary_sources(value: object, where: str, findings: Findings) -> bool:
    if not isinstance(value, bool):
        findings.add(where, f"{shown(value)} is neither true nor false: write true or false")
        return False
    return value


def _names_listed(value: object, where: str, findings: Findings) -> list[str] | None:
    if not isinstance(value, list):
        findings.add(where, f"{shown(value)} is not a list: write [...]")
        return None
    names = [name for name in value if isinstance(name, str)]
    for entry in value:
        if not isinstance(entry, str):
            findings.add(where, f"{shown(entry)} is not a name: write it in quotes")
    return names if len(names) == len(value) else None
