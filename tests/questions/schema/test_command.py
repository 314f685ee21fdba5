"""`match schema`: what is right fits the schema, what is wrong does not, and an editor can use it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import cli
from solver.errors import InputError
from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from solver.questions import ANSWERS
from solver.questions.match.ask import match
from solver.questions.schema.ask import schema, schema_json
from solver.questions.schema.command import NAMES
from solver.questions.schema.page import properties, schema_table
from solver.report.json import answer_document
from tests.support.drawing import strategies
from tests.support.drawing.drawn import drawn
from tests.support.libraries import small_library
from tests.support.records import worked
from tests.support.records.examples import EXAMPLES, answer_of

ROOT = Path(__file__).parents[3]
BAD = ROOT / "tests" / "patient" / "records" / "bad"
FILES = sorted((ROOT / "encodings").rglob("*.yaml"))
KINDS: dict[str, str] = {
    "trials": "trial",
    "vocabulary": "vocabulary",
    "concepts": "concepts",
    "theory": "theory",
    "codes": "codes",
    "encodings": "workup",
}

READER_ONLY = {
    "date-invalid",  # 30 February
    "date-order",
    "duplicate-key",
    "flag-without-bound",
    "min-above-max",
    "nan",
    "no-as-of",  # --as-of may give it
    "no-drug",  # a dose of zero needs none
    "open-point",
    "score-gap",
    "too-many-digits",
    "two-minimums",
    "unknown-drug",
    "unknown-unit",
    "utf16",
    "wrong-dimension",
}
"""Faults of JSON files that no schema can see."""

Check = Callable[[Any, str], bool]


@pytest.fixture(scope="module")
def fits(library: Library) -> Check:
    """Whether a value fits a schema."""
    validators = {name: jsonschema.Draft202012Validator(schema(name, library)) for name in NAMES}
    return lambda value, name: validators[name].is_valid(value)


def yaml_file(path: Path) -> Any:
    """A file of encodings as an editor sees it, which takes plain scalars for numbers and booleans."""
    return json.loads(json.dumps(yaml.load(path.read_text(encoding="utf-8"), worked._Plain)))


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_of_draft_2020_12(library: Library, name: str) -> None:
    """Every schema is valid, says its draft, and describes what it is about."""
    found = schema(name, library)
    jsonschema.Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["title"].startswith("trialproof/")
    assert found["description"]
    assert json.loads(schema_json(name, library)) == found


def test_the_command_offers_every_schema() -> None:
    """The names that the command takes, written apart so that its help comes at once, are those of all answers and files."""
    taken = cli.verbs.get_command(click.Context(cli.verbs), "schema")
    assert taken is not None
    assert [tuple(each.type.choices) for each in taken.params if isinstance(each, click.Argument)] == [NAMES]
    assert set(ANSWERS) < set(NAMES)


def test_encodings_without_trials_have_schemas(tmp_path: Path) -> None:
    """Where there is no trial, and so no reading and no cohort, a record's schema is valid, and takes no reading."""
    small = load_library(small_library.folder(tmp_path), cached=False)
    found = schema("record", replace(small, trials={}))
    jsonschema.Draft202012Validator.check_schema(found)
    record = {"as_of": "2026-11-20", "facts": {}, "context": {"readings": []}}
    assert jsonschema.Draft202012Validator(found).is_valid(record)
    record["context"] = {"readings": ["AMB-1"]}
    assert not jsonschema.Draft202012Validator(found).is_valid(record)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_and_their_answers_fit(fits: Check, name: str) -> None:
    """Every example is a record, and its answer is an output."""
    assert fits(json.loads(EXAMPLES[name].read_text(encoding="utf-8")), "record")
    assert fits(answer_document(answer_of(match, name)), "output")


@pytest.mark.parametrize("name", ["complete", "minimal"])
def test_records_of_every_form_fit(fits: Check, name: str) -> None:
    """Every form of a fact that the reader takes is one of the schema."""
    text = (BAD.parent / "good" / f"{name}.json").read_text(encoding="utf-8-sig")
    assert fits(json.loads(text), "record")


@given(data=st.data())
@drawn(24)
def test_what_the_reader_takes_fits(library: Library, fits: Check, data: st.DataObject) -> None:
    """A record with facts of every variable and form, null included, fits."""
    record = data.draw(strategies.records(library))
    record_from(record, library)
    assert fits(record, "record")


