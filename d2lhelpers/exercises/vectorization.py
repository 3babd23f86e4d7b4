"""The exercises of notebook 01."""

import math
import random
import statistics

import torch
from tellwhy.answers.run import Inputs
from torch import Tensor

from d2lhelpers.exercises.drawing import tenths, wholes
from tellwhy import exercise


def _laps(rng: random.Random) -> Inputs:
    return tuple([rng.randint(1, 99) / 10 for _ in range(rng.randint(3, 6))] for _ in range(2))


def _middle_ratio(slow: list[float], fast: list[float]) -> float:
    return statistics.median(s / f for s, f in zip(slow, fast, strict=False))


def _inner(laps: list[float], otherwise: list[float]) -> list[float]:
    """Return the laps but the fastest and the slowest; something else where none is left."""
    return sorted(laps)[1:-1] or otherwise


_OF_TWO = (
    "Where the number of runs is even, the {} of the two middle times is taken. The median is the "
    "mean of both."
)
_FIRST = "The first time of each list is left out. A median needs no warming up: take all times."
_CUT = (
    "The longer list is cut to the length of the shorter one. The times do not come in pairs: take "
    "the median of all."
)
_EXTREMES = (
    "The fastest and the slowest run are left out, and the rest is averaged. With more than four "
    "runs that is generally not the median{}: take the median of each list."
)


@exercise(
    inputs=[([4.0, 9.9, 4.4], [0.2, 0.1, 0.9]), ([6.0, 3.0, 8.0, 4.0], [0.5, 0.1])],
    special={"laps of equal length": ([2.0, 2.0, 5.0, 9.0], [0.2, 0.2, 0.5, 0.9])},
    draw=_laps,
    hints=(
        "How long does a typical slow run take? The notebook says what to report: the median.",
        "statistics.median(slow) is the numerator: a speedup is above 1 when `fast` is faster.",
    ),
    verified="odd, even and unequal numbers of laps, and laps with outliers",
    mistakes={
        "median of ratios": (
            "This is the median of the ratios. The times of the two lists do not come in pairs.",
            _middle_ratio,
        ),
        "median of sorted ratios": (
            "The sorted times are paired, and the rest of the longer list is left out: this is "
            "the median of the ratios of the pairs. Take the median of each list first, then "
            "divide.",
            lambda slow, fast: _middle_ratio(sorted(slow), sorted(fast)),
        ),
        "totals": (
            "The totals are compared. They grow with the number of runs, which may differ, and "
            "with a few slow ones: compare the medians.",
            lambda slow, fast: sum(slow) / sum(fast),
        ),
        "median without the first": (
            _FIRST,
            lambda slow, fast: statistics.median(slow[1:]) / statistics.median(fast[1:]),
        ),
        "cut to the shorter": (
            _CUT,
            lambda slow, fast: (
                statistics.median(slow[: len(fast)]) / statistics.median(fast[: len(slow)])
            ),
        ),
        "cut to the shorter, lower middle": (
            f"Two slips. {_CUT} And for an even number `torch.median` takes the lower one of the "
            "two middle times, not their mean.",
            lambda slow, fast: (
                statistics.median_low(slow[: len(fast)]) / statistics.median_low(fast[: len(slow)])
            ),
        ),
        "mean without the first": (
            f"Two slips. {_FIRST} And take the median of each list instead of the mean.",
            lambda slow, fast: statistics.mean(slow[1:]) / statistics.mean(fast[1:]),
        ),
        "upper middle": (
            _OF_TWO.format("upper"),
            lambda slow, fast: statistics.median_high(slow) / statistics.median_high(fast),
        ),
        "lower middle": (
            _OF_TWO.format("lower"),
            lambda slow, fast: statistics.median_low(slow) / statistics.median_low(fast),
        ),
        "without the extremes": (
            _EXTREMES.format(""),
            lambda slow, fast: (
                statistics.mean(_inner(slow, slow)) / statistics.mean(_inner(fast, fast))
            ),
        ),
        "without the extremes, and none is left": (
            _EXTREMES.format(", and of two runs none is left"),
            lambda slow, fast: (
                statistics.mean(_inner(slow, [math.nan]))
                / statistics.mean(_inner(fast, [math.nan]))
            ),
        ),
        "all ratios": (
            "This compares each slow time with each fast one. Take the median of each list first, "
            "then divide.",
            lambda slow, fast: statistics.median(s / f for s in slow for f in fast),
        ),
    },
)
def speedup(slow: list[float], fast: list[float]) -> float:
    """Return how many times as fast `fast` is, from two lists of measured seconds."""
    return statistics.median(slow) / statistics.median(fast)


