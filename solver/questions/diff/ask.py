"""The difference between two trials, or two versions of one: whom each admits and the other does not.

A trial is equivalent to another if both admit the same patients, stricter if it admits fewer, looser if more, and else incomparable. All
patients are meant that the theory allows, on any day of evaluation or on one that is given.

    before  I2: score <= 1                   lost    a patient with score 1, who fails I2 now
    after   I2: score <= 0                   gained  nobody
                                             so the second is stricter, and I2 is responsible
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from solver.engine.answer import EngineVersion
from solver.engine.case import Engine
from solver.engine.clauses import ConditionCache, extent
from solver.engine.days.any_day import STAND_FOR_ALL
from solver.engine.decision import Standings, decide
from solver.engine.problem import pose
from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.errors import EngineError
from solver.language.calendar import format_day
from solver.language.domain import Domain
from solver.language.tree import TRUE, Condition
from solver.library.files.revisions import Revision
from solver.library.models import Clause, Library, Trial
from solver.patient.record import Context, Record
from solver.questions.diff import answer as a
from solver.questions.diff.admission import Admission, Everyone, admission, one_way
from solver.questions.match.ask import match
from solver.smt import SOLVER
from solver.version import __version__
from solver.work import Budget, allowed

Files = tuple[str | None, str | None]
Trials = tuple[Trial, Trial]
Both = tuple[Admission, Admission]
"""What each of the two trials asks for."""

WORK = 20_000_000
"""The work that is allowed for the trials as wholes, for their clauses, for their cohorts, and for their readings, each."""


def compare(
    library: Library,
    first: Trial,
    second: Trial,
    *,
    as_of: int | None = None,
    budget: Budget | None = None,
    files: Files = (None, None),
) -> a.Comparison:
    """How the second trial relates to the first under the theory of a library, whose trials do not matter.

    `as_of` is the day of evaluation as a day number; None is every day, the reference day first. `files` are those that the trials were
    read from. Raises `EngineError` if a witness does not replay.
    """
    day = REFERENCE_DAY.toordinal() if as_of is None else as_of
    # what the two ask of concepts is asked together, and of no other trial
    both = replace(library, trials={"before": first, "after": second}, asked_by=None)
    everyone, cache = Everyone(both, day, budget, every_day=as_of is None), ConditionCache()
    trials = first, second
    asked = admission(first, Context(), cache), admission(second, Context(), cache)
    work = WORK if budget is None else budget.work
    with allowed(work, own=True):
        whole = _pairing_of(everyone, *asked)
    _replay_witnesses(everyone, trials, whole)
    versions = first.code == second.code or first.nct == second.nct
    with allowed(work, own=True):
        clauses = _paired_clauses(everyone, trials, asked) if versions else ()
    with allowed(work, own=True):
        cohorts = _paired_cohorts(everyone, asked, whole)
    with allowed(work, own=True):
        readings = _differing_readings(everyone, trials, asked, whole, cache)
    changed = frozenset(each.clause for each in clauses if each.change not in ("unchanged", "reworded"))
    return a.Comparison(
        engine=EngineVersion(__version__, SOLVER, library.digest),
        first_side=_side_of(first, files[0]),
        second_side=_side_of(second, files[1]),
        relation=whole.relation,
        lost=_changed_first(whole.lost, second, changed),
        gained=_changed_first(whole.gained, first, changed),
        cohorts=tuple(
            replace(
                each,
                lost=each.lost and _changed_first(each.lost, second, changed),
                gained=each.gained and _changed_first(each.gained, first, changed),
            )
            for each in cohorts
        ),
        clauses=clauses,
        readings=readings,
        edits=edits(first, second) if versions else (),
        # last, when every day has been noted on which somebody was found
        day=format_day(day),
        days=STAND_FOR_ALL if everyone.every_day else None,
        other_days=tuple(map(format_day, sorted(everyone.days))),
    )


def _changed_first(found: a.OneWay, other: Trial, changed: frozenset[str]) -> a.OneWay:
    """The same, with the sets first whose clauses have all changed: an author looks for the reason there."""

    def stands_still(subset: Sequence[str]) -> bool:
        return not all(name.removeprefix(f"{other.code}.") in changed for name in subset)

    return replace(found, responsible=tuple(sorted(found.responsible, key=stands_still)))


def history(
    library: Library,
    file: str,
    versions: Sequence[tuple[Revision, Trial | str]],
    *,
    as_of: int | None = None,
    budget: Budget | None = None,
) -> a.History:
    """Whom each change of a file admitted or shut out: every version is compared with the one before that can be read.

    `versions` are its revisions, the oldest first, each with its trial, or with the reason why there is none to read.
    """
    steps: list[a.HistoryStep] = []
    before: tuple[Revision, Trial] | None = None
    for revision, found in versions:
        told = revision.name, revision.day, revision.subject
        if isinstance(found, str):
            steps.append(a.HistoryStep(*told, found, None))
            continue
        change = None
        if before is not None:
            files = f"{before[0].short}:{before[0].path}", f"{revision.short}:{revision.path}"
            change = compare(library, before[1], found, as_of=as_of, budget=budget, files=files)
        steps.append(a.HistoryStep(*told, None, change))
        before = revision, found
    return a.History(EngineVersion(__version__, SOLVER, library.digest), file, tuple(steps))


def _side_of(trial: Trial, file: str | None) -> a.Side:
    whole = extent(trial, Context())
    texts = whole.objective - whole.encoded if any(whole.capped.values()) else 0
    more = trial.open_ended or bool(whole.not_judged)
    return a.Side(trial.nct, trial.code, trial.title, file, trial, frozenset(whole.capped), texts, more)


def _pairing_of(everyone: Everyone, first: Admission, second: Admission, *, shown: bool = True) -> a.Pairing:
    lost, gained = (one_way(everyone, *each, shown=shown) for each in ((first, second), (second, first)))
    return a.Pairing(lost, gained)


def _replay_witnesses(everyone: Everyone, trials: Trials, pairing: a.Pairing) -> None:
    """Match both witnesses against both trials; raises `EngineError` if either is not admitted as it should be.

    Whom a trial with capped cohorts admits, or not, may be undetermined: it depends on what is kept as text.
    """
    lost, gained = pairing.lost.witness, pairing.gained.witness
    for found, expected in ((lost, ("eligible", "ineligible")), (gained, ("ineligible", "eligible"))):
        if found is None:
            continue
        problem = pose(everyone.library, found.record, everyone.budget)
        standings = Standings(problem.oracle, ConditionCache())
        for trial, verdict in zip(trials, expected, strict=True):
            decision = decide(problem, standings, trial, Context())
            allowed = {verdict, "unresolved", *(["undetermined"] if decision.extent.capped else [])}
            if decision.verdict not in allowed:
                raise EngineError("a witness is not matched as it should be")


def _paired_cohorts(everyone: Everyone, asked: Both, whole: a.Pairing) -> tuple[a.CohortPairing, ...]:
    first, second = asked
    alone = len(first) == len(second) == 1
    found = []
    for name in dict.fromkeys([*first, *second]):
        if name in first and name in second:
            pairing = whole if alone else _pairing_of(everyone, {name: first[name]}, {name: second[name]})
            found.append(a.CohortPairing(name, "both", pairing.relation, pairing.lost, pairing.gained))
        else:
            found.append(a.CohortPairing(name, "first" if name in first else "second"))
    return tuple(found)


def _paired_clauses(everyone: Everyone, trials: Trials, asked: Both) -> tuple[a.ClausePairing, ...]:
    clauses = [{local_id(trial, clause): clause for clause in trial.clauses} for trial in trials]
    shared = [cohort for cohort in asked[0] if cohort in asked[1]]
    found = []
    for name in dict.fromkeys([*clauses[0], *clauses[1]]):
        before, after = versions = [each.get(name) for each in clauses]
        # what is not there asks for nothing
        said = [
            {cohort: own[cohort].get(clause.id, TRUE) if clause else TRUE for cohort in shared}
            for clause, own in zip(versions, asked, strict=True)
        ]
        relation = _clause_relation(everyone, *said)
        same = said[0] == said[1] and _written_logic(before, shared) == _written_logic(after, shared)
        found.append(a.ClausePairing(name, _what_became(before, after, relation, same=same), relation))
    return tuple(found)


def _clause_relation(
    everyone: Everyone, before: Mapping[str, Condition], after: Mapping[str, Condition]
) -> a.Relation:
    """How a clause relates to what it was: over all cohorts, each by itself."""
    lost = gained = a.OneWay(False)
    for cohort, condition in before.items():
        if condition != after[cohort]:
            parts = {cohort: {"": condition}}, {cohort: {"": after[cohort]}}
            pairing = _pairing_of(everyone, *parts, shown=False)
            lost = max(lost, pairing.lost, key=_certainty_rank)
            gained = max(gained, pairing.gained, key=_certainty_rank)
    return a.Pairing(lost, gained).relation


def _certainty_rank(found: a.OneWay) -> int:
    """Of several cohorts the one in which there is somebody tells, and else the one that is not decided."""
    return {False: 0, None: 1, True: 2}[found.exists]


def _what_became(before: Clause | None, after: Clause | None, found: a.Relation, *, same: bool) -> a.Change:
    if before is None or after is None:
        return "added" if before is None else "removed"
    if found != "equivalent":
        return "changed"
    return "unchanged" if same else "reworded"


def _written_logic(clause: Clause | None, cohorts: list[str]) -> list[list[str | None]]:
    """The logic of a clause in each of the cohorts, under the first reading and each second one, as it is written."""
    if clause is None:
        return []
    logics = [clause.logic, *(clause.other_logic[name] for name in sorted(clause.other_logic))]
    return [[logic.get(cohort, logic.get("")) for cohort in cohorts] for logic in logics]


def _differing_readings(
    everyone: Everyone, trials: Trials, asked: Both, whole: a.Pairing, cache: ConditionCache
) -> tuple[a.ReadingPairing, ...]:
    names = [reading.id for trial in trials for reading in trial.readings.values() if reading.switch]
    names += [clause.secondary for trial in trials for clause in trial.clauses if clause.secondary]
    found = []
    for name in dict.fromkeys(names):
        context = Context(readings=frozenset({name}))
        other = admission(trials[0], context, cache), admission(trials[1], context, cache)
        if other != asked:
            relation = _pairing_of(everyone, *other, shown=False).relation
            if relation != whole.relation:
                found.append(a.ReadingPairing(name, relation))
    return tuple(found)


class Amendment:
    """Two versions of a trial, or two trials, as patients are matched against them: `libraries` has one library for each."""

    def __init__(
        self, library: Library, first: Trial, second: Trial, *, budget: Budget | None = None
    ) -> None:
        self.trials = first, second
        self.libraries = tuple(library.with_trial(trial) for trial in self.trials)
        self._engines = [Engine(each, budget=budget) for each in self.libraries]

    def patient(self, before: Record, after: Record) -> a.ComparedPatient:
        """How one patient stands, whose record was read with each library."""
        found = []
        for engine, record, trial in zip(self._engines, (before, after), self.trials, strict=True):
            (now,) = match(engine, record, [trial.code]).trials
            found.append(a.PatientStanding(now.verdict, now.published_only, now.conflicts, now.deciding_sets))
        verdicts = {(each.verdict, each.published_only) for each in found}
        return a.ComparedPatient(before.id, len(verdicts) > 1, *found)


def with_patients(whole: a.Comparison, patients: Sequence[a.ComparedPatient], wrong: int) -> a.Comparison:
    """The comparison with the patients of a cohort, counted by their verdicts, the most frequent first; `wrong` could not be read."""
    counted = Counter((each.before.verdict, each.after.verdict) for each in patients)
    order = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    counts = tuple(a.VerdictCount(*verdicts, count) for verdicts, count in order)
    return replace(whole, patients=tuple(patients), counts=counts, wrong_lines=wrong)


def edits(first: Trial, second: Trial) -> tuple[a.Edit, ...]:
    """Every difference but for the logic of clauses, in the order of the file; clauses that only one version has are left out."""
    return tuple(edit for edit in _all_pairs(first, second) if edit.before != edit.after)


def local_id(trial: Trial, clause: Clause) -> str:
    """The id of a clause within its trial."""
    return clause.id.removeprefix(f"{trial.code}.")


def _all_pairs(first: Trial, second: Trial) -> Iterator[a.Edit]:
    for name in ("nct", "code", "title", "intervention", "recruitment", "recruitment_note"):
        yield a.Edit(name.replace("_", " "), getattr(first, name), getattr(second, name))
    yield a.Edit("criteria", *("partial" if each.partial else "full" for each in (first, second)))
    yield from _edited_entries("source", first.sources, second.sources)
    yield from _edited_entries("cohort", first.cohorts, second.cohorts)
    for name in first.cohorts:
        if name in second.cohorts:
            states = (_recruitment_words(each, name) for each in (first, second))
            yield a.Edit(f"cohort {name} recruitment", *states)
    readings = [{reading.id: reading.text for reading in each.readings.values()} for each in (first, second)]
    yield from _edited_entries("reading", *readings)
    yield from _edited_entries("unpublished", *map(_unpublished_texts, (first, second)))
    notices = [{notice.id: notice for notice in each.notices} for each in (first, second)]
    yield from _edited_entries("notice", *({name: n.text for name, n in each.items()} for each in notices))
    for name in notices[0]:
        if name in notices[1] and notices[0][name].when != notices[1][name].when:
            yield a.Edit(f"notice {name} when", "one condition", "another")
        if name in notices[1]:
            yield a.Edit(f"notice {name} safety", *("yes" if each[name].safety else "no" for each in notices))
    yield a.Edit("enrolment", _enrolment_words(first), _enrolment_words(second))
    clauses = [{local_id(each, clause): clause for clause in each.clauses} for each in (first, second)]
    for name, before in clauses[0].items():
        if name in clauses[1]:
            yield from _edited_clause(name, before, clauses[1][name])


def _recruitment_words(trial: Trial, cohort: str) -> str:
    states = trial.states.get(cohort, ())
    told = [(s.state, f"when {s.logic}" if s.logic else "", s.note) for s in states]
    return "; ".join(" ".join(filter(None, each)) for each in told)


def _enrolment_words(trial: Trial) -> str:
    enrolment = trial.enrolment
    effects = [
        f"{when} {name}={_domain_words(domain)}"
        for when, several in (("during", enrolment.during), ("after", enrolment.after))
        for name, domain in several.items()
    ]
    for words, names in (("outdates", enrolment.outdates), ("forgets", enrolment.forgets)):
        effects += [f"{words} {name}" for name in names]
    return "; ".join(effects)


def _domain_words(domain: Domain) -> str:
    if isinstance(domain, frozenset):
        return " or ".join(sorted(map(str, domain)))
    return " to ".join(map(str, domain[:2]))


def _unpublished_texts(trial: Trial) -> dict[str, str]:
    return {name.removeprefix(f"{trial.code}."): text for name, text in trial.unpublished.items()}


def _edited_entries(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[a.Edit]:
    for name in dict.fromkeys([*before, *after]):
        yield a.Edit(f"{kind} {name}", before.get(name), after.get(name))


def _edited_clause(name: str, before: Clause, after: Clause) -> Iterator[a.Edit]:
    for key in ("label", "source", "judgement", "changes", "note", "policy", "secondary"):
        words = "class" if key == "judgement" else key
        yield a.Edit(f"{name} {words}", getattr(before, key), getattr(after, key))
    yield a.Edit(f"{name} form", _form_word(before), _form_word(after))


def _form_word(clause: Clause) -> str:
    return "opaque" if clause.opaque else "routing" if clause.routing else "logic"
