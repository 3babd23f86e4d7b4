"""Compare a result with the right one: in kind, in shape, and in value up to rounding."""

import math
from collections import deque
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from inspect import isroutine
from typing import Any, NamedTuple

from tellwhy.show import is_a


class Raised(NamedTuple):
    """Stands for the result of a call that raised an error: the names of its class and bases."""

    names: tuple[str, ...]

    def __repr__(self) -> str:
        """Return what a learner reads."""
        return f"raises {self.names[0]}"


class Printed(str):
    """Stands for the result of a call that prints it."""

    __slots__ = ()


def as_printed(text: str) -> Printed:
    """Return what is printed, without the white space at the ends of lines and of all."""
    return Printed("\n".join(line.rstrip() for line in text.rstrip().splitlines()))


class Iterated(list[Any]):
    """Stands for an iterator that was returned: what it yields."""


class Observed(dict[str, Any]):
    """What an exercise observes of a call, part by part."""


class Numbers(NamedTuple):
    """Numbers, in a tensor, an array or lists: their shape, all of them, and of what kind."""

    shape: tuple[int, ...]
    values: list[Any]
    kind: str  # "truth", "whole" or "real"


KINDS = {bool: "truth value", type(None): "None", Printed: "printed text"}
BASES = {Iterated: "iterator", str: "text", dict: "dict", list: "list", tuple: "tuple"}
BASES |= {set: "set", frozenset: "set", deque: "deque", range: "range"}
LISTS = {"tuple", "list", "iterator"}
WHOLE = "tensor of whole numbers"
DOES_AS_WELL = {("tuple", "list"), (WHOLE, "tensor")}  # what is wanted, and what may come


def kind(value: Any) -> str:
    """Return what kind of thing a result is, in a word."""
    if type(value) in KINDS or is_a(value, "numpy", "bool_"):
        return KINDS.get(type(value), "truth value")
    for module, name, word in (("torch", "Tensor", "tensor"), ("numpy", "ndarray", "array")):
        if is_a(value, module, name) and value.ndim:
            is_whole = word == "tensor" and value.numel() and "int" in str(value.dtype)
            return WHOLE if is_whole else word  # PyTorch's `@` refuses it beside others
    for base, word in BASES.items():
        if isinstance(value, base) and not isinstance(value, Raised):
            return word
    if isroutine(value):
        return "function"
    return "number" if numbers(value) else type(value).__name__


def same(got: Any, expected: Any, *, strictly: bool = True, within: float = 1e-5) -> bool:
    """Tell whether a result is the expected one: in kind, in shape, and in value up to rounding.

    If not `strictly`, numbers may come in a tensor, an array or a list. A list will do for a
    tuple, any number where a single one is expected, and for an error one of a class below it.
    """
    if isinstance(expected, Raised) or isinstance(got, Raised):
        both = isinstance(expected, Raised) and isinstance(got, Raised)
        return both and expected.names[0] in got.names
    a, b = numbers(got), numbers(expected)
    if strictly and (not will_do(kind(got), kind(expected)) or unlike(got, expected)):
        return False
    if a and b:
        return a.shape == b.shape and close(a, b, within)
    strictly = strictly and not isinstance(expected, Observed)

    def equal(*pair: Any) -> bool:
        return same(*pair, strictly=strictly, within=within)

    if isinstance(expected, dict):
        keys = isinstance(got, dict) and got.keys() == expected.keys()
        return keys and all(equal(got[key], expected[key]) for key in expected)
    if {kind(got), kind(expected)} <= LISTS:
        return len(got) == len(expected) and all(map(equal, got, expected))
    try:
        if hasattr(expected, "equals"):  # a table
            return kind(got) == kind(expected) and bool(expected.equals(got))
        if hasattr(expected, "__dict__") and kind(got) == kind(expected) and expected != got:
            return same(vars(got), vars(expected), within=within)
        return kind(got) == kind(expected) and bool(plain(got) == plain(expected))
    except Exception:  # objects that do not compare
        return False


def unlike(got: Any, expected: Any) -> tuple[str, str] | None:
    """Return the first two kinds that differ of what lists, tuples and dicts hold, if any do."""
    kinds = {kind(got), kind(expected)}
    if not kinds <= {"tuple", "list"} and kinds != {"dict"}:
        return None
    if kinds == {"dict"}:
        got, expected = ([one[key] for key in got if key in expected] for one in (got, expected))
    for one, other in zip(got, expected, strict=False):
        if not will_do(kind(one), kind(other)):
            return kind(one), kind(other)
        if found := unlike(one, other):
            return found
    return None


