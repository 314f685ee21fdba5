"""`match check` against its naive twin: on an invented vocabulary every patient is enumerated, and what is found must be so, and be all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from solver.library.compile import compile_library
from solver.library.files.yaml_places import parse_document
from solver.library.trial_files import compile_trial
from solver.questions.check.answer import Finding
from solver.questions.check.ask import check
from solver.questions.check.trial_view import Source
from tests.support.drawing.drawn import drawn

FLAGS = ("p", "q", "r")
KINDS = ("red", "blue", "green")
MOST = 3

VOCABULARY = "variables:\n" + "".join(
    [f"  - {{name: {name}, type: boolean, label: flag, about: ., changes: never}}\n" for name in FLAGS]
    + [
        f"  - {{name: kind, type: enumeration, label: kind, about: ., changes: never, values: [{', '.join(KINDS)}]}}\n",
        "  - {name: score, type: integer, label: score, about: ., changes: never, "
        f"plausible: 0 <= score <= {MOST}}}\n",
    ]
)
THEORY = (
    "axioms:\n"
    "  - {id: A, label: One, source: S, require: p implies q}\n"
    "  - {id: B, label: Two, source: S, require: kind == green implies score <= 1}\n"
)

Patient = dict[str, Any]
Holds = Callable[[Patient], bool]

EVERYONE: list[Patient] = [
    {**dict(zip(FLAGS, flags, strict=True)), "kind": kind, "score": score}
    for *flags, kind, score in product(*[(False, True)] * len(FLAGS), KINDS, range(MOST + 2))
    if (not flags[0] or flags[1]) and (kind != "green" or score <= 1)
]
"""Every patient of the theory: a score above all limits stands for any."""

PATIENTS = [patient for patient in EVERYONE if patient["score"] <= MOST]
"""Those that are plausible."""

LIBRARY = compile_library(
    [parse_document(VOCABULARY, "v.yaml")], [parse_document(THEORY, "t.yaml")], [], "sha256:0"
)


@dataclass(frozen=True)
class Text:
    """A condition as it is written, and for whom it holds."""

    text: str
    holds: Holds


def flag(name: str) -> Text:
    """A yes-or-no variable."""
    return Text(name, lambda patient: bool(patient[name]))


def not_(inner: Text) -> Text:
    """The condition does not hold."""
    return Text(f"not ({inner.text})", lambda patient: not inner.holds(patient))


def joined(word: str, parts: Sequence[Text]) -> Text:
    """All parts, or some."""
    combine = all if word == "and" else any
    text = f" {word} ".join(f"({part.text})" for part in parts)
    return Text(text, lambda patient: combine(part.holds(patient) for part in parts))


def member(values: Iterable[str]) -> Text:
    """One of several kinds."""
    chosen = sorted(values)
    return Text(f"kind in {{{', '.join(chosen)}}}", lambda patient: patient["kind"] in chosen)


def at_most(limit: int) -> Text:
    """The score is at most so much."""
    return Text(f"score <= {limit}", lambda patient: bool(patient["score"] <= limit))


ATOMS = st.one_of(
    st.sampled_from(FLAGS).map(flag),
    st.sets(st.sampled_from(KINDS), min_size=1, max_size=2).map(member),
    st.integers(0, MOST).map(at_most),
)
LITERALS = st.one_of(ATOMS, ATOMS.map(not_))
CONDITIONS = st.one_of(
    LITERALS,
    st.lists(LITERALS, min_size=2, max_size=3).map(lambda parts: joined("or", parts)),
    st.lists(LITERALS, min_size=2, max_size=3).map(lambda parts: joined("and", parts)),
)
TRIALS = st.lists(CONDITIONS, min_size=1, max_size=4)


def found_in(clauses: Sequence[Text]) -> tuple[Finding, ...]:
    """What the check finds in a trial of these clauses, called T.C0, T.C1 and so on."""
    head = (
        "trial: NCT00000001\ncode: T\ntitle: T\nintervention: none\nrecruitment: unknown\ncriteria: full\n"
        "sources: [{id: S, text: S}]\ncohorts: {ALL: {label: All}}\nclauses:\n"
    )
    entries = [
        f"  - {{id: C{i}, label: A clause, source: S, class: objective, changes: never, require: '{clause.text}'}}\n"
        for i, clause in enumerate(clauses)
    ]
    document = parse_document(head + "".join(entries), "t.yaml")
    return check(LIBRARY, [Source(compile_trial(document, LIBRARY), document, "t.yaml")]).findings


def some(*clauses: Text, among: Sequence[Patient] = PATIENTS) -> bool:
    """Whether a patient meets all of the clauses."""
    return any(all(clause.holds(patient) for clause in clauses) for patient in among)


def rests_on(core: Sequence[Text], finding: Finding, *goals: Text) -> bool:
    """Whether nobody meets the core and the goals, by what the proof rests on, and the core is minimal."""
    among = EVERYONE if finding.basis == "theory" else PATIENTS
    fewer = combinations(core, len(core) - 1) if core else ()
    return not some(*core, *goals, among=among) and all(some(*each, *goals, among=among) for each in fewer)


@drawn(90)
@given(TRIALS)
def test_what_is_found_of_clauses_is_what_enumeration_finds(clauses: list[Text]) -> None:
    """Vacuous and contradictory clauses, contradictions with minimal cores, and implied clauses: all that there are, and no others."""
    found = found_in(clauses)
    named = {f"T.C{i}": clause for i, clause in enumerate(clauses)}

    def of(kind: str) -> list[Finding]:
        return [finding for finding in found if finding.kind == kind]

    vacuous = {name for name, clause in named.items() if not some(not_(clause))}
    contradictory = {name for name, clause in named.items() if not some(clause)}
    assert {name for f in of("vacuous") for name in f.clauses} == vacuous
    assert {name for f in of("contradictory") for name in f.clauses} == contradictory
    left = {name: clause for name, clause in named.items() if name not in vacuous | contradictory}
    for finding in [*of("unsatisfiable"), *of("excluded-and-required")]:
        core = [left.pop(name) for name in finding.clauses]
        assert rests_on(core, finding)
    assert some(*left.values())
    for finding in of("redundant"):
        (name,) = finding.clauses
        clause = left.pop(name)
        assert rests_on([named[other] for other in finding.core], finding, not_(clause))
    for name, clause in left.items():
        assert some(not_(clause), *(other for key, other in left.items() if key != name))
    assert not of("undecided")


@drawn(60)
@given(
    st.lists(LITERALS, min_size=2, max_size=4, unique_by=lambda each: each.text),
    st.lists(LITERALS, max_size=2),
)
def test_an_alternative_is_dead_exactly_if_without_it_the_same_patients_are_taken(
    alternatives: list[Text], others: list[Text]
) -> None:
    """Of a clause that nothing else is wrong with, every dead alternative is found, with others that suffice, and no living one."""
    clauses = [joined("or", alternatives), *others]
    found = found_in(clauses)
    if any("T.C0" in f.mentioned and f.kind not in ("dead-exception", "gap") for f in found):
        return
    implied = {name for f in found if f.kind != "gap" for name in f.clauses if f.kind != "dead-exception"}
    beside = [clause for i, clause in enumerate(clauses) if i and f"T.C{i}" not in implied]
    dead = {f.part: f for f in found if f.kind == "dead-exception" and f.clauses == ("T.C0",)}
    for i, part in enumerate(alternatives):
        without = joined("or", alternatives[:i] + alternatives[i + 1 :])
        told = dead.get(f"({part.text})", dead.get(part.text))
        assert (told is not None) is not some(*beside, clauses[0], not_(without))
        if told is not None:
            core = [clauses[int(name.removeprefix("T.C"))] for name in told.core]
            assert rests_on(core, told, clauses[0], not_(without))


@drawn(36)
@given(st.sets(st.integers(0, MOST), min_size=1), st.lists(LITERALS, max_size=1))
def test_a_gap_is_found_exactly_where_values_between_two_are_not_covered(
    covered: set[int], others: list[Text]
) -> None:
    """The scores that the trial takes have a hole, or no gap is found."""
    bands = [Text(f"score == {n}", lambda patient, n=n: bool(patient["score"] == n)) for n in sorted(covered)]
    clauses = [joined("or", bands), *others]
    found = found_in(clauses)
    if any(f.kind not in ("gap", "dead-exception") for f in found):
        return
    taken = {patient["score"] for patient in PATIENTS if all(clause.holds(patient) for clause in clauses)}
    free = {patient["score"] for patient in PATIENTS if all(clause.holds(patient) for clause in others)}
    hole = [n for n in range(min(taken), max(taken)) if n not in taken and n in free]
    if hole:
        assert any(f.kind == "gap" for f in found)
    elif all(free >= {n} for n in range(min(taken), max(taken) + 1)):
        whole = [f for f in found if f.kind == "gap" and "T does not take a patient there" in f.text]
        assert not whole
