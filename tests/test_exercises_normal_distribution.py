import math
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from d2lhelpers.exercises import normal_distribution
from d2lhelpers.exercises.base import Answer, Exercise, Mistake
from d2lhelpers.exercises.normal_distribution import (
    fit_normal,
    negative_log_likelihood,
    normal_log_density,
)

Normal: Any = torch.distributions.Normal  # typed as if it had no types
EXERCISES: list[Exercise] = [
    getattr(normal_distribution, name) for name in normal_distribution.__all__
]
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes]


def name(value: Any) -> str:
    if isinstance(value, Mistake):
        return value.answer.__name__
    return value.name if isinstance(value, Exercise) else ""


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_a_solution_as_shown_passes_its_own_check(exercise: Exercise) -> None:
    pasted: dict[str, Any] = {"torch": torch, "math": math}
    exec(exercise.solution(), pasted)
    for _ in range(20):
        feedback = exercise.check(pasted[exercise.name])
        assert feedback.status == "right", feedback


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=name)
def test_a_mistake_is_named(exercise: Exercise, mistake: Mistake) -> None:
    for _ in range(5):
        feedback = exercise.check(mistake.answer)
        assert feedback.status == "wrong"
        named = [other.advice for other in exercise.mistakes if other.advice in feedback.text]
        assert named == [mistake.advice]


def log_density_in_numpy(x: Tensor, mu: float, sigma: float) -> Any:
    z = (x.numpy() - mu) / sigma
    return -(z**2) / 2 - np.log(sigma) - np.log(2 * np.pi) / 2


def log_density_in_a_loop(x: Tensor, mu: float, sigma: float) -> Tensor:
    density = statistics.NormalDist(mu, sigma)
    peak = math.log(density.pdf(mu))
    values = [peak - 0.5 * density.zscore(value) ** 2 for value in x.ravel().tolist()]
    return torch.tensor(values).reshape(x.shape)


class Fit:
    def __call__(self, samples: Tensor) -> list[float]:
        values = samples.tolist()
        return [statistics.fmean(values), statistics.pstdev(values)]


def nll_of_the_notebook(y: Tensor, y_hat: Tensor, sigma: float) -> Tensor:
    constant = 0.5 * math.log(2 * math.pi * sigma**2)
    return len(y) * (constant + ((y - y_hat) ** 2).mean() / (2 * sigma**2))


def nll_in_a_loop(y: Tensor, y_hat: Tensor, sigma: float) -> Any:
    pairs = zip(y.tolist(), y_hat.tolist(), strict=True)
    return sum(
        0.5 * math.log(2 * math.pi) + math.log(sigma) + (a - b) ** 2 / (2 * sigma**2)
        for a, b in pairs
    )


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (normal_log_density, lambda x, mu, sigma: Normal(mu, sigma).log_prob(x)),
        (normal_log_density, lambda x, mu, sigma: Normal(mu, sigma).log_prob(x.double())),
        (normal_log_density, log_density_in_numpy),
        (normal_log_density, log_density_in_a_loop),
        (fit_normal, Fit()),
        (fit_normal, lambda samples: (np.mean(samples.numpy()), np.std(samples.numpy()))),
        (fit_normal, lambda samples: (samples.mean(), samples.double().var(correction=0).sqrt())),
        (fit_normal, lambda samples: torch.std_mean(samples, correction=0)[::-1]),
        (
            fit_normal,
            lambda samples: (
                samples.mean().item(),
                (samples**2).mean().sub(samples.mean() ** 2).clamp(min=0) ** 0.5,
            ),
        ),
        (negative_log_likelihood, nll_of_the_notebook),
        (negative_log_likelihood, nll_in_a_loop),
        (negative_log_likelihood, lambda y, y_hat, s: -Normal(y_hat, s).log_prob(y).sum()),
        (
            negative_log_likelihood,
            lambda y, y_hat, s: -log_density_in_numpy(y - y_hat, 0, s).sum(),
        ),
    ],
)
def test_other_styles_are_right(exercise: Exercise, answer: Answer) -> None:
    for _ in range(20):
        feedback = exercise.check(answer)
        assert feedback.status == "right", feedback


def clamped(x: Tensor, mu: float, sigma: float) -> Any:
    return (Normal(mu, sigma).log_prob(x).exp() + 1e-30).log()


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        (normal_log_density, clamped, "expected  torch.tensor([-0.91894, -800.91895])"),
        (normal_log_density, lambda x, mu, s: Normal(mu, s).log_prob(x).exp().log(), "underflow"),
        (normal_log_density, lambda x, mu, s: Normal(mu, s).log_prob(x) / math.log(10), "gave"),
        (normal_log_density, lambda x, mu, s: Normal(mu, s**2).log_prob(x), "expected"),
        (normal_log_density, lambda x, mu, s: math.log(x), "in the line"),
        (
            normal_log_density,
            lambda x, mu, s: Normal(mu, s).log_prob(x).ravel(),
            "The values are right, the shape is not. It is (6,) and should be (2, 3).",
        ),
        (
            normal_log_density,
            lambda x, mu, s: -(math.log(2 * math.pi * s**2)) / 2 - (x - mu) ** 2 / 2 * s**2,
            "parentheses",
        ),
        (
            negative_log_likelihood,
            lambda y, y_hat, s: (
                math.log(2 * math.pi * s**2) / 2 + (y - y_hat) ** 2 / 2 * s**2
            ).sum(),
            "parentheses",
        ),
        (fit_normal, lambda samples: samples.mean(), "expected  (torch.tensor(3.), torch.tensor("),
        (fit_normal, lambda samples: (samples.sum(), samples.std(correction=0)), "gave"),
        (
            fit_normal,
            lambda samples: (samples.mean(), samples.std(correction=0) / len(samples) ** 0.5),
            "gave",
        ),
        (
            fit_normal,
            lambda samples: (samples.mean(0, keepdim=True), samples.std(0, False, keepdim=True)),
            "each has shape (1,)",
        ),
        (negative_log_likelihood, lambda y, y_hat, s: ((y - y_hat) ** 2).mean(), "expected"),
        (
            negative_log_likelihood,
            lambda y, y_hat, s: -Normal(y_hat, s).log_prob(y).exp().prod().log(),
            "densities that have become 0",
        ),
        (
            negative_log_likelihood,
            lambda y, y_hat, s: -Normal(y_hat, s).log_prob(y).exp().log().sum(),
            "densities that have become 0",
        ),
        (negative_log_likelihood, lambda y, y_hat, s: abs(nll_in_a_loop(y, y_hat, s)), "1.5"),
    ],
)
def test_further_wrong_answers(exercise: Exercise, answer: Answer, words: str) -> None:
    feedback = exercise.check(answer)
    assert feedback.status == "wrong"
    assert words in feedback.text


def test_the_log_density_is_finite_at_40() -> None:
    x = torch.tensor([40.0])
    assert normal_log_density._solution(x, 0.0, 1.0).item() == pytest.approx(-800.919, abs=1e-3)


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_a_stub_is_unanswered(exercise: Exercise) -> None:
    stub: Callable[..., Any] = lambda *inputs: ...  # noqa: E731
    assert exercise.check(stub).status == "unanswered"
