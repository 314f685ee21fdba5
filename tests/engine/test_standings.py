"""How an open clause stands is kept from one record to the next only where the same is possible of what it speaks of."""

from __future__ import annotations

from pathlib import Path

from solver.library.load import load_library
from solver.patient.readers.native.read import record_from
from tests.support.libraries.small_library import TRIAL, folder
from tests.support.records.matchers import Undated

CLAUSES = """\
clauses:
  - {id: I1, label: l, source: S, class: objective, changes: treat, require: smoker}
  - {id: I2, label: l, source: S, class: objective, changes: treat, require: grade < 5 and kind == AML or grade >= 5 and kind == AML}
"""


def test_what_is_kept_of_a_clause_is_not_told_of_other_values(tmp_path: Path) -> None:
    """Whatever the grade, the clause is met with AML and not met with MDS; it is open of whom no kind is known."""
    files = {"trials/one.yaml": TRIAL.partition("readings:\n")[0] + CLAUSES}
    matcher = Undated(load_library(folder(tmp_path, files), cached=False))
    kinds = {"met": {"kind": "AML"}, "open": {}, "not_met": {"kind": "MDS"}}
    for status in [*kinds, *reversed(kinds)]:
        facts = {"smoker": False, **kinds[status]}
        record = record_from({"id": "p", "as_of": "2026-11-20", "facts": facts}, matcher.library)
        (answer,) = matcher.match(record).trials
        assert [each.status for each in answer.clauses] == ["not_met", status]
