"""The exercises of notebook 01."""

import statistics

import torch
from torch import Tensor

from d2lhelpers.exercises.exercise import exercise, tenths
from d2lhelpers.exercises.run import Inputs


def _laps(g: torch.Generator) -> list[float]:
    number = int(torch.randint(3, 7, (), generator=g))
    return [tenth / 10 for tenth in torch.randint(1, 100, (number,), generator=g).tolist()]


@exercise(
    inputs=[([4.0, 9.9, 4.4], [0.2, 0.1, 0.9]), ([6.0, 3.0, 8.0, 4.0], [0.5, 0.1])],
    draw=lambda g: (_laps(g), _laps(g)),
    hints=(
        "How long does a typical slow run take, and how long a typical fast one? "
        "The notebook says which of mean, median and minimum to report.",
        "statistics.median(slow) is the numerator. A speedup is above 1 when `fast` is faster.",
    ),
    verified="odd, even and unequal numbers of laps, and laps with outliers",
    ways=[
        "a, b = sorted(slow), sorted(fast)\n"
        "middle_a = (a[(len(a) - 1) // 2] + a[len(a) // 2]) / 2\n"
        "middle_b = (b[(len(b) - 1) // 2] + b[len(b) // 2]) / 2\n"
        "return middle_a / middle_b",
    ],
    mistakes={
        "laps unsorted": (
            "This takes the lap in the middle of the list as it stands. Sort the laps first.",
            lambda slow, fast: slow[len(slow) // 2] / fast[len(fast) // 2],
        ),
        "median of ratios": (
            "This is the median of the ratios, lap by lap. The laps of the two lists do not "
            "belong together in pairs: take each median first.",
            lambda slow, fast: statistics.median(s / f for s, f in zip(slow, fast, strict=False)),
        ),
        "lower median": (
            "With an even number of laps this takes the lower of the two middle ones, as "
            "torch.median does. The median lies halfway between them, as in statistics.median.",
            lambda slow, fast: statistics.median_low(slow) / statistics.median_low(fast),
        ),
        "time saved": (
            "This is the share of the time that is saved. Asked is how many times as fast.",
            lambda slow, fast: 1 - statistics.median(fast) / statistics.median(slow),
        ),
        "sums": (
            "This divides the sums, which depend on the number of laps. Take each median.",
            lambda slow, fast: sum(slow) / sum(fast),
        ),
    },
)
def speedup(slow: list[float], fast: list[float]) -> float:
    """Return how many times as fast `fast` is, from two lists of measured seconds."""
    return statistics.median(slow) / statistics.median(fast)


def _columns_and_vectors(g: torch.Generator) -> Inputs:
    """Draw predictions and labels, each of shape (n,) or (n, 1), one row among them."""
    shapes = torch.randint(2, (2,), generator=g).tolist()
    n = int(torch.randint(1, 6, (), generator=g))
    y_hat, y = (tenths(g, n, 1) if column else tenths(g, n) for column in shapes)
    return y_hat, y


@exercise(
    inputs=[
        (torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 4.0, 9.0])),
        (torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([1.0, 4.0, 9.0])),
        (torch.tensor([1.0, 2.0, 4.0]), torch.tensor([[1.0], [4.0], [9.0]])),
    ],
    draw=_columns_and_vectors,
    hints=(
        "Print (y_hat - y).shape for y_hat of shape (3, 1) and y of shape (3,). "
        "How many differences do you want?",
        "Give y the shape of y_hat before you subtract: y.reshape(y_hat.shape). "
        "The square of a tensor is taken element by element, and .mean() averages.",
    ),
    verified="vectors and columns, also one of each, and no loop",
    ways=[
        "((y_hat.reshape(-1) - y.reshape(-1)) ** 2).sum() / len(y)",
        "((y_hat.reshape(-1, 1) - y.reshape(-1, 1)) ** 2).mean(dim=0).squeeze()",
        "torch.linalg.norm(y_hat.reshape(-1) - y.reshape(-1)) ** 2 / len(y)",
    ],
    vectorized=lambda size: (torch.ones(size), torch.zeros(size)),
    mistakes={
        "broadcast": (
            "This is the mean of all n × n differences. Shapes (n,) and (n, 1) together make "
            "(n, n), every prediction against every label: give both the same shape first.",
            lambda y_hat, y: ((y_hat - y) ** 2).mean(),
        ),
        "square of the mean": (
            "This is the square of the mean error. Square each error first, then average.",
            lambda y_hat, y: (y_hat.mean() - y.mean()) ** 2,
        ),
        "sum of a table": (
            "This adds up all n × n differences. Shapes (n,) and (n, 1) together make (n, n), "
            "every prediction against every label: give both the same shape first.",
            lambda y_hat, y: ((y_hat - y) ** 2).sum() / len(y),
        ),
        "sum of everything": (
            "This adds up squared differences of every prediction with every label, "
            "as shapes (n,) and (n, 1) together make (n, n), and takes no mean.",
            lambda y_hat, y: ((y_hat - y) ** 2).sum(),
        ),
    },
)
def mse_vectorized(y_hat: Tensor, y: Tensor) -> Tensor:
    """Return the mean squared error, shape (), of predictions and labels, (n,) or (n, 1) each."""
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean()


