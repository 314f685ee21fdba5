"""Consistency checks of trial files: what an author should know before the first patient is matched.

What is found is proved, of every patient that the theory allows, on a fixed reference day and for every first dose planned within ten
years of it. The faults of single clauses come first; what follows from a fault is not reported beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from solver.library.acknowledged import Acknowledgement
from solver.library.models import Library
from solver.library.yaml_places import Document
from solver.questions.check.any_patient import Scene
from solver.questions.check.findings import SEVERITIES, SEVERITY, Finding, Location
from solver.questions.check.findings_log import Journal
from solver.questions.check.rules.axes import Gaps
from solver.questions.check.rules.bound import check_bound, check_encoded
from solver.questions.check.rules.cohorts import check_overlaps, check_readings
from solver.questions.check.rules.constant import check_constant
from solver.questions.check.rules.implausible import check_anchors, check_comparisons
from solver.questions.check.rules.polarity import check_polarity
from solver.questions.check.rules.together import Together
from solver.questions.check.rules.unused import unused
from solver.questions.check.trial_view import Source, Subject
from solver.work import Budget

MOST_ALIKE = 2
"""How many parts of other clauses that a clause leaves without effect are told one by one."""


def check(
    library: Library,
    sources: Sequence[Source],
    documents: Mapping[str, Document] | None = None,
    budget: Budget | None = None,
) -> tuple[Finding, ...]:
    """Everything found in the trials, in the words of a library: errors first, then in the order of the files.

    With `documents`, all files of the folder of encodings by how findings call them, what nothing uses is found as well.

    Raises `InputError` if no patient fits the theory.
    """
    scene = Scene(library, budget)
    found = [finding for source in sources for finding in check_trial(scene, source)]
    if documents is not None:
        found += unused(library, documents)
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def check_trial(scene: Scene, source: Source) -> list[Finding]:
    """Everything found in one trial, acknowledgements applied, in the order of its file."""
    subject = Subject(scene.library, source)
    journal = Journal(subject)
    check_bound(journal)
    check_encoded(journal)
    for criterion in subject.criteria:
        check_anchors(journal, criterion)
        for ask in (check_comparisons, check_constant, check_polarity):
            if criterion.id not in journal.faulty:
                ask(scene, journal, criterion)
    together = Together(scene, journal)
    together.contradictions()
    together.suspects()
    together.clashes()
    together.implied()
    together.dead_parts()
    journal.gather("dead-exception", MOST_ALIKE)
    together.decisive()
    Gaps(scene, together).find()
    check_overlaps(scene, together)
    check_readings(scene, together)
    return _acknowledged(source, sorted(journal.findings, key=_place))


def _place(finding: Finding) -> tuple[int, int]:
    if not finding.locations:
        return (0, 0)
    place = finding.locations[0].place
    return (place.line, place.column)


def _acknowledged(source: Source, findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each with the reason that the file gives for it; one more for each acknowledgement that is about none."""
    applied: set[Acknowledgement] = set()
    found = []
    for finding in findings:
        entry = next((each for each in source.trial.acknowledged if _is_about(each, finding)), None)
        if entry is not None:
            applied.add(entry)
            finding = replace(finding, acknowledged=entry.reason)
        found.append(finding)
    # where the solver gave up, the finding may be there
    unknown = {name for f in found if f.kind == "undecided" for name in f.clauses}
    # that the source asks for nothing more of a cohort is no claim about the file
    kept = [e for e in source.trial.acknowledged if e.finding != "shared-only"]
    left = [e for e in kept if e not in applied and unknown.isdisjoint(e.clauses)]
    return found + [_stale(source, entry) for entry in left]


def _is_about(entry: Acknowledgement, finding: Finding) -> bool:
    if entry.finding != finding.kind or set(entry.clauses) != set(finding.mentioned):
        return False
    return entry.part is None or entry.part == finding.part


def _stale(source: Source, entry: Acknowledgement) -> Finding:
    about = f" on {', '.join(entry.clauses)}" if entry.clauses else ""
    of = f" ('{entry.part}')" if entry.part is not None else ""
    text = f"The acknowledged finding '{entry.finding}'{about}{of} is not found: correct the entry, or take it out."
    return Finding(
        "stale-acknowledgement",
        SEVERITY["stale-acknowledgement"],
        source.trial.code,
        (),
        text,
        part=entry.finding,
        locations=(Location(source.name, entry.place),),
    )
