"""Certificates: another solver confirms every claim of an answer, and a wrong claim is caught."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

import cli
from solver.errors import InputError
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import record_digest
from solver.questions.certificates.ask import (
    export_answer,
    file_name,
    own_claims,
    record_claims,
    script_stream,
    scripts_of,
)
from solver.questions.certificates.claims import Claim
from solver.questions.match.ask import match as matched
from solver.questions.schema.ask import schema
from solver.smt import external as confirm
from solver.smt.certificate import EXIT
from solver.smt.external import Reply, find_checker, read_reply, scripts
from solver.smt.session import Budget, Sat, Session, Unsat
from tests.support.drawing.drawn import WIDER
from tests.support.records import worked
from tests.support.records.examples import EXAMPLES, answer_of

ROOT = Path(__file__).parents[3]
WORKED = [case for file in ("vignettes", "sample", "readings") for case in worked.load(file)]
SAMPLE = WORKED[::9]
SECONDS = 60.0
MANY = 20 if WIDER == 1 else 100
"""Of more claims about an example, a dozen or so are asked."""
ASKED = {"empty": ["RO", "K017"]} if WIDER == 1 else {}
"""The trials that are asked for of an example with thousands of claims."""


class Result(NamedTuple):
    """What a run of the command line gave."""

    code: int
    out: str
    err: str


Match = Callable[..., Result]
Export = Callable[..., list[Claim]]


@pytest.fixture(scope="module")
def exported(library: Library) -> Export:
    """The claims about a record, of these trials (all of them for None), under these policies; found once."""
    known: dict[str, list[Claim]] = {}

    def export(record: worked.Json, trials: list[str] | None = None, assume: str = "") -> list[Claim]:
        key = json.dumps([record, trials, assume])
        if key not in known:
            matcher = Matcher(library, assume=assume.split(",") if assume else ())
            known[key] = record_claims(matcher, worked.read(record, library), trials)
        return known[key]

    return export


@pytest.fixture
def match(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Match:
    """Runs the command line in this process."""

    def run(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "argv", ["match", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = cli.main()
        return Result(code, *capfd.readouterr())

    monkeypatch.setenv("COLUMNS", "80")
    return run


def example(name: str) -> worked.Json:
    """The record of an example."""
    found: worked.Json = {"id": name, "facts": {}, **json.loads(EXAMPLES[name].read_text(encoding="utf-8"))}
    return found


def names(found: list[Claim]) -> list[str]:
    """The names of claims."""
    return [claim.name for claim in found]


def unconfirmed(found: list[Claim]) -> list[str]:
    """The claims that cvc5 does not confirm, or that are no certificates of their own."""
    checker = find_checker()
    assert checker.name.startswith("cvc5")
    wrong = []
    for claim in found:
        (script,) = scripts(claim.name, claim.script + EXIT)
        assert (script.status, script.claim) == (claim.status, claim.sentence)
        reply = checker.ask(script.text, SECONDS)
        if reply.result(script) != "confirmed":
            wrong.append(f"{claim.name}: {claim.sentence}: {reply}")
    return wrong


def z3_answer(claim: Claim) -> str:
    """What Z3 says of the text of a claim."""
    outcome = Session(claim.script.replace("(check-sat)", ""), {}).check()
    return {Sat: "sat", Unsat: "unsat"}.get(type(outcome), "unknown")


# --- every certificate is confirmed --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_claim_about_an_example_is_confirmed(name: str, exported: Export) -> None:
    """cvc5 parses each script by the letter of the standard, and gives the answer that it claims; of hundreds, some are asked."""
    found = exported(example(name), ASKED.get(name))
    assert len(found) > 1
    assert len(set(names(found))) == len(found)
    assert unconfirmed(found if len(found) < MANY else found[:: len(found) // (8 * WIDER)]) == []


@pytest.mark.slow
def test_every_claim_about_the_empty_record_is_confirmed(exported: Export) -> None:
    """cvc5 confirms all of the hundreds of claims about a patient of whom nothing is recorded."""
    assert unconfirmed(exported(example("empty"))) == []


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case["id"])
def test_claims_about_worked_cases_are_confirmed(case: worked.Json, exported: Export) -> None:
    """cvc5 confirms the claims of worked cases, and Z3 reads the same text in the same way."""
    found = exported(worked.case_record(case), list(case["expected"]))
    assert unconfirmed(found) == []
    assert [claim.name for claim in found if z3_answer(claim) != claim.status] == []


@pytest.mark.slow
@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["id"])
def test_every_claim_about_every_worked_case_is_confirmed(case: worked.Json, exported: Export) -> None:
    """cvc5 confirms every claim of every worked case, for all trials."""
    assert unconfirmed(exported(worked.case_record(case))) == []


def test_a_reading_that_changes_the_verdict_has_its_claims(exported: Export) -> None:
    """The verdict and the conflicts under the other reading are claims too, and so are those of a switched reading."""
    case = worked.load("readings")[0]
    ((code, expected),) = case["expected"].items()
    reading = expected["reading"]
    record = worked.case_record(case)
    found = exported(record, [code])
    other = [claim for claim in found if claim.name.startswith(f"{code}.{reading}.")]
    assert f"{code}.{reading}.{expected['alternative']['verdict']}" in names(other) or "undetermined" in str(
        expected
    )
    assert all(f"; reading: {reading} is read the other way\n" in claim.script for claim in other)
    switched = exported({**record, "context": {"readings": [reading]}}, [code])
    assert f"; readings: {reading}\n" in switched[0].script
    assert unconfirmed([*other, *switched]) == []


def test_closed_cohorts_are_closed_in_the_script(exported: Export) -> None:
    """With no cohort open a patient who was eligible is not, and cvc5 finds the same."""
    record = example("several-trials")
    code = next(name.split(".")[0] for name in names(exported(record)) if name.endswith(".eligible"))
    found = exported({**record, "context": {"open_cohorts": {code: []}}}, [code])
    assert f"{code}.ineligible" in names(found)
    assert "; open cohorts: none\n" in found[0].script
    assert unconfirmed(found) == []


def test_what_is_assumed_stands_in_the_script(library: Library, exported: Export) -> None:
    """Under all policies claims say what is assumed, of variables and of clauses, and are confirmed."""
    found = exported(example("short-chart"), ["RO", "SAR", "UC"], ",".join(library.policies))
    assert unconfirmed(found) == []
    text = "".join(claim.script for claim in found)
    assert f"; assumption policies: {', '.join(library.policies)}\n" in text
    covered = {"variables": False, "clauses": False}
    for policy in library.policies.values():
        covered[policy.covers] |= f"; assumed: {policy.id}:" in text
    assert covered == {"variables": True, "clauses": True}


def test_a_planned_first_dose_is_stated(exported: Export) -> None:
    """A first dose on a later day is a fact of the script, also where lists are worked in."""
    found = exported(example("several-trials"))
    later = exported(worked.changed(example("several-trials"), {"set": {"planned_c1d1_date": "2026-12-20"}}))
    assert [claim.script for claim in later] != [claim.script for claim in found]
    assert unconfirmed(later) == []


# --- the claims are those of the answer ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_claims_cover_the_answer(name: str, exported: Export) -> None:
    """There is a claim for the verdict, each conflict, each deciding set and each contradiction, and for each member of one."""
    answer = answer_of(matched, name, ASKED.get(name))

    def members(kind: str, sets: tuple[tuple[str, ...], ...]) -> Iterator[str]:
        for i, subset in enumerate(sets, 1):
            yield f"{kind}-{i}"
            yield from (f"{kind}-{i}-without-{left}" for left in subset)

    expected = list(members("contradiction", answer.contradictions))
    for trial in answer.trials if answer.consistent else ():
        verdicts = ["possible", "refutable"] if trial.verdict == "undetermined" else [trial.verdict]
        ends = [
            "record",
            *verdicts,
            *members("conflict", trial.conflicts),
            *members("deciding", trial.deciding_sets),
        ]
        expected += [f"{trial.code}.{end}" for end in ends]
        for reading in trial.readings:
            verdicts = ["possible", "refutable"] if reading.verdict == "undetermined" else [reading.verdict]
            ends = [*verdicts, *members("conflict", reading.conflicts)]
            expected += [f"{trial.code}.{reading.id}.{end}" for end in ends]
    assert names(exported(example(name), ASKED.get(name))) == expected


def test_what_the_solver_gave_up_on_is_not_claimed(library: Library) -> None:
    """With a budget of one step no claim is made of an unresolved verdict, nor of a record that may contradict itself."""
    matcher = Matcher(library, budget=Budget(steps=1), search=False)
    seen = set()
    for name in EXAMPLES:
        record = worked.read(example(name), library)
        answer = matcher.match(record)
        seen |= {trial.verdict for trial in answer.trials}
        if answer.consistent is None:
            with pytest.raises(InputError, match="nothing to certify"):
                record_claims(matcher, record)
            continue
        made = names(record_claims(matcher, record))
        for trial in answer.trials:
            if trial.verdict == "unresolved":
                assert [each for each in made if each.startswith(f"{trial.code}.")] == [
                    f"{trial.code}.record"
                ]
    assert "unresolved" in seen


def test_a_script_names_its_origin_and_says_facts_in_words(library: Library, exported: Export) -> None:
    """Version, encodings, record, trial, verdict, and each fact and clause stand as comments; the digest is that of the answer."""
    record = example("two-clocks")
    claim = next(claim for claim in exported(record, ["RO"]) if claim.name == "RO.conflict-1")
    answer = Matcher(library).match(worked.read(record, library))
    assert f"; record: {answer.digest}\n" in claim.script
    assert f"encodings {answer.encodings}\n" in claim.script
    assert "; patient: two-clocks, as of 2026-11-20\n" in claim.script
    assert "; verdict: ineligible\n" in claim.script
    assert f"; claim: {claim.sentence}\n" in claim.script
    assert "; recorded: number of transplants 1\n(assert (= prior_hsct_count 1))\n" in claim.script
    assert "\n(assert RO.I2a@ALL)\n" in claim.script


@pytest.mark.parametrize("text", ["a\n(assert false)", "../../x", "a/b", "é" * 300, "con", "a;b|c", "."])
def test_no_name_breaks_a_script_or_leaves_the_folder(text: str, library: Library, exported: Export) -> None:
    """Whatever a patient is called, the scripts hold it in a comment of one line, and the files stay where they belong."""
    record = {**example("child"), "id": text}
    found = exported(record)
    assert all("\n(assert false)" not in claim.script for claim in found)
    read = worked.read(record, library)
    for claim in found:
        assert re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+\.smt2", file_name(read, claim))
        assert len(file_name(read, claim)) < 200


def test_different_patients_have_different_files(library: Library, exported: Export) -> None:
    """Names that look alike once they are safe are kept apart."""
    claim = exported(example("child"))[0]
    files = {
        file_name(worked.read({**example("child"), "id": name}, library), claim)
        for name in ("a_b", "a/b", "a b")
    }
    assert len(files) == 3


def test_scripts_are_the_same_byte_for_byte(exported: Export) -> None:
    """Another process, with other hashes, writes the same scripts and the same answer."""

    def run(seed: str, *arguments: str) -> bytes:
        command = [sys.executable, str(ROOT / "cli.py"), *arguments, str(EXAMPLES["several-trials"])]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout

    first = run("1", "export", "--smtlib")
    assert (
        first == run("2", "export", "--smtlib") == script_stream(exported(example("several-trials"))).encode()
    )
    assert run("1", "--format", "json") == run("2", "--format", "json")


# --- the digest ----------------------------------------------------------------------------------------------------


def test_the_digest_is_of_what_the_record_says(library: Library) -> None:
    """Order, blanks, the form of numbers, another unit and the patient's name do not change it."""
    facts = '"weight": {"value": 70, "unit": "kg"}, "sex": "F", "prior_drugs": ["venetoclax", "azacitidine"]'
    same = '"prior_drugs": ["azacitidine", "venetoclax"],\n "sex": "F", "weight": {"unit": "g", "value": 70000.0}'
    digests = {
        record_digest(read_record(f'{{"id": "{name}", "as_of": "2026-11-20", "facts": {{{each}}}}}', library))
        for name, each in (("a", facts), ("b", same), ("c", facts.replace(" ", "  ")))
    }
    assert len(digests) == 1
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digests.pop())


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_change_of_a_fact_changes_the_digest(name: str, library: Library) -> None:
    """Each fact that is forgotten gives another digest, all different, and so does another day or context."""
    record = example(name)
    changed = [
        record,
        *(
            worked.changed(record, {"unset": [fact]})
            for fact in record["facts"]
            if record["facts"][fact] is not None
        ),
        {**record, "as_of": "2026-11-19"},
        {**record, "context": {"secondary_sources": True}},
        {**record, "context": {"open_cohorts": {"SAR": []}}},
        worked.changed(record, {"set": {"prior_drugs": ["one unknown name"]}}),
        worked.changed(record, {"set": {"prior_drugs": ["other unknown name"]}}),
        worked.changed(record, {"set": {"weight": {"value": 70.0001, "unit": "kg"}}}),
        worked.changed(record, {"set": {"weight": {"one_of": [70, 71, 72], "unit": "kg"}}}),
        worked.changed(record, {"set": {"weight": {"min": 70, "max": 72, "unit": "kg"}}}),
    ]
    assert len({record_digest(worked.read(each, library)) for each in changed}) == len(changed)


