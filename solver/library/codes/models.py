"""What `encodings/codes/` holds, compiled: which codes mean which variable, and how a value is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass

ReadForm = Literal[
    "quantity",
    "integer",
    "boolean",
    "answer",
    "date",
    "present",
    "event",
    "variant",
    "iscn",
    "hla",
    "dose",
    "nothing",
]
"""How what stands under a code is read; `nothing` is known to say no state, such as a trend."""

SameDay = Literal["cover", "replicates"]


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A code system: its name here, and every address that real files use for it.

    `match` says whether a code covers all that begin with it, and `dots_optional` whether codes may leave out the dot. `check` is how the
    last digit of its codes is found from the others; codes that begin with a letter have none.
    """

    name: str
    addresses: tuple[str, ...]
    match: Literal["exact", "prefix"] = "exact"
    dots_optional: bool = False
    check: Literal["mod10", "verhoeff"] | None = None

    def normal(self, code: str) -> str:
        """A code as codes are compared: without blanks around it and, in a system that is read by prefix, without case and dot."""
        code = code.strip()
        if self.match == "prefix":
            code = code.upper()
        return code.replace(".", "") if self.dots_optional else code


@dataclass(frozen=True, slots=True)
class MappedCode:
    """A code; `system` is the name of a `CodeSystem`, or an address as it stands.

    With `last` it stands for all codes from `code` to `last`, both with what begins with them; what begins with a code of `excluded` is
    left out.
    """

    system: str
    code: str
    last: str | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AbsenceRule:
    """What a variable is where nothing mentions it and all these lists are complete."""

    lists: tuple[str, ...]
    value: object


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One entry: what these codes mean in this kind of resource.

    `variable` is what it is read into, or `concept` what has happened or was found; neither where the reading itself tells (a variant).
    `window` is in days; None: a result never grows old. `answers` are coded answers and their values; `texts` whole texts that mean the
    same as the codes, folded. `least`, `most` and `step` bound a score. `unit` is that of a result that has none. `when` is `now` for a
    state that can pass, `ever` for one that is true from then on. `beside` is the entry without a result of which, of the same panel or
    moment, this one says nothing. What an entry `offers` is not stated by it, only made possible, but `while_current` an event of that
    concept goes on; what is `over` is the history of a state. `mentions` are variables that what it states puts in doubt as well. `path`
    replaces the reading of the value.
    """

    id: str
    variable: str | None
    resource: str
    read: ReadForm
    concept: str | None = None
    codes: tuple[MappedCode, ...] = ()
    answers: Mapping[MappedCode, object] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()
    least: int | None = None
    most: int | None = None
    step: int = 1
    unit: str | None = None
    window: int | None = None
    same_day: SameDay = "cover"
    lasting: bool = False
    when: Literal["now", "ever"] | None = None
    absent: AbsenceRule | None = None
    beside: str | None = None
    offers: bool = False
    over: bool = False
    mentions: tuple[str, ...] = ()
    while_current: str | None = None
    path: str | None = None