@given(data=st.data())
@drawn(60)
def test_what_the_schema_refuses_the_reader_refuses(
    library: Library, fits: Check, data: st.DataObject
) -> None:
    """A fact that does not fit is one that the reader does not take: the schema asks for nothing that is not needed."""
    scalar = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-1, 12),
        st.sampled_from([0.5, 4.7, "AML", "2025-03", "2025-03-09", "kg", ""]),
    )
    keys = st.sampled_from(
        ["value", "min", "max", "min_exclusive", "one_of", "replicates", "unit", "date", "source"]
    )
    fact = data.draw(
        st.one_of(
            scalar,
            st.lists(scalar, max_size=2),
            st.dictionaries(keys, st.one_of(scalar, st.lists(scalar, max_size=2)), max_size=3),
        )
    )
    name = data.draw(
        st.sampled_from(
            ["diagnosis", "ecog", "weight", "birth_date", "pregnant", "prior_drugs", "ipss_r_score"]
        )
    )
    record = {"as_of": "2025-06-01", "facts": {name: fact}}
    if not fits(record, "record"):
        with pytest.raises(InputError):
            record_from(record, library)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.json")), ids=lambda path: path.stem)
def test_wrong_records_do_not_fit(fits: Check, path: Path) -> None:
    """A wrong record that is JSON is refused, unless only the reader can see its fault."""
    try:
        value = json.loads(path.read_bytes())
    except ValueError:
        return
    assert fits(value, "record") is (path.stem in READER_ONLY)


def test_the_sites_context_fits(fits: Check) -> None:
    """The example fits; unknown trials, cohorts, readings and keys do not."""
    good = json.loads((ROOT / "examples/site.json").read_text(encoding="utf-8"))
    assert fits(good, "context")
    assert fits({"open_cohorts": {"NCT05086315": []}, "secondary_sources": True}, "context")
    assert fits({"readings": ["AMB-K017-2"]}, "context")
    for wrong in (
        {"open_cohorts": {"SRA": ["EXP"]}},
        {"open_cohorts": {"SAR": ["EXPA"]}},
        {"open_cohorts": {"RO": []}},
        {"readings": ["AMB-RO-3"]},
        {"secondary_sources": 1},
        {"cohorts": {}},
    ):
        assert not fits(wrong, "context"), wrong
        assert not fits({"as_of": "2026-11-20", "context": wrong}, "record"), wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_files_of_encodings_fit(fits: Check, path: Path) -> None:
    """Every file fits the schema of its folder, and no other."""
    kind = KINDS[path.parent.name]
    assert [name for name in KINDS.values() if fits(yaml_file(path), name)] == [kind]


def test_wrong_files_of_encodings_do_not_fit(fits: Check) -> None:
    """A missing key, an unknown one, a wrong word, a null and a wrong id are refused."""
    good = yaml_file(ROOT / "encodings/trials/ro.yaml")

    def refused(change: Callable[[Any], object]) -> bool:
        wrong = copy.deepcopy(good)
        change(wrong)
        return not fits(wrong, "trial")

    assert refused(lambda trial: trial.pop("clauses"))
    assert refused(lambda trial: trial.update(recruitment="open"))
    assert refused(lambda trial: trial.update(trial="NCT1"))
    assert refused(lambda trial: trial["clauses"][0].update(requires="x"))
    assert refused(lambda trial: trial["clauses"][0].update({"class": "subjective"}))
    assert refused(lambda trial: trial["clauses"][0].update(require=None))
    assert refused(lambda trial: trial["clauses"][0].update(id="a b"))
    assert not fits({"variables": [{"name": "X"}]}, "vocabulary")
    assert not fits({"axioms": [{"id": "A1"}]}, "theory")


def test_wrong_output_does_not_fit(library: Library, fits: Check) -> None:
    """An answer with another verdict, a missing key or another schema's name is refused."""
    record = record_from({"as_of": "2026-11-20"}, library)
    good = json.loads(json.dumps(answer_document(Matcher(library).match(record, ["ZPED"]))))
    assert fits(good, "output")
    for key, value in (("schema", "trialproof/match/2"), ("trials", None), ("as_of", 5)):
        assert not fits({**good, key: value}, "output")
    good["trials"][0]["verdict"] = "maybe"
    assert not fits(good, "output")


def test_variables_are_described_for_editors(library: Library) -> None:
    """Each variable says what it is; units are described, allowed values are listed."""
    facts = schema("record", library)["properties"]["facts"]["properties"]
    assert facts.keys() == {*library.variables, "conditions", "therapies", "findings"}
    for name, variable in library.variables.items():
        assert facts[name]["title"] == variable.label
        assert facts[name]["description"].startswith(variable.about)
    assert '"unit": "mg/dL"} (or "umol/L")' in facts["serum_creatinine"]["description"]
    assert {"enum": ["M", "F"]} in facts["sex"]["anyOf"]


@pytest.mark.parametrize("name", [None, *NAMES])
def test_the_command_prints_a_schema(
    library: Library,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str | None,
) -> None:
    """`match schema [NAME]` prints one; without a name that of a record."""
    monkeypatch.setattr("sys.argv", ["match", "schema", *([name] if name else [])])
    assert cli.main() == 0
    out, err = capfd.readouterr()
    assert (out, err) == (schema_json(name or "record", library) + "\n", "")


