"""Tissue types: the alleles of a locus, of the patient's own cells.

    HLA-A*02:01+HLA-A*24:02              both alleles
    A*02:01/A*02:09+A*24:02              of what is ambiguous, what all alternatives share: A*02, and A*24:02

After cells of a donor have come, blood shows the donor's type: only a specimen from before, or of a tissue without such cells, counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import takewhile

from solver.language.types import ListType
from solver.library.models import Library, Variable
from solver.patient.readers.foreign.gathered import Candidate, FactSource, Gathered, Mention
from solver.patient.readers.foreign.genetics.read_results import (
    EntryResult,
    texts_of,
    unusable_day,
)
from solver.patient.readers.foreign.statements import Faulty, PossibleDays
from solver.patterns import pattern

_COPIES = pattern(r"[+^~,;\s]+")
_AMBIGUITY = "GP"
_EXPRESSION = pattern(r"[NLSCAQ]$")
_FIELDS = r"(?::\d{2,4}){0,3}[A-Z]?(?![A-Za-z0-9])"


def gather_tissue_types(results: Iterable[EntryResult], gathered: Gathered, library: Library) -> None:
    """Gather the alleles that tissue typing found; transplants must have been gathered."""
    for result in results:
        variable = library.variables.get(result.entry.variable or "")
        if variable is not None and isinstance(variable.type, ListType) and variable.groups is not None:
            _read_typing(result, variable, gathered, library)


def _read_typing(result: EntryResult, variable: Variable, gathered: Gathered, library: Library) -> None:
    statement, account = result.statement, gathered.account
    place = statement.place
    if statement.unconfirmed:
        account.note(place, "unconfirmed", statement.unconfirmed, variable.name)
        mention = Mention(place, statement.unconfirmed, frozenset({variable.name}), unconfirmed=True)
        gathered.mentions.append(mention)
        return
    values = [statement.value, *(each.value for each in statement.components)]
    found = _alleles(values, variable)
    if isinstance(found, str):
        account.note(place, "value", found)
        return
    wrong = unusable_day(statement.days, gathered.as_of)
    if wrong is not None:
        account.note(place, *wrong)
        return
    days = None if isinstance(statement.days, Faulty) else statement.days
    if not _is_own(result, statement.specimen_days or days, gathered, library):
        account.note(place, "donor", "may show the cells of a donor")
        return
    source = FactSource(place, result.coding, days)
    fact = {"value": found}
    gathered.candidates.append(
        Candidate(variable.name, fact, source, days, entry=result.entry.id, lasting=True)
    )


def _alleles(values: Sequence[object], variable: Variable) -> list[str] | str:
    """The alleles that values give, in order; else why there are none."""
    found: list[str] = []
    for value in values:
        forms = [alleles for text in texts_of(value) if (alleles := sorted(alleles_in(text, variable)))]
        if len({tuple(allele.partition(":")[0] for allele in alleles) for alleles in forms}) > 1:
            return f"its codes and texts name different entries of {variable.name}"
        found += max(forms, key=lambda alleles: ("".join(alleles).count(":"), alleles), default=[])
    assert variable.groups is not None
    if not all(_is_known(each, variable) for each in found):
        return f"{variable.groups.label} unknown"
    if not found:
        return f"names no entry of {variable.name}"
    if variable.most is not None and len(found) > variable.most:
        return f"names {len(found)} entries of {variable.name}, and there are at most {variable.most}"
    return sorted(found)


def alleles_in(text: str, variable: Variable) -> list[str]:
    """The alleles of a text, each copy once; of alternatives what all share."""
    genotypes = [
        [shared for copy in _COPIES.split(genotype) if (shared := _shared_copy(copy, variable))]
        for genotype in text.split("|")
    ]
    return reduce(_shared_genotype, genotypes) if genotypes else []


def _shared_copy(copy: str, variable: Variable) -> str | None:
    """What the alternatives of one copy share; None if they share nothing, or one is of another locus."""
    found: list[str] = []
    for alternative in copy.split("/"):
        allele = _allele_pattern(variable).search(alternative)
        if allele is None:
            return None
        found.append(allele[0])
    return reduce(_shared_fields, found) or None


def _shared_genotype(one: list[str], other: list[str]) -> list[str]:
    """What two alternative genotypes share, copy by copy."""
    left, found = list(other), []
    for allele in one:
        best = max(left, key=lambda each: len(_shared_fields(allele, each)), default="")
        if shared := _shared_fields(allele, best):
            left.remove(best)
            found.append(shared)
    return found


def _shared_fields(one: str, other: str) -> str:
    """The fields that two alleles share. Of those that are not expressed alike nothing is left, for what is shared would say that it is."""
    if one == other:
        return one
    if _EXPRESSION.search(one) or _EXPRESSION.search(other):
        return ""
    fields = zip(one.rstrip(_AMBIGUITY).split(":"), other.rstrip(_AMBIGUITY).split(":"), strict=False)
    return ":".join(first for first, _ in takewhile(lambda pair: pair[0] == pair[1], fields))


def _allele_pattern(variable: Variable) -> re.Pattern[str]:
    """The pattern of an allele of the locus, whatever its group: what the pattern of the variable begins with, and its fields."""
    locus = (variable.pattern or "").partition("(")[0]
    return re.compile(rf"(?<![A-Za-z0-9*]){locus}\d{{2}}{_FIELDS}", re.ASCII)


def _is_known(allele: str, variable: Variable) -> bool:
    strip = re.escape(variable.strip)
    return re.fullmatch(f"(?:{strip})?(?:{variable.pattern})", allele, re.ASCII) is not None


def _is_own(result: EntryResult, days: PossibleDays | None, gathered: Gathered, library: Library) -> bool:
    """Whether the specimen holds the patient's own cells: of such a tissue, or from before cells of a donor came."""
    codes, statement = library.codes.tables.genes, result.statement
    for tissue in (statement.specimen, statement.body_site):
        mapped = [library.codes.tables.mapped(each) for each in tissue.codings]
        if any(code in codes.own_tissue for code in mapped):
            return True
        if any(word.search(text) for word in codes.own_tissue_words for text in texts_of(tissue)):
            return True
    return all(
        start is not None and days is not None and days.last is not None and days.last < start
        for start in _starts_of_donors(gathered, library)
    )


def _starts_of_donors(gathered: Gathered, library: Library) -> list[int | None]:
    """The first day on which each event may have been that may have brought cells of a donor; None: any day."""
    tree, after = library.concepts, library.codes.tables.genes.donor_after
    if after is None or after not in tree:
        return []
    starts: list[int | None] = []
    for event in gathered.events:
        if event.concept is not None and event.concept in tree and tree.overlap(event.concept, after):
            days = [each.days for each in event.sources]
            firsts = [each.first if each is not None else None for each in days] or [None]
            starts.append(None if None in firsts else min(first for first in firsts if first is not None))
    for candidate in gathered.candidates:
        meaning = library.variables[candidate.variable].means
        term = meaning.term if meaning is not None else None
        if term is None or term.of is None or term.question not in ("ever", "times"):
            continue
        if tree.overlap(term.of.concept, after) and _is_some(candidate.fact):
            starts.append(None)
    return starts


def _is_some(fact: object) -> bool:
    """Whether a fact says that there was something: more than none, or true."""
    if not isinstance(fact, dict):
        return False
    least = fact.get("value", fact.get("min"))
    return least is True or (least is not None and least is not False and str(least) not in ("0", "None"))
