"""`match check`: what is found in small files, in faults put into copies of the shipped files, and how it is shown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

import cli
from solver.errors import InputError
from solver.library.beside import FindingKind
from solver.library.files.yaml_places import parse_document, read_document
from solver.library.load import load_library
from solver.library.models import Library
from solver.library.trial_files import compile_trial
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.check.answer import RULES, Finding
from solver.questions.check.ask import check
from solver.questions.check.findings_log import FindingsLog
from solver.questions.check.proofs import Prover
from solver.questions.check.rules.polarity import check_polarity
from solver.questions.check.trial_view import Source, TrialView
from solver.questions.schema.ask import schema
from solver.smt.session import Budget

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
TRIALS = ROOT / "encodings" / "trials"
EXAMPLES = ROOT / "examples" / "trials"
GOLDEN = Path(__file__).parent / "golden"
SMALL = load_library(HERE / "encodings", cached=False)
FILES = sorted([*HERE.glob("bad/*.yaml"), *HERE.glob("good/*.yaml")])
ELSEWHERE = {"undecided", "unused"}
"""Kinds of findings that no small file can have."""

Named = tuple[str, frozenset[str]]


def source(text: str, library: Library, name: str = "t.yaml") -> Source:
    """The trial of a text, as it is checked."""
    document = parse_document(text, name)
    return Source(compile_trial(document, library), document, name)


def named(findings: Sequence[Finding]) -> list[Named]:
    """Each finding by its kind and its clauses."""
    return sorted((f.kind, frozenset(f.mentioned)) for f in findings)


def declared(path: Path) -> list[Named]:
    """What the comments of a small file say is to be found in it."""
    lines = [line[9:].split() for line in path.read_text().splitlines() if line.startswith("# finds:")]
    return sorted((kind, frozenset(clauses)) for kind, *clauses in lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_small_file_has_the_findings_that_its_comments_declare(path: Path) -> None:
    """A bad file has these findings and no others; its good neighbour, without the fault, has none."""
    assert (path.parent.name == "bad") is bool(declared(path))
    assert named(check(SMALL, [source(path.read_text(), SMALL)]).findings) == declared(path)


def test_every_kind_has_a_bad_file_and_every_bad_file_a_good_neighbour() -> None:
    """Whatever can be found in one trial is found in some small file, and not in the same file without the fault."""
    kinds = {kind for path in HERE.glob("bad/*.yaml") for kind, _ in declared(path)}
    assert kinds | ELSEWHERE == set(get_args(FindingKind)) == set(RULES)
    assert {path.name for path in HERE.glob("bad/*")} == {path.name for path in HERE.glob("good/*")}


# the shipped files, and faults put into copies of them

SEEDS: list[tuple[str, str, str, FindingKind]] = [
    ("ro", "require: pb_blasts_abs <= 20000 /uL", "require: pb_blasts_abs <= 20000 /uL or pb_blasts_abs > 0 /uL", "vacuous"),
    ("uc", "require: 18 <= age <= 65", "require: age >= 18 or age <= 65", "vacuous"),
    ("k001", "require: relapsed_or_refractory", "require: relapsed_or_refractory or disease_status != relapsed", "vacuous"),
    ("k017", "require: not bcr_abl1", "require: bcr_abl1", "polarity"),
    ("ro", "require: not apl", "require: apl", "polarity"),
    ("ro", "require: not (cns_leukemia_active or", "require: (cns_leukemia_active or", "polarity"),
    ("ro", "require: hepatitis_clearance_serology", "require: not hepatitis_clearance_serology", "polarity"),
    ("ro", "    require: not gvhd_active", "    require: gvhd_active", "polarity"),
    ("sar", "if age >= 18 then ecog <= 2", "if age >= 18 then ecog >= 2", "polarity"),
    ("uc", "first_dose >= anti_cd20_last_date", "first_dose < anti_cd20_last_date", "polarity"),
    ("ro", "when: hepatitis_history", "when: not hepatitis_history", "polarity"),
    ("ro", "require: ecog <= 2", "require: ecog >= 2", "polarity"),
    ("ro", "require: creatinine_clearance >= 50", "require: creatinine_clearance <= 50", "polarity"),
    ("uc", "when: anti_cd20_ever", "when: not anti_cd20_ever", "polarity"),
    ("uc", "(cns_leukemia_active or cns_leukemia_history)", "(cns_leukemia_active or not cns_leukemia_history)", "polarity"),
    ("zped", "require: age <= 21", "require: age <= 10 or 12 <= age <= 21", "gap"),
    ("k017", "require: age >= 18", "require: age > 60 or 18 <= age < 60", "gap"),
    ("ro", "(bm_blasts_pct >= 5 % or pb_blasts_abs > 0 /uL)", "bm_blasts_pct >= 20 %", "gap"),
    ("ro", "days_between(last_hsct_date, first_dose) >= 90", "days_between(last_hsct_date, first_dose) != 130", "gap"),
    ("uc", "    require: 18 <= age <= 65", "    cohorts:\n      ESC: 18 <= age <= 40\n      EXP: 45 <= age <= 65", "gap"),
    ("ro", "unless: salvage_attempts >= 2", "unless: salvage_attempts >= 2 and apl", "dead-exception"),
    ("ro", "when: hepatitis_history", "when: active_hbv and hepatitis_clearance_serology", "dead-exception"),
    ("zped", "or npm1_mutated", "or npm1_mutated or (npm1_mutated and sex == F)", "dead-exception"),
    ("uc", "when: anti_cd20_ever", "when: anti_cd20_ever and age < 12", "dead-exception"),
    ("ro", "days_between(last_hsct_date, first_dose) >= 90", "days_between(first_dose, last_hsct_date) >= 90", "impossible-window"),
    ("ro", "days_between(last_hsct_date, first_dose) >= 90", "days_between(last_hsct_date, first_dose) >= 90000", "implausible-threshold"),
    ("ro", "pb_blasts_abs <= 20000 /uL", "pb_blasts_abs <= 20 /uL", "implausible-threshold"),
    ("ro", "creatinine_clearance >= 50 mL/min", "creatinine_clearance >= 50 L/min", "implausible-threshold"),
    ("ro", "creatinine_clearance >= 50 mL/min", "creatinine_clearance >= 0.05 mL/min", "implausible-threshold"),
    ("uc", "bm_blasts_pct > 5 %", "bm_blasts_pct > 5000 %", "implausible-threshold"),
    ("k001", "age >= 18", "age >= 18000", "implausible-threshold"),
    ("k017", "flt3_itd_allelic_ratio < 0.05", "flt3_itd_allelic_ratio < 50", "implausible-threshold"),
    ("k017", "flt3_itd_allelic_ratio < 0.05", "flt3_itd_allelic_ratio < 49.9", "implausible-threshold"),
    ("k017", "flt3_itd_allelic_ratio < 0.05", "flt3_itd_allelic_ratio <= 50", "implausible-threshold"),
]  # fmt: skip


def clause(name: str, require: str, when: str = "") -> str:
    """A further clause, to stand at the end of a file."""
    guard = f"    when: {when}\n" if when else ""
    head = f"  - id: {name}\n    label: Seeded\n    source: S inclusion 99\n    class: objective\n    changes: never\n"
    return f"\n{head}{guard}    require: {require}\n"


FURTHER: list[tuple[str, str, FindingKind]] = [
    ("ro", clause("X", "not ecog > 2"), "redundant"),
    ("ro", clause("X", "first_dose >= last_hsct_date + 90 d", "prior_hsct_count > 0"), "redundant"),
    ("ro", clause("X", "not creatinine_clearance < 50 mL/min"), "redundant"),
    ("uc", clause("X", "not (anti_cd20_ever and first_dose < anti_cd20_last_date + 3 mo)"), "redundant"),
    ("zped", clause("X", "disease_status == relapsed or disease_status == refractory"), "redundant"),
    ("ro", clause("X", "age < 18"), "unsatisfiable"),
    ("uc", clause("X", "prior_car_t"), "excluded-and-required"),
    ("k001", clause("X", "diagnosis == AML"), "excluded-and-required"),
    ("sar", clause("X", "not cd123_positive", "diagnosis == MDS"), "contradictory"),
]


@pytest.fixture(scope="module")
def shipped_prover(library: Library) -> Prover:
    """Every patient in the shipped words."""
    return Prover(library)


@pytest.fixture(scope="module")
def shipped(library: Library) -> tuple[Finding, ...]:
    """What is found in the shipped files."""
    sources = [
        Source(trial, read_document(TRIALS / trial.file, trial.file), trial.file)
        for trial in library.trials.values()
    ]
    return check(library, sources).findings


def fresh(text: str, library: Library, shipped: Sequence[Finding]) -> list[Finding]:
    """What is found in a changed copy of a shipped file and not in the file itself."""
    own = {f.fingerprint for f in shipped}
    return [f for f in check(library, [source(text, library)]).findings if f.fingerprint not in own]


@pytest.mark.parametrize(("code", "old", "new", "kind"), SEEDS, ids=lambda value: str(value)[:40])
def test_a_fault_put_into_a_copy_is_found_as_what_it_is_and_once(
    code: str, old: str, new: str, kind: FindingKind, library: Library, shipped: tuple[Finding, ...]
) -> None:
    """One fault gives one finding, of its kind."""
    text = (TRIALS / f"{code}.yaml").read_text()
    assert old in text
    found = fresh(text.replace(old, new, 1), library, shipped)
    assert [f.kind for f in found] == [kind]
    assert all(f.acknowledged is None for f in found)


@pytest.mark.parametrize(("code", "more", "kind"), FURTHER, ids=lambda value: str(value)[-40:].strip())
def test_a_clause_put_into_a_copy_is_found_as_what_it_is_and_once(
    code: str, more: str, kind: FindingKind, library: Library, shipped: tuple[Finding, ...]
) -> None:
    """A clause that says what others say, or the contrary, gives one finding, which names it."""
    found = fresh((TRIALS / f"{code}.yaml").read_text().rstrip() + more, library, shipped)
    assert [f.kind for f in found] == [kind]
    assert f"{code.upper()}.X" in found[0].mentioned


TURNED = [
    ("and first_dose < autoimmune_last_active_date + 60 mo)", "and first_dose >= autoimmune_last_active_date + 60 mo)"),
    ("and not other_malignancy_hormonal_only", "and other_malignancy_hormonal_only"),
    ("and not autoimmune_exempt_only", "and autoimmune_exempt_only"),
    ("unless: age < 18 and cns_status in {CNS1, CNS2}", "unless: not (age < 18 and cns_status in {CNS1, CNS2})"),
    ("not (other_malignancy_invasive and", "not (not other_malignancy_invasive and"),
    ("not (autoimmune_systemic_is and", "not (not autoimmune_systemic_is and"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), TURNED, ids=lambda value: str(value)[:40])
def test_a_part_of_an_exclusion_the_wrong_way_round_is_found(
    old: str, new: str, library: Library, shipped_prover: Prover
) -> None:
    """Among several things that an exclusion speaks of, the one that helps a patient who has it, or has it worse, is named."""
    text = (TRIALS / "sar.yaml").read_text()
    view = TrialView(library, source(text.replace(old, new, 1), library))
    before = TrialView(library, source(text, library))
    for given, finds in ((before, False), (view, True)):
        log = FindingsLog(given)
        for criterion in given.criteria:
            check_polarity(shipped_prover, log, criterion)
        assert [f.kind for f in log.findings] == ["polarity"] * finds


EVENTS = [
    ("ever(hma)", "having ever(hma)"),
    ("current(hma)", "having current(hma)"),
    ("within(hma, 28 d)", "a later last_end(hma)"),
    ("times(hma) > 1", "a higher times(hma)"),
    ("diagnosis is CML", "only patients with"),
]


@pytest.mark.parametrize(("turned", "words"), EVENTS, ids=[turned for turned, _ in EVENTS])
def test_an_exclusion_of_events_the_wrong_way_round_is_found(
    turned: str, words: str, library: Library
) -> None:
    """It is worse to have had an event, to have it still, and to have had it often; and no exclusion keeps a single disease."""
    text = (EXAMPLES / "NCT02367456.yaml").read_text()
    assert text.count("require: not ever(hma)") == 1
    for asked, finds in ((f"not ({turned})", False), (turned, True)):
        given = source(text.replace("not ever(hma)", asked), library)
        alone = library.with_trial(given.trial).asking(given.trial.code)
        view = TrialView(alone, given)
        log = FindingsLog(view)
        (changed,) = (each for each in view.criteria if each.id == "GLASAZA.E3b")
        check_polarity(Prover(alone), log, changed)
        assert [words in f.text for f in log.findings] == [True] * finds


PROVED = [
    ("sar", "qtcf > 0.48 s", "sex == F", "SAR.E13"),
    ("uc", "days_between(anti_cd20_last_date, first_dose) <= 60", "anti_cd20_ever", "UC.E4"),
]


@pytest.mark.parametrize(("code", "require", "when", "other"), PROVED, ids=lambda value: str(value)[:20])
def test_a_sign_never_hides_a_proof(
    code: str, require: str, when: str, other: str, library: Library, shipped: tuple[Finding, ...]
) -> None:
    """An exclusion that looks the wrong way round and contradicts another clause is told as both, the contradiction with its core."""
    more = clause("X", require, when).replace("inclusion 99", "exclusion 99")
    found = fresh((TRIALS / f"{code}.yaml").read_text().rstrip() + more, library, shipped)
    assert {(f.severity, f.kind, f.core) for f in found} == {
        ("error", "contradictory", (other,)),
        ("warning", "polarity", ()),
    }


def test_a_suspect_clause_that_shuts_the_trial_is_an_error_with_its_core(
    library: Library, shipped: tuple[Finding, ...]
) -> None:
    """The finding names the clauses beside which nobody can enter."""
    text = (TRIALS / "ro.yaml").read_text().rstrip()
    more = clause("X", "apl").replace("Seeded", "No fusion")
    (found,) = fresh(text + more, library, shipped)
    assert (found.kind, found.severity, found.core) == ("polarity", "error", ("RO.E1",))
    assert found.text.endswith("? Beside RO.E1, no patient can enter the trial.")


def test_the_shipped_files_have_notes_and_what_they_acknowledge(shipped: tuple[Finding, ...]) -> None:
    """Six parts of clauses do nothing, as the clinical reading says itself, and one cohort asks for no more; all else is a note."""
    assert {f.severity for f in shipped if f.acknowledged is None} == {"note"}
    assert [(f.kind, f.clauses, f.part) for f in shipped if f.acknowledged is not None] == [
        ("dead-exception", ("RO.I1e",), "remission_state == none"),
        ("dead-exception", ("RO.E8",), "non_cns_chloroma"),
        ("dead-exception", ("SAR.I2",), "disease_status == relapsed and cr_duration < 6 mo"),
        ("dead-exception", ("SAR.E4",), "CNS1"),
        ("shared-only", (), "EXP"),
        ("dead-exception", ("UC.E5",), "infection_uncontrolled"),
        ("dead-exception", ("SAR.E16",), "diagnosis != JMML"),
    ]


def test_a_witness_of_an_overlap_is_taken_by_several_cohorts(
    shipped: tuple[Finding, ...], library: Library
) -> None:
    """Matched, the patient is eligible for more than one cohort that the finding names."""
    overlaps = [f for f in shipped if f.kind == "overlap"]
    assert {f.trial for f in overlaps} == {"K001", "SAR", "UC"}
    for finding in overlaps:
        assert finding.witness is not None
        assert finding.trial is not None
        answer = Matcher(library).match(finding.witness, [finding.trial]).trials[0]
        taken = {cohort.cohort for cohort in answer.cohorts if cohort.verdict == "eligible"}
        assert len(taken & set(finding.cohorts)) > 1


def test_the_witness_of_a_gap_is_kept_out_by_the_clauses_named_alone(library: Library) -> None:
    """Matched, the patient in the gap fails the clauses of the finding and no other."""
    text = (TRIALS / "uc.yaml").read_text().replace("18 <= age <= 65", "18 <= age <= 40 or 45 <= age <= 65")
    gap = source(text, library)
    (found,) = (f for f in check(library, [gap]).findings if f.kind == "gap")
    assert found.witness is not None
    changed = replace(library, trials={"UC": gap.trial})
    answer = Matcher(changed).match(found.witness, ["UC"]).trials[0]
    assert answer.conflicts == (found.clauses,) == (("UC.I0",),)


def test_a_gap_of_some_values_of_an_enumeration_names_them_all(library: Library) -> None:
    """Where one value is without the gap, the sentence says so, and does not name one of the others alone."""
    text = (TRIALS / "zped.yaml").read_text().rstrip()
    more = clause("X", "age < 10 or age > 11 or country == JP")
    (found,) = (f for f in check(library, [source(text + more, library)]).findings if f.kind == "gap")
    assert "Age 10 to 11: ZPED does not take a patient with country other than JP there" in found.text


def test_a_window_in_months_is_told_in_its_years(library: Library) -> None:
    """792 months are 66 years, and the sentence says so."""
    text = (
        (TRIALS / "uc.yaml")
        .read_text()
        .replace("anti_cd20_last_date + 3 mo", "anti_cd20_last_date + 792 mo", 1)
    )
    assert any(
        "speaks of 66 years or more" in f.text for f in check(library, [source(text, library)]).findings
    )


def test_a_window_that_a_clause_asks_for_is_no_gap(library: Library, shipped: tuple[Finding, ...]) -> None:
    """A clause that applies to some patients and takes one range of days has no gap; one that refuses a day within it has."""
    old = "days_between(last_hsct_date, first_dose) >= 90"
    text = (TRIALS / "ro.yaml").read_text()
    assert (
        fresh(text.replace(old, "30 <= days_between(last_hsct_date, first_dose) <= 900"), library, shipped)
        == []
    )


def test_a_fault_that_shuts_the_trial_is_an_error_and_says_so() -> None:
    """An implausible threshold is a warning, unless nobody can enter for it."""
    text = (HERE / "good" / "implausible-threshold.yaml").read_text()
    kinder, shuts = (
        check(SMALL, [source(text.replace("10 kg", weight), SMALL)]).findings[0]
        for weight in ("10 g", "10000 kg")
    )
    assert (kinder.severity, shuts.severity) == ("warning", "error")
    assert shuts.text.endswith("no patient can enter the trial.")


# places, proofs, budgets


@pytest.mark.parametrize("path", FILES[::3], ids=lambda path: path.stem)
def test_the_place_of_a_part_is_where_it_is_written(path: Path) -> None:
    """The lines and columns of a part enclose its text; those of a clause begin with its id."""
    text = path.read_text()
    for finding in check(SMALL, [source(text, SMALL)]).findings:
        place, lines = finding.places[0], text.splitlines()
        parted = finding.part not in (None, "when")
        if parted and finding.kind in ("dead-exception", "implausible-threshold"):
            assert place.line == place.end_line
            assert lines[place.line - 1][place.column - 1 : place.end_column - 1] == finding.part
        elif finding.clauses and finding.kind != "impossible-window":
            assert f"id: {finding.clauses[0].partition('.')[2]}" in lines[place.line - 1]


def test_every_clause_of_a_cached_library_knows_its_place(library: Library) -> None:
    """A library that is read from the cache has the places of one that is compiled, and they are right."""
    compiled = load_library(cached=False)
    assert compiled.trials == library.trials
    for trial in library.trials.values():
        lines = (TRIALS / trial.file).read_text().splitlines()
        for each in trial.clauses:
            assert each.place is not None
            assert lines[each.place.line - 1] == f"  - id: {each.id.partition('.')[2]}"
            assert each.place.end_line >= each.place.line


def test_a_proof_says_whether_it_needs_plausible_ranges() -> None:
    """That a score is at most 4 is assumed and not known; that it is not negative is known."""
    text = (HERE / "good" / "vacuous.yaml").read_text()
    within, always = (
        check(SMALL, [source(text.replace("age >= 18 and age <= 65", require), SMALL)]).findings[0]
        for require in ("score <= 4", "score >= 0")
    )
    assert (within.kind, within.basis, always.kind, always.basis) == (
        "vacuous",
        "ranges",
        "vacuous",
        "theory",
    )
    assert within.text.endswith(", within plausible ranges.")
    assert "plausible" not in always.text


def test_where_the_solver_gives_up_nothing_is_claimed(library: Library) -> None:
    """With a budget of one step every finding is one that evaluation alone proves, or says that the solver gave up."""
    text = (TRIALS / "ro.yaml").read_text().rstrip() + clause("X", "not creatinine_clearance < 50 mL/min")
    given = [source(text, library)]
    poor, rich = check(library, given, budget=Budget(steps=1)).findings, check(library, given).findings
    assert "undecided" not in {f.kind for f in rich}
    undecided = [f for f in poor if f.kind == "undecided"]
    assert undecided
    assert all("did not decide" in f.text for f in undecided)
    assert set(named(poor)) - set(named(undecided)) <= set(named(rich))


def test_a_theory_that_contradicts_itself_is_said_at_once() -> None:
    """Where no patient fits the theory nothing can be checked, and the error says so."""
    broken = replace(
        SMALL, axioms=(*SMALL.axioms, replace(SMALL.axioms[0], id="NOBODY", condition=contrary()))
    )
    with pytest.raises(InputError, match="the theory contradicts itself"):
        check(broken, [])


def contrary() -> Any:
    """A condition that nobody meets."""
    path = HERE / "bad" / "contradictory.yaml"
    return source(path.read_text(), SMALL).trial.clauses[0].conditions["ALL"]


# acknowledgements

ENTRY = "acknowledged:\n  - {finding: redundant, clauses: [I1, I2], reason: The source has both.}\nclauses:"


def test_an_acknowledged_finding_is_shown_with_its_reason_and_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code is 0, and the finding stands apart with the reason."""
    text = (HERE / "bad" / "redundant.yaml").read_text()
    path = tmp_path / "t.yaml"
    for written, code in ((text, 1), (text.replace("clauses:", ENTRY, 1), 0)):
        path.write_text(written)
        assert run(monkeypatch, str(path), "--fail-on", "note") == code
    shown = capsys.readouterr().out
    assert shown.rindex("The source has both.") > shown.rindex("Acknowledged in the file")


