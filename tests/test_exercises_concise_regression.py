"""The exercises of notebook 04: solutions, the mistakes that learners make, and other styles."""

import functools
import runpy
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers import load_array, squared_loss
from d2lhelpers.exercises import concise_regression
from d2lhelpers.exercises.base import Exercise, Mistake
from d2lhelpers.exercises.concise_regression import count_parameters, equivalent_lr, evaluate

EXERCISES = [count_parameters, equivalent_lr, evaluate]
Answer = Callable[..., Any]


def title(value: Any) -> str:
    """Name a parameter of a test by its exercise or function."""
    if isinstance(value, Mistake):
        value = value.answer
    return str(getattr(value, "name", getattr(value, "__name__", "")))


def pasted(feedback: Any, **names: Any) -> Any:
    """Run the call that a feedback shows."""
    code = str(feedback).split("not yet right.")[1].split("  gave")[0]
    *setup, call = [line.strip() for line in code.strip().splitlines()]
    space = {"torch": torch, "nn": nn, "DataLoader": DataLoader, "TensorDataset": TensorDataset}
    exec("\n".join(setup), space | names, scope := space | names)
    return eval(call, scope)


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
    lines = [line.strip() for line in solution.splitlines()]
    answers = [line.removeprefix("return ") for line in lines if line.startswith("return ")]
    assert not any(answer in first + stronger for answer in answers)


def test_stubs_are_unanswered() -> None:
    def stub(*args: Any) -> Any: ...

    assert [exercise.check(stub).status for exercise in EXERCISES] == ["unanswered"] * 3


def test_neither_importing_nor_checking_moves_the_global_stream() -> None:
    before = torch.get_rng_state()
    runpy.run_path(concise_regression.__file__)
    for exercise in EXERCISES:
        exercise.check(exercise._solution)
    assert torch.equal(torch.get_rng_state(), before)


# count_parameters


def count_in_a_loop(net: nn.Module) -> int:
    count = 0
    for parameter in net.parameters():
        elements = 1
        for length in parameter.shape:
            elements *= length
        count += elements
    return count


@pytest.mark.parametrize(
    "answer",
    [
        count_in_a_loop,
        lambda net: sum(t.numel() for t in net.state_dict().values()),
        lambda net: np.sum([np.prod(p.shape) for p in net.parameters()]),
        lambda net: len(nn.utils.parameters_to_vector(net.parameters())),
        lambda net: torch.tensor([p.nelement() for p in net.parameters()]).sum(),
    ],
)
def test_count_parameters_right_in_other_styles(answer: Answer) -> None:
    assert count_parameters.check(answer).status == "right"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda net: sum(p.sum() for p in net.parameters()), "expected  23"),
        (lambda net: net.weight.numel() + net.bias.numel(), "has no attribute"),
        (lambda net: net[0].weight.numel(), "return inside the loop"),
        (lambda net: 23, "count_parameters(nn.Linear(3, 2))"),
        (lambda net: [p.numel() for p in net.parameters()][-1], "the last tensor only"),
        (
            lambda net: [p.numel() for p in net.parameters()],
            "gave      [12, 3, 6, 2]\n  expected  23",
        ),
    ],
)
def test_count_parameters_wrong_in_other_ways(answer: Answer, text: str) -> None:
    feedback = count_parameters.check(answer)
    assert feedback.status == "wrong"
    assert text in str(feedback), feedback


@pytest.mark.parametrize("mistake", count_parameters.mistakes, ids=title)
def test_the_call_of_count_parameters_can_be_pasted(mistake: Mistake) -> None:
    feedback = count_parameters.check(mistake.answer)
    given, wanted = (
        pasted(feedback, count_parameters=f) for f in (mistake.answer, count_in_a_loop)
    )
    assert f"gave      {given}\n  expected  {wanted}\n" in str(feedback)


# equivalent_lr


@pytest.mark.parametrize("q", [1, 2, 5])
def test_equivalent_lr_makes_the_two_losses_take_the_same_step(q: int) -> None:
    y_hat, y = torch.randn(2, 10, q, generator=torch.Generator().manual_seed(0)).unbind()
    (ours,) = torch.autograd.grad(squared_loss(y_hat.requires_grad_(), y).sum() / 10, y_hat)
    (mean,) = torch.autograd.grad(nn.MSELoss()(y_hat, y), y_hat)
    torch.testing.assert_close(0.03 * ours, equivalent_lr._solution(0.03, q) * mean)


@pytest.mark.parametrize(
    "answer",
    [
        lambda lr, q: 0.5 * q * lr,
        lambda lr, q: lr / (2 / q),
        lambda lr, q: np.float64(lr) * q / 2,
        lambda lr, q: torch.tensor(lr * q / 2, dtype=torch.float64),
        lambda lr, q: sum(lr / 2 for _ in range(q)),
        lambda lr, q: float(Fraction(q, 2)) * lr,
    ],
)
def test_equivalent_lr_right_in_other_styles(answer: Answer) -> None:
    assert equivalent_lr.check(answer).status == "right"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda lr, q: lr, "equivalent_lr(0.1, 3)\n  gave      0.1\n  expected  0.15"),
        (lambda lr, q: lr * q**2 / 2, "gave      0.45\n  expected  0.15"),
        (lambda lr, q: q / 2, "gave      1.5\n  expected  0.15"),
        (lambda lr, q: lr * (q // 2), "gave      0.1\n  expected  0.15"),
        (lambda lr, q: round(lr * q / 2, 3), "equivalent_lr(0.0123, 5)\n"),
        (lambda lr, q: [lr * q / 2], "gave      [0.15]\n  expected  0.15"),
    ],
)
def test_equivalent_lr_wrong_in_other_ways(answer: Answer, text: str) -> None:
    feedback = equivalent_lr.check(answer)
    assert feedback.status == "wrong"
    assert text in str(feedback), feedback


