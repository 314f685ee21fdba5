"""What names mean where an expression is elaborated: those of a library, or of the variables alone before anything is defined."""

from __future__ import annotations

from collections.abc import Mapping

from solver.language.concepts import ConceptTree
from solver.language.values import Scope
from solver.library.models import Library, Variable
from solver.library.names import OtherNames, labelled


def library_scope(library: Library) -> Scope:
    """What names mean in the words of a library."""
    scope = scope_of(library.variables, library.names, library.concepts)
    scope.definitions = dict(library.definitions)
    scope.classes = {name: found.list for name, found in library.classes.items()}
    scope.terms = {name: each.term for name, each in library.theory_terms.items() if each.term is not None}
    return scope


def scope_of(known: Mapping[str, Variable], names: OtherNames, tree: ConceptTree) -> Scope:
    """What names mean before anything is defined."""
    types = {name: variable.type for name, variable in known.items()}
    references = {
        name: frozenset(variable.reference) for name, variable in known.items() if variable.reference
    }
    events = {name: each.means.list for name, each in known.items() if each.means and each.means.list}
    labels = {name: variable.label for name, variable in known.items()}

    def suggest(name: str, of: str) -> str:
        return names.hint(name, of) if of else labelled(names.hint(name), labels)

    return Scope(types, concepts=tree, events=events, references=references, labels=labels, suggest=suggest)