_ALL_PAIRS = (
    "These are the squares of all n × n differences, averaged. Shapes (n,) and (n, 1) together "
    "make (n, n), every prediction against every label: give both the same shape first."
)
_VARIANCE = (
    "This is the variance of the differences: their mean is taken away first. Average the squares "
    "of the differences themselves."
)


def _columns_and_vectors(rng: random.Random) -> Inputs:
    """Draw predictions and labels, each of shape (n,) or (n, 1), one row among them."""
    n = rng.randint(1, 5)
    return tuple(tenths(rng, *rng.choice([(n,), (n, 1)])) for _ in range(2))


@exercise(
    inputs=[
        (torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 4.0, 9.0])),
        (torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([1.0, 4.0, 9.0])),
    ],
    special={
        "predictions near labels that are far above 0": (
            torch.tensor([1000.25, 1001.0, 2000.0]),
            torch.tensor([1000.5, 1000.75, 2000.25]),
        ),
        "predictions near labels that are far below 0": (
            torch.tensor([[-3000.25], [-3000.5]]),
            torch.tensor([[-3000.5], [-3001.0]]),
        ),
    },
    draw=_columns_and_vectors,
    hints=(
        "Print (y_hat - y).shape for shapes (3, 1) and (3,). How many differences do you want?",
        "y.reshape(y_hat.shape) has the shape of y_hat. Subtract, square, and take .mean().",
    ),
    verified="vectors and columns, also one of each, and no loop",
    ways=[
        "((y_hat.reshape(-1) - y.reshape(-1)) ** 2).sum() / len(y)",
        "torch.linalg.norm(y_hat.reshape(-1) - y.reshape(-1)) ** 2 / len(y)",
    ],
    vectorized=lambda size: (torch.ones(size), torch.zeros(size)),
    mistakes={
        "digits lost": (
            "The square is multiplied out. Where predictions and labels are far from 0, its terms "
            "are large, and little is left of their sum: float32 loses its digits. Subtract first, "
            "then square.",
            lambda y_hat, y: (
                ((p := y_hat.reshape(-1)) @ p - 2 * (p @ (t := y.reshape(-1))) + t @ t) / len(p)
            ),
        ),
        "broadcast": (_ALL_PAIRS, lambda y_hat, y: ((y_hat - y) ** 2).mean()),
        "all pairs": (
            "These are the squares of all n × n differences, averaged: every prediction against "
            "every label. Only a prediction and its own label belong together: give both tensors "
            "the shape (n,) first.",
            lambda y_hat, y: ((y_hat.reshape(-1, 1) - y.reshape(-1)) ** 2).mean(),
        ),
        "squares first": (
            "Predictions and labels are squared before they are subtracted. Subtract first, then "
            "square.",
            lambda y_hat, y: (y_hat.reshape(-1) ** 2 - y.reshape(-1) ** 2).mean(),
        ),
        "squares first, without the sign": (
            "Predictions and labels are squared before they are subtracted. Subtract first, then "
            "square: abs() is not needed then.",
            lambda y_hat, y: (y_hat.reshape(-1) ** 2 - y.reshape(-1) ** 2).abs().mean(),
        ),
        "n - 1": (
            "The sum is divided by n - 1. An average over n examples is divided by n.",
            lambda y_hat, y: ((y_hat - y.reshape(y_hat.shape)) ** 2).sum() / (len(y) - 1),
        ),
        "variance": (_VARIANCE, lambda y_hat, y: (y_hat - y.reshape(y_hat.shape)).var()),
        "variance by n": (
            _VARIANCE,
            lambda y_hat, y: (y_hat - y.reshape(y_hat.shape)).var(correction=0),
        ),
    },
)
def mse_vectorized(y_hat: Tensor, y: Tensor) -> Tensor:
    """Return the mean squared error, shape (), of predictions and labels, (n,) or (n, 1) each."""
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean()


