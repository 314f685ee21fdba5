"""Other solvers: whether one gives the answer that a script says it must give."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.patterns import pattern
from solver.smt.certificate import Status

Result = Literal["confirmed", "disagrees", "undecided"]

EXECUTABLES: dict[str, tuple[str, ...]] = {
    "cvc5": ("--lang=smt2", "--nl-cov"),
    "yices-smt2": (),
    "mathsat": ("-input=smt2",),
    "opensmt": (),
    "z3": ("-smt2",),
}
"""The solvers that are looked for, in this order, with what they are to be told; z3 last, since it is Trialproof's own."""

INSTALL = "install one with: python -m pip install cvc5; or name one with --solver"

_STATUS = pattern(r"^\s*\(set-info\s+:status\s+(\S+?)\s*\)", re.MULTILINE)
_CHECK = pattern(r"^\s*\(check-sat\)", re.MULTILINE)
_CLAIM = pattern(r"^; claim: (.*)$", re.MULTILINE)
_RESET = pattern(r"^\s*\(reset\)\s*$", re.MULTILINE)
_ANSWERS = ("sat", "unsat", "unknown")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Script:
    """A script with one question; `status` is the answer that it said a solver must give, and `claim` says it in words.

    The status is taken out of `text`: some solvers compare with it themselves, and report an error where theirs is another. `written`
    is the script as it was given.
    """

    name: str
    claim: str
    status: Status
    text: str
    written: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a solver answered to one script; None if it did not decide, and `note` then says why."""

    answer: Status | None
    note: str = ""

    def result(self, script: Script) -> Result:
        """What that means for the claim."""
        if self.answer is None:
            return "undecided"
        return "confirmed" if self.answer == script.status else "disagrees"


@dataclass(frozen=True, slots=True)
class Checker:
    """Another solver: `ask` puts a script to it and waits so many seconds."""

    name: str
    ask: Callable[[str, float], Reply]


def scripts(name: str, text: str) -> Iterator[Script]:
    """The scripts in a text, which `(reset)` keeps apart. Raises `InputError` for one that does not ask one question."""
    parts = [part for part in _RESET.split(text) if part.strip()]
    for i, part in enumerate(parts, 1):
        called = name if len(parts) == 1 else f"{name}, script {i}"
        found = _STATUS.findall(part)
        if len(found) != 1 or found[0] not in ("sat", "unsat") or len(_CHECK.findall(part)) != 1:
            raise InputError(
                f"{called}: is no certificate: it needs one (set-info :status sat), or unsat, and one (check-sat)"
            )
        claim = _CLAIM.search(part)
        yield Script(called, claim[1] if claim else "", found[0], _STATUS.sub("", part), part)
    if not parts:
        raise InputError(f"{name}: is empty: give what match export --smtlib wrote")


def find_checker(command: str | None = None) -> Checker:
    """The solver that a command names, which is given the script's file last; else the first that is installed.

    That is the Python module cvc5, then the executables in their order. Raises `InputError` if there is none.
    """
    if command is not None:
        return _named_checker(command)
    if find_spec("cvc5") is not None:
        with suppress(ImportError):  # a module that is broken is none
            return _cvc5_module()
    for name, options in EXECUTABLES.items():
        path = shutil.which(name)
        if path is not None:
            return _executable_checker(name, [path, *options])
    raise InputError(f"verify: no other solver is installed: {INSTALL}")


def _named_checker(command: str) -> Checker:
    try:
        words = shlex.split(command)
    except ValueError:
        raise InputError(f"--solver: '{command}' has a quote that is not closed") from None
    path = shutil.which(words[0]) if words else None
    if path is None:
        raise InputError(f"--solver: '{command}' is not a command: give the path of a solver")
    options = words[1:] or EXECUTABLES.get(Path(path).stem, ())
    return _executable_checker(" ".join(words), [path, *options])


def _executable_checker(name: str, command: Sequence[str]) -> Checker:
    def ask(text: str, seconds: float) -> Reply:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "claim.smt2"
            path.write_text(text, encoding="utf-8")
            return _process_reply([*command, str(path)], seconds)

    return Checker(name, ask)


def _process_reply(command: list[str], seconds: float) -> Reply:
    """What a process answers on standard output; it and all that it started end with the time."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return Reply(None, f"did not start: {str(error.strerror or error).lower()}")
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return Reply(None, f"gave no answer within {seconds:g} s")
    finally:
        # a process and its children, which are a group of their own, end together
        if process.returncode is None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode < 0:
        return Reply(None, f"ended by signal {-process.returncode}")
    return read_reply(output)


def read_reply(output: str) -> Reply:
    """The answer in what a solver printed: one word on a line of its own, and no error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    answers = [line for line in lines if line in _ANSWERS]
    wrong = [line for line in lines if line.startswith("(error")]
    if wrong:
        return Reply(None, f"reported {wrong[0][:_LONGEST]}")
    if answers == ["sat"]:
        return Reply("sat")
    if answers == ["unsat"]:
        return Reply("unsat")
    if answers == ["unknown"]:
        return Reply(None, "answered unknown")
    return Reply(None, f"gave no answer: {lines[0][:_LONGEST]}" if lines else "gave no answer")


_ATTEMPTS: tuple[Mapping[str, str], ...] = ({"nl-ext": "none", "rlimit-per": "50000"}, {})
"""What cvc5 is told besides, one attempt after the other until it decides.

At first it makes no lemmas about products, of which it makes many at once and needs few where a completion is easily found or refuted. That
may take so many steps, some tenths of a second; then it makes them, for as long as it may take.
"""


def _cvc5_module() -> Checker:
    """The Python module cvc5, in this process."""
    cvc5: Any = import_module("cvc5")

    def attempt(text: str, seconds: float, told: Mapping[str, str]) -> Reply:
        manager = cvc5.TermManager()
        solver = cvc5.Solver(manager)
        solver.setOption("tlimit-per", str(max(1, int(seconds * 1000))))
        solver.setOption("nl-cov", "true")  # else it misses completions with irrational numbers
        solver.setOption("strict-parsing", "true")
        for name, value in told.items():
            solver.setOption(name, value)
        parser = cvc5.InputParser(solver)
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "claim")
        said = []
        try:
            while not (command := parser.nextCommand()).isNull():
                said.append(command.invoke(solver, parser.getSymbolManager()))
        except Exception as error:  # the module's own errors share no type
            return Reply(None, f"reported {' '.join(str(error).split())[:_LONGEST]}")
        if any(line.startswith("unknown") for line in said):
            return Reply(None, f"did not decide within {seconds:g} s")
        return read_reply("\n".join(said))

    def ask(text: str, seconds: float) -> Reply:
        reply = Reply(None)
        for told in _ATTEMPTS:
            reply = attempt(text, seconds, told)
            if reply.answer is not None:
                break
        return reply

    return Checker(f"cvc5 {cvc5.__version__} (Python module)", ask)
