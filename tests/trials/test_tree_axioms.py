"""The tree of concepts implies, among the variables of today, exactly what clinical reading 2a says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest

from solver.evaluation.evaluate import evaluate
from solver.language.domain import Domain, Recorded, point
from solver.language.elaborate import compile_condition
from solver.language.tree import variables
from solver.language.types import EnumerationType, IntegerType
from solver.language.values import Scope
from solver.library.models import Library
from tests.support.libraries.drug_names import names_of_drugs

READING = {
    "B05": "apl implies diagnosis == AML",
    "B06": "cbf_aml implies diagnosis == AML",
    "B07": "not (apl and cbf_aml)",
    "B08": "prior_allo_hsct_count <= prior_hsct_count",
    "B09": "prior_car_t implies prior_cellular_therapy",
    "B10": "prior_car_nk implies prior_cellular_therapy",
    "B11": "prior_cd123_car implies prior_car_t and prior_anti_cd123",
    "B16": "immunosuppression_current implies immunosuppression_ever",
    "B27": "cd123_flow_positive implies cd123_positive",
}
"""What the clinical reading says, axiom by axiom."""

GROUPS = (
    ("diagnosis", "apl", "cbf_aml"),
    ("prior_hsct_count", "prior_allo_hsct_count"),
    ("prior_car_t", "prior_car_nk", "prior_cellular_therapy", "prior_cd123_car", "prior_anti_cd123"),
    ("immunosuppression_current", "immunosuppression_ever"),
    ("cd123_flow_positive", "cd123_positive"),
)

FORCED = {
    "cd123": "prior_anti_cd123",
    "car_t": "prior_car_t",
    "car_nk": "prior_car_nk",
    "cd123_car": "prior_cd123_car",
    "cell": "prior_cellular_therapy",
    "cd20": "anti_cd20_ever",
    "menin": "prior_menin_inhibitor",
}
"""The variable that a drug of each class of clinical reading 2b implies."""

CLOSED = [name for name in FORCED.values() if name != "prior_cellular_therapy"]
"""What a complete list denies where it holds no such drug."""


def assignments(library: Library, names: Sequence[str]) -> Iterator[dict[str, Domain]]:
    """Every value of some variables, counts up to 3."""
    ranges: list[list[Domain]] = []
    for name in names:
        match library.variables[name].type:
            case EnumerationType(values):
                ranges.append([frozenset({value}) for value in values])
            case IntegerType():
                ranges.append([point(value, whole=True) for value in range(4)])
            case _:
                ranges.append([frozenset({value}) for value in (False, True)])
    for chosen in product(*ranges):
        yield dict(zip(names, chosen, strict=True))


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0])
def test_the_tree_allows_what_the_reading_allows(library: Library, names: tuple[str, ...]) -> None:
    """Over all values of the variables that an axiom speaks of, together with those that it is linked to."""
    types = {name: variable.type for name, variable in library.variables.items()}
    said = [compile_condition(text, Scope(types, concepts=library.concepts)) for text in READING.values()]
    said = [condition for condition in said if variables(condition) <= set(names)]
    implied = [axiom.condition for axiom in library.axioms if variables(axiom.condition) <= set(names)]
    assert said
    for known in assignments(library, names):
        by_reading = all(evaluate(condition, known) for condition in said)
        assert all(evaluate(condition, known) for condition in implied) is by_reading, known


def test_every_axiom_of_the_reading_is_compared(library: Library) -> None:
    """No axiom speaks of variables of two groups, and no implied one of a group and of something else."""
    spoken = [axiom for axiom in library.axioms if axiom.id.startswith("tree:")]
    for axiom in spoken:
        names = variables(axiom.condition)
        assert "prior_drugs" in names or any(names <= set(group) for group in GROUPS), axiom.id


def forced(library: Library, name: str) -> set[str]:
    """The variables that a drug in the list implies."""
    classes = library.classes_of("prior_drugs", name)
    assert classes is not None, name
    known: dict[str, Domain] = {"prior_drugs": Recorded(1, classes)}
    found = set()
    for axiom in library.axioms:
        names = variables(axiom.condition)
        if "prior_drugs" in names and not axiom.id.startswith("tree:prior_drugs:closed"):
            (other,) = names - {"prior_drugs"}
            absent = library.variables[other].absence
            if evaluate(axiom.condition, {**known, other: absent}) is False:
                found.add(other)
    return found


def test_a_drug_implies_what_its_classes_do(library: Library) -> None:
    """Every drug of a class implies what the clinical reading says, and nothing else; one of no class may say more."""
    follows = {"prior_car_t": {"prior_cellular_therapy"}, "prior_car_nk": {"prior_cellular_therapy"}}
    follows["prior_cd123_car"] = {"prior_car_t", "prior_anti_cd123", "prior_cellular_therapy"}
    for name, _, classes in names_of_drugs():
        said = {FORCED[each] for each in classes if each in FORCED}
        said = said.union(*(follows.get(each, set()) for each in said))
        if classes:
            assert forced(library, name) == said, name
        else:
            assert forced(library, name).isdisjoint(FORCED.values()), name


def test_a_complete_list_closes_six_classes(library: Library) -> None:
    """What a complete list without such a drug denies, and no other variable."""
    none: dict[str, Domain] = {"prior_drugs": Recorded(0, frozenset(), True)}
    denied = set()
    for axiom in library.axioms:
        names = variables(axiom.condition)
        if "prior_drugs" in names:
            (other,) = names - {"prior_drugs"}
            there: Domain = (
                point(1, whole=True)
                if isinstance(library.variables[other].type, IntegerType)
                else frozenset({True})
            )
            if evaluate(axiom.condition, {**none, other: there}) is False:
                denied.add(other)
    assert denied == set(CLOSED)
