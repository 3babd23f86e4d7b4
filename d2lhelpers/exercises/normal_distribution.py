"""The exercises of notebook 02."""

import math

import torch
from torch import Tensor

from d2lhelpers.exercises.exercise import exercise, tenths
from d2lhelpers.exercises.run import Inputs


def _density(x: Tensor, mu: float | Tensor, sigma: float) -> Tensor:
    return torch.exp(-((x - mu) ** 2) / (2 * sigma**2)) / math.sqrt(2 * math.pi * sigma**2)


def _near_and_far(g: torch.Generator) -> Inputs:
    """Draw points near the mean and up to 40 standard deviations from it, on both sides."""
    mu, *far = (torch.randint(-40, 41, (4,), generator=g)).tolist()
    sigma = int(torch.randint(1, 7, (), generator=g)) / 2
    return torch.cat([mu + tenths(g, 2), mu + sigma * torch.tensor(far)]), mu / 2, sigma


@exercise(
    inputs=[
        (torch.tensor([1.0, 2.0, 4.0]), 1.0, 3.0),
        (torch.tensor([0.0, 40.0]), 0.0, 1.0),
        (torch.tensor([0.5]), 0.5, 0.1),
        (torch.tensor([[1.0, 2.0, 4.0], [0.5, -1.0, 3.0]]), 1.0, 2.0),
    ],
    draw=_near_and_far,
    hints=(
        "Do not compute the density first: at x = 40 it is too small for the computer, and its "
        "logarithm is lost. Take the logarithm of the formula on paper.",
        "The logarithm of the factor in front is -0.5 * math.log(2 * math.pi * sigma**2). "
        "What does the logarithm leave of the exponential?",
    ),
    verified="x at the mean and far from it, x of two dimensions, and wide and narrow bells",
    ways=["-math.log(sigma * math.sqrt(2 * math.pi)) - ((x - mu) / sigma) ** 2 / 2"],
    mistakes={
        "log of the density": (
            "This is the logarithm of the density. Far from the mean the density underflows to 0, "
            "and its logarithm is -inf. Simplify the formula before you compute.",
            lambda x, mu, sigma: _density(x, mu, sigma).log(),
        ),
        "density": ("This is the density itself. Its logarithm is asked for.", _density),
        "parentheses": (
            "It seems that parentheses are missing: a / 2 * sigma**2 multiplies by sigma**2. "
            "Divide by (2 * sigma**2).",
            lambda x, mu, sigma: (
                -0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / 2 * sigma**2
            ),
        ),
        "no factor": (
            "The logarithm of the factor in front is missing: -0.5 * log(2πσ²) is to be added.",
            lambda x, mu, sigma: -((x - mu) ** 2) / (2 * sigma**2),
        ),
        "no 2π": (
            "The 2π is missing in the logarithm of the factor in front.",
            lambda x, mu, sigma: -math.log(sigma) - (x - mu) ** 2 / (2 * sigma**2),
        ),
        "σ for σ²": (
            "Under the squared distance stands σ where the variance σ² should.",
            lambda x, mu, sigma: (
                -0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / (2 * sigma)
            ),
        ),
    },
)
def normal_log_density(x: Tensor, mu: float, sigma: float) -> Tensor:
    """Return the logarithm of the normal density at each element of x, shape of x."""
    return -0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / (2 * sigma**2)


