"""Compiling the files of `encodings/concepts/` into one tree: parents, names, codes, how long things last, and half-lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from solver.errors import did_you_mean
from solver.language.concepts import Concept, ConceptTree, Lasts
from solver.language.spelling import fold_name
from solver.language.units import UnknownUnit, parse_unit
from solver.library.files.file_faults import FilePart
from solver.library.files.library_files import ConceptShape
from solver.library.vocabulary import RESERVED
from solver.patterns import pattern

_AMOUNT = pattern(r"(\d+(?:\.\d+)?)\s*(\D.*)")
_A_DAY = 86400


def compile_concepts(
    declared: Sequence[tuple[FilePart, ConceptShape]], words: Mapping[str, frozenset[str]]
) -> ConceptTree:
    """The tree that the files declare; faults are noted.

    `words` are the names of the variables and definitions, each with the concept that it may share its name with.
    """
    return _TreeCompiler(declared, words).tree()


class _TreeCompiler:
    """Compiles the concepts that several files declare together."""

    def __init__(
        self, declared: Sequence[tuple[FilePart, ConceptShape]], words: Mapping[str, frozenset[str]]
    ) -> None:
        self.words = words
        self.parts: dict[str, FilePart] = {}
        self.shapes: dict[str, ConceptShape] = {}
        for part, shape in declared:
            if self._may_be_called(part, shape):
                self.parts[shape.id], self.shapes[shape.id] = part, shape

    def tree(self) -> ConceptTree:
        """The tree, without the parents that are at fault."""
        broader = {name: self._known_parents(name) for name in self.shapes}
        for name in self._in_a_circle(broader):
            broader[name] = ()
        concepts = {name: self._compiled_concept(name, broader[name]) for name in self.shapes}
        tree = ConceptTree(concepts.values())
        tree = ConceptTree(
            replace(concept, lasts=lasts)
            for concept, lasts in zip(concepts.values(), self._durations(tree).values(), strict=True)
        )
        self._check_names(tree)
        self._check_codes(tree)
        self._check_half_lives(tree)
        return tree

    def _may_be_called(self, part: FilePart, shape: ConceptShape) -> bool:
        name = shape.id
        if name in RESERVED:
            part.fault(f"'{name}' is a word of the language or of SMT-LIB: choose another id", "id")
        elif name in self.shapes:
            part.fault(f"the concept '{name}' is declared twice", "id")
        elif name in self.words and name not in self.words[name]:
            remedy = "choose another id, or let the variable mean just this concept"
            part.fault(f"'{name}' is the name of a variable or a definition: {remedy}", "id")
        else:
            return True
        return False

    def _known_parents(self, name: str) -> tuple[str, ...]:
        part, shape = self.parts[name], self.shapes[name]
        found: list[str] = []
        for i, parent in enumerate(shape.broader):
            at = part.at("broader", i)
            if parent not in self.shapes:
                of_kind = [each.id for each in self.shapes.values() if each.kind == shape.kind]
                at.fault(f"unknown concept '{parent}'{did_you_mean(parent, of_kind)}")
            elif not _may_stand_under(shape.kind, self.shapes[parent].kind):
                kind = self.shapes[parent].kind
                at.fault(f"'{parent}' is a {kind}, and a {shape.kind} cannot stand under it")
            elif parent in found:
                at.fault(f"'{parent}' is named twice")
            else:
                found.append(parent)
        return tuple(found)

    def _in_a_circle(self, broader: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """The concepts that are broader than themselves; notes the fault of each circle once."""
        left = {name: set(parents) for name, parents in broader.items()}
        while free := [name for name, parents in left.items() if not parents & left.keys()]:
            for name in free:
                del left[name]
        told: set[str] = set()
        for start in left:
            trail = [start]
            while trail[-1] not in told and trail[-1] not in trail[:-1]:
                trail.append(next(parent for parent in broader[trail[-1]] if parent in left))
            circle = trail[trail.index(trail[-1]) :]
            if trail[-1] not in told:
                way = " under ".join(f"'{name}'" for name in circle)
                self.parts[circle[0]].fault(f"a circle: {way}; take one of these parents out", "broader")
            told.update(trail)
        yield from left

    def _compiled_concept(self, name: str, broader: tuple[str, ...]) -> Concept:
        part, shape = self.parts[name], self.shapes[name]
        for key in ("level",):
            if getattr(shape, key) is not None and shape.kind != "finding":
                part.fault(f"'{key}' is for findings, and '{name}' is a {shape.kind}", key)
        if shape.lasts is not None and shape.kind == "finding":
            part.fault("a finding is there or not, and does not last: take 'lasts' out", "lasts")
        if shape.level is not None:
            try:
                parse_unit(shape.level)
            except UnknownUnit as error:
                part.fault(str(error), "level")
        half_life = None if shape.half_life is None else _days_of(part.at("half_life"), shape.half_life)
        same = shape.copied("id", "kind", "label", "level", "changes", "policy")
        return Concept(
            **same,
            broader=broader,
            names=tuple(shape.names),
            codes=tuple((system, tuple(codes)) for system, codes in shape.codes.items()),
            lasts=shape.lasts or "span",
            half_life_days=half_life,
            source=shape.source or "",
        )

    def _durations(self, tree: ConceptTree) -> dict[str, Lasts]:
        """How long the events of each concept last: as it says, or as what stands above it, which must then agree."""
        found: dict[str, Lasts] = {}
        for name in sorted(tree, key=lambda each: len(tree.broader(each))):
            own, above = self.shapes[name].lasts, {found[parent]: parent for parent in tree[name].broader}
            if own is None and len(above) > 1:
                ways = " and ".join(f"'{parent}' {lasts}" for lasts, parent in sorted(above.items()))
                message = f"what stands above '{name}' lasts differently, {ways}: say 'lasts' here"
                self.parts[name].fault(message, "id")
            found[name] = own if own is not None else next(iter(above), "span")
        return {name: found[name] for name in tree}

    def _check_names(self, tree: ConceptTree) -> None:
        said: dict[tuple[str, str], str] = {}
        for name, concept in tree.concepts.items():
            places = [self.parts[name].at("names", i) for i in range(len(concept.names))]
            for at, each in zip([self.parts[name].at("id"), *places], (name, *concept.names), strict=True):
                folded = fold_name(each)
                other = said.setdefault((concept.kind, folded), name)
                if not folded:
                    at.fault(f"'{each}' has nothing that names are compared by")
                elif other != name:
                    at.fault(f"'{each}' is already a name of '{other}'")

    def _check_codes(self, tree: ConceptTree) -> None:
        said: dict[tuple[str, str, str], list[str]] = {}
        for name, concept in tree.concepts.items():
            for system, codes in concept.codes:
                for i, code in enumerate(codes):
                    others = said.setdefault((concept.list, system.casefold(), code.casefold()), [])
                    for other in others:
                        if name not in tree.broader(other) and other not in tree.broader(name):
                            message = f"the code '{code}' is already one of '{other}', which is neither broader nor narrower"
                            self.parts[name].fault(message, "codes", system, i)
                            break
                    others.append(name)

    def _check_half_lives(self, tree: ConceptTree) -> None:
        for name, concept in tree.concepts.items():
            own = concept.half_life_days
            above = [tree[each] for each in sorted(tree.broader(name)) if each != name]
            for each in above if own is not None else ():
                if each.half_life_days is not None and own is not None and own > each.half_life_days:
                    longer = f"'{each.id}', which is broader, has {self.shapes[each.id].half_life}"
                    self.parts[name].fault(f"a half-life longer than that of {longer}", "half_life")
                    break


def _may_stand_under(kind: str, above: str) -> bool:
    return kind == above or (kind == "diagnosis" and above == "condition")


def _days_of(part: FilePart, text: str) -> Fraction | None:
    """A half-life in days, or None with its fault noted."""
    form = _AMOUNT.fullmatch(text.strip())
    try:
        unit = parse_unit(form[2].strip()) if form else None
    except UnknownUnit as error:
        part.fault(str(error))
        return None
    if form is None or unit is None or unit.dimension != (("time", 1),) or not Fraction(form[1]):
        part.fault(f"'{text}' is no length of time: write it as 20 d or 36 h")
        return None
    return Fraction(form[1]) * unit.factor / _A_DAY
