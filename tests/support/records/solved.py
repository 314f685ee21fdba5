"""Records of the six trials that many laws look at, and their answers: each is drawn, and answered, once a process.

Most laws speak of verdicts and reasons, and leave the facts behind each clause alone. A law that compares the answer for a record with the
answer for a changed one then works out the second alone. In `make explore` every law draws records of its own.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from functools import lru_cache

from solver.matcher import Matcher
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer
from tests.support.drawing import strategies
from tests.support.drawing.drawn import shared
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.matchers import ReasonsAlone, Undated
from tests.support.records.worked import Json

MATCHER = ReasonsAlone(LIBRARY)
"""Who answers for most laws, which speak of verdicts and reasons."""

UNDATED = Undated(LIBRARY)
DATED = Matcher(LIBRARY)
BY_SOLVER = Undated(LIBRARY, search=False)

SHARED = 90
"""How many records are drawn of each kind: more than any law looks at."""


RECORDS = shared(strategies.records(LIBRARY), SHARED).map(copy.deepcopy)
CONTRADICTORY = shared(strategies.contradictory_records(LIBRARY), SHARED).map(copy.deepcopy)


def read(record: Json) -> Record:
    """The record as the program reads it."""
    return worked.read(record, LIBRARY)


def match(record: Json, codes: Iterable[str] | None = None, matcher: Matcher = MATCHER) -> MatchAnswer:
    """What a matcher answers, about all trials or about these, kept for the next law that asks the same."""
    return _answer(matcher, json.dumps(record), None if codes is None else tuple(codes))


@lru_cache(maxsize=1000)
def _answer(matcher: Matcher, text: str, codes: tuple[str, ...] | None) -> MatchAnswer:
    return matcher.match(read(json.loads(text)), codes)
