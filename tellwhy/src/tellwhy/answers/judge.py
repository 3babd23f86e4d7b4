"""Judge a result: compare what an answer gave, and what it left, with what is right."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def same(got: Any, expected: Any, *, strictly: bool = True) -> bool:
    """Tell whether a result is the expected one: in kind, in shape, and in value up to rounding.

    A tensor with an axis must be a tensor, if not `strictly` an array or a list will do, too. Any
    number will do where a single one is expected.
    """
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and got.keys() == expected.keys()
            and all(same(got[part], expected[part], strictly=False) for part in expected)
        )
    if isinstance(expected, tuple):
        return (
            isinstance(got, tuple | list)
            and len(got) == len(expected)
            and all(same(*pair, strictly=strictly) for pair in zip(got, expected, strict=True))
        )
    if expected is None or isinstance(expected, str | bool):
        return bool(type(got) is type(expected) and got == expected)
    if strictly and isinstance(expected, Tensor) and expected.ndim and not isinstance(got, Tensor):
        return False
    a, b = numbers(got), numbers(expected)
    if a is not None and b is not None:
        return a.shape == b.shape and close(a, b)
    try:
        return bool(a is b and type(got) is type(expected) and got == expected)
    except Exception:  # arrays in it, or objects that do not compare
        return False


def alike(got: Any, expected: Any) -> bool:
    """Tell whether two results hold the same values, be it in a tensor, an array or a list."""
    return same(got, expected, strictly=False)


def numbers(value: Any) -> Tensor | None:
    """Return numbers as a tensor of float64 or int64, or None for what is not made of numbers."""
    if value is None or isinstance(value, str | bool | np.bool | dict):
        return None
    try:
        if isinstance(value, Tensor):
            result = value.detach().cpu().to_dense()
        else:
            if isinstance(value, np.ndarray):
                value = value.copy()  # torch takes no negative strides, warns of read-only memory
            result = torch.as_tensor(value)
    except Exception:  # ragged lists, objects: anything can come
        return None
    if result.is_complex() or result.dtype == torch.bool or result.is_meta:
        return None
    return result.double() if result.is_floating_point() else result.long()


def close(a: Tensor, b: Tensor) -> bool:
    """Tell whether numbers of one shape agree: whole ones exactly, others up to rounding.

    What is allowed is the rounding of float32: relative to each number, and, as large terms may
    have cancelled, a little of the largest. It is never absolute, so that no small result passes.
    """
    if not b.is_floating_point():
        return bool((a == b).all())
    finite = b[b.isfinite()].abs()
    largest = finite.max().item() if finite.numel() else 0.0
    atol = 1e-6 * (largest or 1.0) if b.ndim else 0.0 if largest else 1e-9
    return torch.allclose(a.double(), b, rtol=1e-5, atol=atol, equal_nan=True)


def unchanged(now: Any, before: Any) -> bool:
    """Tell whether an argument still holds what it held, to the last bit."""
    if isinstance(before, Tensor):
        return bool(
            isinstance(now, Tensor)
            and now.shape == before.shape
            and torch.allclose(now.detach(), before.detach(), rtol=0, atol=0, equal_nan=True)
        )
    if isinstance(before, np.ndarray):
        return np.array_equal(now, before)
    if isinstance(before, tuple | list):
        return len(now) == len(before) and all(map(unchanged, now, before))
    if isinstance(before, nn.Module):
        old, new = before.state_dict(), now.state_dict()
        return old.keys() == new.keys() and all(unchanged(new[name], old[name]) for name in old)
    return bool(now == before) if isinstance(before, int | float | str | None) else True
