"""Sessions of the solver."""

from __future__ import annotations

from solver.smt.session import Session
from solver.work import allowed, shared_out

_HARD = """
(declare-const x Int) (declare-const y Int) (declare-const z Int)
(assert (and (> x 0 ) (> y x) (> z y) (= (+ (* x x) (* y y)) (* z z)) (> x 20) (< z 60)))
"""


def work_of(script: str) -> int:
    """The work that a question takes."""
    with allowed(10_000_000) as allowance:
        Session(script, {}).check()
    return 10_000_000 - allowance.left


def test_what_a_question_takes_does_not_depend_on_those_before() -> None:
    """A question shares no context with another; its own sessions share one."""
    alone = work_of(_HARD)
    for i in range(3):
        with allowed(10_000_000):
            kept = Session(
                f"(declare-const x Real) (declare-const a{i} Real) (assert (< (* x a{i}) {i}.0))", {}
            )
            kept.check()
            assert Session("", {})._context is kept._context
            with allowed(10):
                assert Session("", {})._context is kept._context
        assert work_of(_HARD) == alone
        with allowed(1):
            assert Session("", {})._context is not kept._context


def test_what_is_found_for_one_trial_does_not_depend_on_those_before() -> None:
    """Each task that work is shared out to is a question of its own."""

    def task(again: bool) -> Session:
        return Session("", {})

    with allowed(1_000):
        one, other = shared_out(1_000, [task, task])
        assert one._context is not other._context
        assert one._context is not task(False)._context
