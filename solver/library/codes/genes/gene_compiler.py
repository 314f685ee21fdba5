"""Compiling what mapping files say of genes and variants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from solver.errors import did_you_mean
from solver.language.types import BooleanType
from solver.library.codes.code_compiler import CodeCompiler, CodesDocument
from solver.library.codes.genes.gene_models import Alteration, GeneCodes, VariantPart, gene_key
from solver.library.codes.genes.gene_shapes import AlterationShape, GeneShape, GeneticsShape
from solver.library.codes.genes.iscn import ANY, Rearrangement, pattern_of
from solver.library.codes.models import MappedCode
from solver.library.files.file_faults import FilePart, entries
from solver.text import quote


def compile_genes(files: Sequence[CodesDocument], codes: CodeCompiler, faults: list[str]) -> GeneCodes:
    """What the files say of genes; faults are noted."""
    genes: dict[str, str] = {}
    for part, gene in entries(files, "genes", faults):
        _add_gene(part, gene, genes)
    compiler = _GeneCompiler(codes, genes)
    alterations = {
        shape.id: compiler.alteration(part, shape) for part, shape in entries(files, "alterations", faults)
    }
    found = GeneCodes(
        genes=genes, alterations=tuple(each for each in alterations.values() if each is not None)
    )
    for document, file in files:
        if file.genetics is not None:
            found = compiler.with_genetics(found, FilePart(document, ("genetics",), faults), file.genetics)
    return found


def whole_words(text: str) -> re.Pattern[str]:
    """The pattern of words that stand by themselves, case, underscores and the number of blanks aside."""
    words = [re.escape(word) for word in re.split(r"[\s_]+", text.strip())]
    joined = r"[\s_-]+".join(words)
    return re.compile(rf"(?<![A-Za-z0-9]){joined}(?![A-Za-z0-9])", re.IGNORECASE)


def _add_gene(part: FilePart, shape: GeneShape, genes: dict[str, str]) -> None:
    for name in (shape.symbol, *shape.names, *([shape.id] if shape.id else [])):
        other = genes.setdefault(gene_key(name), shape.symbol)
        if other != shape.symbol:
            part.fault(f"{quote(name)} is already a name of the gene {other}")


class _GeneCompiler:
    def __init__(self, codes: CodeCompiler, genes: dict[str, str]) -> None:
        self.codes = codes
        self.genes = genes

    def alteration(self, part: FilePart, shape: AlterationShape) -> Alteration | None:
        """The alteration that a part of a file describes, or None with its faults noted."""
        before = len(part.faults)
        self._means_something(part, shape)
        for i, pair in enumerate(shape.fusions):
            if len(pair) != 2:
                part.fault("a fusion is of two genes", "fusions", i)
            for gene in pair:
                self._is_gene(part.at("fusions", i), gene)
        if shape.gene is not None:
            self._is_gene(part.at("gene"), shape.gene)
        elif not shape.fusions:
            part.fault("missing key 'gene' or 'fusions'")
        iscn = self._rearrangements(part, shape)
        changes = [self._pattern(part.at("changes", i), text) for i, text in enumerate(shape.changes)]
        if len(part.faults) > before:
            return None
        words = tuple(whole_words(text) for text in shape.words)
        return Alteration(
            shape.id,
            shape.finding,
            shape.variable,
            shape.gene,
            tuple((pair[0], pair[1]) for pair in shape.fusions),
            tuple(each for each in changes if each is not None),
            words,
            shape.any_change,
            iscn,
            shape.denied_by,
            tuple(whole_words(text) for text in shape.denied_words) or words,
            shape.studied,
        )

    def _means_something(self, part: FilePart, shape: AlterationShape) -> None:
        tree, variables = self.codes.concepts, self.codes.variables
        if (shape.finding is None) == (shape.variable is None):
            part.fault("an alteration is a 'finding' or a 'variable', and one of them")
        elif shape.finding is not None:
            of_kind = tree.of_kinds(["finding"])
            if shape.finding not in of_kind:
                part.fault(
                    f"unknown finding '{shape.finding}'{did_you_mean(shape.finding, of_kind)}", "finding"
                )
        elif shape.variable is not None:
            variable = variables.get(shape.variable)
            if variable is None:
                hint = did_you_mean(shape.variable, variables)
                part.fault(f"unknown variable '{shape.variable}'{hint}", "variable")
            elif not isinstance(variable.type, BooleanType):
                part.fault(f"'{shape.variable}' is not true or false", "variable")

    def _is_gene(self, part: FilePart, name: str) -> None:
        if name != ANY and name not in self.genes.values():
            part.fault(f"unknown gene {quote(name)}{did_you_mean(name, self.genes.values())}")

    def _rearrangements(
        self, part: FilePart, shape: AlterationShape
    ) -> tuple[tuple[Rearrangement, int], ...]:
        """The patterns of karyotypes, each with the number of the fusion that it names."""
        found: list[tuple[Rearrangement, int]] = []
        if len(shape.iscn) > max(1, len(shape.fusions)):
            part.fault("'iscn' has one list for each fusion", "iscn")
        for i, texts in enumerate(shape.iscn):
            for j, text in enumerate(texts):
                pattern = pattern_of(text)
                if pattern is None:
                    part.fault(f"{quote(text)} is no rearrangement: write t(9;22)(q34;q11)", "iscn", i, j)
                else:
                    found.append((pattern, i))
        return tuple(found)

    @staticmethod
    def _pattern(part: FilePart, text: str) -> re.Pattern[str] | None:
        try:
            return re.compile(text, re.ASCII)
        except re.error as error:
            part.fault(f"not readable as a pattern: {error}")
            return None

    def with_genetics(self, found: GeneCodes, part: FilePart, shape: GeneticsShape) -> GeneCodes:
        """What is found so far with the parts of variants that a file describes."""
        parts: dict[MappedCode, VariantPart] = dict(found.parts)
        values = dict(found.values)
        words = dict(found.value_words)
        for i, each in enumerate(shape.parts):
            read, _ = self.codes.codes(part.at("parts", i, "codes"), each.codes, each.part)
            parts |= dict.fromkeys(read, each.part)
        for i, value in enumerate(shape.values):
            read, _ = self.codes.codes(part.at("values", i, "codes"), value.codes, value.means)
            values |= dict.fromkeys(read, value.means)
            words[value.means] = (*words.get(value.means, ()), *map(whole_words, value.words))
        changed = replace(
            found,
            register=shape.register_ or found.register,
            parts=parts,
            values=values,
            value_words=words,
            denials=(*found.denials, *map(whole_words, shape.denials)),
        )
        tissue = shape.own_tissue
        if tissue is None:
            return changed
        if tissue.after not in self.codes.concepts:
            hint = did_you_mean(tissue.after, self.codes.concepts)
            part.fault(f"unknown concept '{tissue.after}'{hint}", "own_tissue", "after")
        read, _ = self.codes.codes(part.at("own_tissue", "codes"), tissue.codes, "own_tissue")
        return replace(
            changed,
            own_tissue=found.own_tissue | set(read),
            own_tissue_words=(*found.own_tissue_words, *map(whole_words, tissue.words)),
            donor_after=tissue.after,
        )
