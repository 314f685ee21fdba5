"""Who can tell a mutant of a trial from the trial: patients with the answer that is due of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from solver.engine.answer import Subsets
from solver.engine.clauses import Binding, ConditionCache, clauses_in_force
from solver.engine.conflicts import cohort_conflicts, trial_conflicts
from solver.engine.decision import Decision, Standings, decide
from solver.engine.problem import Problem, pose
from solver.evaluation.evaluate import evaluate
from solver.language.tree import TRUE, Condition
from solver.library.models import Library, Trial
from solver.patient.record import Record
from solver.questions.examples.answer import JudgedPatient, Sheet
from tests.support.records import worked
from tests.support.records.worked import Json


@dataclass(frozen=True, slots=True)
class Probe:
    """A patient and what is due: the verdict on the trial and its conflicts, None where it does not matter.

    `takes` are the cohorts with the verdict eligible, None if these do not matter; `cohort` is one cohort with its verdict and
    conflicts. `clause` is what the patient is about.
    """

    name: str
    clause: str | None
    record: Record
    verdict: str
    conflicts: Subsets | None = None
    takes: frozenset[str] | None = None
    cohort: tuple[str, str | None, Subsets] | None = None
    of_sheet: bool = False


class Bench:
    """The probes of a trial, those of the cases before those of a sheet; what a record poses is worked out once."""

    def __init__(self, library: Library, trial: Trial, probes: Sequence[Probe]) -> None:
        self.library, self.trial = library, trial
        self.probes = sorted(probes, key=lambda probe: probe.of_sheet)
        self._problems: dict[int, Problem | None] = {}
        self._cache = ConditionCache()

    def misfits(self) -> list[Probe]:
        """The probes of which the trial itself gives another answer than is due: there should be none."""
        posed = [(probe, self.problem(probe)) for probe in self.probes]
        return [p for p, problem in posed if problem and not fits(p, problem, self.trial, self._cache)]

    def killer(self, other: Trial, clause: str) -> Probe | None:
        """The first probe of which the other trial gives another answer than is due; those about the clause are asked first."""
        cache = ConditionCache()
        for probe in sorted(self.probes, key=lambda probe: (probe.of_sheet, probe.clause != clause)):
            problem = self.problem(probe)
            if problem is None or not self.may_differ(probe, problem, other, cache, clause):
                continue
            if not fits(probe, problem, other, cache):
                return probe
        return None

    def problem(self, probe: Probe) -> Problem | None:
        """What the record of a probe poses; None if it contradicts itself."""
        key = id(probe.record)
        if key not in self._problems:
            problem = pose(self.library, probe.record)
            self._problems[key] = problem if problem.consistent() else None
        return self._problems[key]

    def may_differ(
        self, probe: Probe, problem: Problem, other: Trial, cache: ConditionCache, clause: str
    ) -> bool:
        """Whether the clause, the only one that differs, may stand otherwise for the patient in some cohort."""
        context = probe.record.context
        before = asked(clauses_in_force(self.trial, context, self._cache), clause)
        after = asked(clauses_in_force(other, context, cache), clause)
        for cohort in before.keys() | after.keys():
            one, two = before.get(cohort, TRUE), after.get(cohort, TRUE)
            if one != two:
                stands = evaluate(one, problem.known)
                if stands is None or stands is not evaluate(two, problem.known):
                    return True
        return False


def asked(bindings: Iterable[Binding], clause: str) -> Mapping[str, Condition]:
    """What a clause asks for in each cohort; nothing if it is not in force."""
    return next((binding.conditions for binding in bindings if binding.clause.id == clause), {})


def fits(probe: Probe, problem: Problem, trial: Trial, cache: ConditionCache) -> bool:
    """Whether a trial gives the answer that is due; an answer on which the solver gave up is taken to fit."""
    decision = decide(problem, Standings(problem.oracle, cache), trial, probe.record.context)
    if "unresolved" in (decision.verdict, *decision.cohorts.values()):
        return True
    if decision.verdict != probe.verdict:
        return False
    takes = {cohort for cohort, verdict in decision.cohorts.items() if verdict == "eligible"}
    if probe.takes is not None and takes != probe.takes:
        return False
    if probe.cohort is not None and decision.cohorts.get(probe.cohort[0]) != probe.cohort[1]:
        return False
    return conflicts_fit(probe, problem, decision)


def conflicts_fit(probe: Probe, problem: Problem, decision: Decision) -> bool:
    """Whether the conflicts are those that are due."""
    wanted = () if probe.conflicts is None or decision.verdict != "ineligible" else tuple(decision.cohorts)
    if probe.cohort is not None and probe.cohort[1] == "ineligible":
        wanted = tuple(dict.fromkeys([*wanted, probe.cohort[0]]))
    found = {cohort: cohort_conflicts(problem, decision, cohort) for cohort in wanted}
    if not all(each.complete for each in found.values()):
        return True
    if decision.verdict == "ineligible" and probe.conflicts is not None:
        whole = trial_conflicts(found)
        if whole.complete and whole.subsets != probe.conflicts:
            return False
    if probe.cohort is not None and probe.cohort[0] in found:
        return found[probe.cohort[0]].subsets == probe.cohort[2]
    return True


# --- the labelled cases


def labelled(library: Library, code: str) -> list[Probe]:
    """Every labelled patient of the case files for the trial with this code."""
    return [*_worked(library, code), *_readings(library, code), *_variants(library, code)]


def _worked(library: Library, code: str) -> Iterator[Probe]:
    for name in ("vignettes", "sample", "readings"):
        for case in worked.load(name):
            expected = case["expected"].get(code)
            if expected is None or expected["verdict"] == "withheld":
                continue
            record = worked.case_record(case)
            yield _probe(case["id"], None, record, expected, library)
            if expected.get("eligible_from"):
                yield from _dated(case["id"], record, expected["eligible_from"], library)


def _dated(name: str, record: Json, first: str, library: Library) -> Iterator[Probe]:
    """The patient on the first day on which waiting has been enough, and on the day before."""
    for day, verdict in ((0, "eligible"), (-1, "ineligible")):
        on = (date.fromisoformat(first) + timedelta(days=day)).isoformat()
        read = worked.read({**record, "as_of": on}, library)
        yield Probe(f"{name} on {on}", None, read, verdict)


def _readings(library: Library, code: str) -> Iterator[Probe]:
    for case in worked.load("readings"):
        expected = case["expected"].get(code)
        if expected is not None:
            secondary = {clause.secondary for trial in library.trials.values() for clause in trial.clauses}
            name = expected["reading"]
            context = {"secondary_sources": True} if name in secondary else {"readings": [name]}
            record = worked.case_record(case)
            record["context"] = {**record.get("context", {}), **context}
            yield _probe(f"{case['id']} switched", None, record, expected["alternative"], library)


def _variants(library: Library, code: str) -> Iterator[Probe]:
    files = sorted(path.stem for path in worked.CASES.glob("triples-*.yaml"))
    triples = [each for name in files for each in worked.load(name)]
    for triple in [*triples, *worked.load("boundaries"), *worked.load("under-readings")]:
        clause = triple["clause"]
        if clause.partition(".")[0] != code:
            continue
        for kind, verdict in (("met", "eligible"), ("broken", "ineligible"), ("unknown", "undetermined")):
            for number, variant in enumerate(triple.get(kind, ()), 1):
                start = worked.patient(variant.get("patient", triple["patient"]))
                expected = {"verdict": verdict}
                if kind == "broken":
                    expected["conflicts"] = variant.get("conflicts", [[clause]])
                record = worked.changed(start, triple, variant)
                yield _probe(f"{clause} {kind} {number}", clause, record, expected, library)


def _probe(name: str, clause: str | None, record: Json, expected: Json, library: Library) -> Probe:
    return Probe(
        name,
        clause,
        worked.read(record, library),
        expected["verdict"],
        tuple(tuple(conflict) for conflict in expected.get("conflicts", ())),
        frozenset(expected["cohorts"]) if "cohorts" in expected else None,
    )


# --- the example sheet


def of_sheet(sheet: Sheet) -> list[Probe]:
    """Every patient of an example sheet."""
    found = [_judged(start, None, cohort) for cohort, start in sheet.starts.items() if start is not None]
    for example in sheet.examples:
        found += [_judged(each, example.clause, example.cohort) for each in example.patients]
    return found


def _judged(patient: JudgedPatient, clause: str | None, cohort: str) -> Probe:
    stands = patient.standing
    return Probe(
        f"sheet {patient.record.id}",
        clause,
        patient.record,
        stands.verdict,
        stands.conflicts,
        None,
        (cohort, stands.cohort_verdict, stands.cohort_conflicts),
        of_sheet=True,
    )