def test_an_acknowledgement_is_about_exactly_its_clauses_and_its_part() -> None:
    """One with other clauses, with another part or of another kind does not apply, and is stale whatever else is found."""
    text = (HERE / "bad" / "dead-alternative.yaml").read_text()
    own = "acknowledged:\n  - {{finding: {}, clauses: [{}], part: {}, reason: As the source.}}\nclauses:"
    for kind, clauses, part, applies in (
        ("dead-exception", "I1", "had_drug_p and donor", True),
        ("dead-exception", "I1", "had_drug", False),
        ("dead-exception", "'I9'", "had_drug_p and donor", False),
        ("dead-exception", "I1, 'I9'", "had_drug_p and donor", False),
        ("redundant", "I1", "had_drug_p and donor", False),
    ):
        entry = own.format(kind, clauses, part)
        found = check(SMALL, [source(text.replace("clauses:", entry, 1), SMALL)]).findings
        dead = next(f for f in found if f.kind == "dead-exception")
        assert (dead.acknowledged is not None) is applies
        assert [f.kind for f in found[1:]] == ([] if applies else ["stale-acknowledgement"])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{finding: redundant, clauses: [I7], reason: Why.}", "unknown clause 'I7'"),
        ("{finding: silly, clauses: [I1], reason: Why.}", "'silly' is not allowed for 'finding'"),
        ("{finding: redundant, clauses: [I1]}", "missing key 'reason'"),
    ],
)
def test_a_wrong_acknowledgement_is_refused_with_its_place(entry: str, message: str) -> None:
    """An unknown clause or finding, and a missing reason, are errors of the file."""
    text = (
        (HERE / "bad" / "redundant.yaml")
        .read_text()
        .replace("clauses:", f"acknowledged: [{entry}]\nclauses:", 1)
    )
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        source(text, SMALL)
    assert all(re.match(r"t\.yaml:\d+:\d+: ", problem) for problem in caught.value.problems)


