"""Claims about many patients are proved in one session as they are one by one, whatever their days and vocabularies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.proofs import fresh_proofs
from solver.engine.proofs.fresh_proofs import Memory, Posed, PosedClaims, all_proved, as_put, solver_outcome
from solver.language import tree as t
from solver.language.domain import point
from solver.language.types import DateType, EnumerationType, VariableType
from solver.smt.outcome import GaveUp, Outcome, Unsat
from solver.work import DEFAULT_BUDGET, Budget
from tests.support.drawing.drawn import drawn

BORN = date(2008, 2, 29)
GROWN = t.Compare(
    "<=",
    t.Constant(Fraction(18)),
    t.CompletedYears(t.NumberVariable("birth", "date"), t.NumberVariable(t.AS_OF, "date")),
)


def types(*values: str) -> Mapping[str, VariableType]:
    """A vocabulary in which a kind has these values."""
    return {"birth": DateType(), t.AS_OF: DateType(), "kind": EnumerationType(values)}


VOCABULARIES = [types("AML", "MDS"), types("ALL", "MDS", "AML")]


def claim(day: date, kind: str, condition: t.Condition) -> Posed:
    """That a condition cannot hold of who was born on a leap day, on this day and with this kind."""
    known = {
        "birth": point(BORN.toordinal(), whole=True),
        t.AS_OF: point(day.toordinal(), whole=True),
        "kind": frozenset({kind}),
    }
    return [condition], {name: known[name] for name in sorted(t.variables(condition))}


claims = st.builds(
    claim,
    st.sampled_from([date(2026, 2, 28), date(2026, 3, 1)]),
    st.sampled_from(["AML", "MDS"]),
    st.sampled_from([GROWN, t.negation(GROWN), t.Member("kind", frozenset({"MDS"}))]),
)


def posed(vocabulary: int, each: Sequence[Posed]) -> PosedClaims:
    """Claims about one patient."""
    return PosedClaims(VOCABULARIES[vocabulary], None, {as_put(claim): claim for claim in each})


@drawn(40)
@given(st.lists(st.builds(posed, st.integers(0, 1), st.lists(claims, max_size=3)), max_size=4))
def test_all_are_proved_together_if_each_is_alone(about: list[PosedClaims]) -> None:
    """What was proved is remembered, and nothing else."""
    alone = {
        key: isinstance(solver_outcome(one.types, None, [each]), Unsat)
        for one in about
        for key, each in one.claims.items()
    }
    memory = Memory()
    assert all_proved(about, memory) is all(alone.values())
    assert all(alone[key] for key in memory.proved)
    assert not all(alone.values()) or memory.proved == alone.keys()


def test_what_cannot_be_proved_together_is_proved_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that gives up on many claims may prove each; where it gives up on one, not all are proved."""
    most = 1

    def outcome(kinds: Mapping[str, VariableType], budget: Budget | None, some: Sequence[Posed]) -> Outcome:
        return solver_outcome(kinds, budget, some) if len(some) <= most else GaveUp("steps", DEFAULT_BUDGET)

    monkeypatch.setattr(fresh_proofs, "solver_outcome", outcome)
    about = [
        posed(0, [claim(date(2026, 2, 28), "AML", GROWN), claim(date(2026, 3, 1), "AML", t.negation(GROWN))])
    ]
    memory = Memory()
    assert all_proved(about, memory)
    assert memory.proved == about[0].claims.keys()
    most = 0
    assert all_proved(about, memory)
    assert not all_proved(about, Memory())


def test_patients_of_two_vocabularies_are_each_of_their_own() -> None:
    """A value that only one of them has is no fault of the other."""
    day, wanted = date(2026, 3, 1), t.Member("kind", frozenset({"MDS"}))
    about = [posed(0, [claim(day, "AML", wanted)]), posed(1, [claim(day, "ALL", wanted)])]
    assert all_proved(about, Memory())
    about.append(posed(1, [claim(day, "MDS", wanted)]))
    assert not all_proved(about, Memory())
