"""The provisos of a verdict: what a user asked to be assumed, and which clauses to be left out.

A verdict that does not follow from the record and the encodings alone says so wherever it is shown: under policies it is
`ineligible, assuming`, and without the clause X.I4 of its trial `eligible without X.I4`. What fails without a clause fails with it, so that
`ineligible` needs no such words.
"""

from __future__ import annotations

from solver.dataclass import dataclass
from solver.text import listed

_IN_WORDS = 2


@dataclass(frozen=True, slots=True)
class Provisos:
    """The provisos of the verdicts on one trial."""

    policies: tuple[str, ...] = ()
    """Ids of the assumption policies in force."""
    without: tuple[str, ...] = ()
    """Ids, sorted, of the clauses of the trial that were left out."""

    @property
    def left_out(self) -> str:
        """` without X.I4` to stand behind a claim that somebody fits; empty where no clause was left out."""
        if not self.without:
            return ""
        more = len(self.without) - _IN_WORDS
        named = self.without if more <= 1 else (*self.without[:_IN_WORDS], f"{more} more")
        return f" without {listed(named, 'and')}"

    def added_to(self, verdict: str) -> str:
        """The verdict with what it was given on: `eligible without X.I4, assuming`."""
        if verdict in ("withheld", "unresolved"):
            return verdict
        left_out = "" if verdict == "ineligible" else self.left_out
        return f"{verdict}{left_out}{', assuming' if self.policies else ''}"


AS_ENCODED = Provisos()
"""Nothing was assumed by a policy, and no clause left out."""
