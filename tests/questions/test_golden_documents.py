"""The JSON of every verb for every example, byte for byte; that of `match` is in tests/questions/match/test_examples.py.

`UPDATE_GOLDEN=1 python -m pytest tests/questions/test_golden_documents.py` (or `make golden`) writes it again; review the difference.
A text longer than a page stands as its digest, and the versions of the program and of the solver are left out.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cli
from tests.support.records.examples import EXAMPLES, answered_once

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
TRIALS = sorted(path.stem.upper() for path in (ROOT / "encodings" / "trials").glob("*.yaml"))
LONG = 2_000
"""Characters of a text from which its digest stands for it."""

OF_A_RECORD = {
    "explain": [],
    "when": [],
    "tests": ["--show-pair"],
    "what-if": ["ecog=2", "or", "ecog=unknown"],
    "sequence": [],
}
CERTIFIED = ("RO", "K017")
LARGE = ("RO", "SAR")
"""Trials whose sheets of examples take as long as all the others together: `make explore` draws them."""

COMMANDS = {
    **{
        verb: [[verb, f"examples/{example}.json", *more] for example in EXAMPLES]
        for verb, more in OF_A_RECORD.items()
    },
    # an empty record has thousands of claims
    "export": [
        ["export", "--smtlib", f"examples/{example}.json", *CERTIFIED]
        for example in EXAMPLES
        if example != "empty"
    ],
    "diff": [["diff", first, second] for first, second in zip(TRIALS[::2], TRIALS[1::2], strict=True)],
    "examples": [["examples", trial] for trial in TRIALS if trial not in LARGE],
    "large-examples": [["examples", trial] for trial in LARGE],
    "check": [["check", trial] for trial in TRIALS],
    "trials": [["trials"], *(["trials", trial] for trial in TRIALS)],
    "vocabulary": [["vocabulary", "creatinine"]],
    "screen": [["screen", "examples/cohort/cohort.csv", "--reasons", "full"]],
    "relax": [["relax", "UC", "examples/cohort/cohort.csv", "--without", "UC.I0,UC.I1a", "--move", "UC.I3"]],
    "plan": [["plan", "examples/cohort/cohort.csv", "--trials", "UC,K017", "--burden", "200"]],
    "template": [["template", "--trials", trial] for trial in TRIALS],
}


def brief(value: Any) -> Any:
    """A document with digests in place of long texts, without the versions."""
    if isinstance(value, dict):
        return {key: brief(one) for key, one in value.items() if key not in ("engine", "solver")}
    if isinstance(value, list):
        return [brief(one) for one in value]
    if isinstance(value, str) and len(value) > LONG:
        return f"sha256 {hashlib.sha256(value.encode()).hexdigest()}"
    return value


def documents(verb: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a verb prints for the examples, a line a document."""
    monkeypatch.chdir(ROOT)
    lines = []
    for command in COMMANDS[verb]:
        with answered_once():
            done = CliRunner().invoke(cli.verbs, [*command, "--format", "json"], standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        printed = [done.stdout] if command[0] in ("examples", "template") else done.stdout.splitlines()
        lines += [json.dumps(brief(json.loads(text)), ensure_ascii=False) for text in printed]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    "verb",
    [pytest.param(verb, marks=pytest.mark.slow) if verb.startswith("large-") else verb for verb in COMMANDS],
)
def test_the_documents_of_a_verb_are_as_reviewed(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, value or order of keys in the JSON of a verb differs from what was reviewed."""
    path = GOLDEN / f"{verb}.ndjson"
    found = documents(verb, monkeypatch)
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")
