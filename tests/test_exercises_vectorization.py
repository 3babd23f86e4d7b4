import math
import operator
import statistics
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from d2lhelpers.exercises import vectorization
from d2lhelpers.exercises.base import Answer, Exercise, Mistake
from d2lhelpers.exercises.vectorization import mse_vectorized, pairwise_sq_dist, speedup

EXERCISES: list[Exercise] = [getattr(vectorization, name) for name in vectorization.__all__]
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes]


def name(value: Any) -> str:
    if isinstance(value, Mistake):
        return value.answer.__name__
    return value.name if isinstance(value, Exercise) else ""


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_a_solution_as_shown_passes_its_own_check(exercise: Exercise) -> None:
    pasted: dict[str, Any] = {"torch": torch, "math": math, "statistics": statistics}
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


def sorted_in_place(slow: list[float], fast: list[float]) -> float:
    slow.sort()
    return statistics.median(slow) / statistics.median(fast)


class Speedup:
    def __call__(self, slow: list[float], fast: list[float]) -> Any:
        return np.quantile(slow, 0.5) / np.quantile(fast, 0.5)


def by_quantiles(slow: list[float], fast: list[float]) -> float:
    return statistics.quantiles(slow, n=2)[0] / statistics.quantiles(fast, n=2)[0]


def sorted_by_hand(slow: list[float], fast: list[float]) -> float:
    def middle(times: list[float]) -> float:
        times = sorted(times)
        half = len(times) // 2
        return times[half] if len(times) % 2 else (times[half - 1] + times[half]) / 2

    return middle(slow) / middle(fast)


def by_multiplication(A: Tensor, B: Tensor) -> Tensor:
    return (A**2).sum(1)[:, None] + (B**2).sum(1) - 2 * A @ B.T


def flat_numpy(y_hat: Tensor, y: Tensor) -> Any:
    return np.mean((y_hat.numpy().ravel() - y.numpy().ravel()) ** 2)


def mse_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    return torch.nn.functional.mse_loss(y_hat.flatten(), y.flatten())


