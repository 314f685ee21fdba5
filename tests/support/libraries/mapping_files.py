"""The mapping files of the encodings, and one more beside them, compiled without the rest of a library."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from solver.errors import InputError
from solver.library.codes.code_compiler import CodesDocument
from solver.library.codes.code_map import CodeMap
from solver.library.codes.codes_file import CodesFile
from solver.library.codes.compile_codes import compile_codes
from solver.library.files.shapes import check_shape
from solver.library.files.yaml_places import read_document
from solver.library.models import Library

SHIPPED = Path(__file__).parents[3] / "encodings" / "codes"


def mapping_file(path: Path) -> CodesDocument:
    """A file that fits the shape of mapping files; raises `InputError`."""
    document = read_document(path, path.name)
    return document, check_shape(document, CodesFile)


@cache
def shipped_files() -> tuple[CodesDocument, ...]:
    """The files of the encodings."""
    return tuple(mapping_file(path) for path in sorted(SHIPPED.glob("*.yaml")))


def codes_with(library: Library, *paths: Path) -> CodeMap:
    """The map of codes of the encodings with a site's own files; raises `InputError` with every fault."""
    faults: list[str] = []
    own = [mapping_file(path) for path in paths]
    found = compile_codes(shipped_files(), own, library.variables, library.concepts, faults)
    if faults:
        raise InputError(faults)
    return found
