"""Draw inputs for exercises: few digits, which are short to print and to paste."""

import random

import torch
from torch import Tensor


def tenths(rng: random.Random, *shape: int) -> Tensor:
    """Draw numbers with one decimal."""
    return torch.tensor([rng.randint(-30, 30) for _ in range(_size(shape))]).reshape(shape) / 10


def wholes(rng: random.Random, low: int, high: int, *shape: int) -> Tensor:
    """Draw whole numbers from `low` to `high`, as floats."""
    drawn = [float(rng.randint(low, high)) for _ in range(_size(shape))]
    return torch.tensor(drawn).reshape(shape)


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
