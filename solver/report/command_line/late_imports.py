"""Modules that are imported once something is asked of them, and not before.

What click and the standard library import by themselves, and a command mostly has no use for, takes longer to import than a library
of trials to read:

    import_late("inspect")
    import click                      which imports `inspect`: what it gets is a stand-in
    click.core.inspect.cleandoc       asked for the first time, and only now is the module imported
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _StandIn(ModuleType):
    """Stands for a module, of which it has all that is asked for."""

    def __getattr__(self, name: str) -> Any:
        # of two threads that ask at once one takes it away, and the import makes the other wait
        if sys.modules.get(self.__name__) is self:
            sys.modules.pop(self.__name__, None)
        return getattr(import_module(self.__name__), name)


def import_late(*names: str) -> None:
    """Import modules once something is asked of them; those that are imported already stay."""
    for name in names:
        sys.modules.setdefault(name, _StandIn(name))
