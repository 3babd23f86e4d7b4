"""The exercises of notebook 05."""

import math
import random
from collections.abc import Callable
from typing import Any

import torch
from tellwhy.answers.run import Inputs
from torch import Tensor, nn

from d2lhelpers.exercises.drawing import tenths, wholes
from tellwhy import exercise

Standardized = tuple[Tensor, Tensor, Tensor]
Weights = tuple[Tensor, Tensor]


def _draw_rows(rng: random.Random) -> Inputs:
    """Draw rows, and for every other check statistics that were made of others."""
    n, d, given = (rng.randint(2, 5) for _ in range(3))
    X, mean, std = tenths(rng, n, d), tenths(rng, d), wholes(rng, 1, 5, d) / 2
    return (X, mean, std) if given > 3 else (X,)


def _by_range(X: Tensor, mean: Any, std: Any, parts: int) -> Standardized:
    mean = X.mean(dim=0) if mean is None else mean
    std = (X.amax(dim=0) - X.amin(dim=0)) / parts if std is None else std
    return (X - mean) / std, mean, std


_SMALL_NUMBER = (
    "A small number (1e-5) is added to the variance before the root is taken, as `F.batch_norm` "
    "does. It makes a column that hardly varies come out too small. No column is constant here: "
    "divide by `std` itself."
)