def will_do(came: str, wanted: str) -> bool:
    """Tell whether a kind is the one that is asked for, or does as well."""
    return came == wanted or (wanted, came) in DOES_AS_WELL


def alike(got: Any, expected: Any, within: float = 1e-5) -> bool:
    """Tell whether two results hold the same values, be it in a tensor, an array or a list."""
    return same(got, expected, strictly=False, within=within)


def plain(value: Any) -> Any:
    """Return a value with lists in place of tensors and arrays."""
    if isinstance(value, list | tuple | range | deque):
        return (tuple if isinstance(value, tuple) else list)(map(plain, value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        with suppress(Exception):  # a layout that has no list
            return (value.to_dense() if hasattr(value, "to_dense") else value).tolist()
    return float(value) if isinstance(value, Fraction | Decimal) else value


def flat(value: Any) -> list[Any]:
    """Return all that is in lists, tuples and values of dicts."""
    parts = value.values() if isinstance(value, dict) else value
    nested = isinstance(value, list | tuple | dict)
    return [one for part in parts for one in flat(part)] if nested else [value]


def numbers(value: Any) -> Numbers | None:
    """Return the numbers in a tensor, an array, a list, or a single one; None of all else."""
    if isinstance(value, str | dict | Iterated | Raised) or value is None:
        return None
    try:
        nested = plain(value)
        shape = tuple(value.shape) if hasattr(value, "tolist") else _shape(nested)
    except Exception:  # anything can come: ragged lists, an object that lies
        return None
    values = flat(nested)
    if not all(isinstance(one, int | float | complex) for one in values):
        return None
    kinds = {*map(type, values)}
    word = "truth" if kinds == {bool} else "whole" if kinds <= {int, bool} else "real"
    return Numbers(shape, values, word)


def _shape(nested: Any) -> tuple[int, ...]:
    if not isinstance(nested, list | tuple):
        return ()
    (inner,) = {*map(_shape, nested)} or {()}
    return (len(nested), *inner)


def distance(got: Any, right: Any) -> float:
    """Return how far numbers are from the right ones, as the largest difference; inf of others."""
    a, b = flat(plain(got)), flat(plain(right))
    try:
        pairs = zip(a, b, strict=True)
        return max((float(abs(one - other)) for one, other in pairs), default=math.inf)
    except (TypeError, ValueError, OverflowError):  # no numbers, or not as many
        return math.inf


def close(a: Numbers, b: Numbers, within: float = 1e-5) -> bool:
    """Tell whether numbers of one shape agree: whole ones exactly, others up to rounding.

    What is allowed is the rounding of float32: relative to each number, and, as large terms may
    have cancelled, a little of the largest. It is never absolute, so that no small result passes.
    """
    if b.kind != "real" or a.kind == "truth":
        return a.values == b.values and (not a.values or (a.kind == "truth") == (b.kind == "truth"))
    largest = max((abs(value) for value in b.values if abs(value) < math.inf), default=0)
    try:
        atol = within / 10 * (largest or 1.0) if b.shape else 0.0 if largest else 1e-9
        return all(
            x == y or abs(x - y) <= atol + within * abs(y) < math.inf or (x != x and y != y)
            for x, y in zip(a.values, b.values, strict=True)
        )
    except OverflowError:  # a whole number that is larger than any float
        return a.values == b.values


def unchanged(now: Any, before: Any) -> bool:
    """Tell whether an argument still holds what it held, to the last bit."""
    if hasattr(before, "state_dict"):
        return unchanged(now.state_dict(), before.state_dict())
    a, b = numbers(now), numbers(before)
    if a and b:
        pairs = zip(a.values, b.values, strict=False)
        return a.shape == b.shape and all(x == y or (x != x and y != y) for x, y in pairs)
    if isinstance(before, tuple | list):
        return len(now) == len(before) and all(map(unchanged, now, before))
    if isinstance(before, dict):
        return [*now] == [*before] and all(unchanged(now[key], before[key]) for key in before)
    if isinstance(before, str | set | None):
        return bool(now == before)
    own = type(before).__module__ not in {"builtins", "torch"} and hasattr(before, "__dict__")
    return not own or unchanged(vars(now), vars(before))
