"""Labels that say another thing than the condition: "not both" over one that refuses either, "two of" over one that counts three.

    label     Not both a normal count and a favourable profile
    require   not normal_count and not favourable_profile             refuses either

A label is no proof: what is found is a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from solver.language import tree as t
from solver.patterns import pattern
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.trial_view import Criterion

_NUMBERS = {word: n for n, word in enumerate(("one", "two", "three", "four", "five", "six"), start=1)}
_OF = pattern(
    r"\b(?:(?P<least>at least)|(?P<most>at most|no more than)|(?:exactly|only))?\s*"
    r"(?P<number>one|two|three|four|five|six|[1-9])\s+(?P<more>or more\s+)?of\b",
    re.IGNORECASE,
)
_NO = pattern(r"\b(no|not|neither|nor|never|without|none)\b", re.IGNORECASE)
_WORD = pattern(r"\w+")


def check_words(log: FindingsLog, criterion: Criterion) -> None:
    """Find a label whose number words, `both`, `either`, `and` or `or` say another thing than the tree of the condition."""
    label, require = criterion.clause.label, criterion.parts.require
    if criterion.clause.routing or require is None:
        return
    found = _contrary_of(label, require) or _other_count(label, require)
    if found is not None:
        said, does = found
        log.add("label", [criterion.id], f"the label of {criterion.id} says '{said}', and the clause {does}")


def _contrary_of(label: str, require: t.Condition) -> tuple[str, str] | None:
    """What the label says and what the condition does, where the one word is contrary to the other."""
    words, shape = [word.casefold() for word in _WORD.findall(label)], _shape(require)
    text = " ".join(words)
    denies = _NO.search(label) is not None
    if shape == "refuses either" and "not both" in text:
        return "not both", "refuses either"
    if shape == "refuses both" and (
        "neither" in words or "nor" in words or (words[:1] == ["no"] and "or" in words)
    ):
        return "neither" if "neither" in words else "no ... or", "refuses only both"
    if denies:
        return None
    if shape == "needs either" and ("both" in words or ("and" in words and "or" not in words)):
        return "both" if "both" in words else "and", "is met by either"
    if shape == "needs both" and "or" in words and "and" not in words:
        return "either" if "either" in words else "or", "needs both"
    return None


def _shape(require: t.Condition) -> str | None:
    """Whether a condition needs, or refuses, two plain things together or each of them; None if it is anything else."""
    match require:
        case t.Not(t.Or(parts)) if _plain(parts):
            return "refuses either"
        case t.Not(t.And(parts)) if _plain(parts):
            return "refuses both"
        case t.And(parts) if len(parts) == 2:
            return _of_two(parts, "refuses either", "needs both")
        case t.Or(parts) if len(parts) == 2 and not isinstance(require, t.OneOf):
            return _of_two(parts, "refuses both", "needs either")
    return None


def _of_two(parts: tuple[t.Condition, ...], denied: str, needed: str) -> str | None:
    kinds = {_is_denied(part) for part in parts}
    return denied if kinds == {True} else needed if kinds == {False} else None


def _plain(parts: tuple[t.Condition, ...]) -> bool:
    return len(parts) == 2 and all(isinstance(part, t.BooleanVariable) for part in parts)


def _is_denied(part: t.Condition) -> bool | None:
    """Whether a part is a flag, or a value, that must not hold, or a flag that must; None if it is neither."""
    if isinstance(part, t.Not):
        return True if isinstance(part.condition, t.BooleanVariable | t.Member) else None
    return False if isinstance(part, t.BooleanVariable) else None


def _other_count(label: str, require: t.Condition) -> tuple[str, str] | None:
    """A number of the label that is none of those with which the condition compares what it counts."""
    compared = sorted(set(_least_counts(require)))
    for found in _OF.finditer(label) if compared else ():
        word = found["number"].casefold()
        number = _NUMBERS.get(word) or int(word)
        if found["most"] is None and number not in compared:
            needs = " or ".join(map(str, compared))
            return found.group().strip(), f"needs {needs} of what it counts"
    return None


def _least_counts(require: t.Condition) -> Iterator[int]:
    """How many at least must hold, in each comparison of a count with a number."""
    for node in t.walk(require):
        match node:
            case t.Compare("<=" | "<" as relation, t.Constant(number), t.Count()):
                yield int(number) + (relation == "<")
            case t.Compare("==", t.Count(), t.Constant(number)):
                yield int(number)
