"""Files as bytes: only what is a file, and no more of it than is allowed, so that no name can hang a command or fill memory.

What gzip packed is read as what is in it, by its content and not by its name.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import BinaryIO, cast

from solver.errors import InputError
from solver.patterns import pattern
from solver.text import clean

PACKED = b"\x1f\x8b"
"""What a file begins with that gzip packed, whatever its name is."""

_AT_ONCE, _SMALL = 1 << 16, 1 << 14
_TO_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_OPEN_ALREADY = pattern(r"/dev/stdin|(?:/dev/fd|/proc/(?:self|\d+)/fd)/\d+")
_KINDS = {
    stat.S_IFDIR: "is a directory",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


def open_file(path: str | os.PathLike[str], name: str, *, streams: bool = False) -> BinaryIO:
    """The regular file at a path, or behind links, opened for reading.

    With `streams`, what the shell has opened for the command counts as well, such as `/dev/fd/63` for `<(...)`; it may wait, as
    standard input may. Raises `InputError` with one line that calls the file `name`.
    """
    handle, _ = _opened(path, name, streams=streams)
    try:
        return os.fdopen(handle, "rb")
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None


def read_file(path: str | os.PathLike[str], name: str, most: int, *, streams: bool = False) -> bytes:
    """The content of a file, or so much of it that it is seen to be longer than `most` bytes; see `open_file`."""
    handle, size = _opened(path, name, streams=streams)
    try:
        # without a buffer, and without asking again where the file ends: of thousands of small files that takes longer than reading
        part = os.read(handle, min(size + 1 if size else _AT_ONCE, most + 1))
        if len(part) == size:
            return part
        return _joined(handle, [part], most)
    except OSError as error:
        raise unreadable(name, error) from None
    finally:
        os.close(handle)


def read_files(folder: str, names: Mapping[str, bool], most: int) -> Iterator[tuple[str, bytes]]:
    """The paths of files in a folder, and what each holds as `read_file` says, which is called by its path.

    `names` says which of them are surely regular files and no links: of thousands it takes less to find them from the folder.
    """
    begin = "" if folder == "." else f"{folder}/"
    try:
        handle = os.open(folder, os.O_RDONLY) if os.open in os.supports_dir_fd else None
    except OSError as error:
        raise unreadable(folder, error) from None
    try:
        for name, regular in names.items():
            path = begin + name
            if handle is None or not regular:
                yield path, read_file(path, path, most)
            else:
                yield path, _read_from(handle, name, path, most)
    finally:
        if handle is not None:
            os.close(handle)


def _read_from(folder: int, name: str, path: str, most: int) -> bytes:
    try:
        handle = os.open(name, _TO_READ, dir_fd=folder)
        try:
            part = os.read(handle, _SMALL)
            # what has no more to read has ended
            rest = os.read(handle, _SMALL) if part else b""
            return _joined(handle, [part, rest], most) if rest else part
        finally:
            os.close(handle)
    except OSError as error:
        raise unreadable(path, error) from None


def _joined(handle: int, parts: list[bytes], most: int) -> bytes:
    """What is left to read of a file as well, up to one byte more than `most`."""
    left = most + 1 - sum(map(len, parts))
    while parts[-1] and left > 0:
        parts.append(part := os.read(handle, min(_AT_ONCE, left)))
        left -= len(part)
    return b"".join(parts)


def _opened(path: str | os.PathLike[str], name: str, *, streams: bool) -> tuple[int, int]:
    """A file opened for reading, and how long it is; 0 where that is not known."""
    try:
        if streams and _OPEN_ALREADY.fullmatch(os.fspath(path)):
            handle = os.open(path, _TO_READ)
            with suppress(OSError, AttributeError):
                os.set_blocking(handle, True)
            return handle, 0
        found = os.stat(path)
        kind = stat.S_IFMT(found.st_mode)
        if kind != stat.S_IFREG:
            raise InputError(f"{name}: {_KINDS.get(kind, 'is no regular file')}: give a file")
        # should it be a pipe by now, neither opening it waits nor reading
        return os.open(path, _TO_READ), found.st_size
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from None


def unreadable(name: str, error: OSError | ValueError) -> InputError:
    """Why a file cannot be read, and what to do."""
    match error:
        case FileNotFoundError():
            reason = "does not exist: check the path"
        case IsADirectoryError():
            reason = "is a directory: give a file"
        case PermissionError():
            reason = "may not be read: check its permissions"
        case OSError(errno=errno.EBADF):
            reason = "is closed: give a file"
        case OSError():
            reason = f"cannot be read: {clean(str(error.strerror or 'input error')).lower()}"
        case _:
            reason = "is not a file name: check the path"
    return InputError(f"{name}: {reason}")


def read_some(stream: BinaryIO, most: int) -> bytes:
    """What is there to be read, without waiting for more."""
    return stream.read1(most) if isinstance(stream, io.BufferedReader) else stream.read(most)


def unpacked_bytes(data: bytes, name: str, most: int) -> bytes:
    """What is packed in these bytes, or so much of it that it is seen to be longer than `most`; bytes that are not packed as they are.

    Raises `InputError` with one line that calls them `name` if they are damaged.
    """
    return unpacked_stream(data, io.BytesIO(), name).read(most + 1) if data.startswith(PACKED) else data


def unpacked_stream(begin: bytes, rest: BinaryIO, name: str) -> BinaryIO:
    """A stream of which the beginning was read already, unpacked if it is packed.

    It raises `InputError`, with one line that calls it `name`, where it cannot be unpacked.
    """
    whole = joined_stream(begin, rest)
    if not begin.startswith(PACKED):
        return whole
    return cast(BinaryIO, io.BufferedReader(_Unpacked(whole, name), _AT_ONCE))


def joined_stream(begin: bytes, rest: BinaryIO) -> BinaryIO:
    """A stream of which the beginning was read already."""
    return cast(BinaryIO, io.BufferedReader(_Joined(begin, rest), _AT_ONCE))


class _Joined(io.RawIOBase):
    """Bytes that were read already, and the rest of their stream."""

    def __init__(self, begin: bytes, rest: BinaryIO) -> None:
        self._begin, self._rest = io.BytesIO(begin), rest

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill a buffer from what was read, and then from the rest."""
        chunk = self._begin.read(len(buffer)) or read_some(self._rest, len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Unpacked(io.RawIOBase):
    """What a packed stream holds."""

    def __init__(self, packed: BinaryIO, name: str) -> None:
        import gzip  # few files are packed

        self._file, self._name = gzip.GzipFile(fileobj=packed), name

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill a buffer from what is unpacked next."""
        import gzip
        import zlib

        try:
            chunk = self._file.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise InputError(f"{self._name}: is damaged: it cannot be unpacked") from None
        buffer[: len(chunk)] = chunk
        return len(chunk)
