"""`make mutants`: which mutants a trial file has, where they stand, and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from solver.errors import InputError
from solver.library.files.yaml_places import Document, parse_document, read_document
from solver.library.load import default_encodings
from solver.library.models import Library
from tests.support.faults import mutants as runner
from tests.support.faults.jury import Probe, labelled
from tests.support.faults.mutants import Court, Judged, judged, main, report, score
from tests.support.faults.mutations import Mutant, mutants
from tests.support.records import worked

HEAD = """\
trial: NCT00000001
code: T
title: An invented trial
intervention: nothing
recruitment: recruiting
criteria: full
sources:
  - {id: S, text: invented}
cohorts:
  A: {label: Part A}
"""
CLAUSE = "  - {id: %s, label: invented, source: S, class: objective, changes: test"
NAMED = """\
clauses:
  - id: I1
    label: invented
    source: S
    class: objective
    changes: test
"""


def document(body: str, *, cohorts: str = "") -> Document:
    """The file of an invented trial in the words of the shipped vocabulary: what follows the cohorts, and more cohorts."""
    return parse_document(f"{HEAD}{cohorts}{body}", "trial.yaml")


def requiring(*expressions: str) -> Document:
    """An invented trial whose clauses I1, I2 and so on require these expressions."""
    clauses = [f"{CLAUSE % f'I{n}'}, require: '{each}'}}\n" for n, each in enumerate(expressions, 1)]
    return document("clauses:\n" + "".join(clauses))


def changes(found: Document, library: Library) -> set[tuple[str, str]]:
    """The kind of each mutant with the expression that its first clause then requires."""
    return {
        (mutant.edit.kind, yaml.safe_load(mutant.applied(found.source))["clauses"][0]["require"])
        for mutant in mutants(found, library)
    }


def court(library: Library, found: Document, due: Mapping[str, tuple[dict[str, object], str]]) -> Court:
    """Judges who know some labelled patients: by name the facts and the verdict that is due."""
    probes = []
    for name, (facts, verdict) in due.items():
        record = {"id": name, "as_of": "2025-06-01", "facts": facts}
        conflicts = (("T.I1",),) if verdict == "ineligible" else ()
        probes.append(Probe(name, "T.I1", worked.read(record, library), verdict, conflicts))
    return Court(library, found, probes)


def fates(judges: Court, found: Document, library: Library) -> dict[str, Judged]:
    """What becomes of each mutant, by its name without the clause."""
    return {
        mutant.name.partition(": ")[2]: judges.judged(mutant)
        for mutant in mutants(found, library)
        if mutant.clause == "T.I1"
    }


# --- the mutants


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (
            "ecog <= 1",
            [
                "operator: ecog < 1",
                "operator: ecog >= 1",
                "threshold: ecog <= 2",
                "threshold: ecog <= 0",
                "negation: not (ecog <= 1)",
            ],
        ),
        (
            "prior_car_t",
            [
                "negation: not prior_car_t",
            ],
        ),
        (
            "not prior_car_t",
            [
                "negation: prior_car_t",
            ],
        ),
        (
            "bm_blasts_pct > 0 %",
            [
                "operator: bm_blasts_pct >= 0 %",
                "operator: bm_blasts_pct < 0 %",
                "threshold: bm_blasts_pct > 1 %",
                "unit: bm_blasts_pct > 0",
                "negation: not (bm_blasts_pct > 0 %)",
            ],
        ),
        (
            "flt3_itd_allelic_ratio == 0.05",
            [
                "operator: flt3_itd_allelic_ratio != 0.05",
                "threshold: flt3_itd_allelic_ratio == 0.06",
                "threshold: flt3_itd_allelic_ratio == 0.04",
            ],
        ),
        (
            "cns_status in {CNS1, CNS2}",
            [
                "value: cns_status in {CNS2}",
                "value: cns_status in {CNS1}",
                "value: cns_status in {CNS1, CNS2, CNS3}",
                "negation: cns_status not in {CNS1, CNS2}",
            ],
        ),
        (
            "sex == M",
            [
                "operator: sex != M",
                "value: sex == F",
            ],
        ),
        (
            "pregnant and apl or prior_car_t",
            [
                "connective: pregnant or apl or prior_car_t",
                "connective: pregnant and apl and prior_car_t",
                "part: apl or prior_car_t",
                "part: pregnant or prior_car_t",
                "part: prior_car_t",
                "part: pregnant and apl",
                "negation: not (pregnant and apl or prior_car_t)",
                "negation: not pregnant and apl or prior_car_t",
                "negation: pregnant and not apl or prior_car_t",
                "negation: pregnant and apl or not prior_car_t",
            ],
        ),
        (
            "first_dose >= car_t_date + 2 mo",
            [
                "anchor: as_of >= car_t_date + 2 mo",
                "operator: first_dose > car_t_date + 2 mo",
                "operator: first_dose <= car_t_date + 2 mo",
                "threshold: first_dose >= car_t_date + 3 mo",
                "threshold: first_dose >= car_t_date + 1 mo",
                "unit: first_dose >= car_t_date + 2 d",
                "unit: first_dose >= car_t_date + 2 wk",
                "unit: first_dose >= car_t_date + 2 a",
                "negation: not (first_dose >= car_t_date + 2 mo)",
            ],
        ),
        (
            "qtcf <= 470 ms",
            [
                "operator: qtcf < 470 ms",
                "operator: qtcf >= 470 ms",
                "threshold: qtcf <= 471 ms",
                "threshold: qtcf <= 469 ms",
                "unit: qtcf <= 470 s",
                "negation: not (qtcf <= 470 ms)",
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_expression_has_these_mutants_and_no_others(
    expression: str, expected: list[str], library: Library
) -> None:
    """Each thing of an expression is changed by itself, and nothing else of the file."""
    found = {f"{kind}: {text}" for kind, text in changes(requiring(expression), library)}
    assert found == set(expected)


def test_a_guard_and_the_cohorts_of_a_clause_have_mutants(library: Library) -> None:
    """A guard is dropped, a cohort is left out of a list, and a list becomes that of all cohorts."""
    body = f"{NAMED}    when: prior_car_t\n    cohorts: [A, B]\n    require: not pregnant\n"
    found = document(body, cohorts="  B: {label: Part B}\n  C: {label: Part C}\n")
    read = [
        (mutant.name, yaml.safe_load(mutant.applied(found.source))["clauses"][0])
        for mutant in mutants(found, library)
        if mutant.edit.kind in ("guard", "cohort")
    ]
    assert [(name, clause.get("when"), clause["cohorts"]) for name, clause in read] == [
        ("T.I1, when: when: prior_car_t dropped", None, ["A", "B"]),
        ("T.I1, cohorts: [A, B] to [B]", "prior_car_t", ["B"]),
        ("T.I1, cohorts: [A, B] to [A]", "prior_car_t", ["A"]),
        ("T.I1, cohorts: [A, B] to [A, B, C]", "prior_car_t", ["A", "B", "C"]),
    ]


def test_a_list_of_cohorts_may_stand_on_lines_of_its_own(library: Library) -> None:
    """Its mutants can be read as well, at the depth of its key or deeper."""
    body = f"{NAMED}    cohorts:\n    - A\n    - B  # the second part\n    require: not pregnant\n"
    found = document(body, cohorts="  B: {label: Part B}\n  C: {label: Part C}\n")
    read = [
        yaml.safe_load(mutant.applied(found.source))["clauses"][0]
        for mutant in mutants(found, library)
        if mutant.edit.kind == "cohort"
    ]
    assert [clause["cohorts"] for clause in read] == [["B"], ["A"], ["A", "B", "C"]]
    assert {clause["require"] for clause in read} == {"not pregnant"}


def test_a_clause_of_every_cohort_is_taken_from_each(library: Library) -> None:
    """A clause that names no cohorts has a mutant for each cohort that is left out, unless there is only one."""
    body = f"{NAMED}    require: not pregnant\n"
    two = document(body, cohorts="  B: {label: Part B}\n")
    scopes = [
        yaml.safe_load(m.applied(two.source))["clauses"][0].get("cohorts") for m in mutants(two, library)
    ]
    assert [scope for scope in scopes if scope] == [["B"], ["A"]]
    assert {mutant.edit.kind for mutant in mutants(document(body), library)} == {"negation"}


def test_an_expression_of_one_cohort_is_dropped_whole(library: Library) -> None:
    """Of a clause with an expression a cohort, folded ones too, each cohort is left out, and the file can still be read."""
    body = f"{NAMED}    cohorts:\n      A: >-\n        pregnant\n        and apl\n      B: prior_car_t\n"
    found = document(body, cohorts="  B: {label: Part B}\n")
    dropped = [mutant for mutant in mutants(found, library) if mutant.edit.kind == "cohort"]
    left = [yaml.safe_load(mutant.applied(found.source))["clauses"][0]["cohorts"] for mutant in dropped]
    assert left == [{"B": "prior_car_t"}, {"A": "pregnant and apl"}]


def test_a_mutant_of_a_second_reading_says_so(library: Library) -> None:
    """What a second reading says is changed by itself, and its mutants are told from those of the first reading."""
    body = (
        "readings: [{id: R, text: invented, switch: true}]\n"
        f"{NAMED}    require: ecog <= 1\n    readings:\n      R:\n        require: not pregnant\n"
    )
    second = [mutant for mutant in mutants(document(body), library) if mutant.reading]
    assert [(m.name, m.reading) for m in second] == [("T.I1 under R, require: negation dropped", "R")]


def test_a_mutant_stands_where_its_token_stands(library: Library) -> None:
    """Line and column are those of what is changed, in folded text as well, and what stands there is what is changed."""
    found = document(f"{NAMED}    require: >-\n      ecog <= 1\n      and not pregnant\n")
    lines = found.source.split("\n")
    places: dict[str, Mutant] = {mutant.name: mutant for mutant in mutants(found, library)}
    first = places["T.I1, require: operator <= to <"]
    assert lines[first.line - 1].strip() == "ecog <= 1"
    for mutant in places.values():
        rest = "\n".join([lines[mutant.line - 1][mutant.column - 1 :], *lines[mutant.line :]])
        assert rest.startswith(mutant.edit.old)


@pytest.mark.parametrize(
    "path", sorted((default_encodings() / "trials").glob("*.yaml")), ids=lambda p: p.stem
)
def test_the_mutants_of_a_shipped_trial_have_names_of_their_own(path: Path, library: Library) -> None:
    """Each is another text than the file and than every other mutant, under a name that no other has."""
    found = read_document(path, path.name)
    every = mutants(found, library)
    texts = {mutant.applied(found.source) for mutant in every}
    assert len({mutant.name for mutant in every}) == len(every) > 20
    assert found.source not in texts
    assert len(texts) >= 0.98 * len(every)


# --- what becomes of them


def test_a_missing_boundary_case_leaves_a_named_survivor(library: Library) -> None:
    """Patients well inside and well outside do not notice a limit that has moved by one; the one on the limit does."""
    found = requiring("ecog <= 1")
    far: dict[str, tuple[dict[str, object], str]] = {
        "in": ({"ecog": 0}, "eligible"),
        "out": ({"ecog": 3}, "ineligible"),
    }
    told = fates(court(library, found, far), found, library)
    alive = [name for name, each in told.items() if each.fate == "survivor"]
    assert alive == ["operator <= to <", "threshold 1 to 2", "threshold 1 to 0"]
    assert "cohort A: ecog 1" in told["operator <= to <"].by
    near = {**far, "on it": ({"ecog": 1}, "eligible"), "beyond": ({"ecog": 2}, "ineligible")}
    told = fates(court(library, found, near), found, library)
    assert {name: (each.fate, each.by) for name, each in told.items()} == {
        "operator <= to <": ("cases", "on it"),
        "operator <= to >=": ("cases", "in"),
        "threshold 1 to 2": ("cases", "beyond"),
        "threshold 1 to 0": ("cases", "on it"),
        "negation added to ecog <= 1": ("cases", "in"),
    }


def test_another_conflict_kills_as_well(library: Library) -> None:
    """A mutant that leaves the verdict alone is killed where it gives other reasons for it."""
    found = requiring("ecog <= 1", "not pregnant")
    due = {"both": ({"ecog": 2, "pregnant": False}, "ineligible")}
    told = fates(court(library, found, due), found, library)
    assert told["operator <= to >="].fate == "cases"
    probe = Probe(
        "two",
        "T.I1",
        worked.read({"as_of": "2025-06-01", "facts": {"ecog": 2, "sex": "F", "pregnant": True}}, library),
        "ineligible",
        (("T.I1",), ("T.I2",)),
    )
    told = fates(Court(library, found, [probe]), found, library)
    assert told["operator <= to >="] == (told["operator <= to >="].mutant, "cases", "two")


def test_a_mutant_that_admits_the_same_patients_is_proved_equivalent(library: Library) -> None:
    """What is changed in an alternative that another one holds already makes no difference to anyone."""
    found = requiring("ecog <= 1 or (ecog <= 1 and weight >= 40 kg)")
    told = fates(court(library, found, {"in": ({"ecog": 1}, "eligible")}), found, library)
    assert told["threshold 40 kg to 41 kg"].fate == "equivalent"
    assert told["operator <= to <"].fate == "cases"
    assert told["operator <= to < (number 2)"].fate == "equivalent"


def test_a_mutant_that_only_a_weight_out_of_range_tells_apart_is_not_called_equivalent(
    library: Library,
) -> None:
    """Where plausible ranges alone make two trials the same, the mutant survives, and the ranges are named."""
    found = requiring("weight > 0.001 kg")
    told = fates(court(library, found, {}), found, library)["threshold 0.001 kg to 0.002 kg"]
    assert (told.fate, told.by) == ("in range", "plausible:weight")


def test_a_mutant_that_does_not_load_does_not_count(library: Library) -> None:
    """A share without its sign is no share: the file is refused, and the mutant is left out of the score."""
    found = requiring("bm_blasts_pct >= 5 %")
    told = fates(court(library, found, {}), found, library)
    stillborn = [name for name, each in told.items() if each.fate == "stillborn"]
    assert stillborn == ["unit 5 % to 5"]
    assert "needs a unit" in told["unit 5 % to 5"].by


def test_a_label_that_does_not_fit_the_unchanged_trial_is_refused(library: Library) -> None:
    """Otherwise every mutant would be killed by it."""
    with pytest.raises(InputError) as error:
        court(library, requiring("ecog <= 1"), {"wrong": ({"ecog": 2}, "eligible")})
    assert list(error.value.problems) == [
        "trial.yaml: the unchanged trial does not give the answers that are due: wrong"
    ]


# --- a run


def test_the_score_leaves_out_what_is_stillborn_or_equivalent(library: Library) -> None:
    """Killed mutants over all that could be killed; what is the same within plausible ranges only could be."""
    mutant = mutants(requiring("ecog <= 1"), library)[0]
    ten = ["stillborn", "equivalent", *["cases"] * 5, "sheet", "in range", "survivor"]
    assert score([Judged(mutant, fate) for fate in ten]) == 75  # type: ignore[arg-type]


def test_a_survivor_is_told_with_its_place_and_the_patient_or_the_reason(library: Library) -> None:
    """A survivor that nobody explained is shown with a patient whom it judges otherwise."""
    mutant = mutants(requiring("ecog <= 1"), library)[0]
    found = {Path("trial.yaml"): [Judged(mutant, "survivor", "cohort A: ecog 1")]}
    place = f"trial.yaml:{mutant.line}:{mutant.column}: {mutant.name}"
    assert list(report(found, {}))[-2:] == [place, "    not explained: cohort A: ecog 1"]
    assert list(report(found, {mutant.name: "No case can."}))[-2:] == [place, "    No case can."]


def test_an_author_runs_it_on_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example sheet of a file kills what it shows; without cases or a sheet everything survives and the run fails."""
    path = tmp_path / "mine.yaml"
    path.write_text(requiring("ecog <= 1").source, encoding="utf-8")
    assert main([str(path), "--processes", "1"]) == 0
    printed = capsys.readouterr().out
    assert "mine.yaml                     5          0          0          0          5          0" in printed
    assert main([str(path), "--processes", "1", "--without-sheet"]) == 1
    printed = capsys.readouterr().out
    assert printed.count("not explained") == 5
    gone = tmp_path / "explained.yaml"
    gone.write_text("- {reason: none, mutants: ['T.I1, require: operator <= to <']}\n", encoding="utf-8")
    monkeypatch.setattr(runner, "EXPLAINED", gone)
    assert main([str(path), "--processes", "1"]) == 1
    assert "does not survive any more" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fault is told with its place, and the exit code is 2."""
    path = tmp_path / "mine.yaml"
    path.write_text(requiring("ecog <= ").source, encoding="utf-8")
    assert main([str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"{path}:12:")


def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    """The mutants are judged in the order of the file, whoever judges them."""
    paths = [default_encodings() / "trials" / "k017.yaml"]
    one, two = (judged(paths, processes=n, sheets=False) for n in (1, 2))
    assert one == two
    assert {each.fate for each in one[paths[0]]} == {"cases"}


def test_every_labelled_patient_of_a_trial_counts(library: Library) -> None:
    """The case files hold patients for each shipped trial, whom the runner finds."""
    assert all(len(labelled(library, code)) >= 20 for code in library.trials)
