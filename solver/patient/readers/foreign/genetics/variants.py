"""Variants and fusions: what was found in the genes of the disease, or was looked for and not found.

gene A present, with a duplication        a finding of A's duplication
gene A absent                             no finding but of any change of A, unless the test says what it looked for
genes A and B present                     the fusion of both, if one is known
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from solver.dataclass import dataclass
from solver.library.codes.genes.gene_models import Alteration
from solver.library.models import Library
from solver.patient.account import Outcome
from solver.patient.readers.foreign.door import day_text
from solver.patient.readers.foreign.gathered import (
    Candidate,
    FactSource,
    Gathered,
    GatheredEvent,
    Mention,
)
from solver.patient.readers.foreign.genetics.found_alterations import (
    FoundAlteration,
    denied_in,
    found_in,
    is_read,
)
from solver.patient.readers.foreign.genetics.genetic_test import (
    GeneticTest,
    result_as_test,
    studied_genes,
    variant_as_test,
)
from solver.patient.readers.foreign.genetics.karyotypes import NamedFusion, note_conflict, source_order
from solver.patient.readers.foreign.genetics.over_time import DatedResult, Weighed, weigh
from solver.patient.readers.foreign.genetics.read_results import EntryResult, unusable_day
from solver.patient.readers.foreign.statements import ReportStatement, SourceStatement, VariantStatement
from solver.text import clean, shorten

_FINDINGS = "findings"


def gather_variants(
    statements: Sequence[SourceStatement],
    results: Sequence[EntryResult],
    named: Iterable[NamedFusion],
    gathered: Gathered,
    library: Library,
) -> None:
    """Gather findings, and facts of variables, from variants, and from the fusions that karyotypes name."""
    reader = _VariantReader(gathered, library)
    for fusion in named:
        reader.add(fusion.found, True, fusion.source)
    variants = [each for each in results if each.entry.answers]
    tests = [
        (
            each.statement.place.at,
            each.statement.panels,
            result_as_test(each.statement, each.entry, each.coding, library),
        )
        for each in variants
    ]
    for _, _, test in tests:
        reader.read(test)
    for statement in statements:
        if isinstance(statement, VariantStatement):
            reader.read(variant_as_test(statement, library))
    reports = [each for each in statements if isinstance(each, ReportStatement)]
    for each in results:
        if not each.entry.answers:
            reader.read_panel(each, reports, tests)
    reader.settle()


@dataclass
class _VariantReader:
    gathered: Gathered
    library: Library
    findings: list[DatedResult] = field(default_factory=list)
    fusions: dict[str, list[tuple[int, DatedResult]]] = field(default_factory=dict)

    def read(self, test: GeneticTest) -> None:
        """Gather what a test finds or denies, or note why it does neither."""
        codes, account = self.library.codes.tables.genes, self.gathered.account
        # clones that are written out without a value are what was seen
        seen = test.presence == "present" or (not test.valued and bool(test.karyotypes))
        found = found_in(test, codes) if seen else denied_in(test, codes) if test.presence == "absent" else ()
        if not found and not is_read(test, codes):
            self._note_unknown(test)
            return
        wrong = self._reason_unusable(test, found)
        if wrong is not None:
            account.note(test.place, *wrong)
            if wrong[0] == "unconfirmed":
                self._note_mention(test, found, wrong[1])
            return
        for each in found:
            self.add(each, seen, test.source)

    def add(self, found: FoundAlteration, present: bool, source: FactSource) -> None:
        """Take a result."""
        alteration = found.alteration
        if alteration.finding is not None:
            self.findings.append(DatedResult(alteration.finding, present, source))
        else:
            result = DatedResult(f"{alteration.id}:{found.fusion}", present, source)
            self.fusions.setdefault(alteration.id, []).append((found.fusion, result))

    def read_panel(
        self,
        panel: EntryResult,
        reports: Iterable[ReportStatement],
        tests: Iterable[tuple[str, frozenset[str], GeneticTest]],
    ) -> None:
        """Gather what a report that names the genes studied denies: changes of those of which it has no variant."""
        statement, account = panel.statement, self.gathered.account
        studied = studied_genes(statement, self.library.codes.tables)
        denied: list[Alteration] = []
        for report in reports:
            if not report.final or statement.place.at not in report.results:
                continue
            of_report = {statement.place.at, report.place.at, *report.results}
            with_variant = {
                gene
                for at, panels, test in tests
                if at in of_report or panels & of_report
                for gene in (*test.genes, *(gene for pair in test.pairs for gene in pair))
            }
            denied += [
                each
                for each in self.library.codes.tables.genes.alterations
                if each.studied and each.gene in studied and each.gene not in with_variant
            ]
        wrong = unusable_day(statement.days, self.gathered.as_of)
        if statement.unconfirmed:
            account.note(statement.place, "unconfirmed", statement.unconfirmed)
        elif not denied:
            account.note(statement.place, "not-a-state", "names what was studied, which denies nothing here")
        elif wrong is not None:
            account.note(statement.place, *wrong)
        else:
            days = statement.days
            source = FactSource(statement.place, panel.coding, None if days is None or wrong else days)  # type: ignore[arg-type]
            for each in dict.fromkeys(denied):
                self.add(FoundAlteration(each), False, source)

    def settle(self) -> None:
        """Gather what counts of each finding and each variable."""
        tree = self.library.concepts
        weighed = weigh(self.findings, lambda absent, present: present in tree.narrower(absent))
        self._note_left_out(weighed)
        for concept in dict.fromkeys(one.key for one, _ in weighed.conflicts):
            conflicts = [pair for pair in weighed.conflicts if pair[0].key == concept]
            name = next(iter(sorted(self._variables_settled(concept, True))), concept)
            note_conflict(self.gathered, name, conflicts, "was found, and not on another test")
        entries: dict[tuple[str, bool, str | None], list[FactSource]] = {}
        for each in weighed.counting:
            date = day_text(each.days) if each.days is not None and each not in weighed.undone else None
            entries.setdefault((each.key, each.present, date), []).append(each.source)
            self.gathered.account.used(each.source.place, *self._variables_settled(each.key, each.present))
        for (concept, present, date), sources in entries.items():
            document: dict[str, object] = {"is": concept, "present": present}
            if date is not None:
                document["date"] = date
            ordered = tuple(sorted(dict.fromkeys(sources), key=source_order))
            self.gathered.events.append(GatheredEvent(_FINDINGS, document, concept, ordered))
        for alteration in self.library.codes.tables.genes.alterations:
            if alteration.id in self.fusions:
                self._settle_fusions(alteration, self.fusions[alteration.id])

    def _settle_fusions(self, alteration: Alteration, results: Sequence[tuple[int, DatedResult]]) -> None:
        """Gather the fact of a variable that is true if one of some fusions was found, and false if each was not."""
        variable = alteration.variable
        assert variable is not None
        weighed = weigh([each for _, each in results], lambda absent, present: absent == present)
        self._note_left_out(weighed)
        said = {
            f"{alteration.id}:{i}": {
                each.present for each in weighed.counting if each.key == f"{alteration.id}:{i}"
            }
            for i in range(len(alteration.fusions))
        }
        if {True} in said.values():
            values = [True]
        elif all(each == {False} for each in said.values()):
            values = [False]
        elif any(each == {True, False} for each in said.values()):
            values = [False, True]
            note_conflict(self.gathered, variable, weighed.conflicts, "was found, and not on another test")
        else:
            reason = f"denies one fusion of those that {variable} may be"
            for each in weighed.counting:
                self.gathered.account.note(each.source.place, "not-a-state", reason)
            return
        telling = [each for each in weighed.counting if each.present in values]
        for each in weighed.counting:
            if each not in telling:
                self.gathered.account.note(
                    each.source.place, "superseded", f"{variable} rests on another fusion"
                )
        first, *others = sorted(dict.fromkeys(each.source for each in telling), key=source_order)
        fact = {"value": values[0]} if len(values) == 1 else {"one_of": values}
        self.gathered.candidates.append(
            Candidate(variable, fact, first, first.days, lasting=True, also=tuple(others))
        )

    def _reason_unusable(
        self, test: GeneticTest, found: Sequence[FoundAlteration]
    ) -> tuple[Outcome, str] | None:
        """Why a test is not used, if it is not."""
        if test.unconfirmed:
            return "unconfirmed", test.unconfirmed
        if test.presence != "absent" and test.uncertain:
            return "unconfirmed", "its significance is uncertain"
        left_out = test.elsewhere or (test.left_out if test.presence != "absent" else None)
        if left_out:
            return "not-a-state", left_out
        if test.presence is None and not found:
            return "value", "says neither present nor absent"
        if not found:
            what = "what it looked for" if test.presence == "absent" else "what was found"
            return "not-a-state", f"does not say {what}"
        return unusable_day(test.days, self.gathered.as_of)

    def _note_mention(self, test: GeneticTest, found: Sequence[FoundAlteration], reason: str) -> None:
        if test.presence == "absent" or test.left_out or test.elsewhere:
            return
        concepts = frozenset(each.alteration.finding for each in found if each.alteration.finding)
        named = frozenset(each.alteration.variable for each in found if each.alteration.variable)
        variables = named.union(*(self._variables_settled(each, True) for each in concepts))
        self.gathered.account.note(test.place, "unconfirmed", reason, *variables)
        self.gathered.mentions.append(Mention(test.place, reason, variables, concepts, unconfirmed=True))

    def _note_unknown(self, test: GeneticTest) -> None:
        account = self.gathered.account
        for coding in test.unknown:
            account.unknown_codes[shorten(coding.system or ""), shorten(coding.code or "")] += 1
        told = ", ".join(sorted(shorten(clean(each.code or "")) for each in test.unknown))
        account.note(
            test.place, "unknown-code", f"no finding is of {told}" if told else "names no gene that is read"
        )

    def _note_left_out(self, weighed: Weighed) -> None:
        for each in weighed.superseded:
            self.gathered.account.note(each.source.place, "superseded", "a later result counts")
        for each in weighed.undated:
            self.gathered.account.note(each.source.place, "undated", "a result of a known day counts")

    def _variables_settled(self, concept: str, present: bool) -> frozenset[str]:
        """The variables that a finding makes true, or one that is denied makes false."""
        tree = self.library.concepts
        bearing = tree.broader(concept) if present else tree.narrower(concept)
        return frozenset(
            name
            for name, variable in self.library.variables.items()
            if variable.means is not None
            and variable.means.term is not None
            and variable.means.term.question == "present"
            and variable.means.term.of is not None
            and variable.means.term.of.concept in bearing
        )
