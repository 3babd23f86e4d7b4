"""Results of exercises: compared, described when they are wrong, and shown as text."""

import re
import reprlib
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

LONG = 60  # longer lists and larger arrays are shown by their ends


def same(got: Any, expected: Any) -> bool:
    """Tell whether two results agree: in shape, and in value up to rounding."""
    if isinstance(expected, tuple | list):
        if not isinstance(got, tuple | list) or len(got) != len(expected):
            return False
        return all(map(same, got, expected))
    if isinstance(expected, dict):
        return isinstance(got, dict) and same([*got.items()], [*expected.items()])
    if expected is None or isinstance(expected, str):
        return bool(type(got) is type(expected) and got == expected)
    try:
        a, b = _numbers(got), _numbers(expected)
        return a.shape == b.shape and _same_kind(a, b) and _close(a, b)
    except Exception:
        return False  # not made of numbers


def differing(these: dict[str, Any], those: dict[str, Any]) -> dict[str, Any]:
    """Return those parts of a result that differ from the parts of another."""
    return {part: these[part] for part in these if not same(these[part], those[part])}


def general_advice(got: Any, expected: Any) -> str:
    """Return what can be said of a wrong result in any exercise, or nothing."""
    if got is None:
        return "The function returned None. Is a return missing at its end?"
    if isinstance(got, str) and not isinstance(expected, str):
        return "This is text (a str)."
    if isinstance(expected, tuple):
        if not isinstance(got, tuple | list):
            return f"It should return {len(expected)} results, with commas between them."
        if len(got) != len(expected):
            return f"It returned {len(got)} results and should return {len(expected)}."
        pairs = enumerate(zip(got, expected, strict=True), start=1)
        number, pair = next((number, pair) for number, pair in pairs if not same(*pair))
        if pair[0] is None:
            return f"Result {number} is None."
        advice = general_advice(*pair)
        return advice and f"Result {number} of {len(expected)}: {advice}"
    with suppress(Exception):  # not made of numbers
        a, b = _numbers(got), _numbers(expected)
        shapes = f"{tuple(a.shape)} and should be {tuple(b.shape)}"
        if a.shape != b.shape:
            if a.numel() == b.numel() and _close(a.flatten(), b.flatten()):
                return f"The values are right, the shape is not. It is {shapes}."
            return f"The shape is {shapes}."
        if not _same_kind(a, b) and isinstance(expected, Tensor | np.ndarray):
            return f"The dtype is {a.dtype} and should be {b.dtype}."
        if a.isnan().any() and not b.isnan().any():
            return "NaN is not a number: it comes from 0 / 0, inf - inf or the log of a negative."
    return ""


def _numbers(value: Any) -> Tensor:
    """Return a number, an array or a tensor as a tensor; raise for anything else."""
    if isinstance(value, np.ndarray):
        value = value.copy()  # torch takes no negative strides, and warns of read-only memory
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        numbers = torch.as_tensor(value).detach().cpu()
    if numbers.is_complex():
        raise TypeError("complex numbers")
    return numbers


def _same_kind(a: Tensor, b: Tensor) -> bool:
    return (a.dtype == torch.bool) == (b.dtype == torch.bool)


def _close(a: Tensor, b: Tensor) -> bool:
    """Tell whether values agree: up to rounding, and whole numbers exactly."""
    rtol, atol = (1e-8, 1e-10) if a.dtype == b.dtype == torch.float64 else (1e-4, 1e-5)
    if not b.is_floating_point():
        rtol = atol = 0
    return torch.allclose(a.double(), b.double(), rtol=rtol, atol=atol, equal_nan=True)


def rounded(value: Any) -> Any:
    """Return a result without the last digits, which `same` does not compare."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        parts = map(rounded, value)
        return tuple(parts) if isinstance(value, tuple) else list(parts)
    if isinstance(value, Tensor) and value.dtype == torch.float32:
        with suppress(RuntimeError):  # a layout that cannot be rounded
            value = value.detach()
            return value.where(value.abs() > 1e6, value.round(decimals=5))
    return round(value, 5) if type(value) is float and abs(value) < 1e6 else value


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
        return ", ".join(f"{name}: {show(part)}" for name, part in value.items())
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
