"""The brief page: its budgets over examples and drawn records, what stands where, and that what it folds is counted.

`UPDATE_GOLDEN=1 python -m pytest tests/questions/match/test_brief_page.py` (or `make golden`) writes the expected pages again.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cli
from solver.engine.answer import AnswerWarning
from solver.library.beside import CLOSED
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer
from solver.questions.match.brief_page import brief_match_page
from solver.questions.match.row_reasons import row_reason
from solver.report.head import ORDER
from tests.support.drawing.drawn import drawn
from tests.support.records.examples import EXAMPLES, answered_once
from tests.support.records.solved import CONTRADICTORY, DATED, LIBRARY, RECORDS, match
from tests.support.records.worked import case_record, labelled_cases

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"
CASES = {case["id"]: case for case in labelled_cases()}

MATCHERS: dict[tuple[Any, ...], Matcher] = {}

Json = dict[str, Any]


def run(*arguments: str, stdin: str | None = None) -> tuple[str, str, int]:
    """Standard output, standard error and exit code of a command, as in a pipe."""
    with answered_once():
        found = CliRunner().invoke(
            cli.verbs, list(arguments), input=stdin, env={"COLUMNS": "80"}, standalone_mode=False
        )
    return found.stdout, found.stderr, int(found.return_value or 0)


def answered(library: Library, record: Json, **options: Any) -> tuple[MatchAnswer, Record]:
    """The answer for a record; a matcher is used for one record after another."""
    read, key = record_from(record, library), (id(library), *sorted(options.items()))
    if key not in MATCHERS:
        MATCHERS[key] = Matcher(library, **options)
    return MATCHERS[key].match(read), read


def page(library: Library, record: Json, width: int = 80, **options: Any) -> str:
    """The brief page on a record, with the line on decision support and the empty one above it."""
    answer, read = answered(library, record, **options)
    return brief_match_page(answer, read, library, width).plain() + "\nDecision support\n"


def person(**facts: Any) -> Json:
    """A record with these facts."""
    return {"id": "p", "as_of": "2026-11-20", "facts": facts}


def rows(text: str) -> list[str]:
    """The lines of the table that begin with the code of a trial."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("trial "))
    table = lines[start + 1 :]
    return [line for line in table[: table.index("")] if not line.startswith(" ")] if "" in table else table


def in_budget(text: str, trials: int = 6) -> bool:
    """Whether a page keeps to its lines and columns."""
    lines = text.splitlines()
    return len(lines) <= 24 + 2 * max(0, trials - 6) and max(map(len, lines)) <= 80


# --- the budgets


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_page_of_an_example_is_as_reviewed(example: str) -> None:
    """At most 24 lines of 80 columns, in a pipe as well, byte for byte."""
    out, _, code = run(f"examples/{example}.json")
    assert code == 0
    assert in_budget(out)
    path = GOLDEN / "brief" / f"{example}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(out, encoding="utf-8")
    assert out == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_worked_case_fits_a_screen(library: Library, name: str) -> None:
    """So does every worked case."""
    assert in_budget(page(library, case_record(CASES[name])))


@given(st.one_of(RECORDS, CONTRADICTORY), st.sets(st.sampled_from(sorted(LIBRARY.policies))))
@drawn(40)
def test_a_drawn_record_fits_a_screen(library: Library, record: Json, assume: set[str]) -> None:
    """So does any record, whatever it says and with whatever policies."""
    assert in_budget(page(library, record, assume=tuple(sorted(assume)) or ()))


@pytest.fixture(scope="module")
def man(library: Library) -> tuple[MatchAnswer, Record]:
    """The answer on a man of whom only the diagnosis is recorded."""
    return answered(library, person(sex="M", diagnosis="AML"))


@given(st.integers(1, 90), st.integers(1, 40))
@drawn(60)
def test_long_names_and_narrow_terminals_keep_to_the_columns(
    library: Library, man: tuple[MatchAnswer, Record], length: int, more: int
) -> None:
    """Of a long id both ends are told, and a narrow page has more lines, none of them wider than it."""
    answer, record = dataclasses.replace(man[0], patient="x" * length), man[1]
    wide = brief_match_page(answer, record, library, 80).plain() + "\nDecision support\n"
    assert in_budget(wide)
    assert f"Patient {'x' * min(length, 10)}" in wide
    narrow = brief_match_page(answer, record, library, 50 + more).plain()
    assert max(map(len, narrow.splitlines())) <= 50 + more


