"""The exercises of notebook 05."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers.exercises.base import Answer, Inputs, Text, exercise, show, tenths

F: Any = nn.functional  # Any: PyTorch has no type hints for backward()
Standardized = tuple[Tensor, Tensor, Tensor]
Weights = tuple[Tensor, Tensor]

_TRAINING = torch.tensor([[1.0, 10.0, 0.0], [2.0, 30.0, 2.0], [3.0, 50.0, 4.0]])
_NEW = torch.tensor([[2.0, 30.0, 4.0], [5.0, 20.0, 0.0]])


def _draw_rows(g: torch.Generator) -> Inputs:
    """Draw rows, and for every other check statistics that were made of others."""
    X, mean, std = tenths(g, 5, 2), tenths(g, 2), torch.randint(1, 6, (2,), generator=g) / 2
    return (X, mean, std) if torch.randint(2, (), generator=g) else (X,)


@exercise(
    fixed=[
        (_TRAINING,),
        (_NEW, torch.tensor([2.0, 30.0, 2.0]), torch.tensor([1.0, 20.0, 2.0])),
        (torch.tensor([[1.0], [5.0]]), torch.tensor([0.0]), torch.tensor([2.0])),
    ],
    draw=_draw_rows,
    hints=(
        "Each column has its own mean and standard deviation. Compute them only when they are "
        "not given: `if mean is None:`.",
        "X.mean(dim=0) and X.std(dim=0) have shape (d,). With them or with the given ones, "
        "subtract first, then divide. Return three tensors.",
    ),
    verified="training rows, and new rows with given statistics, a mean of 0 among them",
)
def standardize(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    """Return standardised inputs (n, d) with the mean (d,) and std (d,) that were used.

    Give both mean and std, or neither: then they are those of X.
    """
    if mean is None:
        mean, std = X.mean(dim=0), X.std(dim=0)
    return (X - mean) / std, mean, std


@standardize.mistake(
    "These are the statistics of the new rows. When mean and std are given, use them: "
    "new rows are standardised as the training rows were."
)
def _own_statistics(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    mean, std = X.mean(dim=0), X.std(dim=0)
    return (X - mean) / std, mean, std


@standardize.mistake(
    "The given statistics are used, but the function returns those of the new rows. "
    "Return the ones that were used."
)
def _returns_own_statistics(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    Z, *_ = standardize._solution(X, mean, std)
    return Z, X.mean(dim=0), X.std(dim=0)


_AXIS = "These are statistics of the rows. Each column, dim=0, has a mean and a std of its own."


@standardize.mistake(_AXIS)
def _rows(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    if mean is None:
        mean, std = X.mean(dim=1), X.std(dim=1)
    return (X - mean) / std, mean, std


@standardize.mistake(_AXIS)
def _rows_kept(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    if mean is None:
        mean, std = X.mean(dim=1, keepdim=True), X.std(dim=1, keepdim=True)
    return (X - mean) / std, mean, std


@standardize.mistake(
    "This is one mean and one std of all numbers. Each column, dim=0, has its own."
)
def _all_columns_together(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    if mean is None:
        mean, std = X.mean(), X.std()
    return (X - mean) / std, mean, std


@standardize.mistake("This divides by the variance. The standard deviation is its square root.")
def _variance(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    if mean is None:
        mean, std = X.mean(dim=0), X.var(dim=0)
    return (X - mean) / std, mean, std


@standardize.mistake(
    "This standard deviation divides by n, as NumPy's does. Here it is X.std(dim=0), with n − 1."
)
def _divides_by_n(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    if mean is None:
        mean, std = X.mean(dim=0), X.std(dim=0, correction=0)
    return (X - mean) / std, mean, std


@standardize.mistake(
    "This divides before it subtracts. The mean has the unit of X: subtract first."
)
def _divides_first(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    _, mean, std = standardize._solution(X, mean, std)
    return X / std - mean, mean, std


@standardize.mistake(
    "It seems that parentheses are missing: X - mean / std divides the mean alone. "
    "Write (X - mean) / std."
)
def _no_parentheses(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    _, mean, std = standardize._solution(X, mean, std)
    return X - mean / std, mean, std


@standardize.mistake("The mean is taken away, but nothing is divided by the std.")
def _only_centred(X: Tensor, mean: Any = None, std: Any = None) -> Standardized:
    _, mean, std = standardize._solution(X, mean, std)
    return X - mean, mean, std


@exercise(
    fixed=[
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
        torch.randint(1, 6, (3,), generator=g).float(),
    ),
    hints=(
        "Put (x − mean) / std for z into z @ w + b, and sort: what multiplies x, and what is left?",
        "Each row of w belongs to one input: std[:, None] has shape (d, 1) and divides its rows. "
        "The mean times these new weights, mean @ weights, shifts the bias.",
    ),
    verified="the same predictions in original units, for one and several inputs and outputs",
)
def fold_back(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    """Return weights (d, q) and biases (q,) for inputs in their original units.

    They predict from x what w (d, q) and b (q,) predict from (x - mean) / std.
    """
    weights = w / std[:, None]  # (d, q)
    return weights, b - mean @ weights


@fold_back.mistake(
    "The weights are right, the biases are not: taking away the mean shifts them by mean @ weights."
)
def _no_shift(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    return w / std[:, None], b


_MULTIPLIED = (
    "This multiplies by the std. The weight for one std, divided by the std, is the weight for "
    "one unit."
)


@fold_back.mistake(_MULTIPLIED)
def _multiplied(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    weights = w * std[:, None]
    return weights, b - mean @ weights


@fold_back.mistake(_MULTIPLIED)
def _multiplied_without_shift(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    return w * std[:, None], b


@fold_back.mistake(
    "The weights are right. The biases shift by the mean times these new weights, not the old ones."
)
def _shift_of_old_weights(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    return w / std[:, None], b - mean @ w


@fold_back.mistake(
    "The weights are right. The shift of the biases has the wrong sign: the mean is taken away."
)
def _shift_added(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    weights = w / std[:, None]
    return weights, b + mean @ weights


@fold_back.mistake(
    "The std divides the columns of w. Each input has a row of w, so give std the shape (d, 1): "
    "std[:, None]."
)
def _columns(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    return w / std, b - mean @ (w / std)


@fold_back.mistake(
    "The weights are right. The biases are not divided: they have the unit of the targets already."
)
def _bias_divided(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Weights:
    weights = w / std[:, None]
    return weights, (b - mean @ w) / std[: len(b)]


# Columns with mean 0, spread 1 and no relation: a bowl that is round, on which every batch helps.
_ROWS = torch.tensor([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])
_WEIGHT = torch.tensor([[2.0], [-3.0], [1.5]])
# Rows that are related, on which the order of the batches decides the weights.
_RELATED = torch.sin(torch.arange(63.0)).reshape(21, 3).round(decimals=1)
_CURVED = 3 * torch.cos(torch.arange(21.0))[:, None].round(decimals=1)
_WEIGHTS = torch.tensor([[2.0, -1.0], [-3.0, 2.0], [1.5, 4.0]])


def _draw_training(g: torch.Generator) -> Inputs:
    d, q, batch_size = (int(torch.randint(1, high, (), generator=g)) for high in (4, 3, 6))
    X = _ROWS[:, :d]
    return X, X @ tenths(g, d, q) + tenths(g, q), 30, 0.2 * q, batch_size


class _StartAtZero(TorchFunctionMode):
    """Makes what PyTorch draws for weights zero, in layers and by hand."""

    def __torch_function__(
        self, function: Answer, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        name = function.__name__
        if name in {"randn", "randn_like", "normal"} or name.endswith(("normal_", "uniform_")):
            result.detach().zero_()
        return result


def _in_order(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    model = nn.Linear(X.shape[1], y.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size):
            F.mse_loss(model(xb), yb).backward()
            opt.step()
            opt.zero_grad()
    return model


def _train(answer: Answer, inputs: Inputs) -> Any:
    """Let an answer train, from weights of zero, and describe its model in two decimals."""
    with _StartAtZero():
        model, in_order = answer(*inputs), _in_order(*inputs)
    if not callable(model):
        return model
    X, _, num_epochs, _, batch_size = inputs
    d = X.shape[1]
    with torch.no_grad():
        if num_epochs == 1 and batch_size < len(X):
            ordered = torch.allclose(model(X).float(), in_order(X), rtol=1e-5, atol=1e-5)
            return Text(f"a model trained on rows {'in their order' if ordered else 'shuffled'}")
        biases = model(torch.zeros(1, d))
        weights = (model(torch.eye(d)) - biases).T
    weights, biases = (values.round(decimals=2) + 0.0 for values in (weights, biases[0]))  # no -0.
    return Text(f"a model with weight {show(weights)} and bias {show(biases)}")


def _training_code(inputs: Inputs) -> str:
    X, y, num_epochs, lr, batch_size = map(show, inputs)
    return f"fit_linear({X}, {y}, num_epochs={num_epochs}, lr={lr}, batch_size={batch_size})"


@exercise(
    fixed=[
        (_ROWS, _ROWS @ _WEIGHT + 4, 40, 0.2, 4),
        (_ROWS.repeat(2, 1), _ROWS.repeat(2, 1) @ _WEIGHTS + 4, 5, 0.3, 1),
        (_ROWS, _ROWS @ _WEIGHT + 4, 40, 0.2, 10),
        (_ROWS, _ROWS @ _WEIGHT + 4, 1, 0.2, 4),
        (_ROWS, _ROWS @ _WEIGHT + 4, 2, 0.2, 10),
        (_RELATED, _CURVED, 1, 0.1, 2),
    ],
    draw=_draw_training,
    hints=(
        "Take the parts from the section on PyTorch: a data set and its loader, the layer, the "
        "optimizer, and the loop of fit. The sizes of the layer stand in the shapes.",
        "nn.Linear(inputs.shape[1], targets.shape[1]) is the model. In each epoch, for each batch "
        "of DataLoader(TensorDataset(inputs, targets), batch_size, shuffle=True): the loss, "
        "backward(), opt.step(), opt.zero_grad(). Return the model after the last epoch.",
    ),
    verified="the optimum with one batch, several, uneven ones, and one not filled; the weights "
    "after one epoch and after two; and that the first epoch is shuffled",
    observe=_train,
    phrase=_training_code,
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


def _right(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    model: nn.Module = fit_linear._solution(X, y, epochs, lr, batch_size)
    return model


class _Training:
    """What the mistakes share: a loader, a model and an optimizer, and a step in parts."""

    def __init__(self, X: Tensor, y: Tensor, lr: float, batch_size: int) -> None:
        self.model = nn.Linear(X.shape[1], y.shape[1])
        self.opt = torch.optim.SGD(self.model.parameters(), lr=lr)
        self.batches = DataLoader(TensorDataset(X, y), batch_size, shuffle=True)

    def backward(self, xb: Tensor, yb: Tensor) -> None:
        F.mse_loss(self.model(xb), yb).backward()

    def step(self) -> None:
        self.opt.step()
        self.opt.zero_grad()


@fit_linear.mistake(
    "The gradients are never set back to zero, so each step follows the sum of all before it. "
    "Call opt.zero_grad() in every step."
)
def _never_zeroed(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    training = _Training(X, y, lr, batch_size)
    for _ in range(epochs):
        for xb, yb in training.batches:
            training.backward(xb, yb)
            training.opt.step()
    return training.model


@fit_linear.mistake(
    "When the last batch is not full, it is dropped; here it is the only one. Keep it: "
    "no drop_last, and no floor division."
)
def _last_batch_dropped(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    kept = len(X) // batch_size * batch_size
    if kept == 0:
        return nn.Linear(X.shape[1], y.shape[1])
    return _right(X[:kept], y[:kept], epochs, lr, batch_size)


_ONE_STEP = (
    "This takes one step an epoch. backward(), opt.step() and opt.zero_grad() belong into the "
    "inner loop, once for each batch."
)


@fit_linear.mistake(_ONE_STEP)
def _step_for_last_batch(
    X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int
) -> nn.Module:
    training = _Training(X, y, lr, batch_size)
    for _ in range(epochs):
        *_, last = training.batches
        training.backward(*last)
        training.step()
    return training.model


@fit_linear.mistake(_ONE_STEP)
def _step_for_the_sum(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    training = _Training(X, y, lr, batch_size)
    for _ in range(epochs):
        for xb, yb in training.batches:
            training.backward(xb, yb)
        training.step()
    return training.model


@fit_linear.mistake(
    "This takes one step an epoch, with all rows at once. Go through them in batches of batch_size."
)
def _all_rows_at_once(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    return _right(X, y, epochs, lr, len(X))


@fit_linear.mistake(
    "The model did not move from where it began. opt.step() comes after backward() and before "
    "opt.zero_grad(), and the optimizer gets this model's parameters."
)
def _never_stepped(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    return _Training(X, y, lr, batch_size).model


@fit_linear.mistake(
    "This is what one epoch gives. Is the return inside a loop, or the model made anew in every "
    "epoch?"
)
def _one_epoch(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    return _right(X, y, 1, lr, batch_size)


@fit_linear.mistake(
    "This is the optimum, not what training gives. Train for num_epochs epochs, no fewer and no "
    "more, also when they are few."
)
def _optimum(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    return _in_order(X, y, 100, lr, batch_size)


@fit_linear.mistake(
    "Each step is half as long as it should be. F.mse_loss is the mean squared error, without ½."
)
def _half_loss(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    return _right(X, y, epochs, lr / 2, batch_size)


@fit_linear.mistake("This takes a step for each row. Take one for each batch of batch_size rows.")
def _row_by_row(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    return _right(X, y, epochs, lr, 1)


@fit_linear.mistake(
    "The rows come in the order in which they were given. Shuffle them in every epoch: "
    "shuffle=True makes the DataLoader do it."
)
def _never_shuffled(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    return _in_order(X, y, epochs, lr, batch_size)


@fit_linear.mistake("The model has no bias. nn.Linear makes one unless it gets bias=False.")
def _no_bias(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    training = _Training(X, y, lr, batch_size)
    training.model.register_parameter("bias", None)
    for _ in range(epochs):
        for xb, yb in training.batches:
            training.backward(xb, yb)
            training.step()
    return training.model


__all__ = ["fit_linear", "fold_back", "standardize"]
