"""Fragments of trials, joined and stored: however they come together, the program is that of the trials compiled one after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.clauses import ConditionCache, clauses_in_force
from solver.library.load import load_library
from solver.library.models import Library, Trial
from solver.library.store import stored_trials as packed
from solver.library.store.stored_trials import StoredTrial
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import Context
from solver.program import stored_programs
from solver.program.fragments import Fragment
from solver.program.slots import FlatProgram, SlotKind
from solver.program.stored_programs import stored_clauses
from solver.program.trial_forms import TrialForm, cohorts_asking
from tests.support.records import worked

Joined = tuple[list[SlotKind], list[Fragment], list[dict[int, tuple[str, ...]]], Mapping[int, int]]


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    """The trials of the program, and each once more without its last clause."""
    found: list[Trial] = []
    library = load_library(cached=False)
    for i, trial in enumerate(library.trials.values()):
        found.append(StoredTrial.of(trial, f"words-{i}", {}))
        fewer = library.without([trial.clauses[-1].id]).trials[trial.code]
        found.append(StoredTrial.of(fewer, f"words-{i}-fewer", {}))
    return found


def joined(trials: Sequence[Trial], context: Context | None = None) -> Joined:
    """The program of some trials, their fragments, by literal who asks for it, and how many cohorts ask for each literal."""
    program = FlatProgram()
    table, asking, wanted = stored_clauses(ConditionCache(), program, trials, context or Context())
    asked = [asking.by_trial([literal], table.names) for literal in range(2 * program.count)]
    return program.kinds(), [table.fragment(place) for place in range(len(table))], asked, wanted


def one_after_the_other(trials: Sequence[Trial], context: Context) -> tuple[list[SlotKind], list[object]]:
    """The program of some trials, and the literals of their clauses by cohort: compiled in one go."""
    program, cache = FlatProgram(), ConditionCache()
    literals: list[object] = [
        {
            each.clause.id: {name: program.literal(asked) for name, asked in each.conditions.items()}
            for each in clauses_in_force(trial, context, cache)
        }
        for trial in trials
    ]
    return program.kinds(), literals


def asking_for(form: TrialForm, literal: int) -> tuple[str, ...]:
    """The clauses that ask every cohort for a literal, of a trial whose clauses all ask the same of every cohort."""
    alike = all(
        len({*each.values()}) == 1 and each.keys() == form.trial.cohorts.keys()
        for each in form.clauses.values()
        if each
    )
    return tuple(name for name, each in form.clauses.items() if alike and literal in each.values())


CONTEXTS = [
    Context(),
    Context(secondary_sources=True),
    Context(readings=frozenset({"AMB-ZPED-1"})),
    Context({"SAR": frozenset({"EXP"})}),
]


@given(order=st.permutations(range(12)), count=st.integers(0, 12), context=st.sampled_from(CONTEXTS))
def test_a_joined_program_is_that_of_trials_compiled_one_after_the_other(
    trials: list[Trial], order: list[int], count: int, context: Context
) -> None:
    """Slot by slot, whatever the order; and every clause asks for the same."""
    chosen = [trials[i] for i in order[:count]]
    kinds, fragments, asking, wanted = joined(chosen, context)
    expected, literals = one_after_the_other(chosen, context)
    assert kinds == expected
    forms = [TrialForm.of(*each) for each in zip(chosen, fragments, strict=True)]
    asked = [{name: dict(each) for name, each in form.clauses.items() if each} for form in forms]
    assert asked == literals
    assert wanted == cohorts_asking(forms)
    named = [
        {place: names for place, form in enumerate(forms) if (names := asking_for(form, literal))}
        for literal in range(len(asking))
    ]
    assert asking == named


@given(
    steps=st.lists(st.lists(st.sampled_from(range(12)), unique=True, min_size=1), min_size=1, max_size=5),
    seed=st.integers(0, 1000),
)
def test_whatever_was_stored_before_the_program_is_the_same(
    trials: list[Trial], steps: list[list[int]], seed: int
) -> None:
    """Trials come, go and change places, and files of the cache are cut or damaged."""
    random = Random(seed)
    with tempfile.TemporaryDirectory() as base, pytest.MonkeyPatch.context() as patched:
        patched.setattr(stored_programs, "MANY", 1)
        for step in steps:
            chosen = [trials[i] for i in step]
            patched.delenv("XDG_CACHE_HOME", raising=False)
            patched.delenv("HOME", raising=False)
            alone = joined(chosen)
            patched.setenv("XDG_CACHE_HOME", base)
            assert joined(chosen) == alone  # from what was stored of others
            assert joined(chosen) == alone  # from what was stored just now
            for file in (Path(base) / "trialproof").iterdir():
                content = bytearray(file.read_bytes())
                if random.random() < 0.3:
                    content[random.randrange(len(content))] ^= 1
                    file.write_bytes(content[: random.choice([len(content), len(content) // 2])])


def test_no_clause_is_unpacked_for_a_verdict(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the program is stored; and the verdicts are those of a library without a cache."""
    monkeypatch.setattr(stored_programs, "MANY", 1)
    fresh = load_library(cached=False)
    record = dict(worked.patient(sorted(worked.load("patients"))[0]), as_of="2025-06-01")

    def verdicts(library: Library) -> object:
        return Matcher(library).verdicts(read_record(record, library, name="r"))

    expected = verdicts(fresh)
    assert verdicts(load_library()) == expected
    unpacked: list[str] = []
    library = load_library()
    monkeypatch.setattr(packed, "pickle", SimpleNamespace(loads=lambda _: unpacked.append("a trial")))
    matcher = Matcher(library)
    opened = matcher.open(read_record(record, library, name="r"))
    stored, _, _ = stored_clauses(matcher.cache, FlatProgram(), matcher.chosen(None), Context())
    assert opened.consistent
    assert len(stored) == len(library.trials)
    assert unpacked == []


def test_programs_of_other_code_are_not_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch, trials: list[Trial]
) -> None:
    """A file is called by the code that made it."""
    monkeypatch.setattr(stored_programs, "MANY", 1)
    joined(trials)
    (before,) = cache.iterdir()
    monkeypatch.setattr(stored_programs, "code_digest", lambda *_: "f" * 64)
    joined(trials)
    assert {file.name for file in cache.iterdir()} > {before.name}
    assert len(list(cache.iterdir())) == 2
