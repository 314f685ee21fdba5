"""The public Python interface: sources, answers as values, threads, processes, and no state but a matcher's own."""

from __future__ import annotations

import copy
import dataclasses
import gc
import json
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

import solver
from solver import (
    Budget,
    Change,
    Context,
    CorrectedTrial,
    Correction,
    InputError,
    JointConflict,
    Jointly,
    Library,
    MatchAnswer,
    Matcher,
    Otherwise,
    OtherwiseChange,
    ReadingAnswer,
    Record,
    Repair,
    Repairs,
    Window,
    answer_document,
    load_library,
    read_context,
    read_record,
)
from solver.report.json import json_text
from tests.support.drawing.drawn import WIDER

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.json") if path.stem != "site")
UNDETERMINED = ROOT / "examples/undetermined.json"
SITE = ROOT / "examples/site.json"

ENTRIES: dict[str, Any] = {
    "as_of": "2026-11-20",
    "facts": {"birth_date": "1960-01-31", "ecog": 1, "weight": {"value": 61.5, "unit": "kg"}},
}


@pytest.fixture(scope="module")
def records(library: Library) -> list[Record]:
    """Every example."""
    return [read_record(path, library) for path in EXAMPLES]


@pytest.fixture(scope="module")
def answers(library: Library, records: list[Record]) -> list[MatchAnswer]:
    """The answer for each example, each from a matcher that answered nothing else."""
    return [Matcher(library).match(record) for record in records]


# --- reading -----------------------------------------------------------------------------------------------------------


def test_every_source_gives_the_same_record(library: Library, tmp_path: Path) -> None:
    """A file, its bytes, its text and its values are read alike; `name` is what messages call it, and the default id."""
    text = json.dumps(ENTRIES)
    path = tmp_path / "record.json"
    path.write_text(text, encoding="utf-8")
    expected = read_record(path, library)
    assert expected.id == "record"
    assert set(expected.facts) == set(ENTRIES["facts"])
    for source in (text, text.encode(), ENTRIES, "\ufeff// a comment\n" + text):
        assert read_record(source, library) == expected
        assert read_record(source, library, name="ward/anna.json").id == "anna"


def test_python_values_are_read_as_what_they_say(library: Library) -> None:
    """Dates are days, decimals are exact, and a float is the number that it prints as."""
    facts = {"birth_date": date(1960, 1, 31), "ecog": 1, "weight": {"value": Decimal("61.50"), "unit": "kg"}}
    read = read_record({"as_of": date(2026, 11, 20), "facts": facts}, library)
    assert read.facts["weight"].domain == read_record(ENTRIES, library).facts["weight"].domain
    assert read.facts["birth_date"] == read_record(ENTRIES, library).facts["birth_date"]
    assert read == read_record({"facts": facts}, library, as_of=date(2026, 11, 20))
    assert read == read_record({"facts": facts}, library, as_of="2026-11-20")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("patient.json", "record: 'patient.json' is no JSON object: write {...}, or give a file as a Path"),
        ("", "record: is empty: write a JSON object"),
        (
            '{"as_of": "2026-11-20", "a": }',
            "record: line 1, column 30: is not JSON: expecting value",
        ),
        ({"facts": {}, "as_of": "2026"}, "record: as_of: '2026' is not a full date"),
        ({**ENTRIES, "as_of": datetime(2026, 11, 20, 9)}, "record: as_of: '2026-11-20T09:00:00' has a time"),
        ({**ENTRIES, "facts": {"ecog": float("nan")}}, "record: facts.ecog: 'nan' is not a number"),
        ({**ENTRIES, "facts": {"ecog": object}}, "record: facts.ecog: "),
        (Path("nowhere.json"), "nowhere.json: does not exist: check the path"),
    ],
    ids=["path as text", "nothing", "no JSON", "year", "time of day", "nan", "object", "no file"],
)
def test_a_wrong_source_is_an_input_error(library: Library, source: Any, problem: str) -> None:
    """Every fault is a line of `problems`, with place and remedy, whatever the source."""
    with pytest.raises(InputError) as caught:
        read_record(source, library)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)
    assert str(caught.value) == "\n".join(caught.value.problems)


