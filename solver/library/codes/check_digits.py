"""Check digits, by which a slip in a code is found when it is loaded.

2160-0      the last digit is that of the doubled sum of the others (modulus 10)
91861009    the whole number is taken to 0 by Verhoeff's permutations
"""

from __future__ import annotations

import re

from solver.patterns import pattern

_DIGITS = pattern(r"\d+", re.ASCII)

# Verhoeff, Error Detecting Decimal Codes (1969): the product in the dihedral group of ten elements, and a permutation of these
_PRODUCT = [[(a + b) % 5 if b < 5 else 5 + (a + b) % 5 for b in range(10)] for a in range(5)]
_PRODUCT += [[5 + (a - b) % 5 if b < 5 else (a - b) % 5 for b in range(10)] for a in range(5, 10)]
_PERMUTED = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def fits_mod10(code: str) -> bool:
    """Whether a code `digits-digit` ends in the digit that its other digits ask for: every second one from the right is doubled."""
    body, _, check = code.rpartition("-")
    if not _DIGITS.fullmatch(body) or not _DIGITS.fullmatch(check):
        return False
    whole = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (1 if place % 2 else 2)
        whole += value - 9 if value > 9 else value
    return check == str(-whole % 10)


def fits_verhoeff(code: str) -> bool:
    """Whether a number of 6 to 18 digits has the check digit of Verhoeff."""
    if not _DIGITS.fullmatch(code) or not 6 <= len(code) <= 18:
        return False
    found = 0
    for place, digit in enumerate(reversed(code)):
        value = int(digit)
        for _ in range(place % 8):
            value = _PERMUTED[value]
        found = _PRODUCT[found][value]
    return found == 0
