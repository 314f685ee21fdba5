"""Loading `encodings/`: from the compile cache as far as the files are unchanged, else from the files.

The cache is keyed by the content of the encodings and of the code that compiles them, so that it can never be stale. Where a file of a
trial has changed, been added or taken away, every other trial is taken from a library with the same words:

    words w, trials A B C       compiled                   cache: w-123
    words w, trials A B' C D    B' and D are compiled      cache: w-123, w-456
    words v, trials A B C       compiled

That no code and no number comes twice is looked at each time trials are put together.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from solver.cache_files import cache_folder, code_digest, nothing_is_garbage
from solver.errors import InputError
from solver.library.files.added_files import AddedFile, added_codes, added_files, told_as_record
from solver.library.files.file_limits import MOST_BYTES, MOST_BYTES_TOGETHER, MOST_FILES
from solver.library.models import Library, Trial
from solver.library.store.stored_libraries import StoredLibraries
from solver.library.store.stored_trials import TrialPacker, keys_of
from solver.reading import read_files, unreadable

_PACKAGE = Path(__file__).resolve().parents[1]
_PARTS = ("vocabulary", "theory", "trials")
_CONCEPTS = "concepts"
_CODES = "codes"
_SITES = "sites"
_SITE_CODES = "site codes"
_TRIALS = "trials"
_LONG = 16
"""Characters of a digest in the name of a file."""
_RECORDS = (".json", ".ndjson", ".jsonl")
_OF_A_RECORD = {"facts", "as_of"}
_WORKUP = "workup.yaml"


class _Source(NamedTuple):
    """A file of the encodings or beside them: its part, its place among them, and what messages call it."""

    part: str
    place: str
    name: str
    content: bytes


def default_encodings() -> Path:
    """The folder of encodings that comes with the program: the installed copy, or the one of the checkout."""
    installed = _PACKAGE / "_encodings"
    return installed if installed.is_dir() else _PACKAGE.parent / "encodings"


def load_library(
    encodings: Path | str | None = None,
    *,
    cached: bool = True,
    add_trials: Sequence[Path | str] = (),
    codes: Sequence[Path | str] = (),
    site_trials: Sequence[Path | str] = (),
) -> Library:
    """The library that a folder of encodings holds.

    `encodings` is a folder with `vocabulary/`, `theory/` and `trials/`, and perhaps `concepts/`, `codes/` and `workup.yaml`; None means the
    one that comes with the program. With `cached`, unchanged files are not compiled again. `add_trials` are files and folders of trials
    that join those of the encodings, in their words; variables, concepts and tests may stand in files beside them. `codes` are folders of
    a site's own mapping files, which add to those of the encodings and may switch what they say. `site_trials` are as `add_trials`, and one
    of them gives way to a file of `add_trials` with the same trial.

    Raises `InputError`, one line a fault, each with file, line and column.
    """
    folder = default_encodings() if encodings is None else Path(encodings)
    contents = _contents_of(_files_in(folder), folder)
    added = added_files(add_trials, site_trials)
    of_site = added_codes(codes)
    digest = _content_digest(
        {name: content for name, (_, content) in contents.items()}
        | {f"added/{i}": each.content for i, each in enumerate(added)}
        | {f"added codes/{i}": each.content for i, each in enumerate(of_site)}
    )
    beside = [_Source("trials" if a.trial else _SITES, a.name, a.name, a.content) for a in added]
    beside += [_Source(_SITE_CODES, each.name, each.name, each.content) for each in of_site]
    own = {each.name for each in added}
    store = cache_folder() if cached else None
    if store is None:
        return _compiled_library([*_sources(contents), *beside], digest, own)
    # what is added is named in messages by its path, and a folder is not
    whole = _joined_digest(digest, (*added, *of_site)) if added or of_site else digest
    of_words = {name: each for name, each in contents.items() if not name.startswith(f"{_TRIALS}/")}
    words = _words_digest([*_sources(of_words), *beside])
    kept = StoredLibraries(store, f"{words[:_LONG]}-", f"-{code_digest()[:_LONG]}")
    name = whole[7 : 7 + 2 * _LONG]
    library = kept.read(name)
    if library is not None and library.digest == digest and own.issuperset(library.added.values()):
        return library
    given = [*_sources(contents), *beside]
    keys = {each.name: _trial_key(words, each) for each in given if each.part == _TRIALS}
    earlier = kept.earlier(keys.values())
    library = _compiled_library(given, digest, own, earlier.libraries, keys)
    kept.write(name, library, earlier)
    return library


def _sources(contents: Mapping[str, tuple[str, bytes]]) -> list[_Source]:
    return [_Source(name.split("/")[0], name, *found) for name, found in contents.items()]


def load_trial(path: Path | str, library: Library) -> Trial:
    """The trial that one file holds, in the words of a library: its vocabulary, definitions, classes and policies.

    The library is not changed, and the file may use a code that it has. Raises `InputError`, one line a fault.
    """
    from solver.library.files.yaml_places import read_document
    from solver.library.trial_files import compile_trial

    name = str(path)
    try:
        document = read_document(Path(path), name)
    except InputError:
        if not (name.endswith(_RECORDS) and Path(path).is_file()):
            raise
        raise told_as_record(name) from None
    if (
        isinstance(document.data, dict)
        and "clauses" not in document.data
        and _OF_A_RECORD & document.data.keys()
    ):
        raise told_as_record(name)
    return compile_trial(document, library)


def _files_in(folder: Path) -> dict[str, dict[str, bool]]:
    """By part of a folder of encodings the names of its files, and whether each is surely no link; `""` is the folder itself."""
    if not folder.is_dir():
        found = "it is a file" if folder.exists() else "no such directory"
        raise InputError(f"{folder}: is not a folder of encodings: {found}")
    missing = [part for part in _PARTS if not (folder / part).is_dir()]
    if missing:
        raise InputError(f"{folder}: is not a folder of encodings: it has no '{missing[0]}' directory")
    present: dict[str, dict[str, bool]] = {}
    for part in (*_PARTS, *(name for name in (_CONCEPTS, _CODES) if (folder / name).is_dir())):
        where = str(folder / part)
        try:
            with os.scandir(where) as all_inside:
                some = islice(all_inside, MOST_FILES + 1)
                inside = {each.name: each.is_file(follow_symlinks=False) for each in some}
        except OSError as error:
            raise unreadable(where, error) from None
        if len(inside) > MOST_FILES:
            raise InputError(f"{where}: holds more than {MOST_FILES:,} files: split the folder")
        present[part] = inside
    present[""] = {name: False for name in (_WORKUP, "workup.yml") if (folder / name).exists()}
    overlooked = [
        f"{folder / part / name}: would be overlooked: call it .yaml"
        for part, inside in present.items()
        for name in sorted(each for each in inside if each.endswith(".yml"))
    ]
    if overlooked:
        raise InputError(overlooked)
    files = {
        part: {name: inside[name] for name in sorted(inside) if name.endswith(".yaml")}
        for part, inside in present.items()
    }
    if not files[_TRIALS]:
        raise InputError(f"{folder / 'trials'}: holds no trial: put a .yaml file there")
    return files


def _contents_of(files: Mapping[str, Mapping[str, bool]], folder: Path) -> dict[str, tuple[str, bytes]]:
    """Of each file of encodings, by its place in the folder, its path and what it holds."""
    contents: dict[str, tuple[str, bytes]] = {}
    together = 0
    for part, names in files.items():
        place = f"{part}/" if part else ""
        for name, found in zip(names, read_files(str(folder / part), names, MOST_BYTES), strict=True):
            contents[place + name] = found
            together += len(found[1])
            if together > MOST_BYTES_TOGETHER:
                raise InputError(f"{folder}: is larger than {MOST_BYTES_TOGETHER // 1_000_000} MB: split it")
    return contents


def _content_digest(contents: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    add = whole.update
    for name, content in sorted(contents.items()):
        add(f"{name}\0{len(content)}\0".encode())
        add(content)
    return f"sha256:{whole.hexdigest()}"


def _joined_digest(digest: str, added: Iterable[AddedFile]) -> str:
    """A digest of the contents and of the paths of what is added."""
    return _content_digest({"": digest.encode(), **{each.name: each.content for each in added}})


def _words_digest(given: Iterable[_Source]) -> str:
    """A digest of all files but those of trials, and of the code: what a trial means hangs on these, and on no other trial."""
    words = {f"{each.part}\0{each.place}": each.content for each in given if each.part != _TRIALS}
    return hashlib.sha256(f"{_content_digest(words)} {code_digest()}".encode()).hexdigest()


def _trial_key(words: str, source: _Source) -> str:
    """What tells a compiled trial from all others: the words, and the name and the content of its file."""
    _, _, name = source.name.rpartition("/")
    own = hashlib.sha256(name.encode() + b"\0" + source.content).hexdigest()
    return f"{words[:_LONG]}-{own[: 2 * _LONG]}"


def _compiled_library(
    given: Sequence[_Source],
    digest: str,
    added: Collection[str] = (),
    earlier: Sequence[Library] = (),
    keys: Mapping[str, str] | None = None,
) -> Library:
    """The library that these files hold; `added` are the names of those that are none of the encodings.

    What one of the `earlier` libraries has of the same words is taken from there, and each trial whose file is unchanged; trials are packed
    where each file of one has a key.
    """
    # the parser generator and the YAML reader are imported only when something must be compiled
    with nothing_is_garbage():
        from solver.library.files.file_faults import stop_if_wrong
        from solver.library.files.yaml_places import document_of
        from solver.library.trial_files import TrialFiles

    unreadable: dict[int, Sequence[str]] = {}
    words, later, wrong = _words_of(given, digest, earlier, unreadable)
    latest = earlier[0].trials if earlier else {}
    files = TrialFiles(words, TrialPacker().packed if keys else None, latest) if words else None
    known = {
        key: each
        for one in reversed(earlier)
        for key, each in zip(keys_of(one.trials.values()), one.trials.values(), strict=True)
    }
    for i, source in enumerate(given):
        if source.part != _TRIALS:
            continue
        key = keys[source.name] if keys else ""
        if files and key in known:
            files.take(known[key], source.name, source.content)
            continue
        try:
            document = document_of(source.content, source.name)
        except InputError as error:
            unreadable[i] = error.problems
            continue
        if files:
            files.add(document, key)
    # what cannot be read at all is told first, of all files
    stop_if_wrong([problem for i in sorted(unreadable) for problem in unreadable[i]])
    if wrong is not None:
        raise wrong
    assert words is not None
    assert files is not None
    stop_if_wrong([*files.faults, *later])
    own = {code: name for code, name in files.names.items() if name in added}
    return replace(words, trials=files.compiled, digest=digest, added=own)


def _words_of(
    given: Sequence[_Source], digest: str, earlier: Sequence[Library], unreadable: dict[int, Sequence[str]]
) -> tuple[Library | None, list[str], InputError | None]:
    """The library without trials, faults of it that are told behind those of trials, and those that leave no words for trials."""
    if earlier:
        return replace(earlier[0], trials={}, added={}), [], None
    from solver.library.compile import compile_words
    from solver.library.files.yaml_places import Document, document_of

    documents: dict[str, list[Document]] = {
        part: [] for part in (*_PARTS, _CONCEPTS, _CODES, _WORKUP, _SITES, _SITE_CODES)
    }
    for i, source in enumerate(given):
        if source.part != _TRIALS:
            try:
                documents[source.part].append(document_of(source.content, source.name))
            except InputError as error:
                unreadable[i] = error.problems
    if unreadable:
        return None, [], None
    workup = next(iter(documents[_WORKUP]), None)
    codes = documents[_CODES], documents[_SITE_CODES]
    shared = documents["vocabulary"], documents["theory"]
    try:
        words, later = compile_words(*shared, digest, workup, documents[_CONCEPTS], documents[_SITES], codes)
    except InputError as error:
        return None, [], error
    return words, later, None
