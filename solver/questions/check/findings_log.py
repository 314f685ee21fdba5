"""What has been found so far of a trial, and which clauses a fault has already explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from solver.library.acknowledged import FindingKind, Place
from solver.questions.check.findings import SEVERITY, Basis, Finding, Location
from solver.questions.check.trial_view import Subject
from solver.text import listed
from solver.work import OutOfBudget

START = Place(1, 1, 1, 1)
WITHIN = ", within plausible ranges"


class Journal:
    """The findings on one trial.

    `faulty` are clauses that nothing else should be said of, since a fault in them would be its cause; of those that are `suspect` only
    what is proved is said, and nothing is inferred from them.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.findings: list[Finding] = []
        self.faulty: set[str] = set()
        self.suspect: set[str] = set()

    def add(
        self,
        kind: FindingKind,
        clauses: Sequence[str],
        text: str,
        *,
        place: Place | None = None,
        basis: Basis | None = None,
        core: Sequence[str] = (),
        **more: Any,
    ) -> None:
        """Note a finding on clauses; `place` is that of the part it is about, in place of the first clause's own."""
        text = text[:1].upper() + text[1:]
        written = text if basis != "ranges" else f"{text}{WITHIN}"
        locations = list(self.subject.locations(dict.fromkeys((*clauses, *core))))
        locations = locations or [Location(self.subject.source.name, START)]
        if place is not None:
            locations[0] = Location(locations[0].file, place)
        self.findings.append(
            Finding(
                kind,
                SEVERITY[kind],
                self.subject.trial.code,
                tuple(clauses),
                written if written.endswith("?") else f"{written}.",
                core=tuple(name for name in core if name not in clauses),
                basis=basis,
                locations=tuple(locations),
                **more,
            )
        )

    def escalate(
        self, clause: str, consequence: str, core: Sequence[str], basis: Basis, cohorts: tuple[str, ...] = ()
    ) -> None:
        """Say of the first finding on a clause what follows from it beside the clauses of `core`, which makes it an error."""
        for i, finding in enumerate(self.findings):
            if finding.clauses == (clause,) and finding.kind != "mixed-anchors":
                asks = finding.text.endswith("?")
                then = f" {consequence[0].upper()}{consequence[1:]}" if asks else f"; {consequence}"
                text = f"{finding.text if asks else finding.text[:-1]}{then}."
                places = self.subject.locations(core)
                self.findings[i] = replace(
                    finding,
                    severity="error",
                    text=text,
                    cohorts=cohorts,
                    core=tuple(core),
                    basis="ranges" if "ranges" in (finding.basis, basis) else basis,
                    locations=(*finding.locations, *places),
                )
                return

    def gather(self, kind: FindingKind, most: int) -> None:
        """Tell several findings of a kind that rest on one clause as one finding on it, where there are more than `most`."""

        def single() -> list[Finding]:
            return [f for f in self.findings if f.kind == kind and f.part is not None]

        while True:
            resting = Counter(name for f in single() for name in f.core)
            order = [criterion.id for criterion in self.subject.criteria if not criterion.clause.routing]
            name = max(order, key=lambda each: resting[each], default="")
            if resting[name] <= most:
                return
            gathered = [f for f in single() if name in f.core]
            self.findings = [f for f in self.findings if f not in gathered]
            parts = "; ".join(f"'{f.part}' of {f.clauses[0]}" for f in gathered)
            others = list(dict.fromkeys(each for f in gathered for each in f.mentioned if each != name))
            basis: Basis = "ranges" if any(f.basis == "ranges" for f in gathered) else "theory"
            resting_on = {each for f in gathered for each in f.core}
            given = [criterion.id for criterion in self.subject.criteria if criterion.id in resting_on]
            given = [name, *(each for each in given if each != name)]
            met = f"{listed(given)} {'is' if len(given) == 1 else 'are'} met"
            text = f"Where {met}, {len(gathered)} parts of other clauses do nothing: {parts}"
            self.add(kind, [name], text, basis=basis, core=others)

    @contextmanager
    def trying(self, question: str, clauses: Sequence[str] = ()) -> Iterator[None]:
        """Ask something; where the solver gives up, that is what is found."""
        try:
            yield
        except OutOfBudget as error:
            self.add("undecided", clauses, f"The solver did not decide {question}: its {error} ran out")