def test_parts_told_together_are_named_once_with_all_that_they_rest_on() -> None:
    """One sentence names each part by its text and every clause that it rests on; what is told is not gathered again."""
    given = source((HERE / "bad" / "redundant.yaml").read_text(), SMALL)
    log = FindingsLog(TrialView(SMALL, given))
    one, two = "T.I1", "T.I2"
    for part, core in (("a", [one]), ("b", [one, two]), ("c", [one, two]), (None, [one, two])):
        log.add("dead-exception", ["T.I9"], "It does nothing", part=part, core=core)
    log.gather("dead-exception", 2)
    assert [f.text for f in log.findings] == [
        "It does nothing.",
        "Where T.I1 and T.I2 are met, 3 parts of other clauses do nothing: "
        "'a' of T.I9; 'b' of T.I9; 'c' of T.I9.",
    ]


# the command


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of `match check` on the small encodings."""
    monkeypatch.chdir(HERE)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.argv", ["match", "check", *arguments, "--encodings", "encodings"])
    return cli.main()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["bad/vacuous.yaml"], 0),
        (["bad/vacuous.yaml", "--fail-on", "warning"], 1),
        (["bad/overlap.yaml", "--fail-on", "warning"], 0),
        (["bad/overlap.yaml", "--fail-on", "note"], 1),
        (["bad/unsatisfiable.yaml"], 1),
        (["good/vacuous.yaml", "--fail-on", "note"], 0),
        (["T", "nct00000001", "--fail-on", "note"], 0),
        (["good/vacuous.yaml", "missing.yaml"], 2),
        (["NOWHERE"], 2),
        (["encodings/theory/theory.yaml"], 2),
    ],
)
def test_the_exit_code_says_how_severe_what_was_found_is(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 for a finding as severe as --fail-on, 2 for a wrong name or file, else 0."""
    assert run(monkeypatch, *arguments) == code
    output = capsys.readouterr()
    assert bool(output.err) is (code == 2)
    assert bool(output.out) is (code != 2)


