"""The exercises of notebook 02."""

import math

import torch
from torch import Tensor

from d2lhelpers.exercises.base import Inputs, exercise, tenths


def _normal(x: Tensor, mu: float, sigma: float) -> Tensor:
    """Return the density, as the notebook does."""
    factor = 1 / math.sqrt(2 * math.pi * sigma**2)
    return factor * torch.exp(-((x - mu) ** 2) / (2 * sigma**2))


def _mean_and_sigma(g: torch.Generator) -> tuple[float, float]:
    mu, sigma = torch.randint(1, 7, (2,), generator=g).tolist()
    return mu / 2, sigma / 2


@exercise(
    fixed=[
        (torch.tensor([1.0, 2.0, 4.0]), 1.0, 3.0),
        (torch.tensor([0.0, 40.0]), 0.0, 1.0),
        (torch.tensor([0.5]), 0.5, 0.1),
        (torch.tensor([[1.0, 2.0, 4.0], [0.5, -1.0, 3.0]]), 1.0, 2.0),
    ],
    draw=lambda g: (tenths(g, 4), *_mean_and_sigma(g)),
    hints=(
        "Do not compute the density first: at x = 40 it is too small for the computer, and its "
        "logarithm is lost. Take the logarithm of the formula on paper.",
        "The logarithm of the factor in front is -0.5 * math.log(2 * math.pi * sigma**2). "
        "What does the logarithm leave of the exponential?",
    ),
    verified="x at the mean and far from it, x of two dimensions, and wide and narrow bells",
)
def normal_log_density(x: Tensor, mu: float, sigma: float) -> Tensor:
    """Return the logarithm of the normal density at each element of x, shape of x."""
    return -0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / (2 * sigma**2)


@normal_log_density.mistake(
    "This looks like the logarithm of the density. Far from the mean the density underflows to 0, "
    "and its logarithm is -inf. Simplify the formula before you compute."
)
def _log_of_density(x: Tensor, mu: float, sigma: float) -> Tensor:
    return _normal(x, mu, sigma).log()


@normal_log_density.mistake("This is the density itself. Its logarithm is asked for.")
def _density(x: Tensor, mu: float, sigma: float) -> Tensor:
    return _normal(x, mu, sigma)


