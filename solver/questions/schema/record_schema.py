"""The JSON Schemas of a record and of a context, made from a library: they complete and check what an editor shows.

A schema says what can be said without reading the library's logic: what it refuses is wrong, but for spellings that the reader
forgives (the case of a trial's name); what it accepts may still have a fault that only the reader finds, such as a unit that
does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.language.types import (
    BooleanType,
    ConceptType,
    DateType,
    EnumerationType,
    IntegerType,
    ListType,
    QuantityType,
)
from solver.library.fact_forms import form_hint, unit_names
from solver.library.models import Library, Variable
from solver.patient.readers.native.entry_lists import COMPLETE
from solver.patient.readers.native.json_text import LARGEST
from solver.patient.readers.native.statement import MOST_ENTRIES, RANGE_KEYS
from solver.questions.schema.event_schema import (
    LIMITS,
    closures_properties,
    happened_properties,
    reference_property,
)
from solver.text import listed

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_CLOSED = {"additionalProperties": False}
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = r"(0[1-9]|[12]\d|3[01])"
_YEAR = r"(18[5-9]\d|19\d\d|20\d\d|21\d\d)"

_DEFINITIONS: Schema = {
    "day": {"type": "string", "pattern": f"^{_YEAR}-{_MONTH}-{_DAY}$", "description": "YYYY-MM-DD"},
    "date": {
        "type": "string",
        "pattern": f"^{_YEAR}(-{_MONTH}(-{_DAY})?)?$",
        "description": "YYYY-MM-DD, or YYYY-MM for some day of that month, or YYYY",
    },
    "number": {"type": "number", "minimum": 0, "maximum": LARGEST},
    "positive": {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST},
    "whole": {"type": "integer", "minimum": 0, "maximum": LARGEST},
    "boolean": {"type": "boolean"},
}


def record_schema(library: Library) -> Schema:
    """The JSON Schema of a record, with the vocabulary of the library."""
    return {
        "$schema": DRAFT,
        "title": "trialproof/record",
        "description": "What is known of one patient on one day. A whole line may be a comment that begins with //.",
        "type": "object",
        "properties": {
            "id": {
                "type": "string",
                "pattern": r"\S",
                "description": "The patient's name in the answer; by default that of the file.",
            },
            "as_of": {
                "anyOf": [_ref_to("day"), {"type": "null"}],
                "description": "The day of evaluation, which is the day of consent: YYYY-MM-DD. Needed, unless --as-of gives it.",
            },
            "facts": {
                "type": "object",
                "description": "One entry a variable; what is absent or null is unknown.",
                "properties": {
                    **{name: _fact_or_results(variable) for name, variable in library.variables.items()},
                    **happened_properties(library),
                },
                "additionalProperties": False,
            },
            **(closures_properties(library) or _complete_key(library)),
            "context": _context_object(library),
        },
        "additionalProperties": False,
        "$defs": _DEFINITIONS,
    }


def _complete_key(library: Library) -> Schema:
    """The key that calls lists complete, where the library has an open one."""
    lists = [library.variables[name] for name in library.lists]
    able = {variable.name: variable.about for variable in lists if not variable.pattern}
    if not able:
        return {}
    text = "The lists that hold everything: what is not in them is then denied where the theory says so. Each must be recorded."
    return {COMPLETE: {**_list_of(_one_of_these(able)), "description": text}}


def context_schema(library: Library) -> Schema:
    """The JSON Schema of a site's context."""
    return {"$schema": DRAFT, "title": "trialproof/context", **_context_object(library)}


def _context_object(library: Library) -> Schema:
    trials: Schema = {}
    for trial in library.trials.values():
        cohorts = _list_of({"enum": list(trial.cohorts)})
        if not trial.routed:
            cohorts["minItems"] = len(trial.cohorts)
        for name in (trial.code, trial.nct):
            trials[name] = {**cohorts, "description": f"The open cohorts of {trial.nct}: {trial.title}"}
    readings = {reading.id: reading.text for reading in library.switches()}
    for trial in library.trials.values():
        for clause in trial.clauses:
            if clause.secondary:
                readings[clause.secondary] = trial.readings[clause.secondary].text
    return {
        "type": "object",
        "description": "The state of the world, not of the patient.",
        "properties": {
            "open_cohorts": {
                "type": "object",
                "description": "What is open, for each trial of which not everything is.",
                "properties": trials,
                "additionalProperties": False,
            },
            "readings": {
                **_list_of(_one_of_these(readings)),
                "description": "The ambiguities that are read in the second way.",
            },
            "secondary_sources": {
                "type": "boolean",
                "description": "Whether clauses from secondary sources are in force.",
            },
            **reference_property(library),
        },
        "additionalProperties": False,
    }


