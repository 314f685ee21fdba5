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
from solver.language.domain import Domain, is_exact
from solver.language.tree import AS_OF, Condition, variables
from solver.language.types import DateType, EnumerationType, QuantityType, VariableType
from solver.smt import translate as script
from solver.smt.query import joined, negated
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
    """Writes scripts that state the same sheet: what is said of the first patient is written once."""

    def __init__(self, sheet: ScriptSheet) -> None:
        self._sheet = sheet
        self._symbols = Symbols(sheet.types, sheet.ranges, apart=True)
        lines, _ = _patient_lines(sheet, self._symbols, 0)
        self._first = "\n".join(lines)
        self._declared = _declarations(sheet, self._symbols)
        # two symbols with one value would cost a solver more than one
        self._open = frozenset(name for name, each in sheet.ranges.items() if not is_exact(each)) - {AS_OF}

    def script(
        self, heading: Iterable[str], status: Status, goal: str | None = None, second: Second | None = None
    ) -> str:
        """The script that asserts the goal, to which a solver must answer `status`; it ends with the question."""
        declared, body = self._declared, [self._first]
        if goal is not None:
            body += ["; the claim", f"(assert {goal})"]
        if second is not None:
            symbols = self._symbols.with_copy(self._open.difference(second.agreeing))
            agreed = f", who has the first one's {', '.join(second.agreeing)}" if second.agreeing else ""
            lines, own = _patient_lines(self._sheet, symbols, 1)
            body += [comment(f"a second patient{agreed}"), *lines]
            body.append(f"(assert {_differing_term(second.differs, own)})")
            declared = _declarations(self._sheet, symbols)
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


def _declarations(sheet: ScriptSheet, symbols: Symbols) -> str:
    return "\n".join(filter(None, [*_symbol_legend(sheet, symbols), symbols.declarations().rstrip()]))


def _differing_term(names: Sequence[str], own: frozenset[str]) -> str:
    """That some definition fits the first patient and not the second; of a single one, that it does not fit the second."""
    fails = [negated(written(name, int(name in own))) for name in names]
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


def _patient_lines(sheet: ScriptSheet, symbols: Symbols, copy: int) -> tuple[list[str], frozenset[str]]:
    """What is stated of a patient, and the definitions that are his; of a second one what is not said of the first in the same words."""
    private, lines, own = symbols.private.get(copy, frozenset()), [], set[str]()
    named: dict[str, str] = {}
    for text, name, domain in sheet.domains:
        if copy and name not in private:
            continue
        stated = script.domain_text(name, domain, symbols, copy)
        if stated:
            lines += [comment(text), *(f"(assert {term})" for term in stated)]
    for text, condition in sheet.conditions:
        if copy and variables(condition).isdisjoint(private):
            continue
        lines += [comment(text), f"(assert {script.condition_text(condition, symbols, copy)})"]
    for each in sheet.definitions:
        if isinstance(each.means, Junction):
            if copy and own.isdisjoint(each.means.names):
                continue
            names = [written(part, copy if part in own else 0) for part in each.means.names]
            term = joined(each.means.relation, names)
        else:
            if copy and private.isdisjoint(variables(each.means)):
                continue
            term = script.condition_text(each.means, symbols, copy)
        own.add(each.name)
        name = written(each.name, copy)
        same = named.setdefault(term, name)
        # what several cohorts ask alike is written out once
        meaning = same if same != name and len(same) < len(term) else term
        lines += [comment(each.comment), f"(define-fun {name} () Bool {meaning})"]
    return lines, frozenset(own)
