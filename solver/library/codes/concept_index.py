"""What codes and names mean in the tree of concepts, as exports write them: each looked up at once, and worked out once a library.

The codes that a site takes out, and those still to be checked, are not among them.
"""

from __future__ import annotations

import re
from functools import cached_property

from solver.dataclass import dataclass
from solver.language.concepts import ConceptKind, ConceptTree
from solver.language.spelling import fold_name
from solver.library.codes.code_tables import CodeIndex, CodeTables
from solver.library.codes.history_models import DiseaseCode
from solver.library.codes.models import MappedCode

SHORT = 3
"""Of so many letters, a name is one only as it is written."""

_EVENTS: tuple[ConceptKind, ...] = ("condition", "diagnosis", "therapy")


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name as it is spelled: of a concept, or of a drug that is none."""

    spelled: str
    meant: str
    concept: str | None


class ConceptIndex:
    """The codes and names of a tree of concepts, and the codes of diseases."""

    def __init__(self, tree: ConceptTree, tables: CodeTables) -> None:
        self.tree, self.tables = tree, tables

    @cached_property
    def names(self) -> dict[str, KnownName]:
        """Names of therapies, and of drugs that are no concept, by their letters and digits alone."""
        found: dict[str, KnownName] = {}
        for concept in self.tree.of_kinds(["therapy"]):
            for name in (concept, *self.tree[concept].names):
                if name != concept or len(name) > SHORT:
                    found.setdefault(folded_words(name), KnownName(name, concept, concept))
        for drug in self.tables.history.drugs:
            known = self.tree.resolve("therapy", drug.name)
            for name in (drug.name, *drug.words):
                found.setdefault(folded_words(name), KnownName(name, known or drug.name, known))
        found.pop("", None)
        return found

    @cached_property
    def codes(self) -> CodeIndex[str]:
        """The concepts of what happens, by code."""
        tables = self.tables
        meanings: list[tuple[MappedCode, str]] = []
        for name in self.tree.of_kinds(_EVENTS):
            for system, codes in self.tree[name].codes:
                meanings += [(tables.normal(system.casefold(), code), name) for code in codes]
        unread = tables.removed | tables.switched_off.keys()
        meanings = [(code, name) for code, name in meanings if code not in unread]
        return CodeIndex(tables.systems, [*meanings, *tables.history.class_codes])

    @cached_property
    def diseases(self) -> CodeIndex[DiseaseCode]:
        """The diseases that may be the one treated now, by code."""
        return CodeIndex(
            self.tables.systems, ((each.code, each) for each in self.tables.history.disease_codes)
        )


def folded_words(name: str) -> str:
    """The letters and digits of a name, without case."""
    return re.sub(r"\W|_", "", fold_name(name))
