"""Values as text: such as can be pasted into a notebook, and short."""

import math
import re
import reprlib
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

LONG = 60  # longer lists and larger arrays are shown by their ends
BITS = 14_000  # of a whole number that Python still writes in digits


def is_a(value: Any, module: str, name: str) -> bool:
    """Tell whether a value is of a class of a module, which need not be installed.

    Example:
        >>> is_a(3, "torch", "Tensor"), is_a(3, "numbers", "Number")
        (False, True)
    """
    made = getattr(sys.modules.get(module), name, None)
    return isinstance(made, type) and isinstance(value, made)


def side_by_side(got: Any, expected: Any) -> tuple[str, str]:
    """Return two different results as texts that differ: with more digits where five are equal.

    Example:
        >>> side_by_side(2 / 3, 0.5), side_by_side(0.1234561, 0.1234562)
        (('0.66667', '0.5'), ('0.1234561', '0.1234562'))
    """
    pairs = ((show(got, digits), show(expected, digits)) for digits in (5, 7, None))
    return next((pair for pair in pairs if pair[0] != pair[1]), (show(got), show(expected)))


def shape_in_words(shape: Sequence[int]) -> str:
    """Return what an array of a shape is called, with the shape where it has one.

    Example:
        >>> shape_in_words(()), shape_in_words((4,)), shape_in_words((4, 1))
        ('one number', 'a vector of shape (4,)', 'a column of shape (4, 1)')
        >>> shape_in_words((1, 1))
        'a matrix of shape (1, 1)'
    """
    if not shape:
        return "one number"
    names = {1: "a vector", 2: "a column" if shape[-1] == 1 < shape[0] else "a matrix"}
    return f"{names.get(len(shape), 'a tensor')} of shape {tuple(shape)}"


def show(value: Any, digits: int | None = None) -> str:
    """Return a value as text that can be pasted into a notebook; a long one is shortened."""
    if is_a(value, "torch", "Tensor") or is_a(value, "numpy", "ndarray"):
        with suppress(TypeError, RuntimeError):  # a dtype or layout that NumPy lacks
            return _array(value, digits)
    if isinstance(value, tuple | list | set | frozenset) and type(value).__repr__ in _PLAIN:
        parts: Any = value if isinstance(value, tuple | list) else sorted(value, key=repr)
        inner = _joined([*parts], lambda part: show(part, digits), shorten=len(value) > LONG)
        if isinstance(value, tuple):
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        if isinstance(value, list):
            return f"[{inner}]"
        braces = f"{{{inner}}}" if value else ""
        return braces if value and type(value) is set else f"{type(value).__name__}({braces})"
    if isinstance(value, dict):
        pairs = [f"{show(key)}: {show(item, digits)}" for key, item in value.items()]
        return "{" + _joined(pairs, str, shorten=len(pairs) > LONG) + "}"
    if is_a(value, "torch.nn", "Module"):
        arguments = re.sub("(in|out)_features=|, bias=True", "", value.extra_repr())
        inner = ", ".join(map(show, value.children())) or arguments
        frozen = any(not parameter.requires_grad for parameter in value.parameters(recurse=False))
        return f"nn.{type(value).__name__}({inner}){'.requires_grad_(False)' if frozen else ''}"
    if isinstance(value, float) or is_a(value, "numpy", "number") or is_a(value, "numpy", "bool_"):
        return _number(value, digits, "float('{}')")
    if isinstance(value, str):
        return _brief.repr(str(value))
    if type(value) is int and value.bit_length() > BITS:
        return f"<a whole number of about {int(value.bit_length() * math.log10(2)):,} digits>"
    return re.sub(r" at 0x\w+", "", " ".join(_brief.repr(value).split()))  # no addresses


def _array(value: Any, digits: int | None) -> str:
    module, more, inferred = "np", "", {"float64", "int64", "bool"}
    array = value
    if is_a(value, "torch", "Tensor"):
        array, module, inferred = value.numpy(force=True), "torch", {"float32", "int64", "bool"}
        more = ", requires_grad=True" if value.requires_grad and value.is_leaf else ""
    if array.dtype.kind not in "biuf":
        raise TypeError("not made of numbers")
    dtype = "" if array.dtype.name in inferred else f", dtype={module}.{array.dtype}"
    if not array.size:
        return f"{module}.empty({array.shape}, dtype={module}.{array.dtype}{more})"

    def text(part: Any) -> str:
        if getattr(part, "ndim", 0):
            return f"[{_joined(part, text, shorten=array.size > LONG)}]"
        number = _number(part[()], digits, f"{module}.{{}}")  # out of an array without dimensions
        return re.sub(r"\.0$", ".", number)  # 3. as it is printed

    shape = f" of shape {array.shape}" if array.size > LONG else ""
    return (
        f"{module}.{'tensor' if module == 'torch' else 'array'}({text(array)}{dtype}{more}){shape}"
    )


def _number(value: Any, digits: int | None, special: str) -> str:
    """Return the shortest text that is this number, or one with so many digits, and no other."""
    kind = type(value)
    if digits and (kind is float or "float" in kind.__name__) and 0 < abs(float(value)) < 1e6:
        first = math.floor(math.log10(abs(float(value))))
        value = round(value, digits if kind is not float else max(digits, digits - 1 - first))
    text = str(value)
    if text in {"nan", "inf", "-inf"}:
        return "-" * text.startswith("-") + special.format(text.strip("-"))
    return text


def _joined(parts: Sequence[Any], text: Callable[[Any], str], *, shorten: bool) -> str:
    if shorten and len(parts) > 6:
        return ", ".join([*map(text, parts[:3]), "...", *map(text, parts[-3:])])
    return ", ".join(map(text, parts))


_PLAIN = {tuple.__repr__, list.__repr__, set.__repr__, frozenset.__repr__}
_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = 200
