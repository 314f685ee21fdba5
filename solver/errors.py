"""Errors that a user sees: one line, lower case, the place, what was found, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from solver.patterns import pattern
from solver.text import message


class InputError(Exception):
    """Something the user gave is wrong.

    `problems` holds one line a fault, each naming the file, the place, what was found and the remedy, fit to be shown on a terminal
    whatever was found.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        lines = (problems,) if isinstance(problems, str) else problems
        self.problems: tuple[str, ...] = tuple(map(message, lines))
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[str, ...]]]:
        """Sent to another process, the problems stay apart."""
        return type(self), (self.problems,)


class EngineError(Exception):
    """The engine contradicted itself: an answer failed its own re-check, so no answer is given."""


class ProcessError(Exception):
    """A process that judged a part of a cohort died, or is none that can: one line that says which part, and what to do."""


LONGEST_ACRONYM = 5
"""A word of no more letters may be an acronym, of which the nearest spelling is another thing."""

_WORD = pattern(r"[^\W_]+")
_OPPOSITE = pattern(r"(micro|macro|intra|inter|anti|non|un|in|im|ir|ab|dis|hypo|hyper|pre|post)(?=.{4})")


def did_you_mean(
    name: str, known: Iterable[str], *, words: bool = False, labels: Mapping[str, str] | None = None
) -> str:
    """`; did you mean 'x' (its label)?` for the known name of which `name` is a slip, or nothing."""
    found = nearest(name, known, words=words)
    return f"; did you mean {with_label(found, labels)}?" if found else ""


def with_label(name: str, labels: Mapping[str, str] | None) -> str:
    """A name in quotes, with what it is called for people where that says more."""
    label = (labels or {}).get(name, "")
    return (
        f"'{name}' ({label})"
        if label and label.casefold() != name.casefold().replace("_", " ")
        else f"'{name}'"
    )


def nearest(name: str, known: Iterable[str], *, words: bool = False) -> str | None:
    """The one known name that `name` can only be a slip for; None if there is none, or more than one.

    A slip is the same name in another case or with other separators, a plural, or a letter too many, too few, wrong or swapped, once in
    a word of six letters and twice in one of ten, but never the first letter. So a suggestion does not cross meaning: acronyms of up to
    five letters and words with a digit, such as genes, must be as written, no word becomes its opposite, and other short words have at
    most two letters swapped. With `words`, for the names of the program itself, a short word may have any slip, and an acronym that one.
    """
    candidates = list(dict.fromkeys(known))
    folded = "".join(_WORD.findall(name.casefold()))
    same = [each for each in candidates if "".join(_WORD.findall(each.casefold())) == folded]
    if same or not folded:
        return same[0] if len(same) == 1 else None
    slips = [(slip, each) for each in candidates if (slip := _slip(name, each, words=words)) is not None]
    slips.sort()
    return slips[0][1] if slips and (len(slips) == 1 or slips[0][0] < slips[1][0]) else None


def _slip(name: str, known: str, *, words: bool) -> int | None:
    """How many letters are amiss in all words, if each is a slip for the word in the same place."""
    pairs = list(zip(_WORD.findall(name), _WORD.findall(known), strict=False))
    if len(_WORD.findall(name)) != len(_WORD.findall(known)):
        return None
    found = [_slip_of_word(one, other, words=words) for one, other in pairs]
    return None if None in found else sum(filter(None, found))


def _slip_of_word(one: str, other: str, *, words: bool) -> int | None:
    acronym = other.isupper() and len(other) <= LONGEST_ACRONYM
    one, other = one.casefold(), other.casefold()
    if one == other:
        return 0
    if one[0] != other[0] or not (one + other).isalpha():
        return None
    if not acronym and (one + "s" == other or one == other + "s"):
        return 0
    for word, beside in ((one, other), (other, one)):
        opposite = _OPPOSITE.match(word)
        if opposite and not beside.startswith(opposite[0]):
            return None
    amiss = distance(one, other)
    if len(other) <= LONGEST_ACRONYM:
        swapped = amiss == 1 and sorted(one) == sorted(other)
        fits = (words and amiss == 1 and not acronym) or (
            swapped and (words or (len(other) > 3 and not acronym))
        )
    else:
        fits = amiss <= (2 if len(other) >= 10 else 1)
    return amiss if fits else None


def distance(one: str, other: str) -> int:
    """The fewest letters to add, leave out, replace or swap with the next that make one word of the other."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                steps = min(steps, last[j - 2] + 1)
            row.append(steps)
    return row[-1]
