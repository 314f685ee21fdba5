"""The option --site in every verb: what it changes, and what wins over it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.questions.test_command_line import EXAMPLES, Match, match

SEVERAL, OPEN = (str(EXAMPLES / f"{name}.json") for name in ("several-trials", "undetermined"))
VERBS = [
    (SEVERAL,),
    (SEVERAL, "--full"),
    (SEVERAL, OPEN),
    ("explain", SEVERAL, "RO"),
    ("explain", SEVERAL, "RO", "--full"),
    ("tests", OPEN, "RO"),
    ("tests", OPEN, "RO", "--full"),
    ("when", SEVERAL, "RO"),
    ("when", SEVERAL, "RO", "--full"),
    ("what-if", SEVERAL, "ecog=2", "--trials", "RO"),
    ("what-if", SEVERAL, "ecog=2", "--trials", "RO", "--full"),
    ("what-if", SEVERAL, "ecog=2", "or", "ecog=1", "--trials", "RO"),
    ("sequence", SEVERAL, "--trials", "RO,K017"),
    ("sequence", SEVERAL, "--trials", "RO,K017", "--full"),
]
NAMES = [" ".join(word.rsplit("/", 1)[-1] for word in verb) for verb in VERBS]

__all__ = ["match"]


@pytest.fixture
def site(tmp_path: Path) -> str:
    """The file of a site that has RO, the lowest of all by the registry, open, and K017, which recruits, closed."""
    path = tmp_path / "ward.yaml"
    path.write_text(
        "name: Ward 7\u202e\npolicies: [history-absent]\ncontacts: {RO: 'trial desk, 4711'}\n"
        "context: {open_cohorts: {SAR: [EXP]}, readings: [AMB-SAR-3]}\n"
        "trials_open: {RO: {open: true, slots: 2, note: call before noon}, K017: {open: false}, UC.ESC: {open: false}}\n",
        encoding="utf-8",
    )
    return str(path)


def answer(found: Any) -> Any:
    """The JSON that a run printed."""
    assert found.code == 0, found.err
    return json.loads(found.out)


@pytest.mark.parametrize("verb", VERBS, ids=NAMES)
def test_every_page_on_patients_names_the_site_in_its_first_line(
    match: Match, site: str, verb: tuple[str, ...]
) -> None:
    """What a terminal would act upon is escaped in it."""
    found = match(*verb, "--site", site)
    assert found.code == 0, found.err
    assert "(Ward 7\\u202e)" in found.out.splitlines()[0]


@pytest.mark.parametrize(
    "verb",
    [verb for verb in VERBS if "--full" not in verb and verb[1:] != (OPEN,) and "or" not in verb]
    + [("export", "--smtlib", SEVERAL, "K017")],
    ids=lambda verb: verb[0].rsplit("/", 1)[-1],
)
def test_every_document_on_patients_names_the_site(match: Match, site: str, verb: tuple[str, ...]) -> None:
    """By its name and a digest of its file, and the policies with it; without a site there is no such key."""
    found = answer(match(*verb, "--site", site, "--format", "json"))
    assert found["site"]["name"] == "Ward 7\u202e"
    assert re.fullmatch("sha256:[0-9a-f]{64}", found["site"]["digest"])
    assert found["policies"] == ["history-absent"]
    assert "site" not in answer(match(*verb, "--format", "json"))


def test_a_site_can_be_named_in_the_environment(
    match: Match, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option wins over it; nothing is looked for in the current folder."""
    alone = (SEVERAL, "--trials", "K017")
    given = answer(match(*alone, "--site", site, "--format", "json"))
    monkeypatch.setenv("TRIALPROOF_SITE", site)
    assert answer(match(*alone, "--format", "json")) == given
    monkeypatch.setenv("TRIALPROOF_SITE", "nowhere.yaml")
    assert answer(match(*alone, "--site", site, "--format", "json")) == given
    assert match(SEVERAL).err == "error: nowhere.yaml: does not exist: check the path\n"


def test_what_is_open_decides_order_approach_and_asking_and_no_verdict(match: Match, site: str) -> None:
    """The registry's own word stays in the JSON beside that of the site."""
    open_at_site = Path(site).read_text().replace("policies: [history-absent]\n", "")
    Path(site).write_text(
        open_at_site[: open_at_site.index("context")] + open_at_site[open_at_site.index("trials_open") :]
    )
    before = answer(match(OPEN, "--format", "json"))["trials"]
    after = answer(match(OPEN, "--site", site, "--format", "json"))["trials"]
    assert [(each["code"], each["verdict"], each["conflicts"], each["recruitment"]) for each in before] == [
        (each["code"], each["verdict"], each["conflicts"], each["recruitment"]) for each in after
    ]
    (first,) = (each["first"] for each in after if each["code"] == "RO")
    assert first is not None
    (said,) = (each["at_site"] for each in after if each["code"] == "RO")
    assert said == {
        "open": True,
        "slots": 2,
        "note": "call before noon",
        "rank": None,
        "contact": "trial desk, 4711",
    }
    page = match(OPEN, "--site", site).out
    assert re.findall(r"^(\w+) +(?:un|in|el)\w+ ", page, re.MULTILINE) == [
        "K001",
        "RO",
        "ZPED",
        "UC",
        "SAR",
        "K017",
    ]
    assert "RO first: " in page
    assert re.search(r"^K017 +ineligible +closed here ", page, re.MULTILINE)
    assert re.search(r"^RO +undetermined +open here, 2 slots ", page, re.MULTILINE)
    told = " ".join(match(SEVERAL, "--site", site).out.split())
    assert "to approach: RO (call before noon; contact: trial desk, 4711)" in told


