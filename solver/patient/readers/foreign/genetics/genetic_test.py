"""One test of genes, as any format writes it: what was looked for or found, in which genes, and in which words.

presence absent, genes (A,), texts ("internal tandem duplication of A")      looked for, and not found
presence present, genes (A, B)                                               a fusion of two genes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from solver.dataclass import dataclass
from solver.library.codes.code_tables import CodeTables
from solver.library.codes.genes.gene_models import GeneCodes, VariantPart, gene_key
from solver.library.codes.models import CodeEntry
from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.readers.foreign.statements import (
    Amount,
    CodedText,
    Coding,
    Faulty,
    PossibleDays,
    ResultStatement,
    ResultValue,
    VariantStatement,
)
from solver.patterns import pattern

_JOINED = pattern(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9]*)::([A-Za-z][A-Za-z0-9]*)")
_HYPHEN = pattern(r"(?<![A-Za-z0-9-])([A-Za-z][A-Za-z0-9]*)-([A-Za-z][A-Za-z0-9]*)(?![A-Za-z0-9-])")
_NAME = pattern(r"[A-Za-z][A-Za-z0-9]*")

GERMLINE, HARMLESS, NO_ALLELE = "is of the germline", "is harmless", "has an allele fraction of 0"
"""Why a variant is no finding of the disease."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class GeneticTest:
    """What a test of genes says.

    `presence` is `present` or `absent`; None where neither is said. `genes` are symbols, each as often as it is named; `pairs` are fusions.
    `changes` describe the change in HGVS, `types` in words, `texts` the test. `karyotypes` are texts in ISCN. `left_out` says why what was
    found is no finding of the disease, `elsewhere` why the test says nothing of the disease at all, and `uncertain` that nobody knows what
    what was found means. `valued` tells that some value was given.
    """

    place: ResourcePlace
    coding: Coding | None
    presence: str | None
    valued: bool = False
    genes: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    changes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    karyotypes: tuple[str, ...] = ()
    days: PossibleDays | Faulty | None = None
    unconfirmed: str | None = None
    left_out: str | None = None
    elsewhere: str | None = None
    uncertain: bool = False
    unknown: tuple[Coding, ...] = ()

    @property
    def source(self) -> FactSource:
        """Where it stands."""
        return FactSource(self.place, self.coding, None if isinstance(self.days, Faulty) else self.days)


def result_as_test(
    statement: ResultStatement, entry: CodeEntry, coding: Coding | None, library: Library
) -> GeneticTest:
    """The test that a result is, by an entry that reads variants."""
    tables = library.codes.tables
    parts = _component_values(statement, tables)
    value = statement.value
    presence = _coded_presence(value, entry, library)
    reader = _Texts(tables)
    of_genes = [reader.gene(each) for each in parts.get("gene", ())]
    own = [statement.code, statement.method, *([value] if isinstance(value, CodedText | str) else [])]
    return reader.test(
        of_genes,
        GeneticTest(
            statement.place,
            coding,
            presence,
            valued=value is not None,
            changes=_texts_of(parts.get("coding", ()), parts.get("protein", ())),
            types=_texts_of(parts.get("type", ()), parts.get("gene", ())),
            texts=_texts_of(own),
            karyotypes=_texts_of(parts.get("iscn", ())),
            days=statement.days,
            unconfirmed=statement.unconfirmed,
            left_out=reader.left_out(parts),
            elsewhere=GERMLINE if reader.means("germline", parts.get("source", ())) else None,
            uncertain=reader.means("uncertain", parts.get("significance", ())),
        ),
    )


def variant_as_test(statement: VariantStatement, library: Library) -> GeneticTest:
    """The test that a variant is. It must be said to be of the disease: what the source leaves open may have been there from birth."""
    reader = _Texts(library.codes.tables)
    changes = _texts_of(statement.changes)
    harmless = reader.means("harmless", [statement.significance])
    nothing = statement.fraction is not None and _is_zero(statement.fraction)
    unsaid = "nothing says that it is of the disease" if statement.somatic is None else GERMLINE
    return reader.test(
        [reader.gene(each) for each in statement.genes],
        GeneticTest(
            statement.place,
            next(iter(statement.code.codings), None),
            statement.presence,
            valued=statement.presence is not None,
            changes=changes,
            types=(*changes, *_texts_of(statement.genes)),
            texts=_texts_of([statement.code]),
            karyotypes=changes,
            days=statement.days,
            unconfirmed=statement.unconfirmed,
            left_out=HARMLESS if harmless else NO_ALLELE if nothing else None,
            elsewhere=None if statement.somatic else unsaid,
            uncertain=reader.means("uncertain", [statement.significance]),
        ),
    )


def studied_genes(statement: ResultStatement, tables: CodeTables) -> frozenset[str]:
    """The symbols of the genes that a result names in its components."""
    reader = _Texts(tables)
    named = [reader.gene(each) for each in _component_values(statement, tables).get("gene", ())]
    return frozenset(each.symbol for each in named if each is not None and each.symbol)


@dataclass(frozen=True, slots=True)
class _NamedGene:
    """A gene that a component names, or the two of a fusion; `coding` is the one that no mapping names."""

    symbol: str | None = None
    pair: Pair | None = None
    coding: Coding | None = None


