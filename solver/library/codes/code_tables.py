"""The tables that the files of `encodings/codes/` are compiled into, and the finding of codes in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Generic, Literal, Protocol, TypeVar

from solver.dataclass import dataclass
from solver.library.codes.genes.gene_models import GeneCodes
from solver.library.codes.history_models import HistoryCodes
from solver.library.codes.models import CodeEntry, CodeSystem, MappedCode
from solver.library.codes.omop_map import OmopMap
from solver.library.codes.phenopacket_map import PhenopacketMap

Meant = TypeVar("Meant", bound=Hashable)


class CodingLike(Protocol):
    """A code of a system, the address of which is as written; any part may be missing."""

    @property
    def system(self) -> str | None: ...
    @property
    def code(self) -> str | None: ...


class CodeIndex(Generic[Meant]):
    """What codes mean, to be found by system and code; those of systems that are read by prefix cover all that begins with them."""

    def __init__(
        self, systems: Mapping[str, CodeSystem], meanings: Iterable[tuple[MappedCode, Meant]]
    ) -> None:
        self.systems = systems
        self.exact: dict[tuple[str, str], dict[Meant, None]] = defaultdict(dict)
        self.prefixed: dict[tuple[str, str], list[tuple[MappedCode, Meant]]] = defaultdict(list)
        for mapped, meaning in meanings:
            system = systems.get(mapped.system)
            if system is None or system.match == "exact":
                code = system.normal(mapped.code) if system else mapped.code
                self.exact[mapped.system, code][meaning] = None
            else:
                # what is covered begins with a letter that the first and the last code of a range share
                shared = _shared_start(system.normal(mapped.code), system.normal(mapped.last or mapped.code))
                self.prefixed[mapped.system, shared].append((mapped, meaning))

    def find(self, code: MappedCode) -> tuple[Meant, ...]:
        """What a code in normal form means, in the order of the files."""
        system, found = self.systems.get(code.system), dict(self.exact.get((code.system, code.code), {}))
        if system is not None and system.match == "prefix":
            for length in range(len(code.code) + 1):
                for mapped, meaning in self.prefixed.get((code.system, code.code[:length]), ()):
                    if covers(system, mapped, code.code):
                        found[meaning] = None
        return tuple(found)


def covers(system: CodeSystem, mapped: MappedCode, normal: str) -> bool:
    """Whether a code in normal form is one of those that a mapped code of its system stands for."""
    first, last = system.normal(mapped.code), system.normal(mapped.last or mapped.code)
    if system.match == "exact":
        return normal == first
    if any(normal.startswith(system.normal(each)) for each in mapped.excluded):
        return False
    return first <= normal[: len(first)] and normal[: len(last)] <= last and len(normal) >= len(first)


def _shared_start(first: str, last: str) -> str:
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]


@dataclass(frozen=True)
class CodeTables:
    """Everything that mapping files say, of the encodings and of a site.

    `entries` are by id. `lists` names the list that a code calls. `switched_off` are codes to be checked, with the entries that have them.
    `removed` are codes that a site took out, `harmless` those that it says deny no absence, and `unread` whether it says so of all that
    nothing reads. `site_windows` are the days that a site sets, by entry or variable, and `complete` the lists that it calls complete.
    `orders_count` says that an order is an exposure, and `text_numbers` how a number written as text is read, if at all.
    `history` is what they say of what a patient has had, and `genes` how variants are read. `omop` and `phenopackets` are what only these
    formats have.
    """

    systems: Mapping[str, CodeSystem] = field(default_factory=dict)
    entries: Mapping[str, CodeEntry] = field(default_factory=dict)
    lists: Mapping[MappedCode, str] = field(default_factory=dict)
    switched_off: Mapping[MappedCode, tuple[str, ...]] = field(default_factory=dict)
    removed: frozenset[MappedCode] = frozenset()
    harmless: tuple[MappedCode, ...] = ()
    unread: Literal["block", "ignore"] = "block"
    site_windows: Mapping[str, int | None] = field(default_factory=dict)
    complete: tuple[str, ...] = ()
    orders_count: bool = True
    text_numbers: Literal["point"] | None = None
    history: HistoryCodes = field(default_factory=HistoryCodes)
    omop: OmopMap = field(default_factory=OmopMap)
    phenopackets: PhenopacketMap = field(default_factory=PhenopacketMap)
    genes: GeneCodes = field(default_factory=GeneCodes)

    @cached_property
    def addresses(self) -> Mapping[str, CodeSystem]:
        """The systems by each of their addresses."""
        return {
            address_key(address): system for system in self.systems.values() for address in system.addresses
        }

    def system(self, address: str | None) -> CodeSystem | None:
        """The system that has an address."""
        return self.addresses.get(address_key(address)) if address else None

    def mapped(self, coding: CodingLike) -> MappedCode | None:
        """A coding as files name it, in normal form; None where a part is missing."""
        if not coding.system or not coding.code:
            return None
        return self.normal(coding.system, coding.code)

    def normal(self, system: str, code: str) -> MappedCode:
        """A code in normal form, of a system that is named or given by its address."""
        known = self.systems.get(system) or self.system(system)
        return (
            MappedCode(known.name, known.normal(code))
            if known
            else MappedCode(address_key(system), code.strip())
        )

    @cached_property
    def index(self) -> Mapping[str, CodeIndex[str]]:
        """The ids of the entries of each kind of resource, by code."""
        given: dict[str, list[tuple[MappedCode, str]]] = defaultdict(list)
        for entry in self.entries.values():
            given[entry.resource] += [(code, entry.id) for code in entry.codes]
        return {resource: CodeIndex(self.systems, codes) for resource, codes in given.items()}

    @cached_property
    def texts(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """The ids of the entries that a whole text means, by kind of resource and folded text."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for entry in self.entries.values():
            for text in entry.texts:
                found[entry.resource, text] = (*found.get((entry.resource, text), ()), entry.id)
        return found

    @cached_property
    def list_index(self) -> CodeIndex[str]:
        """The lists, by code."""
        return CodeIndex(self.systems, self.lists.items())

    @cached_property
    def harmless_index(self) -> CodeIndex[bool]:
        """The codes that deny no absence."""
        return CodeIndex(self.systems, ((code, True) for code in self.harmless))


def address_key(address: str) -> str:
    """An address as addresses are compared: without blanks and slashes at its end."""
    return address.strip().rstrip("/")


def folded_text(text: str) -> str:
    """A text as whole texts are compared: without case, and each blank as one."""
    return " ".join(text.casefold().split())
