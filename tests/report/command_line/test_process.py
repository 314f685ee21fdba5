"""The command as a process: closed streams, full disks, signals. Always a clear line and the documented exit code, never a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PATIENT = str(ROOT / "examples" / "child.json")
COMMAND = [sys.executable, str(ROOT / "cli.py")]

posix = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a POSIX shell and /dev/full")


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which $M is the command and $P a patient; output and exit code are the command's."""
    environment = {**os.environ, "M": " ".join(COMMAND), "P": PATIENT}
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environment, check=False)


@posix
@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("$M --help >&-", 3, "error: cannot write the answer: standard output is closed\n"),
        (
            "$M --format json $P --trials ZPED >&-",
            3,
            "error: cannot write the answer: standard output is closed\n",
        ),
        ("$M - <&-", 2, "error: standard input: is closed: give a file\n"),
        ("$M nowhere.json 2>&-", 2, ""),
        ("$M nowhere.json <&- >&- 2>&-", 2, ""),
        ("$M nowhere.json 2>/dev/full", 2, ""),
        ("$M --help >/dev/full", 3, "error: cannot write the answer: no space left on device\n"),
        (
            "$M - </dev/zero",
            2,
            "error: standard input: is larger than 10 MB: a record is a few thousand bytes\n",
        ),
    ],
)
def test_a_stream_that_is_closed_or_full_is_said_in_a_line(line: str, code: int, error: str) -> None:
    """Nothing but the line is on standard error, and the exit code is the documented one."""
    done = shell(line)
    assert (done.returncode, done.stderr) == (code, error)


@posix
def test_a_closed_stream_does_not_become_a_file(tmp_path: Path) -> None:
    """With standard output closed, a file that is written holds what belongs there and nothing else."""
    done = shell(f"$M verify $P >&- 2>{tmp_path}/errors")
    assert done.returncode == 2
    assert (tmp_path / "errors").read_text().startswith(f"error: {PATIENT}: is no certificate")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_command_in_a_line(number: signal.Signals) -> None:
    """Whether it waits for input, or still imports what it needs, it says so and ends with 128 and the number of the signal."""
    process = subprocess.Popen(
        [*COMMAND, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(1)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (128 + number, "")
    assert err in ("error: interrupted\n", "error: terminated\n")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_modules_are_imported_is_told_as_well(number: signal.Signals) -> None:
    """With the same line and the same exit code."""
    code = f"from solver.report.command_line import process; process.stop_at_once(); import signal; signal.raise_signal({number})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 128 + number
    assert done.stderr in ("error: interrupted\n", "error: terminated\n", "error: hung up\n")


def test_importing_the_command_line_leaves_signals_alone() -> None:
    """Whoever imports it keeps the handling that was in force, and what is ignored stays so."""
    code = (
        "import signal; names = (signal.SIGINT, signal.SIGTERM); before = [*map(signal.getsignal, names)]; import cli; "
        "assert [*map(signal.getsignal, names)] == before"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("looked_for", [True, False])
def test_importing_the_command_line_leaves_garbage_as_it_was(looked_for: bool) -> None:
    """It is looked for afterwards if it was before, and by a command always."""
    code = (
        f"import gc; gc.enable() if {looked_for} else gc.disable(); import cli; assert gc.isenabled() is {looked_for}; "
        "cli.process.run = lambda main: None; cli.run(); assert gc.isenabled()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_an_interrupt_during_the_imports_ends_the_command() -> None:
    """The first thing that the command line does is to see to that: the interrupt comes with the first module that it imports."""
    code = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'click': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "import cli\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "error: interrupted\n")