def test_a_file_that_cannot_be_compiled_gives_its_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each fault has its file, line and column."""
    path = tmp_path / "t.yaml"
    path.write_text((HERE / "good" / "vacuous.yaml").read_text().replace("age >= 18", "agee >= 18"))
    assert run(monkeypatch, str(path)) == 2
    assert re.fullmatch(r"error: .*t\.yaml:\d+:\d+: unknown name 'agee'\n", capsys.readouterr().err)


def test_without_a_name_all_encodings_are_checked_and_what_nothing_uses_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Variables that neither a trial nor the theory speaks of are notes, each with its place; those in use are none."""
    assert run(monkeypatch, "--format", "json") == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    parts = {f["part"]: f for f in findings if f["kind"] == "unused"}
    assert parts.keys() >= {"fever", "donor", "relapse_date", "first_dose"}
    assert parts.keys().isdisjoint(
        {"birth_date", "age", "pregnant", "sex", "had_drug", "organ_ok", "planned_date"}
    )
    assert parts["fever"]["places"][0]["file"] == "encodings/vocabulary/person.yaml"


GOLDENS = {
    "gap.txt": ["bad/gap.yaml", "bad/unsatisfiable.yaml", "bad/implausible-threshold.yaml"],
    "redundant.json": ["bad/redundant.yaml", "--format", "json"],
    "dead.sarif": ["bad/dead-value.yaml", "--format", "sarif"],
}