def test_a_context_is_read_from_the_same_sources(library: Library) -> None:
    """A site's context is checked wherever it comes from, and stands behind the record's own."""
    expected = read_context(SITE, library)
    values = json.loads(SITE.read_text(encoding="utf-8"))
    for source in (SITE.read_bytes(), SITE.read_text(encoding="utf-8"), values):
        assert read_context(source, library) == expected != Context()
    assert read_record(ENTRIES, library, context=expected).context == expected
    with pytest.raises(
        InputError, match=r"^context: open_cohorts: 'SRA' is not a known trial; did you mean 'SAR'\?$"
    ):
        read_context({"open_cohorts": {"SRA": []}}, library)
    with pytest.raises(InputError, match=r"nowhere\.json: does not exist"):
        read_context(Path("nowhere.json"), library)


# --- matching ----------------------------------------------------------------------------------------------------------


def test_trials_are_named_as_on_the_command_line(library: Library) -> None:
    """By code or NCT number in any case, alone or several, in the order given; none is none, and None is all."""
    record, matcher = read_record(ENTRIES, library), Matcher(library)
    for trials, codes in (
        (["zped", "NCT05086315"], ["ZPED", "SAR"]),
        ("ZPED", ["ZPED"]),
        ((name for name in ("K017", "K017")), ["K017"]),
        ([], []),
        (None, list(library.trials)),
    ):
        assert [trial.code for trial in matcher.match(record, trials).trials] == codes
    with pytest.raises(InputError) as caught:
        matcher.match(record, ["ZPDE", "X"])
    assert caught.value.problems == (
        "'ZPDE' is not a known trial; did you mean 'ZPED'?",
        f"'X' is not a known trial: the trials are {', '.join(library.trials)}",
    )


def test_a_budget_that_is_spent_is_unresolved(library: Library) -> None:
    """Without search and with next to no steps the verdict is not reached, and a warning says what ran out."""
    matcher = Matcher(library, budget=Budget(steps=1), search=False)
    answer = matcher.match(read_record(UNDETERMINED, library), ["SAR"])
    assert [trial.verdict for trial in answer.trials] == ["unresolved"]
    assert [warning.code for warning in answer.warnings] == ["gave-up"]
    assert "budget of steps ran out" in answer.warnings[0].text


def test_the_document_is_what_the_command_line_prints(answers: list[MatchAnswer]) -> None:
    """`answer_document` gives plain values, in the order of the keys in which `match --format json` prints them."""
    for answer in answers:
        document = answer_document(answer)
        assert json.dumps(document, ensure_ascii=False, separators=(",", ":")) == json_text(answer)
        assert json.loads(json_text(answer)) == document


# --- answers as values -------------------------------------------------------------------------------------------------


def parts(value: object) -> Iterator[Any]:
    """Every data class within an answer, itself included."""
    if dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from parts(item)


ANSWERS_OF_MATCH = (
    "solver.engine.answer",
    "solver.engine.finding_out.ranked_sets",
    "solver.engine.finding_out.step",
    "solver.engine.provisos",
    "solver.questions.match.answer",
)


def test_answers_are_frozen(answers: list[MatchAnswer]) -> None:
    """No field of an answer or of any part can be set, and none can be added; every kind of part has a public name."""
    rare = [
        JointConflict("A", ("X", "Y"), ("ecog",)),
        ReadingAnswer("AMB", "eligible"),
        Correction(("ecog",), (CorrectedTrial("X", "eligible", False),)),
        Repairs(
            (
                Repair(
                    kind="treat",
                    changes=(
                        Change(
                            variable="ecog",
                            kind="treat",
                            otherwise=(Otherwise("2", (OtherwiseChange("karnofsky", None),)),),
                        ),
                    ),
                    such_that=(Jointly("X", ("ecog", "karnofsky")),),
                ),
            ),
            True,
        ),
        Window("2026-01-01", "2026-02-01", (), ()),
    ]
    seen = set()
    for part in (each for value in (*answers, *rare) for each in parts(value)):
        seen.add(type(part).__name__)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, dataclasses.fields(part)[0].name, None)
        with pytest.raises((AttributeError, TypeError)):
            part.note = "x"
    public = {name for name in solver.__all__ if dataclasses.is_dataclass(getattr(solver, name))}
    assert seen == {name for name in public if getattr(solver, name).__module__ in ANSWERS_OF_MATCH}