# evaluate


def mean_loss(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    total = torch.zeros(())
    with torch.inference_mode():
        for X, y in loader:
            total += loss_fn(net(X), y) * len(X)
    return total / len(loader.dataset)


def evaluating(answer: Answer) -> Answer:
    """Make an answer that puts the net in eval mode meanwhile."""

    @functools.wraps(answer)
    def in_eval_mode(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
        before = net.training
        net.eval()
        mean = answer(net, loader, loss_fn)
        net.train(before)
        return mean

    return in_eval_mode


def layer_by_layer(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    mean = mean_loss(net, loader, loss_fn)
    for module, mode in modes:
        module.training = mode
    return mean


@torch.no_grad()
def all_at_once(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    X, y = (torch.cat(parts) for parts in zip(*loader, strict=True))
    return loss_fn(net(X), y)


@torch.no_grad()
def averaged_by_numpy(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    losses = [loss_fn(net(X), y).item() for X, y in loader]
    return np.average(losses, weights=[len(y) for _, y in loader])


@pytest.mark.parametrize(
    "answer",
    [
        layer_by_layer,
        *map(evaluating, [mean_loss, all_at_once, averaged_by_numpy]),
    ],
)
def test_evaluate_right_in_other_styles(answer: Answer) -> None:
    feedback = evaluate.check(answer)
    assert feedback.status == "right", feedback


def test_evaluate_serves_any_loader() -> None:
    X, y = torch.arange(10.0).reshape(5, 2), torch.arange(5.0).reshape(5, 1)
    net = nn.Linear(2, 1, device="meta").to_empty(device="cpu")
    nn.init.ones_(net.weight)
    nn.init.zeros_(net.bias)
    expected = ((X.sum(1, keepdim=True) - y) ** 2).mean().item()
    for loader in (load_array((X, y), 2, is_train=False), [(X[:4], y[:4]), (X[4:], y[4:])]):
        assert evaluate._solution(net, loader, nn.MSELoss()) == pytest.approx(expected)


def everything_at_once(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    net.eval()
    return sum(loss_fn(net(X), y) for X, y in loader) / len(loader)


def detached_too_late(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    return sum(loss_fn(net(X), y).item() * len(y) for X, y in loader) / len(loader.dataset)


def weighted_by_batch_size(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    with torch.no_grad():
        total = sum(loss_fn(net(X), y) * loader.batch_size for X, y in loader)
    return total / len(loader.dataset)


def own_loss(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    return mean_loss(net, loader, nn.MSELoss())


def trains_on(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    mean = evaluating(mean_loss)(net, loader, loss_fn)
    net.train()
    return mean


def net_alone(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    before = net.training
    mean = mean_loss(net.eval(), loader, loss_fn)
    net.training = before
    return mean


def frozen(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    return evaluating(mean_loss)(net.requires_grad_(False), loader, loss_fn)


def zeroing(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
    net.zero_grad()
    return evaluating(mean_loss)(net, loader, loss_fn)


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        *(
            (answer, ["nn.Dropout(p=1.0", "Dropout was on", "net.eval() first"])
            for answer in (mean_loss, all_at_once, averaged_by_numpy)
        ),
        (net_alone, ["afterwards: [True, False, False]", "net alone", "net.train(before)"]),
        (frozen, ["requires_grad afterwards: [False, False]", "The parameters were frozen"]),
        (zeroing, ["gradients changed: True", "The gradients of the parameters were changed."]),
        (
            everything_at_once,
            ["mean of the batches' means", "graph was recorded", "mode of the net"],
        ),
        (detached_too_late, ["gave      graph recorded: True", "A graph was recorded"]),
        (
            weighted_by_batch_size,
            ["gave      mean: torch.tensor(7.66667)\n  expected  mean: 4.6666"],
        ),
        (
            own_loss,
            ["nn.L1Loss())\n  gave      mean: torch.tensor(4.66667)\n  expected  mean: 2.0"],
        ),
        (trains_on, [".eval()\n", "nn.L1Loss())\n  gave", "The mode of the net was changed."]),
        (
            lambda net, loader, loss_fn: loss_fn(*loader[0]),
            ["TypeError: 'DataLoader' object is not"],
        ),
    ],
    ids=title,
)
def test_evaluate_wrong_in_other_ways(answer: Answer, texts: list[str]) -> None:
    feedback = evaluate.check(answer)
    assert feedback.status == "wrong"
    assert all(text in str(feedback) for text in texts), feedback


def test_gradients_are_still_recorded_after_a_check() -> None:
    def switched_off_and_stopped(net: nn.Module, loader: Any, loss_fn: Answer) -> None:
        torch.set_grad_enabled(False)
        raise ValueError

    assert evaluate.check(switched_off_and_stopped).status == "wrong"
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("answer", [weighted_by_batch_size, own_loss, trains_on, mean_loss])
def test_the_call_of_evaluate_can_be_pasted(answer: Answer) -> None:
    called: list[Any] = []

    def observer(net: nn.Module, loader: Any, loss_fn: Answer) -> Any:
        values = [parameter.detach().clone() for parameter in net.parameters()]
        called.append([net.training, values, list(loader), type(loss_fn)])
        return answer(net, loader, loss_fn)

    feedback = evaluate.check(observer)
    failed = called[-1]
    pasted(feedback, evaluate=observer)
    assert [called[-1][0], called[-1][3]] == [failed[0], failed[3]]
    torch.testing.assert_close(called[-1][1:3], failed[1:3])
