"""What people call the variables and their values: the names of a message that says what is meant, never read as the thing itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import field

from solver.dataclass import dataclass
from solver.errors import with_label

_FILLERS = frozenset(
    (
        "is",
        "has",
        "patient",
        "pt",
        "latest",
        "measured",
        "status",
        "state",
        "value",
        "result",
        "results",
        "level",
        "test",
        "score",
        "flag",
        "present",
        "positive",
        "pos",
        "gene",
        "fusion",
        "mutant",
        "mut",
        "mutation",
        "mutations",
        "mutated",
    )
)
"""Words at either end of a name that say nothing of which thing is meant."""


@dataclass(frozen=True, slots=True)
class OtherNames:
    """For each variable, and under `""` for the variables themselves, what is said of a name that is another's.

    `concepts` are those that a name means which is no variable's, by the name as it is compared.
    """

    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def hint(self, name: str, of: str = "") -> str:
        """What to add to a message about an unknown name, or about a value that the variable `of` does not have; perhaps nothing."""
        known = self.said.get(of, {})
        found = known.get(fold_other_name(name))
        if found is None and not of:
            spaced = "".join(letter if letter.isalnum() else " " for letter in _words_apart(name))
            words = spaced.casefold().split()
            while found is None and len(words) > 1 and (words[0] in _FILLERS or words[-1] in _FILLERS):
                words = words[:-1] if words[-1] in _FILLERS else words[1:]
                found = known.get(fold_other_name("".join(words)))
        return found or ""


def fold_other_name(name: str) -> str:
    """A name by its letters, digits and plus signs alone, for comparison."""
    letters = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum() or letter == "+")


def _words_apart(name: str) -> str:
    """The words of a name apart, also where only a capital begins the next."""
    return "".join(
        f" {letter}" if letter.isupper() and before.islower() else letter
        for before, letter in zip(" " + name, name, strict=False)
    )


def meant(names: Sequence[str]) -> str:
    """`; did you mean 'a' or 'b'?`"""
    quoted = [f"'{name}'" for name in names]
    return f"; did you mean {' or '.join(filter(None, [', '.join(quoted[:-1]), quoted[-1]]))}?"


def labelled(hint: str, labels: Mapping[str, str]) -> str:
    """What is added to a message, with the label of each variable that it offers."""
    if not hint.startswith("; did you mean"):
        return hint
    return re.sub(r"'(\w+)'", lambda found: with_label(found[1], labels), hint)
