"""The command line: what goes where, how errors read, which exit code comes out."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import cli
from solver import __version__
from solver.errors import EngineError

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PATIENT = str(EXAMPLES / "child.json")
OTHER = str(EXAMPLES / "contradictory.json")
CLOSING = "Decision support only: a clinician must review the basis of every answer.\n"


class Result(NamedTuple):
    """What a run of the command line gave."""

    code: int
    out: str
    err: str


Match = Callable[..., Result]


@pytest.fixture
def match(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Match:
    """Runs the command line in this process."""

    def run(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["match", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = cli.main()
        return Result(code, *capfd.readouterr())

    monkeypatch.delenv("COLUMNS", raising=False)
    return run


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a process of its own."""
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    return subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=False)


def record(folder: Path, name: str, text: str) -> str:
    """Write a file and give its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_table_is_the_default(match: Match) -> None:
    """`match PATIENT.json` prints the report and the closing line, and nothing on standard error."""
    code, out, err = match(PATIENT)
    assert (code, err) == (0, "")
    assert out.startswith("Patient child, as of 2026-11-20\n")
    assert out.endswith("\n\n" + CLOSING)
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_json_is_one_line_a_patient_in_the_order_given(match: Match) -> None:
    """Each line is an object of its own."""
    code, out, err = match("--format", "json", OTHER, PATIENT)
    assert (code, err) == (0, "")
    documents = [json.loads(line) for line in out.splitlines()]
    assert [document["patient"] for document in documents] == ["contradictory", "child"]
    assert {document["schema"] for document in documents} == {"trialproof/match/1"}


def test_patients_are_separated_by_a_rule(match: Match) -> None:
    """Several tables stand apart, and the closing line comes once."""
    out = match(PATIENT, OTHER, "--full").out
    assert out.count("-" * 80) == 1
    assert out.count(CLOSING) == 1


def test_the_width_follows_columns(match: Match, monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS sets the width where standard output is no terminal."""
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, match(PATIENT).out.splitlines())) <= 60


def test_standard_input_is_read(match: Match) -> None:
    """`-` stands for standard input."""
    data = Path(PATIENT).read_bytes()
    assert match("-", stdin=data) == match(PATIENT)


def test_only_the_chosen_trials_are_answered(match: Match) -> None:
    """Codes and NCT numbers, in any case, repeated or separated by commas, in the order given, each once."""
    out = match(PATIENT, "--trials", "zped,NCT05086315", "--trials", "RO,ZPED", "--format", "json").out
    assert [trial["code"] for trial in json.loads(out)["trials"]] == ["ZPED", "SAR", "RO"]


def test_the_day_can_be_given(match: Match, tmp_path: Path) -> None:
    """`--as-of` replaces the record's own day, and serves one that has none."""
    path = record(tmp_path, "p.json", "{}")
    for name in (path, PATIENT):
        assert (
            json.loads(match(name, "--as-of", "2026-02-01", "--format", "json").out)["as_of"] == "2026-02-01"
        )


def test_a_context_holds_for_every_patient(match: Match) -> None:
    """`--context` closes cohorts, and the report says which are open."""
    out = match(str(EXAMPLES / "several-trials.json"), "--context", str(EXAMPLES / "site.json")).out
    assert "Open in SAR: Dose expansion." in out
    assert "Judged under the second reading of AMB-UC-1." in out


