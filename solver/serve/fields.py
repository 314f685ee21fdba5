"""The fields of a page for what a record says: what a form shows of a fact, and what comes back from it.

A flag, or one of a few names, is a choice; all else is a text, a quantity with its unit beside it. What a record says in another form, as a
range, stands there as it is written in the record.

    {"value": 1.6, "unit": "mg/dL", "date": "2026-11-12"}   ->   1.6 | mg/dL | 2026-11-12   ->   the same
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.language.types import BooleanType, ConceptType, DateType, EnumerationType, QuantityType
from solver.library.models import Library, Variable
from solver.patient.changes import read_changes
from solver.patient.readers.native.events import FINDINGS
from solver.patient.readers.native.json_text import NumberText, written_json
from solver.serve.desk import ANSWER

TOLD = ("date", "source")
"""What a fact may say besides its value."""

PARTS = ("unit", *TOLD)
"""What the names of its further fields end in."""

_EVENT_TEXTS, _RESULT_TEXTS = ("is", "start", "end", "source"), ("is", "date", "source")
"""What an entry of a list of events may say in words."""

_TRUTH = {"true": "yes", "false": "no"}


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in the fields of one fact; empty is unknown. Of an entry of events, `parts` are its texts by key."""

    value: str = ""
    unit: str = ""
    date: str = ""
    source: str = ""
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FactField:
    """The fields of one fact, as a page shows them.

    `choices` are the values that can be chosen, each with its words; none where it is written. `units` are those that come to mind, empty
    where there is no unit. `why` says why it is asked.
    """

    variable: str
    label: str
    about: str
    entered: Entered
    choices: tuple[tuple[str, str], ...] = ()
    units: tuple[str, ...] = ()
    hint: str = ""
    why: str = ""
    error: str = ""

    @property
    def key(self) -> str:
        """What stands for its name in the ids of elements, where a name with blanks cannot."""
        if self.variable.isidentifier():
            return self.variable
        return f"term-{sha256(self.variable.encode()).hexdigest()[:16]}"

    def touched_by(self, names: Collection[str]) -> bool:
        """Whether fields of these names are among its own."""
        return any(name in names for name in (self.variable, *(f"{self.variable}.{part}" for part in PARTS)))

    @property
    def wrong(self) -> tuple[str, ...]:
        """Which of its fields the error is about: `value`, or what their names end in."""
        if not self.error:
            return ()
        return named_parts(self.error, self.variable, TOLD) or (
            "value",
            *named_parts(self.error, self.variable, ("unit",)),
        )


def entry_texts(kind: str, entry: Mapping[str, Any]) -> dict[str, str]:
    """The texts of an entry of a list of events by key, empty where it has none, so that each can be given."""
    keys = dict.fromkeys((*(_RESULT_TEXTS if kind == FINDINGS else _EVENT_TEXTS), *entry))
    return {key: text for key in keys if isinstance(text := entry.get(key, ""), str)}


def named_parts(error: str, name: str, parts: Iterable[str]) -> tuple[str, ...]:
    """The parts of a fact or of an entry that an error names as its place."""
    return tuple(part for part in parts if f"{name}.{part}:" in error)


def fact_field(
    library: Library, variable: Variable, entry: object, wrong: tuple[Entered, str] | None = None
) -> FactField:
    """The fields of a fact with its entry in the record, None where there is none; `wrong` is what was typed and its error."""
    entered = _entered(entry)
    kind, choices, hint = variable.type, _choices(library, variable), ""
    units: tuple[str, ...] = ()
    if isinstance(kind, QuantityType) and not variable.bare:
        units = (kind.unit.text, *(unit.text for unit, _ in kind.equivalents))
        entered = entered if entered.unit or _is_json(entered.value) else replace(entered, unit=units[0])
    elif isinstance(kind, DateType):
        hint = "YYYY-MM-DD"
    if choices and entered.value and entered.value not in dict(choices):
        choices = (*choices, (entered.value, entered.value))
    error = ""
    if wrong is not None:
        entered, error = wrong
    return FactField(
        variable.name, variable.label, variable.about, entered, choices, units, hint, error=error
    )


def _choices(library: Library, variable: Variable) -> tuple[tuple[str, str], ...]:
    kind = variable.type
    if isinstance(kind, BooleanType):
        return tuple(_TRUTH.items())
    if isinstance(kind, ConceptType):
        return tuple(
            (name, library.concepts[name].label if name in library.concepts else name) for name in kind.values
        )
    if isinstance(kind, EnumerationType):
        return tuple((name, name.replace("_", " ")) for name in kind.values)
    return ()


def _entered(entry: object) -> Entered:
    if not isinstance(entry, dict):
        return Entered(_written(entry))
    told = {key: entry[key] for key in TOLD if isinstance(entry.get(key), str)}
    rest = {key: value for key, value in entry.items() if key not in told}
    unit = rest.get("unit")
    if rest.keys() <= {"value", "unit"} and "value" in rest and (unit is None or isinstance(unit, str)):
        return Entered(_written(rest["value"]), unit or "", **told)
    return Entered(written_json(rest), "", **told)


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case NumberText(text):
            return text
        case int() | float():
            return repr(value)
        case list() if all(isinstance(each, str) for each in value):
            return ", ".join(value)
        case _:
            return written_json(value)


def _is_json(text: str) -> bool:
    return text[:1] in ("{", "[")


def entry_of(library: Library, name: str, entered: Entered, day: int) -> object:
    """The entry of a record that was entered, None for unknown; raises `InputError` in the words of the command line."""
    text = with_unit(entered)
    if not text:
        return None
    found = _read(library, name, text, day)
    told = {key: value for key in TOLD if (value := getattr(entered, key).strip())}
    if found is None or not told:
        return found
    return {**found, **told} if isinstance(found, dict) else {"value": found, **told}


def with_unit(entered: Entered) -> str:
    """What was entered as one text: a number with its unit, unless it has one already."""
    text, unit = entered.value.strip(), entered.unit.strip()
    alone = not text or not unit or _is_json(text) or any(letter.isalpha() for letter in text)
    return text if alone else f"{text} {unit}"


def _read(library: Library, name: str, text: str, day: int) -> Any:
    try:
        return read_changes([f"{name}={text}"], library, ANSWER, day=day)[name]
    except InputError as error:
        raise InputError([each.removeprefix(f"{ANSWER}: ") for each in error.problems]) from None


def from_form(form: Mapping[str, str], name: str, before: Entered) -> Entered:
    """What a form says of a fact; what it leaves out stays as it was."""
    return Entered(
        form.get(name, before.value),
        form.get(f"{name}.unit", before.unit),
        form.get(f"{name}.date", before.date),
        form.get(f"{name}.source", before.source),
    )
