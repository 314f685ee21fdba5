"""Trials of one's own, and the words that only they need, beside the encodings that come along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cli
from solver.errors import InputError
from solver.library.load import load_library
from tests.support.libraries.concept_library import concept_folder
from tests.support.libraries.small_library import stored

TRIAL = """\
trial: NCT09999999
code: OWN
title: A trial of our own
intervention: rest
recruitment: recruiting
criteria: full
sources: []
cohorts:
  A: {label: All}
clauses:
  - {id: I1, label: Well, source: S, class: objective, changes: test, require: our_score <= 2 and not ever(our_drug)}
"""
WORDS = """\
variables:
  - {name: our_score, type: integer, label: our score, changes: test, about: A score of our site.}
concepts:
  - {id: our_drug, kind: therapy, label: our drug, broader: [hma]}
tests:
  - {id: our-test, label: our test, reveals: [our_score], burden: light, days: 1, source: us}
"""
WORKUP = """\
burdens: [{id: light, label: light, weight: 1}]
tests:
  - {id: all, label: all, reveals: [first_dose, birth, fit, grade, alt, weight], burden: light, days: 0, source: s}
"""


@pytest.fixture
def encodings(tmp_path: Path) -> Path:
    """A small folder of encodings with tests."""
    return concept_folder(tmp_path, files={"workup.yaml": WORKUP})


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a trial of one's own and its words."""
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "trial.yaml").write_text(TRIAL, encoding="utf-8")
    (folder / "words.yaml").write_text(WORDS, encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", ["", "trial.yaml"])
def test_a_trial_of_ones_own_joins_the_others(encodings: Path, own: Path, path: str) -> None:
    """A folder gives all its files; a file itself, and the words beside it."""
    library = load_library(encodings, cached=False, add_trials=[own / path])
    assert list(library.trials) == ["ONE", "OWN"]
    assert list(library.trials["OWN"].terms) == ["ever(our_drug)"]
    assert "our_drug" in library.concepts.narrower("hma")
    assert library.tests["our-test"].reveals == ("our_score",)
    assert library.added == {"OWN": str(own / "trial.yaml")}
    plain = load_library(encodings, cached=False)
    assert plain.digest != library.digest
    assert plain.trials["ONE"] == library.trials["ONE"]


def test_what_no_test_reveals_is_asked_for(encodings: Path, own: Path) -> None:
    """A site need not write a test for each of its variables."""
    words = WORDS[: WORDS.index("tests:")]
    (own / "words.yaml").write_text(words, encoding="utf-8")
    library = load_library(encodings, cached=False, add_trials=[own])
    assert [t.id for t in library.tests.values() if "our_score" in t.reveals] == ["ask:our_score"]


def test_a_file_is_read_once(encodings: Path, own: Path) -> None:
    """Named twice, or with its folder, it is one trial."""
    library = load_library(encodings, cached=False, add_trials=[own / "trial.yaml", own, own / "trial.yaml"])
    assert list(library.trials) == ["ONE", "OWN"]


def test_what_is_added_is_cached_apart(
    encodings: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same files are not compiled again; a change of one is seen, and the encodings alone stay what they were."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    first = load_library(encodings, add_trials=[own])
    assert load_library(encodings, add_trials=[own]).digest == first.digest
    assert list(load_library(encodings).trials) == ["ONE"]
    (own / "trial.yaml").write_text(TRIAL.replace("<= 2", "<= 3"), encoding="utf-8")
    second = load_library(encodings, add_trials=[own])
    assert second.trials["OWN"].clauses[0].logic != first.trials["OWN"].clauses[0].logic
    assert len(stored(tmp_path / "cache" / "trialproof")) == 3


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "trial.yaml",
            TRIAL.replace("code: OWN", "code: ONE"),
            "trial.yaml:2:7: the code 'ONE' is already used",
        ),
        (
            "trial.yaml",
            TRIAL.replace("our_score", "our_scor"),
            "unknown name 'our_scor'",
        ),
        (
            "words.yaml",
            WORDS.replace("our_score,", "grade,"),
            "words.yaml:2:12: the variable 'grade' is declared twice",
        ),
        (
            "words.yaml",
            WORDS.replace("our_drug", "car_t"),
            "words.yaml:4:10: the concept 'car_t' is declared twice",
        ),
        ("words.yaml", WORDS.replace("our-test", "all"), "words.yaml:6:10: the id 'all' is used twice"),
        ("words.yaml", WORDS.replace("light", "heavy"), "unknown burden 'heavy'"),
        ("words.yaml", "axioms: []\n", "words.yaml:1:9: unknown key 'axioms' at this place"),
        ("words.yml", WORDS, "words.yml: would be overlooked: call it .yaml"),
    ],
)
def test_a_wrong_file_is_told(encodings: Path, own: Path, name: str, text: str, told: str) -> None:
    """With the path of the file as it was given."""
    (own / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_library(encodings, cached=False, add_trials=[own])
    assert any(told in line and line.startswith(str(own)) for line in caught.value.problems), (
        caught.value.problems
    )


def test_a_path_that_gives_nothing_is_told(encodings: Path, own: Path) -> None:
    """No such file, an empty folder, a record."""
    (own / "empty").mkdir()
    (own / "p.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_library(encodings, add_trials=[own / "none.yaml", own / "empty", own / "p.json"])
    assert [line.removeprefix(str(own)).split(":")[1].strip() for line in caught.value.problems] == [
        "does not exist",
        "holds no .yaml file",
        "is no trial file but looks like a record",
    ]


def test_every_verb_takes_them(
    encodings: Path,
    own: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`match trials`, `match check` by code and by path, and `match` itself."""

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["match", *arguments, "--encodings", str(encodings)])
        return cli.main(), capsys.readouterr().out.replace(f"{own}/", "")

    (own / "trial.yaml").write_text(TRIAL.replace(" and not ever(our_drug)", ""), encoding="utf-8")
    patient = tmp_path / "p.json"
    patient.write_text('{"id": "p", "as_of": "2026-11-20", "facts": {"our_score": 3}}', encoding="utf-8")
    assert "OWN" in run("trials", "--add-trials", str(own))[1]
    assert run("check", "OWN", "--add-trials", str(own))[0] == 0
    code, checked = run("check", str(own), "--format", "json")
    assert (code, json.loads(checked)["trials"]) == (0, ["OWN"])
    assert run("check", str(own / "trial.yaml"), "--format", "json") == (code, checked)
    answer = json.loads(run(str(patient), "--trials", "OWN", "--format", "json", "--add-trials", str(own))[1])
    assert answer["trials"][0]["verdict"] == "ineligible"


@pytest.mark.parametrize("code", ["OWN", "DRAFT"])
def test_a_trial_of_a_site_gives_way_to_the_same_one_that_is_added(
    code: str, encodings: Path, own: Path, tmp_path: Path
) -> None:
    """By its number, also where its code is another; the words of the site stay, and so do its other trials."""
    (own / "other.yaml").write_text(TRIAL.replace("NCT09999999", "NCT09999998").replace("OWN", "OTHER"))
    draft = tmp_path / "draft.yaml"
    draft.write_text(TRIAL.replace("OWN", code).replace("A trial of our own", "A draft"))
    library = load_library(encodings, cached=False, site_trials=[own], add_trials=[draft])
    assert {trial.code: trial.title for trial in library.trials.values()} == {
        "ONE": library.trials["ONE"].title,
        "OTHER": "A trial of our own",
        code: "A draft",
    }
