"""What is known of a variable: a set of values, an interval, or a recorded list.

Ends of intervals are exact (`int` or `Fraction`); `math.inf` stands only for "no bound" and never takes part in arithmetic
with a threshold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

Number = int | Fraction | float
"""An exact number, or plus or minus infinity."""

BOTH = frozenset({True, False})


class Inconsistent(Exception):
    """Nothing is left that the variable, or the term, could be."""


class Interval(NamedTuple):
    """All numbers between `low` and `high`, ends excluded where open; only whole ones if `whole`."""

    low: Number
    high: Number
    low_open: bool = False
    high_open: bool = False
    whole: bool = False

    @property
    def exact(self) -> bool:
        """Whether one number is left."""
        return self.low == self.high

    def __contains__(self, value: object) -> bool:
        """Whether the number lies in the interval."""
        assert isinstance(value, int | Fraction)
        if self.whole and value != int(value):
            return False
        return (self.low < value or (value == self.low and not self.low_open)) and (
            value < self.high or (value == self.high and not self.high_open)
        )


class Recorded(NamedTuple):
    """A recorded list: how many entries, the classes that some entry belongs to, and whether it is complete and all are recognised."""

    size: int
    classes: frozenset[str]
    complete: bool = False


# as fast as a tuple is made: the constructor of a named one is a function of Python
_made = tuple.__new__

Domain = frozenset[bool] | frozenset[str] | Interval | Recorded

Environment = Mapping[str, Domain]

EVERYTHING = Interval(-math.inf, math.inf, True, True)


def plain(value: Number) -> Number:
    """The same number, as an `int` where it is whole: whole numbers compare much faster than fractions."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def plain_interval(interval: Interval) -> Interval:
    """The same interval, with whole ends as `int`."""
    low, high, low_open, high_open, whole = interval
    return Interval(plain(low), plain(high), low_open, high_open, whole)


def point(value: Number, *, whole: bool = False) -> Interval:
    """The interval that holds one number."""
    return _made(Interval, (value, value, False, False, whole))


def at_most(high: Number, high_open: bool) -> Interval:
    """All numbers up to an end."""
    return _made(Interval, (-math.inf, high, True, high_open, False))


def at_least(low: Number, low_open: bool) -> Interval:
    """All numbers from an end on."""
    return _made(Interval, (low, math.inf, low_open, True, False))


def is_exact(domain: Domain) -> bool:
    """Whether one value is left."""
    if isinstance(domain, Interval):
        return domain.low == domain.high
    return isinstance(domain, Recorded) or len(domain) == 1


def whole_interval(interval: Interval) -> Interval:
    """The interval with its ends moved to the whole numbers inside."""
    low, high, low_open, high_open, _ = interval
    return _made(Interval, (*_whole_ends(low, high, low_open, high_open), True))


def _whole_ends(
    low: Number, high: Number, low_open: bool, high_open: bool
) -> tuple[Number, Number, bool, bool]:
    if isinstance(low, int):
        low, low_open = low + low_open, False
    elif not isinstance(low, float):
        low, low_open = math.floor(low) + 1 if low_open else math.ceil(low), False
    else:
        low_open = True
    if isinstance(high, int):
        high, high_open = high - high_open, False
    elif not isinstance(high, float):
        high, high_open = math.ceil(high) - 1 if high_open else math.floor(high), False
    else:
        high_open = True
    return low, high, low_open, high_open


def any_number_in(interval: Interval) -> Interval:
    """The interval with all numbers in it, whole or not."""
    low, high, low_open, high_open, whole = interval
    return _made(Interval, (low, high, low_open, high_open, False)) if whole else interval


def intersect(left: Interval, right: Interval) -> Interval:
    """The numbers in both; raises `Inconsistent` if there is none."""
    low, high, low_open, high_open, whole = left
    least, most, least_open, most_open, right_whole = right
    if least > low:
        low, low_open = least, least_open
    elif least == low:
        low_open = low_open or least_open
    if most < high:
        high, high_open = most, most_open
    elif most == high:
        high_open = high_open or most_open
    if whole or right_whole:
        whole = True
        low, high, low_open, high_open = _whole_ends(low, high, low_open, high_open)
    if low > high or (low == high and (low_open or high_open)):
        raise Inconsistent
    return _made(Interval, (low, high, low_open, high_open, whole))


def hull(left: Interval, right: Interval) -> Interval:
    """The smallest interval that holds both."""
    if left.low < right.low:
        low, low_open = left.low, left.low_open
    elif left.low > right.low:
        low, low_open = right.low, right.low_open
    else:
        low, low_open = left.low, left.low_open and right.low_open
    if left.high > right.high:
        high, high_open = left.high, left.high_open
    elif left.high < right.high:
        high, high_open = right.high, right.high_open
    else:
        high, high_open = left.high, left.high_open and right.high_open
    return Interval(low, high, low_open, high_open, left.whole and right.whole)


def add(left: Interval, right: Interval) -> Interval:
    """All sums."""
    low, high, low_open, high_open, whole = left
    least, most, least_open, most_open, right_whole = right
    ends = _sum_of(low, least), _sum_of(high, most)
    return _made(Interval, (*ends, low_open or least_open, high_open or most_open, whole and right_whole))


