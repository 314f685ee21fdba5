"""Tables judged in columns under policies, contexts and limits of normal give the rows that they give one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from solver.engine.case import Engine
from solver.language.types import BooleanType, IntegerType, ListType
from solver.library.models import Library, Policy, Trial, Variable
from solver.patient.readers.native.context import read_context
from solver.patient.record import Context
from solver.screen.cohort import CohortReading
from solver.screen.judge import Level
from solver.screen.output_rows import OutputRow, ScreenQuestion
from solver.screen.run import ScreenRun
from tests.support.twins.counted_columns import shown_in_columns
from tests.support.twins.differential import draw_patient, invent
from tests.support.twins.invented import compile_files, compile_world

pl = pytest.importorskip("polars")
from cohort_tables import patients  # noqa: E402 - it needs Polars

ROWS = 40
LEVELS: tuple[Level, ...] = ("none", "clauses")
ABSENT, MET = "absent", "met"
POLICIES = {
    ABSENT: Policy(ABSENT, "what is not recorded is absent", "taken as absent", "variables"),
    MET: Policy(MET, "what is open is met", "counted as met", "clauses"),
}


def both_ways(
    engine: Engine, path: Path, context: Context, level: Level, trials: tuple[str, ...] | None = None
) -> tuple[int, list[OutputRow], list[OutputRow]]:
    """How many rows columns show, all rows, and all rows by themselves."""
    asked = ScreenQuestion(trials, None, context, level)
    shown, rows = shown_in_columns(ScreenRun(engine, asked, [str(path)], CohortReading(), 1_000, 1))
    alone = ScreenRun(engine, asked, [str(path)], CohortReading(), 1_000, 1)
    alone.tables = lambda: None  # type: ignore[method-assign]
    return shown, rows, list(alone.rows(None))


def written(frame: pl.DataFrame, path: Path) -> Path:
    """A table as Parquet or CSV, by the ending."""
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def with_policies(library: Library, random: Random) -> Library:
    """A library with a policy over variables, which others mention, and one over clauses, each covering some."""

    def covered(variable: Variable) -> Variable:
        if not isinstance(variable.type, BooleanType | IntegerType) or random.random() < 0.3:
            return variable
        others = [name for name in library.variables if name != variable.name]
        mentions = random.sample(others, min(len(others), random.choice([0, 0, 1, 2])))
        return replace(variable, policy=ABSENT, mentioned_by=tuple(mentions))

    def counted(trial: Trial) -> Trial:
        clauses = tuple(
            each if each.opaque or random.random() < 0.5 else replace(each, policy=MET)
            for each in trial.clauses
        )
        return replace(trial, clauses=clauses)

    return replace(
        library,
        policies=POLICIES,
        variables={name: covered(each) for name, each in library.variables.items()},
        trials={code: counted(trial) for code, trial in library.trials.items()},
    )


def cell(value: object) -> object:
    """A value as a cell holds it."""
    return float(value) if isinstance(value, Fraction) else value


@pytest.mark.parametrize(
    "count", [pytest.param(8, id="some"), pytest.param(1_500, id="many", marks=pytest.mark.slow)]
)
def test_small_worlds_under_policies_are_judged_as_their_rows_are(tmp_path: Path, count: int) -> None:
    """Of invented trials, axioms and policies, whatever is recorded: verdicts, and clauses that exclude or are open."""
    shown = 0
    for number in (*range(count), *CONTRADICTORY):
        random = Random(f"policies {number}")
        world, table = invent(random)
        library = with_policies(compile_world(world), random)
        drawn = draw_patient(random, world, table)
        opened = {code: frozenset(cohorts) for code, cohorts in drawn.open_cohorts.items()}
        context = Context(opened, drawn.readings, drawn.secondary)
        empty = random.choice([0.1, 0.3, 0.6])
        columns: dict[str, Any] = {
            "id": [f"p{i}" for i in range(ROWS)],
            "as_of": [drawn.as_of.isoformat()] * ROWS,
        }
        for name, values in table.values.items():
            if not isinstance(library.variables[name].type, ListType):
                cells = [None if random.random() < empty else random.choice(values) for _ in range(ROWS)]
                columns[name] = [cell(each) for each in cells]
        path = written(pl.DataFrame(columns, strict=False), tmp_path / "cohort.parquet")
        policies = random.choice([(ABSENT,), (MET,), (ABSENT, MET)])
        engine, level = Engine(library, assume=policies), random.choice(LEVELS)
        told, rows, alone = both_ways(engine, path, context, level)
        assert rows == alone, number
        shown += told
    assert shown > count * ROWS // 4


CONTRADICTORY = 1_268, 1_372
"""Worlds in which the theory leaves nothing of an empty cell: such a row is of nobody."""

VOCABULARY = """\
variables:
  - name: treated
    type: boolean
    policy: absent
    mentioned_by: [sequel, grade, level]
    label: treated
    changes: never
    about: Treated before.
  - {name: sequel, type: boolean, label: a sequel, changes: never, about: What treatment leaves behind.}
  - {name: cured, type: boolean, label: cured, changes: never, about: Cured.}
  - {name: fit, type: boolean, label: fit, changes: never, about: Fit.}
  - {name: grade, type: integer, plausible: 0 <= grade <= 3, label: grade, changes: treat, about: A grade.}
  - {name: rank, type: integer, plausible: 1 <= rank <= 3, RANK label: rank, changes: treat, about: A rank.}
  - {name: level, type: quantity, unit: mg, label: level, changes: test, about: A level.}
