"""The exercises of notebook 05."""

import random
from contextlib import ExitStack
from typing import Any

import torch
from tellwhy.answers.run import Answer, Inputs
from tellwhy.show import show
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers.exercises.drawing import tenths, wholes
from tellwhy import exercise

F: Any = nn.functional  # Any: PyTorch has no type hints for backward()
Standardized = tuple[Tensor, Tensor, Tensor]
Weights = tuple[Tensor, Tensor]


def _draw_rows(rng: random.Random) -> Inputs:
    """Draw rows, and for every other check statistics that were made of others."""
    n, d, given = (rng.randint(2, 5) for _ in range(3))
    X, mean, std = tenths(rng, n, d), tenths(rng, d), wholes(rng, 1, 5, d) / 2
    return (X, mean, std) if given > 3 else (X,)


@exercise(
    inputs=[
        (torch.tensor([[1.0, 10.0, 0.0], [2.0, 30.0, 2.0], [3.0, 50.0, 4.0]]),),
        (torch.tensor([[1.0], [5.0]]), torch.tensor([0.0]), torch.tensor([2.0])),
        (torch.tensor([[7.0, -1.0]]), torch.tensor([2.0, 3.0]), torch.tensor([0.5, 4.0])),
    ],
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
)
def fold_back(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    """Return weights (d, q) and biases (q,) for inputs in their original units.

    They predict from x what w (d, q) and b (q,) predict from (x - mean) / std.
    """
    weights = w / std[:, None]  # (d, q)
    return weights, b - mean @ weights


# Ten different rows, standardised, on which every batch helps; with one decimal, to be printed.
_ROWS = torch.stack([torch.sin(torch.arange(10.0)), torch.cos(torch.arange(10.0))], dim=1)
_ROWS = (1.4 * _ROWS).round(decimals=1)


def _training(n: int, q: int, *numbers: float) -> Inputs:
    """Make inputs of n rows and q outputs, which lie on planes."""
    weights = torch.tensor([[2.0, -1.0], [-3.0, 2.0]])[:, :q]
    return _ROWS[:n], (_ROWS[:n] @ weights + 4).round(decimals=1), *numbers


def _draw_training(rng: random.Random) -> Inputs:
    n, batch_size, epochs, q, tenth = (
        rng.randint(low, high) for low, high in ((5, 10), (1, 5), (2, 5), (1, 2), (1, 2))
    )
    return _training(n, q, epochs, tenth / 10, batch_size)


def _train(answer: Answer, inputs: Inputs) -> Any:
    """Watch an answer train: what it makes, which rows each step sees, and where it arrives."""
    X, y, num_epochs, lr, batch_size = inputs
    seen = list[tuple[list[int], Tensor, Tensor]]()  # of each prediction: rows, weight, gradient
    steps, gradients, before = list[list[int]](), list[str](), list[Tensor]()
    whole = list[bool]()
    wanted, optimizer = f"nn.Linear({X.shape[1]}, {y.shape[1]})", f"torch.optim.SGD(lr={lr:g})"

    def see(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        if torch.is_grad_enabled() and show(layer) == wanted:
            far = (given[0].detach().reshape(-1, 1, X.shape[1]) - X).abs().sum(dim=2)
            rows = far.argmin(dim=1).tolist()
            weight, bias = layer.parameters()
            error = (F.linear(X[rows], weight, bias) - y[rows]).detach()
            seen.append((rows, weight, 2 * error.T @ X[rows] / error.numel()))

    def step(opt: Any, args: Any, kwargs: Any) -> None:
        nonlocal optimizer
        group = opt.param_groups[0]
        more = [f", {k}={group[k]:g}" for k in ("momentum", "weight_decay") if group.get(k)]
        optimizer = f"torch.optim.{type(opt).__name__}(lr={group['lr']:g}{''.join(more)})"
        rows = [row for batch, _, _ in seen for row in batch]
        mean = sum(len(batch) / (len(rows) or 1) * gradient for batch, _, gradient in seen)
        grad = seen[0][1].grad if seen else None
        batches = [*((batch, gradient) for batch, _, gradient in seen), (rows, mean)]
        right = [batch for batch, gradient in batches if _close(grad, gradient)]
        steps.append([*right, rows][0])
        whole.append(len(seen) == 1 and len(rows) == len(X) > batch_size)
        multiple = any(_close(grad, _along(grad, gradient)) for _, gradient in batches)
        known = {
            "right": bool(right),
            "zero": grad is None or not grad.any(),
            "one row": multiple and len(rows) == 1,  # of one row all gradients are multiples
            "old": any(_close(grad, left + gradient) for left in before for _, gradient in batches),
            "multiplied": multiple,
        }
        gradients.append(next((name for name, holds in known.items() if holds), "other"))
        before[:] = [] if grad is None else [grad.clone()]
        seen.clear()

    with ExitStack() as hooks:
        hooks.callback(register_module_forward_pre_hook(see).remove)
        hooks.callback(register_optimizer_step_post_hook(step).remove)
        model = answer(*inputs)
    sizes = [min(batch_size, len(X) - first) for first in range(0, len(X), batch_size)]
    counted = expected = len(sizes) * num_epochs, tuple(sizes)
    if show(model) == wanted:  # of another model the rest is not asked
        first = steps[: max(1, len(steps) // num_epochs)]
        epoch = sorted(map(len, first), reverse=True)
        counted = len(steps), tuple(epoch)
    sized = show(model) == wanted and counted == expected
    found = next((kind for kind in gradients if sized and kind in _GRADIENTS), "")
    order = [row for rows in steps for row in rows]
    missed = (model(X) - y).abs().max().item() if sized and num_epochs >= 30 else 0
    return {
        "model": show(model),
        "optimizer": optimizer,
        "all rows at a step": any(whole),
        "steps, and rows in those of the first epoch": expected if any(whole) else counted,
        "every row once an epoch": not sized or sorted(order[: len(X)]) == [*range(len(X))],
        "rows in the given order": not any(whole)
        and len(X) > max(sizes)
        and order == [*range(len(X))] * num_epochs,
        **{f"{kind} gradient at a step": kind == found for kind in _GRADIENTS},
        "arrives at the optimum": missed < 0.01 or {*gradients} != {"right"},
    }


def _along(grad: Any, gradient: Any) -> Any:
    """Return the multiple of a gradient that is nearest to another one."""
    return (
        0 * gradient if grad is None else (grad * gradient).sum() / (gradient**2).sum() * gradient
    )


def _close(grad: Tensor | None, gradient: Any) -> bool:
    return grad is not None and torch.allclose(grad, gradient, rtol=1e-3, atol=1e-5)


# What a wrong gradient is; that of the first wrong step is told alone.
_GRADIENTS = ("zero", "old", "other", "multiplied")
_WATCHED = {
    "model": "The model should be an `nn.Linear` of the sizes of inputs and targets, with a bias.",
    "optimizer": "The optimizer should be `torch.optim.SGD` with the given rate `lr`, no more.",
    "all rows at a step": "Each step sees all rows: predict for those of its batch alone.",
    "steps, and rows in those of the first epoch": "There should be a step of the optimizer for "
    "each batch of `batch_size` rows, a smaller last one included, in each of `num_epochs` epochs.",
    "every row once an epoch": "An epoch should see every row once, in its batches.",
    "rows in the given order": "The rows come in the given order. Shuffle them: `shuffle=True`.",
    "zero gradient at a step": "The gradients are zero when the optimizer steps: "
    "`backward()`, then `opt.step()`, then `opt.zero_grad()`.",
    "old gradient at a step": "The gradient of the step before is still in that of the next: call "
    "`opt.zero_grad()` once a step.",
    "multiplied gradient at a step": "The gradient at a step is a multiple of that of "
    "`F.mse_loss` on its batch: the loss is a sum, or is multiplied or divided once more.",
    "other gradient at a step": "The gradient at a step is not that of `F.mse_loss` on its batch: "
    "it is another loss, or predictions meet the targets of other rows.",
    "arrives at the optimum": "The steps are taken, but they do not lead to the optimum.",
}


@exercise(
    inputs=[
        _training(10, 1, 30, 0.2, 4),
        _training(10, 2, 1, 0.1, 5),
        _training(6, 1, 30, 0.2, 10),
    ],
    draw=_draw_training,
    hints=(
        "Take the parts from the section on PyTorch: loader, layer, optimizer, and fit's loop.",
        "nn.Linear(inputs.shape[1], targets.shape[1]) is the model. For each batch of each epoch: "
        "the loss, backward(), opt.step(), opt.zero_grad().",
    ),
    verified="the layer, the optimizer, the rows of each step, uneven and single batches, and "
    "that training arrives at the optimum",
    observe=_train,
    says=_WATCHED,
)
def fit_linear(
    inputs: Tensor, targets: Tensor, num_epochs: int, lr: float, batch_size: int
) -> nn.Module:
    """Return an `nn.Linear` trained by minibatch SGD on inputs (n, d) and targets (n, q)."""
    model = nn.Linear(inputs.shape[1], targets.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    train_dl = DataLoader(TensorDataset(inputs, targets), batch_size, shuffle=True)
    for _ in range(num_epochs):
        for xb, yb in train_dl:
            loss = F.mse_loss(model(xb), yb)
            loss.backward()
            opt.step()
            opt.zero_grad()
    return model
