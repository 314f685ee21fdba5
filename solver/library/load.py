"""Loading `encodings/`: from the compile cache where its content is unchanged, else from the files.

The cache is keyed by the content of the encodings and of the code that compiles them, so that it can never be stale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from solver.errors import InputError
from solver.library.added_files import AddedFile, added_codes, added_files, told_as_record
from solver.library.files.file_limits import MOST_BYTES, MOST_BYTES_TOGETHER, MOST_FILES
from solver.library.models import Library, Trial
from solver.library.store.cache_files import cache_file, read_cache, write_cache
from solver.reading import read_file, unreadable

_PACKAGE = Path(__file__).resolve().parents[1]
_PARTS = ("vocabulary", "theory", "trials")
_CONCEPTS = "concepts"
_CODES = "codes"
_SITES = "sites"
_SITE_CODES = "site codes"
_RECORDS = (".json", ".ndjson", ".jsonl")
_OF_A_RECORD = {"facts", "as_of"}
_WORKUP = "workup.yaml"


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
    files = _files_in(folder)
    contents = _contents_of(files, folder)
    added = added_files(add_trials, site_trials)
    of_site = added_codes(codes)
    digest = _content_digest(
        contents
        | {f"added/{i}": each.content for i, each in enumerate(added)}
        | {f"added codes/{i}": each.content for i, each in enumerate(of_site)}
    )
    # what is added is named in messages by its path, and a folder is not
    given = (*added, *of_site)
    where = cache_file(_joined_digest(digest, given) if given else digest) if cached else None
    library = read_cache(where) if where else None
    if library is None:
        library = _compiled_library(folder, contents, digest, added, of_site)
        if where:
            # what every question needs is kept with it
            _ = library.mentions, library.linked, library.tests_of_terms, library.lists, library.parts
            write_cache(where, library)
    return library


def load_trial(path: Path | str, library: Library) -> Trial:
    """The trial that one file holds, in the words of a library: its vocabulary, definitions, classes and policies.

    The library is not changed, and the file may use a code that it has. Raises `InputError`, one line a fault.
    """
    from solver.library.compile import compile_trial
    from solver.library.files.yaml_places import read_document

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


def _files_in(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        found = "it is a file" if folder.exists() else "no such directory"
        raise InputError(f"{folder}: is not a folder of encodings: {found}")
    missing = [part for part in _PARTS if not (folder / part).is_dir()]
    if missing:
        raise InputError(f"{folder}: is not a folder of encodings: it has no '{missing[0]}' directory")
    present: dict[str, Path] = {}
    for part in (*_PARTS, *(name for name in (_CONCEPTS, _CODES) if (folder / name).is_dir())):
        try:
            inside = list(islice((folder / part).iterdir(), MOST_FILES + 1))
        except OSError as error:
            raise unreadable(str(folder / part), error) from None
        if len(inside) > MOST_FILES:
            raise InputError(f"{folder / part}: holds more than {MOST_FILES:,} files: split the folder")
        present |= {f"{part}/{path.name}": path for path in sorted(inside)}
    present |= {name: folder / name for name in (_WORKUP, "workup.yml") if (folder / name).exists()}
    overlooked = [
        f"{folder / name}: would be overlooked: call it .yaml" for name in present if name.endswith(".yml")
    ]
    if overlooked:
        raise InputError(overlooked)
    files = {name: path for name, path in present.items() if name.endswith(".yaml")}
    if not any(name.startswith("trials/") for name in files):
        raise InputError(f"{folder / 'trials'}: holds no trial: put a .yaml file there")
    return files


def _contents_of(files: Mapping[str, Path], folder: Path) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    together = 0
    for name, path in files.items():
        contents[name] = read_file(path, str(folder / name), MOST_BYTES)
        together += len(contents[name])
        if together > MOST_BYTES_TOGETHER:
            raise InputError(f"{folder}: is larger than {MOST_BYTES_TOGETHER // 1_000_000} MB: split it")
    return contents


def _content_digest(contents: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(contents.items()):
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return f"sha256:{whole.hexdigest()}"


def _joined_digest(digest: str, added: Iterable[AddedFile]) -> str:
    """A digest of the contents and of the paths of what is added."""
    return _content_digest({"": digest.encode(), **{each.name: each.content for each in added}})


def _compiled_library(
    folder: Path,
    contents: Mapping[str, bytes],
    digest: str,
    added: Sequence[AddedFile] = (),
    of_site: Sequence[AddedFile] = (),
) -> Library:
    # the parser generator and the YAML reader are imported only when something must be compiled
    from solver.library.compile import compile_library
    from solver.library.files.yaml_places import Document, document_of

    documents: dict[str, list[Document]] = {
        part: [] for part in (*_PARTS, _CONCEPTS, _CODES, _WORKUP, _SITES, _SITE_CODES)
    }
    faults: list[str] = []
    given = [(name.split("/")[0], str(folder / name), content) for name, content in contents.items()]
    given += [("trials" if each.trial else _SITES, each.name, each.content) for each in added]
    given += [(_SITE_CODES, each.name, each.content) for each in of_site]
    for part, name, content in given:
        try:
            documents[part].append(document_of(content, name))
        except InputError as error:
            faults.extend(error.problems)
    if faults:
        raise InputError(faults)
    workup = next(iter(documents[_WORKUP]), None)
    shared = documents["vocabulary"], documents["theory"]
    library = compile_library(
        *shared,
        documents["trials"],
        digest,
        workup,
        documents[_CONCEPTS],
        documents[_SITES],
        (documents[_CODES], documents[_SITE_CODES]),
    )
    if not added:
        return library
    names = {each.name for each in added}
    files = {each.data["trial"]: each.name for each in documents["trials"] if each.name in names}
    return replace(library, added={t.code: files[t.nct] for t in library.trials.values() if t.nct in files})
