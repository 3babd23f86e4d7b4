"""The exercises of notebook 03."""

import random
from typing import Any

import torch
from tellwhy.answers.run import Answer, Inputs, NotAllowedError
from tellwhy.show import show
from torch import Tensor
from torch.overrides import TorchFunctionMode

from d2lhelpers.exercises.drawing import tenths
from tellwhy import exercise


def _draw_sizes(rng: random.Random) -> Inputs:
    """Draw sizes of data and batch, in half of the cases without a smaller last batch."""
    size = rng.randint(1, 39)
    return (size * rng.randint(1, 7) if rng.random() < 0.5 else rng.randint(1, 39)), size


@exercise(
    inputs=[(10, 3), (1000, 10), (41, 20), (5, 10), (1, 1)],
    special={"a number that float32 cannot hold": (2**24 + 1, 2**12)},
    draw=_draw_sizes,
    hints=(
        "How many batches do 10 examples make with batches of 3? Count them on paper.",
        "Divide, and round up instead of down. The module math has a function for that.",
    ),
    verified="sizes that divide n and sizes that do not, and batches larger than the data",
    ways=[
        "(num_examples + batch_size - 1) // batch_size",
        "num_examples // batch_size + (num_examples % batch_size > 0)",
    ],
    mistakes={
        "rounded down": (
            "This is rounded down: the last, smaller batch is left out.",
            lambda num_examples, batch_size: num_examples // batch_size,
        ),
        "halves to the even": (
            "Python's `round` takes a half to the even neighbour: 1.5 and 2.5 both become 2. Round "
            "up, as `math.ceil` does.",
            lambda num_examples, batch_size: round(num_examples / batch_size + 0.5),
        ),
        "rest added": (
            "The remainder is a number of examples. If it is not 0, they make one more batch "
            "together.",
            lambda num_examples, batch_size: sum(divmod(num_examples, batch_size)),
        ),
        "not rounded": (
            "This is the fraction itself. A count is whole: round it up.",
            lambda num_examples, batch_size: num_examples / batch_size,
        ),
        "rounded to nearest": (
            "This is rounded to the nearest whole number: a small last batch is left out.",
            lambda num_examples, batch_size: round(num_examples / batch_size),
        ),
        "halves rounded up": (
            "This is rounded to the nearest whole number: a small last batch is left out.",
            lambda num_examples, batch_size: int(num_examples / batch_size + 0.5),
        ),
        "always one more": (
            "This counts one batch too many where the batch size divides the number of examples: "
            "there is no smaller last batch then.",
            lambda num_examples, batch_size: num_examples // batch_size + 1,
        ),
        "rounded up for 3": (
            "Adding 2 rounds up for batches of 3, as in the example. For any size, add "
            "`batch_size - 1`.",
            lambda num_examples, batch_size: (num_examples + 2) // batch_size,
        ),
    },
)
def minibatch_count(num_examples: int, batch_size: int) -> int:
    """Return the number of minibatches in an epoch, a smaller last one included."""
    import math

    return math.ceil(num_examples / batch_size)


class _NoAutograd(TorchFunctionMode):
    """Refuses to compute gradients, also for torch.func and inside torch.enable_grad()."""

    def __torch_function__(
        self, function: Answer, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function in {torch.autograd.grad, Tensor.backward}:
            raise NotAllowedError("Write the formula, without backward or other help of autograd.")
        return function(*args, **(kwargs or {}))


def _by_hand(answer: Answer, *inputs: Any) -> Any:
    with _NoAutograd():
        return answer(*inputs)


def _draw_batch(rng: random.Random) -> Inputs:
    n, d = rng.randint(2, 5), rng.randint(2, 5)
    return tenths(rng, n, d), tenths(rng, n, 1), tenths(rng, d, 1), tenths(rng, 1)


_X, _Y = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 4.0]]), torch.tensor([[2.0], [5.0], [-1.0]])


