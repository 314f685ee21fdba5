"""Modules that are imported late are all there once something is asked of them, and a command that asks nothing does without."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import click
import pytest

from solver.report.command_line import late_imports, options
from solver.report.command_line.arguments import Option, Verb

ROOT = Path(__file__).resolve().parents[3]


def run(program: str) -> str:
    """What a program prints that runs in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_a_stand_in_has_all_that_the_module_has() -> None:
    """Whoever imported it early has what the module has, also what is put there later; whoever imports it late has the module."""
    program = (
        "import sys; from solver.report.command_line.late_imports import import_late; import_late('colorsys'); "
        "import colorsys as early; held = sys.modules['colorsys']; assert held is early; assert '__file__' not in vars(held); "
        "early.ONE_THIRD; import colorsys as late; assert late is not early; late.added = 1; "
        "assert (early.added, early.rgb_to_hsv) == (1, late.rgb_to_hsv); "
        "print(hasattr(early, 'nothing'), late.__spec__ is not None)"
    )
    assert run(program) == "False True\n"


def test_threads_may_ask_first_together() -> None:
    """All of them have the module."""
    program = (
        "import sys; sys.setswitchinterval(1e-7); from concurrent.futures import ThreadPoolExecutor; "
        "from solver.report.command_line.late_imports import import_late\n"
        "for name in ('colorsys', 'wave', 'sched', 'nturl2path', 'stringprep'):\n"
        "    import_late(name); early = sys.modules[name]\n"
        "    with ThreadPoolExecutor(8) as pool:\n"
        "        assert len({*pool.map(lambda _: early.__file__, range(64))}) == 1\n"
    )
    run(program)


def test_what_is_imported_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stands in for it."""
    monkeypatch.setitem(sys.modules, "nowhere.at.all", inspect)
    late_imports.import_late("nowhere.at.all")
    assert sys.modules["nowhere.at.all"] is inspect


def test_a_record_is_answered_without_what_is_seldom_asked_for() -> None:
    """Neither click nor the standard library asks anything of these modules on the way to a page."""
    program = (
        "import contextlib, io, sys, cli; sys.argv[1:] = ['examples/undetermined.json']\n"
        "cli.process.run = lambda main: None; cli.run()\n"
        "with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())): assert cli.main() == 0\n"
        "print([type(sys.modules[name]).__name__ for name in ('inspect', 'ipaddress')])"
    )
    assert run(program) == "['_StandIn', '_StandIn']\n"


def test_who_imports_the_command_line_has_modules() -> None:
    """What another program puts into a module that it imports afterwards is there for all, and the module can be found."""
    program = (
        "import cli, inspect, ntpath, ipaddress, sys, importlib.util as util, importlib\n"
        "for each in (inspect, ntpath, ipaddress):\n"
        "    assert util.find_spec(each.__name__) is each.__spec__ is not None\n"
        "    assert importlib.reload(each) is each is sys.modules[each.__name__]\n"
        "inspect.cleandoc = len\n"
        "print(cli.click.core.inspect.cleandoc is len)"
    )
    assert run(program) == "True\n"


def test_help_is_as_click_would_clean_it() -> None:
    """What the help of an option says is one line, so that nothing of it needs to be cleaned."""
    shared = [
        each
        for each in vars(options).values()
        if callable(each) and getattr(each, "__qualname__", "").startswith("option.<locals>")
    ]
    command = options.options(*shared)(lambda: None)
    found = [each for each in getattr(command, "__click_params__", []) if isinstance(each, Option)]
    assert found
    assert all(each.help == inspect.cleandoc(each.help or "") for each in found)
    plain, ours = (
        click.Command("one", context_settings=options.HELP),
        Verb("one", context_settings=options.HELP),
    )
    assert plain.get_help(click.Context(plain)) == ours.get_help(click.Context(ours))
