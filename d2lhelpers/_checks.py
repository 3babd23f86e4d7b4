"""What the public functions share in refusing bad input.

Every message names the argument, what was wanted and what came.
"""

import math
import operator
from typing import Any

import torch
from torch import Tensor


def positive_int(name: str, value: Any) -> int:
    """Return `value` as an int, or say why it is not a positive integer."""
    wanted = f"{name} must be a positive integer, got {value!r}"
    if isinstance(value, bool):
        raise TypeError(f"{wanted}.")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{wanted} ({type(value).__name__}).") from None
    if number < 1:
        raise ValueError(f"{wanted}.")
    return number


def nonnegative_number(name: str, value: Any) -> float:
    """Return `value` as a finite float of at least 0, or say why it is not one."""
    wanted = f"{name} must be a finite number, 0 or larger, got {value!r}"
    if isinstance(value, bool | str | bytes):
        raise TypeError(f"{wanted} ({type(value).__name__}).")
    try:
        number = float(value.detach() if isinstance(value, Tensor) else value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{wanted} ({type(value).__name__}).") from None
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{wanted}.")
    return number


def tensor(name: str, value: Any) -> Tensor:
    """Return `value` as a tensor of real numbers; NumPy arrays and lists are converted."""
    try:
        result = torch.as_tensor(value)
    except (TypeError, RuntimeError) as error:
        kind = type(value).__name__
        raise TypeError(
            f"{name} must be a tensor, an array or a list of numbers, got {kind}: {error}"
        ) from None
    except ValueError as error:
        raise ValueError(f"{name} must be rectangular: {error}") from None
    if result.is_complex():
        raise TypeError(f"{name} must hold real numbers, got {result.dtype}.")
    return result


def generator(value: Any) -> torch.Generator | None:
    """Return `value`, or say that it is neither a generator nor None."""
    if value is None or isinstance(value, torch.Generator):
        return value
    raise TypeError(
        f"generator must be a torch.Generator or None, got {value!r} ({type(value).__name__})."
    )
