"""Which test settles most of a cohort, from the open pairs of each patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from solver.engine.answer import Subsets
from solver.engine.case import Engine
from solver.library.models import Trial
from solver.patient.record import Record
from solver.questions.plan.answer import BestTests, CohortTest, PlanAnswer
from solver.questions.plan.best_tests import best_tests
from solver.questions.plan.pairs import OpenPair, open_pairs
from solver.screen.output_rows import OutputRow


@dataclass
class PlanTally:
    """Counts of a cohort, patient by patient; `sets` are the deciding sets of the open pairs, with how many pairs have them."""

    patients: int = 0
    errors: int = 0
    judged: int = 0
    pairs: int = 0
    incomplete: int = 0
    sets: Counter[Subsets] = field(default_factory=Counter)
    bears: Counter[str] = field(default_factory=Counter)
    settles: Counter[str] = field(default_factory=Counter)
    can_end: Counter[str] = field(default_factory=Counter)
    can_open: Counter[str] = field(default_factory=Counter)

    def add(self, row: OutputRow) -> None:
        """Count one patient."""
        self.patients += 1
        self.errors += row["error"] is not None
        if row["pairs"] is not None:
            self.judged += 1
            self._add_pairs(row["pairs"])

    def _add_pairs(self, pairs: Sequence[OpenPair]) -> None:
        bearing = set[str]()
        for pair in pairs:
            self.pairs += 1
            self.incomplete += not pair.complete
            self.sets[pair.sets] += 1
            for each in pair.effects:
                bearing.update([each.test] if each.bears or each.can_end or each.can_open else [])
                self.settles[each.test] += each.settles
                self.can_end[each.test] += each.can_end is True
                self.can_open[each.test] += each.can_open is True
        self.bears.update(bearing)

    def tests(self, engine: Engine) -> list[CohortTest]:
        """The tests that bear on an open pair, best first."""
        found = [
            CohortTest(
                test,
                engine.covers.library.tests[test].label,
                engine.covers.weight(test),
                count,
                self.settles[test],
                self.can_end[test],
                self.can_open[test],
            )
            for test, count in self.bears.items()
        ]
        return sorted(
            found, key=lambda each: (-each.settles, -each.can_end - each.can_open, each.burden, each.test)
        )


def planned(
    engine: Engine,
    trials: Sequence[Trial],
    rows: Iterable[OutputRow],
    *,
    burden: int | None = None,
    ignored: Sequence[str] = (),
) -> PlanAnswer:
    """What the rows of a cohort come to; with `burden` also the best tests that weigh no more for each patient."""
    tally = PlanTally()
    for row in rows:
        tally.add(row)
    best: BestTests | None = None
    if burden is not None:
        best = best_tests(engine.covers, tally.sets, burden, complete=not tally.incomplete)
    return PlanAnswer(
        engine.version,
        tuple(trial.code for trial in trials),
        tally.patients,
        tally.errors,
        tally.judged,
        tally.pairs,
        tally.incomplete,
        tuple(tally.tests(engine)),
        best,
        tuple(ignored),
        site=engine.library.site,
    )


def plan_cohort(
    engine: Engine,
    records: Iterable[Record],
    trials: Iterable[str] | None = None,
    *,
    burden: int | None = None,
) -> PlanAnswer:
    """Which test settles most of the patients of these records, which were read with the engine's library; `trials` as for `match`.

    With `burden` also the best tests within it. Raises `InputError` for a trial that is not known.
    """
    chosen = engine.chosen(trials)
    codes = tuple(trial.code for trial in chosen)
    rows = ({"error": None, "pairs": open_pairs(engine, record, codes)} for record in records)
    return planned(engine, chosen, rows, burden=burden)
