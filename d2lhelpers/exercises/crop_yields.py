"""The exercises of notebook 05."""

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers.exercises.exercise import exercise, tenths
from d2lhelpers.exercises.run import Answer, Inputs
from d2lhelpers.exercises.show import show

F: Any = nn.functional  # Any: PyTorch has no type hints for backward()
Standardized = tuple[Tensor, Tensor, Tensor]
Weights = tuple[Tensor, Tensor]

_TRAINING = torch.tensor([[1.0, 10.0, 0.0], [2.0, 30.0, 2.0], [3.0, 50.0, 4.0]])
_NEW = torch.tensor([[2.0, 30.0, 4.0], [5.0, 20.0, 0.0]])


def _draw_rows(g: torch.Generator) -> Inputs:
    """Draw rows, and for every other check statistics that were made of others."""
    n, d, given = torch.randint(2, 6, (3,), generator=g).tolist()
    X, mean, std = tenths(g, n, d), tenths(g, d), torch.randint(1, 6, (d,), generator=g) / 2
    return (X, mean, std) if given > 3 else (X,)


@exercise(
    inputs=[
        (_TRAINING,),
        (_NEW, torch.tensor([2.0, 30.0, 2.0]), torch.tensor([1.0, 20.0, 2.0])),
        (torch.tensor([[1.0], [5.0]]), torch.tensor([0.0]), torch.tensor([2.0])),
        (torch.tensor([[7.0, -1.0]]), torch.tensor([2.0, 3.0]), torch.tensor([0.5, 4.0])),
    ],
    draw=_draw_rows,
    hints=(
        "Each column has its own mean and standard deviation. Compute them only when they are "
        "not given: `if mean is None:`.",
        "X.mean(dim=0) and X.std(dim=0) have shape (d,). With them or with the given ones, "
        "subtract first, then divide. Return three tensors.",
    ),
    verified="training rows, and new rows with given statistics, a mean of 0 among them",
    parts=("standardised inputs", "mean", "std"),
    ways=[
        "if mean is None:\n    mean = X.sum(dim=0) / len(X)\n"
        "    std = (((X - mean) ** 2).sum(dim=0) / (len(X) - 1)) ** 0.5\n"
        "return (X - mean) / std, mean, std",
    ],
    mistakes={
        "own statistics": (
            "These are the statistics of the new rows. When mean and std are given, use them: "
            "new rows are standardised as the training rows were.",
            lambda X, mean=None, std=None: ((X - X.mean(0)) / X.std(0), X.mean(0), X.std(0)),
        ),
        "own statistics returned": (
            "The given statistics are used, but the function returns those of the new rows. "
            "Return the ones that were used.",
            lambda X, mean=None, std=None: (
                (X - (X.mean(0) if mean is None else mean)) / (X.std(0) if std is None else std),
                X.mean(0),
                X.std(0),
            ),
        ),
        "statistics of the rows": (
            "These are statistics of the rows. Each column, dim=0, has a mean and a std.",
            lambda X, mean=None, std=None: (
                ((X.T - X.mean(1)) / X.std(1)).T if mean is None else (X - mean) / std,
                X.mean(1) if mean is None else mean,
                X.std(1) if std is None else std,
            ),
        ),
        "one for all": (
            "This is one mean and one std of all numbers. Each column, dim=0, has its own.",
            lambda X, mean=None, std=None: (
                (X - X.mean()) / X.std() if mean is None else (X - mean) / std,
                X.mean() if mean is None else mean,
                X.std() if std is None else std,
            ),
        ),
        "divided by n": (
            "This standard deviation divides by n, as NumPy's does. Here it is X.std(dim=0), "
            "with n − 1.",
            lambda X, mean=None, std=None: (
                (X - X.mean(0)) / X.std(0, correction=0) if mean is None else (X - mean) / std,
                X.mean(0) if mean is None else mean,
                X.std(0, correction=0) if std is None else std,
            ),
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
        (
            torch.tensor([[1.0, 2.0], [3.0, -4.0]]),
            torch.tensor([5.0, 6.0]),
            torch.tensor([10.0, 50.0]),
            torch.tensor([2.0, 5.0]),
        ),
        (torch.tensor([[3.0]]), torch.tensor([1.0]), torch.tensor([4.0]), torch.tensor([2.0])),
    ],
    draw=lambda g: (
        tenths(g, 3, 2),
        tenths(g, 2),
        tenths(g, 3),
        torch.randint(2, 7, (3,), generator=g).float(),
    ),
    hints=(
        "Put (x − mean) / std for z into z @ w + b, and sort: what multiplies x, and what is left?",
        "Each row of w belongs to one input: std[:, None] has shape (d, 1) and divides its rows. "
        "The mean times these new weights, mean @ weights, shifts the bias.",
    ),
    verified="the same predictions in original units, for one and several inputs and outputs",
    parts=("weights", "biases"),
    ways=[
        "w / std[:, None], b - (mean / std) @ w",
        "(w.T / std).T, b - (mean[:, None] * w / std[:, None]).sum(dim=0)",
    ],
    mistakes={
        "no shift": (
            "The weights are right, the biases are not: taking away the mean shifts them by "
            "mean @ weights.",
            lambda w, b, mean, std: (w / std[:, None], b),
        ),
        "multiplied": (
            "This multiplies by the std. The weight for one std, divided by the std, is the "
            "weight for one unit.",
            lambda w, b, mean, std: (w * std[:, None], b - mean @ (w * std[:, None])),
        ),
        "multiplied, no shift": (
            "This multiplies by the std, where it should divide, and leaves the biases alone, "
            "which taking away the mean shifts.",
            lambda w, b, mean, std: (w * std[:, None], b),
        ),
        "shift of the old weights": (
            "The weights are right. The biases shift by the mean times these new weights, not "
            "the old ones.",
            lambda w, b, mean, std: (w / std[:, None], b - mean @ w),
        ),
        "biases divided": (
            "The weights are right. The biases are not divided: they have the unit of the "
            "targets already.",
            lambda w, b, mean, std: (w / std[:, None], (b - mean @ w) / std[: len(b)]),
        ),
    },
)
def fold_back(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    """Return weights (d, q) and biases (q,) for inputs in their original units.

    They predict from x what w (d, q) and b (q,) predict from (x - mean) / std.
    """
    weights = w / std[:, None]  # (d, q)
    return weights, b - mean @ weights


# Ten different rows, standardised, on which every batch helps.
_ROWS = torch.stack([torch.sin(torch.arange(10.0)), torch.cos(torch.arange(10.0))], dim=1) * 1.4
_WEIGHTS = torch.tensor([[2.0, -1.0], [-3.0, 2.0]])


def _draw_training(g: torch.Generator) -> Inputs:
    n, batch_size, epochs, q, tenth = (
        int(torch.randint(low, high, (), generator=g))
        for low, high in ((5, 11), (1, 6), (2, 6), (1, 3), (1, 3))
    )
    return _ROWS[:n], _ROWS[:n] @ _WEIGHTS[:, :q] + 1, epochs, tenth / 10, batch_size


def _train(answer: Answer, inputs: Inputs) -> Any:
    """Watch an answer train: what it makes, which rows each step sees, and where it arrives."""
    X, y, num_epochs, _, batch_size = inputs
    seen, steps, optimizers = list[int](), list[list[int]](), list[str]()
    gradients = set[str]()

    def see(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        if torch.is_grad_enabled() and given[0].shape[-1:] == X.shape[1:]:
            distance = (given[0].detach().reshape(-1, 1, X.shape[1]) - X).abs().sum(dim=2)
            seen.extend(distance.argmin(dim=1).tolist())

    def step(optimizer: Any, args: Any, kwargs: Any) -> None:
        group = optimizer.param_groups[0]
        extra = [
            f"{name}={group[name]:g}" for name in ("momentum", "weight_decay") if group.get(name)
        ]
        settings = ", ".join([f"lr={group['lr']:g}", *extra])
        optimizers.append(f"torch.optim.{type(optimizer).__name__}({settings})")
        gradients.add(_gradient(group["params"], X[seen], y[seen]))
        steps.append(list(seen))
        seen.clear()

    with ExitStack() as hooks:
        hooks.callback(register_module_forward_pre_hook(see).remove)
        hooks.callback(register_optimizer_step_pre_hook(step).remove)
        model = answer(*inputs)
    epoch = steps[: -(-len(X) // batch_size)]
    in_order = [row for rows in steps for row in rows] == [*range(len(X))] * num_epochs
    missed = 0.0
    if isinstance(model, nn.Module) and num_epochs >= 30:
        missed = (model(X) - y).abs().max().item()
    return {
        "model": show(model),
        "optimizer": optimizers[0] if optimizers else "none took a step",
        "steps": len(steps),
        "batches of the first epoch": tuple(sorted(map(len, epoch), reverse=True)),
        "every row once an epoch": sorted(row for rows in epoch for row in rows)
        == [*range(len(X))],
        "rows in the given order": len(X) > 4 and in_order,
        "gradient is zero at a step": "zero" in gradients,
        "gradient of several batches": "several" in gradients,
        "arrives at the optimum": missed < 0.01,
    }


def _gradient(params: list[Tensor], X: Tensor, y: Tensor) -> str:
    """Say whether the parameters hold the gradient of this batch, none, or one of more."""
    w, *b = params
    if not len(X) or w.grad is None or w.shape != (y.shape[1], X.shape[1]):
        return "other"
    error = (X @ w.T + (b[0] if b else 0) - y).detach()
    if torch.allclose(w.grad, 2 * error.T @ X / error.numel(), rtol=1e-3, atol=1e-5):
        return "right"
    return "zero" if not w.grad.any() else "several"


_WATCHED = {
    "model": "The model should be an `nn.Linear` of the sizes of inputs and targets.",
    "optimizer": "The optimizer should be `torch.optim.SGD` with the given rate `lr`, no more.",
    "batches of the first epoch": "An epoch goes through the rows in batches of `batch_size`, with "
    "a step for each; the last may be smaller.",
    "steps": "The number of steps is wrong: one for each batch, in each of `num_epochs` epochs.",
    "every row once an epoch": "An epoch should see every row once, in its batches.",
    "rows in the given order": "The rows come in the order in which they were given. Shuffle "
    "them: `shuffle=True` makes the DataLoader do it.",
    "gradient is zero at a step": "The gradients are zero when the optimizer steps, so nothing "
    "moves: `backward()`, then `opt.step()`, then `opt.zero_grad()`.",
    "gradient of several batches": "The gradients at a step are not those of its batch: they add "
    "up until they are set back. Call `opt.zero_grad()` in every step.",
    "arrives at the optimum": "The steps are taken, but they do not lead to the optimum.",
}


def _training_code(inputs: Inputs) -> str:
    X, y, num_epochs, lr, batch_size = map(show, inputs)
    return f"fit_linear({X}, {y}, num_epochs={num_epochs}, lr={lr}, batch_size={batch_size})"


def _fit(options: dict[str, Any], each: Any, after: Any = lambda opt: None) -> Answer:
    """Make a training: options of the loader, what each batch does and what each epoch's end."""

    def fit(X: Tensor, y: Tensor, num_epochs: int, lr: float, batch_size: int) -> nn.Module:
        model = nn.Linear(X.shape[1], y.shape[1])
        opt = torch.optim.SGD(model.parameters(), lr=lr)
        train_dl = DataLoader(TensorDataset(X, y), batch_size, **({"shuffle": True} | options))
        for _ in range(num_epochs):
            for xb, yb in train_dl:
                each(F.mse_loss(model(xb), yb), opt)
            after(opt)
        return model

    return fit


def _step(loss: Any, opt: Any) -> None:
    loss.backward()
    opt.step()
    opt.zero_grad()


@exercise(
    inputs=[
        (_ROWS, _ROWS @ _WEIGHTS[:, :1] + 4, 30, 0.2, 4),
        (_ROWS, _ROWS @ _WEIGHTS + 4, 1, 0.1, 5),
        (_ROWS[:6], _ROWS[:6] @ _WEIGHTS[:, :1] + 4, 30, 0.2, 10),
    ],
    draw=_draw_training,
    hints=(
        "Take the parts from the section on PyTorch: a data set and its loader, the layer, the "
        "optimizer, and the loop of fit. The sizes of the layer stand in the shapes.",
        "nn.Linear(inputs.shape[1], targets.shape[1]) is the model. In each epoch, for each batch "
        "of DataLoader(TensorDataset(inputs, targets), batch_size, shuffle=True): the loss, "
        "backward(), opt.step(), opt.zero_grad(). Return the model after the last epoch.",
    ),
    verified="the layer, the optimizer, the rows of each step, uneven and single batches, and "
    "that training arrives at the optimum",
    observe=_train,
    phrase=_training_code,
    says=_WATCHED,
    mistakes={
        "last batch dropped": (
            "When the last batch is not full, it is dropped. Keep it: no drop_last, and no "
            "floor division.",
            _fit({"drop_last": True}, _step),
        ),
        "one step an epoch": (
            "This takes one step an epoch. backward(), opt.step() and opt.zero_grad() belong "
            "into the inner loop, once for each batch.",
            _fit({}, lambda loss, opt: loss.backward(), lambda opt: (opt.step(), opt.zero_grad())),
        ),
    },
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


__all__ = ["fit_linear", "fold_back", "standardize"]
