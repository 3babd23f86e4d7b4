"""The exercises of notebook 01."""

import statistics

import torch
from tellwhy.answers.exercise import exercise, tenths
from tellwhy.answers.run import Inputs
from torch import Tensor


def _laps(g: torch.Generator) -> Inputs:
    numbers = torch.randint(3, 7, (2,), generator=g).tolist()
    return tuple((torch.randint(1, 100, (n,), generator=g).double() / 10).tolist() for n in numbers)


@exercise(
    inputs=[([4.0, 9.9, 4.4], [0.2, 0.1, 0.9]), ([6.0, 3.0, 8.0, 4.0], [0.5, 0.1])],
    draw=_laps,
    hints=(
        "How long does a typical slow run take? The notebook says what to report: the median.",
        "statistics.median(slow) is the numerator: a speedup is above 1 when `fast` is faster.",
    ),
    verified="odd, even and unequal numbers of laps, and laps with outliers",
    mistakes={
        "median of ratios": (
            "This is the median of the ratios. The laps of the two lists are no pairs.",
            lambda slow, fast: statistics.median(s / f for s, f in zip(slow, fast, strict=False)),
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


def _columns_and_vectors(g: torch.Generator) -> Inputs:
    """Draw predictions and labels, each of shape (n,) or (n, 1), one row among them."""
    n = int(torch.randint(1, 6, (), generator=g))
    shapes = [(n, 1) if column else (n,) for column in torch.randint(2, (2,), generator=g)]
    return tuple(tenths(g, *shape) for shape in shapes)


@exercise(
    inputs=[
        (torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 4.0, 9.0])),
        (torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([1.0, 4.0, 9.0])),
    ],
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
        "broadcast": (_ALL_PAIRS, lambda y_hat, y: ((y_hat - y) ** 2).mean()),
        "all pairs": (
            _ALL_PAIRS,
            lambda y_hat, y: ((y_hat.reshape(-1, 1) - y.reshape(-1)) ** 2).mean(),
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


def _rows(g: torch.Generator) -> Inputs:
    """Draw rows in halves, whose squares are exact in every way to compute them."""
    m, n, d = torch.randint(1, 5, (3,), generator=g).tolist()
    return tuple(torch.randint(-6, 7, (rows, d), generator=g) / 2 for rows in (m, n))


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
        "row by row": (
            "This pairs row i of A with row i of B only. Every row of A meets every row of B.",
            lambda A, B: ((A - B) ** 2).sum(dim=1),
        ),
    },
)
def pairwise_sq_dist(A: Tensor, B: Tensor) -> Tensor:
    """Return the squared distances of the rows of A (m, d) and B (n, d), shape (m, n)."""
    return ((A[:, None, :] - B) ** 2).sum(dim=2)
