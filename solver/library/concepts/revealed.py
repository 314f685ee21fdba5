"""Which tests tell of the terms that are asked about concepts and results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from solver.language.concepts import ConceptTree
from solver.language.values import ConceptTerm
from solver.library.orders import Test


def tests_of_terms(
    tests: Mapping[str, Test], terms: Iterable[ConceptTerm], tree: ConceptTree, lightest: str
) -> dict[str, Test]:
    """The tests, each with the terms that it tells of; a list of which none tells is asked for, which is a `lightest` burden.

    The result of a variable tells of its limits of normal and of its day.
    """
    found = dict(tests)
    if not tests:
        return found
    for term in terms:
        telling = [test.id for test in tests.values() if _tells(test, term, tree)]
        if not telling and term.of is not None:
            telling = [_asked(found, tree[term.of.concept].list, lightest)]
        for name in telling:
            test = found[name]
            found[name] = replace(test, reveals=(*test.reveals, term.name))
    return found


def _tells(test: Test, term: ConceptTerm, tree: ConceptTree) -> bool:
    if term.variable:
        return term.variable in test.reveals
    assert term.of is not None
    concept = term.of.concept
    return tree[concept].list in test.about or not tree.broader(concept).isdisjoint(test.about)


def _asked(found: dict[str, Test], name: str, burden: str) -> str:
    """The question for a list of a record, which is added where it is not there."""
    asked = f"ask:{name}"
    if asked not in found:
        found[asked] = Test(asked, f"question for {name}", (), burden, 0, "asked for", how=f"ask for {name}")
    return asked
