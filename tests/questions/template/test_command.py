"""`match template`: a record to fill in, with what the trials need and nothing else; and the comments that make it possible."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

import cli
from solver.errors import InputError
from solver.language.tree import variables
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_context, read_record
from solver.questions.schema.record_schema import record_schema
from solver.questions.template.ask import needs
from solver.questions.template.page import template, template_json

AS_OF = "2026-11-20"


def entries(text: str) -> list[str]:
    """The variables of a template, in its order."""
    return re.findall(r'^    "(\w+)": null,?$', text, re.MULTILINE)


@pytest.mark.parametrize("code", ["K001", "K017", "RO", "SAR", "UC", "ZPED", None])
def test_a_template_reads_as_the_empty_record(library: Library, code: str | None) -> None:
    """As it is, it says nothing of a patient: its answer is that of an empty record, once the day is given."""
    text = template(library, [code] if code else library.trials)
    record = read_record(text.encode(), library, name="t.json", as_of=AS_OF)
    empty = read_record(b"{}", library, name="t.json", as_of=AS_OF)
    assert record == empty
    codes = [code] if code else ["ZPED"]
    assert Matcher(library).match(record, codes) == Matcher(library).match(empty, codes)


def test_the_day_must_be_filled_in(library: Library) -> None:
    """Without a day the template is refused with the remedy; taking the // away from its line is enough."""
    text = template(library, ["ZPED"])
    with pytest.raises(InputError, match=r'^t.json: as_of: is missing: write "as_of": "YYYY-MM-DD"'):
        read_record(text.encode(), library, name="t.json")
    filled = text.replace('// "as_of": "YYYY-MM-DD"', f'"as_of": "{AS_OF}"')
    assert read_record(filled.encode(), library, name="t.json").facts == {}


@pytest.mark.parametrize("code", ["K001", "RO", "SAR"])
def test_every_variable_stands_once_below_how_to_write_it(library: Library, code: str) -> None:
    """Each line of a variable follows comment lines that begin with its label; no line is wider than 100 columns."""
    lines = template(library, [code]).splitlines()
    assert max(map(len, lines)) <= 100
    start = lines.index('  "facts": {') + 1
    comment: list[str] = []
    told: list[str] = []
    for line in lines[start:-2]:
        if line.startswith("    // "):
            comment.append(line.removeprefix("    // "))
        else:
            (name,) = entries(line)
            assert " ".join(comment).startswith(f"{library.variables[name].label}: ")
            told.append(name)
            comment = []
    assert told == list(dict.fromkeys(told)) == [need.variable for need in needs(library, [code])]


def test_types_units_and_allowed_values_are_told(library: Library) -> None:
    """The comment says how to write a fact of every type; of very many allowed values those that matter."""
    text = " ".join(re.sub(r"\n *// ", " ", template(library, library.trials)).split())
    for part in (
        'current diagnosis: one of "AML", "B_ALL"',
        'date of birth: "YYYY-MM-DD", or "YYYY-MM", or "YYYY"',
        "diagnosis confirmed: true or false",
        "ECOG performance status: a whole number",
        'serum creatinine: {"value": ..., "unit": "mg/dL"} (or "umol/L")',
        'daily corticosteroid dose: {"value": ..., "unit": "mg/d", "drug": "prednisone"} (or "prednisolone"',
        'HLA-A alleles: a list of names: ["...", "..."]; tells of HLA-A*02 genotype',
        'country of consent: one of 250 codes, such as "FR", "JP"',
        "IPSS-R score: a number; tells of IPSS-R risk category",
    ):
        assert part in text


def test_only_what_the_trials_need_is_asked(library: Library) -> None:
    """Every variable is mentioned by a clause of the trials, or derives one that is; all that are mentioned are there."""
    for codes in (["ZPED"], ["RO"], ["SAR", "UC"], list(library.trials)):
        mentioned = {
            name
            for code in codes
            for clause in library.trials[code].clauses
            for reading in (clause.conditions, *clause.alternatives.values())
            for condition in (reading or {}).values()
            for name in variables(condition)
        } & library.variables.keys()
        found = {need.variable: need for need in needs(library, codes)}
        assert mentioned <= found.keys()
        for name in found.keys() - mentioned:
            assert set(found[name].derives) <= mentioned
            assert found[name].derives
        assert not any(found[name].derives for name in mentioned)


def test_what_the_theory_derives_is_asked_through_its_sources(library: Library) -> None:
    """Definitions, lists, and values that fix another variable; a mere implication is no derivation."""
    derived = {
        (code, need.variable): need.derives
        for code in library.trials
        for need in needs(library, [code])
        if need.derives
    }
    assert derived == {
        ("RO", "pb_blasts_pct"): ("pb_blasts_abs",),
        ("RO", "wbc"): ("pb_blasts_abs",),
        ("RO", "hla_a_alleles"): ("hla_a02",),
        ("SAR", "qt"): ("qtcf",),
        ("SAR", "heart_rate"): ("qtcf",),
        ("SAR", "ipss_r_score"): ("ipss_r",),
        ("RO", "prior_drugs"): ("prior_hsct_count", "prior_allo_hsct_count", "immunosuppression_ever"),
        ("SAR", "prior_drugs"): (
            "solid_organ_transplant",
            "prior_hsct_count",
            "immunosuppression_ever",
            "prior_car_t",
            "prior_cellular_therapy",
            "prior_anti_cd123",
        ),
        ("UC", "prior_drugs"): ("prior_allo_hsct_count", "prior_car_t", "prior_car_nk", "anti_cd20_ever"),
    }


