"""Whether certificates are those of a record: the record is exported again, and each script compared with what comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal

from solver.patient.digest import record_digest
from solver.patient.record import Record
from solver.questions.certificates.export import claims, file_name
from solver.report.question import Question
from solver.smt.certificate import EXIT
from solver.smt.external import Script

Origin = Literal["own", "differs", "foreign"]
"""Of a script: the record has just this one, it has another under this name, or it has none of this name."""

_TRIAL = re.compile(r"^; trial: (\S+) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OwnClaims:
    """The claims of a record: by script, and by the name of their file. `trials` are the codes of those that were exported again."""

    record: Record
    digest: str
    trials: tuple[str, ...]
    by_script: dict[str, str]

    def origin(self, script: Script) -> Origin:
        """Whether a script is one of the record's."""
        name, own = PurePath(script.name).name, self.by_script.get(_content(script.written))
        if name != own and name in self.by_script.values():
            return "differs"
        return "foreign" if own is None else "own"

    def missing(self, scripts: Iterable[Script]) -> list[str]:
        """The files of those claims that no script states, and under whose names there is none."""
        given = list(scripts)
        stated = {_content(script.written) for script in given}
        names = {PurePath(script.name).name for script in given}
        return [name for script, name in self.by_script.items() if script not in stated and name not in names]


def own_claims(question: Question, patient: str, scripts: Sequence[Script]) -> OwnClaims:
    """The claims of the answer for a record, on the trials asked for, or else on those that the scripts name.

    Raises `InputError` for a record that cannot be read, and where there is no answer to certify.
    """
    if question.trials is None:
        named = {name for script in scripts for name in _TRIAL.findall(script.written)}
        known = [code for code in question.library.trials if code in named]
        question = replace(question, trials=known or None)
    record = question.read_one(patient)
    codes = tuple(trial.code for trial in question.engine.chosen(question.trials))
    found = {_content(claim.script): file_name(record, claim) for claim in claims(question, record)}
    return OwnClaims(record, record_digest(record), codes, found)


def _content(script: str) -> str:
    """A script without what ends a file or a stream."""
    return script.strip("\n").removesuffix(EXIT.strip("\n")).strip("\n")
