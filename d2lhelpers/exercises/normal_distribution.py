"""The exercises of notebook 02."""

import math
import random
from collections.abc import Callable

import torch
from tellwhy.answers.run import Answer, Inputs
from torch import Tensor

from d2lhelpers.exercises.drawing import tenths, wholes
from tellwhy import exercise


def _density(x: Tensor, mu: float, sigma: float) -> Tensor:
    return torch.exp(-((x - mu) ** 2) / (2 * sigma**2)) / math.sqrt(2 * math.pi * sigma**2)


def _without_brackets(share: float) -> Answer:
    """Make an answer that multiplies by the variance, and takes a share of the factor's log."""
    return lambda x, mu, sigma: (
        -((x - mu) ** 2) / 2 * sigma**2 - share * math.log(sigma) - math.log(2 * math.pi) / 2
    )


_EXPANDED = (
    "The square of x - mu is multiplied out. Where x and mu are far from 0, its terms are large, "
    "and little is left of their sum: float32 loses its digits. Subtract first, then square."
)


def _expanded(x: Tensor, mu: float, sigma: float) -> Tensor:
    square = x**2 - 2 * mu * x + mu**2
    return -0.5 * math.log(2 * math.pi * sigma**2) - square / (2 * sigma**2)


def _family(x: Tensor, mu: float, sigma: float) -> Tensor:
    """Sum up as an exponential family: a number times x, one times its square, and a constant."""
    rest = mu**2 / (2 * sigma**2) + math.log(sigma)
    of_both = mu / sigma**2 * x + -1 / (2 * sigma**2) * x**2
    return of_both - rest - 0.5 * math.log(2 * math.pi)


def _near_and_far(rng: random.Random) -> Inputs:
    """Draw points near the mean and up to 40 standard deviations from it, on both sides."""
    mu, *far = (rng.randint(-40, 40) for _ in range(4))
    sigma = rng.randint(1, 6) / 2
    return torch.cat([mu + tenths(rng, 2), mu + sigma * torch.tensor(far)]), mu / 2, sigma


@exercise(
    inputs=[
        (torch.tensor([1.0, 2.0, 4.0]), 1.0, 3.0),
        (torch.tensor([0.0, 40.0]), 0.0, 1.0),
        (torch.tensor([[0.5, 0.4, 0.6]]), 0.5, 0.1),
        (torch.tensor([0.0, 0.001]), 0.0, 0.0005),
    ],
    special={
        "a sigma below 0.001": (torch.tensor([-0.0002, 0.0004]), 0.0, 0.0002),
        "points near a mean that is far above 0": (
            torch.tensor([2000.25, 2001.0, 1999.5]),
            2000.0,
            0.5,
        ),
        "points near a mean that is far below 0": (
            torch.tensor([-3000.25, -3000.5, -2999.0]),
            -3000.0,
            0.25,
        ),
    },
    draw=_near_and_far,
    hints=(
        "At x = 40 the density is 0 for the computer. Take the logarithm of the formula on paper.",
        "The factor in front gives -0.5 * math.log(2 * math.pi * sigma**2). And the exponential?",
    ),
    verified="x at the mean and far from it, x of two dimensions, bells wide and narrow, and far "
    "from 0",
    mistakes={
        "log of the density": (
            "This is the logarithm of the density. Far from the mean the density underflows to 0, "
            "and its logarithm is -inf. Simplify the formula before you compute.",
            lambda x, mu, sigma: _density(x, mu, sigma).log(),
        ),
        "log of the density in float64": (
            "This is the logarithm of the density. In float64, too, the density underflows to 0 "
            "far from the mean. Simplify the formula before you compute.",
            lambda x, mu, sigma: _density(x.double(), mu, sigma).log().to(x.dtype),
        ),
        **{
            f"no brackets, {how} log(sigma)": (
                "Two slips. `/ 2 * sigma ** 2` divides by 2 and multiplies by `sigma ** 2`: write "
                f"`/ (2 * sigma ** 2)`. And of `log(sigma)` {how} is subtracted: the logarithm of "
                "the factor is `-log(sigma) - log(2 * pi) / 2`.",
                _without_brackets(share),
            )
            for how, share in (("nothing", 0.0), ("only half", 0.5))
        },
        **{
            f"digits lost, {how}": (_EXPANDED, answer)
            for how, answer in (("the square expanded", _expanded), ("a power of e", _family))
        },
        "small variances raised": (
            "`F.gaussian_nll_loss` takes a variance below its `eps` for `eps`, which is 1e-6. So "
            "for a sigma below 0.001 the result is wrong: write the formula itself.",
            lambda x, mu, sigma: (
                -(math.log(var := max(sigma**2, 1e-6)) + math.log(2 * math.pi)) / 2
                - (x - mu) ** 2 / (2 * var)
            ),
        ),
        "without the constant, small variances raised": (
            "`F.gaussian_nll_loss` leaves out log(2 * pi) / 2 unless it gets `full=True`, and "
            "takes a variance below its `eps` for `eps`. Write the formula itself.",
            lambda x, mu, sigma: (
                -math.log(var := max(sigma**2, 1e-6)) / 2 - (x - mu) ** 2 / (2 * var)
            ),
        ),
        "exponent alone": (
            "This is the exponent that stands in the formula. The factor in front of exp is a "
            "power of e, too: add its logarithm.",
            lambda x, mu, sigma: -((x - mu) ** 2) / (2 * sigma**2),
        ),
    },
)
def normal_log_density(x: Tensor, mu: float, sigma: float) -> Tensor:
    """Return the logarithm of the normal density at each element of x, shape of x."""
    constant = -0.5 * math.log(2 * math.pi * sigma**2)
    return constant - (x - mu) ** 2 / (2 * sigma**2)


