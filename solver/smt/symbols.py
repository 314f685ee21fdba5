"""The symbols of a script: how variables, their copies, ages and shifted dates are called and declared, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

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

    `apart` is for texts that other solvers read: what steps is told in truths and not in numbers (`Stepping`), its symbols are defined and
    not asserted, so that they cost nothing where they do not matter, and products with it are sums of choices.
    """

    def __init__(
        self,
        types: Mapping[str, VariableType],
        ranges: Environment,
        private: Mapping[int, frozenset[str]] | None = None,
        *,
        apart: bool = False,
    ) -> None:
        self.types, self.ranges, self.apart = types, ranges, apart
        self.private = dict(private or {})
        self.own_ranges: dict[int, Environment] = {}
        self.declared: dict[str, str] = {}
        self.ages: dict[tuple[t.Term, t.Term, int], str] = {}
        self._steps: dict[str, str] = {}
        self._definitions: list[str] = []
        self._told = 0

    def with_copy(self, private: frozenset[str]) -> Symbols:
        """The same symbols, and copy 1 with these variables in private; what either is asked for later, the other does not know."""
        found = Symbols(self.types, self.ranges, {1: private}, apart=self.apart)
        found.declared, found.ages = dict(self.declared), dict(self.ages)
        found._steps, found._definitions = dict(self._steps), list(self._definitions)
        return found

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

    def number(self, term: str, within: tuple[int, int] | None = None) -> str:
        """The symbol of a whole number that is this term, and lies, as follows from it, between these two."""
        if term not in self._steps:
            symbol = self._steps[term] = f"step!{len(self._steps) + 1}"
            if self.apart:
                self._definitions.append(f"(define-fun {symbol} () Int {term})\n")
                return symbol
            self._definitions.append(f"(declare-const {symbol} Int)\n(assert (= {symbol} {term}))\n")
            if within is not None:
                # this spares solvers most of the cases where an age is multiplied
                least, most = map(whole_text, within)
                self._definitions.append(f"(assert (<= {least} {symbol} {most}))\n")
        return self._steps[term]


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