def test_answers_can_be_keys(answers: list[MatchAnswer], records: list[Record]) -> None:
    """Answers are hashable, and equal ones hash alike; records, which hold dictionaries, are not."""
    assert len(set(answers)) == len(answers)
    assert {copy.deepcopy(answer) for answer in answers} == set(answers)
    with pytest.raises(TypeError, match="unhashable"):
        hash(records[0])


def test_values_can_be_pickled(library: Library, answers: list[MatchAnswer], records: list[Record]) -> None:
    """Answers, records and the library come back equal; the library that comes back gives the same answers."""
    for value in (*answers, *records, library):
        assert pickle.loads(pickle.dumps(value)) == value
    other = pickle.loads(pickle.dumps(library))
    for record, answer in zip(records, answers, strict=True):
        if record.facts:
            assert Matcher(other).match(record) == answer


def test_errors_come_back_from_other_processes(library: Library) -> None:
    """Pickled and unpickled, an `InputError` still has one problem a fault."""
    with pytest.raises(InputError) as caught:
        read_record({"facts": {"ecog": 1.5}}, library)
    again = pickle.loads(pickle.dumps(caught.value))
    assert len(again.problems) == 2
    assert (again.problems, str(again)) == (caught.value.problems, str(caught.value))


def test_an_answer_prints_in_a_few_lines(library: Library, records: list[Record]) -> None:
    """`str` of an answer is a line for the patient and one a trial, with what decides it."""
    found = {
        record.id: str(Matcher(library).match(record, ["UC", "SAR"])).splitlines()
        for record in records
        if record.id in ("undetermined", "contradictory", "closed-door", "two-clocks")
    }
    assert found == {
        "closed-door": [
            "closed-door, as of 2026-11-20",
            "UC ineligible, conflicts: UC.I1a",
            "SAR ineligible, conflicts: SAR.DX + SAR.E15",
        ],
        "contradictory": [
            "contradictory, as of 2026-11-20",
            "contradictory facts: bm_blasts_pct + remission_state; disease_status + remission_state; pregnant + sex; "
            "prior_cellular_therapy + prior_drugs",
            "UC withheld",
            "SAR withheld",
        ],
        "two-clocks": [
            "two-clocks, as of 2026-11-20",
            "UC eligible (on the published criteria only)",
            "SAR ineligible, conflicts: SAR.E7h; SAR.E7i",
        ],
        "undetermined": [
            "undetermined, as of 2026-11-20",
            "UC undetermined, find out: cd123_flow_positive + cns_leukemia_active; cd123_flow_positive + cns_status",
            "SAR undetermined, find out: cns_leukemia_active; cns_status",
        ],
    }


# --- one matcher, many users -------------------------------------------------------------------------------------------


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads give way to one another all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("search", [True, False], ids=["with search", "solver alone"])
@pytest.mark.parametrize("apart", [0, 1, pytest.param(3, marks=pytest.mark.slow)])
def test_one_matcher_serves_threads(
    library: Library, records: list[Record], answers: list[MatchAnswer], search: bool, apart: int
) -> None:
    """Four threads with a new matcher, on the same record at once or on different ones: each answer is that of a matcher
    alone.
    """
    cases = [(r, a) for r, a in zip(records, answers, strict=True) if r.facts]
    if WIDER == 1:  # half of the examples with the search, the others without
        cases = cases[1::2] if search else cases[::2]
    matcher, start = Matcher(library, search=search), Barrier(4)

    def work(thread: int) -> list[str]:
        start.wait()
        turned = cases[apart * thread :] + cases[: apart * thread]
        return [record.id for record, answer in turned if matcher.match(record) != answer]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [[]] * 4


