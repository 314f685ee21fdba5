"""Names of things in the world, such as drugs, as people write them: when two are the same name."""

from __future__ import annotations

import re

from solver.patterns import pattern

_LEFT_OUT = str.maketrans(
    "", "", " \t\u00a0\u202f-_.'/`\u2010\u2011\u2012\u2013\u2014\u2019\u02bc\u00ae\u2122\u2120\u00a9"
)
_TYPED_MARK = pattern(r"\((?:r|tm|sm|c)\)")
_SUFFIX = pattern(
    r"(.+)[-\u2010\u2011\u2012\u2013][a-z]{4}[\s\u00ae\u2122\u2120]*(?:\((?:r|tm|sm|c)\)\s*)?",
    re.ASCII | re.IGNORECASE,
)


def fold_name(name: str) -> str:
    """A name without case, blanks, hyphens, underscores, dots, apostrophes, slashes and trade-mark signs, for comparison.

    The signs may be typed: `Rituxan (R)`.
    """
    return _TYPED_MARK.sub("", name.casefold()).translate(_LEFT_OUT)


def without_suffix(name: str) -> str | None:
    """The name without the hyphen and four letters that the official names of biological medicines may end in; None if it has none."""
    form = _SUFFIX.fullmatch(name.strip())
    return form[1] if form else None
