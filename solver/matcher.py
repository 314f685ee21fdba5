"""The public face of the questions about one patient: an engine that answers `match` and `explain`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from solver.engine.case import Engine
from solver.patient.record import Record
from solver.screen.judge import TrialVerdict, judge

if TYPE_CHECKING:  # of whom verdicts alone are asked, no answer in full is made
    from solver.questions.match.answer import MatchAnswer


class Matcher(Engine):
    """Matches records against the trials of a library.

    `budget` limits the solver's work on each check; None is the default. With `search` off the evaluator builds no completions and
    every open question goes to the solver: the answers are the same. `assume` names assumption policies of the library, and `without`
    clauses that are left out; `InputError` is raised for a name that is not known. One matcher may be used from several threads at once.
    """

    def match(
        self,
        record: Record,
        trials: Iterable[str] | None = None,
        *,
        repairs: bool = False,
        without: str | Iterable[str] = (),
    ) -> MatchAnswer:
        """The answer for one record, which was read with the matcher's library; with `repairs`, also what would have to change.

        `trials` are the trials to answer for, by code or NCT number, in the order given; None means all. The clauses `without` are left
        out besides those of the matcher. Raises `InputError` for a name that is not known, and `EngineError` if an answer fails its own
        re-check.
        """
        if without:
            return self.leaving_out(without).match(record, trials, repairs=repairs)
        if not repairs:
            from solver.questions.match.ask import match

            return match(self, record, trials)
        from solver.questions.explain.ask import explain

        return explain(self, record, trials)

    def verdicts(self, record: Record, trials: Iterable[str] | None = None) -> tuple[TrialVerdict, ...]:
        """The verdict on each trial, with the clauses that exclude by themselves; each is that of `match`, and nothing else is worked out.

        `trials` and what is raised are as for `match`.
        """
        return judge(self, record, trials, "clauses").trials
