"""The model, its loss and its optimizer, each against an independent reference."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from d2lhelpers import linreg, sgd, squared_loss

sizes = st.integers(1, 8)
seeds = st.integers(0, 2**32)


def randn(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def trained(*values: float) -> Tensor:
    """Return a parameter that has a gradient, which is 1 in every element."""
    param = torch.tensor(values, requires_grad=True)
    param.grad = torch.ones_like(param)
    return param


# linreg


@given(sizes, sizes, seeds, st.booleans())
def test_linreg_is_the_sum_of_weighted_features_and_bias(
    n: int, d: int, seed: int, column: bool
) -> None:
    X, w, b = randn(n, d, seed=seed), randn(d, seed=seed + 1), 0.1
    expected = [sum(x * v for x, v in zip(row, w.tolist(), strict=True)) + b for row in X.tolist()]

    y_hat = linreg(X, w.reshape(d, 1) if column else w, b)

    assert y_hat.shape == ((n, 1) if column else (n,))
    np.testing.assert_allclose(y_hat.flatten().tolist(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("b", [3, 3.0, np.float64(3), torch.tensor(3), [3.0], np.array([3.0])])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_bias_may_be_any_one_number_and_keeps_the_dtype(b: Any, dtype: torch.dtype) -> None:
    y_hat = linreg(torch.ones(2, 2, dtype=dtype), torch.ones(2, 1, dtype=dtype), b)
    torch.testing.assert_close(y_hat, torch.full((2, 1), 5, dtype=dtype))


def test_linreg_passes_gradients_to_its_parameters() -> None:
    X = randn(5, 2)
    w, b = torch.zeros(2, 1, dtype=X.dtype, requires_grad=True), torch.zeros(1, requires_grad=True)
    w_grad, b_grad = torch.autograd.grad(linreg(X, w, b).sum(), [w, b])
    np.testing.assert_allclose(w_grad.flatten(), X.numpy().sum(axis=0))
    assert b_grad.tolist() == [5]


def test_weights_in_a_list_keep_their_gradients() -> None:
    w1, w2 = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    gradients = torch.autograd.grad(linreg([[3.0, 4.0]], [w1, w2], 0).sum(), [w1, w2])
    assert [gradient.item() for gradient in gradients] == [3, 4]


@pytest.mark.parametrize(
    ("X", "w", "b", "expected"),
    [
        pytest.param([[1, 2]], [3, 4], 5, 16.0, id="integers"),
        pytest.param([[1, 2]], [0.5, 0.5], 0, 1.5, id="integer features"),
        pytest.param([[0.5, 0.5]], [1, 2], 0, 1.5, id="integer weights"),
        pytest.param([[1, 1]], [1, 1], 0.5, 2.5, id="only the bias is a fraction"),
        pytest.param([[True, False]], [True, True], True, 2.0, id="truth values"),
        pytest.param(np.array([[200]], "uint8"), np.array([2], "uint8"), 0, 400.0, id="bytes"),
    ],
)
def test_integers_are_computed_with_as_fractions(X: Any, w: Any, b: Any, expected: float) -> None:
    assert linreg(X, w, b).tolist() == [expected]
    assert linreg(X, w, b).dtype == torch.float32


def test_a_table_is_read_by_position_whatever_its_labels() -> None:
    table = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=[1, 0], columns=["a", "b"])
    w = pd.Series([1.0, 10.0], index=[1, 0])
    assert linreg(table, w, 0).tolist() == [21, 43]


X, w, b = torch.ones(6, 2), torch.ones(2, 1), torch.zeros(1)
WANTED_SHAPES = r"X must have shape \(n, d\) and w \(d, 1\) or \(d,\), got "


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        pytest.param((X.T, w, b), ValueError, WANTED_SHAPES + r"\(2, 6\) and \(2, 1\)", id="X.T"),
        pytest.param((X, w.T, b), ValueError, WANTED_SHAPES + r"\(6, 2\) and \(1, 2\)", id="w.T"),
        pytest.param((w, X, b), ValueError, WANTED_SHAPES + r"\(2, 1\) and \(6, 2\)", id="swapped"),
        pytest.param((X[0], w, b), ValueError, WANTED_SHAPES + r"\(2,\) and", id="one example"),
        pytest.param((X, torch.ones(3), b), ValueError, r"\(6, 2\) and \(3,\)", id="other d"),
        pytest.param((X, torch.ones(2, 3), b), ValueError, r"and \(2, 3\)", id="several outputs"),
        pytest.param((X[:, :1], 2.0, b), ValueError, r"\(6, 1\) and \(\)", id="scalar w"),
        pytest.param(
            (X, w, torch.ones(6)),
            ValueError,
            r"b must be a number or have shape \(1,\), got shape \(6,\)",
            id="a bias for each example",
        ),
        pytest.param((X, w, torch.ones(1, 1)), ValueError, r"got shape \(1, 1\)", id="b (1, 1)"),
        pytest.param((X, w, None), TypeError, "b must be a tensor.*got NoneType", id="no bias"),
        pytest.param((X, w, "0"), TypeError, "b must be a tensor.*got str", id="string bias"),
        pytest.param(("X", w, b), TypeError, "X must be a tensor.*got str", id="string X"),
        pytest.param((X, {1.0, 2.0}, b), TypeError, "w must be a tensor.*got set", id="a set"),
        pytest.param(
            ([[1, 2], [3]], w, b), ValueError, "X must be a tensor.*got list", id="ragged"
        ),
        pytest.param(((X, w), w, b), TypeError, "X must be.*got tuple.*equal size", id="a pair"),
        pytest.param((X * 1j, w, b), TypeError, "X must hold real numbers", id="complex"),
        pytest.param(
            (X.double(), w, b),
            TypeError,
            "X and w must have the same dtype, got torch.float64 and torch.float32.*converts X",
            id="float64 data",
        ),
    ],
)
def test_linreg_refuses(args: tuple[Any, Any, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        linreg(*args)


def test_the_remedy_for_another_dtype_works() -> None:
    table = np.ones((6, 2))
    assert linreg(torch.as_tensor(table, dtype=w.dtype), w, b).dtype == w.dtype


# squared_loss


@given(sizes, sizes, seeds)
def test_squared_loss_is_half_of_what_mse_loss_averages(n: int, q: int, seed: int) -> None:
    y_hat, y = randn(n, q, seed=seed), randn(n, q, seed=seed + 1)
    expected = torch.nn.functional.mse_loss(y_hat, y, reduction="none") / 2
    torch.testing.assert_close(squared_loss(y_hat, y), expected)


@given(sizes, seeds)
def test_the_gradient_of_squared_loss_is_the_error(n: int, seed: int) -> None:
    y_hat, y = randn(n, 1, seed=seed).requires_grad_(), randn(n, 1, seed=seed + 1)
    (gradient,) = torch.autograd.grad(squared_loss(y_hat, y).sum(), y_hat)
    torch.testing.assert_close(gradient, (y_hat - y).detach())


@given(sizes, seeds, st.booleans(), st.booleans())
def test_columns_and_vectors_are_matched_example_by_example(
    n: int, seed: int, column_hat: bool, column: bool
) -> None:
    y_hat, y = randn(n, seed=seed), randn(n, seed=seed + 1)
    expected = [(a - b) ** 2 / 2 for a, b in zip(y_hat.tolist(), y.tolist(), strict=True)]
    shape_hat = (n, 1) if column_hat else (n,)

    loss = squared_loss(y_hat.reshape(shape_hat), y.reshape((n, 1) if column else (n,)))

    assert loss.shape == shape_hat
    np.testing.assert_allclose(loss.flatten().tolist(), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int64, torch.float32])
def test_no_integer_wraps_around(dtype: torch.dtype) -> None:
    low, high = torch.tensor([0], dtype=dtype), torch.tensor([100], dtype=dtype)
    assert squared_loss(low, high).tolist() == squared_loss(high, low).tolist() == [5000]


def test_truth_values_are_zeros_and_ones() -> None:
    assert squared_loss([0.5, 1.0], torch.tensor([True, False])).tolist() == [0.125, 0.5]


def test_labels_are_matched_by_position_whatever_their_index() -> None:
    assert squared_loss([10.0, 20.0], pd.Series([10.0, 20.0], index=[1, 0])).tolist() == [0, 0]


WANTED_MATCH = r"y_hat and y must have the same shape, or \(n,\) and \(n, 1\), got "


@pytest.mark.parametrize(
    ("y_hat", "y", "error", "message"),
    [
        pytest.param(
            torch.ones(6, 1),
            torch.ones(1, 6),
            ValueError,
            WANTED_MATCH + r"\(6, 1\) and \(1, 6\)",
            id="transposed",
        ),
        pytest.param(
            torch.ones(6), torch.ones(5), ValueError, r"\(6,\) and \(5,\)", id="other length"
        ),
        pytest.param(
            torch.ones(6, 1), torch.ones(1), ValueError, r"\(6, 1\) and \(1,\)", id="one label"
        ),
        pytest.param(torch.ones(6, 1), 0.0, ValueError, r"\(6, 1\) and \(\)", id="a number"),
        pytest.param(
            torch.ones(2, 2), torch.ones(4), ValueError, r"\(2, 2\) and \(4,\)", id="as many"
        ),
        pytest.param(
            torch.ones(2, 2), torch.ones(2), ValueError, r"\(2, 2\) and \(2,\)", id="two outputs"
        ),
        pytest.param(1.0, [1.0], ValueError, r"got \(\) and \(1,\)", id="number against list"),
        pytest.param([1.0], 1.0, ValueError, r"got \(1,\) and \(\)", id="list against number"),
        pytest.param([], [], ValueError, r"y_hat must hold at least one prediction", id="empty"),
        pytest.param(
            torch.ones(0, 1), torch.ones(0), ValueError, r"at least one.*\(0, 1\)", id="no rows"
        ),
        pytest.param("1", [1.0], TypeError, "y_hat must be a tensor.*got str", id="string"),
        pytest.param([1.0], None, TypeError, "y must be a tensor.*got NoneType", id="None"),
        pytest.param(linreg, [1.0], TypeError, "y_hat must be.*got function", id="a function"),
        pytest.param([1.0], [1j], TypeError, "y must hold real numbers", id="complex"),
    ],
)
def test_squared_loss_refuses(y_hat: Any, y: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        squared_loss(y_hat, y)


# sgd


@given(seeds, st.floats(0, 0.1), sizes)
def test_sgd_takes_the_steps_of_torch_optim(seed: int, lr: float, n: int) -> None:
    X, y = randn(n, 3, seed=seed), randn(n, 1, seed=seed + 1)
    ours = [randn(3, 1, seed=seed + 2).requires_grad_(), randn(1, seed=seed + 3).requires_grad_()]
    theirs = copy.deepcopy(ours)
    optimizer = torch.optim.SGD(theirs, lr=lr)
    for _ in range(3):
        torch.autograd.backward(((X @ ours[0] + ours[1] - y) ** 2).sum())
        sgd(ours, lr, n)
        optimizer.zero_grad()
        torch.autograd.backward(((X @ theirs[0] + theirs[1] - y) ** 2).mean())
        optimizer.step()
    for our, their in zip(ours, theirs, strict=True):
        torch.testing.assert_close(our, their)


def test_sgd_moves_against_the_gradient_and_zeroes_it() -> None:
    w = trained(1.0, 2.0)
    assert w.grad is not None
    sgd([w], lr=0.5, batch_size=2)
    assert w.tolist() == [0.75, 1.75]
    assert w.grad.tolist() == [0, 0]


def test_sgd_works_in_place_outside_the_graph() -> None:
    w = trained(1.0)
    address = w.data_ptr()
    sgd([w], lr=0.5, batch_size=1)
    assert w.data_ptr() == address
    assert w.is_leaf
    assert w.requires_grad


def test_sgd_takes_the_parameters_of_a_module() -> None:
    net = torch.nn.Linear(2, 1)
    before = net.bias.item()
    torch.autograd.backward(net(torch.ones(1, 2)).sum())
    sgd(net.parameters(), lr=1, batch_size=1)
    assert net.bias.item() == pytest.approx(before - 1)


def test_the_numbers_of_sgd_may_be_tensors() -> None:
    w = trained(1.0)
    sgd([w], torch.tensor(0.5, requires_grad=True), torch.tensor(2))  # type: ignore[arg-type]
    assert w.tolist() == [0.75]


def test_lr_0_moves_nothing() -> None:
    w = trained(1.0, 2.0)
    sgd([w], lr=0, batch_size=1)
    assert w.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        pytest.param(
            lambda: [torch.ones(2, requires_grad=True)],
            RuntimeError,
            r"params\[1\] has no gradient: call backward\(\) first",
            id="before backward",
        ),
        pytest.param(
            lambda: [torch.ones(2)],
            RuntimeError,
            r"params\[1\] does not require a gradient: create it with requires_grad=True",
            id="no requires_grad",
        ),
        pytest.param(
            lambda: [trained(1.0) - 0.1],
            RuntimeError,
            r"params\[1\] is the result of an operation.*do not assign `w = w - \.\.\.`",
            id="no leaf",
        ),
        pytest.param(lambda: [1.0], TypeError, r"params\[1\] must be a tensor, got 1\.0 \(float\)"),
        pytest.param(lambda: [None], TypeError, r"params\[1\] must be a tensor, got None"),
        pytest.param(lambda: [np.ones(2)], TypeError, r"params\[1\].*\(ndarray\)", id="NumPy"),
        pytest.param(lambda: [[trained(1.0)]], TypeError, r"params\[1\].*\(list\)", id="nested"),
    ],
)
def test_sgd_changes_no_parameter_when_one_is_refused(
    params: Callable[[], list[Any]], error: type[Exception], message: str
) -> None:
    good = trained(1.0, 2.0)
    assert good.grad is not None
    with pytest.raises(error, match=message):
        sgd([good, *params()], lr=0.1, batch_size=1)
    assert good.tolist() == [1, 2]
    assert good.grad.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        (trained(1.0), TypeError, r"params must be a list of tensors, got a single Tensor"),
        (None, TypeError, r"params must be a list of tensors, got None \(NoneType\)"),
        (torch.nn.Linear(1, 1), TypeError, r"params must be a list of tensors, got Linear"),
        ({"w": trained(1.0)}, TypeError, r"params\[0\] must be a tensor, got 'w' \(str\)"),
        ("w", TypeError, r"params\[0\] must be a tensor, got 'w' \(str\)"),
        ([], ValueError, r"params must hold at least one tensor, got none"),
        (iter([]), ValueError, r"params must hold at least one tensor, got none"),
    ],
)
def test_sgd_refuses_what_is_no_list_of_parameters(
    params: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        sgd(params, lr=0.1, batch_size=1)


LR = "lr must be a finite number, 0 or larger, got "
SIZE = "batch_size must be a positive integer, got "


@pytest.mark.parametrize(
    ("lr", "batch_size", "error", "message"),
    [
        (-0.1, 1, ValueError, LR + r"-0\.1\.$"),
        (math.nan, 1, ValueError, LR + r"nan\.$"),
        (math.inf, 1, ValueError, LR + r"inf\.$"),
        (10**400, 1, ValueError, LR + "10000"),
        (True, 1, TypeError, LR + r"True \(bool\)"),
        (np.True_, 1, TypeError, LR + r"(np\.True_|True) \(bool_?\)"),
        (torch.tensor(True), 1, TypeError, LR + r"tensor\(True\) \(Tensor\)"),
        ("0.1", 1, TypeError, LR + r"'0\.1' \(str\)"),
        (None, 1, TypeError, LR + r"None \(NoneType\)"),
        ([0.1], 1, TypeError, LR + r"\[0\.1\] \(list\)"),
        (torch.ones(2), 1, TypeError, LR + r"tensor\(\[1\., 1\.\]\) \(Tensor\)"),
        (0.1, 0, ValueError, SIZE + r"0\.$"),
        (0.1, -1, ValueError, SIZE + r"-1\.$"),
        (10, 0.03, TypeError, SIZE + r"0\.03 \(float\)"),
        (0.1, True, TypeError, SIZE + r"True\.$"),
        (0.1, "10", TypeError, SIZE + r"'10' \(str\)"),
        (0.1, None, TypeError, SIZE + r"None \(NoneType\)"),
        (0.1, X, TypeError, SIZE + r"tensor.{,40} \(Tensor\)"),
        (0.1, X.shape, TypeError, SIZE + r".* \(Size\)"),
        (0.1, 10**30, ValueError, r"batch_size must be at most \d+, got 1000"),
    ],
)
def test_sgd_refuses_numbers(
    lr: Any, batch_size: Any, error: type[Exception], message: str
) -> None:
    w = trained(1.0, 2.0)
    with pytest.raises(error, match=message):
        sgd([w], lr, batch_size)
    assert w.tolist() == [1, 2]
