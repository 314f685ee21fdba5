"""The process that a command runs in: its three streams, the signals that end it, and how it ends.

It is imported before anything else, and so imports nothing that takes time.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

STOPPED = {130: "interrupted", 143: "terminated", 129: "hung up"}
"""The exit code after each signal that asks to stop, 128 and its number, in words."""

_SIGNALS = tuple(
    found for name in ("SIGINT", "SIGTERM", "SIGHUP") if (found := getattr(signal, name, None)) is not None
)
_stop: int | None = None


def stop_at_once() -> dict[signal.Signals, Any]:
    """Let a signal end the process at once, as is right while modules are imported; returned is what each did before."""
    asking = [each for each in _SIGNALS if each == signal.SIGINT or signal.getsignal(each) is signal.SIG_DFL]
    return {each: _handle_signal(each, lambda number, _: _end_process(128 + number)) for each in asking}


def stop_as_before(before: dict[signal.Signals, Any]) -> None:
    """Let signals do what they did before `stop_at_once`."""
    for number, handler in before.items():
        if handler is not None:
            _handle_signal(number, handler)


def run(main: Callable[[], int]) -> NoReturn:
    """End the process with the exit code that `main` returns, or that a signal calls for.

    A signal that asks to stop raises `SystemExit` in `main`, so that what was begun is undone, and is told in a line.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            _handle_signal(number, _raise_stop)
    sys.unraisablehook = _not_raised
    try:
        _open_streams()
        code = main()
    except SystemExit:  # a signal before or after
        code = 0
    _end_process(_stop or code)


def stop_no_more() -> None:
    """Let no signal end the process any more: what is left to do is short, and must be done."""
    for number in _SIGNALS:
        _handle_signal(number, signal.SIG_IGN)


def _open_streams() -> None:
    """Put something in the place of standard streams that are closed, so that no file takes their numbers.

    Reading standard input, or writing to standard output, then fails as it does on a stream that is closed; what is written to
    standard error goes nowhere.
    """
    for number, flags in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            handle = os.open(os.devnull, flags)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _end_process(code: int) -> NoReturn:
    """End the process: nothing that is taken down on the way out can print."""
    stop_no_more()
    told = f"error: {STOPPED[code]}\n" if code in STOPPED else ""
    for stream, text in ((sys.stdout, ""), (sys.stderr, told)):
        try:
            stream.write(text)
            stream.flush()
        except (AttributeError, OSError, RuntimeError, ValueError):  # it has nowhere to go, or is in use
            continue
    os._exit(code)


def _handle_signal(number: signal.Signals, handler: Any) -> Any:
    try:
        return signal.signal(number, handler)
    except ValueError:  # not in the main thread, where no signal arrives
        return None


def _raise_stop(number: int, _: FrameType | None) -> NoReturn:
    global _stop
    _stop = 128 + number
    raise SystemExit(_stop)


def _not_raised(found: Any) -> None:
    """A signal may arrive where Python cannot raise, as while an object is taken down."""
    if _stop is not None:
        _end_process(_stop)
    sys.__unraisablehook__(found)
