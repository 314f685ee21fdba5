"""A library with a tree of concepts and variables that mean them, for worked examples of a few clauses."""

from __future__ import annotations

from pathlib import Path

from solver.library.load import load_library
from solver.library.models import Library
from tests.support.libraries.concept_library import CONCEPTS
from tests.support.libraries.small_library import folder

AS_OF = "2026-11-20"
MORE = """\
  - {id: kymriah, kind: therapy, label: tisagenlecleucel, broader: [car_t], names: [Kymriah]}
  - {id: tp53, kind: finding, label: TP53 mutation}
"""
VOCABULARY = """\
variables:
  - name: planned
    type: date
    absent: as_of
    requested: false
    label: planned first dose
    changes: time
    about: Planned.
  - name: alt
    type: quantity
    unit: U/L
    label: ALT
    changes: test
    about: ALT in serum.
    reference: {uln: [20 U/L, 100 U/L], lln: [1 U/L, 19 U/L]}
  - {name: sex, type: enumeration, values: [F, M], label: sex, changes: never, about: Sex.}
  - {name: birth, type: date, past: true, label: birth, changes: never, about: Birth.}
  - {name: grade, type: integer, label: grade, changes: treat, about: A grade.}
  - {name: fit, type: boolean, label: fit, changes: treat, about: Fit.}
  - name: disease
    type: concept
    kind: diagnosis
    values: [AML, MDS]
    label: disease
    changes: never
    about: The disease treated now.
  - {name: had_car_t, type: boolean, means: ever(car_t), label: had CAR-T, changes: never, about: CAR-T.}
  - name: cd20_until
    type: date
    past: true
    means: last_end(anti_cd20)
    label: last anti-CD20
    changes: time
    about: Last day.
  - {name: drugs, type: list, names: open, means: therapies, closes: [car_t], label: drugs, changes: never, about: Drugs.}
"""
THEORY = """\
definitions:
  - {name: first_dose, label: d, is: if planned > as_of then planned else as_of, source: s, about: a.}
  - {name: age, label: age, is: 'completed_years(birth, as_of)', source: s, about: a.}
registers:
  - list: drugs
    source: book
    unrecognised: {id: ODD-NAME, text: '{entry} is unheard of.'}
    unclosed: '{entry} is unheard of; the list closes nothing.'
"""
TRIAL = """\
trial: NCT00000001
code: T
title: A trial
intervention: none
recruitment: recruiting
criteria: full
sources: []
cohorts:
  A: {label: All}
clauses:
"""


def library_of(base: Path, *clauses: str, theory: str = THEORY) -> Library:
    """A library with a trial of these clauses."""
    written = TRIAL
    for i, clause in enumerate(clauses):
        written += (
            f"  - {{id: I{i}, label: c, source: s, class: objective, changes: time, require: '{clause}'}}\n"
        )
    files = {"vocabulary/all.yaml": VOCABULARY, "theory/all.yaml": theory, "trials/one.yaml": written}
    where = folder(base, files)
    (where / "concepts").mkdir()
    (where / "concepts" / "all.yaml").write_text(CONCEPTS + MORE, encoding="utf-8")
    return load_library(where, cached=False)
