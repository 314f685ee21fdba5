"""Files of output: written whole, or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from solver.errors import InputError
from solver.text import clean, escaped


def write_file(path: str | os.PathLike[str], text: str, *, private: bool = False) -> None:
    """Write a text to a file, so that an interrupt or a full disk leaves what was there before.

    A `private` file is one that only the user may read. Raises `InputError` with one line if it cannot be written. What is no regular
    file, such as /dev/stdout, is written to as it is.
    """
    content = escaped(text).encode()
    try:
        target = os.path.realpath(path)
        mode = _file_mode(target)
        if not stat.S_ISREG(mode) or (
            os.path.exists(target) and not os.access(os.path.dirname(target), os.W_OK)
        ):
            with open(path, "wb") as file:
                file.write(content)
            return
        import tempfile  # slow to import, and most that may write do not

        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(temporary, 0o600 if private else stat.S_IMODE(mode))
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except (OSError, ValueError) as error:
        reason = clean(str(getattr(error, "strerror", None) or error)).lower()
        raise InputError(f"{clean(os.fspath(path))}: cannot be written: {reason}") from None


def _file_mode(target: str) -> int:
    """The kind and permissions of the file, or those that a new one gets."""
    try:
        return os.stat(target).st_mode
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return stat.S_IFREG | 0o666 & ~mask