@dataclass(frozen=True, slots=True)
class _Texts:
    tables: CodeTables

    @property
    def codes(self) -> GeneCodes:
        return self.tables.genes

    def test(self, named: Sequence[_NamedGene | None], test: GeneticTest) -> GeneticTest:
        """A test with the genes and fusions that its components name, else those that its texts do."""
        genes = tuple(each.symbol for each in named if each is not None and each.symbol)
        pairs = [each.pair for each in named if each is not None and each.pair]
        if len(genes) == 2 and not pairs:
            pairs = [(genes[0], genes[1])]
        if not pairs:
            pairs = [pair for text in (*test.types, *test.changes) for pair in self.pairs_in(text)]
            of_test = [pair for text in test.texts for pair in self.pairs_in(text)]
            # the name of a test may name fusions of other genes than the one that this result is of
            pairs += [pair for pair in of_test if not genes or not {*pair}.isdisjoint(genes)]
        if not genes and not pairs:
            texts = (*test.types, *test.texts)
            genes = tuple(dict.fromkeys(gene for text in texts for gene in self.genes_in(text)))
        unknown = tuple(each.coding for each in named if each is not None and each.coding)
        return replace(test, genes=genes, pairs=tuple(dict.fromkeys(map(_ordered, pairs))), unknown=unknown)

    def gene(self, value: ResultValue) -> _NamedGene | None:
        """The gene that a component names: by its id, else by its symbol."""
        code = CodedText(text=value) if isinstance(value, str) else value
        if not isinstance(code, CodedText):
            return None
        displays = [each.display for each in code.codings]
        codes = [each.code for each in code.codings if not (each.code or "").strip().isdigit()]
        given = [[*map(self._gene_id, code.codings)], displays, [code.text], codes]
        forms = [sorted({text for text in texts if text}) for texts in given]
        for texts in forms:
            known = {symbol for text in texts if (symbol := self.codes.genes.get(gene_key(text)))}
            known = known or {symbol for text in texts for symbol in self.genes_in(text)}
            pairs = {_ordered(pair) for text in texts for pair in self.pairs_in(text)}
            if len(pairs) == 1:
                return _NamedGene(pair=pairs.pop())
            if len(known) == 1:
                return _NamedGene(known.pop())
            if pairs or known:
                return None
        unlisted = next((text for texts in (forms[1], forms[2], forms[0], forms[3]) for text in texts), None)
        if unlisted is None:
            return None
        coded = sorted((each for each in code.codings if each.code), key=lambda each: each.code or "")
        return _NamedGene(gene_key(unlisted), coding=next(iter(coded), None))

    def _gene_id(self, coding: Coding) -> str | None:
        """The id of a gene that a coding gives; the register's own codes may leave out what its ids begin with."""
        system = self.tables.system(coding.system)
        bare = coding.code is not None and coding.code.strip().isdigit()
        if bare and system is not None and system.name == self.codes.register:
            return f"{system.name}:{coding.code}"
        return None if bare else coding.code

    def pairs_in(self, text: str) -> Iterator[Pair]:
        """The fusions that a text names: any two names with a double colon between them, and two known ones with a hyphen."""
        known = self.codes.genes
        for one, other in _JOINED.findall(text):
            yield known.get(gene_key(one), gene_key(one)), known.get(gene_key(other), gene_key(other))
        for one, other in _HYPHEN.findall(text):
            if gene_key(one) in known and gene_key(other) in known:
                yield known[gene_key(one)], known[gene_key(other)]

    def genes_in(self, text: str) -> Iterator[str]:
        """The known genes that a text names."""
        for name in _NAME.findall(text):
            if name.upper() == name and (symbol := self.codes.genes.get(name)):
                yield symbol

    def left_out(self, parts: dict[VariantPart, list[ResultValue]]) -> str | None:
        """Why a variant that is present is no finding, if it is none."""
        if self.means("harmless", parts.get("significance", ())):
            return HARMLESS
        fractions = [each for each in parts.get("fraction", ()) if isinstance(each, Amount)]
        if any(each.comparator is None and _is_zero(each.number) for each in fractions):
            return NO_ALLELE
        return None

    def means(self, meaning: str, values: Iterable[ResultValue]) -> bool:
        """Whether a part of a variant means this, by a code, or by a word where no code is known."""
        for value in values:
            codings = value.codings if isinstance(value, CodedText) else ()
            mapped = [self.tables.mapped(each) for each in codings]
            known = [
                self.codes.values[code] for code in mapped if code is not None and code in self.codes.values
            ]
            if meaning in known:
                return True
            if not known and any(
                word.search(text)
                for word in self.codes.value_words.get(meaning, ())
                for text in _texts_of([value])
            ):
                return True
        return False


def _component_values(statement: ResultStatement, tables: CodeTables) -> dict[VariantPart, list[ResultValue]]:
    """The values of the components of a variant, by what each says of it."""
    found: dict[VariantPart, list[ResultValue]] = {}
    for component in statement.components:
        mapped = [tables.mapped(each) for each in component.code.codings]
        known = (tables.genes.parts.get(code) for code in mapped if code is not None)
        part = next((each for each in known if each is not None), None)
        if part is not None and component.value is not None and not isinstance(component.value, Faulty):
            found.setdefault(part, []).append(component.value)
    return found


def _coded_presence(value: ResultValue | Faulty | None, entry: CodeEntry, library: Library) -> str | None:
    """What a coded answer says of the presence; None if it says neither, or both."""
    if not isinstance(value, CodedText):
        return None
    found = {library.codes.answer(entry, each) for each in value.codings} - {None}
    return str(next(iter(found))) if len(found) == 1 else None


def _texts_of(*values: Iterable[ResultValue]) -> tuple[str, ...]:
    """Every text of some values, with blanks for underscores."""
    found: list[str] = []
    for each in (value for group in values for value in group):
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, CodedText):
            found += [text for coding in each.codings for text in (coding.code, coding.display) if text]
            found += [each.text] if each.text else []
    return tuple(dict.fromkeys(text.replace("_", " ") for text in found))


def _ordered(pair: Pair) -> Pair:
    return min(pair), max(pair)


def _is_zero(number: str) -> bool:
    try:
        return Fraction(number) == 0
    except (ValueError, ZeroDivisionError):
        return False
