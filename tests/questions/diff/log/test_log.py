"""`match diff --log`, and files out of a revision of git: on a small repository whose trial is known, revision by revision."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from solver.library.load import load_library
from solver.questions.schema.ask import schema
from tests.support.pages.command_line import run_command

GOLDEN = Path(__file__).parent / "golden"

HEAD = """trial: NCT00000001
code: T
title: An invented trial
intervention: nothing
recruitment: recruiting
criteria: full
sources:
  - id: S
    text: invented
cohorts:
  ALL:
    label: Everyone
clauses:
"""

CLAUSES = {
    "I1": "age >= 18",
    "I2": "ecog <= 1",
    "I3": "not ever(hiv)",
    "E1": "not prior_car_t",
}


def trial_text(**changes: str | None) -> str:
    """The text of the trial with other clauses; None takes one away."""
    found = HEAD
    for name, require in {**CLAUSES, **changes}.items():
        if require is not None:
            keys = f"    source: {name}\n    class: objective\n    changes: test\n    require: {require}\n"
            found += f"  - id: {name}\n    label: Clause {name}\n{keys}"
    return found


def git(*arguments: str, day: int = 1) -> None:
    """Run git in the working directory, on a day of January 2026, as nobody in particular."""
    at = f"2026-01-{day:02}T12:00:00+00:00"
    own = {
        "GIT_AUTHOR_DATE": at,
        "GIT_COMMITTER_DATE": at,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True, env={**os.environ, **own})


def keep(file: str, text: str, subject: str, day: int) -> None:
    """Write a file and commit it."""
    Path(file).write_text(text, encoding="utf-8")
    git("add", "--all")
    git("commit", "--quiet", "-m", subject, day=day)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which a trial is written, amended, broken, mended, renamed, taken away, brought back, and amended beside a merge."""
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    keep("trial.yaml", trial_text(), "The protocol", 1)
    keep("trial.yaml", trial_text(I2="ecog <= 2"), "Amendment 1: ECOG up to 2", 2)
    keep("trial.yaml", trial_text(I2="ecog <= 2", I1="age >="), "A slip", 3)
    keep("trial.yaml", trial_text(I2="ecog <= 2", I1="not age < 18"), "Mended, in other words", 4)
    git("mv", "trial.yaml", "tri\u00e4l.yaml")
    git("commit", "--quiet", "-m", "Another name", day=5)
    git("rm", "--quiet", "tri\u00e4l.yaml")
    git("commit", "--quiet", "-m", "Withdrawn", day=6)
    keep(
        "tri\u00e4l.yaml",
        trial_text(I2="ecog <= 2", I1="16 <= age <= 60"),
        "Amendment 2: from 16 to 60 years",
        7,
    )
    git("checkout", "--quiet", "-b", "beside", "HEAD~1")
    keep("notes.txt", "nothing of the trial", "Beside it", 8)
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "-m", "Merge", "beside", day=9)
    without = trial_text(I2="ecog <= 2", I1="16 <= age <= 60", I3="not ever(hiv) and not ever(cytarabine)")
    keep("tri\u00e4l.yaml", without, "Amendment 3: nor\x1f cyta\x1erabine", 10)
    return tmp_path