def test_everything_at_once_keeps_to_the_lines(library: Library) -> None:
    """Five facts about safety, policies, other readings and undetermined trials leave room for each other, and none is lost."""
    names = [name for name, variable in library.variables.items() if variable.safety]
    record = person(**dict.fromkeys(names, True), planned_c1d1_date="2026-12-24", birth_date="1990", sex="F")
    record["context"] = {"readings": ["AMB-SAR-3", "AMB-RO-17"], "open_cohorts": {"SAR": ["EXP"]}}
    text = page(library, record, assume=("not-known", "consent-given"))
    assert in_budget(text)
    safety = " ".join(line for line in text.splitlines() if line.startswith("Safety: "))
    assert len(names) == 5
    for name in names:
        assert library.variables[name].label in safety


# --- what stands where


def test_the_patient_comes_first_and_safety_before_the_trials(library: Library) -> None:
    """The first line is `Patient ID, as of DAY`, the next one the headline, then a line for each fact about safety."""
    facts = {"birth_date": "1990-01-01", "sex": "F", "diagnosis": "AML", "ecog": 1}
    lines = page(library, person(**facts, pregnant=True, breastfeeding=True)).splitlines()
    assert lines[0] == "Patient p, as of 2026-11-20"
    assert lines[1] == "36 F, AML, ECOG 1"
    assert lines[2].startswith("Safety: pregnant - ")
    assert lines[3] == "Safety: breast-feeding"
    assert not any(line.startswith("Safety:") for line in page(library, person(pregnant=False)).splitlines())


def test_a_notice_about_safety_that_no_fact_tells_has_a_line(library: Library) -> None:
    """A notice that a trial marks so, of something that the vocabulary does not, stands there with its trial."""
    trial = library.trials["RO"]
    notice = dataclasses.replace(trial.notices[0], safety=True)
    changed = library.with_trial(dataclasses.replace(trial, notices=(notice, *trial.notices[1:])))
    assert f"Safety: {notice.text[:20]}" in page(changed, person())


def test_a_contradictory_record_says_so_before_the_table_and_gets_no_advice(library: Library) -> None:
    """The two facts stand in the line; no trial has a verdict or a step."""
    text = page(library, person(sex={"value": "M", "source": "registration"}, pregnant=True))
    before, after = text.split("trial ")
    assert "contradicts itself" in before
    assert "sex M (registration); pregnant: yes" in " ".join(before.split())
    assert all(" withheld " in row for row in rows(text))
    assert " first:" not in after


@given(RECORDS)
@drawn(30)
def test_trials_are_sorted_by_whether_they_may_be_open_and_then_by_verdict(
    library: Library, record: Json
) -> None:
    """Recruiting and authorised ones, then those of which it is unknown, then the closed ones; within these by verdict."""
    answer, read = match(record, matcher=DATED), record_from(record, library)
    text = brief_match_page(answer, read, library, 80).plain()
    order = sorted(
        answer.trials,
        key=lambda each: (
            2 if each.recruitment in CLOSED else each.recruitment == "unknown",
            ORDER.index(each.verdict),
        ),
    )
    assert [row.split()[0] for row in rows(text)] == [trial.code for trial in order]
    for trial, row in zip(order, rows(text), strict=True):
        assert re.match(rf"{trial.code} +{trial.verdict}\b", row)
        assert trial.recruitment.replace("_", " ") in row
        assert ("closed" in row) or trial.recruitment not in CLOSED


@given(RECORDS)
@drawn(40)
def test_undetermined_trials_that_may_be_open_say_what_to_find_out_first(
    library: Library, record: Json
) -> None:
    """One line each, and none for a closed or a settled trial."""
    answer, read = match(record, matcher=DATED), record_from(record, library)
    text = brief_match_page(answer, read, library, 80).plain()
    asked = [line.split(" first: ")[0] for line in text.splitlines() if " first: " in line]
    wanted = {
        trial.code
        for trial in answer.trials
        if trial.verdict == "undetermined" and trial.recruitment not in CLOSED
    }
    assert sorted(asked) == sorted(wanted)
    for trial in answer.trials:
        assert (trial.first is None) or trial.code in wanted


