"""The entries of lists: what they are called, and which classes each belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_LEFT_OUT = str.maketrans(
    "", "", " \t\u00a0\u202f-_.'/`\u2010\u2011\u2012\u2013\u2014\u2019\u02bc\u00ae\u2122\u2120\u00a9"
)
_TYPED_MARK = re.compile(r"\((?:r|tm|sm|c)\)")
_SUFFIX = re.compile(
    r"(.+)[-\u2010\u2011\u2012\u2013][a-z]{4}[\s\u00ae\u2122\u2120]*(?:\((?:r|tm|sm|c)\)\s*)?",
    re.ASCII | re.IGNORECASE,
)


def fold_name(name: str) -> str:
    """A name without case, blanks, hyphens, underscores, dots, apostrophes, slashes and trade-mark signs, for comparison.

    The signs may be typed: `Rituxan (R)`.
    """
    return _TYPED_MARK.sub("", name.casefold()).translate(_LEFT_OUT)


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
        if found is None and (form := _SUFFIX.fullmatch(entry.strip())):
            found = self.classes.get(fold_name(form[1]))
        return found


@dataclass(frozen=True, slots=True)
class Groups:
    """What the entries of a list begin with: `form` finds it as `group`, `known` are the ones there are, and `label` says what they are."""

    label: str
    known: tuple[str, ...]
    form: str
