"""The exercises of notebook 03: solutions, the mistakes that learners make, and other styles."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from d2lhelpers import data_iter, linreg, squared_loss
from d2lhelpers.exercises.base import Exercise, Mistake
from d2lhelpers.exercises.regression_from_scratch import (
    closed_form,
    gradient,
    minibatch_count,
    sgd_momentum,
)

EXERCISES = [minibatch_count, gradient, sgd_momentum, closed_form]
# Right answers for the fixed inputs alone: whatever is drawn gives None.
TABLE = {(1000, 10): 100, (11, 4): 3, (10, 3): 4, (9, 3): 3, (5, 10): 1, (1, 1): 1}
Answer = Callable[..., Any]


def title(value: Any) -> str:
    """Name a parameter of a test by its exercise or function."""
    if isinstance(value, Mistake):
        value = value.answer
    return str(getattr(value, "name", getattr(value, "__name__", "")))


# All exercises


@pytest.mark.parametrize("exercise", EXERCISES, ids=title)
def test_the_solution_passes_every_time(exercise: Exercise) -> None:
    for _ in range(20):
        feedback = exercise.check(exercise._solution)
        assert feedback.status == "right", feedback


@pytest.mark.parametrize(
    ("exercise", "mistake"), [(e, mistake) for e in EXERCISES for mistake in e.mistakes], ids=title
)
def test_each_mistake_is_told_its_own_advice(exercise: Exercise, mistake: Mistake) -> None:
    feedback = exercise.check(mistake.answer)
    assert feedback.status == "wrong"
    assert str(feedback).endswith("\n" + mistake.advice)
    others = {other.advice for other in exercise.mistakes} - {mistake.advice}
    assert not any(advice in str(feedback) for advice in others)


@pytest.mark.parametrize("exercise", EXERCISES, ids=title)
def test_hints_stop_short_of_the_solution_which_is_shown_on_request(exercise: Exercise) -> None:
    first, stronger, again = exercise.hint(), exercise.hint(), exercise.hint()
    assert first != stronger
    assert again == f"{stronger}\n(that was the last hint; solution() shows the answer)"
    solution = exercise.solution()
    assert solution.startswith(f"def {exercise.name}(")
    lines = [line.split("#")[0].strip() for line in solution.splitlines()]
    answers = [line.removeprefix("return ") for line in lines if line.startswith("return ")]
    assert not any(answer in first + stronger for answer in answers)


def test_stubs_are_unanswered() -> None:
    def stub(*args: Any) -> Any: ...

    assert [exercise.check(stub).status for exercise in EXERCISES] == ["unanswered"] * 4


# minibatch_count


@pytest.mark.parametrize(("n", "size"), [(1000, 10), (10, 3), (5, 10)])
def test_minibatch_count_counts_the_batches_of_an_epoch(n: int, size: int) -> None:
    batches = list(data_iter(size, torch.zeros(n, 1), torch.zeros(n)))
    assert minibatch_count._solution(n, size) == len(batches)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda n, size: round(n / size), "nearest whole number"),
        (lambda n, size: max(1, n // size), "(11, 4)\n  gave      2\n  expected  3"),
        (lambda n, size: size // n, "gave      0\n  expected  100"),
        (lambda n, size: TABLE.get((n, size)), "gave      None"),
        (lambda n, size: n / 0, "ZeroDivisionError: division by zero"),
    ],
)
def test_minibatch_count_wrong_in_other_ways(answer: Answer, text: str) -> None:
    feedback = minibatch_count.check(answer)
    assert feedback.status == "wrong"
    assert text in str(feedback)


def test_the_solution_of_minibatch_count_runs_where_it_is_pasted() -> None:
    space: dict[str, Any] = {}
    exec(minibatch_count.solution(), space)
    assert space["minibatch_count"](11, 4) == 3
    assert "math.ceil" in minibatch_count.solution()


def count_in_a_loop(n: int, size: int) -> int:
    count = 0
    while n > 0:
        n, count = n - size, count + 1
    return count


@pytest.mark.parametrize(
    "answer",
    [
        lambda n, size: math.ceil(n / size),
        lambda n, size: np.ceil(n / size),
        lambda n, size: n // size + (n % size > 0),
        lambda n, size: torch.tensor(n / size).ceil(),
        lambda n, size: len(range(0, n, size)),
        count_in_a_loop,
    ],
)
def test_minibatch_count_right_in_other_styles(answer: Answer) -> None:
    assert minibatch_count.check(answer).status == "right"


# gradient


def gradient_by_autograd(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
    w, b = w.requires_grad_(), b.requires_grad_()
    return torch.autograd.grad(squared_loss(linreg(X, w, b), y).mean(), [w, b])


def gradient_in_a_loop(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
    grad_w, grad_b = torch.zeros_like(w), torch.zeros_like(b)
    for row, label in zip(X, y, strict=True):
        error = row @ w + b - label
        grad_w += error * row[:, None] / len(X)
        grad_b += error / len(X)
    return grad_w, grad_b


def gradient_in_numpy(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
    error = (X @ w + b - y).double().numpy()
    return [X.double().numpy().T @ error / len(error), error.mean(0)]


@pytest.mark.parametrize("answer", [gradient_in_a_loop, gradient_in_numpy])
def test_gradient_right_in_other_styles(answer: Answer) -> None:
    assert gradient.check(answer).status == "right"


def gradient_by_backward(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
    w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
    with torch.enable_grad():
        loss: Any = squared_loss(linreg(X, w, b), y).mean()
        loss.backward()
    return w.grad, b.grad


def gradient_by_func(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
    return torch.func.grad(lambda w, b: squared_loss(linreg(X, w, b), y).mean(), (0, 1))(w, b)


def gradient_by_imported_grad(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
    w, b = w.requires_grad_(), b.requires_grad_()
    return AUTOGRAD(squared_loss(linreg(X, w, b), y).mean(), [w, b])


AUTOGRAD = torch.autograd.grad


@pytest.mark.parametrize(
    "answer",
    [
        gradient_by_autograd,
        gradient_by_backward,
        gradient_by_func,
        gradient_by_imported_grad,
    ],
)
def test_the_gradient_is_by_hand(answer: Answer) -> None:
    feedback = gradient.check(answer)
    assert feedback.status == "wrong"
    assert str(feedback).endswith("\nWrite the formula, without backward or autograd.")
    assert torch.autograd.grad is AUTOGRAD
    assert torch.is_grad_enabled()


def test_gradient_leaves_its_arguments_as_they_are() -> None:
    def in_place(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
        result = solve_gradient(X, y, w, b)
        w -= 1
        return result

    assert "w was changed in place" in str(gradient.check(in_place))


def solve_gradient(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
    return gradient._solution(X, y, w, b)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda *args: (solve_gradient(*args)[0].flatten(), solve_gradient(*args)[1]), "shape"),
        (lambda *args: solve_gradient(*args)[::-1], "The two gradients are swapped"),
        (lambda *args: solve_gradient(*args)[0], "gave      torch.tensor([[-4.]"),
        (lambda X, y, w, b: X @ (X @ w + b - y), "raised    RuntimeError"),
        (lambda X, y, w, b: (X.T @ (w + b - y) / len(X), (w + b - y).mean(0)), "raised"),
        (
            lambda X, y, w, b: ((X * (X @ w + b - y)).mean(), (X @ w + b - y).mean(0)),
            "The shape is () and should be (2, 1).",
        ),
    ],
)
def test_gradient_wrong_in_other_ways(answer: Answer, text: str) -> None:
    for _ in range(5):
        feedback = gradient.check(answer)
        assert feedback.status == "wrong"
        assert text in str(feedback)


# sgd_momentum


def test_sgd_momentum_takes_the_steps_of_torch_optim_sgd() -> None:
    X, y = torch.randn(2, 4, 3, 2, generator=torch.Generator().manual_seed(0)).unbind()
    ours, theirs = torch.ones(2, 1, requires_grad=True), torch.ones(2, 1, requires_grad=True)
    velocities = [torch.zeros(2, 1)]
    optimizer = torch.optim.SGD([theirs], lr=0.1, momentum=0.9)

    for features, labels in zip(X, y[..., :1], strict=True):  # 4 batches of 3 examples
        torch.autograd.backward(squared_loss(features @ ours, labels).sum())
        sgd_momentum._solution([ours], velocities, 0.1, 3, 0.9)

        optimizer.zero_grad()
        torch.autograd.backward(squared_loss(features @ theirs, labels).mean())
        optimizer.step()

        torch.testing.assert_close(ours, theirs)
        torch.testing.assert_close(velocities[0], optimizer.state[theirs]["momentum_buffer"])


def with_data(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    for i in range(len(params)):
        velocities[i][:] = momentum * velocities[i] + params[i].grad / batch_size
        params[i].data -= lr * velocities[i]
        params[i].grad = None


def replaced(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    for i, param in enumerate(params):
        velocities[i] = momentum * velocities[i] + param.grad / batch_size  # in the caller's list
        param.data.sub_(velocities[i], alpha=lr)
        param.grad = torch.zeros_like(param)


@torch.no_grad()
def with_optim(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> int:
    optimizer = torch.optim.SGD(params, lr=lr, momentum=momentum)
    for param, velocity in zip(params, velocities, strict=True):
        param.grad /= batch_size
        optimizer.state[param]["momentum_buffer"] = velocity
    optimizer.step()
    optimizer.zero_grad()
    return len(params)  # a result is not looked at


class InPlace:
    def __call__(self, params: Any, velocities: Any, lr: float, n: int, momentum: float) -> None:
        for p, v in zip(params, velocities, strict=True):
            v.mul_(momentum).add_(p.grad, alpha=1 / n)
            p.data.add_(v, alpha=-lr)
            p.grad.zero_()


@pytest.mark.parametrize("answer", [with_data, with_optim, InPlace()])
def test_sgd_momentum_right_in_other_styles(answer: Answer) -> None:
    feedback = sgd_momentum.check(answer)
    assert feedback.status == "right", feedback


@torch.no_grad()
def all_rebound(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    for param, velocity in zip(params, velocities, strict=True):
        velocity = momentum * velocity + param.grad / batch_size
        param = param - lr * velocity


@torch.no_grad()
def list_rebound(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    for i, velocity in enumerate(velocities):
        velocity[:] = momentum * velocity + params[i].grad / batch_size
        params[i].grad.zero_()
        params[i] = params[i] - lr * velocity


def recorded(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    for param in params:
        param -= lr * param.grad / batch_size


@torch.no_grad()
def first_only(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    sgd_momentum._solution(params[:1], velocities[:1], lr, batch_size, momentum)


@torch.no_grad()
def nesterov(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    for param, velocity in zip(params, velocities, strict=True):
        grad = param.grad / batch_size
        velocity[:] = momentum * velocity + grad
        param -= lr * (grad + momentum * velocity)
        param.grad.zero_()


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        (all_rebound, ["parameters did not", "velocities did not", "gradients are not zeroed"]),
        (list_rebound, ["The parameters did not change."]),
        (recorded, ["a leaf Variable that requires grad", "param -= lr * param.grad"]),
        (first_only, ["expected  parameters:"]),
        (nesterov, ["gave      parameters:"]),
        (replaced, ["The velocities did not change"]),
    ],
    ids=title,
)
def test_sgd_momentum_wrong_in_other_ways(answer: Answer, texts: list[str]) -> None:
    feedback = sgd_momentum.check(answer)
    assert feedback.status == "wrong"
    assert all(text in str(feedback) for text in texts), feedback


def test_the_call_of_sgd_momentum_can_be_pasted() -> None:
    called: list[Any] = []

    def observer(*args: Any) -> None:
        called.append([*args[:2], [param.grad.clone() for param in args[0]], *args[2:]])

    code = str(sgd_momentum.check(observer)).split("not yet right.")[1].split("  gave")[0]
    lines = [line.strip() for line in code.splitlines()]
    exec("\n".join(lines), {"torch": torch, "sgd_momentum": observer})
    torch.testing.assert_close(called[0], called[-1])
    assert len(called) == 2


# closed_form


def with_numpy(X: Tensor, y: Tensor) -> Any:
    X1 = np.c_[X.double().numpy(), np.ones(len(X))]
    solution = np.linalg.lstsq(X1, y.double().numpy())[0]
    return solution[:-1], solution[-1]


def with_normal_equations(X: Tensor, y: Tensor) -> Any:
    X1 = torch.cat([torch.ones(len(X), 1), X], dim=1)
    b, *w = torch.linalg.inv(X1.T @ X1) @ X1.T @ y
    return torch.stack(w), b


def with_pinv(X: Tensor, y: Tensor) -> Any:
    solution = torch.linalg.pinv(torch.hstack([X, torch.ones(len(X), 1)])) @ y
    return [solution[:-1].tolist(), solution[-1].tolist()]


def centred(X: Tensor, y: Tensor) -> Any:
    w = torch.linalg.lstsq(X - X.mean(0), y - y.mean(0)).solution
    return w, y.mean(0) - X.mean(0) @ w


@pytest.mark.parametrize("answer", [with_numpy, with_normal_equations, with_pinv, centred])
def test_closed_form_right_in_other_styles(answer: Answer) -> None:
    for _ in range(20):
        feedback = closed_form.check(answer)
        assert feedback.status == "right", feedback


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            lambda X, y: [part.flatten() for part in centred(X, y)],
            "The values are right, the shape",
        ),
        (
            lambda X, y: (centred(X, y)[0], centred(X, y)[1].item()),
            "The values are right, the shape",
        ),
        (lambda X, y: (centred(X, y)[0], -centred(X, y)[1]), "expected  (torch.tensor([[3.5]])"),
        (lambda X, y: (y.mean() / X.mean(0), torch.zeros(1)), "gave      (torch.tensor([3.])"),
        (lambda X, y: torch.linalg.solve(X, y), "raised"),
    ],
)
def test_closed_form_wrong_in_other_ways(answer: Answer, text: str) -> None:
    feedback = closed_form.check(answer)
    assert feedback.status == "wrong"
    assert text in str(feedback), feedback
