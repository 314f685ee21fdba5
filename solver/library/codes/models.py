"""What `encodings/codes/` holds, compiled: which codes mean which variable, and how a value is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ReadForm = Literal[
    "quantity", "integer", "boolean", "answer", "date", "present", "event", "variant", "iscn", "hla", "dose"
]
"""How what stands under a code is read."""

SameDay = Literal["cover", "replicates"]


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A code system: its name here, and every address that real files use for it.

    `match` says whether a code covers all that begin with it, and `dots` whether codes may leave out the dot.
    """

    name: str
    addresses: tuple[str, ...]
    match: Literal["exact", "prefix"] = "exact"
    dots_optional: bool = False


@dataclass(frozen=True, slots=True)
class MappedCode:
    """A code that is switched on; `system` is the name of a `CodeSystem`, or an address as it stands."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class AbsenceRule:
    """What a variable is where nothing mentions it and all these lists are complete."""

    lists: tuple[str, ...]
    value: object


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One entry: what these codes mean in this kind of resource. `window` is in days; None: a result never grows old.

    `answers` are coded answers and their values; `texts` whole texts that mean the same as the codes, folded. `least`, `most` and `step`
    bound a score. `when` is `now` for a state that can pass, `ever` for one that is true from then on.
    """

    id: str
    variable: str
    resource: str
    read: ReadForm
    codes: tuple[MappedCode, ...] = ()
    answers: Mapping[MappedCode, object] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()
    least: int | None = None
    most: int | None = None
    step: int = 1
    window: int | None = None
    same_day: SameDay = "cover"
    lasting: bool = False
    when: Literal["now", "ever"] | None = None
    absent: AbsenceRule | None = None
