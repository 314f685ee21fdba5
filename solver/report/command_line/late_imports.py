"""Modules that are imported once something is asked of them, and not before.

What click and the standard library import by themselves, and a command mostly has no use for, takes longer to import than a library
of trials to read:

    import_late("inspect")
    import click                      which imports `inspect`: what it gets is a stand-in
    click.core.inspect.cleandoc       asked for the first time, and only now is the module imported

Of a module a stand-in has what it is asked for by name, and no more: what is put there stays there, and it has no specification. Where the
command line is a part of another program, that program gets modules and no stand-ins: `import_as_ever`.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock
from importlib import import_module
from types import ModuleType
from typing import Any

_one_at_a_time = allocate_lock()


class _StandIn(ModuleType):
    """Stands for a module, of which it has all that is asked for."""

    def __getattr__(self, name: str) -> Any:
        # of threads that ask at once one takes it away, before any has begun to import what comes there, and that makes the others wait
        with _one_at_a_time:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_late(*names: str) -> None:
    """Import modules once something is asked of them; those that are imported already stay."""
    for name in names:
        sys.modules.setdefault(name, _StandIn(name))


def import_as_ever(*names: str) -> None:
    """Let who imports these modules from now on have them; who has a stand-in keeps it."""
    for name in names:
        with _one_at_a_time:
            if isinstance(sys.modules.get(name), _StandIn):
                del sys.modules[name]
