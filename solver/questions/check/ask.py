"""Consistency checks of trial files: what an author should know before the first patient is matched.

What is found is proved, of every patient that the theory allows, on a fixed reference day and for every first dose planned within ten
years of it. The faults of single clauses come first; what follows from a fault is not reported beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from solver.engine.answer import EngineVersion
from solver.engine.days.any_day import STAND_FOR_ALL
from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.library.beside import Acknowledgement
from solver.library.files.yaml_places import Document
from solver.library.models import Library
from solver.questions.check.answer import RULES, SEVERITIES, CheckAnswer, Finding, FindingCounts, FindingPlace
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.proofs import Prover
from solver.questions.check.rules.axes import Gaps
from solver.questions.check.rules.cohorts import check_bound, check_encoded, check_overlaps, check_readings
from solver.questions.check.rules.constant import check_constant
from solver.questions.check.rules.implausible import check_anchors, check_comparisons
from solver.questions.check.rules.labels import check_words
from solver.questions.check.rules.polarity import check_polarity
from solver.questions.check.rules.together import Together
from solver.questions.check.rules.unused import unused
from solver.questions.check.trial_view import Source, TrialView
from solver.smt import SOLVER
from solver.version import __version__
from solver.work import Budget, allowed

WORK = 20_000_000
"""The work that is allowed for one trial: eight times what the largest of the shipped ones takes."""

MOST_ALIKE = 2
"""How many parts of other clauses that a clause leaves without effect are told one by one."""


def check(
    library: Library,
    sources: Sequence[Source],
    documents: Mapping[str, Document] | None = None,
    budget: Budget | None = None,
    *,
    notes: bool = True,
) -> CheckAnswer:
    """Everything found in the trials, in the words of a library: errors first, then in the order of the files.

    With `documents`, all files of the folder of encodings by how findings call them, what nothing uses is found as well. Without `notes`
    these have no witness: it is much of the work, and nobody sees it where they are told in a line.

    Raises `InputError` if no patient fits the theory.
    """
    found = []
    if not sources:
        Prover(library.asking(""), budget)
    for source in sources:
        # what a trial asks of concepts is posed with it alone; what is found of it does not hang on those before
        alone = (
            library.with_trial(source.trial).asking(source.trial.code)
            if source.trial.terms
            else library.asking("")
        )
        with allowed(WORK if budget is None else budget.work, own=True):
            found += check_trial(Prover(alone, budget), source, notes=notes)
    if documents is not None:
        found += unused(library, documents)
    counts = Counter(finding.severity for finding in found if finding.acknowledged is None)
    return CheckAnswer(
        EngineVersion(__version__, SOLVER, library.digest),
        REFERENCE_DAY.isoformat(),
        STAND_FOR_ALL,
        tuple(source.trial.code for source in sources),
        FindingCounts(counts["error"], counts["warning"], counts["note"], len(found) - counts.total()),
        tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))),
    )


def check_trial(prover: Prover, source: Source, *, notes: bool = True) -> list[Finding]:
    """Everything found in one trial, acknowledgements applied, in the order of its file."""
    view = TrialView(prover.library, source)
    log = FindingsLog(view, notes=notes)
    check_bound(log)
    check_encoded(log)
    for criterion in view.criteria:
        check_words(log, criterion)
        check_anchors(log, criterion)
        for ask in (check_comparisons, check_constant, check_polarity):
            if criterion.id not in log.faulty:
                ask(prover, log, criterion)
    together = Together(prover, log)
    together.contradictions()
    together.suspects()
    together.clashes()
    together.implied()
    together.dead_parts()
    log.gather("dead-exception", MOST_ALIKE)
    together.decisive()
    Gaps(together).find()
    check_overlaps(together)
    check_readings(together)
    log.tell_undecided()
    in_order = sorted(log.findings, key=lambda finding: (finding.places[0].line, finding.places[0].column))
    return _with_acknowledgements(view, in_order, whole=not log.undecided)


def _with_acknowledgements(view: TrialView, findings: Iterable[Finding], *, whole: bool) -> list[Finding]:
    """The findings, each with the reason that the file gives for it; one more for each acknowledgement that is about none.

    Unless the `whole` trial was looked at, what is not found may be there.
    """
    source = view.source
    applied: set[Acknowledgement] = set()
    found = []
    for finding in findings:
        entry = next((each for each in source.trial.acknowledged if _is_about(view, each, finding)), None)
        if entry is not None:
            applied.add(entry)
            finding = replace(finding, acknowledged=entry.reason)
        found.append(finding)
    # where the solver gave up, the finding may be there
    unknown = {name for f in found if f.kind == "undecided" for name in f.clauses}
    # that the source asks for nothing more of a cohort is no claim about the file
    kept = [e for e in source.trial.acknowledged if e.finding != "shared-only"]
    left = [e for e in kept if whole and e not in applied and unknown.isdisjoint(e.clauses)]
    return found + [_stale_entry(source, entry) for entry in left]


def _is_about(view: TrialView, entry: Acknowledgement, finding: Finding) -> bool:
    if entry.finding != finding.kind or set(entry.clauses) != set(finding.mentioned):
        return False
    return entry.part is None or (finding.part is not None and view.same_part(entry.part, finding.part))


def _stale_entry(source: Source, entry: Acknowledgement) -> Finding:
    about = f" on {', '.join(entry.clauses)}" if entry.clauses else ""
    of = f" ('{entry.part}')" if entry.part is not None else ""
    text = f"The acknowledged finding '{entry.finding}'{about}{of} is not found: correct the entry, or take it out."
    return Finding(
        kind="stale-acknowledgement",
        severity=RULES["stale-acknowledgement"].severity,
        trial=source.trial.code,
        text=text,
        part=entry.finding,
        places=(FindingPlace.of(source.name, entry.place),),
    )
