"""Units as laboratories and people print them, as codes of UCUM.

Whole texts are first brought to one form, then each term between operators is looked up. So `10^3 cells/mcL`, `K/cu mm` and
`thousand per cubic millimetre` all become `10*3/uL`. Nothing is guessed: what could be of two sizes is no unit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from solver.patterns import pattern

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_CUBIC = r"(?:c(?:ubic|u\.?)\s*(?:milli\s*met(?:er|re)s?|mm)\.?|mm(?:\^|\*\*|\*)?3|cmm)"
_TIMES = r"(?:[xX*]\s*)?"

_PATTERNS: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
    (r"(?i)\b1\.73[ _]?(?:m\s?(?:\^|\*\*|\*)?2|sq\.?\s?m|square met(?:er|re)s?)", "{1.73_m2}"),
    (r"[{(]?\{1\.73_m2\}[)}]?", "{1.73_m2}"),
    (rf"(?i)(?<![a-z]){_CUBIC}(?![a-z0-9])", "uL"),
    (r"(?i)(?<![a-z])cm(?:\^|\*\*|\*)?3(?!\d)", "mL"),
    (r"(?i)\bmm\s*hg\b", "mm[Hg]"),
    (r"(?i)\bper\s?cent\b", "%"),
    (r"(?i)(?:^|\s+|(?<=/))per\s+", "/"),
    (r"(?i)(?<=/)\s*24\s*(?:h|hrs?|hours?)$", "d"),
    (r"(?i)\s+(?:once\s+(?:a\s+|per\s+)?da(?:il)?y|daily|a day|qd)$", "/d"),
    (r"(?i)(?<=/)\s*100\s*ml$", "dL"),
    (rf"(?<![\w.]){_TIMES}10\s?(?:\^|\*\*|\*|[eE])\s?\+?(\d{{1,2}})(?!\d)", r"10*\1"),
    (rf"(?<![\w.]){_TIMES}10\s?\(\s?(\d{{1,2}})\s?\)", r"10*\1"),
    (r"(?<![\w.])[xX1]?[eE](\d{1,2})(?=\s|/|$)", r"10*\1"),
    (rf"(?<![\w.]){_TIMES}1000(?=\s|/|$)", "1000"),
    (r"(?i)^cells?\s+(?=10\*|1000)", ""),
    (r"(?i)\s+(?:cells?|/)(?=\s|/|$)", lambda found: "/" if "/" in found[0] else ""),
    (r"(?<=\d)\s+(?=[A-Za-z\[])", "."),
]


@cache
def _forms() -> list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]]:
    """The patterns compiled, which is work, and for most records none."""
    return [(re.compile(pattern), code) for pattern, code in _PATTERNS]


_WHOLE = {"": "1", "mg%": "mg/dL", "uM": "umol/L", "mM": "mmol/L", "G/DL": "g/dL"}

WORDS = {
    **dict.fromkeys(("ratio", "score", "grade", "count", "cell", "cells", "beat", "beats", "#"), "1"),
    **dict.fromkeys(("percent", "pct"), "%"),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), "[lb_av]"),
    **dict.fromkeys(("oz", "ounce", "ounces"), "[oz_av]"),
    **dict.fromkeys(("in", "inch", "inches"), "[in_i]"),
    **dict.fromkeys(("ft", "foot", "feet"), "[ft_i]"),
    **dict.fromkeys(("gm", "gram", "gramm", "gramme"), "g"),
    **dict.fromkeys(("liter", "litre"), "L"),
    **dict.fromkeys(("meter", "metre"), "m"),
    "kilo": "kg",
    "mole": "mol",
    "equivalent": "eq",
    "cc": "mL",
    **dict.fromkeys(("sec", "second"), "s"),
    "msec": "ms",
    "minute": "min",
    **dict.fromkeys(("hr", "hour"), "h"),
    "day": "d",
    "week": "wk",
    **dict.fromkeys(("month", "mth"), "mo"),
    **dict.fromkeys(("year", "yr"), "a"),
    "mmHg": "mm[Hg]",
    **dict.fromkeys(("u", "unit"), "U"),
    **dict.fromkeys(("thousand", "thous", "thou", "Tsd"), "10*3"),
    **dict.fromkeys(("million", "Mio"), "10*6"),
    **dict.fromkeys(("giga", "Mrd", "Gpt"), "10*9"),
    "tera": "10*12",
}
"""Words and short forms of one term of a unit; the plural and any case of each is one as well."""

SPELT_OUT = [
    *(word for word in WORDS if len(word) > 5),
    *(
        f"{prefix}{word}"
        for prefix in ("kilo", "deci", "centi", "milli", "micro", "nano", "pico")
        for word in ("gram", "liter", "litre", "meter", "metre", "mole", "second")
    ),
]
"""Words long enough for a slip in one to leave no doubt which is meant."""

COUNTS = {
    "K/uL": "10*3/uL",
    "k/uL": "10*3/uL",
    "1000/uL": "10*3/uL",
    "M/uL": "10*6/uL",
    "G/L": "10*9/L",
    "T/L": "10*12/L",
}
"""Letters that stand for a multiple in a count only, and only in the volume in which they are printed."""

_PREFIXES = {
    "micro": "u",
    "milli": "m",
    "kilo": "k",
    "deci": "d",
    "centi": "c",
    "nano": "n",
    "pico": "p",
    "mc": "u",
}
_PREFIXED = pattern(rf"(?i)({'|'.join(_PREFIXES)})[ -]?(..+|[gl])")
_FOLDED = {word.casefold(): code for word, code in WORDS.items()}


def as_code(text: str) -> str:
    """The text of a unit with its numbers, cubes and operators as UCUM writes them; terms are left as they are."""
    raised = re.sub(r"(?<=10)[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "*" + found[0].translate(_SUPERSCRIPTS), text)
    plain = unicodedata.normalize("NFKC", raised.translate(_SUPERSCRIPTS))
    plain = plain.replace("μ", "u").replace("×", "x").replace("⁄", "/").replace("∕", "/")
    plain = " ".join(plain.split())
    if plain in _WHOLE:
        return _WHOLE[plain]
    for form, code in _forms():
        plain = form.sub(code, plain)
    plain = re.sub(r"(?<=[A-Za-z])\.(?=/|$)", "", plain)
    return "/min" if plain.casefold() == "bpm" else _count_code(plain)


def _count_code(code: str) -> str:
    letters, slash, volume = code.partition("/")
    named = word_as_code(volume.strip(), lambda each: each in ("uL", "L"))
    return COUNTS.get(f"{letters.strip()}/{named or volume.strip()}", code) if slash else code


def word_as_code(word: str, known: Callable[[str], bool]) -> str | None:
    """The code that a term stands for in another spelling or case, if it is `known`.

    Spellings are tried from the nearest: a small l for litres, a word, a prefix spelt out, all capitals, the plural.
    """
    for spelling in (word, word.casefold()) if len(word) > 1 else (word,):
        if spelling in _FOLDED:
            return _FOLDED[spelling]
        for code in (spelling, spelling[:-1] + "L" if spelling.endswith("l") else spelling):
            if known(code):
                return code
    if word.casefold() in _FOLDED:
        return _FOLDED[word.casefold()]
    prefixed = _PREFIXED.fullmatch(word)
    if prefixed:
        rest = word_as_code(prefixed[2], lambda each: known("m" + each))
        code = _PREFIXES[prefixed[1].casefold()] + (rest or prefixed[2])
        if known(code):
            return code
    return word_as_code(word[:-1], known) if len(word) > 2 and word[-1] in "sS" else None