def _ref_to(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _one_of_these(texts: Mapping[str, str]) -> Schema:
    """One of the constants, each with its text; where there are none, nothing fits."""
    if not texts:
        return {"not": {}}
    return {"anyOf": [{"const": name, "description": text} for name, text in texts.items()]}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _fact_or_results(variable: Variable) -> Schema:
    """The schema of a fact about a variable, or of several dated results of one that is no list."""
    found = _fact_schema(variable)
    if isinstance(variable.type, ListType):
        return found
    result = next((form for form in found["anyOf"] if form.get("type") == "object"), None)
    if result is not None:
        dated = {
            "type": "object",
            "allOf": [result, {"required": ["date"], "properties": {"date": _ref_to("day")}}],
        }
        several = {"type": "array", "items": dated, "minItems": 1, "maxItems": MOST_ENTRIES}
        found["anyOf"] = [*found["anyOf"][:-1], several, found["anyOf"][-1]]
    return found


def _fact_schema(variable: Variable) -> Schema:
    """The schema of a fact about a variable: a bare value, null, or an object in one of the forms that fit its type."""
    match variable.type:
        case BooleanType():
            forms = [_ref_to("boolean"), _object_form(_ref_to("boolean"), ["one_of"])]
        case ConceptType() as kind:
            choice = {"type": "string", "pattern": r"\S", "examples": list(kind.named)}
            forms = [choice, _object_form(choice, ["one_of"])]
        case EnumerationType(values):
            choice = {"enum": list(values)}
            forms = [choice, _object_form(choice, ["one_of"])]
        case IntegerType():
            whole = _ref_to("whole")
            if variable.refused:
                whole["not"] = {"enum": sorted(variable.refused)}
            ends = (_ref_to("whole"), _ref_to("whole"))
            forms = [whole, _object_form(whole, ["one_of", "range"], unit={"const": "1"}, ends=ends)]
        case DateType():
            date = _ref_to("date")
            forms = [date, _object_form(date, ["one_of", "range"], several=_ref_to("day"))]
        case ListType():
            entries = _entry_list(variable)
            forms = [entries, _object_form(entries, [])]
        case QuantityType() as kind:
            forms = _quantity_forms(variable, kind)
    about = f"{variable.about} Write {form_hint(variable)}."
    return {"title": variable.label, "description": about, "anyOf": [*forms, {"type": "null"}]}


def _entry_list(variable: Variable) -> Schema:
    text: Schema = {"type": "string", "pattern": r"\S"}
    if variable.pattern is not None:
        strip = "".join(f"\\{letter}" if not letter.isalnum() else letter for letter in variable.strip)
        text["pattern"] = f"^({strip})?({variable.pattern})$"
    return {**_list_of(text), "maxItems": variable.most or MOST_ENTRIES}


def _quantity_forms(variable: Variable, kind: QuantityType) -> list[Schema]:
    unit: Schema = {"type": "string", "pattern": r"\S"}
    required: list[str] = []
    more: Schema = {}
    if not variable.bare:
        text = f"The unit as measured, of the kind of {unit_names(kind)}"
        unit["description"] = f"{text}: in UCUM or a usual printed form."
        unit["examples"] = [kind.unit.text, *(other.text for other, _ in kind.equivalents)]
        required = ["unit"]
    if variable.drugs:
        more["drug"] = {
            "anyOf": [{"enum": list(variable.drugs)}, {"type": "string"}],
            "description": f"The drug: {listed(list(variable.drugs), 'or')}. Needed, unless the dose is zero.",
        }
    for limit in variable.reference:
        more[limit] = {"anyOf": [_ref_to("positive"), {"type": "null"}], "description": LIMITS[limit]}
    forms = ["one_of", "replicates", "range"]
    number = _ref_to("positive" if variable.positive else "number")
    ends = (_ref_to("number"), number)
    whole = _object_form(number, forms, unit=unit, required=required, more=more, ends=ends)
    return [number, whole] if variable.bare else [whole]


def _object_form(
    scalar: Schema,
    forms: Sequence[str],
    *,
    several: Schema | None = None,
    unit: Schema | None = None,
    required: Sequence[str] = (),
    more: Schema | None = None,
    ends: tuple[Schema, Schema] | None = None,
) -> Schema:
    """A fact as an object: `value`, or one of the other `forms`, with what may stand beside it; `ends` are the two bounds of a range."""
    properties: Schema = {"value": {"anyOf": [scalar, {"type": "null"}]}}
    kinds: list[Schema] = [{"required": ["value"]}]
    for form in ("one_of", "replicates"):
        if form in forms:
            properties[form] = {**_list_of(several or scalar), "minItems": 1, "maxItems": MOST_ENTRIES}
            kinds.append({"required": [form]})
    if "range" in forms:
        low, high = ends or (scalar, scalar)
        properties.update(min=low, max=high)
        for key, end in zip(RANGE_KEYS[2:], (low, high), strict=True):
            properties[key] = {"anyOf": [several or end, {"type": "boolean"}]}
        kinds.append({"anyOf": [{"required": [key]} for key in RANGE_KEYS]})
    if unit is not None:
        properties["unit"] = {**unit} if required else {"anyOf": [unit, {"type": "null"}]}
    nothing = {"type": "null"}
    properties.update(more or {})
    properties["date"] = {"anyOf": [_ref_to("date"), nothing], "description": "When it was true or measured."}
    properties["source"] = {"type": ["string", "null"], "description": "Where it is known from."}
    found: Schema = {"type": "object", "properties": properties, "oneOf": kinds, **_CLOSED}
    if required:
        empty = {"properties": {"value": nothing}, "required": ["value"]}
        found["anyOf"] = [{"required": list(required)}, empty]
    return found