def _rows(g: torch.Generator) -> Inputs:
    """Draw rows in halves, whose squares are exact in every way to compute them."""
    m, n, d = torch.randint(1, 5, (3,), generator=g).tolist()
    A, B = (torch.randint(-6, 7, (rows, d), generator=g) / 2 for rows in (m, n))
    return A, B


def _cube(size: int) -> Inputs:
    """Make rows such that a loop over any of the three dimensions has more steps."""
    side = max(2, size // 25)
    return torch.ones(side, side), torch.zeros(side, side)


@exercise(
    inputs=[
        (
            torch.tensor([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]),
            torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 5.0]]),
        ),
        (torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]])),
        (torch.tensor([[1.0], [4.0]]), torch.tensor([[3.0]])),
    ],
    draw=_rows,
    hints=(
        "Think of a tensor of shape (m, n, d) that holds, for each pair of rows, their "
        "differences. What is left to do with its last dimension?",
        "A[:, None, :] has shape (m, 1, d), and B has (n, d). Subtract them. "
        "Then square, and add up with .sum(dim=...).",
    ),
    verified="unequal numbers of rows, a single row, a single feature, and no loop",
    ways=[
        "(A**2).sum(dim=1)[:, None] + (B**2).sum(dim=1) - 2 * A @ B.T",
        "torch.cdist(A, B) ** 2",
    ],
    vectorized=_cube,
    mistakes={
        "row by row": (
            "This pairs row i of A with row i of B only. Every row of A meets every row of B.",
            lambda A, B: ((A - B) ** 2).sum(dim=1),
        ),
        "products": (
            "These are products of the rows, A @ B.T, and not distances.",
            lambda A, B: A @ B.T,
        ),
        "norms added": (
            "The product of the rows is missing: |a − b|² is |a|² + |b|² − 2 a·b.",
            lambda A, B: (A**2).sum(1, keepdim=True) + (B**2).sum(1),
        ),
        "norms added, product once": (
            "The product of the rows counts twice: |a − b|² is |a|² + |b|² − 2 a·b.",
            lambda A, B: (A**2).sum(1, keepdim=True) + (B**2).sum(1) - A @ B.T,
        ),
        "largest feature": (
            "This is the largest squared difference of a feature. Add up over the features.",
            lambda A, B: ((A[:, None] - B) ** 2).amax(dim=2),
        ),
    },
)
def pairwise_sq_dist(A: Tensor, B: Tensor) -> Tensor:
    """Return the squared distances of the rows of A (m, d) and B (n, d), shape (m, n)."""
    return ((A[:, None, :] - B) ** 2).sum(dim=2)


__all__ = ["mse_vectorized", "pairwise_sq_dist", "speedup"]
