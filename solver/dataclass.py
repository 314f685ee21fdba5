"""Dataclasses that cost next to nothing until they are used.

The decorator of the standard library writes and compiles up to six methods of every class as soon as it is defined. There are hundreds
of classes here, and a command makes objects of few of them. So this one writes a method when it is first called:

    @dataclass(frozen=True, slots=True)
    class Pair:
        left: int
        right: int = 0

    Pair(1) == Pair(1, 2)     only now `__eq__(self, other)` is compiled, and takes the place of what stood for it

`__init__` is compiled when some dozens of objects have been made.

What comes out is a dataclass for `dataclasses.fields` and `replace`, for patterns, for pickles and for type checkers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from functools import cache, partial
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, NamedTuple

_FEW = 500
"""Of how many objects the state is set before the method for it is compiled."""

_FIRST = 50
"""How many objects are made before `__init__` is compiled: of most classes a command makes fewer."""

_Field = dataclasses.Field
_Method = Callable[..., Any]
_MISSING = dataclasses.MISSING
_NOTHING: tuple[dict[str, str], dict[str, object], bool, bool] = {}, {}, False, False


def _decorator(
    cls: type | None = None,
    /,
    *,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
    eq: bool = True,
) -> Any:
    """As `dataclasses.dataclass`, for what is used of it here. A method that a class defines itself stays."""
    if cls is None:
        return lambda each: _decorator(each, frozen=frozen, slots=slots, kw_only=kw_only, eq=eq)
    content = dict(cls.__dict__)
    hints = {n: h for n, h in content.get("__annotations__", {}).items() if not h.startswith("ClassVar")}
    defaults = {name: content.pop(name) for name in hints if name in content}
    added = {
        "__declared__": (hints, defaults, kw_only, frozen),
        "__dataclass_params__": _PARAMETERS,
        "__dataclass_fields__": _FIELDS,
        "__match_args__": _PATTERN,
        "__init__": _INIT,
        "__repr__": _repr,
        **({"__eq__": _EQ} if eq else {}),
        **({"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete} if frozen else {}),
        **({"__getstate__": _GETSTATE, "__setstate__": _SETSTATE} if frozen and slots else {}),
    }
    if eq and (
        "__hash__" not in content or "__eq__" in content
    ):  # Python puts None beside a method that compares
        added["__hash__"] = content.pop("__hash__", None) or (_HASH if frozen else None)
    added = {name: value for name, value in added.items() if name not in content}
    if slots:
        inherited = {each for base in cls.__mro__[1:] for each in vars(base).get("__slots__", ())}
        added["__slots__"] = tuple(name for name in hints if name not in inherited)
        kept = {name: content[name] for name in content if name not in ("__dict__", "__weakref__")}
        made = type(cls)(cls.__name__, cls.__bases__, {**kept, **added})
        made.__qualname__ = cls.__qualname__
        return made
    for name, default in defaults.items():
        if isinstance(default, _Field):
            if default.default is _MISSING:
                delattr(cls, name)
            else:
                added[name] = default.default
    for name, value in added.items():
        setattr(cls, name, value)
    return cls


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _decorator


@cache
def _field_mark() -> object:
    """What the standard library tells a field by: of a class that has no methods, which take long to write."""
    named = {"__doc__": "A sample."}
    sample = dataclasses.make_dataclass(
        "Sample", ["field"], namespace=named, init=False, repr=False, eq=False, match_args=False
    )
    return _fields(sample)["field"]._field_type


@cache
def _sample(*, frozen: bool) -> type:
    """A dataclass of the standard library, from which ours take the parameters."""
    return dataclasses.make_dataclass("Sample", ["field"], frozen=frozen)


def _fields(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = cls.__dataclass_fields__  # type: ignore[attr-defined]
    return found


def _owner(cls: type, name: str, stand_in: object) -> type | None:
    """The class of whose attribute this still stands in the place; None where another thread has put what it stands for there."""
    return next((base for base in cls.__mro__ if vars(base).get(name) is stand_in), None)


class _OnDemand:
    """Stands for an attribute of a class until it is asked for."""

    def __init__(self, name: str, make: Callable[[type], object]) -> None:
        self._name, self._make = name, make

    def __get__(self, instance: object, cls: type) -> object:
        owner = _owner(cls, self._name, self)
        if owner is None:
            return getattr(cls, self._name)
        made = self._make(owner)
        setattr(owner, self._name, made)
        return made


def _own_fields(cls: type) -> dict[str, Any]:
    hints, defaults, kw_only, _ = vars(cls)["__declared__"]
    mark = _field_mark()
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        found.update(_fields(base) if "__dataclass_fields__" in vars(base) else {})
    for name, hint in hints.items():
        given = defaults.get(name, _MISSING)
        each: Any = given if isinstance(given, _Field) else dataclasses.field(default=given)
        each.name, each.type, each._field_type = name, hint, mark
        each.kw_only = kw_only if each.kw_only is _MISSING else each.kw_only
        found[name] = each
    return found


class _Declared(NamedTuple):
    """What the first objects of a class are made by; of what is known of a field it takes least to find out."""

    default: object
    make: Callable[[], object] | None
    init: bool
    kw_only: bool


def _declared(cls: type) -> dict[str, _Declared]:
    found: dict[str, _Declared] = {}
    for base in reversed(cls.__mro__):
        hints, defaults, kw_only, _ = vars(base).get("__declared__", _NOTHING)
        for name in hints:
            given = defaults.get(name, _MISSING)
            if isinstance(given, _Field):
                make = None if given.default_factory is _MISSING else given.default_factory
                only = kw_only if given.kw_only is _MISSING else given.kw_only
                found[name] = _Declared(given.default, make, given.init, only)
            else:
                found[name] = _Declared(given, None, True, kw_only)
    return found


def _match_args(cls: type) -> tuple[str, ...]:
    return tuple(each.name for each in _fields(cls).values() if each.init and not each.kw_only)


def _parameters(cls: type) -> object:
    return _sample(frozen=vars(cls)["__declared__"][-1]).__dataclass_params__  # type: ignore[attr-defined]


_PARAMETERS = _OnDemand("__dataclass_params__", _parameters)
_FIELDS = _OnDemand("__dataclass_fields__", _own_fields)
_PATTERN = _OnDemand("__match_args__", _match_args)


def _when_called(name: str, write: Callable[[type], _Method]) -> _Method:
    """What stands for a method: called for the first time, it has the method written into its place."""

    def stand_in(self: object, *args: Any, **kwargs: Any) -> Any:
        owner = _owner(type(self), name, stand_in)
        if owner is None:
            return getattr(self, name)(*args, **kwargs)
        method = write(owner)
        method.__name__, method.__qualname__ = name, f"{owner.__qualname__}.{name}"
        setattr(owner, name, method)
        return method(self, *args, **kwargs)

    return stand_in


def _compiled(head: str, lines: list[str], names: dict[str, Any]) -> _Method:
    body = "".join(f"\n  {line}" for line in lines or ["pass"])
    exec(f"def method({head}):{body}", names)
    method: _Method = names["method"]
    return method


def _assignments(cls: type, values: dict[str, str], names: dict[str, Any]) -> list[str]:
    """Lines that give each field its value; what they need besides goes to `names`."""
    if not vars(cls)["__declared__"][-1]:
        return [f"self.{name} = {value}" for name, value in values.items()]
    lines = []
    for name, value in values.items():
        slot = getattr(cls, name, None)
        if isinstance(slot, MemberDescriptorType):
            names[f"_set_{name}"] = slot.__set__  # twice as fast as `object.__setattr__`
            lines.append(f"_set_{name}(self, {value})")
        else:
            names["_set"] = object.__setattr__
            lines.append(f"_set(self, {name!r}, {value})")
    return lines


def _setters(cls: type, names: Iterable[str]) -> list[_Method]:
    """For each field what gives it its value, also where an object is frozen."""
    found: list[_Method] = []
    for name in names:
        slot = getattr(cls, name, None)
        if isinstance(slot, MemberDescriptorType):
            found.append(slot.__set__)
        else:
            found.append(partial(_set_attribute, name))
    return found


def _init_of_first(cls: type) -> _Method:
    """An `__init__` that is slow and costs nothing to write. It gives way to the compiled one, which also tells of wrong arguments."""
    fields = _declared(cls)
    order = [
        name for only in (False, True) for name, each in fields.items() if each.init and each.kw_only is only
    ]
    most = sum(not fields[name].kw_only for name in order)
    places, usual = {name: i for i, name in enumerate(order)}, [fields[name].default for name in order]
    steps = list(zip(_setters(cls, order), [fields[name].make for name in order], strict=True))
    beside = [
        name for name, each in fields.items() if not each.init and (each.make or each.default is not _MISSING)
    ]
    settled = list(zip(_setters(cls, beside), [fields[name] for name in beside], strict=True))
    prepared = hasattr(cls, "__post_init__")
    left = _FIRST

    def method(self: object, *args: Any, **named: Any) -> None:
        nonlocal left
        left -= 1
        count, values = len(args), [*args, *usual[len(args) :]]
        fits = left > 0 and count <= most
        for name, value in named.items():
            place = places.get(name, -1)
            if place < count:
                fits = False
                break
            values[place] = value
        if fits:
            for (give, make), value in zip(steps, values, strict=True):
                if value is not _MISSING:
                    give(self, value)
                elif make is not None:
                    give(self, make())
                else:
                    break
            else:
                for give, each in settled:
                    give(self, each.default if each.make is None else each.make())
                if prepared:
                    self.__post_init__()  # type: ignore[attr-defined]
                return
        compiled = _write_init(cls)
        compiled.__name__, compiled.__qualname__ = "__init__", f"{cls.__qualname__}.__init__"
        cls.__init__ = compiled  # type: ignore[misc]
        compiled(self, *args, **named)

    return method


def _set_attribute(name: str, instance: object, value: object) -> None:
    object.__setattr__(instance, name, value)


def _write_init(cls: type) -> _Method:
    fields = list(_fields(cls).values())
    names: dict[str, Any] = {"_missing": _MISSING}
    values, heads = {}, {}
    for each in fields:
        name = heads[each.name] = values[each.name] = each.name
        if each.default_factory is not _MISSING:
            names[f"_new_{name}"] = each.default_factory
            heads[name], values[name] = f"{name}=_missing", f"_new_{name}() if {name} is _missing else {name}"
        elif each.default is not _MISSING:
            names[f"_default_{name}"] = each.default
            heads[name] = f"{name}=_default_{name}"
        if not each.init:
            del heads[name]
            if each.default_factory is not _MISSING:
                values[name] = f"_new_{name}()"
            elif each.default is _MISSING:
                del values[name]
            else:
                values[name] = f"_default_{name}"
    named = [heads[each.name] for each in fields if each.init and each.kw_only]
    head = ["self", *(heads[each.name] for each in fields if each.init and not each.kw_only)]
    lines = _assignments(cls, values, names)
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    return _compiled(", ".join([*head, *(["*"] if named else []), *named]), lines, names)


def _values(names: list[str], of: str) -> str:
    return f"({''.join(f'{of}.{name}, ' for name in names)})"


def _write_eq(cls: type) -> _Method:
    compared = [each.name for each in _fields(cls).values() if each.compare]
    same = f"{_values(compared, 'self')} == {_values(compared, 'other')}"
    lines = [f"return {same} if other.__class__ is self.__class__ else NotImplemented"]
    return _compiled("self, other", lines, {})


def _write_hash(cls: type) -> _Method:
    hashed = [f.name for f in _fields(cls).values() if (f.compare if f.hash is None else f.hash)]
    return _compiled("self", [f"return hash({_values(hashed, 'self')})"], {})


def _write_getstate(cls: type) -> _Method:
    return _compiled("self", [f"return {_values(list(_fields(cls)), 'self')}"], {})


def _write_setstate(cls: type) -> _Method:
    # compiled for a class with many objects: of most a library holds fewer than make up for it
    setters = _setters(cls, _declared(cls))
    left = _FEW

    def method(self: object, state: tuple[Any, ...]) -> None:
        nonlocal left
        for give, value in zip(setters, state, strict=True):
            give(self, value)
        left -= 1
        if not left:
            names: dict[str, Any] = {}
            values = {name: f"state[{i}]" for i, name in enumerate(_fields(cls))}
            cls.__setstate__ = _compiled("self, state", _assignments(cls, values, names), names)  # type: ignore[attr-defined]

    return method


_INIT = _when_called("__init__", _init_of_first)
_EQ = _when_called("__eq__", _write_eq)
_HASH = _when_called("__hash__", _write_hash)
_GETSTATE = _when_called("__getstate__", _write_getstate)
_SETSTATE = _when_called("__setstate__", _write_setstate)


def _repr(self: object) -> str:
    """The class and its fields, as in the standard library."""
    shown = [each.name for each in _fields(type(self)).values() if each.repr]
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
