"""References between resources, in all forms that FHIR has, without ever fetching one.

Observation/o7/_history/2    the Observation o7 of this export
urn:uuid:0f3c...             what has that fullUrl
#m                           what is contained in the same resource
Patient?identifier=s|v       the only Patient with that identifier

A reference that leads to nothing here is left to whoever needs what it leads to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar
from urllib.parse import unquote

from solver.dataclass import dataclass
from solver.patient.readers.fhir.elements import mapping, mappings, text
from solver.patterns import pattern

_TAIL = pattern(r"(?:.*/)?([A-Z][A-Za-z]{1,40}/[^/#?\s|]{1,200})", re.ASCII | re.DOTALL)
_SEARCH = pattern(r"(?:.*/)?(?P<type>[A-Z][A-Za-z]{1,40})\?identifier=(?P<token>.+)", re.ASCII | re.DOTALL)
_HISTORY = "/_history/"
_MOST_CACHED = 20_000


_known: dict[str, tuple[Reference, ...]] = {}


@dataclass(frozen=True, slots=True)
class Reference:
    """A Reference: its address without a version, or the identifier of what is meant; `type` and `display` as said.

    `readable` is false where something stands there that is no reference.
    """

    address: str | None = None
    identifier: tuple[str | None, str] | None = None
    type: str | None = None
    display: str | None = None
    readable: bool = True

    @property
    def leads(self) -> bool:
        """Whether it says what it leads to, or something unreadable stands there."""
        return self.address is not None or self.identifier is not None or not self.readable

    @property
    def said_type(self) -> str | None:
        """The type of what is meant, as far as the reference itself says."""
        found = _TAIL.fullmatch(self.address) if self.address else None
        if found and not (self.address or "").startswith("urn:"):
            return found[1].split("/")[0]
        search = _SEARCH.fullmatch(self.address) if self.address else None
        return search["type"] if search else self.type


def reference(value: object) -> Reference | None:
    """A Reference; None where none is given."""
    if isinstance(value, dict):
        return next(iter(references(value)), None)
    return _reference(value)


def _reference(value: object) -> Reference | None:
    if value is None or value == {}:
        return None
    if not isinstance(value, dict):
        return _UNREADABLE
    address = value.get("reference")
    if type(address) is str and address:
        address = address.partition(_HISTORY)[0]
    elif address is not None:
        return _UNREADABLE
    named = value.get("identifier")
    return Reference(
        address or None,
        None if address else identifier(named),
        text(value.get("type")),
        text(value.get("display")),
        bool(address) or named is None or identifier(named) is not None,
    )


def references(value: object) -> tuple[Reference, ...]:
    """A list of references, or a single one; those of one address alone are one object, so that a large export stays small."""
    if isinstance(value, dict):
        address = value.get("reference")
        plain = address if len(value) == 1 and type(address) is str else None
        known = _known.get(plain) if plain else None
        if known is None:
            found = _reference(value)
            known = () if found is None else (found,)
            if plain and len(_known) < _MOST_CACHED:
                _known[plain] = known
        return known
    if isinstance(value, list):
        return tuple(each for each in map(reference, value) if each is not None)
    found = _reference(value)
    return () if found is None else (found,)


def identifier(value: object) -> tuple[str | None, str] | None:
    """System and value of an Identifier."""
    entries = mapping(value)
    found = text(entries.get("value"))
    return None if found is None else (text(entries.get("system")), found)


def identifiers(value: object) -> tuple[tuple[str | None, str], ...]:
    """The identifiers of a resource."""
    return tuple(each for each in map(identifier, mappings(value)) if each is not None)


def tail(address: str) -> str | None:
    """`Type/id` at the end of an address."""
    found = _TAIL.fullmatch(address)
    return found[1] if found else None


class Addressed(Protocol):
    """What a reference can lead to."""

    @property
    def key(self) -> str | None:
        """`Type/id`."""

    @property
    def type(self) -> str:
        """The type of the resource."""

    @property
    def full_url(self) -> str | None:
        """The fullUrl of its entry."""

    @property
    def identifiers(self) -> tuple[tuple[str | None, str], ...]:
        """Its identifiers."""


Target = TypeVar("Target", bound=Addressed)


class AddressBook(Generic[Target]):
    """What is referred to by any of some references, by its addresses. Of several with one address the first added counts.

    What nobody refers to is not kept, since nearly all of a large export is that.
    """

    def __init__(self, wanted: Iterable[Reference]) -> None:
        self._by_address: dict[str, Target] = {}
        self._by_identifier: dict[tuple[str, str], list[tuple[str | None, Target]]] = {}
        self._wanted: set[str] = set()
        self._identified = False
        for each in wanted:
            if each.address is None or "?" in each.address:
                self._identified = True
            else:
                self._wanted.update(filter(None, (each.address, tail(each.address))))

    def add(self, target: Target) -> None:
        """Make it known, if it is referred to."""
        for address in (target.key, target.full_url):
            if address is not None and address in self._wanted:
                self._by_address.setdefault(address, target)
        if self._identified:
            for system, value in target.identifiers:
                self._by_identifier.setdefault((target.type, value), []).append((system, target))

    def find(self, meant: Reference) -> Target | None:
        """What a reference leads to; None if that is nothing here, or more than one."""
        if meant.address is None:
            if meant.identifier is None:
                return None
            system, value = meant.identifier
            types = [meant.type] if meant.type else {key[0] for key in self._by_identifier if key[1] == value}
            return _only_target(each for type_ in types for each in self._targets_named(type_, system, value))
        found = self._by_address.get(meant.address)
        if found is not None or meant.address.startswith("urn:"):
            return found
        search = _SEARCH.fullmatch(meant.address)
        if search:
            system, bar, value = unquote(search["token"]).rpartition("|")
            return _only_target(self._targets_named(search["type"], system if bar else None, value))
        key = tail(meant.address)
        return self._by_address.get(key) if key else None

    def _targets_named(self, type_: str, system: str | None, value: str) -> Iterator[Target]:
        for own, target in self._by_identifier.get((type_, value), ()):
            if system is None or own == system:
                yield target


def _only_target(targets: Iterable[Target]) -> Target | None:
    different = {id(each): each for each in targets}
    return next(iter(different.values())) if len(different) == 1 else None


_UNREADABLE = Reference(readable=False)
