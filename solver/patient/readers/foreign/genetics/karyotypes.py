"""Karyotypes: whether every clone is normal, and the fusions that rearrangements name.

What was abnormal stays so, as a finding stays found: a normal result after it leaves open which holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.dataclass import dataclass
from solver.library.codes.genes.iscn import Karyotype, read_karyotype
from solver.library.codes.models import CodeEntry
from solver.library.models import Library
from solver.patient.account import ConflictRow
from solver.patient.readers.foreign.gathered import Candidate, FactSource, Gathered, Mention
from solver.patient.readers.foreign.genetics.found_alterations import FoundAlteration, named_by
from solver.patient.readers.foreign.genetics.over_time import DatedResult, weigh
from solver.patient.readers.foreign.genetics.read_results import (
    EntryResult,
    results_read_as,
    texts_of,
    unusable_day,
)
from solver.patient.readers.foreign.statements import CodedText, Faulty, ResultStatement

NORMAL, ABNORMAL = "normal", "abnormal"
"""The values of a variable of karyotypes."""


@dataclass(frozen=True, slots=True)
class NamedFusion:
    """A fusion that karyotypes name."""

    found: FoundAlteration
    source: FactSource


def gather_karyotypes(
    results: Iterable[EntryResult], gathered: Gathered, library: Library
) -> list[NamedFusion]:
    """Gather the facts of karyotypes; the fusions that they name are returned."""
    reader = _KaryotypeReader(gathered, library)
    for result in results:
        reader.read(result)
    reader.settle()
    return reader.fusions


class _KaryotypeReader:
    def __init__(self, gathered: Gathered, library: Library) -> None:
        self.gathered = gathered
        self.library = library
        self.results: dict[str, list[DatedResult]] = {}
        self.entries: dict[str, str] = {}
        self.fusions: list[NamedFusion] = []

    def read(self, result: EntryResult) -> None:
        """Gather what one result says, or note why it says nothing."""
        statement, variable = result.statement, result.entry.variable
        account, place = self.gathered.account, statement.place
        if variable is None:
            return
        variants = self._variant_entries(result.whole)
        seen = _written_karyotype(statement.value)
        if variants and (seen is None or not self._is_seen(result, variants, seen)):
            return
        if statement.unconfirmed:
            account.note(place, "unconfirmed", statement.unconfirmed, variable)
            mention = Mention(place, statement.unconfirmed, frozenset({variable}), unconfirmed=True)
            self.gathered.mentions.append(mention)
            return
        if seen is None:
            faulty = isinstance(statement.value, Faulty)
            account.note(place, "value", statement.value.reason if faulty else "is not written in ISCN")  # type: ignore[union-attr]
            return
        wrong = unusable_day(statement.days, self.gathered.as_of)
        if wrong is not None:
            account.note(place, *wrong)
            return
        days = None if isinstance(statement.days, Faulty) else statement.days
        source = FactSource(place, result.coding, days)
        self.entries[variable] = result.entry.id
        self.results.setdefault(variable, []).append(DatedResult(variable, not seen.normal, source))
        if not variants:
            # the fusions that a variant names are read with it
            named = named_by(seen.rearrangements, self.library.codes.tables.genes)
            self.fusions += [NamedFusion(each, source) for each in named]

    def _variant_entries(self, whole: ResultStatement | None) -> list[CodeEntry]:
        """The entries that read a result as a variant, of which clones are a component."""
        found = results_read_as([whole] if whole else [], self.library, "variant")["variant"]
        return [each.entry for each in found if each.whole is None]

    def _is_seen(self, result: EntryResult, variants: Iterable[CodeEntry], seen: Karyotype) -> bool:
        """Whether the clones that describe a variant were seen: where it is there or has no value, or is not there and they are normal."""
        whole = result.whole
        if whole is None or whole.value is None:
            return True
        codings = whole.value.codings if isinstance(whole.value, CodedText) else ()
        answers = {self.library.codes.answer(entry, code) for entry in variants for code in codings} - {None}
        return answers == {"present"} or (answers == {"absent"} and seen.normal)

    def settle(self) -> None:
        """Gather what counts of each variable."""
        account = self.gathered.account
        for variable, results in self.results.items():
            weighed = weigh(results, lambda absent, present: absent == present)
            for each in weighed.superseded:
                account.note(each.source.place, "superseded", f"a later {variable} counts")
            for each in weighed.undated:
                account.note(each.source.place, "undated", f"{variable} of a known day counts")
            values = [ABNORMAL if each.present else NORMAL for each in weighed.counting]
            distinct = sorted(set(values))
            first, *others = sorted((each.source for each in weighed.counting), key=source_order)
            fact = {"value": distinct[0]} if len(distinct) == 1 else {"one_of": distinct}
            if len(distinct) > 1:
                note_conflict(
                    self.gathered, variable, weighed.conflicts, "was abnormal, and is normal on another test"
                )
            self.gathered.candidates.append(
                Candidate(
                    variable,
                    fact,
                    first,
                    first.days,
                    entry=self.entries[variable],
                    lasting=True,
                    also=tuple(others),
                )
            )


def note_conflict(
    gathered: Gathered, variable: str, conflicts: Sequence[tuple[DatedResult, DatedResult]], text: str
) -> None:
    """Note that what was found, and what was not, cannot both be: one row and one warning for the variable."""
    places = sorted({each.source.place.at for pair in conflicts for each in pair})
    later = any(other.wholly_after(one) for one, other in conflicts)
    kind = "other-day" if later else "same-day"
    gathered.account.conflicts.append(ConflictRow(variable, kind, tuple(places), text))
    gathered.warnings.append((kind, variable, f"{variable} {text}: either may hold"))


def source_order(source: FactSource) -> tuple[int, str, str, str]:
    """What orders sources, the latest first, whatever their order in the export."""
    last = source.days.last if source.days is not None and source.days.last is not None else 0
    code = source.coding.code if source.coding is not None else None
    return -last, source.place.id or "", code or "", source.place.at


def _written_karyotype(value: object) -> Karyotype | None:
    """The karyotypes that a value writes; None if it writes none, or texts of it differ."""
    found = {seen for text in texts_of(value) if (seen := read_karyotype(text)) is not None}
    return found.pop() if len(found) == 1 else None
