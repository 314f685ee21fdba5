"""Self-contained SMT-LIB 2 scripts about a patient, for any solver to check: what is stated, what is defined, what is claimed.

(set-info :status unsat)                               the answer that a solver must give
(declare-const level Real)
(assert (= level 7.0))                                 stated: what is recorded, and what the theory says of it
(define-fun X.I1@A () Bool (<= 8.0 level))             defined: each clause in each cohort, each cohort, the trial
(define-fun X/A () Bool X.I1@A)
(define-fun X () Bool X/A)
(assert X)                                             claimed: that nobody who fits the record satisfies the trial
(check-sat)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from solver.dataclass import dataclass
from solver.language.domain import Domain
from solver.language.tree import AS_OF, Condition
from solver.language.types import DateType, EnumerationType, QuantityType, VariableType
from solver.smt import translate as script
from solver.smt.query import equal, joined, negated
from solver.smt.symbols import Symbols, quoted

Status = Literal["sat", "unsat"]

RESET = "(reset)\n"
"""What stands between the scripts of one stream."""

EXIT = "(exit)\n"
"""What stands below the last."""


@dataclass(frozen=True, slots=True)
class Junction:
    """That all, or any, of some definitions hold, by name."""

    relation: Literal["and", "or"]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A name for a condition; `comment` says it in words."""

    name: str
    comment: str
    means: Condition | Junction


@dataclass(frozen=True, slots=True)
class ScriptSheet:
    """What is stated of a patient.

    `domains` are (comment, variable, what it can be) and `conditions` (comment, condition); `notes` are comments for what is not stated
    in logic. `labels` say what each variable stands for. `ranges` must be implied by the rest. Lists must have been resolved.
    """

    types: Mapping[str, VariableType]
    labels: Mapping[str, str]
    ranges: Mapping[str, Domain]
    domains: Sequence[tuple[str, str, Domain]]
    conditions: Sequence[tuple[str, Condition]]
    definitions: Sequence[Definition] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Second:
    """A second patient of whom the same is stated, who agrees with the first on some variables.

    Of the definitions `differs` the only one does not fit the second; one of several fits the first and not the second.
    """

    agreeing: tuple[str, ...]
    differs: Sequence[str]


def written(name: str, copy: int = 0) -> str:
    """The symbol of a definition, quoted where SMT-LIB asks for it."""
    return quoted(f"{name}!{copy}" if copy else name)


def comment(text: str) -> str:
    """The text as one line of comment, whatever it holds."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"; {text}"


class ScriptWriter:
    """Writes scripts that state the same sheet: what they share is written once."""

    def __init__(self, sheet: ScriptSheet) -> None:
        self._sheet = sheet
        self._stated: dict[bool, _Stated] = {}

    def script(
        self, heading: Iterable[str], status: Status, goal: str | None = None, second: Second | None = None
    ) -> str:
        """The script that asserts the goal, to which a solver must answer `status`; it ends with the question."""
        two = second is not None
        stated = self._stated.get(two)
        if stated is None:
            stated = self._stated[two] = _Stated(self._sheet, two=two)
        declared, agreeing = stated.agreeing(second.agreeing if second else ())
        body = [stated.first]
        if goal is not None:
            body += ["; the claim", f"(assert {goal})"]
        if second is not None:
            body += ["; a second patient", stated.second]
            body.append(f"(assert {_differing_term(second.differs)})")
            body.append("; who agrees with the first on these")
            body += agreeing
        lines = [
            *map(comment, heading),
            "(set-info :smt-lib-version 2.6)",
            f"(set-info :status {status})",
            "(set-logic ALL)",
            declared,
            *map(comment, self._sheet.notes),
            *body,
            "(check-sat)",
        ]
        return "\n".join(line for line in lines if line) + "\n"


class _Stated:
    """What is stated of one patient, or of two, with the symbols in it."""

    def __init__(self, sheet: ScriptSheet, *, two: bool) -> None:
        self._sheet = sheet
        private = frozenset(sheet.ranges) - {AS_OF} if two else frozenset[str]()
        self._symbols = Symbols(sheet.types, sheet.ranges, {1: private})
        self.first = "\n".join(_patient_lines(sheet, self._symbols, 0))
        self.second = "\n".join(_patient_lines(sheet, self._symbols, 1)) if two else ""
        self._own = dict(self._symbols.declared)
        self._declared = self._declarations()

    def agreeing(self, names: Iterable[str]) -> tuple[str, list[str]]:
        """The declarations, and that the two agree on these, which may be spoken of for the first time."""
        same = [
            f"(assert {equal(self._symbols.symbol(each), self._symbols.symbol(each, 1))})" for each in names
        ]
        if len(self._symbols.declared) == len(self._own):
            return self._declared, same
        declared = self._declarations()
        self._symbols.declared = dict(self._own)
        return declared, same

    def _declarations(self) -> str:
        lines = [*_symbol_legend(self._sheet, self._symbols), self._symbols.declarations().rstrip()]
        return "\n".join(filter(None, lines))


def _differing_term(names: Sequence[str]) -> str:
    """That some definition fits the first patient and not the second; of a single one, that it does not fit the second."""
    fails = [negated(written(name, 1)) for name in names]
    if not fails[1:]:
        return fails[0]
    return joined("or", [joined("and", [written(name), no]) for name, no in zip(names, fails, strict=True)])


def _symbol_legend(sheet: ScriptSheet, symbols: Symbols) -> Iterator[str]:
    """What the symbols stand for, as comments."""
    for name in dict.fromkeys(symbols.declared.values()):
        text = f"{name}: {sheet.labels[name]}"
        match sheet.types[name]:
            case EnumerationType(values):
                text += f" ({', '.join(f'{i} {value}' for i, value in enumerate(values))})"
            case DateType():
                text += ", as a day number (1 is 1 January of the year 1)"
            case QuantityType(unit):
                text += f", in {unit.text}"
        yield comment(text)


def _patient_lines(sheet: ScriptSheet, symbols: Symbols, copy: int) -> Iterator[str]:
    for text, name, domain in sheet.domains:
        if copy and name not in symbols.private[copy]:
            continue
        stated = script.domain_text(name, domain, symbols, copy)
        if stated:
            yield comment(text)
            yield from (f"(assert {term})" for term in stated)
    for text, condition in sheet.conditions:
        yield comment(text)
        yield f"(assert {script.condition_text(condition, symbols, copy)})"
    for each in sheet.definitions:
        yield comment(each.comment)
        if isinstance(each.means, Junction):
            term = joined(each.means.relation, [written(name, copy) for name in each.means.names])
        else:
            term = script.condition_text(each.means, symbols, copy)
        yield f"(define-fun {written(each.name, copy)} () Bool {term})"
