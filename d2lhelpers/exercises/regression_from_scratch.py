"""The exercises of notebook 03."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from d2lhelpers.exercises.base import Answer, Inputs, Text, exercise, show, tenths


@exercise(
    fixed=[(1000, 10), (11, 4), (10, 3), (9, 3), (5, 10), (1, 1)],
    draw=lambda g: tuple(torch.randint(1, 200, (2,), generator=g).tolist()),
    hints=(
        "How many batches do 10 examples make with batches of 3? Count them on paper.",
        "Divide, and round up instead of down. The module math has a function for that.",
    ),
    verified="even and uneven divisions, and batches larger than the data",
)
def minibatch_count(num_examples: int, batch_size: int) -> int:
    """Return the number of minibatches in an epoch, a smaller last one included."""
    import math

    return math.ceil(num_examples / batch_size)


@minibatch_count.mistake("This looks like floor division: the last, smaller batch is left out.")
def _floor(num_examples: int, batch_size: int) -> int:
    return num_examples // batch_size


@minibatch_count.mistake(
    "This looks like floor division plus one: when the batch size divides the number of "
    "examples, there is no smaller last batch."
)
def _always_plus_one(num_examples: int, batch_size: int) -> int:
    return num_examples // batch_size + 1


@minibatch_count.mistake(
    "This looks like round(), which goes to the nearest whole number: a small last batch is left "
    "out. Round up."
)
def _nearest(num_examples: int, batch_size: int) -> int:
    return round(num_examples / batch_size)


@minibatch_count.mistake("This is the fraction itself. A count is whole: round it up.")
def _fraction(num_examples: int, batch_size: int) -> float:
    return num_examples / batch_size


@exercise(
    fixed=[
        (
            torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 4.0]]),
            torch.tensor([[2.0], [5.0], [-1.0]]),
            torch.tensor([[0.5], [1.0]]),
            torch.tensor([0.25]),
        ),
        (
            torch.tensor([[1.0], [2.0], [3.0]]),
            torch.tensor([[0.0], [1.0], [5.0]]),
            torch.ones(1, 1),
            torch.ones(1),
        ),
    ],
    draw=lambda g: (tenths(g, 4, 2), tenths(g, 4, 1), tenths(g, 2, 1), tenths(g, 1)),
    hints=(
        "For one example the gradient for w is the error times its features, and for b the error.",
        "The errors have shape (n, 1). X.T @ error adds up error times features over the examples. "
        "Then divide by the number of examples. For b, keep the shape (1,).",
    ),
    verified="both gradients by hand, with the shapes of w and b, on random batches",
)
def gradient(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of the mean of `squared_loss`, shapes (d, 1) and (1,), by hand."""
    error = X @ w + b - y  # (n, 1)
    return X.T @ error / len(X), error.mean().reshape(1)


_AUTOGRAD = Text("the gradient of backward or autograd")


class _AutogradError(RuntimeError):
    """Raised where the gradient should be by hand."""


