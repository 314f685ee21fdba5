"""Numbers that step: ages, which do on birthdays, and days moved by months, which do where months differ in length.

A month from the last days of January 2026 on is worth 31 days, 30 from 29 January on, 29, 28, and 31 from 1 March on. Of that number the
solver is told either its value, found by halves, or, where values are told `apart`, what is true or false of it: whether it is at least
29, at least 30, and so on, or which of its binary digits are set. Other solvers than Z3 find that easier, since no number is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise

from solver.dataclass import dataclass
from solver.language import calendar
from solver.language.domain import Interval
from solver.smt.symbols import Symbols, number_text, whole_text

Steps = tuple[tuple[int, int], ...]
"""Where a number that steps does so, in ascending order, and by how much."""

Shift = Callable[[int, int], int]
StepsBetween = Callable[[int, int, int], Steps]


@dataclass(frozen=True, slots=True)
class Stepping:
    """The whole number `base`, plus the height of every step that the whole number `on` has reached; and `text`, if any, besides."""

    text: str
    base: int
    steps: Steps
    on: str

    def symbol(self, symbols: Symbols) -> str:
        """The symbol of it."""
        assert all(one < other for (one, _), (other, _) in pairwise(self.steps))
        heights = _heights_of(self.base, self.steps)
        if symbols.apart:
            return symbols.number(f"(+ {self.text or '0'} {self.units_text('1', real=False)})")
        term = f"(let ((reached {self.on})) (+ {self.text or '0'} {_tree_of_steps(self.base, self.steps)}))"
        return symbols.number(term, None if self.text else (min(heights), max(heights)))

    def units_text(self, unit: str, *, real: bool) -> str:
        """As many units as the base and the steps come to: the least they can, and the binary digits of the rest.

        Each digit is a choice between none and a multiple of the unit, so that this is a linear term if the unit is one.
        """
        heights = _heights_of(self.base, self.steps)
        least = min(heights)
        parts = [f"(* {number_text(Fraction(least), real=real)} {unit})"]
        for digit in range((max(heights) - least).bit_length()):
            is_set = self._where([bool((height - least) >> digit & 1) for height in heights])
            worth, none = (number_text(Fraction(value), real=real) for value in (1 << digit, 0))
            parts.append(f"(ite {is_set} (* {worth} {unit}) {none})")
        return parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"

    def at_least_texts(self) -> dict[int, str]:
        """Each number that the base and the steps can come to, ascending, and the text that they come to that at least."""
        heights = _heights_of(self.base, self.steps)
        return {least: self._where([height >= least for height in heights]) for least in sorted(set(heights))}

    def _where(self, truths: Sequence[bool]) -> str:
        """That the truth holds which stands where `on` is: the first before all steps, and one more from each step on."""
        return f"(let ((reached {self.on})) {_tree_of_truths(tuple(day for day, _ in self.steps), tuple(truths))})"


def moved_within(days: Interval, text: str, by: int, shift: Shift, steps: StepsBetween) -> Stepping:
    """A day between two days of the calendar, moved by whole months or years."""
    low, high = int(days.low), int(days.high)
    moved = (shift(low, by), shift(high, by))
    if (
        high - low > calendar.CYCLE
        and min(low, *moved) >= calendar.CYCLE_START
        and max(high, *moved) <= calendar.CYCLE_END
    ):
        sample = (
            calendar.CYCLE_SAMPLE
            if shift(calendar.CYCLE_SAMPLE + calendar.CYCLE, by) <= calendar.CYCLE_END
            else calendar.CYCLE_START
        )
        start, *rest = steps(sample, sample + calendar.CYCLE - 1, by)
        in_cycle = f"(mod (- {text} {sample}) {calendar.CYCLE})"
        return Stepping(text, start[1], tuple((day - sample, height) for day, height in rest), in_cycle)
    start, *rest = steps(low, high, by)
    return Stepping(text, start[1], tuple(rest), text)


def _heights_of(base: int, steps: Steps) -> list[int]:
    """The base, and what it has become from each step on."""
    return list(accumulate((height for _, height in steps), initial=base))


@lru_cache(maxsize=256)
def _tree_of_steps(base: int, steps: Steps) -> str:
    """The height that `reached` has come to: a sum of as many choices takes a solver longer."""
    return _found_by_halves(
        [day for day, _ in steps], [whole_text(height) for height in _heights_of(base, steps)]
    )


@lru_cache(maxsize=1024)
def _tree_of_truths(days: tuple[int, ...], truths: tuple[bool, ...]) -> str:
    """The truth that stands where `reached` is; a limit at which none changes is left out."""
    texts = ["true" if truth else "false" for truth in truths]
    changing = [i for i, (one, other) in enumerate(pairwise(texts)) if one != other]
    return _found_by_halves([days[i] for i in changing], [texts[0], *(texts[i + 1] for i in changing)])


def _found_by_halves(limits: Sequence[int], texts: Sequence[str]) -> str:
    """The first of the texts, and one more from each limit on that `reached` has come to."""

    def between(first: int, last: int) -> str:
        if first == last:
            return texts[first]
        middle = (first + last) // 2
        return f"(ite (< reached {limits[middle]}) {between(first, middle)} {between(middle + 1, last)})"

    return between(0, len(limits))
