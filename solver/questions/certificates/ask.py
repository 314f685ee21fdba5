"""The questions of `match export` and `match verify`: the claims of an answer, and whether another solver confirms certificates.

The claims of a verdict are scripts; the record can be exported again, so that it is seen whether a script that someone hands in is one of
them.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath

from solver.dataclass import dataclass
from solver.engine.case import Case, Engine
from solver.engine.decision import Decision
from solver.errors import InputError
from solver.language.calendar import format_day
from solver.library.models import Trial
from solver.patient.record import Record, record_digest
from solver.patterns import pattern
from solver.questions.certificates import answer as a
from solver.questions.certificates.claims import (
    Claim,
    certificates,
    contradiction_certificates,
    lists_were_cut,
)
from solver.questions.match.answer import TrialAnswer
from solver.questions.match.ask import answer_each, trial_answer
from solver.smt.certificate import EXIT, RESET
from solver.smt.external import Checker, Script, scripts

_UNSAFE = pattern(r"[^A-Za-z0-9_-]+")
_LONGEST = 60
_TRIAL = pattern(r"^; trial: (\S+) ", re.MULTILINE)
_CUT = "not all sets were found in the work that these trials shared: "
_SHARED = pattern(rf"^; {_CUT}(.*)$", re.MULTILINE)


def record_claims(engine: Engine, record: Record, trials: Sequence[str] | None = None) -> list[Claim]:
    """All claims of the answer that `match` gives for a record, on these trials, within as much work.

    Raises `InputError` where there is no answer to certify.
    """
    chosen = engine.chosen(trials)
    with engine.allowance():
        opened = engine.open(record)
    if opened.consistent is None:
        raise InputError(
            f"{record.id}: the solver did not decide whether the record contradicts itself, so that there is nothing to certify"
        )
    about = _record_heading(engine, record)
    if opened.consistent is False:
        return list(contradiction_certificates(opened.problem, opened.contradictions.subsets, about))
    answered: dict[str, tuple[Case, TrialAnswer]] = {}

    def ask(case: Case, decision: Decision) -> TrialAnswer:
        answer = trial_answer(case, decision)
        answered[decision.trial.code] = case, answer
        return answer

    with engine.allowance():
        answer_each(engine, record, chosen, ask)
    found: list[Claim] = []
    for trial in chosen:
        case, answer = answered[trial.code]
        heading = [*about, *_trial_heading(trial, record), f"verdict: {answer.verdict}"]
        if lists_were_cut(answer):
            heading.append(f"{_CUT}{' '.join(each.code for each in chosen)}")
        with engine.allowance():  # other readings are decided once more
            found += certificates(case, trial, answer, heading)
    return found


def export_answer(engine: Engine, record: Record, found: Sequence[Claim], *, inline: bool) -> a.ExportAnswer:
    """The answer that lists claims, with their scripts, or else with the names of their files."""
    claims = []
    for claim in found:
        file, script = (None, claim.script + EXIT) if inline else (file_name(record, claim), None)
        claims.append(a.ExportedClaim(claim.name, claim.sentence, claim.status, file, script))
    of_record = record.id, format_day(record.as_of), record_digest(record)
    cut = tuple(dict.fromkeys(claim.trial for claim in found if claim.trial and claim.cut)) or None
    return a.ExportAnswer(
        engine.version, *of_record, engine.policies, tuple(claims), engine.library.site, cut
    )


def script_stream(found: Sequence[Claim]) -> str:
    """The scripts one after another, for one run of a solver."""
    return RESET.join(claim.script for claim in found) + EXIT


def file_name(record: Record, claim: Claim) -> str:
    """The name of a claim's file: safe on every system, and different for patients with different names."""
    return f"{_safe_name(record.id)}.{'.'.join(map(_safe_name, claim.name.split('.')))}.smt2"


def _safe_name(name: str) -> str:
    safe = _UNSAFE.sub("_", name)[:_LONGEST]
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _record_heading(engine: Engine, record: Record) -> list[str]:
    """What every script says of where it comes from."""
    about = engine.version
    lines = [
        f"Trialproof {about.version}, {about.solver}, encodings {about.encodings}",
        f"patient: {record.id}, as of {format_day(record.as_of)}",
        f"record: {record_digest(record)}",
    ]
    if engine.policies:
        lines.append(f"assumption policies: {', '.join(engine.policies)}")
    return lines