"""
THEORY = """\
policies:
  - {id: absent, label: nothing unsaid is there, text: taken as absent, covers: variables}
  - {id: met, label: what is judged is met, text: counted as met, covers: clauses, classes: [judgement]}
axioms:
  - {id: A1, label: cured or with a sequel, source: book, require: cured or sequel}
  - {id: A2, label: the fit are graded, source: book, require: fit implies grade >= 1}
  - {id: A3, label: as long as it waits, source: book, WAITS require: treated implies rank >= 2}
"""
TRIAL = """\
trial: NCT0000000{number}
code: T{number}
title: A trial
intervention: rest
recruitment: recruiting
criteria: full
sources: [{{id: S, text: a source}}]
cohorts: {{A: {{label: First}}, B: {{label: Second}}}}
clauses:
  - {{id: C1, label: untreated, source: S 1, class: objective, changes: never, require: not treated}}
  - {{id: C2, label: fit, source: S 2, class: judgement, changes: never, cohorts: [A], require: fit}}
  - {{id: C3, label: low, source: S 3, class: objective, changes: test, cohorts: [B], require: level <= 3 mg}}
  - {{id: C4, label: cured, source: S 4, class: judgement, changes: never, require: cured}}
  - {{id: C5, label: rank, source: S 5, class: objective, changes: never, require: rank <= 2}}
{more}
"""
MORE = (
    "",
    "  - {id: C6, label: text, source: S 6, class: objective, changes: never, cohorts: [B], opaque: a text}",
    """\
  - {id: C6, label: a sequel, source: S 6, class: objective, changes: never, cohorts: [A], require: sequel}
  - {id: C7, label: no sequel, source: S 7, class: judgement, changes: never, cohorts: [A], require: not sequel}""",
)
VALUES: dict[str, list[Any]] = {
    **{name: [None, False, True] for name in ("treated", "sequel", "cured", "fit")},
    "grade": [None, 0, 2],
    "rank": [None, 2],
    "level": [None, 0.0, 5.0],
}


@pytest.mark.parametrize("policies", [("absent",), ("met",), ("absent", "met")])
@pytest.mark.parametrize(
    ("rank", "waits", "few"),
    [("", "", 900), ("policy: absent,", "", 0), ("", "while_unrecorded: [treated],", 0)],
    ids=["plain", "never-absent", "waiting"],
)
def test_all_that_can_be_recorded_is_judged_as_in_its_row(
    tmp_path: Path, rank: str, waits: str, few: int, policies: tuple[str, ...]
) -> None:
    """Who mentions a variable; what is certain though not recorded; cohorts that nobody fits, or is shown to fit.

    A count that cannot be absent, and an axiom that waits for what is assumed, are left to each row.
    """
    trials = [TRIAL.format(number=i, more=more) for i, more in enumerate(MORE)]
    files = [
        ("vocabulary/all.yaml", VOCABULARY.replace("RANK", rank)),
        ("theory/all.yaml", THEORY.replace("WAITS", waits)),
        *((f"trials/{i}.yaml", text) for i, text in enumerate(trials)),
    ]
    library = compile_files(tuple(files))
    rows = list(product(*VALUES.values()))
    if not few:  # they are slow
        rows = Random(1).sample(rows, 60)
    frame = pl.DataFrame(dict(zip(VALUES, zip(*rows, strict=True), strict=True)))
    same = [
        pl.Series("id", [f"p{i}" for i in range(len(rows))]),
        pl.Series("as_of", ["2025-06-01"] * len(rows)),
    ]
    path = written(frame.with_columns(same), tmp_path / "cohort.parquet")
    for level in LEVELS:
        shown, found, alone = both_ways(Engine(library, assume=policies), path, Context(), level)
        assert found == alone
        assert shown >= (0 if "absent" in policies and not few else few)


@pytest.fixture(scope="module")
def engines() -> dict[tuple[str, ...], Engine]:
    """Engines by their policies, made once."""
    return {}


def emptied(frame: pl.DataFrame, names: set[str], random: Random) -> pl.DataFrame:
    """A table with more empty cells in some columns, of each another share."""
    for name in sorted(names & set(frame.columns)):
        share = random.random()
        cells = [None if random.random() < share else each for each in frame[name]]
        frame = frame.with_columns(pl.Series(name, cells, dtype=frame[name].dtype))
    return frame


def drawn_context(library: Library, random: Random) -> Context:
    """A context of a site, perhaps with limits of normal, most of which are plausible."""
    given: dict[str, Any] = {}
    if random.random() < 0.5:
        name = random.choice(["alt", "serum_creatinine", "albumin"])
        variable = library.variables[name]
        unit = variable.type.unit.text  # type: ignore[union-attr]
        rows = [
            {
                "sex": sex,
                "uln": {"value": round(float(high) * random.choice([0.9, 0.95, 1, 1.2]), 2), "unit": unit},
            }
            for sex, (_, high) in (("F", variable.reference["uln"]), ("M", variable.reference["uln"]))
        ]
        given["reference"] = {name: random.choice([rows, rows[:1]])}
    if random.random() < 0.3:
        given["readings"] = [random.choice(list(library.switches())).id]
    if random.random() < 0.3:
        given["secondary_sources"] = True
    if random.random() < 0.3:
        given["open_cohorts"] = {"SAR": random.sample(["ESC", "EXP", "JPC"], random.choice([0, 1, 2]))}
    return read_context(json.dumps(given).encode(), library, name="context")


@pytest.mark.parametrize(
    ("count", "seed"),
    [pytest.param(2, 1, id="some"), pytest.param(150, 2, id="many", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_cohorts_under_policies_and_contexts_are_judged_as_their_rows_are(
    engines: dict[tuple[str, ...], Engine],
    library: Library,
    tmp_path: Path,
    ending: str,
    count: int,
    seed: int,
) -> None:
    """With cells empty of what policies cover and of what mentions it, and for all or some trials."""
    random = Random(f"{seed} {ending}")
    covered = {name for name, each in library.variables.items() if each.policy}
    mentions = {name for each in library.variables.values() for name in each.mentioned_by}
    for _ in range(count):
        policies = tuple(name for name in library.policies if random.random() < 0.7)
        engine = engines.setdefault(policies, Engine(library, assume=policies))
        frame = patients(library, 20, 3, missing=random.choice([0, 0.1, 0.4]))
        frame = emptied(frame, random.choice([set(), covered, covered | mentions]), random)
        path = written(frame, tmp_path / f"cohort{ending}")
        trials = None if random.random() < 0.5 else tuple(random.sample(list(library.trials), 2))
        context, level = drawn_context(library, random), random.choice(LEVELS)
        _, rows, alone = both_ways(engine, path, context, level, trials)
        assert rows == alone


@pytest.mark.parametrize("level", LEVELS)
def test_most_rows_of_a_prescreening_are_shown_in_columns(
    library: Library, tmp_path: Path, level: Level
) -> None:
    """Nine of ten, with a tenth of the facts missing and all policies; a flag of which no axiom speaks is never certain."""
    frame = patients(library, 60, 3, missing=0.1).with_columns(
        pl.lit(None, dtype=pl.Boolean).alias(name) for name in ("down_syndrome", "down_organ_function_ok")
    )
    path = written(frame, tmp_path / "cohort.parquet")
    shown, rows, alone = both_ways(Engine(library, assume=library.policies), path, Context(), level)
    assert rows == alone
    assert shown >= 54


def test_limits_of_a_site_are_left_only_where_they_say_nothing_of_a_patient(
    library: Library, tmp_path: Path
) -> None:
    """One that is not plausible says who the patient is not; and beside a policy over variables they bring events into question."""
    frame = patients(library, 30, 3)
    frame = frame.with_columns(
        pl.lit(None, dtype=frame[name].dtype).alias(name)
        for name in (
            "sex",
            "pregnant",
            "breastfeeding",
            "childbearing_potential",
            "concurrent_investigational_drug",
        )
    )
    path, found = written(frame, tmp_path / "cohort.parquet"), []
    rows = [
        {"sex": "F", "uln": {"value": 900, "unit": "U/L"}},
        {"sex": "M", "uln": {"value": 50, "unit": "U/L"}},
    ]
    for context, policies in (
        ({}, ()),
        ({"reference": {"alt": rows}}, ()),
        ({"reference": {"alt": rows[1:]}}, ()),
    ):
        given = read_context(json.dumps(context).encode(), library, name="context")
        for assume in (policies, ("history-absent",)):
            _, shown, alone = both_ways(Engine(library, assume=assume), path, given, "clauses")
            assert shown == alone
            found.append(alone)
    assert found[0] == found[4]


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("policies", [(), ("history-absent",)])
def test_limits_of_normal_beside_values_are_left_where_nothing_asks_for_them(
    library: Library, tmp_path: Path, ending: str, policies: tuple[str, ...]
) -> None:
    """A limit that is wrong is an error as by itself; each beside a value, beside none, and with the lower limit."""
    uppers = [5.2, 3.1, 0.0, -1.0, 1e13, None, 5.0, 5.0, 1e-3]
    lowers = [3.3, 3.3, 3.0, 3.0, 3.0, 3.5, None, 5.0, -2.0]
    count = 2 * len(uppers)
    frame = patients(library, count, 4, missing=0.05).with_columns(
        pl.Series("albumin", [4.0] * len(uppers) + [None] * len(uppers), dtype=pl.Float64),
        pl.Series("albumin.uln", uppers * 2, dtype=pl.Float64),
        pl.Series("albumin.lln", lowers * 2, dtype=pl.Float64),
        pl.Series("alt", [30.0] * count),
        pl.Series("alt.lln", [None] * (count - 1) + [3.0], dtype=pl.Float64),
    )
    path = written(frame, tmp_path / f"cohort{ending}")
    shown, rows, alone = both_ways(Engine(library, assume=policies), path, Context(), "clauses")
    assert rows == alone
    assert shown >= (8 if policies else 11)
    context = read_context(
        b'{"reference": {"alt": [{"uln": {"value": 40, "unit": "U/L"}}]}}', library, name="c"
    )
    shown, rows, alone = both_ways(Engine(library, assume=policies), path, context, "clauses")
    assert rows == alone
    assert shown >= (0 if policies else 11)