def test_a_trial_whose_cohorts_that_may_fit_are_closed_asks_for_nothing(library: Library) -> None:
    """The row says that it is closed for this patient, and its line that there is nothing to find out."""
    record = case_record(CASES["V01"])
    facts = {name: fact for name, fact in record["facts"].items() if name != "diagnosis_confirmed"}
    facts = {**facts, "kmt2a_rearranged": False, "npm1_mutated": False, "meis1_linked_mutation": False}
    text = page(library, {**record, "facts": facts})
    (row,) = [row for row in rows(text) if row.startswith("K001")]
    assert "authorised (closed)" in row
    assert "K001 first: nothing, every cohort that may fit is closed" in text


# --- contents


def first(text: str, code: str) -> str:
    """The line that says what to find out first for a trial."""
    return next(line for line in text.splitlines() if line.startswith(f"{code} first: "))


def test_the_first_thing_says_how_and_what_it_does() -> None:
    """The investigator is asked before anybody is punctured, and the answer that ends the trial is named."""
    out, _, _ = run("examples/undetermined.json")
    begins = "UC first: ask the investigator - active CNS leukaemia: yes ends it"
    assert first(out, "UC") == f"{begins}; then 1 more"


def test_a_count_of_none_is_told_in_words(library: Library) -> None:
    """That there was no transplant is no number of transplants."""
    words = library.variables["prior_hsct_count"].zero
    assert words == "no transplant so far"


def test_an_eligible_trial_with_unpublished_criteria_is_never_plainly_eligible(library: Library) -> None:
    """The row says that only published criteria are met."""
    out, _, _ = run("examples/several-trials.json")
    for row in rows(out):
        if row.startswith(("K001", "UC")):
            assert "published criteria only" in row


def test_the_reason_counts_what_it_leaves_out(library: Library) -> None:
    """Of several conflicts the first is told, and how many there are besides."""
    answer, _ = answered(library, person(birth_date="1990-01-01", diagnosis="MDS", sex="M"))
    (zped,) = [trial for trial in answer.trials if trial.code == "ZPED"]
    text = page(library, person(birth_date="1990-01-01", diagnosis="MDS", sex="M"))
    row = " ".join(text[text.index("\nZPED") :].split("\n\n")[0].split())
    shown = 1 + sum(library_label in row for library_label in _labels(library, zped.conflicts[1:]))
    more = len(zped.conflicts) - shown
    assert more == 0 or f"+{more} more" in row


def _labels(library: Library, conflicts: Sequence[Sequence[str]]) -> list[str]:
    """The labels of single clauses that conflict."""
    labels = {clause.id: clause.label for trial in library.trials.values() for clause in trial.clauses}
    return [labels[conflict[0]] for conflict in conflicts]


def test_days_that_matter_stand_in_the_row() -> None:
    """From when the patient is eligible if only time passes is told before the reason."""
    out, _, _ = run("examples/two-clocks.json")
    (row,) = [row for row in rows(out) if row.startswith("RO")]
    assert "eligible from 2026-12-08" in row


def test_policies_stand_in_the_head_and_at_the_verdict(library: Library) -> None:
    """What was assumed is never left out of a verdict that rests on it."""
    out, _, _ = run("examples/short-chart.json", "--assume", "history-absent")
    assert "Policies in force: history-absent." in out
    record = case_record(CASES["V01"])
    facts = {name: fact for name, fact in record["facts"].items() if name != "prior_car_t"}
    text = page(library, {**record, "facts": facts}, assume=tuple(library.policies))
    assert all(re.search(r"eligible, assuming|undetermined, assuming", row) for row in rows(text))
    assert in_budget(text)
    assert re.search(r"\d+ assumptions to tick", run("examples/short-chart.json", "--prescreen")[0])


def test_a_verdict_without_a_clause_is_never_plain() -> None:
    """The clause that was left out stands in the head, at the verdict, and where the trials that fit are named."""
    out, _, _ = run("examples/several-trials.json", "--without", "RO.I4", "--prescreen")
    (row,) = [row for row in rows(out) if row.startswith("RO")]
    assert "eligible without RO.I4, assuming" in row
    assert "Left out: RO.I4." in out
    assert "RO without RO.I4" in " ".join(out.split())
    assert in_budget(out)


def test_a_warning_does_not_vanish(library: Library) -> None:
    """Warnings are counted, and the first is told; facts that were rejected stand above the trials."""
    answer, read = answered(library, person(sex="M"))
    warned = dataclasses.replace(
        answer,
        warnings=(
            AnswerWarning(code="x", text="something is odd"),
            AnswerWarning(code="y", text="and something else " * 10),
            AnswerWarning(code="rejected-fact", text="this was no fact"),
        ),
    )
    text = brief_match_page(warned, read, library, 80).plain()
    assert "2 warnings (--full): something is odd, " in text
    before, _ = text.split("trial ")
    assert "REJECTED, and not used" in before
    assert "this was no fact" in before