@exercise(
    inputs=[(torch.tensor([1.0, 2.0, 6.0]),), (torch.tensor([-1.5, 0.5]),), (torch.tensor([2.0]),)],
    draw=lambda g: (tenths(g, int(torch.randint(3, 8, (), generator=g))),),
    hints=(
        "What sigma makes the samples most likely? Its square is the mean of the squared "
        "distances from mu.",
        "mu = samples.mean(). From (samples - mu) ** 2 take the mean, then the square root. "
        "Dividing by n - 1, as samples.std() does, is not maximum likelihood.",
    ),
    verified="random samples, two samples, and a single one",
    parts=("mu", "sigma"),
    ways=[
        "samples.sum() / len(samples), samples.std(correction=0)",
        "samples.mean(), ((samples**2).mean() - samples.mean() ** 2) ** 0.5",
    ],
    mistakes={
        "n - 1": (
            "This sigma divides by n - 1, as samples.std() does. Maximum likelihood divides by n: "
            "take the mean of the squared distances.",
            lambda samples: (samples.mean(), samples.std()),
        ),
        "variance": (
            "The second number is the variance. Sigma is its square root.",
            lambda samples: (samples.mean(), samples.var(correction=0)),
        ),
        "variance, n - 1": (
            "The second number is a variance, divided by n - 1. Divide by n, and take the root.",
            lambda samples: (samples.mean(), samples.var()),
        ),
        "not centred": (
            "This sigma takes distances from 0. Subtract mu before you square.",
            lambda samples: (samples.mean(), (samples**2).mean() ** 0.5),
        ),
        "middle of the range": (
            "This mu lies halfway between the ends. The most likely mu is the mean.",
            lambda samples: ((samples.min() + samples.max()) / 2, samples.std(correction=0)),
        ),
        "half the range": (
            "This sigma is taken from the ends. It is the root of the mean squared distance.",
            lambda samples: (samples.mean(), (samples.max() - samples.min()) / 2),
        ),
    },
)
def fit_normal(samples: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mu and the sigma that make samples of shape (n,) most likely."""
    mu = samples.mean()
    sigma = ((samples - mu) ** 2).mean() ** 0.5
    return mu, sigma


def _labels(g: torch.Generator) -> Inputs:
    n, halves = torch.randint(1, 6, (2,), generator=g).tolist()
    return tenths(g, n), tenths(g, n), halves / 2 + 0.5


@exercise(
    inputs=[
        (torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 3.0, 2.0]), 3.0),
        (torch.tensor([0.0, 40.0]), torch.tensor([0.0, 0.0]), 1.0),
        (torch.tensor([1.5]), torch.tensor([1.5]), 0.1),
        (torch.tensor([7.0, 5.0]), torch.tensor([87.0, 4.0]), 2.0),
    ],
    draw=_labels,
    hints=(
        "Begin with one example: its label is a draw from a bell centred at its prediction. "
        "What is the logarithm of that density?",
        "An example adds 0.5 * math.log(2 * math.pi * sigma**2) and its error**2 / (2 * sigma**2). "
        "Add up over all examples with .sum(), the constant included.",
    ),
    verified="narrow and wide bells, a perfect prediction, and one 40 standard deviations off",
    ways=[
        "len(y) / 2 * math.log(2 * math.pi * sigma**2) + ((y - y_hat) ** 2).sum() / (2 * sigma**2)",
        "len(y) * math.log(sigma * math.sqrt(2 * math.pi)) "
        "+ (((y - y_hat) / sigma) ** 2).sum() / 2",
    ],
    mistakes={
        "no constant": (
            "The constant is missing: each example adds ½ log(2πσ²), whatever its error.",
            lambda y, y_hat, sigma: ((y - y_hat) ** 2).sum() / (2 * sigma**2),
        ),
        "constant once": (
            "The constant ½ log(2πσ²) is there once. Each of the n examples adds it.",
            lambda y, y_hat, sigma: (
                0.5 * math.log(2 * math.pi * sigma**2) + ((y - y_hat) ** 2).sum() / (2 * sigma**2)
            ),
        ),
        "errors averaged": (
            "The constant counts for all examples, but the squared errors are averaged. "
            "Add them up as well.",
            lambda y, y_hat, sigma: (
                len(y) / 2 * math.log(2 * math.pi * sigma**2)
                + ((y - y_hat) ** 2).mean() / (2 * sigma**2)
            ),
        ),
        "log of a product": (
            "This is the logarithm of densities that have become 0. Take the logarithm of the "
            "formula first, then add up.",
            lambda y, y_hat, sigma: -_density(y, y_hat, sigma).prod().log(),
        ),
        "parentheses": (
            "It seems that parentheses are missing: a / 2 * sigma**2 multiplies by sigma**2. "
            "Divide by (2 * sigma**2).",
            lambda y, y_hat, sigma: (
                0.5 * math.log(2 * math.pi * sigma**2) + (y - y_hat) ** 2 / 2 * sigma**2
            ).sum(),
        ),
    },
)
def negative_log_likelihood(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    """Return the negative log-likelihood, shape (), of labels and predictions of shape (n,)."""
    constant = 0.5 * math.log(2 * math.pi * sigma**2)
    return (constant + (y - y_hat) ** 2 / (2 * sigma**2)).sum()


__all__ = ["fit_normal", "negative_log_likelihood", "normal_log_density"]
