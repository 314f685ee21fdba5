"""Compiling entries: what codes mean in a kind of resource, and that it fits the variable that they are read into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from importlib import import_module
from importlib.util import find_spec

from solver.dataclass import dataclass
from solver.errors import did_you_mean
from solver.language.types import (
    BooleanType,
    ConceptType,
    DateType,
    EnumerationType,
    IntegerType,
    ListType,
    QuantityType,
    VariableType,
)
from solver.language.units import UnknownUnit, parse_unit
from solver.library.codes.code_compiler import CodeCompiler
from solver.library.codes.code_tables import covers, folded_text
from solver.library.codes.entry_shapes import AbsenceShape, CodeEntryShape
from solver.library.codes.models import AbsenceRule, CodeEntry, MappedCode
from solver.library.files.file_faults import FilePart
from solver.library.models import Variable
from solver.patterns import pattern
from solver.text import quote

_FITTING: Mapping[str, tuple[type[VariableType], ...]] = {
    "quantity": (QuantityType,),
    "integer": (IntegerType, QuantityType),
    "boolean": (BooleanType,),
    "date": (DateType,),
    "present": (BooleanType,),
    "answer": (BooleanType, EnumerationType, IntegerType, ConceptType),
    "iscn": (EnumerationType,),
    "hla": (ListType,),
    "dose": (QuantityType,),
}
"""The types of variables that each form of reading gives a value of; the others give events and findings."""

_RESOURCES = ("Observation", "Condition", "Procedure", "Patient")
"""The kinds of resource of which entries say how they are read; what is said of drugs stands with the concepts."""

_WINDOW = pattern(r"(\d{1,5}) ?d")
_LASTING = ("variant", "iscn", "hla", "event")


@dataclass
class _Gathered:
    """An entry while its parts are put together. `part` is the last that says something of it, and that which is at fault."""

    entry: CodeEntry
    part: FilePart
    also: set[str] = field(default_factory=set)
    windowed: bool = False


class EntryCompiler:
    """Compiles the entries of all files, those of a site after those of the encodings."""

    def __init__(self, codes: CodeCompiler, given: Sequence[tuple[FilePart, CodeEntryShape]]) -> None:
        self.codes = codes
        self.found: dict[str, _Gathered] = {}
        self.off: dict[MappedCode, list[str]] = {}
        self.claimed: list[tuple[MappedCode, str, FilePart]] = []
        for part, shape in given:
            self._add(part, shape)

    def entries(self, windows: Mapping[str, int | None]) -> dict[str, CodeEntry]:
        """The entries by id, with the windows that a site sets by entry or variable; the rest of their faults is noted."""
        for each in self.found.values():
            self._note_misfits(each)
        self._claims()
        entries = {name: each.entry for name, each in self.found.items()}
        unsaid: list[str] = []
        for name, entry in list(entries.items()):
            own = next((key for key in (name, entry.variable) if key in windows), None)
            if own is not None:
                entries[name] = replace(entry, window=windows[own])
            elif not self.found[name].windowed:
                unsaid.append(name)
        for name in unsaid:
            entries[name] = replace(entries[name], window=self._usual_window(entries[name], entries))
        return entries

    def _usual_window(self, entry: CodeEntry, entries: Mapping[str, CodeEntry]) -> int | None:
        """The shortest window of the other entries of a variable: what a site says of its codes is no older than the rest may be."""
        return min(
            (
                other.window
                for name, other in entries.items()
                if other.variable == entry.variable
                and entry.variable is not None
                and self.found[name].windowed
                and other.window is not None
            ),
            default=None,
        )

    def _add(self, part: FilePart, shape: CodeEntryShape) -> None:
        before = self.found.get(shape.id)
        if before is not None and before.part.document.name == part.document.name:
            part.fault(f"the entry '{shape.id}' is declared twice", "id")
            return
        resource, read = shape.resource, shape.read
        if before is None and (resource is None or read is None):
            part.fault(f"missing key '{'resource' if resource is None else 'read'}'")
            return
        if resource is not None and resource not in _RESOURCES:
            hint = did_you_mean(resource, _RESOURCES) or f": write {', '.join(_RESOURCES)}"
            part.fault(f"no entry is read of {quote(resource)}{hint}", "resource")
        if before is not None:
            for key in ("variable", "concept", "resource", "read"):
                given = getattr(shape, key)
                if given is not None and given != getattr(before.entry, key):
                    said = getattr(before.entry, key)
                    message = f"the entry '{shape.id}' has the {key} '{said}': choose another id"
                    part.fault(message if said else f"the entry '{shape.id}' has no {key}", key)
                    return
        start = (
            before.entry
            if before is not None
            else CodeEntry(shape.id, shape.variable, resource or "", read or "present", shape.concept)
        )
        gathered = before or _Gathered(start, part)
        gathered.part = part
        gathered.also |= set(shape.also)
        gathered.windowed |= shape.window is not None
        gathered.entry = self._with_said(start, part, shape)
        self.found[shape.id] = gathered

    def _with_said(self, entry: CodeEntry, part: FilePart, shape: CodeEntryShape) -> CodeEntry:
        """An entry with what a file says of it."""
        read, off = self.codes.codes(part.at("codes"), shape.codes, shape.id)
        for code in off:
            self.off.setdefault(MappedCode(code.system, code.code), []).append(shape.id)
        changed = {
            key: value
            for key, value in shape.copied(
                "same_day", "when", "unit", "beside", "path", "offers", "over", "while_current"
            ).items()
            if value
        }
        if shape.mentions:
            changed["mentions"] = tuple(dict.fromkeys((*entry.mentions, *shape.mentions)))
        if shape.window is not None:
            changed["window"] = window_of(part.at("window"), shape.window)
        if shape.range_ is not None:
            changed["least"], changed["most"] = least, most = [int(each) for each in shape.range_]
            if least > most:
                part.fault(f"the range from {least} to {most} is empty", "range")
        if shape.step is not None:
            changed["step"] = int(shape.step)
            if int(shape.step) < 1:
                part.fault(f"'{shape.step}' is no step: write 1 or more", "step")
        if shape.lasting is not None:
            changed["lasting"] = shape.lasting == "true"
        elif shape.when is not None or entry.read in _LASTING:
            changed["lasting"] = shape.when == "ever" or entry.read in _LASTING
        variable = self.codes.variables.get(entry.variable or "")
        if shape.absent is not None and variable is not None:
            changed["absent"] = self._absence_rule(part.at("absent"), shape.absent, variable)
        new = [code for code in read if code not in entry.codes]
        self.claimed += [(code, entry.id, part) for code in new]
        texts = entry.texts | {folded_text(text) for text in shape.text}
        answers = {**entry.answers, **self._answers(part, shape, variable)}
        return replace(entry, codes=(*entry.codes, *new), texts=texts, answers=answers, **changed)

    def _answers(
        self, part: FilePart, shape: CodeEntryShape, variable: Variable | None
    ) -> dict[MappedCode, object]:
        read, _ = self.codes.codes(part.at("answers"), shape.answers, shape.id)
        found: dict[MappedCode, object] = {}
        for i, answer in enumerate(shape.answers):
            code = self.codes.normal(answer.system, answer.code)
            at = part.at("answers", i, "value")
            value = value_of(at, answer.value, variable) if variable else _presence(at, answer.value)
            if code in read and value is not None:
                found[code] = value
        return found

    def _absence_rule(self, part: FilePart, shape: AbsenceShape, variable: Variable) -> AbsenceRule | None:
        value = value_of(part.at("value"), shape.value, variable)
        return None if value is None else AbsenceRule(tuple(dict.fromkeys(shape.lists)), value)

    def _note_misfits(self, gathered: _Gathered) -> None:
        """Note what of an entry is not known, or does not fit its variable."""
        entry, part = gathered.entry, gathered.part
        for other in sorted(gathered.also):
            if other not in self.found:
                part.fault(f"unknown entry '{other}'{did_you_mean(other, self.found)}", "also")
        if entry.beside is not None and entry.beside not in self.found:
            part.fault(f"unknown entry '{entry.beside}'{did_you_mean(entry.beside, self.found)}", "beside")
        if entry.concept is not None and entry.concept not in self.codes.concepts:
            hint = did_you_mean(entry.concept, self.codes.concepts)
            part.fault(f"unknown concept '{entry.concept}'{hint}", "concept")
        for concept in (entry.while_current,):
            if concept is not None and concept not in self.codes.concepts:
                hint = did_you_mean(concept, self.codes.concepts)
                part.fault(f"unknown concept '{concept}'{hint}", "while_current")
        for name in entry.mentions:
            if name not in self.codes.variables:
                part.fault(f"unknown variable '{name}'{did_you_mean(name, self.codes.variables)}", "mentions")
        if entry.path is not None:
            _check_path(part.at("path"), entry)
        fitting = _FITTING.get(entry.read)
        if entry.variable is None:
            if fitting is not None and entry.concept is None:
                part.fault(f"missing key 'variable': what is read as {entry.read} is the value of one")
            return
        variable = self.codes.variables.get(entry.variable)
        if variable is None:
            hint = did_you_mean(entry.variable, self.codes.variables)
            part.fault(f"unknown variable '{entry.variable}'{hint}", "variable")
            return
        if fitting is not None and not isinstance(variable.type, fitting):
            part.fault(f"'{variable.name}' is no value that can be read as {entry.read}", "read")
        if entry.unit is not None:
            self._unit_fits(part, entry.unit, variable)

    def _unit_fits(self, part: FilePart, text: str, variable: Variable) -> None:
        try:
            unit = parse_unit(text)
        except UnknownUnit as error:
            part.fault(str(error), "unit")
            return
        kind = variable.type
        units = (
            [kind.unit, *(other for other, _ in kind.equivalents)] if isinstance(kind, QuantityType) else []
        )
        if unit.dimension not in [each.dimension for each in units]:
            part.fault(f"'{text}' is no unit of '{variable.name}'", "unit")

    def _claims(self) -> None:
        """Note each code that entries of different meaning have, unless one names the other."""
        claims: dict[tuple[str, str], list[tuple[MappedCode, str, FilePart]]] = {}
        for code, name, part in self.claimed:
            resource = self.found[name].entry.resource
            claims.setdefault((resource, code.system), []).append((code, name, part))
        for (_, system), codes in claims.items():
            for clash, part, other in self._clashes(system, codes):
                message = f"the code {clash} is also one of '{other}': take it out, or write also: [{other}]"
                part.fault(message, "codes")

    def _clashes(
        self, system: str, codes: Sequence[tuple[MappedCode, str, FilePart]]
    ) -> Iterator[tuple[str, FilePart, str]]:
        known = self.codes.systems.get(system)
        told: set[tuple[str, str]] = set()
        for i, (code, name, part) in enumerate(codes):
            for before, other, _ in (
                codes[:i] if known and known.match == "prefix" else _same(codes[:i], code)
            ):
                if other == name or (name, other) in told or self._may_share(name, other):
                    continue
                if known is None or covers(known, before, code.code) or covers(known, code, before.code):
                    told.add((name, other))
                    yield code.code, part, other

    def _may_share(self, name: str, other: str) -> bool:
        one, two = self.found[name], self.found[other]
        if name in two.also or other in one.also:
            return True
        return one.entry.variable is not None and one.entry.variable == two.entry.variable


def _same(
    codes: Iterable[tuple[MappedCode, str, FilePart]], code: MappedCode
) -> list[tuple[MappedCode, str, FilePart]]:
    return [each for each in codes if each[0].code == code.code]


def _check_path(part: FilePart, entry: CodeEntry) -> None:
    """Note why a path cannot be followed: the extra is missing, it is not of a result, or it is not readable."""
    if entry.resource != "Observation":
        part.fault("a 'path' is for the values of an Observation")
    elif find_spec("fhirpathpy") is None:
        part.fault("a 'path' is read by the extra fhirpath: pip install 'trialproof[fhirpath]'")
    else:
        try:
            import_module("fhirpathpy").compile(entry.path)({"resourceType": entry.resource})
        except Exception:  # the extra raises plain exceptions
            part.fault(f"{quote(entry.path or '')} is not readable as FHIRPath")


def _presence(part: FilePart, text: str) -> str | None:
    """What an answer says of something looked for."""
    if text in ("present", "absent"):
        return text
    part.fault(f"'{text}' says nothing of what was looked for: write present or absent")
    return None


def window_of(part: FilePart, text: str) -> int | None:
    """The days of a window, or None for `none`; the fault of any other text is noted."""
    form = _WINDOW.fullmatch(text)
    if form is None and text != "none":
        part.fault(f"'{text}' is no window: write it as 28 d, or none")
    return int(form[1]) if form else None


def value_of(part: FilePart, text: str, variable: Variable) -> object | None:
    """The value of a variable that a text gives, or None with its fault noted."""
    match variable.type:
        case BooleanType():
            if text in ("true", "false"):
                return text == "true"
            part.fault(f"'{text}' is no value of '{variable.name}': write true or false")
        case EnumerationType(values):
            if text in values:
                return text
            part.fault(f"'{text}' is no value of '{variable.name}'{did_you_mean(text, values)}")
        case IntegerType() | QuantityType():
            if re.fullmatch(r"\d{1,6}", text, re.ASCII):
                return int(text)
            part.fault(f"'{text}' is no value of '{variable.name}': write a whole number")
        case ConceptType():
            return text
        case _:
            part.fault(f"a value of '{variable.name}' cannot be given here")
    return None