def as_reviewed(name: str, text: str) -> None:
    """UPDATE_GOLDEN=1 writes it again."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_history_is_told_revision_by_revision(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom each change admitted or shut out; what cannot be read, and what is gone, is compared with nothing."""
    monkeypatch.setenv("COLUMNS", "80")
    code, page, _ = run_command("diff", "--log", "tri\u00e4l.yaml")
    assert code == 1
    as_reviewed("log.txt", page)
    _, text, _ = run_command("diff", "--log", "tri\u00e4l.yaml", "--format", "json")
    found: dict[str, Any] = json.loads(text)
    jsonschema.validate(found, schema("diff-log", load_library()))
    told = [
        (
            step["subject"].partition(":")[0],
            bool(step["fault"]),
            step["change"] and step["change"]["relation"],
        )
        for step in found["steps"]
    ]
    assert told == [
        ("The protocol", False, None),
        ("Amendment 1", False, "looser"),
        ("A slip", True, None),
        ("Mended, in other words", False, "equivalent"),
        ("Another name", False, "equivalent"),
        ("Withdrawn", True, None),
        ("Amendment 2", False, "incomparable"),
        ("Amendment 3", False, "stricter"),
    ]
    for step in found["steps"]:
        # the digest of the encodings changes with each of their words
        (step["change"] or step).pop("engine", None)
    found.pop("engine")
    as_reviewed("log.json", json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def test_a_day_and_a_folder_below_are_taken_as_well(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From elsewhere by a path to the file; on a day of evaluation alone."""
    below = kept / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    code, text, _ = run_command(
        "diff", "--log", "../tri\u00e4l.yaml", "--as-of", "2026-03-01", "--format", "json"
    )
    steps = json.loads(text)["steps"]
    assert code == 1
    assert [step["change"]["as_of"] for step in steps if step["change"]] == ["2026-03-01"] * 5


def test_nothing_but_words_changed_is_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the exit code is 0."""
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    keep("trial.yaml", trial_text(), "The protocol", 1)
    keep("trial.yaml", trial_text(I2="not ecog > 1"), "In other words", 2)
    code, page, _ = run_command("diff", "--log", "trial.yaml")
    assert (code, "admits the same patients" in page) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["diff", "--log", "nowhere.yaml"], "no revision has it"),
        (["diff", "--log", "nowhere/trial.yaml"], "no such file"),
        (["diff", "--log", "tri\u00e4l.yaml", "RO"], "leave out A, B and --cohort"),
        (["diff", "HEAD:trial.yaml", "tri\u00e4l.yaml"], "no file 'trial.yaml' in revision 'HEAD'"),
        (["diff", "nowhere:trial.yaml", "tri\u00e4l.yaml"], "no revision 'nowhere'"),
        (["diff", "HEAD:../outside.yaml", "tri\u00e4l.yaml"], "no file '../outside.yaml' in revision 'HEAD'"),
        (["diff", "HEAD~4:trial.yaml", "tri\u00e4l.yaml"], "no file"),
        (["check", "HEAD:trial.yaml"], "no file 'trial.yaml' in revision 'HEAD'"),
        (["check", "main~3:tri\u00e4l.yaml"], "no file"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_cannot_be_compared_is_told_in_a_line(kept: Path, arguments: list[str], told: str) -> None:
    """What was found, and what to do; exit code 2."""
    code, out, err = run_command(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert len(err.strip().splitlines()) <= 4


def test_outside_of_a_repository_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the history and for a file of a revision."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    Path("trial.yaml").write_text(trial_text())
    for arguments in (
        ["diff", "--log", "trial.yaml"],
        ["check", "HEAD:trial.yaml"],
        ["diff", "HEAD:trial.yaml", "trial.yaml"],
    ):
        code, _, err = run_command(*arguments)
        assert (code, "in no repository of git" in err) == (2, True)


def test_two_revisions_are_compared_and_one_is_checked(kept: Path) -> None:
    """Under its name at the time; a revision that cannot be read says where."""
    code, text, _ = run_command("diff", "main~8:trial.yaml", "HEAD:tri\u00e4l.yaml", "--format", "json")
    assert (code, json.loads(text)["relation"]) == (1, "incomparable")
    first = subprocess.run(
        ["git", "rev-list", "--max-parents=0", "HEAD"], check=True, capture_output=True, text=True
    )
    name = f"{first.stdout.strip()[:10]}:trial.yaml"
    code, page, _ = run_command("check", name)
    assert (code, page.startswith("Consistency of T")) == (0, True)
    code, text, _ = run_command("check", name, "--format", "json", "--fail-on", "note")
    places = {place["file"] for finding in json.loads(text)["findings"] for place in finding["places"]}
    assert places <= {name}
    code, _, err = run_command("check", "main~6:trial.yaml")
    assert code == 2
    assert "main~6:trial.yaml:" in err
