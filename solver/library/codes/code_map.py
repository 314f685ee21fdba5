"""The codes of a library: looked up by the readers of what hospitals export, and taken apart only then.

codes.find("Observation", Coding("http://loinc.org", "2160-0"))      the entries that read this code in an Observation
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.language.concepts import ConceptTree
    from solver.library.codes.code_tables import CodeTables, CodingLike
    from solver.library.codes.concept_index import ConceptIndex
    from solver.library.codes.models import CodeEntry, CodeSystem
    from solver.library.codes.omop_map import OmopMap
    from solver.library.codes.phenopacket_map import PhenopacketMap


class CodeMap:
    """What codes mean. A pickled one stays one piece until it is asked: no native record asks."""

    _index: ConceptIndex | None = None

    def __init__(self, tables: CodeTables | None = None) -> None:
        self._packed: bytes | None = None
        if tables is not None:
            self.__dict__["tables"] = tables

    @cached_property
    def tables(self) -> CodeTables:
        """All of it."""
        from solver.library.codes.code_tables import CodeTables

        found = pickle.loads(self._packed) if self._packed else CodeTables()
        assert isinstance(found, CodeTables)
        return found

    def __getstate__(self) -> dict[str, bytes]:
        return {"_packed": self._packed or pickle.dumps(self.tables, pickle.HIGHEST_PROTOCOL)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CodeMap) and self.tables == other.tables

    __hash__ = None  # type: ignore[assignment]

    @property
    def entries(self) -> Mapping[str, CodeEntry]:
        """The entries by id."""
        return self.tables.entries

    def system(self, address: str | None) -> CodeSystem | None:
        """The system that has this address."""
        return self.tables.system(address)

    def address(self, system: str) -> str:
        """The first address of a system; one that is given by its address is that."""
        known = self.tables.systems.get(system)
        return known.addresses[0] if known else system

    @property
    def omop(self) -> OmopMap:
        """What the numbers of an OMOP database mean."""
        return self.tables.omop

    @property
    def phenopackets(self) -> PhenopacketMap:
        """What the terms of a Phenopacket mean that are no codes."""
        return self.tables.phenopackets

    def find(self, resource: str, coding: CodingLike) -> tuple[CodeEntry, ...]:
        """The entries that read a code in this kind of resource, in the order of the files."""
        index, code = self.tables.index.get(resource), self.tables.mapped(coding)
        return tuple(self.entries[name] for name in index.find(code)) if index and code else ()

    def by_text(self, resource: str, text: str) -> tuple[CodeEntry, ...]:
        """The entries that a whole text means in this kind of resource."""
        from solver.library.codes.code_tables import folded_text

        return tuple(self.entries[name] for name in self.tables.texts.get((resource, folded_text(text)), ()))

    def answer(self, entry: CodeEntry, coding: CodingLike) -> object | None:
        """The value that a coded answer has in an entry; None if it has none."""
        code = self.tables.mapped(coding)
        return None if code is None else entry.answers.get(code)

    def concept_index(self, concepts: ConceptTree) -> ConceptIndex:
        """What codes and names mean in a tree of concepts, worked out once."""
        from solver.library.codes.concept_index import ConceptIndex

        if self._index is None or self._index.tree is not concepts:
            self._index = ConceptIndex(concepts, self.tables)
        return self._index

    def list_of(self, coding: CodingLike) -> str | None:
        """The list that a code calls: `conditions`, `procedures` or `medications`."""
        code = self.tables.mapped(coding)
        return next(iter(self.tables.list_index.find(code)), None) if code else None

    def harmless(self, coding: CodingLike) -> bool:
        """Whether a site says that a code denies no absence."""
        code = self.tables.mapped(coding)
        return code is not None and bool(self.tables.harmless_index.find(code))

    def switched_off(self, coding: CodingLike) -> tuple[str, ...]:
        """The entries that have a code which is still to be checked, and so is not read."""
        code = self.tables.mapped(coding)
        return self.tables.switched_off.get(code, ()) if code else ()
