"""A small library with a tree of concepts, in a folder of its own, which tests change before they load it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from solver.library.load import load_library
from solver.library.models import Library
from tests.support.libraries.small_library import folder

CONCEPTS = """\
concepts:
  - {id: antibody, kind: therapy, label: antibody}
  - id: anti_cd20
    kind: therapy
    label: anti-CD20 treatment
    broader: [antibody]
    half_life: 30 d
  - id: rituximab
    kind: therapy
    label: rituximab
    broader: [anti_cd20]
    names: [Rituxan, MabThera]
    codes: {RxNorm: ["121191"]}
    half_life: 528 h
  - {id: obinutuzumab, kind: therapy, label: obinutuzumab, broader: [anti_cd20], names: [Gazyva]}
  - {id: cell_therapy, kind: therapy, label: cellular therapy, lasts: day}
  - {id: car_t, kind: therapy, label: CAR-T cells, broader: [cell_therapy]}
  - {id: car_nk, kind: therapy, label: CAR-NK cells, broader: [cell_therapy]}
  - {id: anti_cd123, kind: therapy, label: treatment against CD123}
  - {id: cd123_car, kind: therapy, label: CAR against CD123, broader: [car_t, anti_cd123], lasts: day}
  - {id: hma, kind: therapy, label: hypomethylating agent}
  - {id: azacitidine, kind: therapy, label: azacitidine, broader: [hma], names: [Vidaza], half_life: 1 h}
  - {id: malignancy, kind: condition, label: malignancy}
  - {id: skin_cancer, kind: condition, label: skin cancer, broader: [malignancy]}
  - {id: basal_cell_carcinoma, kind: condition, label: basal cell carcinoma, broader: [skin_cancer]}
  - {id: cervix_in_situ, kind: condition, label: carcinoma in situ of the cervix, broader: [malignancy]}
  - {id: hiv, kind: condition, label: HIV infection, lasts: life, codes: {ICD10: [B24]}}
  - {id: infarct, kind: condition, label: myocardial infarction, lasts: day}
  - {id: flt3, kind: finding, label: FLT3 mutation}
  - {id: flt3_itd, kind: finding, label: FLT3-ITD, broader: [flt3], level: '1'}
  - {id: flt3_tkd, kind: finding, label: FLT3-TKD, broader: [flt3]}
  - {id: AML, kind: diagnosis, label: AML, broader: [malignancy], codes: {ICD10: [C92.0]}}
  - {id: APL, kind: diagnosis, label: APL, broader: [AML], codes: {ICD10: [C92.4]}}
  - {id: MDS, kind: diagnosis, label: MDS, broader: [malignancy]}
"""

VOCABULARY = """\
variables:
  - {name: first_dose, type: date, label: first dose, changes: time, about: First dose.}
  - {name: birth, type: date, past: true, label: birth, changes: never, about: Birth.}
  - {name: fit, type: boolean, label: fit, changes: treat, about: Fit.}
  - {name: grade, type: integer, label: a grade, changes: treat, about: A grade.}
  - name: alt
    type: quantity
    unit: U/L
    label: ALT
    changes: test
    about: ALT in serum.
    reference: {uln: [20 U/L, 100 U/L]}
  - {name: weight, type: quantity, unit: kg, label: body weight, changes: treat, about: Weight.}
"""

THEORY = """\
axioms:
  - {id: A1, label: The first dose comes later, source: nobody, require: first_dose >= as_of}
"""

TRIAL = """\
trial: NCT00000001
code: ONE
title: A first trial
intervention: rest
recruitment: recruiting
criteria: full
sources: []
cohorts:
  A: {label: All}
clauses:
"""

CLAUSE = """\
  - id: I%s
    label: The clause %s
    source: S
    class: objective
    changes: test
    require: %s
"""


def concept_folder(
    base: Path, *requirements: str, concepts: str = CONCEPTS, files: Mapping[str, str] | None = None
) -> Path:
    """The folder of the library, with one trial that has a clause for each requirement."""
    clauses = "".join(CLAUSE % (i, i, text) for i, text in enumerate(requirements or ("fit",), start=1))
    own = {
        "concepts/all.yaml": concepts,
        "vocabulary/all.yaml": VOCABULARY,
        "theory/all.yaml": THEORY,
        "trials/one.yaml": TRIAL + clauses,
    }
    return folder(base, {**own, **(files or {})})


def concept_library(
    base: Path, *requirements: str, concepts: str = CONCEPTS, files: Mapping[str, str] | None = None
) -> Library:
    """The library that this folder holds."""
    return load_library(concept_folder(base, *requirements, concepts=concepts, files=files), cached=False)


MEANINGS = """\
variables:
  - {name: had_car_t, type: boolean, label: had CAR-T, changes: never, about: x, means: ever(car_t)}
  - {name: car_t_times, type: integer, label: CAR-T count, changes: never, about: x, means: times(car_t)}
  - {name: flt3_itd, type: boolean, label: FLT3-ITD, changes: test, about: x, means: present(flt3_itd)}
  - {name: itd_ratio, type: quantity, unit: '1', label: ratio, changes: test, about: x, means: level(flt3_itd)}
  - {name: cd20_date, type: date, past: true, label: last, changes: time, about: x, means: last_end(anti_cd20)}
  - name: hma_stop
    type: date
    past: true
    label: stop
    changes: time
    about: x
    means: last_end(hma)
    while: not current(hma)
  - {name: apl, type: boolean, label: APL, changes: never, about: x, means: diagnosis is APL}
  - {name: drugs, type: list, names: open, label: drugs, changes: never, about: x, means: therapies}
  - name: diagnosis
    type: concept
    kind: diagnosis
    values: [AML, MDS]
    label: diagnosis
    changes: never
    about: The disease.
"""
"""Variables that mean something by the tree; they join those above."""
