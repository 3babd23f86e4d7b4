"""What the public functions share in refusing bad input.

Every message names the argument, what was wanted and what came.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Sequence
from reprlib import repr as brief
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    import pandas as pd

# What `tensor` reads. Not recursive: a string is a sequence of strings, and would be let in.
_Numbers: TypeAlias = "float | np.number | Tensor | np.ndarray | pd.Series[Any] | pd.DataFrame"
ArrayLike: TypeAlias = "_Numbers | Sequence[_Numbers | Sequence[_Numbers]]"


def positive_int(name: str, value: Any) -> int:
    """Return `value` as an int, or say why it is not a positive integer."""
    return _integer(name, value, 1, "a positive integer")


def nonnegative_int(name: str, value: Any) -> int:
    """Return `value` as an int, or say why it is not an integer of at least 0."""
    return _integer(name, value, 0, "an integer, 0 or larger")


def _integer(name: str, value: Any, least: int, kind: str) -> int:
    wanted = f"{name} must be {kind}, got {brief(value)}"
    if _is_bool(value):
        raise TypeError(f"{wanted}.")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{wanted} ({type(value).__name__}).") from None
    if number < least:
        raise ValueError(f"{wanted}.")
    if number > sys.maxsize:
        raise ValueError(f"{name} must be at most {sys.maxsize}, got {brief(value)}.")
    return number


def nonnegative_number(name: str, value: Any) -> float:
    """Return `value` as a finite float of at least 0, or say why it is not one."""
    wanted = f"{name} must be a finite number, 0 or larger, got {brief(value)}"
    try:
        if _is_bool(value) or isinstance(value, str | bytes):
            raise TypeError
        number = float(value.detach() if isinstance(value, Tensor) else value)
    except OverflowError:  # an int beyond the largest float
        number = math.inf
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{wanted} ({type(value).__name__}).") from None
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{wanted}.")
    return number


def tensor(name: str, value: ArrayLike) -> Tensor:
    """Return `value` as a tensor of real numbers; arrays, tables and lists are converted."""
    try:
        result = _as_tensor(value)
    except (TypeError, ValueError, RuntimeError) as error:
        refusal = ValueError if isinstance(error, ValueError) else TypeError
        kind = type(value).__name__
        raise refusal(
            f"{name} must be a tensor, an array or a list of numbers, got {kind}: {error}"
        ) from None
    if result.is_complex():
        raise TypeError(f"{name} must hold real numbers, got {result.dtype}.")
    return result


def generator(value: Any) -> torch.Generator | None:
    """Return `value`, or say that it is neither a generator nor None."""
    if value is None or isinstance(value, torch.Generator):
        return value
    raise TypeError(
        f"generator must be a torch.Generator or None, got {brief(value)} ({type(value).__name__})."
    )


def _is_bool(value: Any) -> bool:
    """Tell whether `value` is a truth value of Python, NumPy or PyTorch."""
    return "bool" in str(getattr(value, "dtype", type(value)))


def _as_tensor(value: ArrayLike) -> Tensor:
    """Convert as `torch.as_tensor` does, except where that goes wrong in silence."""
    if isinstance(value, list | tuple) and any(isinstance(v, Tensor | np.ndarray) for v in value):
        return torch.stack([torch.as_tensor(v) for v in value])  # keeps the gradients
    if hasattr(value, "__array__") and not isinstance(value, Tensor):
        # Through NumPy, a pandas object is read by position, not by label; it is read-only, too.
        value = np.require(value, requirements="W")
    return torch.as_tensor(value)
