"""Karyotypes in ISCN, the notation of chromosomes: what clones were seen, and which rearrangements they have.

    46,XX,t(9;11)(p21;q23)[15]/46,XX[5]     two clones, one with a break in 9p21 and in 11q23
    46,XX[20]                               normal
    46,XY,t(11;22)(q23;q11.2)c[20]          normal: what ends in c was so from birth
    nuc ish(9q34,22q11)x2                   no karyotypes but probes in resting nuclei

Behind `//` stand the clones of a donor, which are not the patient's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from solver.dataclass import dataclass
from solver.patterns import pattern

ANY = "*"
"""The chromosome of a pattern that may be any."""

_CLONE = pattern(
    r"(?:mos)?(?P<number>\d{2,3})(?P<range>[~-]\d{2,3})?(?:<\d+n[+-]?>)?,(?P<sex>[XY]+c?|idem|sl|sdl\d?)"
    r"(?P<items>(?:,[^,\[\]]+)*)(?:\[(?:cp)?\d+\])?",
    re.IGNORECASE,
)
_FORM = pattern(
    r"(?<![?a-z])(?P<form>t|inv|ins)\((?P<chromosomes>[0-9XY*;]+)\)(?:\((?P<bands>[^()]*)\))?", re.IGNORECASE
)
_BAND = pattern(r"[pq]\d+(?:\.\d+)?")
_NORMAL_NUMBER = 46


@dataclass(frozen=True, slots=True)
class Rearrangement:
    """Breaks that are joined anew: its form (`t`, `inv`), its chromosomes, and the band of each break; none where they are not given.

    In an inversion both breaks are in the one chromosome.
    """

    form: str
    chromosomes: tuple[str, ...]
    bands: tuple[str, ...] = ()

    def is_of(self, pattern: Rearrangement) -> bool:
        """Whether it is what a pattern describes: the same breaks, where a band covers what lies within it, those of `t` in any order.

        A translocation whose pattern has a chromosome `*` fits if all other breaks of the pattern are there.
        """
        if self.form != pattern.form:
            return False
        if pattern.form == "t":
            return self._has_breaks(pattern)
        if self.chromosomes != pattern.chromosomes or len(self.bands) < len(pattern.bands):
            return False
        return all(_within(band, of) for band, of in zip(self.bands, pattern.bands, strict=False))

    def _has_breaks(self, pattern: Rearrangement) -> bool:
        left = list(self._breaks())
        for chromosome, band in pattern._breaks():
            if chromosome == ANY:
                continue
            fitting = next((one for one in left if one[0] == chromosome and _within(one[1], band)), None)
            if fitting is None:
                return False
            left.remove(fitting)
        return not left or ANY in pattern.chromosomes

    def _breaks(self) -> Iterator[tuple[str, str]]:
        for i, chromosome in enumerate(self.chromosomes):
            yield chromosome, self.bands[i] if i < len(self.bands) else ""


@dataclass(frozen=True, slots=True)
class Karyotype:
    """What karyotypes say of the patient: whether every clone is normal, and the rearrangements that were not there from birth."""

    normal: bool
    rearrangements: tuple[Rearrangement, ...]


def read_karyotype(text: str) -> Karyotype | None:
    """The karyotypes of the clones that a text writes; None if it writes none, or those of a donor alone."""
    found: list[Rearrangement] = []
    normal = True
    for written in _own_part("".join(text.split())).split("/"):
        clone = _CLONE.fullmatch(written)
        if clone is None:
            return None
        items = [item for item in clone["items"].split(",") if item]
        acquired = [item for item in items if not item.endswith("c")]
        from_birth = len(acquired) < len(items) or clone["sex"].endswith("c")
        whole = clone["range"] is None and int(clone["number"]) == _NORMAL_NUMBER
        usual = clone["sex"].upper() in ("XX", "XY")
        normal &= not acquired and (from_birth or (whole and usual))
        found += [each for item in acquired for each in rearrangements_in(item)]
    return Karyotype(normal, tuple(dict.fromkeys(found)))


def rearrangements_in(text: str) -> Iterator[Rearrangement]:
    """Every translocation and inversion that a text writes out, but those that it doubts and those from birth."""
    for form in _FORM.finditer(text):
        found = _rearrangement(form)
        if found is not None and ANY not in found.chromosomes and not text.startswith("c", form.end()):
            yield found


def pattern_of(text: str) -> Rearrangement | None:
    """The pattern that a text such as `t(8;21)(q22;q22)` or `t(*;11)(*;q23)` writes; None if it writes none."""
    form = _FORM.fullmatch(text)
    return _rearrangement(form) if form else None


def _rearrangement(form: re.Match[str]) -> Rearrangement | None:
    kind, chromosomes = form["form"].lower(), tuple(form["chromosomes"].upper().split(";"))
    if form["bands"] is None:
        return Rearrangement(kind, chromosomes)
    if kind != "t":
        return Rearrangement(kind, chromosomes, tuple(_BAND.findall(form["bands"])))
    bands = [_BAND.match(band) or band == ANY for band in form["bands"].split(";")]
    if len(bands) != len(chromosomes) or not all(bands):
        return None
    return Rearrangement(kind, chromosomes, tuple(ANY if band is True else band[0] for band in bands if band))


def _own_part(text: str) -> str:
    """The karyotypes of the patient, without a full stop, what other methods saw behind it, and the clones of a donor."""
    own = text.partition("//")[0]
    return re.split(r"\.(?:nuc)?(?:ish|arr)", own, flags=re.IGNORECASE)[0].removesuffix(".")


def _within(band: str, of: str) -> bool:
    """Whether a band is another or a part of it; a pattern without one takes any."""
    return of in ("", ANY) or band == of or band.startswith(f"{of}.")
