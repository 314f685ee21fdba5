"""The dataclasses of this program are those of the standard library, but for when their methods are written."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from solver.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Base:
    """Has a field without a default, and one that is made anew."""

    first: int
    made: Mapping[str, int] = dataclasses.field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Derived(Base):
    """Adds a field that is not compared, and one that is no argument."""

    beside: str = dataclasses.field(default="beside", compare=False, repr=False)
    schema: str = dataclasses.field(default="derived/1", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Takes its fields by name."""

    name: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Unhashed:
    """Refuses to be hashed."""

    value: int
    __hash__ = None  # type: ignore[assignment]


@dataclass
class Open:
    """Can be changed, and works out a field."""

    left: int
    right: int = 2
    total: int = dataclasses.field(init=False)
    seen: list[int] = dataclasses.field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.total = self.left + self.right


@dataclass(frozen=True)
class Roomy:
    """Is frozen and has no slots."""

    value: int = dataclasses.field(default=3)


@pytest.mark.parametrize("made_before", [0, 1, 200])
def test_arguments_are_those_of_the_standard_library(made_before: int) -> None:
    """Defaults, factories, names and fields that are no arguments come out as declared, each object with a value of its own.

    That holds for the first object of a class and for all that follow.
    """
    for _ in range(made_before):
        Base(0), Derived(0), Named(name=""), Open(0), Roomy()
    assert Base(1).made == {}
    assert Base(1).made is not Base(1).made
    whole = Derived(1, {"a": 1}, "x")
    assert (whole.first, whole.made, whole.beside, whole.schema) == (1, {"a": 1}, "x", "derived/1")
    assert Named(name="n").note is None
    assert Open(1).total == 3
    assert Open(1).seen == []
    assert Open(1).seen is not Open(1).seen
    assert Roomy().value == Roomy.value == 3


@pytest.mark.parametrize("made_before", [0, 1, 200])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [((), {}), ((1,), {"left": 1}), ((1, 2, 3), {}), ((1,), {"of": 2}), ((1,), {"total": 2})],
)
def test_wrong_arguments_are_refused(
    arguments: tuple[int, ...], named: Mapping[str, int], made_before: int
) -> None:
    """An argument that is missing, given twice, or of no field is refused by the first object of a class and by later ones."""

    @dataclass
    class New:
        left: int
        right: int = 2
        total: int = dataclasses.field(init=False)

    for _ in range(made_before):
        New(0)
    with pytest.raises(TypeError):
        New(*arguments, **named)
    assert (New(1).left, New(1).right) == (1, 2)


def test_what_is_compared_decides_equality_and_hash() -> None:
    """Objects of one class are equal where their compared fields are; what can be changed has no hash."""
    assert Derived(1, {}, "x") == Derived(1, {}, "y") != Derived(2)
    assert Base(1) != Derived(1)
    assert hash(Base(1, {"a": 1})) == hash(Base(1)) != hash(Base(2))
    assert Named(name="a") != "a"
    assert {Named(name="a"): 1}[Named(name="a")] == 1
    assert Open(1) == Open(1)
    assert Unhashed(1) == Unhashed(1)
    for each in (Open(1), Unhashed(1)):
        with pytest.raises(TypeError, match="unhashable"):
            hash(each)


@pytest.mark.parametrize("frozen", [Base(1), Derived(1), Named(name="n"), Roomy()])
def test_frozen_objects_stay_as_they_are(frozen: Base | Named | Roomy) -> None:
    """No field of a frozen object can be set or deleted, and there is room for no other."""
    for name in (*(each.name for each in dataclasses.fields(frozen)), "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frozen, name, 1)
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(frozen, name)


def test_the_tools_of_the_standard_library_know_them() -> None:
    """Fields, replacing, patterns, text, copies and pickles are as with its own dataclasses."""
    whole = Derived(1, {"a": 1}, "x")
    assert [each.name for each in dataclasses.fields(Derived)] == ["first", "made", "beside", "schema"]
    assert dataclasses.is_dataclass(Roomy)
    assert dataclasses.replace(whole, first=2) == Derived(2, {"a": 1})
    assert dataclasses.replace(Named(name="a"), note="b") == Named(name="a", note="b")
    assert repr(whole) == "Derived(first=1, made={'a': 1}, schema='derived/1')"
    for again in (copy.copy(whole), copy.deepcopy(whole), pickle.loads(pickle.dumps(whole))):
        assert again == whole
        assert again.beside == "x"
    match whole:
        case Derived(first, {"a": one}):
            assert first == one == 1
    assert not hasattr(whole, "__dict__")
    assert Named.__match_args__ == ()  # type: ignore[attr-defined]


def test_many_objects_come_back_from_a_pickle() -> None:
    """Also those after which the method is compiled."""
    objects = [Derived(number, {"a": number}) for number in range(1200)]
    assert pickle.loads(pickle.dumps(objects)) == objects


def test_a_class_that_prepares_itself_otherwise_does_so_from_its_first_object() -> None:
    """A plain class derived from a dataclass has its own `__post_init__` called, however many objects there are."""

    @dataclass
    class Prepared:
        value: int

        def __post_init__(self) -> None:
            self.value += 1

    class Otherwise(Prepared):
        def __post_init__(self) -> None:
            self.value += 10

    assert {Otherwise(1).value for _ in range(200)} == {11}


def test_threads_may_make_the_first_objects_together() -> None:
    """A method that is written while others call it serves them all."""

    def use(start: Barrier, new: Callable[[int], object]) -> bool:
        start.wait()
        return all(new(i) == new(i) and hash(new(i)) == hash(new(i)) for i in range(60))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-7)
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(60):

                @dataclass(frozen=True, slots=True)
                class New:
                    left: int
                    right: Mapping[str, int] = dataclasses.field(default_factory=dict, hash=False)

                start = Barrier(4)
                assert all(pool.map(use, [start] * 4, [New] * 4))
    finally:
        sys.setswitchinterval(before)