def test_encodings_can_be_given(match: Match, tmp_path: Path) -> None:
    """`--encodings` takes another folder, and says what is wrong with one that is none."""
    assert match(PATIENT, "--encodings", str(ROOT / "encodings")) == match(PATIENT)
    code, out, err = match(PATIENT, "--encodings", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == f"error: {tmp_path}: is not a folder of encodings: it has no 'vocabulary' directory\n"


def test_a_wrong_file_does_not_stop_the_others(match: Match, tmp_path: Path) -> None:
    """The others are answered, every problem of the wrong one is a line on standard error, and the exit code is 2."""
    wrong = record(tmp_path, "p.json", '{"as_of": "2026-01-01", "facts": {"ecog": 1.5, "ecgo": 1}}')
    code, out, err = match("--format", "json", PATIENT, wrong, OTHER)
    assert code == 2
    assert [json.loads(line)["patient"] for line in out.splitlines()] == ["child", "contradictory"]
    lines = err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"error: {wrong}: facts.ec") for line in lines)
    assert "did you mean 'ecog'?" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([PATIENT, "--trials", "ZPDE"], "--trials: 'ZPDE' is not a known trial; did you mean 'ZPED'?"),
        ([PATIENT, "--trials", ","], "--trials: names no trial: the trials are "),
        ([PATIENT, "--as-of", "tomorrow"], "--as-of: 'tomorrow' is not a date"),
        ([PATIENT, "--as-of", "2026-10-00"], "--as-of: '2026-10-00' has no day: write the full date"),
        ([PATIENT, "--first-dose", "2026-00"], "--first-dose: '2026-00' has no month: write the full date"),
        (["diff", "RO", "RO", "--as-of", "2026-10-00"], "--as-of: '2026-10-00' has no day"),
        ([PATIENT, "--as-of", "2026-02-30"], "--as-of: '2026-02-30' is not a day of the calendar"),
        ([PATIENT, "--context", "nowhere.json"], "nowhere.json: does not exist: check the path"),
        (["nowhere.json"], "nowhere.json: does not exist: check the path"),
        ([str(ROOT)], f"{ROOT}: is a directory without an export: give a file"),
        (["-"], "standard input: is empty"),
        ([PATIENT, "--fromat", "json"], "no such option '--fromat'; did you mean '--format'?"),
        ([PATIENT, "--format", "xml"], "invalid value for '--format'"),
        (["--format", "json"], "missing argument 'PATIENT.json...'"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else "",
)
def test_errors_of_usage_are_one_line_with_a_remedy(match: Match, arguments: list[str], message: str) -> None:
    """One lower-case line on standard error, nothing on standard output, exit code 2."""
    code, out, err = match(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], [PATIENT, "--help"]])
def test_help_explains_the_command(match: Match, arguments: list[str]) -> None:
    """No arguments, or `--help` anywhere, shows every option and the exit codes."""
    code, out, err = match(*arguments)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: match [OPTIONS] PATIENT.json...\n")
    for word in ("--format", "--trials", "--as-of", "--context", "--encodings", "--version", "Exit codes"):
        assert word in out


def test_the_version_is_shown(match: Match) -> None:
    """`--version` names the program."""
    assert match("--version") == (0, f"match (trialproof) {__version__}\n", "")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (EngineError("a secret of the record"), 3, "error: the engine failed"),
        (ValueError("a secret of the record"), 3, "error: the engine failed"),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=["engine", "unforeseen", "interrupt"],
)
def test_no_failure_shows_a_stack_trace(
    match: Match, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    """A fault of the program is said in a line that holds nothing of the record; an interrupt just ends."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("solver.questions.match.ask.match", fail)
    found = match(PATIENT)
    assert (found.code, found.out) == (code, "")
    assert found.err.strip().startswith(message)
    assert "secret" not in found.err
    assert "Traceback" not in found.err


def test_it_runs_as_a_process_in_a_plain_locale() -> None:
    """Output that a stream cannot encode is escaped, JSON is UTF-8 all the same."""
    done = process("--format", "json", PATIENT, "--trials", "ZPED", LC_ALL="C", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode("utf-8"))["patient"] == "child"
    done = process("ä.json", LC_ALL="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_reader_that_leaves_is_no_error() -> None:
    """`match ... | head` ends quietly, as other programs do."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), PATIENT], stdout=pipe, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said() -> None:
    """An answer that cannot be written is an error in one line."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), PATIENT], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 3
    assert done.stderr == b"error: cannot write the answer: no space left on device\n"


def test_two_runs_give_the_same_bytes() -> None:
    """Whatever the order of hashing."""
    runs = [process("--format", "json", PATIENT, OTHER, PYTHONHASHSEED=seed).stdout for seed in ("1", "2")]
    assert runs[0] == runs[1]
    assert runs[0].count(b"\n") == 2


@pytest.mark.parametrize("verb", ["explain", "when", "tests", "sequence"])
def test_a_long_id_takes_one_line_of_a_brief_page(match: Match, tmp_path: Path, verb: str) -> None:
    """Its ends are told, so that the page keeps to its lines; the whole page has all of it."""
    record = {**json.loads((EXAMPLES / "undetermined.json").read_text()), "id": f"first{'x' * 200}last"}
    (tmp_path / "long.json").write_text(json.dumps(record))
    page = (
        match(verb, str(tmp_path / "long.json"), "--trials", "RO")
        if verb == "sequence"
        else match(verb, str(tmp_path / "long.json"), "RO")
    )
    assert re.match(r"Patient firstx+\.\.\.x+last, as of 2026-11-20\n", page.out)
