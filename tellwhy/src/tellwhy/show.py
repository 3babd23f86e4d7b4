"""Values as text: such as can be pasted into a notebook, and short."""

import math
import re
import reprlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from torch import Tensor, nn

LONG = 60  # longer lists and larger arrays are shown by their ends


def side_by_side(got: Any, expected: Any) -> tuple[str, str]:
    """Return two different results as texts that differ: with more digits where five are equal."""
    pairs = ((show(got, digits), show(expected, digits)) for digits in (5, 7, None))
    return next((pair for pair in pairs if pair[0] != pair[1]), (show(got), show(expected)))


def shape_in_words(shape: Sequence[int]) -> str:
    """Return what an array of a shape is called, with the shape where it has one.

    Example:
        >>> shape_in_words(()), shape_in_words((4,)), shape_in_words((4, 1))
        ('one number', 'a vector of shape (4,)', 'a column of shape (4, 1)')
    """
    if not shape:
        return "one number"
    names = {1: "a vector", 2: "a column" if shape[-1] == 1 else "a matrix"}
    return f"{names.get(len(shape), 'a tensor')} of shape {tuple(shape)}"


def show(value: Any, digits: int | None = None) -> str:
    """Return a value as text that can be pasted into a notebook; a long one is shortened."""
    if isinstance(value, Tensor | np.ndarray):
        with suppress(TypeError, RuntimeError):  # a dtype or layout that NumPy lacks
            return _array(value, digits)
    if isinstance(value, tuple | list):
        inner = _joined(value, lambda part: show(part, digits), shorten=len(value) > LONG)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v, digits)}" for k, v in value.items()) + "}"
    if isinstance(value, nn.Module):
        arguments = re.sub("(in|out)_features=|, bias=True", "", value.extra_repr())
        inner = ", ".join(map(show, value.children())) or arguments
        frozen = any(not parameter.requires_grad for parameter in value.parameters(recurse=False))
        return f"nn.{type(value).__name__}({inner}){'.requires_grad_(False)' if frozen else ''}"
    if isinstance(value, float | np.number | np.bool):
        return _number(value, digits)
    return re.sub(r" at 0x\w+", "", " ".join(_brief.repr(value).split()))  # no addresses


def _array(value: Tensor | np.ndarray, digits: int | None) -> str:
    module, more, inferred = "np", "", {"float64", "int64", "bool"}
    array: Any = value
    if isinstance(value, Tensor):
        array, module, inferred = value.numpy(force=True), "torch", {"float32", "int64", "bool"}
        more = ", requires_grad=True" if value.requires_grad and value.is_leaf else ""
    if array.dtype.kind not in "biuf":
        raise TypeError("not made of numbers")
    dtype = "" if array.dtype.name in inferred else f", dtype={module}.{array.dtype}"
    if not array.size:
        return f"{module}.empty({array.shape}, dtype={module}.{array.dtype}{more})"

    def text(part: Any) -> str:
        if np.ndim(part):
            return f"[{_joined(part, text, shorten=array.size > LONG)}]"
        return re.sub(r"\.0$", ".", _number(part, digits))  # 3. as PyTorch prints it

    shape = f" of shape {array.shape}" if array.size > LONG else ""
    return (
        f"{module}.{'tensor' if module == 'torch' else 'array'}({text(array)}{dtype}{more}){shape}"
    )


def _number(value: Any, digits: int | None) -> str:
    """Return the shortest text that is this number, or one with so many digits, and no other."""
    if digits and isinstance(value, float | np.floating) and 0 < abs(float(value)) < 1e6:
        first = math.floor(math.log10(abs(float(value))))
        value = round(
            value, digits if isinstance(value, np.floating) else max(digits, digits - 1 - first)
        )
    named = {"nan": "torch.nan", "inf": "torch.inf", "-inf": "-torch.inf"}
    return named.get(str(value), str(value))


def _joined(parts: Sequence[Any], text: Callable[[Any], str], *, shorten: bool) -> str:
    if shorten and len(parts) > 6:
        return ", ".join([*map(text, parts[:3]), "...", *map(text, parts[-3:])])
    return ", ".join(map(text, parts))


_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = 200