@pytest.mark.parametrize("name", GOLDENS)
def test_what_is_printed_stays_as_it_is(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page, the JSON and the SARIF are those of the golden files, which `make golden` writes again."""
    run(monkeypatch, *GOLDENS[name])
    printed = re.sub(r'"(encodings|solver|version)":( ?)"[^"]*"', r'"\1":\2"..."', capsys.readouterr().out)
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(printed)
    assert printed == path.read_text()


def test_the_json_fits_its_schema(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every small file gives JSON that the shipped schema accepts; a witness is a record that is read."""
    run(monkeypatch, *(str(path.relative_to(HERE)) for path in FILES), "--format", "json")
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, schema("check", SMALL))
    witnesses = [f["witness"] for f in document["findings"] if f["witness"] is not None]
    assert witnesses
    for witness in witnesses:
        assert read_record(witness, SMALL).facts
    open_ = [f["severity"] for f in document["findings"] if f["acknowledged"] is None]
    assert document["counts"] == {
        **{severity: open_.count(severity) for severity in ("error", "warning", "note")},
        "acknowledged": len(document["findings"]) - len(open_),
    }


SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {"required": ["id"]},
                                    }
                                },
                            }
                        },
                    },
                    "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "result": {
            "required": ["message", "ruleId", "level", "locations", "partialFingerprints"],
            "properties": {
                "message": {"required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "locations": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/location"}},
                "relatedLocations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                "suppressions": {
                    "type": "array",
                    "items": {
                        "required": ["kind"],
                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                    },
                },
            },
        },
        "location": {
            "required": ["physicalLocation"],
            "properties": {
                "id": {"type": "integer", "minimum": -1},
                "physicalLocation": {
                    "required": ["artifactLocation", "region"],
                    "properties": {
                        "artifactLocation": {
                            "properties": {"uri": {"type": "string", "pattern": "^[^\\\\ ]+$"}}
                        },
                        "region": {
                            "required": ["startLine"],
                            "properties": {
                                key: {"type": "integer", "minimum": 1}
                                for key in ("startLine", "startColumn", "endLine", "endColumn")
                            },
                            "additionalProperties": False,
                        },
                    },
                },
            },
        },
    },
}
"""What SARIF 2.1.0 demands of the parts that are written."""