def _rows(rng: random.Random) -> Inputs:
    """Draw rows in halves, whose squares are exact in every way to compute them."""
    m, n, d = (rng.randint(1, 4) for _ in range(3))
    return tuple(wholes(rng, -6, 6, rows, d) / 2 for rows in (m, n))


@exercise(
    inputs=[
        (torch.tensor([[0.0, 0.0], [3.0, 0.0]]), torch.tensor([[3.0, 4.0], [1.0, 0.0]])),
        (torch.tensor([[1.0], [4.0]]), torch.tensor([[3.0]])),
    ],
    draw=_rows,
    hints=(
        "A tensor (m, n, d) can hold the differences of all pairs. What becomes of its last axis?",
        "A[:, None, :] has shape (m, 1, d). Subtract B, square, and add up with .sum(dim=...).",
    ),
    verified="unequal numbers of rows, a single row, a single feature, and no loop",
    ways=[
        "(A**2).sum(dim=1)[:, None] + (B**2).sum(dim=1) - 2 * A @ B.T",
        "torch.cdist(A, B) ** 2",
    ],
    # All three dimensions grow, so that a loop over any of them has more steps.
    vectorized=lambda size: tuple(torch.ones(2, size // 25 + 2, size // 25 + 2)),
    mistakes={
        "reshaped for transposed": (
            "`reshape` does not exchange rows and columns: it cuts the same numbers into other "
            "rows, and mixes features. `A.T` exchanges them.",
            lambda A, B: (
                (A.reshape(A.shape[1], len(A), 1) - B.reshape(B.shape[1], 1, len(B))) ** 2
            ).sum(dim=0),
        ),
        "repeated alike": (
            "A and B are both repeated as a whole, so pairs come in the wrong places, and some "
            "may not come at all. Repeat each row of A by itself, before the next one: "
            "`A.repeat_interleave(len(B), dim=0)`.",
            lambda A, B: (
                ((A.repeat(len(B), 1) - B.repeat(len(A), 1)) ** 2).sum(dim=1).reshape(len(A), -1)
            ),
        ),
        "summed, then squared": (
            "The differences are added up before they are squared. Square each one first.",
            lambda A, B: (A[:, None, :] - B).sum(dim=2) ** 2,
        ),
        "squares first": (
            "The features are squared before they are subtracted. Subtract first, then square.",
            lambda A, B: (A[:, None] ** 2 - B**2).sum(dim=2),
        ),
        "squares first, without the sign": (
            "The features are squared before they are subtracted. Subtract first, then square: "
            "no square is negative, so abs() is not needed.",
            lambda A, B: (A[:, None] ** 2 - B**2).sum(dim=2).abs(),
        ),
        "folded to (n, m)": (
            "The values stand in the right order, and are folded into n rows of m: fold them "
            "into m rows of n, one for each row of A.",
            lambda A, B: ((A[:, None] - B) ** 2).sum(dim=2).reshape(len(B), len(A)),
        ),
        "row by row": (
            "This pairs row i of A with row i of B only. Every row of A meets every row of B.",
            lambda A, B: ((A - B) ** 2).sum(dim=1),
        ),
    },
)
def pairwise_sq_dist(A: Tensor, B: Tensor) -> Tensor:
    """Return the squared distances of the rows of A (m, d) and B (n, d), shape (m, n)."""
    return ((A[:, None, :] - B) ** 2).sum(dim=2)
