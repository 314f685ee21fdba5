"""What the statements of an export come to, before days and lists are weighed: candidates for facts, events, findings and mentions.

A topic (`conditions`, `drugs`, `variants`) reads its statements and gathers here; `series` then takes of each variable what counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from solver.dataclass import dataclass
from solver.patient.account import Account, ResourcePlace
from solver.patient.readers.foreign.statements import Coding, PossibleDays


@dataclass(frozen=True, slots=True)
class FactSource:
    """Where a fact comes from: the resource, the coding that told, and the days.

    `said` stands in place of the code where a text told (`text rituximab`) or an element (`birthDate`); `order` marks an order.
    """

    place: ResourcePlace
    coding: Coding | None = None
    days: PossibleDays | None = None
    said: str | None = None
    order: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one resource would have a variable be: a fact as a record writes it, without date and source.

    `days` None is undated. `wins` marks what a form says of the variable itself, which is taken before what is derived. `entry` is the
    mapping entry, by which windows and rules of the same day are found; None: no window. `rule` is the word that begins the source of what
    is derived (`transplants`). `needs_all_of` is a concept, every event of which must be among the entries for it to hold: without the
    lists that close it, or where something mentions it that is no entry, it says nothing. `moment` orders what is of one day where several
    count, and nothing else.
    """

    variable: str
    fact: Mapping[str, object]
    source: FactSource
    days: PossibleDays | None
    entry: str | None = None
    wins: bool = False
    lasting: bool = False
    rule: str | None = None
    also: tuple[FactSource, ...] = ()
    needs_all_of: str | None = None
    moment: str | None = None


@dataclass(frozen=True, slots=True)
class GatheredEvent:
    """An entry of `conditions`, `therapies` or `findings` as a record writes it, without its source; `concept` None: an unknown name.

    A `harmless` one has a name that nothing knows, or a concept that holds less than was said: it is left out where its list is closed,
    since there it would leave open what it may have been. Where it may be what a list denies, a mention says so.
    """

    list: str
    document: Mapping[str, object]
    concept: str | None
    sources: tuple[FactSource, ...]
    rule: str | None = None
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """That something may be so, which is no fact and yet forbids to conclude its absence.

    `variables` and `concepts` are those whose absence is blocked; `lists` are whole lists of which all is blocked, where nobody knows
    what is mentioned. `unconfirmed` says that it is to be told among what is unconfirmed.
    """

    place: ResourcePlace
    text: str
    variables: frozenset[str] = frozenset()
    concepts: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    unconfirmed: bool = False


@dataclass(slots=True)
class Gathered:
    """All of it, for one patient on one day; `account` has a row for every resource."""

    account: Account
    as_of: int
    candidates: list[Candidate] = field(default_factory=list)
    events: list[GatheredEvent] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    warnings: list[tuple[str, str | None, str]] = field(default_factory=list)