class _NoAutograd(TorchFunctionMode):
    """Refuses to compute gradients, also for torch.func and inside torch.enable_grad()."""

    def __torch_function__(
        self, function: Answer, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function in {torch.autograd.grad, Tensor.backward}:
            raise _AutogradError
        return function(*args, **(kwargs or {}))


def _by_hand(answer: Answer, inputs: Inputs) -> Any:
    """Call an answer where autograd does not work."""
    with torch.no_grad(), _NoAutograd():
        try:
            return answer(*inputs)
        except RuntimeError as error:
            if isinstance(error, _AutogradError) or "does not require grad" in str(error):
                return _AUTOGRAD
            raise


gradient._observe = _by_hand  # with observe= no argument changed in place would be noticed


@gradient.mistake("Write the formula, without backward or autograd.")
def _autograd(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> Any:
    loss = ((X @ w + b - y) ** 2 / 2).mean()
    return torch.autograd.grad(loss, [w, b])


@gradient.mistake("The two gradients are swapped: return the one for w first, then the one for b.")
def _swapped_pair(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    error = X @ w + b - y
    return error.mean().reshape(1), X.T @ error / len(X)


@gradient.mistake("This is the gradient of the sum: divide by the number of examples.")
def _sum(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    error = X @ w + b - y
    return X.T @ error, error.sum().reshape(1)


@gradient.mistake("The sign is reversed: the error is prediction minus label.")
def _reversed_sign(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    error = y - X @ w - b
    return X.T @ error / len(X), error.mean().reshape(1)


@gradient.mistake("The bias is missing from the prediction.")
def _bias_forgotten(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    error = X @ w - y
    return X.T @ error / len(X), error.mean().reshape(1)


@gradient.mistake("There is a factor 2 too many: squared_loss has a half that cancels it.")
def _factor_2(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    error = X @ w + b - y
    return 2 * X.T @ error / len(X), 2 * error.mean().reshape(1)


@gradient.mistake("The error is a mean here already. Each error belongs to its own features.")
def _mean_error(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    error = (X @ w + b - y).mean().reshape(1)
    return X.mean(0).reshape(-1, 1) * error, error


@gradient.mistake("The values are right, but the gradient for b has shape () instead of (1,).")
def _scalar_bias(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    error = X @ w + b - y
    return X.T @ error / len(X), error.mean()


def _with_gradients(params: list[Tensor], grads: list[Tensor]) -> list[Tensor]:
    for param, grad in zip(params, grads, strict=True):
        param.requires_grad_().grad = grad
    return params


def _draw_step(g: torch.Generator) -> Inputs:
    params = _with_gradients([tenths(g, 2, 1), tenths(g, 1)], [tenths(g, 2, 1), tenths(g, 1)])
    lr, batch_size, momentum = torch.randint(2, 10, (3,), generator=g).tolist()
    return params, [tenths(g, 2, 1), tenths(g, 1)], lr / 10, batch_size, momentum / 10


def _take_step(answer: Answer, inputs: Inputs) -> dict[str, Any]:
    """Return what a step leaves in the tensors that the caller holds."""
    params, velocities, *numbers = inputs
    answer(list(params), list(velocities), *numbers)  # copies of the lists, but the same tensors
    grads = [torch.zeros_like(param) if param.grad is None else param.grad for param in params]
    return {
        "parameters": [param.detach() for param in params],
        "velocities": velocities,
        "gradients": grads,
    }


def _step_code(inputs: Inputs) -> str:
    (w, b), velocities, *numbers = inputs
    return (
        f"w, b = {show(w)}, {show(b)}\n"
        f"w.grad, b.grad = {show(w.grad)}, {show(b.grad)}\n"
        f"velocities = {show(velocities)}\n"
        f"sgd_momentum([w, b], velocities, {', '.join(map(show, numbers))})"
    )


@exercise(
    fixed=[
        (
            _with_gradients(
                [torch.tensor([[1.2], [-2.5]]), torch.tensor([0.7])],
                [torch.tensor([[4.4], [-6.8]]), torch.tensor([1.6])],
            ),
            [torch.tensor([[0.9], [3.1]]), torch.tensor([-1.3])],
            0.3,
            4,
            0.8,
        ),
        (
            _with_gradients([torch.ones(2, 1), torch.ones(1)], [torch.ones(2, 1), torch.ones(1)]),
            [torch.zeros(2, 1), torch.zeros(1)],
            0.5,
            4,
            0.9,
        ),
    ],
    draw=_draw_step,
    hints=(
        "Start from sgd. The mean gradient now changes the velocity, and the velocity changes the "
        "parameter. Both are changed in place.",
        "In no_grad, with `for param, velocity in zip(params, velocities)`: multiply velocity by "
        "momentum in place with *=, and add the mean gradient with +=. Then the step, with "
        "velocity where sgd has the mean gradient. Zero the gradient last.",
    ),
    verified="parameters and velocities changed in place as by torch.optim.SGD, gradients zeroed",
    observe=_take_step,
    phrase=_step_code,
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


Rule = Callable[[Tensor, Tensor, Tensor, float, float], tuple[Tensor, Tensor]]


def _as_step(rule: Rule) -> Answer:
    """Make a step of a rule: (param, velocity, mean gradient, lr, momentum) -> both anew."""

    @functools.wraps(rule)
    def step(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
        with torch.no_grad():
            for param, velocity in zip(params, velocities, strict=True):
                new = rule(param, velocity, param.grad / batch_size, lr, momentum)
                param[:], velocity[:] = new
                param.grad.zero_()

    return step


@sgd_momentum.mistake(
    "The parameters did not change. `param = ...` makes a new tensor under the local name; "
    "change the tensor itself, as with `param -= ...`."
)
def _param_rebound(
    params: Any, velocities: Any, lr: float, batch_size: int, momentum: float
) -> None:
    with torch.no_grad():
        for param, velocity in zip(params, velocities, strict=True):
            velocity *= momentum
            velocity += param.grad / batch_size
            param.grad.zero_()


@sgd_momentum.mistake(
    "The velocities did not change, so the next step knows nothing of this one. "
    "`velocity = ...` makes a new tensor; change the tensor itself, as with `velocity *= ...`."
)
@_as_step
def _velocity_rebound(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    return p - lr * (m * v + g), v


@sgd_momentum.mistake(
    "The gradients are not zeroed: the next backward() would add to them. "
    "Call param.grad.zero_() after the step."
)
def _not_zeroed(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    with torch.no_grad():
        for param, velocity in zip(params, velocities, strict=True):
            velocity *= momentum
            velocity += param.grad / batch_size
            param -= lr * velocity


@sgd_momentum.mistake(
    "The sign of the step is reversed. The velocity points uphill, like the gradient: subtract it."
)
@_as_step
def _uphill(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    v = m * v + g
    return p + lr * v, v


@sgd_momentum.mistake(
    "The velocity has the opposite sign. Here the gradient is added to it, and the step subtracts."
)
@_as_step
def _velocity_downhill(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    v = m * v - g
    return p + lr * v, v


_ON_THE_PARAMETER = (
    "Momentum multiplies the parameter here, which shrinks it. It belongs to the velocity."
)


@sgd_momentum.mistake(_ON_THE_PARAMETER)
@_as_step
def _momentum_on_both(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    v = m * v + g
    return m * p - lr * v, v


@sgd_momentum.mistake(_ON_THE_PARAMETER)
@_as_step
def _momentum_on_the_parameter(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    return m * p - lr * (v + g), v + g


@sgd_momentum.mistake(_ON_THE_PARAMETER)
@_as_step
def _velocity_unused(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    return m * p - lr * g, v


@sgd_momentum.mistake(
    "Momentum is forgotten on the velocity: the old one counts in full here. Multiply it by "
    "momentum first."
)
@_as_step
def _momentum_forgotten(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    v = v + g
    return p - lr * v, v


@sgd_momentum.mistake(
    "Momentum multiplies the new gradient too. Multiply the velocity first, then add the gradient."
)
@_as_step
def _momentum_after_adding(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    v = m * (v + g)
    return p - lr * v, v


@sgd_momentum.mistake(
    "The step is divided by the batch size here. Divide the gradient instead, before it is added "
    "to the velocity."
)
def _step_divided(
    params: Any, velocities: Any, lr: float, batch_size: int, momentum: float
) -> None:
    with torch.no_grad():
        for param, velocity in zip(params, velocities, strict=True):
            velocity *= momentum
            velocity += param.grad
            param -= lr * velocity / batch_size
            param.grad.zero_()


@sgd_momentum.mistake("The division by the batch size is missing: the gradients are sums.")
def _undivided(params: Any, velocities: Any, lr: float, batch_size: int, momentum: float) -> None:
    with torch.no_grad():
        for param, velocity in zip(params, velocities, strict=True):
            velocity *= momentum
            velocity += param.grad
            param -= lr * velocity
            param.grad.zero_()


@sgd_momentum.mistake(
    "The learning rate is inside the velocity here. In torch.optim.SGD it belongs to the step: "
    "the velocity holds gradients, and lr multiplies it when the parameter moves."
)
@_as_step
def _lr_in_velocity(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    v = m * v + lr * g
    return p - v, v


@sgd_momentum.mistake(
    "This velocity is an average, with the factor 1 - momentum. In torch.optim.SGD the gradient "
    "is added whole."
)
@_as_step
def _average(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    v = m * v + (1 - m) * g
    return p - lr * v, v


@sgd_momentum.mistake("The step uses the old velocity. Change the velocity first, then step.")
@_as_step
def _old_velocity(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    return p - lr * v, m * v + g


@sgd_momentum.mistake("This is plain SGD: the step uses the gradient. Let it use the velocity.")
@_as_step
def _plain(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    return p - lr * g, m * v + g


@sgd_momentum.mistake("The gradient has no effect. Is it zeroed before it is used?")
@_as_step
def _zeroed_too_early(p: Tensor, v: Tensor, g: Tensor, lr: float, m: float) -> Any:
    return p - lr * m * v, m * v


def _draw_well_conditioned(g: torch.Generator) -> Inputs:
    """Draw features whose columns differ clearly, so that rounding does not decide."""
    while True:
        X, y = tenths(g, 6, 2), tenths(g, 6, 1)
        if torch.linalg.cond(torch.cat([X, torch.ones(6, 1)], dim=1)) < 8:
            return X, y


@exercise(
    fixed=[
        (torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[3.0], [5.0], [10.0]])),
        (torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), torch.tensor([[3.0], [5.0], [1.0]])),
    ],
    draw=_draw_well_conditioned,
    hints=(
        "A bias is the weight of a feature that is always 1.",
        "Append a column of ones to X with torch.cat, shape (n, d + 1). torch.linalg.lstsq gives "
        "d + 1 numbers: the weights, then the bias. Take them apart.",
    ),
    verified="weights and bias, with their shapes, on random data with one and two features",
)
def closed_form(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the least-squares weights (d, 1) and bias (1,) for features (n, d), labels (n, 1)."""
    X1 = torch.cat([X, torch.ones(len(X), 1)], dim=1)  # (n, d + 1)
    solution = torch.linalg.lstsq(X1, y, driver="gelsd").solution  # (d + 1, 1)
    return solution[:-1], solution[-1]


def _slopes(X: Tensor, y: Tensor) -> Tensor:
    solution: Tensor = torch.linalg.lstsq(X, y, driver="gelsd").solution
    return solution


@closed_form.mistake(
    "The bias is forgotten: these weights are the best ones for a line through the origin. "
    "Append a column of ones to X."
)
def _no_bias(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return _slopes(X, y), torch.zeros(1)


@closed_form.mistake("Only the weights are returned, and the bias is forgotten. Return (w, b).")
def _weights_alone(X: Tensor, y: Tensor) -> Tensor:
    return _slopes(X, y)


@closed_form.mistake(
    "The weights were found without a bias, which came afterwards. Both must be found together: "
    "append a column of ones to X."
)
def _bias_afterwards(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    w = _slopes(X, y)
    return w, (y - X @ w).mean(0)


_NOT_RESTORED = (
    "The weights are right. This bias is that of centred features: subtract X.mean(0) @ w "
    "from the mean label."
)


@closed_form.mistake(_NOT_RESTORED)
def _centred_features(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return _slopes(X - X.mean(0), y), y.mean(0)


@closed_form.mistake(_NOT_RESTORED)
def _all_centred(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return _slopes(X - X.mean(0), y), torch.zeros(1)


@closed_form.mistake(
    "The solution is in one piece. Its last number is the bias: return (w, b), shapes (d, 1), (1,)."
)
def _in_one_piece(X: Tensor, y: Tensor) -> Tensor:
    return _slopes(torch.cat([X, torch.ones(len(X), 1)], dim=1), y)


@closed_form.mistake("Weights and bias are swapped: return (w, b).")
def _swapped(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    solution = _in_one_piece(X, y)
    return solution[-1], solution[:-1]


__all__ = ["closed_form", "gradient", "minibatch_count", "sgd_momentum"]
