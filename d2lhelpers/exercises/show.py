"""Values as text: such as can be pasted into a notebook, and short."""

import math
import re
import reprlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

LONG = 60  # longer lists and larger arrays are shown by their ends
DIGITS = 5


def side_by_side(got: Any, expected: Any) -> tuple[str, str]:
    """Return two different results as texts that differ: with more digits where five are equal."""
    for digits in (DIGITS, DIGITS + 2):
        texts = show(_rounded(got, digits)), show(_rounded(expected, digits))
        if texts[0] != texts[1]:
            return texts
    return show(got), show(expected)


def _rounded(value: Any, digits: int) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part, digits) for name, part in value.items()}
    if isinstance(value, tuple | list):
        parts = [_rounded(part, digits) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    if isinstance(value, Tensor) and value.dtype == torch.float32:
        with suppress(RuntimeError):  # a layout that cannot be rounded
            value = value.detach()
            return value.where(value.abs() > 1e6, value.round(decimals=digits))
    if type(value) is float and 0 < abs(value) < 1e6:
        return round(value, max(digits, digits - 1 - math.floor(math.log10(abs(value)))))
    return value


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


def show(value: Any) -> str:
    """Return a value as text that can be pasted into a notebook; a long one is shortened."""
    if isinstance(value, Tensor | np.ndarray):
        with suppress(TypeError, RuntimeError):  # a dtype or layout that NumPy lacks
            return _array(value)
    if isinstance(value, tuple | list):
        inner = _joined(value, show, shorten=len(value) > LONG)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, nn.Module):
        arguments = re.sub("(in|out)_features=|, bias=True", "", value.extra_repr())
        inner = ", ".join(map(show, value.children())) or arguments
        frozen = any(not parameter.requires_grad for parameter in value.parameters(recurse=False))
        return f"nn.{type(value).__name__}({inner}){'.requires_grad_(False)' if frozen else ''}"
    if isinstance(value, float | np.number | np.bool):
        return _number(value)
    return re.sub(r" at 0x\w+", "", " ".join(_brief.repr(value).split()))  # no addresses


def _array(value: Tensor | np.ndarray) -> str:
    if isinstance(value, Tensor):
        array, module, make = value.numpy(force=True), "torch", "torch.tensor"
        more = ", requires_grad=True" if value.requires_grad and value.is_leaf else ""
        inferred = {"float32", "int64", "bool"}
    else:
        array, module, make, more = value, "np", "np.array", ""
        inferred = {"float64", "int64", "bool"}
    if array.dtype.kind not in "biuf":
        raise TypeError("not made of numbers")
    dtype = f", dtype={module}.{array.dtype}"
    if not array.size:
        return f"{module}.empty({array.shape}{dtype}{more})"
    text = _digits(array, shorten=array.size > LONG)
    shape = f" of shape {array.shape}" if array.size > LONG else ""
    return f"{make}({text}{'' if array.dtype.name in inferred else dtype}{more}){shape}"


def _digits(array: Any, shorten: bool) -> str:
    if not np.ndim(array):
        return re.sub(r"\.0$", ".", _number(array))  # 3. as PyTorch prints it
    return f"[{_joined(array, lambda part: _digits(part, shorten), shorten=shorten)}]"


def _number(value: Any) -> str:
    """Return the shortest text that is this number and no other of its dtype."""
    named = {"nan": "torch.nan", "inf": "torch.inf", "-inf": "-torch.inf"}
    return named.get(str(value), str(value))


def _joined(parts: Sequence[Any], text: Callable[[Any], str], *, shorten: bool) -> str:
    if shorten and len(parts) > 6:
        return ", ".join([*map(text, parts[:3]), "...", *map(text, parts[-3:])])
    return ", ".join(map(text, parts))


_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = 200
