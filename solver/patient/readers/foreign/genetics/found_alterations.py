"""Which findings one test of genes finds, or denies.

A negative result denies what the test says it looked for, and nothing else: one of a gene denies no fusion of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from solver.dataclass import dataclass
from solver.library.codes.genes.gene_models import Alteration, GeneCodes
from solver.library.codes.genes.iscn import Rearrangement, read_karyotype, rearrangements_in
from solver.patient.readers.foreign.genetics.genetic_test import GeneticTest


@dataclass(frozen=True, slots=True)
class FoundAlteration:
    """An alteration, and which of its fusions, that a test finds or denies."""

    alteration: Alteration
    fusion: int = 0


def found_in(test: GeneticTest, codes: GeneCodes) -> tuple[FoundAlteration, ...]:
    """What a positive test finds."""
    found = list(named_by_karyotypes(test.karyotypes, codes))
    if test.pairs:
        # several fusions are those of a panel, of which nobody knows which was found
        found += _fusions(test, codes) if len(test.pairs) == 1 else []
    elif len(set(test.genes)) == 1:
        found += _changes_within(test, test.genes[0], codes)
    return tuple(dict.fromkeys(found))


def denied_in(test: GeneticTest, codes: GeneCodes) -> tuple[FoundAlteration, ...]:
    """What a negative test denies."""
    found = [*named_by_karyotypes(test.karyotypes, codes), *_fusions(test, codes)]
    texts = (*test.types, *test.changes, *test.texts)
    gene = test.genes[0] if len(set(test.genes)) == 1 else None
    for each in codes.alterations:
        if gene is None or each.gene != gene:
            continue
        said = _any_text_says(each.denied_words, texts)
        if (each.denied_by == "gene" and not test.pairs) or (each.denied_by in ("words", "pair") and said):
            found.append(FoundAlteration(each))
    return tuple(each for each in dict.fromkeys(found) if each.alteration.denied_by)


def is_read(test: GeneticTest, codes: GeneCodes) -> bool:
    """Whether anything that the test names can be a finding."""
    if test.pairs:
        return any(each.pair(*pair) is not None for each in codes.alterations for pair in test.pairs)
    if any(each.gene in test.genes for each in codes.alterations):
        return True
    return any(True for _ in named_by_karyotypes(test.karyotypes, codes))


def named_by_karyotypes(texts: Iterable[str], codes: GeneCodes) -> Iterator[FoundAlteration]:
    """The fusions that texts in ISCN name."""
    for text in texts:
        yield from named_by(_rearrangements(text), codes)


def named_by(rearrangements: Iterable[Rearrangement], codes: GeneCodes) -> Iterator[FoundAlteration]:
    """The fusions that rearrangements are."""
    for rearrangement in rearrangements:
        for each in codes.alterations:
            for pattern, fusion in each.iscn:
                if rearrangement.is_of(pattern):
                    yield FoundAlteration(each, fusion)


def _rearrangements(text: str) -> Sequence[Rearrangement]:
    whole = read_karyotype(text)
    return whole.rearrangements if whole is not None else list(rearrangements_in(text))


def _fusions(test: GeneticTest, codes: GeneCodes) -> list[FoundAlteration]:
    return [
        FoundAlteration(each, fusion)
        for pair in test.pairs
        for each in codes.alterations
        if (fusion := each.pair(*pair)) is not None
    ]


def _changes_within(test: GeneticTest, gene: str, codes: GeneCodes) -> list[FoundAlteration]:
    """The alteration of a gene that the change is: by how it is written, else by words, else any."""
    own = [each for each in codes.alterations if each.gene == gene]
    for each in own:
        if _any_text_says(each.changes, (*test.changes, *test.types)):
            return [FoundAlteration(each)]
    # what is written out says more than the name of the test, which may look for several things
    texts = test.types if test.changes else (*test.types, *test.texts)
    said = [each for each in own if _any_text_says(each.words, _not_denied(texts, codes))]
    if len(said) != 1:
        said = [each for each in own if each.any_change]
    return [FoundAlteration(each) for each in said]


def _not_denied(texts: Iterable[str], codes: GeneCodes) -> list[str]:
    return [text for text in texts if not _any_text_says(codes.denials, (text,))]


def _any_text_says(patterns: Iterable[re.Pattern[str]], texts: Sequence[str]) -> bool:
    return any(pattern.search(text) for pattern in patterns for text in texts)
