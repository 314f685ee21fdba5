"""Signals that ask to stop while z3 is at a check: each is a process of its own, which has handlers to itself."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from time import monotonic

import pytest

from solver.report.command_line.process import STOPPED
from solver.smt.session import Session
from solver.smt.shared_context import apart

SOON = 20
"""Seconds; the check alone takes some minutes."""

HARD = """
    from itertools import combinations

    def crowded(more):
        '''That `more` pigeons sit in one hole less, each alone.'''
        rooms = [[f"x{i}_{j}" for j in range(more - 1)] for i in range(more)]
        text = ["(declare-const p Bool)", *(f"(declare-const {x} Bool)" for room in rooms for x in room)]
        text += [f"(assert (or (not p) {' '.join(room)}))" for room in rooms]
        for one, other in combinations(rooms, 2):
            text += [f"(assert (not (and {a} {b})))" for a, b in zip(one, other)]
        return Session("".join(text), {}, Budget(steps=4_000_000_000, seconds=600))
"""

IMPORTS = """
    import os, signal, sys, threading, time
    from solver.report.command_line import process
    from solver.smt.session import Session
    from solver.smt.shared_context import apart
    from solver.work import Budget
"""


def run_program(program: str) -> subprocess.CompletedProcess[str]:
    text = "\n".join(map(textwrap.dedent, (IMPORTS, HARD, program)))
    return subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=120, check=False
    )


def test_an_interrupt_stops_a_check_at_once() -> None:
    """With Python's own handler it is a `KeyboardInterrupt`, and what is asked of the solver next is answered."""
    program = """
        session = crowded(13)
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            session.check(["p"])
        except KeyboardInterrupt:
            print("stopped", type(session.check()).__name__, type(crowded(5).check(["p"])).__name__)
    """
    started = monotonic()
    assert run_program(program).stdout == "stopped Sat Unsat\n"
    assert monotonic() - started < SOON


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_at_a_check(number: signal.Signals) -> None:
    """It is told in a line, with the exit code of its own."""
    program = f"""
        def main():
            threading.Timer(0.5, os.kill, (os.getpid(), {int(number)})).start()
            crowded(13).check(["p"])
            return 0

        process.run(main)
    """
    started = monotonic()
    done = run_program(program)
    assert done.returncode == 128 + number
    assert done.stderr == f"error: {STOPPED[128 + number]}\n"
    assert monotonic() - started < SOON


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGALRM, signal.SIGUSR1])
def test_a_signal_that_is_handled_and_over_changes_no_answer(number: signal.Signals) -> None:
    """However many arrive: a check that was stopped for nothing is made once more, and others are not stopped."""
    program = f"""
        arrived = []
        signal.signal({int(number)}, lambda *_: arrived.append(time.monotonic()))
        session = crowded(9)
        def send():
            for _ in range(5):
                os.kill(os.getpid(), {int(number)})
                time.sleep(0.05)
        sender = threading.Thread(target=send)
        sender.start()
        print(type(session.check(["p"])).__name__, type(session.check([])).__name__)
        sender.join()
        print(len(arrived) > 0)
    """
    assert run_program(program).stdout == "Unsat Sat\nTrue\n"


def test_a_check_that_ends_as_it_is_stopped_is_made_once_more() -> None:
    """Nothing is asked of what a late interrupt left: checks so short that most of them are over by then have their witnesses."""
    program = """
        signal.signal(signal.SIGTERM, lambda *_: None)
        names = [f"x{i}" for i in range(8)]
        script = "(declare-const p Bool)" + "".join(f"(declare-const {x} Int)" for x in names)
        for i, (one, other) in enumerate(zip(names, names[1:] + names[:1])):
            script += f"(assert (=> p (> (* {one} {other}) {i + 3})))(assert (< 0 {one} 50))"
        sent = []
        def send():
            while len(sent) < 200:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0.001 * (len(sent) % 17))
                sent.append(1)
        sender = threading.Thread(target=send)
        sender.start()
        found = set()
        while sender.is_alive():
            with apart():
                found.add(type(Session(script, dict.fromkeys(names, "Int")).check(["p"])).__name__)
        print(found)
    """
    assert run_program(program).stdout == "{'Sat'}\n"


def test_a_check_is_over_once_nobody_stops_it_any_more() -> None:
    """What comes after it is never stopped in its place, and what was stopped in vain is forgotten, also where the handler raises."""
    program = """
        from solver.smt.interrupts import check_or_stop

        said = []

        class Context:
            def interrupt(self):
                said.append("stop")
                time.sleep(0.2)
                said.append("stopped")

            def resume(self):
                said.append("resume")

        class Solver:
            def check(self, assumptions):
                said.append("check")
                if "stop" not in said:
                    os.kill(os.getpid(), signal.SIGTERM)
                return True

        def wait(*_):
            while "stop" not in said:
                time.sleep(0.01)

        def leave(*_):
            wait()
            sys.exit("raised")

        signal.signal(signal.SIGTERM, wait)
        print(check_or_stop(Solver(), Context(), []), *said)
        said.clear()
        signal.signal(signal.SIGTERM, leave)
        try:
            check_or_stop(Solver(), Context(), [])
        except SystemExit as error:
            print(error, *said)
    """
    told = "check stop stopped resume"
    assert run_program(program).stdout == f"True {told} check\nraised {told}\n"


def test_who_waits_for_signals_still_hears_of_them() -> None:
    """As an event loop does, by the same means."""
    program = """
        import asyncio
        heard = []
        async def main():
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: heard.append(1))
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1)).start()
            print(type(crowded(9).check(["p"])).__name__)
            await asyncio.sleep(0.5)
        asyncio.run(main())
        print(heard, signal.set_wakeup_fd(-1))
    """
    assert run_program(program).stdout == "Unsat\n[1] -1\n"


def test_a_check_leaves_signals_as_they_were() -> None:
    """Nothing waits for signals in this process after a check."""
    with apart():
        Session("(declare-const p Bool)", {}).check(["p"])
    assert signal.set_wakeup_fd(-1) == -1
