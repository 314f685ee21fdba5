"""Visits: what a person tells the page of one patient, in memory alone."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import field
from threading import Lock
from typing import Any

from solver.dataclass import dataclass
from solver.engine.finding_out.open_questions import InterviewState, interview_state
from solver.patient.record import Record
from solver.serve.desk import Desk, ReadPatient
from solver.serve.fields import Entered

HOURS = 8
MOST = 100
"""How long a visit lasts, and how many there are at most: the one that was not used for longest gives way."""

_BYTES_OF_ID = 18


@dataclass(slots=True)
class Visit:
    """One patient: the record as it stands, and what the page shows of it.

    `asked` are the variables of the questions that are shown, in their order: those that are answered stay where they are. `wrong` is what
    was typed and is no answer, with its error. `said` is what the last change did. `scenario` is what the pages of trials try out.
    """

    id: str
    record: Record
    document: dict[str, Any]
    standing: InterviewState
    begun: float
    asked: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    terms: dict[str, str] = field(default_factory=dict)
    """Answers to what trials ask of concepts, which a record says by entries of events."""
    wrong: dict[str, tuple[Entered, str]] = field(default_factory=dict)
    said: str = ""
    scenario: str = ""
    warnings: tuple[str, ...] = ()
    lock: Lock = field(default_factory=Lock)

    def arrange(self) -> None:
        """Put the questions in order: the answered ones stay in their places, and the others follow by what they settle."""
        kept = {place: name for place, name in enumerate(self.asked) if self._stays(name)}
        here = set(kept.values())
        others = [each.variable for each in self.standing.questions if each.variable not in here]
        found: list[str] = []
        for place in range(len(kept) + len(others)):
            later = [name for at, name in kept.items() if at >= place and name not in found]
            if place in kept or not others:
                found.append(kept.get(place) or later[0])
            else:
                found.append(others.pop(0))
        self.asked = found

    def _stays(self, name: str) -> bool:
        return name in self.answered or name in self.wrong

    def judge(self, desk: Desk, document: dict[str, Any]) -> None:
        """Take a document for the record; raises `InputError`, and changes nothing, where it is none."""
        self.record = desk.reread(document, self.terms)
        self.document = document
        self.standing = interview_state(desk.quick, self.record)


class Visits:
    """The visits that are open."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk, self._clock = desk, clock
        self._visits: dict[str, Visit] = {}
        self._lock = Lock()

    def begin(self, patient: ReadPatient) -> Visit:
        """A new visit of a patient."""
        found = Visit(
            secrets.token_urlsafe(_BYTES_OF_ID),
            patient.record,
            patient.document,
            interview_state(self._desk.quick, patient.record),
            self._clock(),
        )
        found.arrange()
        with self._lock:
            self._let_go()
            while len(self._visits) >= MOST:
                del self._visits[next(iter(self._visits))]
            self._visits[found.id] = found
        return found

    def find(self, name: str) -> Visit | None:
        """The visit with this id; None where there is none any more."""
        with self._lock:
            self._let_go()
            found = self._visits.pop(name, None)
            if found is not None:
                self._visits[name] = found  # it is now the one that was used last
            return found

    def forget(self, name: str) -> None:
        """Let go of a visit, and of all that was told in it."""
        with self._lock:
            self._visits.pop(name, None)

    def _let_go(self) -> None:
        oldest = self._clock() - HOURS * 3600
        self._visits = {name: each for name, each in self._visits.items() if each.begun > oldest}
