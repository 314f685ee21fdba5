"""The work that `match check` and `match diff` may do is counted: what was left undecided is said, and said the same each time."""

from __future__ import annotations

import json
from pathlib import Path

from solver.library.models import Library
from solver.questions.check.answer import CheckAnswer
from solver.questions.check.ask import check
from solver.questions.check.page import check_page
from solver.questions.diff.ask import compare
from solver.questions.diff.page import diff_page
from solver.report.json import json_text
from solver.work import Budget
from tests.questions.check.test_ask import TRIALS, source

UC = (TRIALS / "uc.yaml").read_text()
LITTLE = 20_000


def checked(library: Library, work: int) -> CheckAnswer:
    """A trial checked with so much work."""
    return check(library, [source(UC, library)], budget=Budget(work=work))


def test_what_no_work_was_left_for_is_one_finding(library: Library) -> None:
    """It says how many questions are open; nothing that is acknowledged is told to be gone; more work finds what is left."""
    whole, cut = checked(library, 10**9), checked(library, LITTLE)
    assert not [each for each in whole.findings if each.kind == "undecided"]
    (open_,) = (each for each in cut.findings if each.kind == "undecided")
    assert "The work that is allowed ran out: it was not decided whether" in open_.text
    assert "further questions" in open_.text
    assert not [each for each in cut.findings if each.kind == "stale-acknowledgement"]
    assert {each.fingerprint for each in cut.findings} - {open_.fingerprint} <= {
        each.fingerprint for each in whole.findings
    }
    assert "nor " in " ".join(check_page(cut, library, 80).plain().split())
    assert cut.has_any("warning")


def test_a_cut_answer_is_the_same_again_and_after_other_trials(library: Library) -> None:
    """What is found of a trial hangs on its own file alone."""
    first = json_text(checked(library, LITTLE))
    assert json_text(checked(library, LITTLE)) == first
    k001 = source((TRIALS / "k001.yaml").read_text(), library, "k001.yaml")
    both = check(library, [k001, source(UC, library)], budget=Budget(work=LITTLE))
    alone = json.loads(first)["findings"]
    assert [each for each in json.loads(json_text(both))["findings"] if each["trial"] == "UC"] == alone


def test_a_comparison_without_work_is_unresolved(library: Library) -> None:
    """On the page and in the JSON; nobody is said to be admitted or shut out."""
    texts = (UC.replace("<= age <= 65", f"<= age <= {most}") for most in (65, 60))
    before, after = (source(text, library).trial for text in texts)
    found = compare(library, before, after, budget=Budget(work=50))
    assert json.loads(json_text(found))["relation"] == found.relation == "unresolved"
    assert "not decided" in " ".join(diff_page(found, library, 80).plain().split())
    assert compare(library, before, after).relation == "stricter"


def test_a_trial_of_many_clauses_ends(library: Library, tmp_path: Path) -> None:
    """As many as a file may have are looked at within the work that is allowed."""
    more = "".join(
        f"  - id: X{i}\n    label: Added\n    source: S\n    class: objective\n    changes: test\n"
        f"    require: ecog <= {i % 5} or age >= {i} or (creatinine_clearance >= {i} mL/min and not prior_car_t)\n"
        for i in range(60)
    )
    found = check(library, [source(f"{UC.rstrip()}\n{more}", library)], budget=Budget(work=300_000))
    assert [each.kind for each in found.findings].count("undecided") == 1
