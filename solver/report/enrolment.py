"""What entering a trial changes, as JSON values and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from typing_extensions import TypedDict

from solver.language.domain import Domain, Interval
from solver.language.types import EnumerationType
from solver.library.beside import Enrolment
from solver.library.models import Library, Variable
from solver.report.head import HEADING
from solver.report.page import Page
from solver.report.words import listed


class EffectShape(TypedDict):
    """What entering the trial sets of a variable: one value, or several of which one holds."""

    variable: str
    values: list[bool | int | str]


class EnrolmentShape(TypedDict):
    """What entering the trial does to what is known of a patient."""

    during: list[EffectShape]
    """What holds while on the trial."""
    after: list[EffectShape]
    """What holds from then on."""
    outdates: list[str]
    """Variables whose recorded values are out of date afterwards, and to be known anew."""
    forgets: list[str]
    """Variables of which nothing is known afterwards, since entering makes what was recorded false."""


def enrolment_document(enrolment: Enrolment, library: Library) -> EnrolmentShape:
    """The effects of entering a trial as JSON values."""
    return {
        "during": _effects(enrolment.during, library),
        "after": _effects(enrolment.after, library),
        "outdates": list(enrolment.outdates),
        "forgets": list(enrolment.forgets),
    }


def _effects(effects: Mapping[str, Domain], library: Library) -> list[EffectShape]:
    return [
        {"variable": name, "values": _values(domain, library.variables[name])}
        for name, domain in effects.items()
    ]


def _values(domain: Domain, variable: Variable) -> list[bool | int | str]:
    """The values of an effect, those of an enumeration in its order."""
    if isinstance(domain, Interval):
        return [int(domain.low)]
    order = variable.type.values if isinstance(variable.type, EnumerationType) else (True, False)
    assert isinstance(domain, frozenset)
    return [value for value in order if value in domain]


def write_enrolment(page: Page, shape: EnrolmentShape, library: Library) -> None:
    """Add what entering a trial changes, if it changes anything."""
    if not any(shape.values()):
        return
    page.blank()
    page.text("What entering it changes", style=HEADING)
    for lead, effects in (("while on it: ", shape["during"]), ("afterwards: ", shape["after"])):
        if effects:
            page.text("; ".join(effect_words(effect, library) for effect in effects), indent=2, lead=lead)
    stated = {effect["variable"] for effect in shape["after"]}
    for lead, names in (
        ("no longer known afterwards: ", [name for name in shape["forgets"] if name not in stated]),
        ("out of date afterwards, to be known anew: ", shape["outdates"]),
    ):
        if names:
            page.text(f"{lead}{labels(names, library)}", indent=2)


def labels(names: Iterable[str], library: Library) -> str:
    """The variables in words, as a list."""
    return listed([library.variables[name].label for name in names])


def effect_words(effect: EffectShape, library: Library) -> str:
    """An effect in words: `smoker: yes`."""
    words = [
        ("yes" if value else "no") if isinstance(value, bool) else str(value) for value in effect["values"]
    ]
    return f"{library.variables[effect['variable']].label}: {listed(words, 'or')}"
