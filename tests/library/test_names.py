"""What is said of a name that is none: what people call the variables and their values, and slips of the pen."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import InputError, distance, nearest
from solver.language.concepts import LISTS
from solver.language.types import EnumerationType
from solver.library.choice import choose_clauses
from solver.library.load import load_library
from solver.library.models import Library
from solver.patient.readers.native.read import record_from

AS_OF = "2026-11-20"

MEANT = {
    "MLL": "did you mean 'kmt2a_rearranged'?",
    "MLL-r": "did you mean 'kmt2a_rearranged'?",
    "npm1": "did you mean 'npm1_mutated'?",
    "NPM1_status": "did you mean 'npm1_mutated'?",
    "age": "did you mean 'birth_date'?",
    "gender": "did you mean 'sex'?",
    "inv(16)": "did you mean 'cbf_aml'?",
    "t(8;21)": "did you mean 'cbf_aml'?",
    "PML::RARA": "did you mean 'apl'?",
    "Ph+": "did you mean 'bcr_abl1'?",
    "HSCT": "did you mean 'prior_hsct_count' or 'last_hsct_date'?",
    "creatinine": "did you mean 'serum_creatinine'?",
    "relapse_after_HSCT": "did you mean 'relapse_after_hsct_date'?",
    "CNS disease": "'cns_status' or 'cns_disease_history'?",
    "CK": "so that no answer considers it",
    "t(10;11)": "so that no answer considers it",
    "CrCl": "write serum_creatinine, weight, birth_date and sex",
    "deceased": "whether the patient is alive is something that no answer considers",
    "vitalStatus": "whether the patient is alive is something that no answer considers",
    "race": "something that no answer considers",
    "JAK2": "something that no answer considers",
    "TP53": 'write {"is": "tp53", "present": true} in the list findings',
    "hydroxyurea": 'write {"is": "hydroxyurea"} in the list therapies',
    "surgery": 'write {"is": "major_surgery"} in the list therapies',
    "heart failure": 'write {"is": "heart_failure"} in the list conditions',
    "vaccines": 'write {"is": "vaccine"} in the list therapies or {"is": "live_vaccine"} in the list therapies',
    "smoker": 'write {"is": "smoking"} in the list conditions',
    "wieght": "did you mean 'weight'?",
    "qqqqq": "so that no answer considers it",
}


@pytest.mark.parametrize("name", MEANT)
def test_what_is_said_of_a_name_that_is_no_variable(library: Library, name: str) -> None:
    """Old, short and usual names lead to the variable; what no variable holds is said not to count, and never to be left out."""
    with pytest.raises(InputError) as caught:
        record_from({"as_of": AS_OF, "facts": {name: True}}, library)
    (line,) = caught.value.problems
    assert MEANT[name] in line
    assert "leave it out" not in line


VALUES = {
    ("diagnosis", "ALL"): "did you mean 'B_ALL' or 'T_ALL'?",
    ("diagnosis", "Ph+ ALL"): '"diagnosis": "B_ALL" or "T_ALL", and "bcr_abl1": true beside it',
    ("diagnosis", "NPM1 AML"): 'write "diagnosis": "AML", and "npm1_mutated": true beside it',
    ("diagnosis", "refractory AML"): 'write "diagnosis": "AML", and "disease_status": "refractory" beside it',
    ("disease_status", "progressive disease"): "did you mean 'relapsed' or 'refractory'?",
    ("sex", "female"): "did you mean 'F'?",
    ("disease_status", "newly diagnosed"): "did you mean 'untreated'?",
    ("country", "UK"): "did you mean 'GB'?",
    ("ipss_r", "int-2"): "is not that of the older IPSS",
}


@pytest.mark.parametrize(("variable", "value"), VALUES)
def test_what_is_said_of_a_name_that_is_no_value(library: Library, variable: str, value: str) -> None:
    """The usual name of a value leads to all values that it can mean, or to what else says it."""
    with pytest.raises(InputError) as caught:
        record_from({"as_of": AS_OF, "facts": {variable: value}}, library)
    assert VALUES[variable, value] in caught.value.problems[0]


@pytest.mark.parametrize(
    ("written", "concept"), [("APL", "APL"), ("acute myeloid leukemia", "AML"), ("aml", "AML")]
)
def test_a_name_of_a_disease_is_the_disease(library: Library, written: str, concept: str) -> None:
    """What the tree knows is read as the thing itself."""
    record = record_from({"as_of": AS_OF, "facts": {"diagnosis": written}}, library)
    assert library.concepts.resolve("diagnosis", written) == concept
    assert record.facts["diagnosis"].domain == frozenset({"AML"})


def test_every_name_that_is_offered_exists(library: Library) -> None:
    """What other names lead to is a variable, or a value of its variable."""
    for of, said in library.names.said.items():
        kind = library.variables[of].type if of else None
        known = set(kind.values) if isinstance(kind, EnumerationType) else set(library.variables)
        known |= set() if of else set(library.concepts)
        for sentence in said.values():
            offered = re.findall(r"'([^']+)'", sentence) if "did you mean" in sentence else []
            assert set(offered) <= known, sentence


def test_no_concept_is_said_to_be_held_nowhere(library: Library) -> None:
    """What an entry of a list can be is not among the names that no answer considers."""
    for folded, sentence in library.names.said[""].items():
        if "no answer considers" in sentence:
            assert not any(library.concepts.in_list(name, folded) for name in LISTS), folded


VOCABULARY = "variables:\n  - {name: sort, type: enumeration, values: [AML, MDS], label: k, changes: never, about: a}\n"

FAULTS = {
    "names:\n  - {names: [x], means: [sort], write: y}\n": "give one of 'means', 'write' and 'not_held'",
    "names:\n  - {names: [x]}\n": "give one of 'means', 'write' and 'not_held'",
    "names:\n  - {names: [x], means: [other]}\n": "'other' is not a variable or a concept",
    "names:\n  - {names: [x], of: sort, means: [ALL]}\n": "'ALL' is not a value of 'sort'",
    "names:\n  - {names: [x], of: other, means: [ALL]}\n": "'other' is not a variable with named values",
    "names:\n  - {names: [x y, X-Y], means: [sort]}\n": "'X-Y' is told twice, or is no name",
    "names:\n  - {names: ['?'], means: [sort]}\n": "'?' is told twice, or is no name",
}


@pytest.mark.parametrize("text", FAULTS)
def test_wrong_names_are_a_fault_of_their_file(tmp_path: Path, text: str) -> None:
    """An entry says one thing, of names that exist, and each name is told once."""
    shutil.copytree(Path(__file__).parents[1] / "questions" / "check" / "encodings", tmp_path / "encodings")
    (tmp_path / "encodings/vocabulary/all.yaml").write_text(VOCABULARY + text)
    with pytest.raises(InputError) as caught:
        load_library(tmp_path / "encodings")
    assert any(
        re.search(r"all\.yaml:\d+:\d+: " + re.escape(FAULTS[text]), line) for line in caught.value.problems
    )


ACROSS = [
    ("ALL", "AML"),
    ("APL", "AML"),
    ("T-ALL", "B_ALL"),
    ("idh1_mutated", "npm1_mutated"),
    ("nup97_rearranged", "nup98_rearranged"),
    ("active_hbv", "active_hcv"),
    ("cns2", "CNS3"),
    ("inactive", "active"),
    ("abnormal", "normal"),
    ("hypotension", "hypertension"),
    ("infection_controlled", "infection_uncontrolled"),
    ("immunosuppression_ever", "immunosuppression_current"),
    ("weight", "height"),
    ("prior_car_nk", "prior_car_t"),
    ("K016", "K017"),
    ("untreated", "treated"),
]


@pytest.mark.parametrize(("name", "other"), ACROSS)
def test_a_suggestion_does_not_cross_meaning(name: str, other: str) -> None:
    """Acronyms, genes and opposites are never offered for one another, however near they are."""
    assert nearest(name, [other]) is None
    assert nearest(other, [name]) is None


SLIPS = [
    *(
        ("wieght", "weight"),
        ("diagnosi", "diagnosis"),
        ("birthdate", "birth_date"),
        ("BirthDate", "birth_date"),
    ),
    *(
        ("npm1_mutatd", "npm1_mutated"),
        ("cns_leukaemia_active", "cns_leukemia_active"),
        ("ecgo", "ecog"),
        ("facts", "fact"),
        ("history-absnt", "history-absent"),
    ),
]


@pytest.mark.parametrize(("name", "known"), SLIPS)
def test_a_slip_of_the_pen_is_seen(name: str, known: str) -> None:
    """A letter amiss in a word, another case or another separator leaves the name that is meant."""
    assert nearest(name, [known, "something_else"]) == known


@given(
    st.text("ABCLMT", min_size=2, max_size=5), st.lists(st.text("ABCLMT", min_size=2, max_size=5), max_size=6)
)
def test_no_acronym_is_offered_for_another(name: str, known: list[str]) -> None:
    """Of acronyms of up to five letters only the same one, in another case, is offered."""
    assert nearest(name, known) in {None, name}


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_the_distance_of_words_is_one(one: str, other: str, third: str) -> None:
    """It is 0 for the same word alone, the same both ways, and 1 for any one letter amiss."""
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) == distance(other, one)
    for i in range(len(one) + 1):
        assert distance(one, one[:i] + "x" + one[i:]) == 1


def test_clauses_are_chosen_by_id_in_any_case(library: Library) -> None:
    """In the order given, each once."""
    assert choose_clauses(library, ["sar.e9,RO.I6a", "RO.I6A"]) == ["SAR.E9", "RO.I6a"]


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ("RO.I6z", "--clause: 'RO.I6z' is not a known clause; did you mean 'RO.I6b'?"),
        ("zzz", "--clause: 'zzz' is not a known clause: match trials TRIAL lists them"),
        (",", "--clause: names no clause: match trials TRIAL lists them"),
    ],
)
def test_an_unknown_clause_is_told_with_the_nearest(library: Library, named: str, problem: str) -> None:
    """One line, with what to do."""
    with pytest.raises(InputError) as caught:
        choose_clauses(library, [named], "--clause")
    assert caught.value.problems == (problem,)