def test_tests_asks_about_what_the_site_has_open(match: Match, site: str) -> None:
    """In place of what the registry says."""
    page = match("tests", OPEN, "--site", site).out
    assert "\nRO  NCT04580121  undetermined" in page
    assert "Closed, not asked about: K017 (closed here) and SAR (terminated); with --all" in page


def test_rank_sorts_trials_of_the_same_verdict(match: Match, tmp_path: Path) -> None:
    """Behind whether they are open; trials without a rank come last."""
    path = tmp_path / "site.yaml"
    path.write_text(
        "trials_open: {UC: {rank: 2, open: true}, K001: {rank: 1}, SAR: {rank: 0}, RO: {open: true, rank: 3}}"
    )
    page = match(SEVERAL, "--site", str(path)).out
    assert re.findall(r"^(\w+) +(?:in|el)\w+ ", page, re.MULTILINE) == [
        "K001",
        "UC",
        "RO",
        "K017",
        "ZPED",
        "SAR",
    ]


@pytest.mark.parametrize(
    ("own", "option", "expected"),
    [
        (None, None, {"SAR": {"EXP"}, "UC": {"EXP"}}),
        (None, {"SAR": ["ESC"]}, {"SAR": {"ESC"}, "UC": {"EXP"}}),
        ({"UC": ["ESC"]}, {"UC": ["EXP"], "SAR": ["JPC"]}, {"SAR": {"JPC"}, "UC": {"ESC"}}),
    ],
)
def test_a_record_wins_over_the_option_and_that_over_the_site(
    match: Match, site: str, tmp_path: Path, own: Any, option: Any, expected: dict[str, set[str]]
) -> None:
    """Key by key, and trial by trial for open cohorts."""
    record = json.loads(Path(SEVERAL).read_text())
    record |= {"context": {"open_cohorts": own}} if own else {}
    (tmp_path / "p.json").write_text(json.dumps(record))
    given = []
    if option:
        (tmp_path / "context.json").write_text(json.dumps({"open_cohorts": option}))
        given = ["--context", str(tmp_path / "context.json")]
    found = answer(
        match(str(tmp_path / "p.json"), "--site", site, *given, "--trials", "SAR,UC", "--format", "json")
    )
    is_open = {
        trial["code"]: {each["cohort"] for each in trial["cohorts"] if each["open"]}
        for trial in found["trials"]
    }
    assert is_open == expected
    (parts,) = (trial["cohorts"] for trial in found["trials"] if trial["code"] == "UC")
    shut = {each["cohort"] for each in parts if each["recruitment"] == "closed"}
    assert shut == ({"ESC"} if "ESC" not in expected["UC"] else set())


def test_an_option_wins_over_the_site(match: Match, site: str) -> None:
    """Policies of --assume take the place of the site's, and --prescreen has them all."""
    assert answer(match(SEVERAL, "--site", site, "--format", "json"))["policies"] == ["history-absent"]
    other = answer(match(SEVERAL, "--site", site, "--assume", "consent-given", "--format", "json"))
    assert other["policies"] == ["consent-given"]
    assert len(answer(match(SEVERAL, "--site", site, "--prescreen", "--format", "json"))["policies"]) > 1


def test_a_fault_of_a_site_is_one_of_the_input(match: Match, tmp_path: Path) -> None:
    """With file, line and column, exit code 2 and no answer."""
    path = tmp_path / "site.yaml"
    path.write_text("name: x\npolices: [history-absent]\n")
    found = match(SEVERAL, "--site", str(path))
    assert (found.code, found.out) == (2, "")
    assert found.err == f"error: {path}:2:1: unknown key 'polices'; did you mean 'policies'?\n"


def test_a_converted_record_does_not_take_over_the_context_of_a_site(match: Match, site: str) -> None:
    """In a record of its own it would win over the site ever after; that of --context stays in it."""
    assert "context" not in answer(match("convert", SEVERAL, "--site", site))
    given = ("--context", str(EXAMPLES / "site.json"))
    alone = answer(match("convert", SEVERAL, *given))
    assert alone["context"]["readings"] == ["AMB-UC-1"]
    assert answer(match("convert", SEVERAL, *given, "--site", site)) == alone


def test_an_empty_path_is_an_error_of_usage(match: Match) -> None:
    """As a script gives it that left a variable unset."""
    assert match(SEVERAL, "--site", "").err.startswith(
        "error: --site is empty: give it a value, or leave it out"
    )
