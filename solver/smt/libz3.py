"""z3 itself, by its C interface, as far as a session needs it.

The package `z3` declares the library's thousand functions when it is imported, which takes longer than most records take to be judged.
Here the thirty that are called are declared, of the library that the package brings:

    solver = Solver(SolverContext())
    solver.read("(declare-const p Bool) (assert (not p))")
    solver.check(["p"])     False: `p` cannot hold
    solver.core()           ["p"]

An object of z3 is a number here, its address, and z3 frees what nobody counts. Source: `z3_api.h` of the pinned version.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping, Sequence
from ctypes import c_bool, c_char_p, c_int, c_size_t, c_uint, c_void_p
from fractions import Fraction
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from solver.smt.symbols import unquoted

_PRECISION = 30
"""How near the number that is given for an irrational one is: within 10 to the power of minus this."""

_DIGITS = 4000
"""How many digits Python reads at once whatever limit it is given."""

# what each function gives, and takes behind its context
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "set_error_handler": (None, (c_void_p,)),
    "mk_params": (c_void_p, ()),
    "params_inc_ref": (None, (c_void_p,)),
    "params_dec_ref": (None, (c_void_p,)),
    "params_set_uint": (None, (c_void_p, c_void_p, c_uint)),
    "params_set_bool": (None, (c_void_p, c_void_p, c_bool)),
    "mk_string_symbol": (c_void_p, (c_char_p,)),
    "mk_bool_sort": (c_void_p, ()),
    "mk_int_sort": (c_void_p, ()),
    "mk_real_sort": (c_void_p, ()),
    "mk_const": (c_void_p, (c_void_p, c_void_p)),
    "inc_ref": (None, (c_void_p,)),
    "dec_ref": (None, (c_void_p,)),
    "mk_simple_solver": (c_void_p, ()),
    "solver_inc_ref": (None, (c_void_p,)),
    "solver_dec_ref": (None, (c_void_p,)),
    "solver_set_params": (None, (c_void_p, c_void_p)),
    "solver_from_string": (None, (c_void_p, c_char_p)),
    "solver_check_assumptions": (c_int, (c_void_p, c_uint, c_void_p)),
    "solver_get_unsat_core": (c_void_p, (c_void_p,)),
    "ast_vector_inc_ref": (None, (c_void_p,)),
    "ast_vector_dec_ref": (None, (c_void_p,)),
    "ast_vector_size": (c_uint, (c_void_p,)),
    "ast_vector_get": (c_void_p, (c_void_p, c_uint)),
    "solver_get_statistics": (c_void_p, (c_void_p,)),
    "stats_inc_ref": (None, (c_void_p,)),
    "stats_dec_ref": (None, (c_void_p,)),
    "stats_size": (c_uint, (c_void_p,)),
    "stats_get_key": (c_char_p, (c_void_p, c_uint)),
    "stats_get_uint_value": (c_uint, (c_void_p, c_uint)),
    "solver_get_model": (c_void_p, (c_void_p,)),
    "model_inc_ref": (None, (c_void_p,)),
    "model_dec_ref": (None, (c_void_p,)),
    "model_eval": (c_bool, (c_void_p, c_void_p, c_bool, c_void_p)),
    "get_bool_value": (c_int, (c_void_p,)),
    "is_algebraic_number": (c_bool, (c_void_p,)),
    "get_algebraic_number_upper": (c_void_p, (c_void_p, c_uint)),
    "get_numeral_string": (c_char_p, (c_void_p,)),
}


class SolverError(Exception):
    """What z3 says of a call that it cannot answer, such as of a script with a fault."""


def _library() -> ctypes.CDLL:
    """The library that the package `z3` brings, found as the package finds it: beside it, else with the interpreter, else by its name."""
    suffix = {"win32": "dll", "cygwin": "dll", "darwin": "dylib"}.get(sys.platform, "so")
    package = PathFinder.find_spec("z3")
    places = [Path(place, "lib") for place in (package and package.submodule_search_locations) or ()]
    # of two names the one with its version, as the package has it: a process that imports both has one library
    found = [sorted(place.glob(f"libz3.{suffix}*")) for place in (*places, Path(sys.prefix, "lib"))]
    return ctypes.CDLL(next((str(each[-1]) for each in found if each), f"libz3.{suffix}"))


_z3 = _library()
_z3.Z3_mk_config.restype = c_void_p
_z3.Z3_del_config.argtypes = (c_void_p,)
_z3.Z3_mk_context_rc.restype, _z3.Z3_mk_context_rc.argtypes = c_void_p, (c_void_p,)
_z3.Z3_del_context.argtypes = (c_void_p,)
_z3.Z3_interrupt.argtypes = (c_void_p,)
_z3.Z3_get_error_code.argtypes = (c_void_p,)
_z3.Z3_get_error_msg.restype, _z3.Z3_get_error_msg.argtypes = c_char_p, (c_void_p, c_uint)


def _checked(result: Any, _function: object, arguments: tuple[Any, ...]) -> Any:
    """What a function gave, where z3 tells of no error since."""
    code = _z3.Z3_get_error_code(arguments[0])
    if code:
        raise SolverError(_z3.Z3_get_error_msg(arguments[0], code).decode())
    return result


for _name, (_given, _taken) in _FUNCTIONS.items():
    _function = getattr(_z3, f"Z3_{_name}")
    _function.restype, _function.argtypes = _given, (c_void_p, *_taken)
    if not _name.endswith("dec_ref"):  # these leave the code of an error before them
        _function.errcheck = _checked


_TABLES = 20 << 20
"""Bytes enough for the two tables of 8 MB that every context begins by filling."""

_LARGE_PAGE = 2 << 20

_HUGE = 14
"""`MADV_HUGEPAGE` of Linux."""


def _prepare_memory() -> None:
    """Have the tables of a context lie in large pages, where there are any: else the first context waits for 4,000 small ones.

    The allocator is asked for memory, that is marked and given back, and of which it takes the tables then. Where it does not, as it may,
    nothing is lost.
    """
    if sys.platform != "linux":
        return
    _z3.malloc.restype, _z3.malloc.argtypes = c_void_p, (c_size_t,)
    _z3.free.argtypes, _z3.madvise.argtypes = (c_void_p,), (c_void_p, c_size_t, c_int)
    _z3.free(
        _z3.malloc(_TABLES)
    )  # of a block as large as one that was freed glibc makes no mapping of its own
    block = _z3.malloc(_TABLES)
    if block:
        first, end = -(-block // _LARGE_PAGE), (block + _TABLES) // _LARGE_PAGE
        _z3.madvise(first * _LARGE_PAGE, (end - first) * _LARGE_PAGE, _HUGE)
        _z3.free(block)


_prepare_memory()


def version() -> str:
    """The version of the library, such as `5.4.0`."""
    parts = [c_uint() for _ in range(4)]
    _z3.Z3_get_version(*(ctypes.byref(part) for part in parts))
    return ".".join(str(part.value) for part in parts[:3])


class SolverContext:
    """What solvers share that live side by side: terms, and the steps counted. It is used by one thread at a time, but for `interrupt`."""

    __slots__ = ("address",)

    def __init__(self) -> None:
        config = _z3.Z3_mk_config()
        self.address: int = _z3.Z3_mk_context_rc(config)
        _z3.Z3_del_config(config)
        # without a handler an error is told by its code
        _z3.Z3_set_error_handler(self.address, None)

    def interrupt(self) -> None:
        """Have a check that is under way give up; any thread may say so. One that has not begun is none the wiser."""
        if self.address:
            _z3.Z3_interrupt(self.address)

    def resume(self) -> None:
        """Forget an interrupt that came where no check was under way: until then nothing in it can be read, nor asked for values."""
        if self.address:
            Solver(self).check(())

    def close(self, _delete: Any = _z3.Z3_del_context) -> None:
        """Free all that lives in it, once."""
        if self.address:
            _delete(self.address)
            self.address = 0

    __del__ = close


class Solver:
    """An incremental solver for scripts of SMT-LIB, whose checks ask for symbols that the scripts declare."""

    def __init__(self, context: SolverContext) -> None:
        self._constants: dict[tuple[str, str], int] = {}
        self._names: dict[int, str] = {}
        self._context = context
        self._in = context.address
        self._address: int = _z3.Z3_mk_simple_solver(self._in)
        _z3.Z3_solver_inc_ref(self._in, self._address)

    def __del__(self, _z3: ctypes.CDLL = _z3) -> None:
        # of garbage that refers to itself any may go first, and with the context goes all that it holds
        if self._context.address:
            for constant in self._names:
                _z3.Z3_dec_ref(self._in, constant)
            _z3.Z3_solver_dec_ref(self._in, self._address)

    def read(self, script: str) -> None:
        """Declare and assert what the script says, besides what was read before.

        Raises:
            SolverError: it has a fault.
        """
        _z3.Z3_solver_from_string(self._in, self._address, script.encode())

    def set(self, parameters: Mapping[str, int | bool]) -> None:
        """Give parameters of z3's a value."""
        given = _z3.Z3_mk_params(self._in)
        _z3.Z3_params_inc_ref(self._in, given)
        for name, value in parameters.items():
            put = _z3.Z3_params_set_bool if isinstance(value, bool) else _z3.Z3_params_set_uint
            put(self._in, given, self._symbol(name), value)
        _z3.Z3_solver_set_params(self._in, self._address, given)
        _z3.Z3_params_dec_ref(self._in, given)

    def check(self, assumptions: Sequence[str]) -> bool | None:
        """Whether what was read can hold together with these symbols of sort Bool; None where z3 gave up."""
        constants = (c_void_p * len(assumptions))(*(self._constant(name, "Bool") for name in assumptions))
        answer = _z3.Z3_solver_check_assumptions(self._in, self._address, len(assumptions), constants)
        return {1: True, -1: False}.get(answer)

    def core(self) -> list[str]:
        """Assumptions of the last check, which was False, that cannot hold together; without the bars of a script."""
        found = _z3.Z3_solver_get_unsat_core(self._in, self._address)
        _z3.Z3_ast_vector_inc_ref(self._in, found)
        size = _z3.Z3_ast_vector_size(self._in, found)
        # z3 has each term once, so that an address tells its name
        names = [self._names[_z3.Z3_ast_vector_get(self._in, found, i)] for i in range(size)]
        _z3.Z3_ast_vector_dec_ref(self._in, found)
        return names

    def values(self, sorts: Mapping[str, str]) -> tuple[dict[str, bool | Fraction], frozenset[str]]:
        """A value for each of these symbols that the last check, which was True, allows together.

        Args:
            sorts: `Bool`, `Int` or `Real` by symbol.

        Returns:
            the values, and the names of those that stand for an irrational number near to them.
        """
        model = _z3.Z3_solver_get_model(self._in, self._address)
        _z3.Z3_model_inc_ref(self._in, model)
        values: dict[str, bool | Fraction] = {}
        rounded = set()
        for name, sort in sorts.items():
            place = c_void_p()
            _z3.Z3_model_eval(self._in, model, self._constant(name, sort), True, ctypes.byref(place))
            value = place.value
            _z3.Z3_inc_ref(self._in, value)
            if sort == "Bool":
                values[name] = _z3.Z3_get_bool_value(self._in, value) == 1
            elif sort == "Real" and _z3.Z3_is_algebraic_number(self._in, value):
                rounded.add(name)
                near = _z3.Z3_get_algebraic_number_upper(self._in, value, _PRECISION)
                _z3.Z3_inc_ref(self._in, near)
                values[name] = self._number(near)
                _z3.Z3_dec_ref(self._in, near)
            else:
                values[name] = self._number(value)
            _z3.Z3_dec_ref(self._in, value)
        _z3.Z3_model_dec_ref(self._in, model)
        return values, frozenset(rounded)

    def steps_taken(self) -> int:
        """The steps that the solvers of the context have taken so far."""
        counts = _z3.Z3_solver_get_statistics(self._in, self._address)
        _z3.Z3_stats_inc_ref(self._in, counts)
        steps = 0
        for i in range(_z3.Z3_stats_size(self._in, counts)):
            if _z3.Z3_stats_get_key(self._in, counts, i) == b"rlimit count":
                steps = _z3.Z3_stats_get_uint_value(self._in, counts, i)
                break
        _z3.Z3_stats_dec_ref(self._in, counts)
        return steps

    def _symbol(self, name: str) -> int:
        symbol: int = _z3.Z3_mk_string_symbol(self._in, name.encode())
        return symbol

    def _constant(self, name: str, sort: str) -> int:
        found = self._constants.get((name, sort))
        if found is None:
            make = {"Bool": _z3.Z3_mk_bool_sort, "Int": _z3.Z3_mk_int_sort, "Real": _z3.Z3_mk_real_sort}
            plain = unquoted(name)
            found = _z3.Z3_mk_const(self._in, self._symbol(plain), make[sort](self._in))
            _z3.Z3_inc_ref(self._in, found)
            self._constants[name, sort] = found
            self._names[found] = plain
        return found

    def _number(self, numeral: int | None) -> Fraction:
        over, _, under = _z3.Z3_get_numeral_string(self._in, numeral).decode().partition("/")
        return Fraction(_whole_number(over), _whole_number(under or "1"))


def _whole_number(text: str) -> int:
    """The number that a text of any length writes: Python itself refuses long ones."""
    if len(text) <= _DIGITS:
        return int(text)
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    number = 0
    for start in range(0, len(digits), _DIGITS):
        part = digits[start : start + _DIGITS]
        number = number * 10 ** len(part) + int(part)
    return sign * number