def broadcast_numpy(A: Tensor, B: Tensor) -> Any:
    return np.square(A.numpy()[:, None] - B.numpy()[None]).sum(axis=-1)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (speedup, lambda slow, fast: np.median(slow) / np.median(fast)),
        (speedup, lambda slow, fast: torch.tensor(slow).quantile(0.5) / statistics.median(fast)),
        (speedup, Speedup()),
        (speedup, by_quantiles),
        (speedup, sorted_by_hand),
        (mse_vectorized, flat_numpy),
        (mse_vectorized, mse_loss),
        (mse_vectorized, lambda y_hat, y: (y_hat.view(-1) - y.view(-1)).square().mean().item()),
        (mse_vectorized, lambda y_hat, y: sum([((y_hat.ravel() - y.ravel()) ** 2).mean()])),
        (mse_vectorized, lambda y_hat, y: (y_hat.ravel() - y.ravel()).double().pow(2).mean()),
        (pairwise_sq_dist, by_multiplication),
        (pairwise_sq_dist, broadcast_numpy),
        (pairwise_sq_dist, lambda A, B: torch.cdist(A, B) ** 2),
        (pairwise_sq_dist, lambda A, B: (A.double()[:, None] - B).norm(dim=2) ** 2),
    ],
)
def test_other_styles_are_right(exercise: Exercise, answer: Answer) -> None:
    for _ in range(20):
        feedback = exercise.check(answer)
        assert feedback.status == "right", feedback


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        (speedup, lambda slow, fast: sum(slow) / sum(fast), "means"),
        (speedup, lambda slow, fast: max(slow) / max(fast), "expected  22.0"),
        (speedup, lambda slow, fast: slow / fast, "unsupported operand type"),
        (speedup, lambda slow, fast: f"{4.4 / 0.2} times", "gave      '22"),
        (speedup, sorted_in_place, "slow was changed in place"),
        (speedup, lambda slow, fast: 22.0, "speedup([6.0, 3.0, 8.0, 4.0], [0.5, 0.1])"),
        (mse_vectorized, lambda y_hat, y: y_hat @ y, "expected"),
        (mse_vectorized, lambda y_hat, y: ((y_hat - y.T) ** 2).mean(), "torch.tensor([[1.], [2.]"),
        (
            mse_vectorized,
            lambda y_hat, y: ((y_hat.reshape(-1, 1) - y.reshape(-1, 1)) ** 2).mean(dim=0),
            "The values are right, the shape is not.",
        ),
        (pairwise_sq_dist, lambda A, B: A - B, "expected"),
        (pairwise_sq_dist, lambda A, B: ((A - B[:, None]) ** 2).sum(2), "transposed"),
        (pairwise_sq_dist, lambda A, B: torch.cdist(A, B), "square root"),
        (pairwise_sq_dist, lambda A, B: ((A[None] - B) ** 2).sum(2), "gave      torch.tensor([[14"),
        (pairwise_sq_dist, lambda A, B: (A - B[0]) @ (A - B[:, None]), "in the line"),
    ],
)
@pytest.mark.filterwarnings("ignore:The use of `x.T`")
def test_further_wrong_answers(exercise: Exercise, answer: Answer, words: str) -> None:
    feedback = exercise.check(answer)
    assert feedback.status == "wrong"
    assert words in feedback.text


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize(
    "answer",
    [
        lambda y_hat, y: ((y_hat - y) ** 2).mean(),
        lambda y_hat, y: ((y_hat - y[:, None]) ** 2).mean(),
        lambda y_hat, y: ((y_hat[None] - y.reshape(-1, 1)) ** 2).mean().item(),
        lambda y_hat, y: ((y_hat.reshape(-1, 1) - y) ** 2).mean(),
        lambda y_hat, y: torch.nn.functional.mse_loss(y_hat, y),
        lambda y_hat, y: (y_hat - y).square().sum() / (y_hat - y).numel(),
        lambda y_hat, y: torch.mean((y.reshape(1, -1) - y_hat.reshape(-1, 1)) ** 2),
    ],
)
def test_all_pairs_are_diagnosed_by_value(answer: Answer) -> None:
    for _ in range(5):
        assert "the mean of all n × n differences" in mse_vectorized.check(answer).text


def indexed(y_hat: Tensor, y: Tensor) -> Tensor:
    total = torch.zeros(())
    for i in range(len(y)):
        total += (y_hat.reshape(-1)[i] - y.reshape(-1)[i]) ** 2
    return total / len(y)


def lists(y_hat: Tensor, y: Tensor) -> Any:
    pairs = zip(y_hat.ravel().tolist(), y.ravel().tolist(), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) / len(y)


def while_loop(y_hat: Tensor, y: Tensor) -> float:
    a, b, i, total = y_hat.numpy().ravel(), y.numpy().ravel(), 0, 0.0
    while i < len(a):
        total += (a[i] - b[i]) ** 2
        i += 1
    return total / len(a)


def recursive(y_hat: Tensor, y: Tensor) -> Tensor:
    def add(errors: Tensor) -> Tensor:
        half = len(errors) // 2
        return errors[0] if not half else add(errors[:half]) + add(errors[half:])

    return add((y_hat.ravel() - y.ravel()) ** 2) / len(y)


def all_indices(A: Tensor, B: Tensor) -> Tensor:
    distances = torch.zeros(len(A), len(B))
    for i in range(len(A)):
        for j in range(len(B)):
            for k in range(A.shape[1]):
                distances[i, j] += (A[i, k] - B[j, k]) ** 2
    return distances


def over_features(A: Tensor, B: Tensor) -> Tensor:
    total = torch.zeros(len(A), len(B))
    for k in range(A.shape[1]):
        total = total + (A[:, k, None] - B[:, k]) ** 2
    return total


