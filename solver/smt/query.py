"""What the solver is asked, said in conditions: the one place where a question becomes the text of a session.

Of a patient whose level lies between 5 and 20, `state([level >= 8])` and `bound({"level": ...})` become

    (declare-const level Real)
    (assert (<= 8.0 level))
    (assert (<= 5.0 level))
    (assert (<= level 20.0))

With `when=query.assumption("keep!level")` each of them is guarded, `(assert (=> keep!level (<= 5.0 level)))`: it holds in the checks
that assume `keep!level`. Said of copy 1, which has `level` in private, it is about a second patient's `level!1`. The order in which
things are said is that of the text: what the solver finds, and the work of it, depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from solver.language.domain import Domain, Environment
from solver.language.tree import Condition
from solver.language.types import VariableType
from solver.smt.symbols import Symbols, quoted, unquoted
from solver.smt.translate import condition_text, domain_text, value_text
from solver.work import DEFAULT_BUDGET, Budget

if TYPE_CHECKING:
    from solver.smt.session import Session


def joined(relation: Literal["and", "or"], terms: Sequence[str]) -> str:
    """All of the terms, or any."""
    if not terms:
        return "true" if relation == "and" else "false"
    return terms[0] if len(terms) == 1 else f"({relation} {' '.join(terms)})"


def all_of(terms: Iterable[str]) -> str:
    """That all terms hold, of which there may be none."""
    return f"(and true {' '.join(terms)})"


def any_of(terms: Iterable[str]) -> str:
    """That one of the terms holds, of which there may be none."""
    return f"(or false {' '.join(terms)})"


def negated(term: str) -> str:
    """That the term does not hold."""
    return f"(not {term})"


def equal(one: str, other: str) -> str:
    """That two terms have one value."""
    return f"(= {one} {other})"


def implied(guard: str, term: str) -> str:
    """That the term holds where the guard does."""
    return f"(=> {guard} {term})"


def at_most(most: int, weights: Mapping[str, int]) -> str:
    """That those flags which hold weigh no more than so much together."""
    parts = " ".join(f"(ite {flag} {weight} 0)" for flag, weight in weights.items())
    return f"(<= (+ 0 {parts}) {most})"


class Query:
    """What is to be asked; `session` makes the solver that answers it.

    `types` are those of the vocabulary, and `ranges` bounds every variable, as `Symbols` says. `private` are the variables that each copy
    of the patient, by number, does not share with the first.
    """

    def __init__(
        self,
        types: Mapping[str, VariableType],
        ranges: Environment,
        private: Mapping[int, frozenset[str]] | None = None,
    ) -> None:
        self.symbols = Symbols(types, ranges, private)
        self._assumptions: list[str] = []
        self._lines: list[str] = []
        self._open = False

    def new_copy(self, private: frozenset[str], ranges: Environment | None = None) -> int:
        """The number of one more copy, which shares all but these variables with the first, and is bounded as it or by `ranges`."""
        copy = len(self.symbols.private) + 1
        self.symbols.private[copy] = private
        if ranges is not None:
            self.symbols.own_ranges[copy] = ranges
        return copy

    def assumption(self, name: str) -> str:
        """The symbol of this name, declared as what a check can assume."""
        name = quoted(name)
        if self._open:
            self._append_lines(f"(declare-const {name} Bool)\n")
        else:
            self._assumptions.append(name)
        return name

    def term(self, condition: Condition, copy: int = 0) -> str:
        """The condition, said of a copy."""
        return condition_text(condition, self.symbols, copy)

    def within(self, domains: Mapping[str, Domain], copy: int = 0) -> list[str]:
        """That the variables of a copy lie in these domains."""
        return [term for n, d in domains.items() for term in domain_text(n, d, self.symbols, copy)]

    def value(self, name: str, domain: Domain, along: Sequence[tuple[str, str, Domain]] = ()) -> str:
        """The one value of a domain of the variable.

        `along` are (guard, another number, its usual value): of the first whose guard holds, the value moves as far as that number is
        from what it usually is.
        """
        value = value_text(name, domain, self.symbols)
        if not along:
            return value
        symbols = self.symbols
        moves = [f"(ite {guard} (- {quoted(n)} {value_text(n, usual, symbols)})" for guard, n, usual in along]
        return f"(+ {value} {' '.join(moves)} 0{')' * len(moves)})"

    def state(self, conditions: Iterable[Condition], copy: int = 0, when: str | None = None) -> None:
        """The conditions hold of a copy, where the guard does."""
        self.say([self.term(condition, copy) for condition in conditions], when)

    def bound(self, domains: Mapping[str, Domain], when: str | None = None, *, first: bool = False) -> None:
        """The variables lie in these domains, where the guard holds; `first` says it before all else."""
        self.say(self.within(domains), when, first=first)

    def bound_mentioned(self) -> None:
        """Before all else: of every copy, the variables that were mentioned lie within their ranges."""
        terms = []
        for symbol, name in list(self.symbols.declared.items()):
            copy = int(unquoted(symbol).rpartition("!")[2]) if unquoted(symbol) != name else 0
            terms += self.within({name: self.symbols.ranges_of(copy)[name]}, copy)
        self.say(terms, first=True)

    def agree(self, name: str, copy: int, when: str) -> None:
        """A copy has the first patient's value of the variable, where the guard holds."""
        self.say([equal(self.symbols.symbol(name), self.symbols.symbol(name, copy))], when)

    def say(self, terms: Iterable[str], when: str | None = None, *, first: bool = False) -> None:
        """The terms are true, where the guard holds."""
        lines = [f"(assert {term if when is None else implied(when, term)})\n" for term in terms]
        if first:
            self._lines[:0] = lines
        else:
            self._append_lines(*lines)

    def define(self, symbol: str, term: str, sort: str = "Bool") -> None:
        """A new symbol for a term."""
        self._append_lines(f"(define-fun {symbol} () {sort} {term})\n")

    def define_unless(self, kept: str, name: str, copy: int, value: str) -> None:
        """A variable of a copy is the first patient's where `kept` holds, and has this value elsewhere."""
        self.define(
            self.symbols.symbol(name, copy),
            f"(ite {kept} {self.symbols.symbol(name)} {value})",
            self.symbols.sort(name),
        )

    def _append_lines(self, *lines: str) -> None:
        if self._open:
            # what the lines speak of may need ages and shifted dates that are new
            self._lines.append(self.symbols.more())
        self._lines.extend(lines)

    def session(self, budget: Budget | None = None, *, witness: bool = False, once: bool = False) -> Session:
        """A solver that holds what was said; with `once`, what was said twice is said the first time only.

        Whether a witness is asked for: a value of every variable and of every assumption.
        """
        from solver.smt.session import Session

        self._open = True
        lines = dict.fromkeys(self._lines) if once else self._lines
        assumptions = [f"(declare-const {name} Bool)\n" for name in self._assumptions]
        text = self.symbols.declarations() + "".join([*assumptions, *lines])
        self._lines = []
        declared = self.symbols.declared
        sorts = {unquoted(symbol): self.symbols.sort(name) for symbol, name in declared.items()}
        sorts.update(dict.fromkeys(map(unquoted, self._assumptions), "Bool"))
        return Session(text, sorts if witness else {}, budget or DEFAULT_BUDGET)

    def news(self) -> str:
        """The text of what was said since the session was made, or since the last call, for that session to be told."""
        text, self._lines = "".join(self._lines), []
        return text
