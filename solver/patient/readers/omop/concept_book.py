"""What the concept ids of an OMOP database mean: codes of their vocabularies.

3025315, nothing else         loinc 29463-7       by the mapping files, which name the source code of each standard concept
1234567, with the site's      snomed 91861009     by its own tables `concept` and `concept_ancestor`: the vocabulary and code of the
own vocabularies                                  concept, or of the nearest broader ones that anything reads
0, source value C92.0         icd10cm C92.0       the source value, as a code of the vocabularies that the mapping names for the table
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from solver.dataclass import dataclass
from solver.library.codes.omop_map import CONCEPT_IDS, OmopMap, vocabulary_address
from solver.patient.readers.foreign.statements import Coding
from solver.patient.readers.omop.cdm_tables import ANCESTOR, CONCEPT, CheckedTables, whole_number

_UNITS = "UCUM"
_INGREDIENTS = ("RxNorm", "RxNorm Extension")
_INGREDIENT = "Ingredient"
_HIERARCHIES = ("SNOMED",)
_AT_ONCE = 1000

Known = Callable[[Coding], bool]
"""Whether anything reads a code, as the code of one kind of resource."""


@dataclass(frozen=True, slots=True)
class SiteConcept:
    """A concept of the site's own vocabularies."""

    vocabulary: str
    code: str
    name: str | None
    concept_class: str | None


@dataclass(slots=True)
class ConceptBook:
    """Codes for concept ids and source values. `address` gives the address of a code system that is known by name."""

    map: OmopMap
    address: Callable[[str], str]
    concepts: dict[int, SiteConcept] = field(default_factory=dict)
    ancestors: dict[int, frozenset[int]] = field(default_factory=dict)

    def learn(self, tables: CheckedTables, ids: Iterable[int], known: Known) -> None:
        """Look up concepts in the site's own vocabularies, where it has them, and all that is broader.

        `known` says of a code whether anything reads it at all: of what is broader only that is kept.
        """
        new = sorted({each for each in ids if each > 0} - self.concepts.keys())
        if not new or not tables.has(CONCEPT):
            return
        above = _broader_concepts(tables, new)
        self._look_up(tables, sorted({*new, *(each for found in above.values() for each in found)}))
        kept = {
            each
            for found in above.values()
            for each in found
            if (own := self.concepts.get(each)) is not None
            and ((own.vocabulary in _HIERARCHIES and known(self._site_coding(own))) or _is_ingredient(own))
        }
        above |= _broader_concepts(tables, sorted(kept - above.keys()))
        self.ancestors |= {narrow: frozenset(found & kept) for narrow, found in above.items()}

    def _look_up(self, tables: CheckedTables, ids: Sequence[int]) -> None:
        for some in _slices_of_ids([each for each in ids if each not in self.concepts]):
            for row in tables.rows(CONCEPT, CONCEPT.id, some):
                number, vocabulary, code = (
                    whole_number(row["concept_id"]),
                    row["vocabulary_id"],
                    row["concept_code"],
                )
                if number is not None and vocabulary and code:
                    self.concepts[number] = SiteConcept(
                        vocabulary, code, row["concept_name"], row.get("concept_class_id")
                    )

    def codings(self, concept: int | None) -> tuple[Coding, ...]:
        """The codes of a concept; none for 0, and its id where nothing explains it."""
        if not concept:
            return ()
        mapped = tuple(
            Coding(self.address(code.system), code.code) for code in self.map.concepts.get(str(concept), ())
        )
        own = self.concepts.get(concept)
        if own is not None:
            coding = self._site_coding(own)
            same = [each for each in mapped if (each.system, each.code) == (coding.system, coding.code)]
            return (coding, *(each for each in mapped if each not in same))
        return mapped or (Coding(CONCEPT_IDS, str(concept)),)

    def broader(self, concept: int | None, known: Known) -> tuple[Coding, ...]:
        """The nearest broader concepts of a hierarchy that anything reads; none if the concept itself is read."""
        above = self.ancestors.get(concept or 0)
        if not above or any(known(coding) for coding in self.codings(concept)):
            return ()
        found = {
            each: coding
            for each in sorted(above)
            if (own := self.concepts.get(each)) is not None
            and own.vocabulary in _HIERARCHIES
            and known(coding := self._site_coding(own))
        }
        return tuple(
            coding
            for each, coding in found.items()
            if not any(each in self.ancestors.get(other, ()) for other in found if other != each)
        )

    def ingredients(self, concept: int | None) -> tuple[Coding, ...]:
        """The ingredients of a drug."""
        return tuple(
            self._site_coding(own)
            for each in sorted(self.ancestors.get(concept or 0, ()))
            if (own := self.concepts.get(each)) is not None and _is_ingredient(own)
        )

    def source_codings(self, table: str, value: str | None) -> tuple[Coding, ...]:
        """A source value as a code of each vocabulary that the mapping names for its table and whose form it has."""
        if not value:
            return ()
        names = self.map.sources.get(table, ())
        return tuple(
            Coding(self.address(vocabulary.system) if vocabulary else vocabulary_address(name), value)
            for name in names
            if (vocabulary := self.map.vocabularies.get(name)) is None or vocabulary.has_form(value)
        )

    def unit(self, concept: int | None) -> str | None:
        """The unit that a concept is, in UCUM, if it is known."""
        if not concept:
            return None
        own = self.concepts.get(concept)
        return self.map.units.get(str(concept)) or (
            own.code if own is not None and own.vocabulary == _UNITS else None
        )

    def _site_coding(self, own: SiteConcept) -> Coding:
        vocabulary = self.map.vocabularies.get(own.vocabulary)
        system = self.address(vocabulary.system) if vocabulary else vocabulary_address(own.vocabulary)
        return Coding(system, own.code, own.name)


def _is_ingredient(own: SiteConcept) -> bool:
    return own.vocabulary in _INGREDIENTS and own.concept_class == _INGREDIENT


def _broader_concepts(tables: CheckedTables, ids: Sequence[int]) -> dict[int, set[int]]:
    """All that is broader than each concept."""
    above: dict[int, set[int]] = defaultdict(set)
    for some in _slices_of_ids(ids):
        for row in tables.rows(ANCESTOR, ANCESTOR.id, some):
            narrow, broad = (
                whole_number(row["descendant_concept_id"]),
                whole_number(row["ancestor_concept_id"]),
            )
            if narrow is not None and broad is not None and narrow != broad:
                above[narrow].add(broad)
    return above


def _slices_of_ids(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def ids_in(row: Mapping[str, str | None]) -> Iterable[int]:
    """The concept ids of a row."""
    return (
        number
        for column, text in row.items()
        if column.endswith("_concept_id") and (number := whole_number(text))
    )
