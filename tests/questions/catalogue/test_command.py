"""`match trials`: what is encoded, from which sources and how completely, and each clause beside its logic."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

import cli
from solver.library.models import Library
from solver.questions.catalogue.ask import encoded_trials
from solver.questions.catalogue.page import catalogue_page
from solver.report.json import document as document_of
from solver.report.json import json_text
from solver.report.page import Page
from tests.support.records import worked

TRIALS = Path(__file__).parents[3] / "encodings" / "trials"


def catalogue(library: Library, codes: Iterable[str], width: int, *, clauses: bool) -> Page:
    """What is shown of trials."""
    return catalogue_page(encoded_trials(library, codes), library, width, clauses=clauses)


def catalogue_json(library: Library, codes: Iterable[str]) -> str:
    """What a program is told of trials."""
    return json_text(encoded_trials(library, codes))


def page(library: Library, *codes: str, clauses: bool = True) -> str:
    """What is shown of trials, without line breaks."""
    return " ".join(catalogue(library, codes, 80, clauses=clauses).plain().split())


def written(code: str) -> dict[str, Any]:
    """The file of a trial."""
    path = TRIALS / f"{code.lower()}.yaml"
    found = yaml.load(path.read_text(encoding="utf-8"), worked._Plain)
    assert isinstance(found, dict)
    return found


def folded(text: object) -> str:
    return " ".join(str(text).split())


@pytest.mark.parametrize("clauses", [False, True])
def test_no_line_is_wider_than_the_page(library: Library, clauses: bool) -> None:
    """At 80 columns nothing runs over."""
    text = catalogue(library, library.trials, 80, clauses=clauses).plain()
    assert max(map(len, text.splitlines())) <= 80


def test_the_list_says_what_is_encoded(library: Library) -> None:
    """Number, code, title, sources with their texts, how much of the list was read, counts by source, cohorts, recruitment."""
    text = page(library, *library.trials, clauses=False)
    for code, trial in library.trials.items():
        assert f"{code} {trial.nct} {trial.title}" in text
        assert all(f"source: {name} {folded(source)}" in text for name, source in trial.sources.items())
        assert all(f"unpublished: {name} {folded(item)}" in text for name, item in trial.unpublished.items())
    assert "encoded: the full list of criteria: 30 published clauses (29 from S and 1 from U)" in text
    assert "only part of the list of criteria: 4 published clauses; 2 from secondary sources" in text
    assert "cohort: JPC Japan Cohort C" in text
    assert "recruitment: terminated. The registry record" in text
    assert "a second reading can be switched on for AMB-UC-1, AMB-UC-2, AMB-UC-3 and AMB-UC-10" in text
    assert "logic:" not in text


@pytest.mark.parametrize("code", ["K001", "K017", "RO", "SAR", "UC", "ZPED"])
def test_each_clause_stands_beside_its_logic_as_written(library: Library, code: str) -> None:
    """Every expression of the trial's file, of any cohort and reading, is shown word for word; so is every note and reading."""
    text = page(library, code)
    file = written(code)
    for clause in file["clauses"]:
        assert f"{code}.{clause['id']} {folded(clause['label'])} source: {folded(clause['source'])}" in text
        for shape in (clause, *clause.get("readings", {}).values()):
            expressions = [shape[key] for key in ("when", "unless", "require") if key in shape]
            if isinstance(shape.get("cohorts"), dict):
                expressions += shape["cohorts"].values()
            assert all(folded(expression) in text for expression in expressions), clause["id"]
        for reading, shape in clause.get("readings", {}).items():
            assert f"under {reading}{': dropped' if shape.get('drop') else ''}" in text
        assert folded(clause.get("note", "")) in text
    for item in (*file.get("readings", []), *file.get("notices", [])):
        assert folded(item["text"]) in text


def test_logic_by_cohort_is_told_by_cohort(library: Library) -> None:
    """A clause that binds some cohorts, or reads differently, names them; one that binds all does not."""
    text = page(library, "UC")
    assert "logic for ESC: donor_identified and transplant_strategy" in text
    assert "UC.I3 ECOG 0 or 1 source: S inclusion 3; objective logic: ecog <= 1" in text
    assert "logic for JPC: cohort_open" in page(library, "SAR")


def test_clauses_from_secondary_sources_say_when_they_are_in_force(library: Library) -> None:
    """They are not in force unless switched on, by all or by their own reading."""
    assert (
        "K017.E1s No BCR::ABL1 fusion source: 2 curation note; objective in force: only with secondary"
        in page(library, "K017")
    )


def test_a_clause_names_the_policy_that_covers_it(library: Library) -> None:
    """By its own key or by its class; a clause that none covers says nothing of one."""
    text = page(library, "UC")
    assert "logic: not (active_infection or infection_uncontrolled) assumption policy: not-known" in text
    assert "logic: organ_renal_ok assumption policy: judgement-met" in text
    assert text.count("assumption policy:") == sum(
        clause.policy is not None for clause in library.trials["UC"].clauses
    )


def test_json_holds_everything(library: Library) -> None:
    """Counts add up, every clause has its logic for every cohort it binds, and the text is one line."""
    document = json.loads(catalogue_json(library, library.trials))
    assert document == document_of(encoded_trials(library, library.trials))
    assert (document["schema"], document["encodings"]) == ("trialproof/trials/1", library.digest)
    assert "\n" not in catalogue_json(library, library.trials)
    for shape in document["trials"]:
        trial, counts = library.trials[shape["code"]], shape["counts"]
        assert counts["published"] + counts["secondary"] + counts["opaque"] == len(trial.clauses)
        assert sum(counts["by_source"].values()) == len(trial.clauses)
        assert counts["unpublished"] == len(trial.unpublished)
        for clause, known in zip(shape["clauses"], trial.clauses, strict=True):
            cohorts = [cohort for logic in clause["logic"] for cohort in logic["cohorts"]]
            assert sorted(cohorts) == sorted(known.conditions)
            assert [other["reading"] for other in clause["readings"]] == list(known.alternatives)


def run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    """The exit code and what the command prints."""
    monkeypatch.setattr("sys.argv", ["match", "trials", *arguments])
    code = cli.main()
    return code, *capfd.readouterr()


def test_the_command_lists_or_shows(
    library: Library, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a trial all are listed, with trials their clauses are shown; `--format json` is the same object for these."""
    monkeypatch.setenv("COLUMNS", "80")
    assert run(capfd, monkeypatch) == (0, catalogue(library, library.trials, 80, clauses=False).plain(), "")
    shown = catalogue(library, ["UC", "ZPED"], 80, clauses=True).plain()
    assert run(capfd, monkeypatch, "uc", "NCT06376162") == (0, shown, "")
    code, out, err = run(capfd, monkeypatch, "UC", "--format", "json")
    assert (code, out, err) == (0, catalogue_json(library, ["UC"]) + "\n", "")


def test_an_unknown_trial_is_an_error(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is answered with the nearest name, or with all."""
    assert run(capfd, monkeypatch, "ZPDE") == (
        2,
        "",
        "error: 'ZPDE' is not a known trial; did you mean 'ZPED'?\n",
    )
    assert run(capfd, monkeypatch, "x")[2] == (
        "error: 'x' is not a known trial: the trials are K001, K017, RO, SAR, UC, ZPED\n"
    )