def _trial_heading(trial: Trial, record: Record) -> list[str]:
    context = record.context
    lines = [f"trial: {trial.code} {trial.nct}: {trial.title}"]
    if trial.code in context.open_cohorts:
        lines.append(f"open cohorts: {', '.join(sorted(context.open_cohorts[trial.code])) or 'none'}")
    if context.readings:
        lines.append(f"readings: {', '.join(sorted(context.readings))}")
    if context.secondary_sources:
        lines.append("secondary sources count")
    return lines


@dataclass(frozen=True, slots=True)
class OwnClaims:
    """The claims of a record: the name of each one's file by its script. `trials` are the codes of those that were exported again."""

    record: Record
    trials: tuple[str, ...]
    by_script: dict[str, str]

    def origin(self, script: Script) -> a.Origin:
        """Whether a script is one of the record's."""
        name, own = PurePath(script.name).name, self.by_script.get(_script_content(script.written))
        if name != own and name in self.by_script.values():
            return "differs"
        return "foreign" if own is None else "own"

    def compared(self, scripts: Sequence[Script]) -> a.ComparedRecord:
        """How many of the scripts are the record's, and which of its claims none of them states or takes the name of."""
        own = sum(self.origin(script) == "own" for script in scripts)
        stated = {_script_content(script.written) for script in scripts}
        names = {PurePath(script.name).name for script in scripts}
        left = [name for script, name in self.by_script.items() if script not in stated]
        missing = tuple(name for name in left if name not in names)
        record, digest = self.record, record_digest(self.record)
        counts = own, len(scripts) - own
        return a.ComparedRecord(record.id, digest, self.trials, *counts, missing, format_day(record.as_of))


def own_claims(
    engine: Engine, record: Record, trials: Sequence[str] | None, scripts: Sequence[Script]
) -> OwnClaims:
    """The claims of the answer for a record, on the trials asked for, or else on those that the scripts name.

    Raises `InputError` where there is no answer to certify.
    """
    asked = trials
    if trials is None:
        written = [script.written for script in scripts]
        named = {name for each in written for name in _TRIAL.findall(each)}
        trials = [code for code in engine.library.trials if code in named] or None
        # where lists were cut, how much was found hangs on which trials were asked for together
        shared = {code for each in written for codes in _SHARED.findall(each) for code in codes.split(" ")}
        asked = [code for code in engine.library.trials if code in named | shared] or None
    codes = tuple(trial.code for trial in engine.chosen(trials))
    found = record_claims(engine, record, asked)
    return claims_of(record, codes, [each for each in found if each.trial in (None, *codes)])


def claims_of(record: Record, trials: Sequence[str], found: Iterable[Claim]) -> OwnClaims:
    """These claims of a record on these trials, by which scripts are told to be its own."""
    named = {_script_content(each.script): file_name(record, each) for each in found}
    return OwnClaims(record, tuple(trials), named)


def scripts_of(record: Record, found: Iterable[Claim]) -> list[Script]:
    """The claims of a record as scripts, each under the name of its file."""
    return [script for claim in found for script in scripts(file_name(record, claim), claim.script + EXIT)]


def _script_content(script: str) -> str:
    """A script without what ends a file or a stream."""
    return script.strip("\n").removesuffix(EXIT.strip("\n")).strip("\n")


def verify(
    given: Sequence[Script],
    checker: Checker,
    seconds: float,
    claimed: OwnClaims | None,
    checked: Callable[[], None],
) -> a.VerifyAnswer:
    """What another solver says of each script, within so many seconds, compared with the claims of a record if there is one.

    `checked` is called after each.
    """
    claims = []
    for script in given:
        reply = checker.ask(script.text, seconds)
        origin = None if claimed is None else claimed.origin(script)
        result = reply.result(script)
        about = script.name, script.claim, script.status
        claims.append(a.CheckedClaim(*about, reply.answer, result, reply.note, origin))
        checked()
    count = Counter(claim.result for claim in claims)
    counts = count["confirmed"], count["disagrees"], count["undecided"]
    compared = None if claimed is None else claimed.compared(given)
    return a.VerifyAnswer(checker.name, seconds, *counts, compared, tuple(claims))
