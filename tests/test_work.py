"""Work that is counted: what was worked out once counts as much as if it were done again."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from solver.work import allowed, left, spend, spent_up, worked_out_once
from tests.support.drawing.drawn import drawn

PIECES = st.lists(st.integers(0, 20), max_size=5)


def found(pieces: Sequence[int]) -> int:
    """Work in pieces, and how many of them were done before none was left."""
    for done, piece in enumerate(pieces):
        if spent_up():
            return done
        spend(piece)
    return len(pieces)


@drawn(300)
@given(
    st.lists(PIECES, min_size=1, max_size=4), st.lists(st.integers(0, 3), max_size=12), st.integers(0, 150)
)
def test_what_is_kept_counts_as_what_is_done(
    kinds: list[list[int]], asked: list[int], allowance: int
) -> None:
    """Whatever is kept from before, the results are the same, and so is the work that is left after each of them."""
    kept: dict[int, tuple[object, int, int]] = {}
    with allowed(10_000):
        for i, pieces in enumerate(kinds[::2]):
            worked_out_once(kept, 2 * i, pieces, lambda pieces=pieces: found(pieces))
    chosen = [each % len(kinds) for each in asked]
    with allowed(allowance):
        again = [
            (worked_out_once(kept, each, kinds[each], lambda each=each: found(kinds[each])), left())
            for each in chosen
        ]
    with allowed(allowance):
        anew = [(found(kinds[each]), left()) for each in chosen]
    assert again == anew


def test_what_is_kept_is_not_done_again() -> None:
    """A result is worked out once, and given again where no end is set to the work."""
    kept: dict[str, tuple[object, int, int]] = {}
    times = []

    def find() -> int:
        times.append(1)
        return 7

    with allowed(100):
        assert [worked_out_once(kept, "a", None, find) for _ in range(3)] == [7, 7, 7]
    assert worked_out_once(kept, "a", None, find) == 7
    assert len(times) == 1