def test_the_sarif_has_what_sarif_demands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Every result has a rule, a level, a file, a region and a fingerprint; an acknowledged one is suppressed with its reason."""
    acknowledged = tmp_path / "a file.yaml"
    acknowledged.write_text((HERE / "bad" / "redundant.yaml").read_text().replace("clauses:", ENTRY, 1))
    run(monkeypatch, *(str(p.relative_to(HERE)) for p in FILES), str(acknowledged), "--format", "sarif")
    log = json.loads(capsys.readouterr().out)
    jsonschema.validate(log, SARIF)
    (one,) = log["runs"]
    rules = [rule["id"] for rule in one["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in one["results"])
    suppressed = [result for result in one["results"] if "suppressions" in result]
    assert [result["suppressions"] for result in suppressed] == [
        [{"kind": "inSource", "justification": "The source has both."}]
    ]
    assert "a%20file.yaml" in suppressed[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_a_fingerprint_stays_when_lines_move() -> None:
    """Comments above a clause change its place and not its fingerprint; two findings never share one."""
    for path in HERE.glob("bad/*.yaml"):
        text = path.read_text()
        before, after = (
            check(SMALL, [source(written, SMALL)]).findings
            for written in (text, text.replace("clauses:", "# moved\n\nclauses:", 1))
        )
        assert [f.fingerprint for f in before] == [f.fingerprint for f in after]
        assert len({f.fingerprint for f in before}) == len(before)


def test_a_run_is_the_same_twice(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Byte for byte."""
    names = [str(path.relative_to(HERE)) for path in FILES[::2]]
    printed = []
    for _ in range(2):
        run(monkeypatch, *names, "--format", "json")
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_the_documents_name_every_kind_with_its_severity() -> None:
    """The table of docs/verbs/check.md has a row for each kind of finding, and no other."""
    text = (ROOT / "docs" / "verbs" / "check.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (error|warning|note) \|", text, re.MULTILINE)
    assert dict(rows) == {rule.kind: rule.severity for rule in RULES.values()}
    assert len(rows) == len(RULES)


def test_a_document_that_is_no_trial_is_refused() -> None:
    """A file without clauses is an error of the file, not of the engine."""
    with pytest.raises(InputError, match="missing key"):
        source("title: Nothing\n", SMALL)
