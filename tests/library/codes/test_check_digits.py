"""Check digits: a slip of one digit, and most exchanges of two, are found."""

from __future__ import annotations

import pytest

from solver.library.codes.check_digits import fits_mod10, fits_verhoeff

MOD10 = ("2160-0", "14682-9", "29463-7", "77140-2", "8302-2")
VERHOEFF = ("91861009", "58390007", "234646005", "1144963000", "10828004")


@pytest.mark.parametrize("code", MOD10)
def test_a_slip_in_a_code_with_a_hyphen_is_found(code: str) -> None:
    """Only the digit that belongs to a code fits, and only where it is written with a hyphen."""
    body, _, digit = code.partition("-")
    assert [each for each in "0123456789" if fits_mod10(f"{body}-{each}")] == [digit]
    assert not fits_mod10(body + digit)
    assert not fits_mod10(f"LA{code}")


@pytest.mark.parametrize("code", VERHOEFF)
def test_a_slip_in_a_number_is_found(code: str) -> None:
    """One changed digit, and two neighbours exchanged, do not fit."""
    assert fits_verhoeff(code)
    for i, digit in enumerate(code):
        other = str((int(digit) + 1) % 10)
        assert not fits_verhoeff(code[:i] + other + code[i + 1 :])
        swapped = code[:i] + code[i + 1 : i + 2] + digit + code[i + 2 :]
        assert swapped == code or not fits_verhoeff(swapped)
    assert not fits_verhoeff("0" * 5)
    assert not fits_verhoeff("12 34")
