"""What tests of genes, chromosomes and tissue types say. It rests on the history, which tells when cells of a donor came."""

from __future__ import annotations

from collections.abc import Sequence

from solver.library.models import Library
from solver.patient.readers.foreign.gathered import Gathered
from solver.patient.readers.foreign.genetics.hla import gather_tissue_types
from solver.patient.readers.foreign.genetics.karyotypes import gather_karyotypes
from solver.patient.readers.foreign.genetics.read_results import results_read_as
from solver.patient.readers.foreign.genetics.variants import gather_variants
from solver.patient.readers.foreign.statements import SourceStatement


def gather_genetics(statements: Sequence[SourceStatement], gathered: Gathered, library: Library) -> None:
    """Gather findings and facts from all statements of variants, karyotypes and tissue types.

    The events of the history must have been gathered.
    """
    results = results_read_as(statements, library, "iscn", "variant", "hla")
    named = gather_karyotypes(results["iscn"], gathered, library)
    gather_variants(statements, results["variant"], named, gathered, library)
    gather_tissue_types(results["hla"], gathered, library)
