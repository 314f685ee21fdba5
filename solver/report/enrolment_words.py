"""What entering a trial changes, in words."""

from __future__ import annotations

from collections.abc import Iterable

from solver.engine.answer import EnrolmentEffects
from solver.engine.enrolment_effects import Effect
from solver.library.models import Library
from solver.report.head import HEADING
from solver.report.page import Page
from solver.report.words import listed


def write_enrolment(page: Page, effects: EnrolmentEffects, library: Library) -> None:
    """Add what entering a trial changes, if it changes anything."""
    if not (effects.during or effects.after or effects.outdates or effects.forgets):
        return
    page.blank()
    page.text("What entering it changes", style=HEADING)
    for lead, several in (("while on it: ", effects.during), ("afterwards: ", effects.after)):
        if several:
            page.text("; ".join(effect_words(effect, library) for effect in several), indent=2, lead=lead)
    for lead, names in (
        ("no longer known afterwards: ", effects.unknown),
        ("out of date afterwards, to be known anew: ", effects.outdates),
    ):
        if names:
            page.text(f"{lead}{labels(names, library)}", indent=2)


def labels(names: Iterable[str], library: Library) -> str:
    """The variables in words, as a list."""
    return listed([library.variables[name].label for name in names])


def effect_words(effect: Effect, library: Library) -> str:
    """An effect in words: `smoker: yes`."""
    words = [("yes" if value else "no") if isinstance(value, bool) else str(value) for value in effect.values]
    return f"{library.variables[effect.variable].label}: {listed(words, 'or')}"
