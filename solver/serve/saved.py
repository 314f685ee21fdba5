"""The record that is saved of a visit: its document, with the answers about concepts as entries of it.

ever(hiv): no                          "never": ["hiv"]
ever(hiv): yes                         "conditions": [{"is": "hiv"}]
last_end(surgery): 2026-01-02          nothing: an entry would have to say more than was asked
"""

from __future__ import annotations

from typing import Any

from solver.language.concepts import LISTS
from solver.library.models import Library
from solver.serve.desk import Desk
from solver.serve.visits import Visit

NEVER = "never"


def saved_document(desk: Desk, visit: Visit) -> dict[str, Any]:
    """The record as it stands."""
    document = visit.document
    for name, text in visit.terms.items():
        concept = _ever(desk.library, name)
        if concept is None:
            continue
        if text == "false":
            said = document.get(NEVER)
            document = {**document, NEVER: [*(said if isinstance(said, list) else ()), concept]}
        else:
            kind = _list_of(desk.library, concept)
            facts = document.get("facts", {})
            document = {**document, "facts": {**facts, kind: [*facts.get(kind, ()), {"is": concept}]}}
    return document


def unsaved(desk: Desk, visit: Visit) -> list[str]:
    """The answers, in words, that no entry of a record says."""
    terms = desk.library.terms
    return [
        f"{terms[name].label}: {text}"
        for name, text in visit.terms.items()
        if _ever(desk.library, name) is None
    ]


def _ever(library: Library, name: str) -> str | None:
    """The concept of which a term asks whether there ever was anything of it; None for another term."""
    term = library.terms[name].term
    if term is None or term.question != "ever" or term.of is None or term.of.excluded:
        return None
    return term.of.concept if _list_of(library, term.of.concept) else None


def _list_of(library: Library, concept: str) -> str:
    kind = library.concepts[concept].kind
    return next((name for name, kinds in LISTS.items() if kind in kinds), "")
