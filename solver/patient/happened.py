"""What a record says of events and findings: entries of its lists, and what it says never happened or is complete.

An entry is known by its place in the record, `therapies[0]`, and what is said of a kind by its words, `never:hiv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.language.domain import Interval

Word = Literal["never", "complete"]


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of `conditions` or `therapies`: an event of one concept, narrower than what is written.

    `concept` is None for a name that the tree does not know. `start` holds the days on which it may have begun, None for any; `end` those
    on which it ended, None where it goes on or nothing is said, which `goes_on` tells: None is either. `times` and `line` are as recorded.
    `position` counts the entries of the list as the record has them, `text` says the entry, and `document` is it as written. `stops_on` is
    the day on which what goes on would end, where it is asked what follows if it is stopped.
    """

    list: str
    position: int
    written: str
    concept: str | None
    start: Interval | None = None
    end: Interval | None = None
    goes_on: bool | None = None
    times: int | None = None
    line: int | None = None
    source: str | None = None
    text: str = ""
    document: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)
    stops_on: int | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What answers call it."""
        return f"{self.list}[{self.position}]"


@dataclass(frozen=True, slots=True)
class FindingResult:
    """One entry of `findings`: that a concept was found, or looked for and not found.

    `days` are those of the result, None for any. `level` is what is left of the level, None where none is given.
    """

    position: int
    written: str
    concept: str | None
    present: bool
    level: Interval | None = None
    days: Interval | None = None
    source: str | None = None
    text: str = ""
    document: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)
    list: str = "findings"

    @property
    def name(self) -> str:
        """What answers call it."""
        return f"{self.list}[{self.position}]"


@dataclass(frozen=True, slots=True)
class Closure:
    """That nothing of a concept ever happened, or that all that did is among the entries of its list.

    `concept` is None where a whole list is complete. `list` is the list that it closes. `said_by` is the variable whose fact says it, if it
    is no entry of its own.
    """

    word: Word
    written: str
    list: str
    concept: str | None
    source: str | None = None
    said_by: str | None = None

    @property
    def name(self) -> str:
        """What answers call it."""
        return self.said_by or f"{self.word}:{self.written}"

    @property
    def text(self) -> str:
        """What it says."""
        return self.written
