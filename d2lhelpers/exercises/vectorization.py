"""The exercises of notebook 01."""

import statistics

import torch
from torch import Tensor

from d2lhelpers.exercises.base import Inputs, exercise, tenths


def _laps(g: torch.Generator, number: int) -> list[float]:
    return [tenth / 10 for tenth in torch.randint(1, 100, (number,), generator=g).tolist()]


@exercise(
    fixed=[
        ([4.0, 9.9, 4.4], [0.2, 0.1, 0.9]),
        ([6.0, 3.0, 8.0, 4.0], [0.5, 0.1]),
    ],
    draw=lambda g: (_laps(g, 5), _laps(g, 4)),
    hints=(
        "How long does a typical slow run take, and how long a typical fast one? "
        "The notebook says which of mean, median and minimum to report.",
        "statistics.median(slow) is the numerator. A speedup is above 1 when `fast` is faster.",
    ),
    verified="odd, even and unequal numbers of laps, and laps with outliers",
)
def speedup(slow: list[float], fast: list[float]) -> float:
    """Return how many times as fast `fast` is, from two lists of measured seconds."""
    return statistics.median(slow) / statistics.median(fast)


@speedup.mistake("This is upside down. The speedup is large when `fast` takes little time.")
def _inverted(slow: list[float], fast: list[float]) -> float:
    return statistics.median(fast) / statistics.median(slow)


@speedup.mistake("This looks like the ratio of the means, which a single slow run pulls up.")
def _means(slow: list[float], fast: list[float]) -> float:
    return statistics.mean(slow) / statistics.mean(fast)


@speedup.mistake("This looks like the ratio of the minima: one lap of each list decides it.")
def _minima(slow: list[float], fast: list[float]) -> float:
    return min(slow) / min(fast)


@speedup.mistake(
    "This looks like the median of the ratios, lap by lap. The laps of the two lists do not "
    "belong together in pairs: take each median first."
)
def _median_of_ratios(slow: list[float], fast: list[float]) -> float:
    return statistics.median(s / f for s, f in zip(slow, fast, strict=False))


@speedup.mistake("This takes the lap in the middle of the list as it stands. Sort the laps first.")
def _unsorted(slow: list[float], fast: list[float]) -> float:
    return slow[len(slow) // 2] / fast[len(fast) // 2]


@speedup.mistake("This is a difference, the seconds saved. A speedup is a ratio.")
def _difference(slow: list[float], fast: list[float]) -> float:
    return statistics.median(slow) - statistics.median(fast)


@speedup.mistake(
    "With an even number of laps this takes the lower of the two middle ones, as torch.median "
    "does. The median lies halfway between them, as statistics.median says."
)
def _lower_median(slow: list[float], fast: list[float]) -> float:
    return statistics.median_low(slow) / statistics.median_low(fast)


@speedup.mistake(
    "With an even number of laps this takes the upper of the two middle ones. "
    "The median lies halfway between them, as statistics.median says."
)
def _upper_median(slow: list[float], fast: list[float]) -> float:
    return statistics.median_high(slow) / statistics.median_high(fast)


def _columns_and_vectors(g: torch.Generator) -> Inputs:
    """Draw predictions and labels, each of shape (4,) or (4, 1)."""
    shapes = torch.randint(2, (2,), generator=g).tolist()
    y_hat, y = (tenths(g, 4, 1) if column else tenths(g, 4) for column in shapes)
    return y_hat, y


@exercise(
    fixed=[
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
    vectorized=lambda size: (torch.ones(size), torch.zeros(size)),
)
def mse_vectorized(y_hat: Tensor, y: Tensor) -> Tensor:
    """Return the mean squared error, shape (), of predictions and labels, (n,) or (n, 1) each."""
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean()


@mse_vectorized.mistake(
    "This looks like the mean of all n × n differences. Shapes (n,) and (n, 1) together make "
    "(n, n), every prediction against every label: give both the same shape first.",
    in_one=True,
)
def _broadcast(y_hat: Tensor, y: Tensor) -> Tensor:
    return ((y_hat.reshape(-1, 1) - y.reshape(-1)) ** 2).mean()


@mse_vectorized.mistake("This looks like the sum of the squared errors. Take their mean.")
def _sum(y_hat: Tensor, y: Tensor) -> Tensor:
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).sum()


@mse_vectorized.mistake("This looks like the mean absolute error. Square each error instead.")
def _absolute(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y.reshape(y_hat.shape)).abs().mean()


@mse_vectorized.mistake(
    "This looks like the mean error without a square: errors of opposite sign cancel."
)
def _not_squared(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y.reshape(y_hat.shape)).mean()


@mse_vectorized.mistake(
    "This looks like the square of the mean error. Square each error first, then average."
)
def _squared_last(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y.reshape(y_hat.shape)).mean() ** 2


@mse_vectorized.mistake("These are the squared errors one by one. Return their mean, one number.")
def _no_mean(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y.reshape(y_hat.shape)) ** 2


@mse_vectorized.mistake("This looks like the square root of the mean squared error. Leave it out.")
def _root(y_hat: Tensor, y: Tensor) -> Tensor:
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() ** 0.5


@mse_vectorized.mistake("This is half of the mean squared error.")
def _half(y_hat: Tensor, y: Tensor) -> Tensor:
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() / 2


def _rows(g: torch.Generator, number: int) -> Tensor:
    """Draw rows of two features in halves, whose squares are exact in every way to compute them."""
    return torch.randint(-6, 7, (number, 2), generator=g) / 2


def _cube(size: int) -> Inputs:
    """Make rows such that a loop over any of the three dimensions has more steps."""
    side = max(2, size // 25)
    return torch.ones(side, side), torch.zeros(side, side)


@exercise(
    fixed=[
        (
            torch.tensor([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]),
            torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 5.0]]),
        ),
        (torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]])),
        (torch.tensor([[1.0], [4.0]]), torch.tensor([[3.0]])),
    ],
    draw=lambda g: (_rows(g, 3), _rows(g, 4)),
    hints=(
        "Think of a tensor of shape (m, n, d) that holds, for each pair of rows, their "
        "differences. What is left to do with its last dimension?",
        "A[:, None, :] has shape (m, 1, d), and B has (n, d). Subtract them. "
        "Then square, and add up with .sum(dim=...).",
    ),
    verified="unequal numbers of rows, a single row, a single feature, and no loop",
    vectorized=_cube,
)
def pairwise_sq_dist(A: Tensor, B: Tensor) -> Tensor:
    """Return the squared distances of the rows of A (m, d) and B (n, d), shape (m, n)."""
    return ((A[:, None, :] - B) ** 2).sum(dim=2)


