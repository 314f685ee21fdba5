"""What can be ordered or asked: tests, what they ask of the patient, and how likely they end a trial."""

from __future__ import annotations

from solver.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Burden:
    """A class of tests by what they ask of the patient; `weight` is what one such test adds to the burden of a plan."""

    id: str
    label: str
    weight: int


@dataclass(frozen=True, slots=True)
class Chance:
    """In how many of a hundred patients of whom it is not known a variable has a value, from `source`.

    Without a value: in how many it ends a trial that asks for it. Without a variable the same of whatever else the test reveals.
    """

    percent: int
    source: str
    variable: str | None = None
    value: bool | str | None = None


@dataclass(frozen=True, slots=True)
class Test:
    """Something that can be ordered or asked: the requested variables whose values it gives, and what it costs.

    `burden` is the id of a `Burden`; `days` is how long an answer usually takes, from `source`. `how` says in an imperative what to do.
    Tests of the same `act` are done at once, such as those of one blood draw. What is asked is counted by question, and `questions` is the
    word for several. `chances` say how likely its results end a trial. It tells of all terms about the concepts `about`, and of those that
    are narrower; the name of a list of a record stands for all of that list.
    """

    id: str
    label: str
    reveals: tuple[str, ...]
    burden: str
    days: int
    source: str
    note: str = ""
    chances: tuple[Chance, ...] = ()
    how: str = ""
    act: str = ""
    questions: str = ""
    about: tuple[str, ...] = ()