def test_a_memory_that_is_full_changes_nothing(
    library: Library, records: list[Record], answers: list[MatchAnswer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a matcher remembers is dropped once it is much, again and again, while threads use it."""
    monkeypatch.setattr("solver.engine.evidence.MEMORY", 3)
    matcher = Matcher(library)
    cases = [(r, a) for r, a in zip(records, answers, strict=True) if r.facts]

    def work(_: int) -> list[str]:
        return [record.id for record, answer in cases if matcher.match(record) != answer]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [[]] * 4
    assert len(matcher.memory.implied) < 10


def test_no_object_of_the_solver_waits_for_the_garbage_collector(
    library: Library, records: list[Record]
) -> None:
    """The solver's objects are freed in the thread that made them: a collection, which may run in any thread, finds none."""
    matcher = Matcher(library, search=False)
    gc.collect()
    gc.freeze()  # what is there stays, and is not looked through again
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for record in records:
            matcher.match(record, ["SAR"])
        gc.collect()
        assert [
            x for x in gc.garbage if type(x).__module__ == "solver.smt.libz3" and not isinstance(x, type)
        ] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copied_matcher_remembers_nothing(
    library: Library, records: list[Record], answers: list[MatchAnswer], copied: Callable[[Matcher], Matcher]
) -> None:
    """What a matcher remembers goes by the identity of objects, so that a copy begins anew; its settings are kept."""
    matcher = Matcher(library, budget=Budget(steps=10_000_000), search=False)
    assert matcher.match(records[1]) == answers[1]
    assert matcher.memory.implied
    other = copied(matcher)
    assert (other.memory.implied, other.memory.proved) == ({}, set())
    assert (other.budget, other.search, other.library) == (matcher.budget, False, library)
    assert other.match(records[1]) == answers[1]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_share_a_matcher(
    library: Library, records: list[Record], answers: list[MatchAnswer], method: str
) -> None:
    """The bound method of a matcher that has worked goes to other processes, forked ones too, and records and answers back
    and forth.
    """
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("not on this system")
    matcher = Matcher(library, search=False)
    matcher.match(records[1])
    cases = [(r, a) for r, a in zip(records, answers, strict=True) if r.facts]
    with multiprocessing.get_context(method).Pool(2) as pool:
        found = pool.map(matcher.match, [record for record, _ in cases])
    assert found == [answer for _, answer in cases]


def test_matchers_do_not_disturb_one_another(
    library: Library, records: list[Record], answers: list[MatchAnswer], tmp_path: Path
) -> None:
    """Matchers with different libraries, used in turn, answer as if each were alone: nothing is shared."""
    for part in ("vocabulary", "theory", "concepts", "trials"):
        (tmp_path / part).mkdir()
        for path in (ROOT / "encodings" / part).glob("*.yaml"):
            text = path.read_text(encoding="utf-8")
            if path.stem == "ro":
                assert "first_dose) >= 90\n" in text
                text = text.replace("first_dose) >= 90\n", "first_dose) >= 60\n")
            (tmp_path / part / path.name).write_text(text, encoding="utf-8")
    changed = load_library(tmp_path, cached=False)
    assert changed.digest != library.digest
    alone = [Matcher(changed).match(read_record(path, changed), ["RO"]) for path in EXAMPLES]
    one, other = Matcher(library), Matcher(changed)
    differ = set()
    for path, record, answer, expected in zip(EXAMPLES, records, answers, alone, strict=True):
        if not record.facts:
            continue
        assert one.match(record) == answer
        assert other.match(read_record(path, changed), ["RO"]) == expected
        assert one.match(record) == answer
        before = next(trial for trial in answer.trials if trial.code == "RO")
        if before != expected.trials[0]:
            differ.add(record.id)
    assert "two-clocks" in differ


def test_the_package_is_imported_without_the_solver() -> None:
    """`import solver`, loading the library and reading a record import neither z3 nor pydantic."""
    code = (
        "import sys, solver; library = solver.load_library(); solver.read_record({'as_of': '2026-11-20'}, library);"
        "solver.Matcher(library); print([name for name in ('z3', 'pydantic', 'rich') if name in sys.modules])"
    )
    load_library()  # so that it is compiled
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
