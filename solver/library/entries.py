"""The entries of lists: what they are called, and which classes each belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from solver.dataclass import dataclass
from solver.language.spelling import fold_name, without_suffix


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about an entry of a list: its code, and its sentence, in which `{entry}` stands for the entry."""

    code: str
    text: str

    def of(self, entry: str) -> str:
        """The sentence about an entry."""
        return self.text.replace("{entry}", entry)


@dataclass(frozen=True, slots=True)
class ListClass:
    """A class of entries of a list.

    The entries of a list of names belong to it by the names of its register; of one whose entries have a form, those that the regular
    expression `pattern` fits. `members` are entries of it that can serve as examples. Where an entry belongs to it, `remark` warns.
    """

    name: str
    list: str
    label: str
    source: str
    members: tuple[str, ...] = ()
    pattern: str | None = None
    remark: Remark | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """The names that the entries of an open list are recognised by.

    `classes` gives for each name, as `fold_name` leaves it, the classes that what it means belongs to; `names` are all names as they are
    written. What is not recognised implies nothing: `unrecognised` warns of it, and `unclosed` where the list is said to be complete.
    """

    list: str
    classes: Mapping[str, frozenset[str]]
    names: tuple[str, ...]
    unrecognised: Remark
    unclosed: Remark

    def of(self, entry: str) -> frozenset[str] | None:
        """The classes of what a name means; None if it is not recognised.

        A name that fits nothing and ends in a hyphen and four letters is tried without them: official names of biological medicines may
        have such a suffix.
        """
        found = self.classes.get(fold_name(entry))
        if found is None and (shorter := without_suffix(entry)) is not None:
            found = self.classes.get(fold_name(shorter))
        return found


@dataclass(frozen=True, slots=True)
class Groups:
    """What the entries of a list begin with: `form` finds it as `group`, `known` are the ones there are, and `label` says what they are."""

    label: str
    known: tuple[str, ...]
    form: str
