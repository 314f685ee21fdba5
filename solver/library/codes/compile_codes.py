"""Compiling the files of `encodings/codes/`, and those that a site adds, into one map of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import did_you_mean
from solver.language.concepts import ConceptTree
from solver.library.codes.code_compiler import CodeCompiler, CodesDocument, compile_systems
from solver.library.codes.code_map import CodeMap
from solver.library.codes.code_tables import CodeTables
from solver.library.codes.entry_compiler import EntryCompiler, window_of
from solver.library.codes.entry_shapes import CodeEntryShape
from solver.library.codes.genes.gene_compiler import compile_genes
from solver.library.codes.history_compiler import compile_history
from solver.library.codes.models import MappedCode
from solver.library.codes.omop_compiler import OmopCompiler
from solver.library.codes.phenopacket_compiler import compile_phenopackets
from solver.library.files.file_faults import FilePart, entries
from solver.library.models import Variable


def compile_codes(
    shipped: Sequence[CodesDocument],
    sites: Sequence[CodesDocument],
    variables: Mapping[str, Variable],
    concepts: ConceptTree,
    faults: list[str],
) -> CodeMap:
    """The map that the files make; faults are noted. `sites` are those that a site adds, which may switch what the others say."""
    files = [*shipped, *sites]
    systems = compile_systems(files, faults)
    codes = CodeCompiler(
        variables,
        concepts,
        systems,
        {word: part for part, word in entries(sites, "enable", faults)},
        {},
        frozenset(document.name for document, _ in shipped),
    )
    for part, shape in entries(sites, "remove", faults):
        if codes.has_system(part, shape.system):
            codes.removed[codes.normal(shape.system, shape.code)] = part
    for part, _ in [*entries(shipped, "enable", faults), *entries(shipped, "remove", faults)]:
        part.fault("is for the files that a site adds: change the entry itself")
    windows = _site_windows(files, faults)
    given = [each for each in entries(files, "entries", faults) if isinstance(each[1], CodeEntryShape)]
    omop = OmopCompiler(files, codes, faults)
    compiler = EntryCompiler(codes, [*given, *omop.entries(given)])
    found = compiler.entries({name: days for name, (_, days) in windows.items()})
    named = {*found, *(entry.variable for entry in found.values() if entry.variable)}
    for name, (part, _) in windows.items():
        if name not in named:
            part.fault(f"no entry has the id or variable '{name}'{did_you_mean(name, named)}")
    lists: dict[MappedCode, str] = {}
    for part, listed in entries(files, "lists", faults):
        read, _ = codes.codes(part.at("codes"), listed.codes, listed.list_)
        lists |= dict.fromkeys(read, listed.list_)
    harmless = [codes.code(part, shape) for part, shape in entries(files, "harmless", faults)]
    history = compile_history(files, codes, compiler.off, faults)
    genes = compile_genes(files, codes, faults)
    codes.switches_are_used()
    return CodeMap(
        CodeTables(
            systems=systems,
            entries=found,
            lists=lists,
            switched_off={code: tuple(names) for code, names in compiler.off.items()},
            removed=frozenset(codes.removed),
            harmless=tuple(code for code in harmless if code is not None),
            unread=_last(files, "unread") or "block",
            site_windows={name: days for name, (_, days) in windows.items()},
            complete=tuple(dict.fromkeys(name for _, file in files for name in file.complete)),
            orders_count=_last(files, "orders") != "unconfirmed",
            omop=omop.map(),
            phenopackets=compile_phenopackets(files, codes, faults),
            text_numbers="point" if _last(files, "text_numbers") == "point" else None,
            history=history,
            genes=genes,
        )
    )


def _site_windows(
    files: Sequence[CodesDocument], faults: list[str]
) -> dict[str, tuple[FilePart, int | None]]:
    found: dict[str, tuple[FilePart, int | None]] = {}
    for document, file in files:
        for name, text in file.windows.items():
            part = FilePart(document, ("windows", name), faults)
            found[name] = part, window_of(part, text)
    return found


def _last(files: Sequence[CodesDocument], key: str) -> Any:
    """What the last file that has a key says under it."""
    return next((value for _, file in reversed(files) if (value := getattr(file, key)) is not None), None)