# --- verify --------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, match: Match) -> Path:
    """A folder with the certificates of one example and one trial."""
    code, out, err = match(
        "export", "--smtlib", str(EXAMPLES["two-clocks"]), "RO", "-o", str(tmp_path / "certificates")
    )
    assert (code, err) == (0, "")
    assert " ".join(out.split()).startswith("6 claims written to ")
    return tmp_path / "certificates"


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str, name: str = "z3") -> None:
    """Put a solver that does what a shell script says on an otherwise empty path, with no Python module beside it."""
    bin_ = folder / "bin"
    bin_.mkdir()
    if body:
        path = bin_ / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(bin_))
    monkeypatch.setattr(confirm, "find_spec", lambda _: None)


HONEST = """while read line; do
  case "$line" in
    "; claim: some "*|"; claim: without "*) echo sat;;
    "; claim: "*) echo unsat;;
    "(set-info :status "*) exit 1;;
  esac
done < "$2"
"""
"""Answers from the words of the claim; the status is not shown to a solver, since some compare with it themselves."""


def test_verify_confirms_a_folder_its_files_and_a_stream(match: Match, folder: Path) -> None:
    """All are confirmed, with what was claimed, whichever way they are given."""
    ways = ([str(folder)], [*map(str, sorted(folder.iterdir()))])
    for given in ways:
        code, out, err = match("verify", *given)
        assert (code, err) == (0, "")
        assert out.startswith("6 of 6 claims confirmed by cvc5 ")
        assert "RO.I2a cannot hold in any cohort" in out
    written = match("export", "--smtlib", str(EXAMPLES["two-clocks"]), "RO").out
    assert match("verify", "-", stdin=written).out.startswith("6 of 6 claims confirmed by cvc5 ")


