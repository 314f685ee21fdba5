"""From mapping files to the tables of codes: systems, codes and their check digits, and what a site switches.

All faults of all files are noted, each with its file, line and column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from solver.dataclass import dataclass
from solver.errors import did_you_mean
from solver.language.concepts import ConceptTree
from solver.library.codes.check_digits import fits_mod10, fits_verhoeff
from solver.library.codes.code_tables import address_key
from solver.library.codes.codes_file import CodesFile
from solver.library.codes.entry_shapes import CodeShape, SystemShape
from solver.library.codes.models import CodeSystem, MappedCode
from solver.library.files.file_faults import FilePart
from solver.library.files.yaml_places import Document
from solver.library.models import Variable
from solver.text import quote

CodesDocument = tuple[Document, CodesFile]


@dataclass(frozen=True)
class CodeCompiler:
    """What the files are compiled with: the words of the library, the systems, and what a site switches on or takes out.

    `enabled` are the words `ENTRY/CODE` of codes to be read though they are still to be checked; those that nothing takes are a fault.
    """

    variables: Mapping[str, Variable]
    concepts: ConceptTree
    systems: Mapping[str, CodeSystem]
    enabled: Mapping[str, FilePart]
    removed: dict[MappedCode, FilePart]
    shipped: frozenset[str]
    """The names of the files of the encodings: a site takes out what stands there, and not what it says itself."""
    known: set[str] = field(default_factory=set)
    """What could be enabled: the words met so far."""
    met: set[MappedCode] = field(default_factory=set)
    """What could be taken out: the codes met so far."""

    def normal(self, system: str, code: str) -> MappedCode:
        """A code in normal form; `system` is a name or an address."""
        known = self.systems.get(system) or self._by_address.get(address_key(system))
        return MappedCode(known.name, known.normal(code)) if known else MappedCode(address_key(system), code)

    @cached_property
    def _by_address(self) -> dict[str, CodeSystem]:
        return {address_key(each): system for system in self.systems.values() for each in system.addresses}

    def code(self, part: FilePart, shape: CodeShape) -> MappedCode | None:
        """The code that a part of a file gives, whatever its status; None with its fault noted."""
        if not self.has_system(part, shape.system):
            return None
        found = self.normal(shape.system, shape.code)
        system = self.systems.get(found.system)
        if (shape.to or shape.except_) and (system is None or system.match != "prefix"):
            part.fault(
                f"'to' and 'except' are for a system that is read by prefix, and '{shape.system}' is not"
            )
            return None
        if system is not None:
            for key, code in (("code", shape.code), ("to", shape.to)):
                if code is not None and not fits_check_digit(system, code):
                    part.fault(f"the check digit of {quote(code)} is wrong: look the code up again", key)
                    return None
            if shape.to is not None and system.normal(shape.to) < found.code:
                part.fault(f"the range from {shape.code} to {shape.to} is empty", "to")
                return None
        if part.document.name in self.shipped:
            self.met.add(found)
        return MappedCode(found.system, found.code, shape.to, tuple(shape.except_))

    def codes(
        self, part: FilePart, shapes: Sequence[CodeShape], owner: str
    ) -> tuple[list[MappedCode], list[MappedCode]]:
        """The codes of a list of a file that are read, and those that are switched off; `owner` is the id by which a site enables them."""
        read: list[MappedCode] = []
        off: list[MappedCode] = []
        for i, shape in enumerate(shapes):
            found = self.code(part.at(i), shape)
            if found is None:
                continue
            if found in read or found in off:
                part.fault(f"the code {shape.code} stands twice in '{owner}'", i, "code")
                continue
            word = f"{owner}/{shape.code}"
            self.known.add(word)
            if part.document.name in self.shipped and MappedCode(found.system, found.code) in self.removed:
                continue
            (read if shape.status == "verified" or word in self.enabled else off).append(found)
        return read, off

    def switches_are_used(self) -> None:
        """Note the fault of what a site enables or takes out though no file has it."""
        for word, part in self.enabled.items():
            if word not in self.known:
                part.fault(f"nothing to enable is called {quote(word)}{did_you_mean(word, self.known)}")
        of_concepts = {
            self.normal(system.casefold(), code)
            for concept in self.concepts.concepts.values()
            for system, codes in concept.codes
            for code in codes
        }
        for code, part in self.removed.items():
            if code not in self.met and code not in of_concepts:
                part.fault(f"no entry has the code {quote(code.code)} of '{code.system}'")

    def has_system(self, part: FilePart, system: str) -> bool:
        """Whether a system is an address or known by name; the fault of one that is neither is noted."""
        if ":" in system or system in self.systems:
            return True
        hint = did_you_mean(system, self.systems) or ": add it under 'systems', or write its address"
        part.fault(f"unknown system '{system}'{hint}", "system")
        return False


def fits_check_digit(system: CodeSystem, code: str) -> bool:
    """Whether the check digit of a code is right, or it has none."""
    if system.check is None or code[:1].isalpha():
        return True
    return fits_mod10(code) if system.check == "mod10" else fits_verhoeff(code)


def compile_systems(files: Iterable[CodesDocument], faults: list[str]) -> dict[str, CodeSystem]:
    """The systems that files declare; a later file may add addresses to one, and says no more of it."""
    found: dict[str, CodeSystem] = {}
    owners: dict[str, str] = {}
    for document, file in files:
        for name, shape in file.systems.items():
            part = FilePart(document, ("systems", name), faults)
            system = _system(name, shape)
            before = found.get(name)
            if before is not None:
                kept = CodeSystem(name, system.addresses)
                if system not in (before, kept):
                    part.fault(f"the system '{name}' is declared already: give only addresses that are new")
                system = CodeSystem(
                    name,
                    tuple(dict.fromkeys((*before.addresses, *system.addresses))),
                    before.match,
                    before.dots_optional,
                    before.check,
                )
            for address in system.addresses:
                owner = owners.setdefault(address_key(address), name)
                if owner != name:
                    part.fault(f"{quote(address)} is an address of '{owner}' already")
            found[name] = system
    return found


def _system(name: str, shape: SystemShape | list[str]) -> CodeSystem:
    if isinstance(shape, list):
        return CodeSystem(name, tuple(shape))
    return CodeSystem(name, tuple(shape.uris), shape.match, shape.dots == "optional", shape.check)
