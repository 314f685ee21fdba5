"""A small library in a folder of its own, which tests change before they load it."""

from __future__ import annotations

from pathlib import Path

VOCABULARY = """\
variables:
  - name: weight
    type: quantity
    unit: kg
    plausible: 1 kg <= weight <= 250 kg
    label: body weight
    changes: treat
    about: Actual body weight.
  - name: creatinine
    type: quantity
    unit: mg/dL
    equivalents: {umol/L: 10/884}
    positive: true
    label: creatinine
    changes: test
    about: Serum creatinine.
  - name: steroid
    type: quantity
    unit: mg/d
    drugs: {prednisone: 1, dexamethasone: 20/3}
    label: steroid dose
    changes: stop
    about: Daily dose.
  - {name: smoker, type: boolean, label: smoker, changes: stop, about: Smokes.}
  - {name: grade, type: integer, label: grade, changes: treat, about: A grade.}
  - name: kind
    type: enumeration
    values: [AML, MDS]
    label: kind of disease
    changes: never
    about: The diagnosis.
  - {name: birth, type: date, past: true, label: day of birth, changes: never, about: Birth.}
  - {name: start, type: date, absent: as_of, requested: false, label: start, changes: time, about: Start.}
  - {name: drugs, type: list, names: open, label: earlier drugs, changes: never, about: Drugs.}
"""

THEORY = """\
definitions:
  - name: age
    is: completed_years(birth, as_of)
  - name: clearance
    numerator: 140 - age
    denominator: magnitude(creatinine, mg/dL)
    unit: mL/min
classes:
  - name: opioids
    list: drugs
    label: opioids
    source: book
    about: Against pain.
axioms:
  - id: A1
    label: Someone on opioids smokes
    source: nobody
    require: drugs contains opioids implies smoker
  - id: A2
    label: Adults weigh more
    source: nobody
    while_unrecorded: [weight]
    assumption: plausible:weight
    require: age >= 18 implies weight >= 30 kg
checks:
  - id: odd
    when: grade > 4
    text: The grade is odd.
    variable: grade
registers:
  - list: drugs
    source: book
    unrecognised: {id: ODD-NAME, text: '{entry} is unheard of.'}
    unclosed: '{entry} is unheard of; the list closes nothing.'
    entries:
      - {name: morphine, other_names: [MS Contin, "5-m'x/2"], classes: [opioids]}
    no_class: [aspirin]
"""

TRIAL = """\
trial: NCT00000001
code: ONE
title: A first trial
intervention: rest
recruitment: recruiting
criteria: full
sources:
  - {id: S, text: a source}
cohorts:
  A: {label: First}
  B: {label: Second}
readings:
  - {id: AMB-1, text: two ways, switch: true}
  - {id: AMB-2, text: one way}
unpublished:
  - {id: X, text: more}
notices:
  - {id: N, text: Mind the smoke., when: smoker}
clauses:
  - id: I1
    label: Heavy enough
    source: S 1
    class: objective
    changes: treat
    when: kind == AML
    unless: smoker
    require: weight >= 10 kg
    readings:
      AMB-1: {require: weight >= 20 kg}
  - id: I2
    label: A part that is open
    source: S 2
    class: objective
    changes: never
    routing: true
    cohorts:
      A: cohort_open and kind == AML
      B: |
        cohort_open
        and kind == MDS
  - id: I3
    label: In the first part, a low grade
    source: S 3
    class: objective
    changes: treat
    cohorts: [A]
    require: grade <= 2
  - id: I4
    label: Consent
    source: S 4
    class: attestation
    changes: consent
    opaque: The patient consents.
"""

FILES = {"vocabulary/all.yaml": VOCABULARY, "theory/all.yaml": THEORY, "trials/one.yaml": TRIAL}


def folder(base: Path, files: dict[str, str] | None = None) -> Path:
    """A folder of encodings; those files that are given replace or join the good ones."""
    where = base / "own"
    for part in (
        "vocabulary",
        "theory",
        "trials",
        *{name.partition("/")[0] for name in files or {} if "/" in name},
    ):
        (where / part).mkdir(parents=True, exist_ok=True)
    for name, text in {**FILES, **(files or {})}.items():
        (where / name).write_text(text, encoding="utf-8")
    return where


# --- the compile cache


def stored(cache: Path) -> list[Path]:
    """The files of the cache, but for what there is one of whatever the library."""
    return (
        sorted(each for each in cache.iterdir() if each.suffix not in (".parser", ".outline"))
        if cache.is_dir()
        else []
    )
