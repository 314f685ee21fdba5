"""The symbols of a script: how variables, their copies, ages and shifted dates are called and declared, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise

from solver.language import tree as t
from solver.language.domain import Environment
from solver.language.types import BooleanType, EnumerationType, QuantityType, VariableType
from solver.patterns import pattern

_SIMPLE = pattern(r"[A-Za-z~!$%^&*_+=<>?/-][A-Za-z0-9~!@$%^&*_+=<>.?/-]*")


@lru_cache(maxsize=4096)
def quoted(symbol: str) -> str:
    """The symbol as a script writes it, with bars around it where SMT-LIB asks for them."""
    return symbol if _SIMPLE.fullmatch(symbol) or symbol.startswith("|") else f"|{symbol}|"


def unquoted(symbol: str) -> str:
    """The symbol without the bars of a script."""
    return symbol.strip("|")


class Symbols:
    """The one registry of symbols: the sort of every variable, and how each copy of it is called.

    `types` are those of the vocabulary. `ranges` bounds every variable, and must be implied by what the script asserts: ages and
    shifted dates are written as sums over the days within it at which they step. A copy of the patient has the symbols of the first,
    but for the variables that it has in private, and its bounds, but where `own_ranges` gives it others.
    """

    def __init__(
        self,
        types: Mapping[str, VariableType],
        ranges: Environment,
        private: Mapping[int, frozenset[str]] | None = None,
    ) -> None:
        self.types, self.ranges = types, ranges
        self.private = dict(private or {})
        self.own_ranges: dict[int, Environment] = {}
        self.declared: dict[str, str] = {}
        self.ages: dict[tuple[t.Term, t.Term, int], str] = {}
        self._steps: dict[str, str] = {}
        self._definitions: list[str] = []
        self._told = 0

    def ranges_of(self, copy: int) -> Environment:
        """What bounds the variables of a copy."""
        return self.own_ranges.get(copy, self.ranges)

    def symbol(self, name: str, copy: int = 0) -> str:
        """The symbol of a variable in a copy; remembered, so that it will be declared."""
        symbol = quoted(f"{name}!{copy}" if copy and name in self.private[copy] else name)
        self.declared.setdefault(symbol, name)
        return symbol

    def sort(self, name: str) -> str:
        """The SMT-LIB sort of a variable."""
        kind = self.types.get(name)
        if isinstance(kind, BooleanType):
            return "Bool"
        return "Real" if isinstance(kind, QuantityType) else "Int"

    def code(self, name: str, value: str) -> int:
        """The number that stands for a value of an enumeration."""
        kind = self.types[name]
        assert isinstance(kind, EnumerationType)
        return kind.values.index(value)

    def declarations(self) -> str:
        """The declarations of every symbol used so far, and the definitions of ages and shifted dates."""
        declared = [f"(declare-const {symbol} {self.sort(name)})\n" for symbol, name in self.declared.items()]
        self._told = len(self._definitions)
        return "".join([*declared, *self._definitions])

    def more(self) -> str:
        """The definitions of ages and shifted dates that are new since `declarations`, or since the last call."""
        new = "".join(self._definitions[self._told :])
        self._told = len(self._definitions)
        return new

    def stepping(self, text: str, base: int, steps: Sequence[tuple[int, int]], on: str) -> str:
        """The symbol of `text`, if any, plus `base`, plus the height of every step that the whole number `on` has reached.

        The steps ascend.
        """
        assert all(one < other for (one, _), (other, _) in pairwise(steps))
        term = f"(let ((reached {on})) (+ {text or '0'} {_tree_of_steps(base, tuple(steps))}))"
        if term not in self._steps:
            symbol = self._steps[term] = f"step!{len(self._steps) + 1}"
            self._definitions.append(f"(declare-const {symbol} Int)\n(assert (= {symbol} {term}))\n")
            if not text:
                # this follows from the above, and spares solvers most of the cases where an age is multiplied
                heights = list(accumulate((height for _, height in steps), initial=base))
                least, most = whole_text(min(heights)), whole_text(max(heights))
                self._definitions.append(f"(assert (<= {least} {symbol} {most}))\n")
        return self._steps[term]


@lru_cache(maxsize=256)
def _tree_of_steps(base: int, steps: tuple[tuple[int, int], ...]) -> str:
    """The base and the heights of the steps that `reached` has come to, found by halves: a sum of as many choices takes a solver longer."""
    heights = list(accumulate((height for _, height in steps), initial=base))

    def between(first: int, last: int) -> str:
        if first == last:
            return whole_text(heights[first])
        middle = (first + last) // 2
        return f"(ite (< reached {steps[middle][0]}) {between(first, middle)} {between(middle + 1, last)})"

    return between(0, len(steps))


def number_text(value: Fraction, *, real: bool = False) -> str:
    """An exact number in SMT-LIB."""
    if not real:
        assert value.denominator == 1
        return str(value.numerator) if value >= 0 else f"(- {-value.numerator})"
    whole = f"{abs(value.numerator)}.0"
    if value.denominator != 1:
        whole = f"(/ {whole} {value.denominator}.0)"
    return whole if value >= 0 else f"(- {whole})"


def whole_text(value: int) -> str:
    """A whole number in SMT-LIB."""
    return number_text(Fraction(value))