def larger(left: Interval, right: Interval) -> Interval:
    """The larger of a number of each, for all of them."""
    low, low_open = max((left.low, left.low_open), (right.low, right.low_open))
    high, closed = max((left.high, not left.high_open), (right.high, not right.high_open))
    return Interval(low, high, low_open, not closed, left.whole and right.whole)


def negate(interval: Interval) -> Interval:
    """All negatives."""
    low, high, low_open, high_open, whole = interval
    return Interval(-high, -low, high_open, low_open, whole)


def multiply(left: Interval, right: Interval) -> Interval:
    """All products.

    Most are of a number, or of two intervals above zero: then no corners need to be compared.
    """
    a, b, a_open, b_open, a_whole = left
    c, e, c_open, e_open, c_whole = right
    whole = a_whole and c_whole
    if a == b:
        if c == e:
            product = a * c
            return _made(Interval, (product, product, False, False, whole))
        if a:
            return _times(right, a, whole)
    elif c == e and c:
        return _times(left, c, whole)
    if _is_positive(left) and _is_positive(right):
        return _made(Interval, (a * c, b * e, a_open or c_open, b_open or e_open, whole))
    corners: list[tuple[Number, bool]] = [
        (
            _product_of(a, b),
            (a_open or b_open) and not (a == 0 and not a_open) and not (b == 0 and not b_open),
        )
        for a, a_open in ((left.low, left.low_open), (left.high, left.high_open))
        for b, b_open in ((right.low, right.low_open), (right.high, right.high_open))
    ]
    low, low_open = min(corners)
    high, high_closed = max([(value, not is_open) for value, is_open in corners])
    return Interval(low, high, low_open, not high_closed, whole)


def divide(left: Interval, right: Interval) -> Interval:
    """All quotients, for a divisor that is never zero; everything if it may be."""
    if right.low > 0 or (right.low == 0 and right.low_open) or right.high < 0:
        inverse = Interval(
            _inverse_of(right.high, 0),
            _inverse_of(right.low, 1 if right.high > 0 else -1),
            right.high_open,
            right.low_open,
        )
        return multiply(any_number_in(left), inverse)
    return EVERYTHING


def power(base: Interval, exponent: int) -> Interval:
    """All powers with a whole, positive exponent."""
    low, high, low_open, high_open, whole = base
    if exponent % 2 == 1 or low >= 0:
        return Interval(_power_of(low, exponent), _power_of(high, exponent), low_open, high_open, whole)
    largest: Number = max(-low, high)
    return Interval(0, _power_of(largest, exponent), False, False, whole)


def root(value: Interval, exponent: int) -> Interval:
    """An interval that holds every non-negative root of the non-negative numbers of `value`."""
    low = _root_of(value.low, exponent, up=False) if value.low > 0 else Fraction(0)
    high = _root_of(value.high, exponent, up=True) if value.high > 0 else Fraction(0)
    return Interval(low, high)


def _sum_of(left: Number, right: Number) -> Number:
    if isinstance(left, float):
        return left
    return right if isinstance(right, float) else left + right


def _times(interval: Interval, factor: Number, whole: bool) -> Interval:
    """All products with a number that is not zero."""
    low, high = _product_of(interval.low, factor), _product_of(interval.high, factor)
    if factor > 0:
        return _made(Interval, (low, high, interval.low_open, interval.high_open, whole))
    return _made(Interval, (high, low, interval.high_open, interval.low_open, whole))


def _is_positive(interval: Interval) -> bool:
    """Whether both ends are numbers above zero."""
    low, high = interval.low, interval.high
    return not isinstance(low, float) and not isinstance(high, float) and low.numerator > 0


def _product_of(left: Number, right: Number) -> Number:
    if not left or not right:
        return 0
    if isinstance(left, float) or isinstance(right, float):
        return math.inf if (left > 0) == (right > 0) else -math.inf
    return left * right


def _inverse_of(value: Number, side: int) -> Number:
    if isinstance(value, float):
        return 0
    return Fraction(value.denominator, value.numerator) if value else side * math.inf


def _power_of(value: Number, exponent: int) -> Number:
    if isinstance(value, float):
        return value if exponent % 2 else math.inf
    return value**exponent


_ROOT_SCALE = 10**9


def _root_of(value: Number, exponent: int, *, up: bool) -> Number:
    """A root of a positive number, exact where it is rational, else rounded outward to nine decimals."""
    if isinstance(value, float):
        return value
    number = Fraction(value)
    numerator, denominator = (_whole_root(n, exponent) for n in (number.numerator, number.denominator))
    if numerator**exponent == number.numerator and denominator**exponent == number.denominator:
        return Fraction(numerator, denominator)
    scaled = number * _ROOT_SCALE**exponent
    return Fraction(_whole_root(scaled.numerator // scaled.denominator, exponent) + up, _ROOT_SCALE)


def _whole_root(value: int, exponent: int) -> int:
    """The largest whole number whose power is at most `value`: by Newton's method, which comes from above and stops there."""
    if exponent == 1 or value < 2:
        return value
    found = 1 << -(-value.bit_length() // exponent)
    while True:
        nearer = ((exponent - 1) * found + value // found ** (exponent - 1)) // exponent
        if nearer >= found:
            return found
        found = nearer
