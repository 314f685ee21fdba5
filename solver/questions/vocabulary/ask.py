"""Which variables and concepts words can mean: by name, synonym, code or label, and else by parts of these."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from solver.evaluation.narrow import Narrowing, assume
from solver.language.concepts import LISTS, Concept
from solver.language.domain import Interval
from solver.language.spelling import fold_name
from solver.language.types import (
    BooleanType,
    DateType,
    EnumerationType,
    IntegerType,
    QuantityType,
    describe_type,
)
from solver.library.models import Library, Variable
from solver.library.names import fold_other_name
from solver.questions.vocabulary import answer as a


def found_by_words(library: Library, words: str) -> a.VocabularyAnswer:
    """What the words mean; everything where there are none. What they name exactly leaves out what they are only part of."""
    asked = words.split()
    variables: list[Variable] = list(library.variables.values())
    coded = _codes_of_variables(library)
    concepts: list[Concept] = list(library.concepts.concepts.values())
    note, exact = None, False
    if asked:
        note = _said_of(library, words)
        meant = _offered_by(note) if note else set()
        named = [
            v
            for v in variables
            if v.name in meant
            or _is_called(words, (v.name, v.label))
            or _are_code(words, coded.get(v.name, {}))
        ]
        events: set[str | None] = {
            library.concepts.resolve(kind, words) for kinds in LISTS.values() for kind in kinds
        }
        events |= meant - library.variables.keys()
        called = [
            c
            for c in concepts
            if c.id in events or _is_called(words, (c.label,)) or _are_code(words, dict(c.codes))
        ]
        exact = bool(named or called)
        if not exact:
            named = [v for v in variables if _holds(asked, (v.name, v.label))]
            called = [c for c in concepts if _holds(asked, (c.id, c.label, *c.names))]
        variables, concepts = named, called
    return a.VocabularyAnswer(
        library.digest,
        words,
        exact,
        note if note and not _offered_by(note) else None,
        tuple(_variable_found(variable, coded.get(variable.name, {})) for variable in variables),
        tuple(_concept_found(library, concept) for concept in concepts),
    )


def _said_of(library: Library, words: str) -> str | None:
    """What the vocabulary says of words that people write, without the sign before it; None if it says nothing."""
    return library.names.hint(words).lstrip(";: ") or None


def _offered_by(note: str) -> set[str]:
    """The variables and concepts that a hint offers."""
    return set(re.findall(r"'(\w+)'", note)) if note.startswith("did you mean") else set()


def _is_called(words: str, names: Iterable[str]) -> bool:
    """Whether the words are one of the names."""
    return any(
        fold_name(words) == fold_name(name) or fold_other_name(words) == fold_other_name(name)
        for name in names
    )


Codes = Mapping[str, tuple[str, ...]]
"""Codes by the name of their system."""


def _are_code(words: str, codes: Codes) -> bool:
    """Whether the words are one of the codes, with or without the system."""
    said = words.strip().casefold()
    return any(
        said in (code.casefold(), f"{system}:{code}".casefold())
        for system, found in codes.items()
        for code in found
    )


def _codes_of_variables(library: Library) -> dict[str, Codes]:
    """The codes that are read into each variable, in the order of the files."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for entry in library.codes.entries.values():
        for code in entry.codes if entry.variable is not None and entry.read != "nothing" else ():
            text = code.code if code.last is None else f"{code.code} to {code.last}"
            found.setdefault(entry.variable or "", {}).setdefault(code.system.upper(), {})[text] = None
    return {
        name: {system: tuple(codes) for system, codes in by_system.items()}
        for name, by_system in found.items()
    }


def _holds(asked: Iterable[str], names: Iterable[str]) -> bool:
    """Whether each of the words is part of some name."""
    folded = [fold_name(name) for name in names]
    return all(any(fold_name(word) in name for name in folded) for word in asked)


_OF_VARIABLE: dict[type, Callable[[Variable], tuple[str, ...]]] = {
    BooleanType: lambda v: (v.name, f"not {v.name}"),
    IntegerType: lambda v: (f"{v.name} <= 2",),
    DateType: lambda v: (f"{v.name} + 28 d <= first_dose",),
}


_OF_LIMIT = {"uln": "{} <= 2 ULN", "lln": "{} >= 1 LLN"}


def _usual_limit(variable: Variable) -> str:
    """A round number from the middle of where trials set their limits, or else of what is plausible; 1 where neither is said."""
    known: Narrowing = {variable.name: Interval(Fraction(0), math.inf)}
    for said in (variable.plausible, variable.typical):
        if said is not None:
            assume(said, True, known, set())
    within = known[variable.name]
    assert isinstance(within, Interval)
    if isinstance(within.high, float):
        return "1"
    middle = math.sqrt(max(within.low, min(1, within.high / 100)) * within.high)
    return f"{float(f'{middle:.0e}'):g}" if middle < 1 else f"{int(float(f'{middle:.0e}'))}"


def _variable_found(variable: Variable, codes: Codes) -> a.FoundVariable:
    kind, means = variable.type, variable.means
    simple = _OF_VARIABLE.get(type(kind))
    write = simple(variable) if simple is not None else ()
    if isinstance(kind, EnumerationType):
        write = (f"{variable.name} in {{{', '.join(kind.values[:2])}}}",)
    elif isinstance(kind, QuantityType):
        unit = "" if kind.unit.text == "1" else f" {kind.unit.text}"
        relation = ">=" if variable.worse == "lower" else "<="
        write = (
            f"{variable.name} {relation} {_usual_limit(variable)}{unit}",
            *(_OF_LIMIT[limit].format(variable.name) for limit in variable.reference),
        )
    term = (means.term.name if means.term is not None else means.list) if means is not None else None
    return a.FoundVariable(
        variable.name,
        describe_type(kind),
        variable.label,
        variable.about,
        variable.changes,
        term,
        dict(codes),
        write,
    )


def _concept_found(library: Library, concept: Concept) -> a.FoundConcept:
    half_life = concept.half_life_days
    meaning = [
        name
        for name, variable in library.variables.items()
        if variable.means
        and variable.means.term
        and variable.means.term.of
        and variable.means.term.of.concept == concept.id
    ]
    return a.FoundConcept(
        id=concept.id,
        kind=concept.kind,
        label=concept.label,
        names=concept.names,
        codes=dict(concept.codes),
        lasts=concept.lasts,
        half_life_days=None if half_life is None else str(half_life),
        level=concept.level,
        broader=concept.broader,
        narrower=tuple(
            name for name, each in library.concepts.concepts.items() if concept.id in each.broader
        ),
        list=concept.list,
        variables=tuple(meaning),
        write=tuple(_terms_about(library, concept)),
    )


def _terms_about(library: Library, concept: Concept) -> Iterable[str]:
    """Conditions that can be asked of a concept."""
    name = concept.id
    if concept.kind == "finding":
        yield f"present({name})"
        if concept.level is not None:
            unit = "" if concept.level == "1" else f" {concept.level}"
            yield f"level({name}) >= 1{unit}"
        return
    for variable in library.variables.values():
        if getattr(variable.type, "kind", None) == concept.kind == "diagnosis":
            yield f"{variable.name} is {name}"
    yield f"ever({name})"
    if concept.lasts == "span":
        yield f"current({name})"
    if concept.lasts != "life":
        yield f"within({name}, 28 d)"
    if concept.half_life_days is not None:
        yield f"within({name}, 5 half_lives)"