def _spread(samples: Tensor) -> tuple[Tensor, Tensor]:
    return samples.mean(), samples.std(correction=0)


def _so_far(samples: Tensor) -> tuple[float, float]:
    """Go through samples once, with the mean before each."""
    mean, squares = 0.0, 0.0
    for count, sample in enumerate(samples.tolist(), 1):
        squares += (sample - mean) ** 2
        mean += (sample - mean) / count
    return mean, (squares / len(samples)) ** 0.5


@exercise(
    inputs=[(torch.tensor([1.0, 2.0, 6.0]),), (torch.tensor([-1.5, 0.5]),), (torch.tensor([2.0]),)],
    special={
        "samples that lie close together, far from 0": (torch.tensor([1000.25, 1000.5, 1001.0]),),
        "two samples that lie close together, far from 0": (torch.tensor([4000.5, 4000.25]),),
        "a sample far above the others": (torch.tensor([1.0] * 5 + [2.0] * 5 + [9.0]),),
        "a sample far below the others": (torch.tensor([-8.0] + [1.0] * 6 + [3.0] * 4),),
    },
    draw=lambda rng: (tenths(rng, rng.randint(3, 7)),),
    hints=(
        "What sigma makes the samples most likely? Its square is the mean squared distance to mu.",
        "samples.std() divides by n - 1, which is not maximum likelihood. Write the mean out.",
    ),
    verified="random samples, two samples, and a single one",
    parts=("mu", "sigma"),
    ways=["samples.sum() / len(samples), samples.std(correction=0)"],
    mistakes={
        "digits lost": (
            "The mean of the squares minus the square of the mean loses its digits where samples "
            "lie close together, far from 0. Average the squared distances.",
            lambda samples: (samples.mean(), ((samples**2).mean() - samples.mean() ** 2) ** 0.5),
        ),
        "outliers left out": (
            "Samples far from the mean are left out. A bell has such draws, too: take all.",
            lambda samples: _spread(
                samples[abs(samples - samples.mean()) <= 2 * samples.std(correction=0)]
            ),
        ),
        "standard error": (
            "Two slips. std() divides by n - 1, and maximum likelihood by n. And divided by the "
            "root of n once more, this is the standard error of the mean.",
            lambda samples: (samples.mean(), samples.std() / len(samples) ** 0.5),
        ),
        "mean distance": (
            "This sigma is the mean of the distances from mu. It is the root of the mean of their "
            "squares that makes the samples most likely.",
            lambda samples: (samples.mean(), (samples - samples.mean()).abs().mean()),
        ),
        "mean distance, as of a bell": (
            "This sigma is the mean distance from mu, times the root of pi / 2. That estimates "
            "the sigma of a bell, but another one makes the samples most likely: the root of the "
            "mean squared distance.",
            lambda samples: (
                samples.mean(),
                (samples - samples.mean()).abs().mean() * (math.pi / 2) ** 0.5,
            ),
        ),
        "distances from the mean so far": (
            "Each squared distance is taken from the mean of the samples so far, and the next "
            "samples change that. Take the distances of all samples from the mean of all.",
            _so_far,
        ),
        "root before the division": (
            "The root is taken of the sum of the squared distances, and divided by n afterwards. "
            "Divide first: sigma is the root of their mean.",
            lambda samples: (
                samples.mean(),
                ((samples - samples.mean()) ** 2).sum().sqrt() / len(samples),
            ),
        ),
        "n - 1": (
            "This sigma divides by n - 1, as samples.std() does. Maximum likelihood divides by n: "
            "sigma is the root of the mean of the squared distances.",
            lambda samples: (samples.mean(), samples.std()),
        ),
    },
)
def fit_normal(samples: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mu and the sigma that make samples of shape (n,) most likely."""
    mu = samples.mean()
    sigma = ((samples - mu) ** 2).mean() ** 0.5
    return mu, sigma


_RATIOS = (
    "This averages y / x, and a small x counts as much as a large one. Set the slope of the sum of "
    "(y - w * x)**2 / sigma**2 to 0: x then multiplies y."
)
_WITH_A_BIAS = (
    "This is the slope of a line with a bias. The line here, y = w * x, goes through the origin: "
    "fit no bias, and subtract no means."
)
_WEIGHTS: dict[str, Callable[[Tensor], Tensor]] = {
    "unweighted": torch.ones_like,
    "by 1 / sigma": torch.reciprocal,
    "by 1 / sigma²": lambda sigma: 1 / sigma**2,
}


def _mean_of_ratios(weight: Callable[[Tensor], Tensor], all_of_them: bool) -> Answer:
    """Make an answer that averages y / x, of all examples or of those whose x is not 0."""

    def answer(x: Tensor, y: Tensor, sigma: Tensor) -> Tensor:
        taken = slice(None) if all_of_them else x != 0
        weights = weight(sigma)[taken]
        return (weights * (y / x)[taken]).sum() / weights.sum()

    return answer


def _with_a_bias(weight: Callable[[Tensor], Tensor], of_one: float) -> Answer:
    """Make an answer that returns the slope of a line that need not go through the origin.

    Of a single example it returns a share of y / x: `np.polyfit` returns half of it.
    """

    def answer(x: Tensor, y: Tensor, sigma: Tensor) -> Tensor:
        if len(x) == 1:
            return of_one * (y / x)[0]
        weights = weight(sigma) / weight(sigma).sum()
        dx, dy = x - (weights * x).sum(), y - (weights * y).sum()
        return (weights * dx * dy).sum() / (weights * dx**2).sum()

    return answer


def _descended(x: Tensor, y: Tensor, sigma: Tensor) -> Tensor:
    """Return where gradient descent ends at a rate of 0.01: nowhere if the slopes are steep."""
    steep = (x**2 / sigma**2).sum()
    return (x * y / sigma**2).sum() / steep if 0.01 * steep < 2 else torch.tensor(math.nan)


def _measured(rng: random.Random) -> Inputs:
    n = rng.randint(2, 5)
    x = tenths(rng, n)
    x[0] = rng.randint(1, 9)  # not all are 0
    y, sigma = tenths(rng, n), wholes(rng, 1, 6, n) / 2
    terms = x * y / sigma**2
    is_rest = abs(terms.sum()) < terms.abs().sum() / 20  # of larger terms: float32 would round it
    return _measured(rng) if is_rest else (x, y, sigma)


@exercise(
    inputs=[
        (torch.tensor([1.0, 4.0]), torch.tensor([3.0, 7.0]), torch.tensor([1.0, 2.0])),
        (torch.tensor([0.0, 1.0, -2.0]), torch.tensor([4.0, 1.0, 5.0]), torch.tensor([0.5, 1, 3])),
        (torch.tensor([1.0, 2.0, 4.0]), torch.tensor([-3.0, 1.0, 2.0]), torch.ones(3)),
        (torch.tensor([2.0]), torch.tensor([3.0]), torch.tensor([0.5])),
    ],
    special={
        "large features": (torch.tensor([400.0, 100.0]), torch.tensor([3.0, 7.0]), torch.ones(2))
    },
    draw=_measured,
    hints=(
        "Only the sum of (y - w * x)**2 / (2 * sigma**2) depends on w. What is its slope?",
        "The slope is zero where w times the sum of x**2 / sigma**2 is the sum of what?",
    ),
    verified="labels of equal and of different sigma, an x of 0, and a single example",
    ways=[
        "(x / sigma) @ (y / sigma) / ((x / sigma) @ (x / sigma))",
        "torch.linalg.lstsq((x / sigma)[:, None], (y / sigma)[:, None]).solution[0, 0]",
    ],
    mistakes={
        "ratio of sums": (
            "With this w the errors, each divided by sigma**2, add up to 0: that is the slope for "
            "a bias. The slope for w multiplies each of them by x first.",
            lambda x, y, sigma: (y / sigma**2).sum() / (x / sigma**2).sum(),
        ),
        "descent": (
            "Steps of a fixed rate do not arrive everywhere: where the slope grows fast with w, as "
            "for large x or small sigma, they lead farther and farther away. You need no steps: "
            "the slope is 0 at a w that you can solve for on paper.",
            _descended,
        ),
        **{
            f"line with a bias, {weighed}{of}": (_WITH_A_BIAS, _with_a_bias(weight, of_one))
            for weighed, weight in (*_WEIGHTS.items(), ("by 1 / sigma⁴", lambda sigma: sigma**-4))
            for of, of_one in (("", math.nan), (", half of one", 0.5))
        },
        **{
            f"mean of ratios, {weighed}{rest}": (_RATIOS, _mean_of_ratios(weight, all_of_them))
            for weighed, weight in _WEIGHTS.items()
            for rest, all_of_them in (("", True), (", without x = 0", False))
        },
    },
)
def best_weight(x: Tensor, y: Tensor, sigma: Tensor) -> Tensor:
    """Return the w of y = w * x that makes labels y most likely; all are of shape (n,)."""
    return (x * y / sigma**2).sum() / (x**2 / sigma**2).sum()
