"""Exact arithmetic on columns: whole numbers over a scale, never a float.

A weight of 61.5 kg and a level of 0.47 stand as 61,500 and 470 over 1,000; their product as 28,905,000 over 1,000,000. How large a number
can get is known beforehand, from what the columns may hold, so that nothing overflows: 64 bits where they do, else 128.
"""

from __future__ import annotations

from math import lcm
from typing import Any

from solver.dataclass import dataclass

GRID = 1_000
"""Quantities are multiples of one of so many parts of their unit."""

_NARROW, _WIDE = 2**62, 2**125


class TooLarge(Exception):
    """A number that no column holds."""


@dataclass(frozen=True, slots=True)
class Exact:
    """`number` over `scale`: a column of whole numbers, one number for all rows, or None where nothing is known.

    No number of the column is larger than `most`.
    """

    number: Any
    scale: int
    most: int

    def over(self, scale: int) -> Exact:
        """The same over another scale, which is a multiple."""
        factor = scale // self.scale
        return Exact(
            times(self, Exact(factor, 1, factor)).number if factor != 1 else self.number,
            scale,
            self.most * factor,
        )


def multiples_of_grid(column: Any) -> Any:
    """Of quantities how many times each holds the grid, if it is a multiple; of others any number."""
    import polars as pl

    # quicker than to round; a number that fits nowhere is no error
    return (column * float(GRID) + 0.5).cast(pl.Int64, wrap_numerical=True)


def alone(numerator: int, denominator: int = 1) -> Exact:
    """One number for all rows."""
    return Exact(numerator, denominator, abs(numerator))


def times(left: Exact, right: Exact) -> Exact:
    """The product."""
    most = left.most * right.most
    if left.number is None or right.number is None:
        return Exact(None, left.scale * right.scale, most)
    one, other = alike(left.number, right.number, most)
    return Exact(one * other, left.scale * right.scale, most)


def plus(left: Exact, right: Exact) -> Exact:
    """The sum."""
    one, other = together(left, right)
    most = one.most + other.most
    if one.number is None or other.number is None:
        return Exact(None, one.scale, most)
    first, second = alike(one.number, other.number, most)
    return Exact(first + second, one.scale, most)


def together(left: Exact, right: Exact) -> tuple[Exact, Exact]:
    """Both over the same scale."""
    scale = lcm(left.scale, right.scale)
    return left.over(scale), right.over(scale)


def alike(one: Any, other: Any, most: int) -> tuple[Any, Any]:
    """Two numbers, each a column or one for all rows, that can be combined to one of at most `most`. Raises `TooLarge`."""
    if isinstance(one, int) and isinstance(other, int):
        return one, other
    if most >= _WIDE:
        raise TooLarge
    import polars as pl

    wide = any(not isinstance(each, int) and each.dtype == pl.Int128 for each in (one, other))
    if most < _NARROW and not wide:
        return one, other
    return _wide(one), _wide(other)


def _wide(number: Any) -> Any:
    import polars as pl

    return pl.Series([number], dtype=pl.Int128) if isinstance(number, int) else number.cast(pl.Int128)