def test_a_wrong_certificate_is_caught(match: Match, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A status that is turned round, and a fact that is changed, are contradicted: exit code 1."""
    monkeypatch.chdir(folder.parent)
    path = folder / "two-clocks.RO.conflict-1.smt2"
    right = path.read_text(encoding="utf-8")
    for wrong in (
        right.replace(":status unsat", ":status sat"),
        right.replace("(assert (= last_hsct_date 739860))", "(assert (= last_hsct_date 737860))"),
    ):
        assert wrong != right
        path.write_text(wrong, encoding="utf-8")
        code, out, _ = match("verify", folder.name)
        assert code == 1
        assert out.startswith("5 of 6 claims confirmed")
        assert "1 CONTRADICTED" in out
        assert f"{path.name}: DISAGREES, it" in " ".join(out.split())


def test_json_of_both_verbs_fits_its_schema(match: Match, library: Library, folder: Path) -> None:
    """`--format json` gives one object each, as `match schema export` and `match schema verify` say."""
    patient = str(EXAMPLES["two-clocks"])
    inline = json.loads(match("export", patient, "RO", "--format", "json").out)
    filed = json.loads(match("export", patient, "RO", "--format", "json", "-o", str(folder)).out)
    checked = json.loads(match("verify", str(folder), "--format", "json").out)
    for document, name in ((inline, "export"), (filed, "export"), (checked, "verify")):
        jsonschema.validate(document, schema(name, library))
    for one, other in zip(inline["claims"], filed["claims"], strict=True):
        assert (folder / other["file"]).read_text(encoding="utf-8") == one["script"]
    assert (checked["confirmed"], checked["disagrees"], checked["undecided"]) == (6, 0, 0)
    assert inline["digest"].startswith("sha256:")


def test_another_solver_on_the_path_is_used(
    match: Match, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """Without the Python module, an executable is given each file."""
    fake(folder.parent, monkeypatch, HONEST)
    code, out, _ = match("verify", str(folder))
    assert (code, out.splitlines()[0]) == (0, "6 of 6 claims confirmed by z3")


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("echo unknown", "it answered unknown"),
        ("echo Hello; echo World", "it gave no answer: Hello"),
        ("echo sat; echo unsat", "it gave no answer: sat"),
        ("echo '(error \"line 3\")'; echo sat", 'it reported (error "line 3")'),
        ("exit 1", "it gave no answer"),
        ("echo sat; kill -9 $$", "it ended by signal 9"),
        ("exec /bin/sleep 60", "it gave no answer within 0.2 s"),
    ],
    ids=["unknown", "garbage", "two", "error", "silent", "killed", "slow"],
)
def test_what_is_not_decided_is_not_confirmed(
    match: Match, monkeypatch: pytest.MonkeyPatch, folder: Path, body: str, note: str
) -> None:
    """Whatever a solver does instead of answering, the claims are listed as undecided: exit code 1."""
    fake(folder.parent, monkeypatch, body)
    code, out, err = match("verify", str(folder), "--seconds", "0.2" if "sleep" in body else "60")
    assert (code, err) == (1, "")
    said = " ".join(out.split())
    assert said.startswith(
        "0 of 6 claims confirmed by z3 6 undecided, and not confirmed: nothing could be decided"
    )
    assert said.count(f"undecided, {note}") == 6


def test_one_that_is_undecided_spoils_the_exit_code_only(
    match: Match, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """If some are confirmed and one is not decided, that is said, and the exit code is 1."""
    fake(
        folder.parent,
        monkeypatch,
        HONEST.replace("case", 'case "$line" in *"claim: no patient"*) exit;; esac; case', 1),
    )
    code, out, _ = match("verify", str(folder))
    assert (code, out.splitlines()[:2]) == (
        1,
        ["5 of 6 claims confirmed by z3", "1 undecided, and not confirmed"],
    )


def test_without_another_solver_the_error_says_what_to_install(
    match: Match, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """Exit code 2 and one line."""
    fake(folder.parent, monkeypatch, "")
    code, out, err = match("verify", str(folder))
    assert (code, out) == (2, "")
    assert err == (
        "error: verify: no other solver is installed: install one with: python -m pip install cvc5; or name one with --solver\n"
    )


def test_a_solver_can_be_named_with_its_options_and_no_shell_reads_them(
    match: Match, folder: Path, tmp_path: Path
) -> None:
    """`--solver` is split into words as a shell would, and nothing in it is run but the command."""
    script = tmp_path / "own solver"
    script.write_text(f"#!/bin/sh\n{HONEST}\n")
    script.chmod(0o755)
    code, out, _ = match("verify", str(folder), "--solver", f"'{script}' ;touch${{IFS}}{tmp_path}/x")
    assert code == 0
    assert " ".join(out.split()).startswith("6 of 6 claims confirmed by ")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.smt2"], "missing.smt2: does not exist: check the path"),
        (["."], ".: holds no .smt2 file: give what match export -o wrote"),
        (
            ["plain.txt"],
            "plain.txt: is no certificate: it needs one (set-info :status sat), or unsat, and one (check-sat)",
        ),
        (["empty.txt"], "empty.txt: is empty: give what match export --smtlib wrote"),
        (["bytes.txt"], "bytes.txt: is not UTF-8: give what match export wrote"),
        (
            ["good.txt", "--solver", "no-such-solver -x"],
            "--solver: 'no-such-solver -x' is not a command: give the path of a solver",
        ),
        (["good.txt", "--solver", "'z3"], "--solver: ''z3' has a quote that is not closed"),
        (
            ["good.txt", "--solver", ""],
            "--solver is empty: give it a value, or leave it out (see match verify --help)",
        ),
    ],
)
def test_wrong_input_is_said_in_a_line(
    match: Match, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], message: str
) -> None:
    """Exit code 2, and what to do."""
    monkeypatch.chdir(tmp_path)
    Path("plain.txt").write_text("(set-info :status sat)\n(assert true)\n")
    Path("empty.txt").write_text("\n")
    Path("bytes.txt").write_bytes(b"\xff\xfe")
    Path("good.txt").write_text("(set-info :status sat)\n(check-sat)\n")
    code, out, err = match("verify", *arguments)
    assert (code, out, err) == (2, "", f"error: {message}\n")


def test_export_says_where_it_cannot_write(match: Match, tmp_path: Path) -> None:
    """A folder that is a file is wrong input."""
    (tmp_path / "file").write_text("")
    code, out, err = match("export", str(EXAMPLES["child"]), "-o", str(tmp_path / "file"))
    assert (code, out) == (2, "")
    assert err == f"error: {tmp_path / 'file'}: cannot be written: file exists\n"


def test_an_answer_is_one_word_on_a_line() -> None:
    """The status that a solver echoes, or a word within a line, is no answer."""
    assert read_reply("sat\n") == Reply("sat")
    assert read_reply("; a comment\nunsat\n") == Reply("unsat")
    assert read_reply("status: sat\n").answer is None
    assert read_reply('sat\n(error "later")\n').answer is None


# --- verify --record -----------------------------------------------------------------------------------------------

FORGERIES: dict[str, tuple[str, str]] = {
    "another claim in words": ("; claim: RO.I2a cannot hold in any cohort", "; claim: RO.E1 cannot hold in any cohort"),
    "an assertion that refutes all": ("(check-sat)", "(assert false)\n(check-sat)"),
    "another fact": ("(assert (= last_hsct_date 739860))", "(assert (= last_hsct_date 739861))"),
    "another patient": ("; patient: two-clocks", "; patient: someone-else"),
}  # fmt: skip
"""Changes of a script that leave its answer as it is."""


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_script_that_is_not_the_records_own_is_told_apart(
    match: Match, monkeypatch: pytest.MonkeyPatch, folder: Path, forgery: str
) -> None:
    """It may be confirmed, and is no claim of the record: exit code 1, and the page says which file it is."""
    monkeypatch.chdir(folder.parent)
    fake(folder.parent, monkeypatch, HONEST)
    path, (right, wrong) = folder / "two-clocks.RO.conflict-1.smt2", FORGERIES[forgery]
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    code, out, _ = match("verify", folder.name)
    assert code == 0
    assert "Confirmed are the scripts alone." in out
    code, out, err = match("verify", folder.name, "--record", str(EXAMPLES["two-clocks"]))
    assert (code, err) == (1, "")
    assert "5 of 6 are the claims of two-clocks, as of 2026-11-20" in out
    assert f"{path.name}: confirmed; DIFFERS from what" in " ".join(out.split())


def test_the_claims_of_the_record_are_its_own_under_the_same_options_only(
    match: Match, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """A folder and a stream are; those of another day or record, and a misplaced or a foreign file, are not."""
    monkeypatch.chdir(folder.parent)
    fake(folder.parent, monkeypatch, HONEST)
    patient = str(EXAMPLES["two-clocks"])

    def compared(*arguments: str, stdin: str | None = None) -> tuple[int, dict[str, object], list[str]]:
        given = ("-",) if stdin else (folder.name,)
        code, out, _ = match("verify", *given, *arguments, "--format", "json", stdin=stdin or "")
        found = json.loads(out)
        return code, found["record"], [claim["origin"] for claim in found["claims"]]

    code, record, origins = compared("--record", patient)
    assert (code, record["own"], record["others"], record["missing"]) == (0, 6, 0, [])
    assert (record["trials"], set(origins)) == (["RO"], {"own"})
    stream = match("export", "--smtlib", patient, "RO").out
    assert compared("--record", patient, stdin=stream)[0] == 0
    code, record, _ = compared("--record", patient, "--as-of", "2026-11-21")
    assert (code, record["own"]) == (1, 0)
    assert compared("--record", str(EXAMPLES["child"]))[0] == 1
    (folder / "two-clocks.RO.record.smt2").rename(folder / "two-clocks.RO.ineligible.smt2")
    (folder / "more.smt2").write_text("; claim: some\n(set-info :status sat)\n(check-sat)\n")
    code, record, origins = compared("--record", patient)
    assert (code, record["missing"]) == (1, [])
    assert sorted(origins) == ["differs", "foreign", "own", "own", "own", "own"]
    assert match("verify", folder.name, "--format", "json").out.count('"origin": null') == 6


def test_what_is_claimed_is_the_answer_of_match_within_its_budget(library: Library) -> None:
    """Where lists are cut that is said, and the scripts of one trial are known again without the others."""
    record = read_record({"as_of": "2026-11-20", "id": "p", "facts": {"sex": "F"}}, library)
    engine = Matcher(library, budget=Budget(work=400_000))
    answer = engine.match(record)
    found = record_claims(engine, record)
    cut = [trial.code for trial in answer.trials if not trial.complete.deciding_sets]
    whole = [trial.code for trial in answer.trials if trial.complete.deciding_sets and trial.deciding_sets]
    assert cut
    assert whole
    assert export_answer(engine, record, found, inline=True).cut == tuple(cut)
    shared = f"not all sets were found in the work that these trials shared: {' '.join(library.trials)}\n"
    for trial in answer.trials:
        own = [each for each in found if each.trial == trial.code]
        sets = {each.name.split(".")[1] for each in own if each.name.startswith(f"{trial.code}.deciding")}
        assert len({name for name in sets if "without" not in name}) == len(trial.deciding_sets)
        assert {shared in each.script for each in own} == {trial.code in cut}
        given = scripts_of(record, own)
        known = own_claims(engine, record, None, given)
        assert {known.origin(script) for script in given} == {"own"}
        assert known.trials == (trial.code,)
        assert known.compared(given).missing == ()
    plain = record_claims(Matcher(library), record, [whole[0]])
    assert [each.name for each in plain] == [each.name for each in found if each.trial == whole[0]]
