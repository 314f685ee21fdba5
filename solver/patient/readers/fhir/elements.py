"""Elements of a FHIR resource, read so that nothing in a file can surprise: what is absent, empty or of a wrong type is None or empty.

concept({"coding": [{"system": "http://loinc.org", "code": "2160-0"}], "text": 7})   CodedText((Coding(LOINC, "2160-0"),))

So a malformed element says nothing, and whoever reads it has a row of the account to note that in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    AmountRatio,
    CodedText,
    Coding,
    Faulty,
)
from solver.patient.readers.native.json_text import NumberText
from solver.patterns import pattern

LONGEST_TEXT = 1_000_000
"""Characters of a text that is read; a longer one is an attachment."""

UCUM = frozenset({"http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})

NOTHING = CodedText()

_COMPARATORS = frozenset({"<", "<=", ">=", ">", "ad"})
_MOST_CACHED = 20_000
_PLAIN_NUMBER = pattern(r"-?\d{1,9}(?:\.\d{1,12})?", re.ASCII)
_WORD = pattern(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", re.ASCII)
_INTEGER = pattern(r"-?\d+", re.ASCII)

_codings: dict[tuple[str | None, str | None, str | None], Coding] = {}
_concepts: dict[tuple[tuple[Coding, ...], str | None], CodedText] = {}


class Numeral(str):
    """A number as JSON writes it, which is no text."""

    __slots__ = ()


def text(value: object) -> str | None:
    """A text that says something; lone halves of characters are replaced, since no output could hold them."""
    if type(value) is not str or not value or len(value) > LONGEST_TEXT:
        return None
    if not value.isascii():
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value if not value.isspace() else None


def word(value: object) -> str | None:
    """A code that is fit to be quoted, which nobody's name is in; None for any other text."""
    return value if type(value) is str and _WORD.fullmatch(value) else None


def mapping(value: object) -> dict[str, object]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Iterator[dict[str, object]]:
    """The objects of a list; none for anything else."""
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict):
                yield each


def given(value: object) -> bool:
    """Whether an element says anything."""
    return value is not None and value != {} and value != [] and value != ""


def number(value: object) -> str | Faulty | None:
    """A number as decimal text; None for what is no number, `Faulty` where it is beyond what is read."""
    if isinstance(value, Numeral):
        found = str(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found = str(value) if value.bit_length() < 256 else "9" * 60
    elif isinstance(value, Decimal):
        found = str(value)
    elif isinstance(value, float):
        found = repr(value)
    else:
        return None
    if _PLAIN_NUMBER.fullmatch(found):
        return found
    fault = NumberText(found).fault
    if fault:
        return Faulty(fault)
    return format(Decimal(found), "f") if "e" in found or "E" in found else found


def integer(value: object) -> int | None:
    """A whole number written as one."""
    found = number(value)
    return int(found) if isinstance(found, str) and _INTEGER.fullmatch(found) else None


def coding(value: dict[str, object]) -> Coding:
    """A Coding; equal ones are one object, so that a large export stays small."""
    system, code, display = value.get("system"), value.get("code"), value.get("display")
    if type(system) is str and type(code) is str and (display is None or type(display) is str):
        found = _codings.get((system, code, display))  # what is known is fit to be read
        if found is not None:
            return found
    key = (text(system), text(code), text(display))
    found = _codings.get(key)
    if found is None:
        if len(_codings) > _MOST_CACHED:
            _codings.clear()
        found = _codings[key] = Coding(*key)
    return found


def concept(value: object) -> CodedText:
    """A CodeableConcept."""
    if not isinstance(value, dict):
        return NOTHING
    listed = value.get("coding")
    if isinstance(listed, list) and len(listed) == 1 and isinstance(listed[0], dict):
        codings: tuple[Coding, ...] = (coding(listed[0]),)
    else:
        codings = tuple(map(coding, mappings(listed)))
    if _NO_CODING in codings:
        codings = tuple(each for each in codings if each != _NO_CODING)
    return idea(codings, text(value.get("text")))


def idea(codings: tuple[Coding, ...], words: str | None = None) -> CodedText:
    """Codings and a text that mean the same; equal ones are one object, so that a large export stays small."""
    key = (codings, words)
    found = _concepts.get(key)
    if found is None:
        if len(_concepts) > _MOST_CACHED:
            _concepts.clear()
        found = _concepts[key] = CodedText(codings, words)
    return found


def concepts(value: object) -> tuple[CodedText, ...]:
    """A list of CodeableConcepts, without empty ones."""
    return tuple(filter(None, map(concept, mappings(value))))


def codes(value: object, system: str | None = None) -> frozenset[str]:
    """The codes of a CodeableConcept: those of the system if it has any of it, else all."""
    codings = concept(value).codings
    own = [each for each in codings if each.system == system and each.code] if system else []
    return frozenset(each.code for each in own or codings if each.code)


def quantity(value: object) -> Amount | Faulty:
    """A Quantity."""
    if not isinstance(value, dict):
        return Faulty("the quantity is not an object")
    found = number(value.get("value"))
    if not isinstance(found, str):
        return found or Faulty("the quantity has no number")
    comparator = value.get("comparator")
    if comparator is not None and (type(comparator) is not str or comparator not in _COMPARATORS):
        return Faulty("a comparator that is not known")
    code = text(value.get("code")) if value.get("system") in UCUM else None
    return Amount(found, comparator, text(value.get("unit")), code)


def quantity_range(value: object) -> AmountRange | Faulty:
    """A Range."""
    ends = [_range_end(mapping(value).get(name)) for name in ("low", "high")]
    for end in ends:
        if isinstance(end, Faulty):
            return end
    low, high = (end if isinstance(end, Amount) else None for end in ends)
    return AmountRange(low, high) if low or high else Faulty("the range has no bounds")


def _range_end(value: object) -> Amount | Faulty | None:
    if not given(value):
        return None
    found = quantity(value)
    return Faulty("a bound has a comparator") if isinstance(found, Amount) and found.comparator else found


def quantity_ratio(value: object) -> AmountRatio | Faulty:
    """A Ratio."""
    above, below = (quantity(mapping(value).get(name)) for name in ("numerator", "denominator"))
    if isinstance(above, Faulty):
        return above
    return below if isinstance(below, Faulty) else AmountRatio(above, below)


def modified(value: dict[str, object]) -> bool:
    """Whether an extension that nobody here knows may turn the meaning of an element."""
    return "modifierExtension" in value and given(value["modifierExtension"])


def extensions(value: dict[str, object], address: str) -> Iterator[dict[str, object]]:
    """The extensions of an address."""
    for each in mappings(value.get("extension")):
        if each.get("url") == address:
            yield each


_NO_CODING = Coding()