def test_what_settles_most_comes_first(library: Library) -> None:
    """Ordered by the number of trials, then of clauses, that a variable bears on."""
    found = needs(library, library.trials)
    counts = [(len(need.trials), len(need.clauses)) for need in found]
    assert counts == sorted(counts, reverse=True)
    assert (found[0].variable, len(found[0].trials)) == ("diagnosis", 6)


def test_a_filled_template_is_matched(
    library: Library, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Printed, filled in and matched: the way of the tutorial."""
    monkeypatch.setattr("sys.argv", ["match", "template", "--trials", "zped"])
    assert cli.main() == 0
    text, err = capfd.readouterr()
    assert (text, err) == (template(library, ["ZPED"]) + "\n", "")
    facts = {
        "birth_date": '"2015-03-09"',
        "diagnosis": '"AML"',
        "diagnosis_confirmed": "true",
        "disease_status": '"relapsed"',
        "npm1_mutated": "true",
    }
    for name, value in facts.items():
        assert f'"{name}": null' in text
        text = text.replace(f'"{name}": null', f'"{name}": {value}')
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    arguments = ["match", str(path), "--trials", "ZPED", "--as-of", AS_OF, "--format", "json"]
    monkeypatch.setattr("sys.argv", arguments)
    assert cli.main() == 0
    assert json.loads(capfd.readouterr().out)["trials"][0]["verdict"] == "eligible"


@pytest.mark.parametrize("codes", [["ZPED"], ["UC", "SAR"], []])
def test_a_template_can_be_plain_json(
    library: Library,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    codes: list[str],
) -> None:
    """`--format json` prints the same record without comments: it fits the schema, and `match` reads it once the day is given."""
    arguments = ["match", "template", "--format", "json", *(f"--trials={code}" for code in codes)]
    monkeypatch.setattr("sys.argv", arguments)
    assert cli.main() == 0
    text, err = capfd.readouterr()
    assert (text, err) == (template_json(library, codes or library.trials) + "\n", "")
    value = json.loads(text)
    assert value == {
        "as_of": None,
        "facts": dict.fromkeys(entries(template(library, codes or library.trials))),
    }
    assert list(value["facts"]) == entries(template(library, codes or library.trials))
    assert jsonschema.Draft202012Validator(record_schema(library)).is_valid(value)
    with pytest.raises(InputError, match=r'^record: as_of: is missing: write "as_of": "YYYY-MM-DD"'):
        read_record(text, library)
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["match", str(path), "--trials", "ZPED", "--as-of", AS_OF, "--full"])
    assert cli.main() == 0
    assert "1 undetermined" in capfd.readouterr().out


def test_an_unknown_trial_is_an_error(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--trials` is read as everywhere."""
    monkeypatch.setattr("sys.argv", ["match", "template", "--trials", "ZPDE"])
    assert cli.main() == 2
    assert capfd.readouterr() == ("", "error: --trials: 'ZPDE' is not a known trial; did you mean 'ZPED'?\n")


# --- comments ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '// first\n{"as_of": "2026-11-20", "facts": {"ecog": 1}}',
        '{"as_of": "2026-11-20",\n \t// {"a": "b\n"facts": {"ecog": 1}}\n// last',
        '\ufeff// with a mark\r\n{"as_of": "2026-11-20",\r\n  //\r\n"facts": {"ecog": 1}}',
        '// old line ends\r{"as_of": "2026-11-20",\r//x\r"facts": {"ecog": 1}}',
    ],
)
def test_whole_lines_may_be_comments(library: Library, text: str) -> None:
    """A line whose first letters are // is as if it were empty, whatever stands in it and however lines end."""
    assert read_record(text.encode(), library, name="p.json").facts["ecog"].text == "1"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"as_of": "2026-11-20" // the day\n}', "line 1, column 24"),
        ('{"id": "a\n// b", "as_of": "2026-11-20"}', "line 1, column 10"),
        ('// x\n\n// y\n{"as_of": 2026-11-20}', "line 4, column 15"),
        ('{"as_of": "2026-11-20"}\n/* x */', "line 2, column 1"),
        ('# x\n{"as_of": "2026-11-20"}', "line 1, column 1"),
    ],
)
def test_nothing_else_is_a_comment(library: Library, text: str, place: str) -> None:
    """Behind other text, within a string and in other styles there are none, and places in messages stay those of the file."""
    with pytest.raises(InputError, match=f"^p.json: {place}: is not JSON"):
        read_record(text.encode(), library, name="p.json")


def test_slashes_in_a_text_are_kept(library: Library) -> None:
    """What looks like a comment in a text is part of it."""
    text = '{"as_of": "2026-11-20", "id": "// x", "facts": {"ecog": {"value": 1, "source": "http://a"}}}'
    record = read_record(text.encode(), library, name="p.json")
    assert (record.id, record.facts["ecog"].source) == ("// x", "http://a")


def test_a_context_may_have_comments(library: Library) -> None:
    """The file of a site is read in the same way; nothing but comments is an empty file."""
    assert read_context(b'// site\n{"secondary_sources": true}', library, name="s").secondary_sources
    with pytest.raises(InputError, match=r"^s: is empty"):
        read_context(b"// site\n// more", library, name="s")
