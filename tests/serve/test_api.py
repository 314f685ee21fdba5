"""The questions for programs, against the documents of the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from solver.library.models import Library
from solver.serve.api import asking_verbs
from tests.support.pages.command_line import run_command
from tests.support.pages.serving import Client

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def client(library: Library) -> Client:
    """A program that knows the token."""
    return Client.of(library)


def example(name: str) -> Any:
    """The content of an example."""
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


def printed(*words: str) -> Any:
    """The document that the command line prints."""
    done = run_command(*(words[1:] if words[0] == "match" else words), "--format", "json")
    assert done.code == 0, done.error
    return json.loads(done.output)


@pytest.mark.parametrize("verb", asking_verbs())
@pytest.mark.parametrize("name", ["undetermined.json", "contradictory.json"])
def test_the_answer_is_that_of_the_command_line(client: Client, verb: str, name: str) -> None:
    """Each verb about one record, of a record that is consistent and of one that is not."""
    found = client.ask(verb, {"record": example(name), "trials": ["RO", "K017"]})
    assert (found.status, found.headers["content-type"]) == (200, "application/json")
    named = ["--trials", "RO,K017"] if verb in ("match", "sequence") else ["RO", "K017"]
    assert found.data == printed(verb, str(EXAMPLES / name), *named)


def test_a_question_may_say_how_it_is_judged(client: Client, tmp_path: Path) -> None:
    """The day, a planned dose, a context and policies stand for the options of these names."""
    context = {"open_cohorts": {"SAR": ["EXP"]}}
    (tmp_path / "context.json").write_text(json.dumps(context), encoding="utf-8")
    body = {
        "record": example("assumption.json"),
        "as_of": "2026-11-25",
        "first_dose": "2026-12-01",
        "context": context,
        "assume": ["history-absent"],
    }
    words = ["--as-of", "2026-11-25", "--first-dose", "2026-12-01", "--assume", "history-absent"]
    words += ["--context", str(tmp_path / "context.json")]
    assert client.ask("match", body).data == printed("match", str(EXAMPLES / "assumption.json"), *words)


@pytest.mark.parametrize("folder", ["fhir", "phenopackets"])
def test_an_export_is_read_as_a_record(client: Client, folder: str) -> None:
    """FHIR and Phenopackets, which need a day."""
    path = sorted((EXAMPLES / folder).glob("*.json"))[0]
    body = {"record": json.loads(path.read_text(encoding="utf-8")), "as_of": "2026-11-20", "trials": ["RO"]}
    found = client.ask("match", body)
    expected = printed("match", str(path), "--as-of", "2026-11-20", "--trials", "RO")
    assert found.data["trials"] == expected["trials"]
    assert client.ask("match", {"record": body["record"]}).data == {
        "errors": [
            f"record: a {'FHIR bundle' if folder == 'fhir' else 'Phenopacket'} has no day of evaluation: give --as-of YYYY-MM-DD"
        ]
    }


FAULTS: dict[str, tuple[Any, str]] = {
    "not JSON": (b"{", "body: line 1, column 2: is not JSON"),
    "nested": (b'{"record": ' + b"[" * 3000 + b"]" * 3000 + b"}", "body: is nested more than 100 deep"),
    "not an object": ([], "body: holds a list, not a question"),
    "unknown key": ({"record": {}, "asof": "2026-11-20"}, "body: unknown key 'asof'; did you mean 'as_of'?"),
    "no record": ({}, "body: record: is missing"),
    "record": (
        {"record": {"as_of": "2026-11-20", "facts": {"ecog": "x"}}},
        "record: facts.ecog: 'x' is not a number",
    ),
    "unknown fact": (
        {"record": {"as_of": "2026-11-20", "facts": {"ecgo": 1}}},
        "record: facts.ecgo: is not a known variable",
    ),
    "trial": ({"record": {"as_of": "2026-11-20"}, "trials": ["XX"]}, "trials: 'XX' is not a known trial"),
    "trials": (
        {"record": {"as_of": "2026-11-20"}, "trials": "RO"},
        "body: trials: 'RO' is not a list of names",
    ),
    "policy": (
        {"record": {"as_of": "2026-11-20"}, "assume": ["history"]},
        "assume: 'history' is not a known policy",
    ),
    "day": ({"record": {"as_of": "2026-11-20"}, "as_of": "2026-13-01"}, "body: as_of: "),
    "context": ({"record": {"as_of": "2026-11-20"}, "context": {"open": 1}}, "context: unknown key 'open'"),
    "no context": (
        {"record": {"as_of": "2026-11-20"}, "context": [1]},
        "body: context: a list is not an object",
    ),
    "no day": ({"record": {"facts": {}}}, "record: as_of: is missing"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_the_words_of_the_command_line(client: Client, fault: str) -> None:
    """Each as one line of 422, with what is to be done."""
    body, told = FAULTS[fault]
    found = client.ask("match", body)
    assert found.status == 422
    assert [line for line in found.data["errors"] if line.startswith(told)], found.data


def test_every_fault_of_a_body_is_told_at_once(client: Client) -> None:
    """As of a record."""
    found = client.ask("match", {"as_of": 1, "trials": 2, "more": 3})
    assert len(found.data["errors"]) == 4


def test_a_question_that_there_is_not_is_told_as_a_fault(client: Client) -> None:
    """With those that there are."""
    found = client.ask("relax", {"record": {"as_of": "2026-11-20"}})
    assert found.status == 404
    assert found.data == {
        "errors": [f"there is no such question: the questions are {', '.join(asking_verbs())}"]
    }


def test_a_body_has_at_most_10_mb(client: Client) -> None:
    """A longer one is refused, also where its length is not told."""
    found = client.ask("match", b'{"record": {}}' + b" " * 10_000_000)
    assert found.status == 413
    assert found.data == {"errors": ["body: is larger than 10 MB: a record is a few thousand bytes"]}
    assert client.ask("match", b'{"record": {}}' + b" " * 9_999_000).status == 422


def test_a_fault_of_the_program_says_no_more_than_its_kind(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its words may hold what a record says."""

    def fail(*_: object) -> None:
        raise RuntimeError("Jane Doe")

    monkeypatch.setattr("solver.questions.match.ask.match", fail)
    found = client.ask("match", {"record": {"as_of": "2026-11-20"}})
    assert found.status == 500
    assert found.data == {"errors": ["the engine failed, and this is a fault of the program: RuntimeError"]}


def test_the_questions_are_described(client: Client) -> None:
    """Each verb and each key, on a page without anything from elsewhere."""
    text = client.get("/api").text
    assert all(f"POST /api/{verb}" in text for verb in asking_verbs())
    assert all(
        f"<code>{key}</code>" in text
        for key in ("record", "trials", "as_of", "first_dose", "context", "assume")
    )
    assert "https://" not in text
