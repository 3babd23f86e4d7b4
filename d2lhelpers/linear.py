"""Linear regression in three functions: the model, its loss and its optimizer."""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import repr as brief
from typing import Any

import torch
from torch import Tensor

from d2lhelpers import _checks
from d2lhelpers._checks import ArrayLike


def linreg(X: ArrayLike, w: ArrayLike, b: ArrayLike) -> Tensor:
    """Return the predictions of the linear model, `X @ w + b`.

    Source: Dive into Deep Learning, section "Linear Regression".

    Args:
        X: features, shape (n, d).
        w: weights, shape (d, 1) or (d,), of the same dtype as X; integers are converted.
        b: bias, a number or a tensor of one element.

    Returns:
        Predictions, shape (n, 1) or, for w of shape (d,), (n,).

    Raises:
        TypeError: if an argument does not hold real numbers, or the dtypes of X and w differ.
        ValueError: if the shapes do not fit.

    Example:
        >>> linreg(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([2.0, -1.0]), 0.5)
        tensor([0.5000, 2.5000])
    """
    X, w, bias = _checks.tensor("X", X), _checks.tensor("w", w), _checks.tensor("b", b)
    if X.ndim != 2 or w.shape not in {(X.shape[1],), (X.shape[1], 1)}:
        raise ValueError(
            "X must have shape (n, d) and w (d, 1) or (d,), "
            f"got {tuple(X.shape)} and {tuple(w.shape)}."
        )
    if bias.shape not in {(), (1,)}:
        raise ValueError(f"b must be a number or have shape (1,), got shape {tuple(bias.shape)}.")
    if X.is_floating_point() and w.is_floating_point() and X.dtype != w.dtype:
        raise TypeError(
            f"X and w must have the same dtype, got {X.dtype} and {w.dtype}; "
            "torch.as_tensor(X, dtype=w.dtype) converts X."
        )
    dtype = _float_dtype(X, w)
    y_hat: Tensor = X.to(dtype) @ w.to(dtype) + (b if isinstance(b, float) else bias.to(dtype))
    return y_hat


def squared_loss(y_hat: ArrayLike, y: ArrayLike) -> Tensor:
    """Return half the squared error of each prediction, `(y_hat - y)**2 / 2`.

    The half cancels the 2 of the derivative. Labels of shape (n,) are matched to predictions
    of shape (n, 1), and the reverse; PyTorch would silently broadcast the two to (n, n).

    Source: Dive into Deep Learning, section "Linear Regression".

    Args:
        y_hat: predictions, shape (n, 1) or (n,).
        y: labels, shape (n, 1) or (n,).

    Returns:
        One loss for each example, of the shape of y_hat.

    Raises:
        TypeError: if an argument does not hold real numbers.
        ValueError: if the shapes differ otherwise, or there are no examples.

    Example:
        >>> squared_loss(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 5.0]))
        tensor([[0.0000],
                [4.5000]])
    """
    y_hat, y = _checks.tensor("y_hat", y_hat), _checks.tensor("y", y)
    n = y_hat.numel()
    if y_hat.shape != y.shape and {y_hat.shape, y.shape} != {(n,), (n, 1)}:
        raise ValueError(
            "y_hat and y must have the same shape, or (n,) and (n, 1), "
            f"got {tuple(y_hat.shape)} and {tuple(y.shape)}."
        )
    if y_hat.numel() == 0:
        raise ValueError(f"y_hat must hold at least one prediction, got {tuple(y_hat.shape)}.")
    dtype = _float_dtype(y_hat, y)
    error: Tensor = y_hat.to(dtype) - y.reshape(y_hat.shape).to(dtype)
    return error**2 / 2


def sgd(params: Iterable[Tensor], lr: float, batch_size: int) -> None:
    """Take one step of minibatch stochastic gradient descent, in place, and zero the gradients.

    Each parameter moves by `-lr * param.grad / batch_size`: the gradients are those of a loss
    summed over the batch, so the division makes the step independent of the batch size.
    Either every parameter moves or, when one is refused, none.

    Source: Dive into Deep Learning, section "Linear Regression".

    Args:
        params: tensors that require gradients, after `backward()`.
        lr: learning rate, finite and not negative.
        batch_size: number of examples that the loss was summed over.

    Raises:
        RuntimeError: if a parameter has no gradient.
        TypeError: if params is a single tensor, or another argument is of the wrong type.
        ValueError: if params is empty, lr is negative or not finite, or batch_size is below 1.

    Example:
        >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> (w**2).sum().backward()
        >>> sgd([w], lr=0.1, batch_size=2)
        >>> w.detach(), w.grad
        (tensor([0.9000, 1.8000]), tensor([0., 0.]))
    """
    lr = _checks.nonnegative_number("lr", lr)
    batch_size = _checks.positive_int("batch_size", batch_size)
    with torch.no_grad():
        for param, grad in _with_gradients(params):
            param -= lr * grad / batch_size
            grad.zero_()


def _float_dtype(*tensors: Tensor) -> torch.dtype:
    """Return the dtype to compute in: not one of integers, where small ones wrap around."""
    dtype = torch.result_type(*tensors)
    return dtype if dtype.is_floating_point else torch.get_default_dtype()


def _with_gradients(params: Any) -> list[tuple[Tensor, Tensor]]:
    """Return each parameter beside its gradient, or say which one cannot be updated."""
    if isinstance(params, Tensor):
        raise TypeError("params must be a list of tensors, got a single Tensor; write [w].")
    try:
        params = list(params)
    except TypeError:
        kind = type(params).__name__
        raise TypeError(
            f"params must be a list of tensors, got {brief(params)} ({kind})."
        ) from None
    if not params:
        raise ValueError("params must hold at least one tensor, got none.")
    for i, param in enumerate(params):
        if not isinstance(param, Tensor):
            kind = type(param).__name__
            raise TypeError(f"params[{i}] must be a tensor, got {brief(param)} ({kind}).")
        if not param.requires_grad:
            raise RuntimeError(
                f"params[{i}] does not require a gradient: create it with requires_grad=True."
            )
        if not param.is_leaf:
            raise RuntimeError(
                f"params[{i}] is the result of an operation and keeps no gradient: "
                "update parameters in place, do not assign `w = w - ...`."
            )
        if param.grad is None:
            raise RuntimeError(f"params[{i}] has no gradient: call backward() first.")
    return [(param, param.grad) for param in params]
