"""Answers about concepts as entries of a record, as far as an entry says no more than was asked.

ever(hiv): no                          "never": ["hiv"]
ever(hiv): yes                         "conditions": [{"is": "hiv"}]
last_end(surgery): 2026-01-02          nothing: an entry would have to say more than was asked
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.language.concepts import LISTS
from solver.library.models import Library

_NEVER = "never"
_NO = ("false", "no")


def with_answered_terms(
    document: dict[str, Any], answers: Mapping[str, str], library: Library
) -> dict[str, Any]:
    """The document of a record with the answers, by the names of the terms."""
    for name, text in answers.items():
        concept = _asked_ever(library, name)
        if concept is None:
            continue
        if text.casefold() in _NO:
            said = document.get(_NEVER)
            document = {**document, _NEVER: [*(said if isinstance(said, list) else ()), concept]}
        else:
            kind = _list_of(library, concept)
            facts = document.get("facts", {})
            document = {**document, "facts": {**facts, kind: [*facts.get(kind, ()), {"is": concept}]}}
    return document


def unwritten_answers(answers: Mapping[str, str], library: Library) -> list[str]:
    """The answers, in words, that no entry of a record says."""
    return [
        f"{library.terms[name].label}: {text}"
        for name, text in answers.items()
        if _asked_ever(library, name) is None
    ]


def _asked_ever(library: Library, name: str) -> str | None:
    """The concept of which a term asks whether there ever was anything of it; None for another term."""
    term = library.terms[name].term
    if term is None or term.question != "ever" or term.of is None or term.of.excluded:
        return None
    return term.of.concept if _list_of(library, term.of.concept) else None


def _list_of(library: Library, concept: str) -> str:
    kind = library.concepts[concept].kind
    return next((name for name, kinds in LISTS.items() if kind in kinds), "")
