"""Compiling what mapping files say of Phenopackets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import did_you_mean
from solver.library.codes.code_compiler import CodeCompiler, CodesDocument
from solver.library.codes.phenopacket_map import DoseFrequency, PhenopacketMap, TermPrefix
from solver.library.files.file_faults import FilePart
from solver.text import quote


def compile_phenopackets(
    files: Sequence[CodesDocument], codes: CodeCompiler, faults: list[str]
) -> PhenopacketMap:
    """What the files say of Phenopackets; a later one counts, and faults are noted."""
    prefixes: dict[str, TermPrefix] = {}
    for document, file in files:
        for name, shape in file.prefixes.items():
            if ":" not in shape.system and shape.system not in codes.systems:
                hint = did_you_mean(shape.system, codes.systems)
                part = FilePart(document, ("prefixes", name), faults)
                part.fault(f"unknown system {quote(shape.system)}{hint}", "system")
            prefixes[name.upper()] = TermPrefix(shape.system, shape.kept == "true")

    def together(key: str) -> dict[str, Any]:
        return {name: value for _, file in files for name, value in getattr(file, key).items()}

    return PhenopacketMap(
        prefixes=prefixes,
        units=together("units"),
        frequencies={
            name: DoseFrequency(shape.times, shape.period, shape.unit)
            for name, shape in together("frequencies").items()
        },
        samples=together("samples"),
        progressions=together("progressions"),
        origins={name.lower(): value for name, value in together("origins").items()},
    )
