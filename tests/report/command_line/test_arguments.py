"""Words of the command line in the wrong place: one line says what was meant, and nothing is read or printed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import cli

ROOT = Path(__file__).parents[3]
PATIENT = str(ROOT / "examples" / "child.json")
TRIAL = str(ROOT / "encodings" / "trials" / "zped.yaml")

VERBS = [
    "explain",
    "when",
    "tests",
    "what-if",
    "sequence",
    "export",
    "verify",
    "diff",
    "examples",
    "check",
    "trials",
]


def run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    """Exit code, output and errors of a command line."""
    monkeypatch.setattr(sys, "argv", ["match", *words])
    code = cli.main()
    out, err = capfd.readouterr()
    return code, out, err


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("slip", ["swap", "drop", "double", "upper", "underscore"])
def test_a_misspelt_verb_is_told_and_nothing_else(
    verb: str, slip: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The nearest verb is named, and the files after it are not matched."""
    word = {
        "swap": verb[0] + verb[2] + verb[1] + verb[3:],
        "drop": verb[:2] + verb[3:],
        "double": verb[:2] + verb[1:],
        "upper": verb.upper(),
        "underscore": verb.replace("-", "_") + "_",
    }[slip]
    code, out, err = run(monkeypatch, capfd, word, PATIENT, "ZPED")
    assert (code, out) == (2, "")
    assert err == f"error: '{word}' is neither a file nor a verb; did you mean '{verb}'? (see match --help)\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["foo"], "'foo' is neither a file nor a verb"),
        (["help"], "'help' is neither a file nor a verb; did you mean '--help'?"),
        (["version"], "'version' is neither a file nor a verb; did you mean '--version'?"),
        ([PATIENT, "explain"], "'explain' is a verb, which comes first: match explain PATIENT.json"),
        (["--format", "json", "explain", PATIENT], "'explain' is a verb, which comes first"),
        (["--", "explain"], "'explain' is a verb, which comes first"),
        ([PATIENT, "ZPED"], "'ZPED' is no file: trials are named with --trials, as in --trials ZPED"),
        (
            ["explain", "ZPED", PATIENT],
            f"'ZPED' is no file: the record comes first, as in match explain {PATIENT[:20]}",
        ),
        (["when", "ZPED"], "'ZPED' is no file: the record comes first, as in match when PATIENT.json ZPED"),
        (["what-if", "ecog=2", PATIENT], "'ecog=2' is no file: the record comes first, as in match what-if "),
        (["sequence", "ZPED", PATIENT], "'ZPED' is no file: the record comes first, as in match sequence "),
        (
            ["sequence", PATIENT, "ZPED"],
            "'ZPED' is one too many: sequence takes a record, and --trials TRIAL",
        ),
        (["explain", PATIENT, PATIENT], f"'{PATIENT[:20]}"),
        (
            ["check", PATIENT],
            f"{PATIENT}: is no trial file but looks like a record: match {PATIENT} answers it",
        ),
        (["diff", PATIENT, "ZPED"], f"{PATIENT}: is no trial file but looks like a record"),
        (["examples", PATIENT], f"{PATIENT}: is no trial file but looks like a record"),
        ([TRIAL], f"{TRIAL}: is a trial file, not a record: match check {TRIAL} checks it"),
        (["explain", TRIAL], f"{TRIAL}: is a trial file, not a record"),
        (["what-if", TRIAL, "ecog=1"], f"{TRIAL}: is a trial file, not a record"),
        ([""], "an argument is empty: give a name or a file, or - for standard input"),
        (["explain", ""], "an argument is empty"),
        (["-", "-"], "- is given twice: standard input can be read once"),
        ([PATIENT, "--assume", ","], "--assume: names no policy: the policies are "),
        (["x" * 5000], "'xxxx"),
        (["x" * 5000 + ".json"], "xxxx"),
        ([PATIENT, "--format", "x" * 5000], "invalid value for '--format': 'xxxx"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else "",
)
def test_a_word_in_the_wrong_place_is_told_with_what_was_meant(
    words: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line of bounded length on standard error, nothing on standard output, exit code 2."""
    code, out, err = run(monkeypatch, capfd, *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert len(err) < 1100


def test_a_file_may_be_called_like_anything(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A record in a file without an ending, or called like a slip, is read."""
    (tmp_path / "exlpain").write_bytes(Path(PATIENT).read_bytes())
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, capfd, "exlpain", "--trials", "ZPED")[0] == 0


EMPTY = {
    "--context": [PATIENT, "--context", ""],
    "--encodings": ["check", "--encodings", ""],
    "-o": ["export", PATIENT, "ZPED", "-o", ""],
    "--record": ["verify", TRIAL, "--record="],
    "--solver": ["verify", TRIAL, "--solver", ""],
    "--cohort": ["diff", "ZPED", "RO", "--cohort", ""],
    "--verify": ["examples", "--verify", ""],
}


@pytest.mark.parametrize("option", EMPTY)
def test_an_option_is_not_empty(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], option: str
) -> None:
    """A value that a script left unset is told with its option, and nothing is read or written in its place."""
    code, out, err = run(monkeypatch, capfd, *EMPTY[option])
    verb = "" if EMPTY[option][0] == PATIENT else f"{EMPTY[option][0]} "
    told = f"error: {option} is empty: give it a value, or leave it out (see match {verb}--help)\n"
    assert (code, out, err) == (2, "", told)


@pytest.mark.parametrize("words", [["check"], ["diff", "RO"], ["verify"], ["examples"], ["trials"]], ids=str)
def test_an_argument_of_any_verb_is_not_empty(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """The verbs about files and trials refuse an empty word as those about patients do."""
    code, out, err = run(monkeypatch, capfd, *words, "")
    assert (code, out) == (2, "")
    assert err.startswith("error: an argument is empty: ")


@pytest.mark.parametrize("seconds", ["nan", "inf", "0", "-1", "1e9", "soon"])
def test_seconds_are_a_number_within_bounds(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], seconds: str
) -> None:
    """What is no number of seconds is an error of the option, not of the program."""
    code, out, err = run(monkeypatch, capfd, "verify", TRIAL, "--seconds", seconds)
    assert (code, out) == (2, "")
    assert err.startswith("error: invalid value for '--seconds': ")


@pytest.mark.parametrize(("words", "place"), [(["NOPE"], ""), (["--trials", "NOPE"], "--trials: ")], ids=str)
@pytest.mark.parametrize("verb", ["when", "tests"])
def test_a_trial_that_is_not_known_is_told_where_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    verb: str,
    words: list[str],
    place: str,
) -> None:
    """A trial after the record is no option, and the message names none."""
    code, _, err = run(monkeypatch, capfd, verb, PATIENT, *words)
    assert code == 2
    assert err.startswith(f"error: {place}'NOPE' is not a known trial: ")