VOCABULARY = """\
trialproof/vocabulary
A file of `encodings/vocabulary/`.

variables       list of object
    One variable of the vocabulary.
  name          text, required
  type          text, required
      One of boolean, integer, enumeration, quantity, date, list, concept.
  label         text, required
  about         text, required
  changes       text, required
      One of time, stop, treat, test, age, consent, never.
  values        list of text
  unit          text
  equivalents   object
    <name>      text or number
  plausible     text
  typical       text
  drugs         object
    <name>      text or number
  past          boolean
  absent        text
      Always as_of.
  requested     boolean
  bare          boolean
  positive      boolean
  refused       object
    <name>      text
  names         text
      Always open.
  pattern       text
  groups        object
      What the entries of a list begin with: `{group}` in the pattern stands for
      one of `known`, which `label` calls by its name.
    label       text, required
    known       list of text, required
  strip         text
  most          whole number
  policy        text
  mentioned_by  list of text
  worse         text or boolean
      One of true, false, higher, lower.
  advice        boolean
  stopped_on    text
  valid_days    whole number
  reference     object
      Which limits of normal a quantity has: the plausible range of each, from
      its least to its greatest.
    uln         list of text
    lln         list of text
  kind          text
      One of condition, therapy, finding, diagnosis.
  means         text
  closes        list of text
  while         text
  safety        boolean
  zero          text
names           list of object
    What people write for a variable, or for a value of the variable `of`: a
    hint in messages, never read as the thing itself.  It `means` one of these,
    or a concept; or one has to `write` something else; or it is `not_held`: no
    variable can say it.
  names         list of text, required
  of            text
  means         list of text
  write         text
  not_held      text
phrases         list of object
    Words by which a label names those of whom a condition holds; `match check`
    holds labels against clauses by them.
  words         list of text, required
  says          text, required
headline        list of object
    A part of the line that says who the patient is: the first of its words
    whose condition holds.  It is set `beside` the one before without a comma,
    if it says so.
  first_of      list of object, required
      Words of the headline, where `when` certainly holds of what is recorded; a
      value in braces is filled in.
    when        text, required
    text        text, required
  beside        boolean
"""


def test_a_schema_can_be_read_as_a_table(
    library: Library, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--format table` lists the properties, those of an object below it; `--format json` is the schema."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.argv", ["match", "schema", "vocabulary", "--format", "table"])
    assert cli.main() == 0
    assert capfd.readouterr() == (VOCABULARY, "")
    monkeypatch.setattr("sys.argv", ["match", "schema", "vocabulary", "--format", "json"])
    assert cli.main() == 0
    assert capfd.readouterr() == (schema_json("vocabulary", library) + "\n", "")


def property_names(value: Any) -> list[str]:
    """Every name of a property in a schema, wherever it stands, but for the forms of one fact."""
    if isinstance(value, list):
        return [name for item in value for name in property_names(item)]
    if not isinstance(value, dict):
        return []
    own = list(value.get("properties", {}))
    inner = [item for key, item in value.items() if key not in ("anyOf", "enum")]
    return own + property_names(inner)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [50, 80, 120])
def test_the_table_shows_every_property(library: Library, name: str, width: int) -> None:
    """Each name of the schema is in the table, with a type that is said, in the order of the schema and within the width."""
    found = schema(name, library)
    rows = list(properties(found))
    assert set(property_names(found)) <= {row.name for row in rows}
    assert [row.name for row in rows if row.depth == 0] == list(found["properties"])
    assert {row.name for row in rows if row.kind == "anything"} <= {"tests"}
    assert [row.name for row in rows if row.depth == 0 and row.required] == list(found.get("required", []))
    lines = schema_table(found, width).plain().splitlines()
    assert max(map(len, lines)) <= width
    assert all(any(line.split()[:1] == [row.name] for line in lines) for row in rows)


def test_facts_are_described_in_the_table(library: Library) -> None:
    """The table of a record says how each fact is written, and what else a value may be."""
    found = [row for row in properties(schema("record", library)) if row.depth <= 1]
    rows = {row.name: row for row in reversed(found)}
    assert library.variables.keys() <= rows.keys()
    assert rows["birth_date"].kind == "text, object, list of object or null"
    assert rows["birth_date"].about.endswith('Write "YYYY-MM-DD", or "YYYY-MM", or "YYYY".')
    assert rows["serum_creatinine"].kind == "object, list of object or null"
    assert (rows["prior_drugs"].kind, rows["prior_drugs"].depth) == ("list of text, object or null", 1)


def test_another_name_is_refused(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown name is answered with the known ones."""
    monkeypatch.setattr("sys.argv", ["match", "schema", "patient"])
    assert cli.main() == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "'patient' is not one of 'record', 'context', 'output'" in err
