"""Events, results and limits that a record can hold, for what is known of terms: what a witness is written with.

Of `last_end(anti_cd20)` on 1 May 2026, and nothing more asked of it, comes an entry of anti-CD20 treatment on that day, and that the list
of therapies is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from solver.engine.events.happenings import MOST_LINES, rest_of
from solver.language.calendar import AFTER_EVERY_DAY, format_day, in_calendar
from solver.language.concepts import LISTS
from solver.language.domain import Domain, Environment, Interval
from solver.language.types import DateType, QuantityType
from solver.library.concepts.parts import ConceptPart
from solver.library.models import Library, Variable
from solver.patient.record import Fact
from solver.patient.write import exact_decimal

Entry = dict[str, Any]


def event_lists(library: Library, box: Environment, as_of: int) -> dict[str, list[Entry]]:
    """The entries of each list of which something is asked, as the hidden variables of a completion have them."""
    found: dict[str, list[Entry]] = {}
    for name in LISTS:
        parts = library.parts[name].parts
        asked = [part for part in parts if library.parts[name].asked[part.name]]
        if name == "findings":
            entries = list(_results(library, box, asked, as_of))
        else:
            entries = [
                entry for part in asked for entry in _events(library, box, rest_of(name, part), part, as_of)
            ]
        if asked or entries:
            found[name] = entries
    return found


def event_flags(library: Library) -> list[str]:
    """The hidden conditions that something happened, or was found, of each part that something asks about.

    First come the parts of which an entry may be of another part as well.
    """
    found = []
    for name in LISTS:
        for part in library.parts[name].parts:
            if library.parts[name].asked[part.name]:
                about = rest_of(name, part)
                flag = about if name == "findings" else f"more of {about}"
                found.append((_is_tellable(library, part), flag))
    return [flag for _, flag in sorted(found, key=lambda each: each[0])]


def tellable_kinds(library: Library) -> dict[str, frozenset[str]]:
    """Of each hidden choice of a concept, such as what the diagnosis is, the parts that can be written down."""
    return {
        f"what {name} is": frozenset(part.name for part in kinds.parts if _told_kind(library, name, part))
        for name, kinds in library.kinds.items()
    }


def _is_tellable(library: Library, part: ConceptPart) -> bool:
    """Whether some concept of a part has no kind that is in another."""
    return any(library.concepts.narrower(each) <= part.members for each in part.members)


def _holds(box: Environment, name: str) -> bool:
    domain = box.get(name)
    return isinstance(domain, frozenset) and domain == frozenset({True})


def _number(box: Environment, name: str, otherwise: int) -> int:
    domain = box.get(name)
    return (
        int(domain.low) if isinstance(domain, Interval) and not isinstance(domain.low, float) else otherwise
    )


def _events(library: Library, box: Environment, about: str, part: ConceptPart, as_of: int) -> Iterator[Entry]:
    """What else happened of a part, as one entry or more."""
    if not _holds(box, f"more of {about}"):
        return
    name = member_of(library, part)
    first = _number(box, f"first start of {about}", as_of)
    last = max(first, _number(box, f"last start of {about}", first))
    ended = max(last, _number(box, f"last end of {about}", last))
    lines = [i for i in range(1, MOST_LINES + 1) if _holds(box, f"{about} in line {i}")]
    times = max(_number(box, f"times of {about}", 1), len(lines), 1 + (last > first))
    starts = [first, *([last] if last > first else [])]
    while len(starts) < (times if part.lasts == "day" else max(len(lines), len(starts))):
        starts.insert(1, first)
    for place, start in enumerate(starts):
        entry: Entry = {"is": name, "start": format_day(start)}
        final = place == len(starts) - 1
        if part.lasts == "span":
            if final and _holds(box, f"{about} goes on"):
                entry["ongoing"] = True
            else:
                entry["end"] = format_day(ended if final else start)
            entry["times"] = times - len(starts) + 1 if final else 1
        if place < len(lines):
            entry["line"] = lines[place]
        if starts.count(start) > 1:
            entry["source"] = f"event {place + 1}"
        yield entry


def _results(library: Library, box: Environment, parts: list[ConceptPart], as_of: int) -> Iterator[Entry]:
    """What is there of each part, and for what is not there that it was looked for.

    Of the results that bear on a finding those of the latest day count, so that what is broader has no earlier day.
    """
    tree = library.concepts
    days: dict[str, int] = {}
    levels: dict[str, Entry] = {}
    for name, variable in library.terms.items():
        term, domain = variable.term, box.get(name)
        if term is None or term.of is None or not isinstance(domain, Interval):
            continue
        if term.question == "measured":
            days[term.of.concept] = _number(box, name, as_of)
        elif term.question == "level":
            unit = tree[term.of.concept].level
            levels[term.of.concept] = {"value": exact_decimal(domain.low), "unit": unit}

    def earliest(concepts: Iterable[str]) -> str:
        return format_day(min((days[each] for each in concepts if each in days), default=as_of))

    there = [part for part in parts if _holds(box, f"findings, {part.name}")]
    found: dict[str, Entry] = {}
    for part in there:
        name = member_of(library, part)
        found[name] = {"is": name, "present": True, "date": earliest(tree.broader(name))}
    for concept in dict.fromkeys((*_plain_sets(library), *days)):
        if any(not part.members.isdisjoint(tree.narrower(concept)) for part in there):
            if concept in days or concept in levels:
                found[concept] = {"is": concept, "present": True, "date": earliest([concept])}
        else:
            narrower = [concept] if concept in days else tree.narrower(concept)
            found[concept] = {"is": concept, "present": False, "date": earliest(narrower)}
    for name, entry in found.items():
        yield {**entry, "level": levels[name]} if name in levels and entry["present"] else entry


def _plain_sets(library: Library) -> Iterator[str]:
    """The findings that are asked about by themselves."""
    for variable in library.terms.values():
        term = variable.term
        if term is not None and term.question == "present" and term.of is not None and not term.of.excluded:
            yield term.of.concept


def told_in_words(library: Library, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """What a witness says of terms, each with its words."""
    return {
        name: replace(fact, text=_words(fact.domain, library.terms[name]))
        for name, fact in facts.items()
        if name in library.terms
    }


def _words(domain: Domain, variable: Variable) -> str:
    if isinstance(domain, frozenset):
        return " or ".join("yes" if value is True else "no" for value in sorted(domain, key=str))
    if not isinstance(domain, Interval) or isinstance(domain.low, float):
        return "anything"
    if not isinstance(variable.type, DateType):
        unit = variable.type.unit.text if isinstance(variable.type, QuantityType) else "1"
        return f"{exact_decimal(domain.low)}{'' if unit == '1' else f' {unit}'}"
    if in_calendar(int(domain.low)):
        return format_day(int(domain.low))
    first = variable.term is not None and variable.term.question == "first_start"
    return "ongoing" if domain.low == AFTER_EVERY_DAY and not first else "never"


def kind_facts(library: Library, variable: str, box: Environment) -> dict[str, object]:
    """The concept that a variable is in a completion, and what says that it is of no kind of it in another part, as facts."""
    domain: Domain | None = box.get(f"what {variable} is")
    if not isinstance(domain, frozenset):
        return {}
    part = next(part for part in library.kinds[variable].parts if part.name in domain)
    concept, denied = _told_kind(library, variable, part) or (member_of(library, part), ())
    return {variable: concept, **dict.fromkeys(denied, False)}


def _told_kind(library: Library, variable: str, part: ConceptPart) -> tuple[str, tuple[str, ...]] | None:
    """A concept of a part, and variables that deny each kind of it in another part; None if nothing denies them."""
    tree, aliases = library.concepts, dict[str, str]()
    for name, each in library.variables.items():
        term = each.means.term if each.means is not None else None
        if term is not None and term.question == "is" and term.variable == variable and term.of is not None:
            aliases[name] = term.of.concept
    for concept in sorted(part.members, key=lambda each: (len(tree.broader(each)), each)):
        outside, denied = tree.narrower(concept) - part.members, []
        for name, kind in aliases.items():
            below = tree.narrower(kind)
            if below.isdisjoint(part.members) and not below.isdisjoint(outside):
                denied.append(name)
                outside -= below
        if not outside:
            return concept, tuple(denied)
    return None


def member_of(library: Library, part: ConceptPart) -> str:
    """The broadest concept of a part of which each kind is in the part; the broadest of all where there is none.

    What is written as a broader concept may be of another part, as an unspecific malignancy may be one of the exceptions.
    """
    tree = library.concepts
    inside = [each for each in part.members if tree.narrower(each) <= part.members]
    return min(inside or part.members, key=lambda each: (len(tree.broader(each)), each))
