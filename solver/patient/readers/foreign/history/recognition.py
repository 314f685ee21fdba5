"""Which concept a coding or a text of an export means: by the codes of concepts, and by their names as whole words.

    L04AD99, a class code by prefix           the class
    "Brandname 10 MG/ML injection"            the drug of that brand

Of concepts of which one is broader than another only the narrower is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from solver.dataclass import dataclass
from solver.language.concepts import ConceptKind, ConceptTree
from solver.library.codes.code_tables import CodeTables
from solver.library.codes.concept_index import SHORT
from solver.library.codes.history_models import DiseaseCode
from solver.library.models import Library
from solver.patient.readers.foreign.statements import CodedText, Coding
from solver.patterns import pattern

_WORD = pattern(r"[^\W_]+")
_MOST_WORDS = 6

LONGEST_TEXT = 2_000
"""Letters of a text that are looked at: no name of a product or a procedure is longer."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a coding or a text means: a concept, or the name of something that is none. `text` is the words that told, if no code did."""

    name: str
    concept: str | None
    coding: Coding | None = None
    text: str | None = None


class Recognition:
    """The codes and names of a library's concepts, to be found in what exports say."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.tree: ConceptTree = library.concepts
        self.index = library.codes.concept_index(library.concepts)

    @property
    def tables(self) -> CodeTables:
        """The tables of codes."""
        return self.library.codes.tables

    def coded(self, codings: Iterable[Coding], *kinds: ConceptKind) -> dict[str, Coding]:
        """The narrowest concepts of these kinds that the codings mean, each with the coding that told."""
        found: dict[str, Coding] = {}
        for coding in sorted(codings, key=_coding_order):
            code = self.tables.mapped(coding)
            for concept in self.index.codes.find(code) if code is not None else ():
                if self.tree[concept].kind in kinds:
                    found.setdefault(concept, coding)
        return {name: found[name] for name in self.narrowest(found)}

    def disease_codes(self, codings: Iterable[Coding]) -> list[tuple[DiseaseCode, Coding]]:
        """The codes of diseases that the codings are, of each the longest, with the coding that told."""
        found = []
        for coding in sorted(codings, key=_coding_order):
            code = self.tables.mapped(coding)
            meant = self.index.diseases.find(code) if code is not None else ()
            if meant:
                found.append((max(meant, key=lambda each: len(each.code.code)), coding))
        return found

    def narrowest(self, concepts: Iterable[str]) -> list[str]:
        """The concepts of which none is broader than another, in order."""
        given = list(dict.fromkeys(concepts))
        return [
            name
            for name in given
            if not any(name != other and name in self.tree.broader(other) for other in given)
        ]

    def belongs(self, concept: str, to: str) -> bool:
        """Whether what is of one concept is of another."""
        return to in self.tree.broader(concept)

    def drugs(self, code: CodedText) -> list[Told]:
        """The drugs that a product or an ingredient is: every coding first, then the words of its displays and its text."""
        found: dict[str, Told] = {
            concept: Told(concept, concept, coding)
            for concept, coding in self.coded(code.codings, "therapy").items()
        }
        for text in self._texts(code):
            for told in self._named_in(text):
                found.setdefault(told.name, told)
        kept = set(self.narrowest(told.concept for told in found.values() if told.concept is not None))
        return [told for told in found.values() if told.concept is None or told.concept in kept]

    def system_name(self, coding: Coding) -> str | None:
        """What the system of a coding is called, if it is known."""
        system = self.library.codes.system(coding.system)
        return system.name if system else None

    def _texts(self, code: CodedText) -> Iterator[str]:
        given = {*(coding.display for coding in code.codings), code.text}
        return iter(sorted(text[:LONGEST_TEXT] for text in given if text))

    def _named_in(self, text: str) -> Iterator[Told]:
        """The drugs whose names stand in a text as whole words, the longest names first; or that of which it is a name."""
        # with a colon it would be a code, and a text is none
        whole = None if ":" in text else self.tree.resolve("therapy", text)
        if whole is not None:
            yield Told(whole, whole, text=whole)
            return
        words = [found[0] for found in _WORD.finditer(text)]
        position = 0
        while position < len(words):
            for length in range(min(_MOST_WORDS, len(words) - position), 0, -1):
                told = self._told_by_words(words[position : position + length])
                if told is not None:
                    yield told
                    position += length
                    break
            else:
                position += 1

    def _told_by_words(self, words: list[str]) -> Told | None:
        joined = "".join(words)
        name = self.index.names.get(joined.casefold())
        if name is None or (len(joined) <= SHORT and (len(words) > 1 or joined != name.spelled)):
            return None
        return Told(name.meant, name.concept, text=name.meant)


def _coding_order(coding: Coding) -> tuple[str, str, str]:
    return coding.system or "", coding.code or "", coding.display or ""