@normal_log_density.mistake("The 2π is missing in the logarithm of the factor in front.")
def _no_2_pi(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -0.5 * math.log(sigma**2) - (x - mu) ** 2 / (2 * sigma**2)


@normal_log_density.mistake(
    "The logarithm of the factor in front is missing: -0.5 * log(2πσ²) is to be added."
)
def _no_factor(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -((x - mu) ** 2) / (2 * sigma**2)


@normal_log_density.mistake("Both times σ stands where the variance σ² should: square sigma.")
def _sigma_for_variance(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -0.5 * math.log(2 * math.pi * sigma) - (x - mu) ** 2 / (2 * sigma)


@normal_log_density.mistake("Under the squared distance stands σ where the variance σ² should.")
def _sigma_in_exponent(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / (2 * sigma)


@normal_log_density.mistake("Inside the logarithm stands σ where the variance σ² should.")
def _sigma_in_factor(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -0.5 * math.log(2 * math.pi * sigma) - (x - mu) ** 2 / (2 * sigma**2)


@normal_log_density.mistake(
    "The first term lacks its ½: the factor in front is a square root, so its logarithm is halved."
)
def _root_forgotten(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / (2 * sigma**2)


_PARENTHESES = (
    "It seems that parentheses are missing: a / 2 * sigma**2 multiplies by sigma**2. "
    "Divide by (2 * sigma**2)."
)


@normal_log_density.mistake(_PARENTHESES)
def _no_parentheses(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / 2 * sigma**2


@normal_log_density.mistake("The squared distance is divided by 2σ², not by σ².")
def _half_forgotten(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / sigma**2


@normal_log_density.mistake(
    "The sign of the squared distance is reversed: the density falls away from the mean."
)
def _rising(x: Tensor, mu: float, sigma: float) -> Tensor:
    return -0.5 * math.log(2 * math.pi * sigma**2) + (x - mu) ** 2 / (2 * sigma**2)


@normal_log_density.mistake(
    "The sign of the first term is reversed: the factor in front is 1 divided by the square root."
)
def _root_above(x: Tensor, mu: float, sigma: float) -> Tensor:
    return 0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / (2 * sigma**2)


@normal_log_density.mistake("The sign is reversed: this is the negative log density.")
def _negative(x: Tensor, mu: float, sigma: float) -> Tensor:
    return 0.5 * math.log(2 * math.pi * sigma**2) + (x - mu) ** 2 / (2 * sigma**2)


@normal_log_density.mistake("This is added up. Return one logarithm for each element of x.")
def _added(x: Tensor, mu: float, sigma: float) -> Tensor:
    return (-0.5 * math.log(2 * math.pi * sigma**2) - (x - mu) ** 2 / (2 * sigma**2)).sum()


@exercise(
    fixed=[
        (torch.tensor([1.0, 2.0, 6.0]),),
        (torch.tensor([-1.5, 0.5]),),
        (torch.tensor([2.0]),),
    ],
    draw=lambda g: (tenths(g, 6),),
    hints=(
        "What sigma makes the samples most likely? Its square is the mean of the squared "
        "distances from mu.",
        "mu = samples.mean(). From (samples - mu) ** 2 take the mean, then the square root. "
        "Dividing by n - 1, as samples.std() does, is not maximum likelihood.",
    ),
    verified="random samples, two samples, and a single one",
)
def fit_normal(samples: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mu and the sigma that make samples of shape (n,) most likely."""
    mu = samples.mean()
    sigma = ((samples - mu) ** 2).mean() ** 0.5
    return mu, sigma


@fit_normal.mistake(
    "This sigma divides by n - 1, as samples.std() does. Maximum likelihood divides by n: "
    "take the mean of the squared distances."
)
def _n_minus_1(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.mean(), samples.std()


@fit_normal.mistake("The second number is the variance. Sigma is its square root.")
def _variance(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.mean(), samples.var(correction=0)


@fit_normal.mistake(
    "The second number is a variance, divided by n - 1. Divide by n, and take the square root."
)
def _variance_n_minus_1(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.mean(), samples.var()


@fit_normal.mistake("The order is reversed: return mu first, then sigma.")
def _swapped(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.std(correction=0), samples.mean()


@fit_normal.mistake("The values are right, but each has shape (1,). Return two scalars, shape ().")
def _shape_1(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.mean().reshape(1), samples.std(correction=0).reshape(1)


@fit_normal.mistake("Return two numbers, as in `return mu, sigma`, not one tensor that holds both.")
def _one_tensor(samples: Tensor) -> Tensor:
    return torch.stack([samples.mean(), samples.std(correction=0)])


@fit_normal.mistake("This mu looks like the median. The most likely mu is the mean.")
def _median(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.median(), samples.std(correction=0)


@fit_normal.mistake(
    "This sigma looks like the mean absolute distance. Square, take the mean, then the root."
)
def _absolute(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.mean(), (samples - samples.mean()).abs().mean()


@fit_normal.mistake("This sigma takes distances from 0. Subtract mu before you square.")
def _not_centred(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.mean(), (samples**2).mean() ** 0.5


@fit_normal.mistake("This sigma comes from a sum. Take the mean of the squared distances.")
def _sum_of_squares(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.mean(), ((samples - samples.mean()) ** 2).sum() ** 0.5


def _labels(g: torch.Generator) -> Inputs:
    return tenths(g, 4), tenths(g, 4), _mean_and_sigma(g)[1]


@exercise(
    fixed=[
        (torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 3.0, 2.0]), 3.0),
        (torch.tensor([0.0, 40.0]), torch.tensor([0.0, 0.0]), 1.0),
        (torch.tensor([1.5]), torch.tensor([1.5]), 0.1),
    ],
    draw=_labels,
    hints=(
        "Begin with one example: its label is a draw from a bell centred at its prediction. "
        "What is the logarithm of that density?",
        "An example adds 0.5 * math.log(2 * math.pi * sigma**2) and its error**2 / (2 * sigma**2). "
        "Add up over all examples with .sum(), the constant included.",
    ),
    verified="narrow and wide bells, a perfect prediction, and one 40 standard deviations off",
)
def negative_log_likelihood(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    """Return the negative log-likelihood, shape (), of labels and predictions of shape (n,)."""
    constant = 0.5 * math.log(2 * math.pi * sigma**2)
    return (constant + (y - y_hat) ** 2 / (2 * sigma**2)).sum()


def _terms(y: Tensor, y_hat: Tensor, sigma: float) -> tuple[float, Tensor]:
    """Return the constant and the squared errors over 2σ², (n,), of a right answer."""
    return 0.5 * math.log(2 * math.pi * sigma**2), (y - y_hat) ** 2 / (2 * sigma**2)


@negative_log_likelihood.mistake("This looks like the mean over the examples. Add them up.")
def _mean(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return (constant + squares).mean()


@negative_log_likelihood.mistake(
    "The sign is reversed: this is the log-likelihood, which is largest for the best line."
)
def _not_negative(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return -(constant + squares).sum()


@negative_log_likelihood.mistake(
    "The constant is missing: each example adds ½ log(2πσ²), whatever its error."
)
def _no_constant(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    return _terms(y, y_hat, sigma)[1].sum()


@negative_log_likelihood.mistake(
    "The constant ½ log(2πσ²) is there once. Each of the n examples adds it."
)
def _constant_once(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return constant + squares.sum()


@negative_log_likelihood.mistake(
    "The constant is added n times, but the squared errors are averaged. Add them up as well."
)
def _mean_of_squares(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return len(y) * constant + squares.mean()


@negative_log_likelihood.mistake(
    "This looks like the logarithm of densities that have become 0. Take the logarithm of the "
    "formula first, then add up."
)
def _log_of_product(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    return -_normal(y - y_hat, 0, sigma).prod().log()


@negative_log_likelihood.mistake("The 2π is missing in the constant ½ log(2πσ²).")
def _constant_without_2_pi(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    return (0.5 * math.log(sigma**2) + _terms(y, y_hat, sigma)[1]).sum()


@negative_log_likelihood.mistake("The constant is ½ log(2πσ²): its ½ is missing.")
def _constant_doubled(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return (2 * constant + squares).sum()


@negative_log_likelihood.mistake("The squared errors are divided by 2σ², not by σ².")
def _squares_doubled(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return (constant + 2 * squares).sum()


@negative_log_likelihood.mistake("Both times σ stands where the variance σ² should: square sigma.")
def _standard_deviation(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, math.sqrt(sigma))
    return (constant + squares).sum()


@negative_log_likelihood.mistake("Under the squared errors stands σ where the variance σ² should.")
def _squares_over_sigma(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return (constant + squares * sigma).sum()


@negative_log_likelihood.mistake(_PARENTHESES)
def _squares_without_parentheses(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return (constant + squares * sigma**4).sum()


@negative_log_likelihood.mistake("These are the terms one by one. Add them up to one number.")
def _not_added(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant, squares = _terms(y, y_hat, sigma)
    return constant + squares


__all__ = ["fit_normal", "negative_log_likelihood", "normal_log_density"]
