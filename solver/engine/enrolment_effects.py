"""What entering a trial does to what is known of a patient."""

from __future__ import annotations

from solver.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """What entering the trial sets of a variable: one value, or several of which one holds."""

    variable: str
    values: tuple[bool | int | str, ...]


@dataclass(frozen=True, slots=True)
class EnrolmentEffects:
    """What entering the trial does to what is known of a patient."""

    during: tuple[Effect, ...]
    """What holds while on the trial."""
    after: tuple[Effect, ...]
    """What holds from then on."""
    outdates: tuple[str, ...]
    """Variables whose recorded values are out of date afterwards, and to be known anew."""
    forgets: tuple[str, ...]
    """Variables of which nothing is known afterwards, since entering makes what was recorded false."""

    @property
    def unknown(self) -> list[str]:
        """Those of `forgets` of which `after` does not say what holds."""
        stated = {effect.variable for effect in self.after}
        return [name for name in self.forgets if name not in stated]