@exercise(
    inputs=[
        (_X, _Y, torch.tensor([[0.5], [1.0]]), torch.tensor([0.25])),
        (_X[:, :1], _Y, torch.ones(1, 1), torch.ones(1)),
    ],
    draw=_draw_batch,
    hints=(
        "For one example the gradient for w is the error times its features, and for b the error.",
        "The errors are (n, 1): X.T @ error adds up over the examples. For b, keep the shape (1,).",
    ),
    verified="both gradients by hand, with the shapes of w and b, on random batches",
    parts=("w", "b"),
    observe=_by_hand,
    ways=["X.T @ (X @ w + b - y) / len(X), (X @ w + b - y).sum(dim=0) / len(X)"],
    mistakes={
        "sum for mean": (
            "This is the gradient of the sum: divide by the number of examples.",
            lambda X, y, w, b: (X.T @ (X @ w + b - y), (X @ w + b - y).sum(dim=0)),
        ),
        "product of means": (
            "Your gradient for `w` is the mean error times the mean of each feature. Multiply "
            "error and features row by row, then take the mean. (A column of shape (n, 1) times a "
            "vector of shape (n,) is no such product: it has n × n entries.)",
            lambda X, y, w, b: (
                X.mean(dim=0)[:, None] * (e := (X @ w + b - y).mean(dim=0)),
                e,
            ),
        ),
    },
)
def gradient(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of the mean of `squared_loss`, shapes (d, 1) and (1,), by hand."""
    error = X @ w + b - y  # (n, 1)
    return X.T @ error / len(X), error.mean(dim=0)


def _draw_step(rng: random.Random) -> Inputs:
    params, grads, velocities = ([tenths(rng, 2, 1), tenths(rng, 1)] for _ in range(3))
    for param, grad in zip(params, grads, strict=True):
        param.requires_grad_().grad = grad
    lr, batch_size, momentum = (rng.randint(2, 9) for _ in range(3))
    return params, velocities, lr / 10, batch_size, momentum / 10


def _step(gradient: float, momentum: float = 0.5) -> Inputs:
    """Return a step in which all gradients are one number."""
    params = [torch.tensor([[1.0], [2.0]]), torch.tensor([3.0])]
    for param in params:
        param.requires_grad_().grad = torch.full_like(param, gradient)
    return params, [torch.tensor([[4.0], [-2.0]]), torch.tensor([1.0])], 0.1, 2, momentum


def _take_step(
    answer: Answer, params: list[Tensor], velocities: list[Tensor], *numbers: float
) -> dict[str, Any]:
    """Return what a step leaves in the tensors that the caller holds."""
    returned = answer([*params], [*velocities], *numbers)  # other lists of the same tensors
    return {
        "parameters": tuple(param.detach() for param in params),
        "velocities": tuple(velocities),
        "gradients": tuple(0 * p.data if p.grad is None else p.grad for p in params),
        "returned": None if returned is None else ...,
    }


def _step_code(inputs: Inputs) -> str:
    (w, b), velocities, *numbers = inputs
    return (
        f"w, b = {show(w)}, {show(b)}\n"
        f"w.grad, b.grad = {show(w.grad)}, {show(b.grad)}\n"
        f"of_w, of_b = {', '.join(map(show, velocities))}\n"
        f"sgd_momentum([w, b], [of_w, of_b], {', '.join(map(show, numbers))})"
    )


def _rule(rule: Any, summed: bool = False, divided: bool = False) -> Answer:
    """Make a step of a rule: (param, velocity, mean gradient, lr, momentum) -> both anew.

    With `summed` the rule gets the sum of the gradients, and a rate that is divided instead; with
    `divided` a momentum that is divided, too.
    """

    def step(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
        for param, velocity in zip(params, velocities, strict=True):
            of = (param.grad, lr / batch_size) if summed else (param.grad / batch_size, lr)
            new = rule(param.data, velocity, *of, momentum / batch_size if divided else momentum)
            param.data[:], velocity[:] = new
            param.grad.zero_()

    return step


@exercise(
    inputs=[_step(4.0)],
    draw=_draw_step,
    hints=(
        "The mean gradient now changes the velocity, and the velocity changes the parameter.",
        "In no_grad: `velocity *= momentum`, then += the mean gradient, then the step with "
        "velocity where sgd has the gradient. Zero the gradient last.",
    ),
    verified="parameters and velocities changed in place as by torch.optim.SGD, gradients zeroed",
    special={"a gradient of zeros": _step(0.0), "a momentum of 0": _step(4.0, 0.0)},
    observe=_take_step,
    phrase=_step_code,
    says={
        "gradients": "The gradients are not all zero afterwards. For each parameter, call "
        "`param.grad.zero_()` at the end of the loop's body.",
        "returned": "Something is returned. Change the tensors in place, and return nothing.",
    },
    mistakes={
        "parameters rebound": (
            "The caller's parameters do not change. Change each tensor itself, as with `param -= "
            "...`: a new tensor, under the same name or in the list, leaves the caller's as it "
            "is.",
            _rule(lambda p, v, g, lr, m: (p, m * v + g)),
        ),
        "velocities rebound": (
            "The caller's velocities do not change. Change each tensor itself, as with `velocity "
            "*= ...`: a new tensor, under the same name or in the list, leaves the caller's as "
            "it is.",
            _rule(lambda p, v, g, lr, m: (p - lr * (m * v + g), v)),
        ),
        "learning rate in the velocity": (
            "The learning rate is inside the velocity. It belongs to the step of the parameter.",
            _rule(lambda p, v, g, lr, m: (p - (m * v + lr * g), m * v + lr * g)),
        ),
        "velocity added": (
            "This is another convention, in which the velocity holds -lr times the gradient and is "
            "added. Here it holds the gradient itself, and the parameter moves by -lr * velocity.",
            _rule(lambda p, v, g, lr, m: (p + (m * v - lr * g), m * v - lr * g)),
        ),
        "average": (
            "This velocity is an average, with the factor 1 - momentum. Add the gradient whole.",
            _rule(lambda p, v, g, lr, m: (p - lr * (v := m * v + (1 - m) * g), v)),
        ),
        "batch size in the step": (
            "The step is divided by the batch size, and the velocity holds sums of gradients. "
            "Divide the gradient, before it comes into the velocity.",
            _rule(lambda p, v, g, lr, m: (p - lr * (v := m * v + g), v), summed=True),
        ),
        "velocity divided": (
            "The whole velocity is divided by the batch size, also what it remembers, which was "
            "divided before. Divide only the gradient.",
            _rule(lambda p, v, g, lr, m: (p - lr * (v := m * v + g), v), divided=True),
        ),
        "old velocity": (
            "The step uses the old velocity. Change the velocity first, then step.",
            _rule(lambda p, v, g, lr, m: (p - lr * v, m * v + g)),
        ),
    },
)
def sgd_momentum(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    """Take a step of minibatch SGD with momentum, in place, and zero the gradients.

    The convention is that of `torch.optim.SGD`: velocity = momentum * velocity + mean gradient,
    then param = param - lr * velocity.
    """
    with torch.no_grad():
        for param, velocity in zip(params, velocities, strict=True):
            velocity *= momentum
            velocity += param.grad / batch_size
            param -= lr * velocity
            param.grad.zero_()


def _draw_well_conditioned(rng: random.Random) -> Inputs:
    """Draw columns that differ clearly, and no result near 0, so that rounding does not decide."""
    d = rng.randint(1, 3)
    while True:
        X, y = tenths(rng, 6, d), tenths(rng, 6, 1)
        X1 = torch.cat([X, torch.ones(6, 1)], dim=1)
        if torch.linalg.cond(X1) < 8 and torch.linalg.lstsq(X1, y).solution.abs().min() > 0.1:
            return X, y


def _with_ones(X: Tensor) -> Tensor:
    return torch.cat([X, torch.ones(len(X), 1)], dim=1)


def _slopes(X: Tensor, y: Tensor) -> Tensor:
    solution: Tensor = torch.linalg.lstsq(X - X.mean(dim=0), y).solution
    return solution


@exercise(
    inputs=[
        (torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[3.0], [5.0], [10.0]])),
        (torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), torch.tensor([[3.0], [5.0], [1.0]])),
    ],
    draw=_draw_well_conditioned,
    hints=(
        "A bias is the weight of a feature that is always 1.",
        "Append a column of ones to X with torch.cat. torch.linalg.lstsq gives d + 1 numbers.",
    ),
    verified="weights and bias, with their shapes, on random data with one to three features",
    parts=("w", "b"),
    ways=[
        "X1 = torch.cat([X, torch.ones(len(X), 1)], dim=1)\n"
        "solution = torch.linalg.inv(X1.T @ X1) @ X1.T @ y\n"
        "return solution[:-1], solution[-1]",
        "w = torch.linalg.lstsq(X - X.mean(dim=0), y).solution\n"
        "return w, y.mean(dim=0) - X.mean(dim=0) @ w",
    ],
    mistakes={
        "no bias": (
            "The bias is forgotten: it is 0. Append a column of ones to X.",
            lambda X, y: (torch.linalg.lstsq(X, y).solution, torch.zeros(1)),
        ),
        "no column of ones": (
            "The column of ones is forgotten: what you return as the bias is the last weight. "
            "Append a column of ones to X.",
            lambda X, y: ((s := torch.linalg.lstsq(X, y).solution)[:-1], s[-1]),
        ),
        "mean label": (
            "The mean label is the bias only where the features have mean 0. Append a column of "
            "ones to X, and the solution holds the bias as well.",
            lambda X, y: (torch.linalg.lstsq(X, y - y.mean(dim=0)).solution, y.mean(dim=0)),
        ),
        "ones at the end": (
            "The column of ones stands last, so the bias is the last number of the solution.",
            lambda X, y: (
                (s := torch.linalg.lstsq(torch.cat([X, torch.ones(len(X), 1)], 1), y)[0])[1:],
                s[0],
            ),
        ),
        "ones in front": (
            "The column of ones stands first, so the bias is the first number of the solution.",
            lambda X, y: (
                (s := torch.linalg.lstsq(torch.cat([torch.ones(len(X), 1), X], 1), y)[0])[:-1],
                s[-1],
            ),
        ),
        "one mean for all columns": (
            "The bias is computed with a single mean of all features. Each column has its own: "
            "subtract `X.mean(dim=0) @ w` from the mean label.",
            lambda X, y: (w := _slopes(X, y), (y.mean() - X.mean() * w.sum()).reshape(1)),
        ),
        "centred by one number": (
            "`X.mean()` is one number for the whole table. Each column has a mean of its own: "
            "`X.mean(dim=0)`.",
            lambda X, y: (
                w := torch.linalg.lstsq(X - X.mean(), y - y.mean(), driver="gelsd").solution,
                (y.mean() - X.mean() * w.sum()).reshape(1),
            ),
        ),
        "bias of the first example": (
            "This bias makes the error of the first example 0, with all its noise. The errors of "
            "all should add up to 0: use the mean label and the mean features instead.",
            lambda X, y: (w := _slopes(X, y), y[0] - X[0] @ w),
        ),
        "each column alone": (
            "Each column is fitted by itself, as if the others were not there. Where columns "
            "rise or fall together, its weight then also takes in what the others do: fit all at "
            "once.",
            lambda X, y: (
                w := torch.cat([_slopes(X[:, [k]], y) for k in range(X.shape[1])]),
                y.mean(dim=0) - X.mean(dim=0) @ w,
            ),
        ),
        "first rows": (
            "Only the first d + 1 rows are used, as many as there are unknowns. Labels have "
            "noise, so all rows should count: solve the normal equations.",
            lambda X, y: (
                (s := torch.linalg.solve(_with_ones(X)[: (d := X.shape[1] + 1)], y[:d]))[:-1],
                s[-1],
            ),
        ),
        "bias afterwards": (
            "The weights are found without a bias, which comes afterwards. Find both together: "
            "append a column of ones to X.",
            lambda X, y: (w := torch.linalg.lstsq(X, y).solution, (y - X @ w).mean(dim=0)),
        ),
    },
)
def closed_form(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the least-squares weights (d, 1) and bias (1,) for features (n, d), labels (n, 1)."""
    X1 = torch.cat([X, torch.ones(len(X), 1)], dim=1)  # (n, d + 1)
    solution = torch.linalg.lstsq(X1, y, driver="gelsd").solution  # (d + 1, 1)
    return solution[:-1], solution[-1]