def test_a_trial_that_is_kept_as_text_says_how_much_is_encoded(library: Library) -> None:
    """What would settle it is not asked for, since nothing does."""
    answer, read = answered(library, person(sex="M"))
    trials = tuple(
        dataclasses.replace(trial, wants_logic=True, deciding_sets=(), missing=(), first=None, then=())
        for trial in answer.trials
    )
    text = brief_match_page(dataclasses.replace(answer, trials=trials), read, library, 80).plain()
    encoded = str(answer.trials[0].encoded)
    assert encoded in " ".join(text.split())
    assert f"{answer.trials[0].code} first: nothing settles it - {encoded}" in text


def test_what_is_folded_is_named_with_the_option_that_shows_it(library: Library) -> None:
    """Other readings, criteria that are not judged, assumptions and values close to a limit are counted."""
    for name in sorted(CASES)[::5]:
        answer, read = answered(library, case_record(CASES[name]))
        text = " ".join(brief_match_page(answer, read, library, 80).plain().split())
        assert "(--full): " in text
        other = [trial.code for trial in answer.trials if trial.readings]
        assert not other or "other readings change " in text


def test_one_trial_alone_has_the_same_page(library: Library) -> None:
    """Named trials stand in the table, and no others."""
    out, _, _ = run("examples/undetermined.json", "--trials", "UC")
    assert [row.split()[0] for row in rows(out)] == ["UC"]
    assert in_budget(out)


def test_the_whole_page_is_one_option_away() -> None:
    """`--full` is the whole page, as it is reviewed at its own place."""
    for example in EXAMPLES:
        out, _, _ = run(f"examples/{example}.json", "--full")
        assert out.startswith((GOLDEN / f"{example}.txt").read_text(encoding="utf-8").rstrip("\n"))


def test_the_engine_that_gave_up_is_no_other_answer(library: Library) -> None:
    """A trial that is not decided says so, and asks for nothing."""
    answer, read = answered(library, person(sex="M"))
    trials = tuple(
        dataclasses.replace(trial, verdict="unresolved", deciding_sets=(), first=None, then=())
        for trial in answer.trials
    )
    text = brief_match_page(dataclasses.replace(answer, trials=trials), read, library, 80).plain()
    assert " first:" not in text
    assert all("unresolved" in row for row in rows(text))
    assert "not decided within the solver's budget" in " ".join(text.split())


def test_thirty_trials_take_two_lines_each_at_most(library: Library) -> None:
    """The budget grows with the trials; every one has its row, and those that are asked about their line."""
    record = record_from(person(sex="M"), library)
    answer = Matcher(library).match(record)
    codes = {f"{trial.code}X{i}": trial for i in range(5) for trial in answer.trials}
    codes |= {"L" * 50: answer.trials[0]}
    many = library
    for code, trial in codes.items():
        many = many.with_trial(dataclasses.replace(library.trials[trial.code], code=code))
    trials = tuple(dataclasses.replace(trial, code=code) for code, trial in codes.items())
    text = brief_match_page(dataclasses.replace(answer, trials=trials), record, many, 80).plain()
    assert in_budget(text + "\n\n", len(trials))
    assert len(rows(text)) == len(trials)
    open_ones = [trial for trial in trials if trial.recruitment not in CLOSED]
    assert text.count(" first: ") == len(open_ones)


def test_each_reason_is_laid_out_twice_however_many_trials_there_are(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In short and at length; the page then takes as many of the long ones as there is room for."""
    answer, read = answered(library, person(sex="M"))
    trials = tuple(
        dataclasses.replace(trial, code=f"{trial.code}X{i}") for i in range(10) for trial in answer.trials
    )
    many = library
    for trial in trials:
        shown = library.trials[trial.code.partition("X")[0]]
        many = many.with_trial(dataclasses.replace(shown, code=trial.code))
    laid_out: list[tuple[str, int]] = []

    def counted(trial: Any, words: Any, as_of: str, width: int, most: int) -> str:
        laid_out.append((trial.code, most))
        return row_reason(trial, words, as_of, width, most)

    monkeypatch.setattr("solver.questions.match.brief_page.row_reason", counted)
    brief_match_page(dataclasses.replace(answer, trials=trials), read, many, 80)
    assert sorted(laid_out) == sorted((trial.code, most) for trial in trials for most in (1, 2))
