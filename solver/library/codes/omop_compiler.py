"""Compiling what mapping files say of OMOP databases: concepts become codes, and entries read those that nothing else reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from solver.errors import did_you_mean
from solver.library.codes.code_compiler import CodeCompiler, CodesDocument
from solver.library.codes.entry_shapes import CodeEntryShape, CodeShape
from solver.library.codes.models import MappedCode
from solver.library.codes.omop_map import CONCEPT_IDS, OmopMap, Vocabulary, vocabulary_address
from solver.library.codes.omop_shapes import OmopEntryShape
from solver.library.files.file_faults import FilePart, entries
from solver.text import quote

_RESOURCES: dict[str, str] = {
    "condition_occurrence": "Condition",
    "drug_exposure": "Medication",
    "procedure_occurrence": "Procedure",
    "measurement": "Observation",
    "observation": "Observation",
}
_SEXES = {"M": "male", "F": "female"}


class OmopCompiler:
    """Compiles what files say of OMOP; the faults are noted."""

    def __init__(self, files: Sequence[CodesDocument], codes: CodeCompiler, faults: list[str]) -> None:
        self.files = files
        self.codes = codes
        self.faults = faults
        self.vocabularies = self._vocabularies()
        self.given: list[tuple[FilePart, OmopEntryShape]] = [
            (part, shape)
            for part, shape in entries(files, "entries", faults)
            if isinstance(shape, OmopEntryShape)
        ]

    def entries(
        self, others: Sequence[tuple[FilePart, CodeEntryShape]]
    ) -> list[tuple[FilePart, CodeEntryShape]]:
        """Entries of their own for the source codes that no other entry of the variable has."""
        known = {
            (shape.variable, self.codes.normal(code.system, code.code))
            for _, shape in others
            for code in shape.codes
            if code.status == "verified"
        }
        found = []
        for i, (part, shape) in enumerate(self.given):
            if (
                (shape.variable is None and shape.concept is None)
                or shape.read is None
                or shape.table == "value"
            ):
                continue
            new = [
                code
                for code in self._codes(part, shape)
                if (shape.variable, self.codes.normal(code.system, code.code)) not in known
            ]
            if new:
                words: dict[str, Any] = shape.copied("variable", "concept", "read", "when", "window")
                own = CodeEntryShape(
                    id=shape.id or f"omop-{i}", resource=_RESOURCES[shape.table], codes=new, **words
                )
                found.append((part, own))
        return found

    def map(self) -> OmopMap:
        """All of it."""
        concepts: dict[str, tuple[MappedCode, ...]] = {}
        sources: dict[str, dict[str, None]] = {table: {} for table in (*_RESOURCES, "value")}
        self._note_sources(sources)
        for part, shape in self.given:
            meant = tuple(
                self.codes.normal(code.system, code.code) for code in self._codes(part, shape, checked=True)
            )
            for number in shape.concepts:
                own = meant if shape.source_codes else (MappedCode(CONCEPT_IDS, number),)
                before = concepts.get(number, own)
                if set(before).isdisjoint(own):
                    message = f"the concept {number} has other source codes already: give it one meaning"
                    part.fault(message, "concepts")
                concepts[number] = tuple(dict.fromkeys((*before, *own)))
            for name in (*(code.vocabulary for code in shape.source_codes), shape.source_vocabulary):
                if name is not None:
                    sources[shape.table][name] = None
        return OmopMap(
            concepts=concepts,
            units=self._said_by_all("units"),
            operators=self._said_by_all("operators"),
            genders={number: _SEXES[sex] for number, sex in self._said_by_all("genders").items()},
            row_types=self._said_by_all("row_types"),
            states=self._said_by_all("condition_statuses"),
            vocabularies=self.vocabularies,
            sources={table: tuple(names) for table, names in sources.items()},
            claims=next((file.claims for _, file in reversed(self.files) if file.claims), "fact") == "fact",
        )

    def _said_by_all(self, key: str) -> dict[str, Any]:
        """What all files say under a key; a later one counts."""
        return {name: value for _, file in self.files for name, value in getattr(file, key).items()}

    def _vocabularies(self) -> dict[str, Vocabulary]:
        found: dict[str, Vocabulary] = {}
        for document, file in self.files:
            for name, shape in file.vocabularies.items():
                part = FilePart(document, ("vocabularies", name), self.faults)
                if ":" not in shape.system and shape.system not in self.codes.systems:
                    part.fault(
                        f"unknown system {quote(shape.system)}{did_you_mean(shape.system, self.codes.systems)}",
                        "system",
                    )
                try:
                    re.compile(shape.form or "")
                except re.error:
                    part.fault(f"{quote(shape.form or '')} is no regular expression", "form")
                    continue
                found[name] = Vocabulary(shape.system, shape.form)
        return found

    def _note_sources(self, sources: dict[str, dict[str, None]]) -> None:
        for _, file in self.files:
            given = file.source_vocabulary
            if isinstance(given, dict):
                for table, names in given.items():
                    sources[table] |= dict.fromkeys(names)
            elif given is not None:
                for found in sources.values():
                    found |= dict.fromkeys([given] if isinstance(given, str) else given)

    def _codes(self, part: FilePart, shape: OmopEntryShape, *, checked: bool = False) -> list[CodeShape]:
        """What an entry's concepts mean: its source codes, or themselves where it has none."""
        if not shape.source_codes:
            return [CodeShape(system=CONCEPT_IDS, code=number) for number in shape.concepts]
        found = [
            CodeShape(system=self._system_address(code.vocabulary), code=code.code)
            for code in shape.source_codes
        ]
        if checked:
            for i, code in enumerate(found):
                self.codes.code(part.at("source_codes", i), code)
        return found

    def _system_address(self, vocabulary: str) -> str:
        known = self.vocabularies.get(vocabulary)
        return known.system if known else vocabulary_address(vocabulary)