def over_numpy_rows(A: Tensor, B: Tensor) -> Any:
    a, b = A.numpy(), B.numpy()
    distances = np.zeros((len(a), len(b)))
    for i, row in enumerate(a):
        distances[i] = ((row - b) ** 2).sum(axis=1)
    return torch.from_numpy(distances)


def over_features_in_few_steps(A: Tensor, B: Tensor) -> Tensor:
    columns = zip(A.T.double().clone().numpy(), B.T.double().clone().numpy(), strict=True)
    squares = [np.subtract.outer(a, b) ** 2 for a, b in columns]
    return torch.from_numpy(np.sum(squares, axis=0)).float()


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (mse_vectorized, indexed),
        (mse_vectorized, lists),
        (mse_vectorized, while_loop),
        (mse_vectorized, recursive),
        (mse_vectorized, lambda y_hat, y: sum((y_hat.ravel() - y.ravel()) ** 2) / len(y)),
        (
            mse_vectorized,
            lambda y_hat, y: (
                sum(map(operator.pow, y_hat.ravel() - y.ravel(), [2] * len(y))) / len(y)
            ),
        ),
        (pairwise_sq_dist, all_indices),
        (pairwise_sq_dist, over_features),
        (pairwise_sq_dist, over_numpy_rows),
        (pairwise_sq_dist, over_features_in_few_steps),
        (pairwise_sq_dist, lambda A, B: torch.stack([((a - B) ** 2).sum(1) for a in A])),
        (pairwise_sq_dist, lambda A, B: torch.stack([((A - b) ** 2).sum(1) for b in B], dim=1)),
        (
            pairwise_sq_dist,
            lambda A, B: torch.tensor([[((a - b) ** 2).sum() for b in B] for a in A]),
        ),
    ],
)
def test_a_loop_is_found_though_its_results_are_right(exercise: Exercise, answer: Answer) -> None:
    feedback = exercise.check(answer)
    assert feedback.status == "wrong"
    assert "The results are right, but" in feedback.text
    assert "there is a loop" in feedback.text


def loop_of_the_columns_shape(y_hat: Tensor, y: Tensor) -> Tensor:
    total = torch.zeros(1)
    for i in range(len(y)):
        total = total + (y_hat[i] - y[i]) ** 2
    return total / len(y)


def transposed_loop(A: Tensor, B: Tensor) -> Tensor:
    return torch.stack([((A - b) ** 2).sum(1) for b in B])


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        (mse_vectorized, loop_of_the_columns_shape, "the shape is not"),
        (pairwise_sq_dist, transposed_loop, "transposed"),
    ],
)
def test_a_loop_is_named_beside_a_wrong_result(
    exercise: Exercise, answer: Answer, words: str
) -> None:
    feedback = exercise.check(answer)
    assert feedback.status == "wrong"
    assert words in feedback.text
    assert "there is a loop" in feedback.text


def test_an_error_with_larger_tensors_alone_is_feedback() -> None:
    def up_to_four(y_hat: Tensor, y: Tensor) -> Tensor:
        if len(y) > 4:
            raise ValueError("at most 4")
        return ((y_hat.ravel() - y.ravel()) ** 2).mean()

    feedback = mse_vectorized.check(up_to_four)
    assert feedback.status == "wrong"
    assert "mse_vectorized(torch.tensor([1., 1., 1., 1., 1.])" in feedback.text
    assert 'raise ValueError("at most 4")' in feedback.text


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_a_stub_is_unanswered(exercise: Exercise) -> None:
    stub: Callable[..., Any] = lambda *inputs: ...  # noqa: E731
    assert exercise.check(stub).status == "unanswered"


def test_a_check_leaves_the_tracing_function_and_randomness_alone() -> None:
    before = sys.gettrace(), torch.get_rng_state()
    mse_vectorized.check(indexed)
    assert sys.gettrace() is before[0]
    assert torch.equal(torch.get_rng_state(), before[1])