@exercise(
    inputs=[
        (torch.tensor([[1.0, 10.0, 0.0], [2.0, 30.0, 2.0], [3.0, 50.0, 4.0]]),),
        (torch.tensor([[1.0], [5.0]]), torch.tensor([0.0]), torch.tensor([2.0])),
        (torch.tensor([[7.0, -1.0]]), torch.tensor([2.0, 3.0]), torch.tensor([0.5, 4.0])),
    ],
    special={
        # Smaller, and 1e-8 beside the std would count; larger, and 1e-10 in the variance would not.
        "a column that hardly varies": (torch.tensor([[1.0, 0.0005], [2.0, 0.0], [4.0, 0.0025]]),),
        "a column that is far above 0": (
            torch.tensor([[2000.25, 1.0], [2000.5, 4.0], [2000.75, 1.0]]),
        ),
        "a column that is far below 0": (torch.tensor([[-3000.25], [-3000.5], [-3000.75]]),),
    },
    draw=_draw_rows,
    hints=(
        "Each column has its own mean and std. Compute them only `if mean is None:`.",
        "X.mean(dim=0) and X.std(dim=0) have shape (d,). Subtract first, then divide.",
    ),
    verified="training rows, and new rows with given statistics, a mean of 0 among them",
    parts=("standardised inputs", "mean", "std"),
    ways=[
        "if mean is None:\n    mean = X.sum(dim=0) / len(X)\n"
        "    std = (((X - mean) ** 2).sum(dim=0) / (len(X) - 1)) ** 0.5\n"
        "return (X - mean) / std, mean, std",
    ],
    mistakes={
        "those of X": (
            "Your result comes from `X` even where `mean` and `std` are given. Use and return "
            "these then.",
            lambda X, mean=None, std=None: (
                (X - X.mean(dim=0)) / X.std(dim=0),
                X.mean(dim=0),
                X.std(dim=0),
            ),
        ),
        "std of X": (
            "The rows are divided by the standard deviation of `X` itself, even where `std` is "
            "given. Divide by that one then.",
            lambda X, mean=None, std=None: (
                (X - (m := X.mean(dim=0) if mean is None else mean)) / X.std(dim=0),
                m,
                X.std(dim=0) if std is None else std,
            ),
        ),
        "digits lost": (
            "The std is made of the mean of the squares and the square of the mean. Where a column "
            "is far from 0, these are large, and float32 loses their difference. Take "
            "`X.std(dim=0)`, or average the squared distances from the mean.",
            lambda X, mean=None, std=None: (
                (X - (m := X.mean(dim=0) if mean is None else mean))
                / (
                    s := (((X**2).sum(dim=0) - len(X) * m**2) / (len(X) - 1)) ** 0.5
                    if std is None
                    else std
                ),
                m,
                s,
            ),
        ),
        "by n": (
            "This std divides by n, as that of NumPy does. Where none is given, divide by n - 1, "
            "as PyTorch's `X.std(dim=0)` does.",
            lambda X, mean=None, std=None: (
                (X - (mean := X.mean(dim=0) if mean is None else mean))
                / (std := X.std(dim=0, correction=0) if std is None else std),
                mean,
                std,
            ),
        ),
        "a small number in the root": (
            _SMALL_NUMBER,
            lambda X, mean=None, std=None: (
                (X - (mean := X.mean(dim=0) if mean is None else mean))
                / ((std := X.std(dim=0) if std is None else std) ** 2 + 1e-5) ** 0.5,
                mean,
                std,
            ),
        ),
        "by batch_norm": (
            _SMALL_NUMBER,
            lambda X, mean=None, std=None: (
                nn.functional.batch_norm(
                    X,
                    mean := X.mean(dim=0) if mean is None else mean,
                    (std := X.std(dim=0) if std is None else std) ** 2,
                ),
                mean,
                std,
            ),
        ),
        "half of the range": (
            "Your std is half of the range of each column. Where none is given, take "
            "`X.std(dim=0)`.",
            lambda X, mean=None, std=None: _by_range(X, mean, std, 2),
        ),
        "range": (
            "Your std is the range of each column, from least to largest. Where none is given, "
            "take `X.std(dim=0)`.",
            lambda X, mean=None, std=None: _by_range(X, mean, std, 1),
        ),
    },
)
def standardize(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    """Return standardised inputs (n, d) with the mean (d,) and std (d,) that were used.

    Give both mean and std, or neither: then they are those of X.
    """
    if mean is None:
        mean = X.mean(dim=0)
        std = X.std(dim=0)
    return (X - mean) / std, mean, std


@exercise(
    inputs=[
        (torch.tensor([[3.0]]), torch.tensor([1.0]), torch.tensor([4.0]), torch.tensor([2.0])),
    ],
    draw=lambda rng: (tenths(rng, 3, 2), tenths(rng, 2), tenths(rng, 3), wholes(rng, 2, 6, 3)),
    hints=(
        "Put (x − mean) / std for z into z @ w + b: what multiplies x, and what is left?",
        "std[:, None] divides the rows of w. The mean times the new weights shifts the bias.",
    ),
    verified="the same predictions in original units, for one and several inputs and outputs",
    parts=("weights", "biases"),
    ways=[
        "w / std[:, None], b - (mean / std) @ w",
        "(w.T / std).T, b - (mean[:, None] * w / std[:, None]).sum(dim=0)",
    ],
    mistakes={
        "last shift alone": (
            "Only the last input changes the biases. Subtract `mean[j] * w[j] / std[j]` for "
            "every input j, not for the last alone.",
            lambda w, b, mean, std: (w / std[:, None], b - mean[-1] * w[-1] / std[-1]),
        ),
    },
)
def fold_back(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    """Return weights (d, q) and biases (q,) for inputs in their original units.

    They predict from x what w (d, q) and b (q,) predict from (x - mean) / std.
    """
    weights = w / std[:, None]  # (d, q)
    return weights, b - mean @ weights


def _flattest(X: Tensor, bias: bool = True, apart: bool = False) -> float:
    """Return the smallest curvature over the largest, for inputs (n, d) with or without a bias.

    If `apart`, as if the column of ones was at right angles to the others.
    """
    A = torch.cat([X, torch.ones(len(X), int(bias))], dim=1)
    table = A.T @ A
    if apart:
        table[-1, :-1] = table[:-1, -1] = 0
    values = torch.linalg.eigvalsh(table)
    return float(values[0] / values[-1])


def _unsorted(largest_first: bool) -> Callable[[Tensor], Tensor]:
    """Make an answer that takes eigenvalues, which come in no order, for sorted ones."""

    def answer(X: Tensor) -> Tensor:
        A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
        values = torch.linalg.eigvals(A.T @ A / len(A)).real
        share = values[-1] / values[0]
        return -1 / torch.log10(1 - (share if largest_first else 1 / share))

    return answer


def _of_diagonal(X: Tensor, bias: bool) -> float:
    squares = (torch.cat([X, torch.ones(len(X), int(bias))], dim=1) ** 2).sum(dim=0)
    return float(squares.min() / squares.max())


def _steps(share: float) -> float:
    """Return after how many steps a tenth is left, where a step leaves this share."""
    return -1 / math.log10(share) if share > 0 else 0.0


def _draw_columns(rng: random.Random) -> Inputs:
    """Draw columns whose bowl is no circle, and not so narrow that rounding would count."""
    n, d = rng.randint(4, 6), rng.randint(1, 3)
    while not 0.06 < _flattest(X := tenths(rng, n, d)) < 0.5:
        pass
    return (X,)


def _by_steps(share: float) -> float:
    """Count whole steps, and of the last one the part that a straight line to its end needs."""
    whole = math.ceil(_steps(share) - 1e-6) - 1
    before, after = share**whole, share ** (whole + 1)
    return whole + (before - 0.1) / (before - after)


@exercise(
    inputs=[
        (torch.tensor([[-2.0], [2.0]]),),
        (torch.tensor([[1.0, 0.0], [-1.0, 2.0], [0.0, -2.0], [2.0, 0.0]]),),
    ],
    special={"a column whose mean is not 0": (torch.tensor([[1.0], [2.0], [3.0]]),)},
    draw=_draw_columns,
    hints=(
        "The curvatures are eigenvalues. Of which matrix, but for a common factor? Mind the bias.",
        "The smallest and the largest eigenvalue of A.T @ A, where A has a column of ones beside "
        "X. At the rate 1/λ_max a step leaves 1 − λ_min/λ_max of the distance.",
    ),
    verified="one column and several, standardised or not",
    ways=[
        "A = torch.cat([X, torch.ones(len(X), 1)], dim=1)\n"
        "H = 2 / len(X) * A.T @ A\n"
        "low, *_, high = torch.linalg.eigvalsh(H)\n"
        "lr = 1 / high\n"
        "return -1 / torch.log10(1 - lr * low)",
    ],
    mistakes={
        "no bias": (
            "The bias is left out. It has a column of its own in A, of ones.",
            lambda X: _steps(1 - _flattest(X, bias=False)),
        ),
        "centred": (
            "The columns are centred first, which changes the curvatures. Put a column of ones "
            "beside `X` as it is: the curvatures are the eigenvalues of A.T @ A for this table "
            "A, up to a factor.",
            lambda X: _steps(1 - _flattest(X - X.mean(dim=0))),
        ),
        "not squared": (
            "The result is computed from the condition number of `X` with a column of ones. That "
            "of the Hessian is its square.",
            lambda X: _steps(1 - _flattest(X) ** 0.5),
        ),
        "not squared, approximated": (
            "This is ln 10 times the condition number of `X` with a column of ones. That of the "
            "Hessian is its square. And exactly, a step leaves 1 - λ_min/λ_max: take the "
            "logarithm of that.",
            lambda X: math.log(10) / _flattest(X) ** 0.5,
        ),
        "approximated": (
            "This is 2.3 times the condition number, an approximation. Take the logarithm.",
            lambda X: 2.3 / _flattest(X),
        ),
        "approximated by ln 10": (
            "This is ln 10 times the condition number, an approximation: exactly, a step leaves "
            "1 - λ_min/λ_max. Take the logarithm of that.",
            lambda X: math.log(10) / _flattest(X),
        ),
        "no bias, approximated": (
            "The bias is left out: put a column of ones beside `X`. And ln 10 times the "
            "condition number is only an approximation: take the logarithm of 1 - λ_min/λ_max.",
            lambda X: math.log(10) / _flattest(X, bias=False),
        ),
        **{
            f"unsorted, the {first} first": (
                "`torch.linalg.eigvals` gives eigenvalues in no particular order: its first need "
                "not be the largest or the smallest. `torch.linalg.eigvalsh` sorts them, the "
                "smallest first.",
                _unsorted(first == "largest"),
            )
            for first in ("largest", "smallest")
        },
        "ones apart": (
            "This takes the column of ones for an axis of its own, which it is only where the "
            "means are 0. Put it beside X, and take the eigenvalues of all columns together.",
            lambda X: _steps(1 - _flattest(X, apart=True)),
        ),
        "a straight line in the last step": (
            "Within the last step the distance falls as a power, not along a straight line. No "
            "loop is needed: a tenth is left after -1 / log10(1 - λ_min/λ_max) steps.",
            lambda X: _by_steps(1 - _flattest(X)),
        ),
        "condition number": (
            "This is the condition number. How many steps leave a tenth of the distance?",
            lambda X: 1 / _flattest(X),
        ),
        "share": (
            "This is the share of the distance that a step leaves. How many steps leave a tenth?",
            lambda X: 1 - _flattest(X),
        ),
        "diagonal": (
            "This is computed from the diagonal of A.T @ A, which holds the squares of each "
            "column, added up. The curvatures along the axes are the eigenvalues of the whole "
            "matrix.",
            lambda X: _steps(1 - _of_diagonal(X, bias=True)),
        ),
        "diagonal, no bias": (
            "This is computed from the diagonal of X.T @ X, the squares of each column added up. "
            "Put a column of ones beside `X` for the bias: the curvatures are the eigenvalues of "
            "A.T @ A for this table A.",
            lambda X: _steps(1 - _of_diagonal(X, bias=False)),
        ),
    },
)
def descent_steps(X: Tensor) -> Tensor:
    """Return how many steps of gradient descent gain a digit along the flattest axis.

    A linear model with a bias is fitted to inputs X (n, d) at the rate 1/λ_max.
    """
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)  # (n, d + 1)
    values = torch.linalg.eigvalsh(A.T @ A)  # ascending; in proportion to the curvatures
    return -1 / torch.log10(1 - values[0] / values[-1])
