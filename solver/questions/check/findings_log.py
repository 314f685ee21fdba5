"""What has been found so far of a trial, and which clauses a fault has already explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from solver.library.beside import FindingKind, Place
from solver.patient.record import Record
from solver.patient.write import record_document
from solver.questions.check.answer import RULES, Basis, Finding, Severity
from solver.questions.check.proofs import widest_basis
from solver.questions.check.trial_view import TrialView
from solver.text import listed
from solver.work import OutOfBudget, spent_up

WITHIN = ", within plausible ranges"


class FindingsLog:
    """The findings on one trial.

    `faulty` are clauses that nothing else should be said of, since a fault in them would be its cause; of those that are `suspect` only
    what is proved is said, and nothing is inferred from them. Without `notes` these need no witness. `undecided` are questions for which no
    work was left, with the clauses that they are about.
    """

    def __init__(self, view: TrialView, *, notes: bool = True) -> None:
        self.view, self.notes = view, notes
        self.findings: list[Finding] = []
        self.faulty: set[str] = set()
        self.suspect: set[str] = set()
        self.undecided: list[tuple[str, tuple[str, ...]]] = []

    def add(
        self,
        kind: FindingKind,
        clauses: Sequence[str],
        text: str,
        *,
        place: Place | None = None,
        basis: Basis | None = None,
        core: Sequence[str] = (),
        cohorts: tuple[str, ...] = (),
        part: str | None = None,
        witness: Record | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Note a finding on clauses; `place` is that of the part it is about, in place of the first clause's own.

        Its severity is that of its kind, if no other is given.
        """
        text = f"{text[:1].upper()}{text[1:]}{WITHIN if basis == 'ranges' else ''}"
        named: tuple[str | None, ...] = tuple(dict.fromkeys((*clauses, *core))) or (None,)
        finding = Finding(
            kind=kind,
            severity=severity or RULES[kind].severity,
            trial=self.view.trial.code,
            clauses=tuple(clauses),
            core=tuple(name for name in core if name not in clauses),
            cohorts=cohorts,
            part=part,
            text=text if text.endswith("?") else f"{text}.",
            basis=basis,
            places=(self.view.place(named[0], place), *map(self.view.place, named[1:])),
            document=record_document(witness, self.view.library) if witness else None,
            witness=witness,
        )
        self.findings.append(finding)

    def escalate(
        self, clause: str, consequence: str, core: Sequence[str], basis: Basis, cohorts: tuple[str, ...] = ()
    ) -> None:
        """Say of the first finding on a clause what follows from it beside the clauses of `core`, which makes it an error."""
        for i, finding in enumerate(self.findings):
            if finding.clauses == (clause,) and finding.kind != "mixed-anchors":
                asks = finding.text.endswith("?")
                then = f" {consequence[0].upper()}{consequence[1:]}" if asks else f"; {consequence}"
                self.findings[i] = replace(
                    finding,
                    severity="error",
                    text=f"{finding.text if asks else finding.text[:-1]}{then}.",
                    cohorts=cohorts,
                    core=tuple(core),
                    basis="ranges" if finding.basis == "ranges" else basis,
                    places=(*finding.places, *map(self.view.place, core)),
                )
                return

    def gather(self, kind: FindingKind, most: int) -> None:
        """Tell several findings of a kind that rest on one clause as one finding on it, where there are more than `most`."""
        criteria = [criterion.id for criterion in self.view.criteria]
        order = [criterion.id for criterion in self.view.criteria if not criterion.clause.routing]
        while True:
            # what has been gathered is about no part any more
            single = [f for f in self.findings if f.kind == kind and f.part is not None]
            resting = Counter(name for f in single for name in f.core)
            name = max(order, key=lambda each: resting[each], default="")
            if resting[name] <= most:
                return
            gathered = [f for f in single if name in f.core]
            self.findings = [f for f in self.findings if f not in gathered]
            parts = "; ".join(f"'{f.part}' of {f.clauses[0]}" for f in gathered)
            others = list(dict.fromkeys(each for f in gathered for each in f.mentioned if each != name))
            resting_on = {each for f in gathered for each in f.core} - {name}
            given = [name, *(each for each in criteria if each in resting_on)]
            met = f"{listed(given)} {'is' if len(given) == 1 else 'are'} met"
            text = f"Where {met}, {len(gathered)} parts of other clauses do nothing: {parts}"
            basis = widest_basis([f.basis for f in gathered if f.basis])
            self.add(kind, [name], text, basis=basis, core=others)

    @contextmanager
    def trying(self, question: str, clauses: Sequence[str] = ()) -> Iterator[None]:
        """Ask something; where the solver gives up, that is what is found."""
        try:
            yield
        except OutOfBudget as error:
            if spent_up():
                self.undecided.append((question, tuple(clauses)))
            else:
                self.add("undecided", clauses, f"The solver did not decide {question}: its {error} ran out")

    def tell_undecided(self) -> None:
        """Say in one finding for which questions no work was left."""
        if self.undecided:
            names = dict.fromkeys(name for _, clauses in self.undecided for name in clauses)
            count, first = len(self.undecided), self.undecided[0][0]
            more = f", nor {count - 1} further question{'s' * (count > 2)}" if count > 1 else ""
            text = f"The work that is allowed ran out: it was not decided {first}{more}"
            self.add("undecided", [each.id for each in self.view.criteria if each.id in names], text)