@pairwise_sq_dist.mistake(
    "This looks transposed: row i belongs to row i of A, and column j to row j of B."
)
def _transposed(A: Tensor, B: Tensor) -> Tensor:
    return ((B[:, None, :] - A) ** 2).sum(dim=2)


@pairwise_sq_dist.mistake("These are the distances. Leave the square root out.")
def _distances(A: Tensor, B: Tensor) -> Tensor:
    return ((A[:, None, :] - B) ** 2).sum(dim=2) ** 0.5


@pairwise_sq_dist.mistake("These are transposed, and distances: leave the square root out as well.")
def _transposed_distances(A: Tensor, B: Tensor) -> Tensor:
    return ((B[:, None, :] - A) ** 2).sum(dim=2) ** 0.5


@pairwise_sq_dist.mistake(
    "This pairs row i of A with row i of B only. Every row of A meets every row of B."
)
def _row_by_row(A: Tensor, B: Tensor) -> Tensor:
    return ((A - B) ** 2).sum(dim=1)


@pairwise_sq_dist.mistake(
    "This adds up over the wrong dimension. The d features are added, and (m, n) remains."
)
def _wrong_dimension(A: Tensor, B: Tensor) -> Tensor:
    return ((A[:, None, :] - B) ** 2).sum(dim=1)


@pairwise_sq_dist.mistake(
    "These are the squares of single differences, shape (m, n, d). Add them up over the features."
)
def _not_added(A: Tensor, B: Tensor) -> Tensor:
    return (A[:, None, :] - B) ** 2


@pairwise_sq_dist.mistake(
    "This adds up everything. Add up over the d features alone: (m, n) stays."
)
def _all_added(A: Tensor, B: Tensor) -> Tensor:
    return ((A[:, None, :] - B) ** 2).sum()


@pairwise_sq_dist.mistake("This averages over the features. A squared distance is their sum.")
def _mean_of_features(A: Tensor, B: Tensor) -> Tensor:
    return ((A[:, None, :] - B) ** 2).mean(dim=2)


@pairwise_sq_dist.mistake(
    "This adds up absolute differences. Square each difference before you add."
)
def _absolute_differences(A: Tensor, B: Tensor) -> Tensor:
    return (A[:, None, :] - B).abs().sum(dim=2)


@pairwise_sq_dist.mistake("This squares the sum of the differences. Square each of them, then add.")
def _squared_sum(A: Tensor, B: Tensor) -> Tensor:
    return (A[:, None, :] - B).sum(dim=2) ** 2


@pairwise_sq_dist.mistake("This looks like A @ B.T, products of the rows instead of distances.")
def _products(A: Tensor, B: Tensor) -> Tensor:
    return A @ B.T


__all__ = ["mse_vectorized", "pairwise_sq_dist", "speedup"]
