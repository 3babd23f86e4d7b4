"""The exercises of notebook 05: solutions, the mistakes that learners make, and other styles."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers import crop_yields, data_iter
from d2lhelpers.exercises.base import Exercise, Mistake
from d2lhelpers.exercises.crop_yields import fit_linear, fold_back, standardize

Answer = Callable[..., Any]
EXERCISES = [standardize, fold_back, fit_linear]


def title(value: Any) -> str:
    if isinstance(value, Mistake):
        value = value.answer
    return str(getattr(value, "name", getattr(value, "__name__", "")))


@pytest.mark.parametrize("exercise", EXERCISES, ids=title)
def test_the_solution_passes_every_time(exercise: Exercise) -> None:
    for _ in range(20 if exercise is not fit_linear else 5):
        feedback = exercise.check(exercise._solution)
        assert feedback.status == "right", feedback


@pytest.mark.parametrize(
    ("exercise", "mistake"), [(e, mistake) for e in EXERCISES for mistake in e.mistakes], ids=title
)
def test_each_mistake_is_told_its_own_advice(exercise: Exercise, mistake: Mistake) -> None:
    feedback = exercise.check(mistake.answer)
    assert feedback.status == "wrong"
    assert feedback.text.endswith(f"\n{mistake.advice}")


# Right in other styles


def standardize_numpy(X: Any, mean: Any = None, std: Any = None) -> Any:
    X = X.numpy()
    mean = X.mean(axis=0) if mean is None else mean.numpy()
    std = X.std(axis=0, ddof=1) if std is None else std.numpy()
    return [(X - mean) / std, mean, std]


def standardize_float64(X: Any, mean: Any = None, std: Any = None) -> Any:
    X = X.double()
    if mean is None or std is None:
        mean = X.sum(0) / len(X)
        std = ((X - mean) ** 2).sum(0).div(len(X) - 1).sqrt()
    return (X - mean) / std, mean, std


def standardize_by_columns(X: Tensor, mean: Any = None, std: Any = None) -> Any:
    if mean is None:
        mean = [column.mean() for column in X.T]
        std = [column.std() for column in X.T]
    columns = [(x - m) / s for x, m, s in zip(X.T, mean, std, strict=True)]
    return torch.stack(columns, dim=1), mean, std


def fold_numpy(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Any:
    folded = w.numpy() / std.numpy().reshape(-1, 1)
    return folded, b.numpy() - (mean.numpy()[:, None] * folded).sum(axis=0)


def fold_transposed(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Any:
    weights = (w.T / std).T
    return [weights, b - weights.T @ mean]


def fold_by_predicting(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Any:
    def predict(x: Tensor) -> Tensor:
        return (x - mean) / std @ w + b

    bias = predict(torch.zeros(len(mean)))
    return torch.diag(1 / std) @ w, bias


def fold_in_loops(w: Tensor, b: Tensor, mean: Tensor, std: Tensor) -> Any:
    weights, biases = torch.zeros_like(w), b.clone()
    for j in range(w.shape[0]):
        for k in range(w.shape[1]):
            weights[j, k] = w[j, k] / std[j]
            biases[k] -= weights[j, k] * mean[j]
    return weights, biases


def batches_in_order(X: Tensor, y: Tensor, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


def shuffled(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    order = torch.rand(len(X)).argsort()
    return X[order], y[order]


def fit_with_slices(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> nn.Module:
    model = nn.Sequential(nn.Linear(X.shape[1], y.shape[1]))
    loss_fn, opt = nn.MSELoss(), torch.optim.SGD(model.parameters(), lr)
    for _ in range(epochs):
        for xb, yb in batches_in_order(*shuffled(X, y), batch_size):
            opt.zero_grad()
            loss_fn(model(xb), yb).backward()
            opt.step()
    return model


def fit_seeded(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    torch.manual_seed(3)
    model = nn.Linear(X.size(1), y.size(1))
    model.weight.data.normal_(0, 1)
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    shuffled = torch.Generator().manual_seed(2)
    loader = DataLoader(TensorDataset(X, y), batch_size, shuffle=True, generator=shuffled)
    losses = []
    for epoch in range(epochs):
        for xb, yb in loader:
            loss = F.mse_loss(model(xb), yb)
            model.zero_grad()
            torch.autograd.backward(loss)
            opt.step()
            losses.append(loss.item())
        if epoch % 10 == 0:
            print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}")
    return model.eval()


def fit_by_hand(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    w = torch.zeros(X.shape[1], y.shape[1], requires_grad=True)
    b = torch.zeros(y.shape[1], requires_grad=True)
    for _ in range(epochs):
        for xb, yb in data_iter(batch_size, X, y):
            gradients = torch.autograd.grad(((xb @ w + b - yb) ** 2).mean(), [w, b])
            with torch.no_grad():
                for parameter, gradient in zip((w, b), gradients, strict=True):
                    parameter -= lr * gradient
    return lambda x: x @ w + b


def fit_from_small_weights(X: Tensor, y: Tensor, epochs: int, lr: float, n: int) -> Any:
    w = (0.01 * torch.randn(X.shape[1], y.shape[1])).requires_grad_()
    b = torch.normal(0, 0.01, (y.shape[1],), requires_grad=True)
    for _ in range(epochs):
        for xb, yb in batches_in_order(*shuffled(X, y), n):
            gradients = torch.autograd.grad(F.mse_loss(xb @ w + b, yb), [w, b])
            with torch.no_grad():
                w -= lr * gradients[0]
                b -= lr * gradients[1]
    return lambda x: x @ w + b


class FitLinear:
    def __call__(self, *inputs: Any) -> Any:
        return fit_with_slices(*inputs)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (standardize, standardize_numpy),
        (standardize, standardize_float64),
        (standardize, standardize_by_columns),
        (fold_back, fold_numpy),
        (fold_back, fold_transposed),
        (fold_back, fold_by_predicting),
        (fold_back, fold_in_loops),
        (fold_back, lambda w, b, m, s: (w / s[:, None], b - (m / s) @ w)),
        (fold_back, lambda w, b, m, s: fold_in_loops(*(t.double() for t in (w, b, m, s)))),
        (fit_linear, fit_with_slices),
        (fit_linear, fit_seeded),
        (fit_linear, fit_by_hand),
        (fit_linear, fit_from_small_weights),
        (fit_linear, FitLinear()),
    ],
    ids=title,
)
def test_other_styles_are_right(exercise: Exercise, answer: Answer) -> None:
    for _ in range(3):
        feedback = exercise.check(answer)
        assert feedback.status == "right", feedback


# Wrong in further ways


def standardize_in_place(X: Tensor, mean: Any = None, std: Any = None) -> Any:
    mean = X.mean(dim=0) if mean is None else mean
    std = X.std(dim=0) if std is None else std
    X -= mean
    X /= std
    return X, mean, std


def standardize_if_not(X: Tensor, mean: Any = None, std: Any = None) -> Any:
    if not mean:
        mean, std = X.mean(dim=0), X.std(dim=0)
    return (X - mean) / std, mean, std


def standardize_first_then(X: Tensor, mean: Any = None, std: Any = None) -> Any:
    if mean is None or not mean.any():
        mean, std = X.mean(dim=0), X.std(dim=0)
    return (X - mean) / std, mean, std


def standardize_keeping_dim(X: Tensor, mean: Any = None, std: Any = None) -> Any:
    Z, mean, std = standardize._solution(X, mean, std)
    return Z, mean[None, :], std


def standardize_without_parentheses(X: Tensor, mean: Any = None, std: Any = None) -> Any:
    _, mean, std = standardize._solution(X, mean, std)
    return X - mean / std, mean, std


def fit_wide(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    return fit_linear._solution(
        X, y.expand(-1, 2) if y.shape[1] == 1 else y, epochs, lr, batch_size
    )


def fit_three_inputs(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    model = nn.Linear(3, y.shape[1])
    F.mse_loss(model(X), y)
    return fit_linear._solution(X, y, epochs, lr, batch_size)


def fit_without_return(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> None:
    fit_linear._solution(X, y, epochs, lr, batch_size)


def fit_and_take_weights(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    model = fit_linear._solution(X, y, epochs, lr, batch_size)
    return model.weight, model.bias


def fit_uphill(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    model = nn.Linear(X.shape[1], y.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=lr, maximize=True)
    for _ in range(1000):
        torch.autograd.backward(F.mse_loss(model(X), y))
        opt.step()
        opt.zero_grad()
    return model


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        (standardize, lambda X, mean=None, std=None: (X - X.mean(0)) / X.std(0), "3 results"),
        (standardize, standardize_in_place, "but X was changed in place"),
        (standardize, standardize_if_not, "more than one value is ambiguous"),
        (standardize, standardize_if_not, "in the line   if not mean:"),
        (standardize, standardize_first_then, "standardize(torch.tensor([[1.], [5.]]), "),
        (
            standardize,
            lambda X: standardize._solution(X),
            "The arguments should be (X, mean, std).",
        ),
        (standardize, standardize_without_parentheses, "parentheses"),
        (standardize, standardize_keeping_dim, "Result 2 of 3: The values are right, the shape"),
        (standardize, lambda X, mean=None, std=None: (X, X.mean(0), X.std(0)), "gave"),
        (fold_back, lambda w, b, mean, std: w / std[:, None], "should return 2 results"),
        (
            fold_back,
            lambda w, b, mean, std: (w / std[:, None], (b - mean / std @ w)[None, :]),
            "Result 2 of 2: The values are right, the shape is not. It is (1, 2)",
        ),
        (fold_back, lambda w, b, mean, std: (w / std[:, None], b - mean), "gave"),
        (fold_back, lambda w, b, mean, std: (w.T / std, b - w.T / std @ mean), "gave"),
        (fold_back, lambda w, b, mean, std: (w, b), "expected"),
        (fit_linear, fit_wide, "gave      a model with weight torch.tensor([[2., -3., 1.5], [2."),
        (fit_linear, fit_three_inputs, "in the line   F.mse_loss(model(X), y)"),
        (fit_linear, fit_without_return, "The function returned None. Is a return missing"),
        (fit_linear, fit_and_take_weights, "expected  a model with weight torch.tensor([[2., -3."),
        (fit_linear, fit_uphill, "gave      a model with weight torch.tensor([["),
        (
            fit_linear,
            lambda X, y, epochs, lr, n: fit_linear._solution(X, y, epochs, 1e-5, n),
            "and bias torch.tensor([0.])",
        ),
        (
            fit_linear,
            lambda X, y, epochs, lr, n: fit_linear._solution(X, y, epochs, lr, 5),
            "num_epochs=5, lr=0.3, batch_size=1)",
        ),
        (
            fit_linear,
            lambda X, y, epochs, lr, n: fit_linear._solution(X, y, epochs // 5, lr, n),
            "expected  a model",
        ),
    ],
)
def test_further_wrong_answers(exercise: Exercise, answer: Answer, words: str) -> None:
    feedback = exercise.check(answer)
    assert feedback.status == "wrong"
    assert words in feedback.text
    assert feedback.text.count("\n") >= 2


def fit_in_order(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    model = nn.Linear(X.shape[1], y.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for xb, yb in batches_in_order(X, y, batch_size):
            opt.zero_grad()
            ((model(xb) - yb) ** 2).sum().div(yb.numel()).backward()
            opt.step()
    return model


def fit_half_loss(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    return fit_with_slices(X, y, epochs, lr / 2, batch_size)


def fit_exactly(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    ones = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    solved = torch.linalg.pinv(ones) @ y
    return lambda x: x @ solved[:-1] + solved[-1]


def fit_anew(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    for _ in range(epochs):
        model = fit_with_slices(X, y, 1, lr, batch_size)
    return model


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (fit_in_order, "shuffle"),
        (fit_half_loss, "half"),
        (fit_exactly, "num_epochs"),
        (lambda X, y, epochs, lr, n: fit_with_slices(X, y, 100, lr, n), "num_epochs"),
        (lambda X, y, epochs, lr, n: fit_with_slices(X, y, epochs, lr, 1), "batch_size"),
        (lambda X, y, epochs, lr, n: fit_with_slices(X, y, epochs, lr, 4), "batch_size"),
        (lambda X, y, epochs, lr, n: fit_with_slices(X, y, epochs, lr, len(X)), "batch_size"),
        (lambda X, y, epochs, lr, n: fit_with_slices(X, y, max(2, epochs), lr, n), "num_epochs=1,"),
        (fit_anew, "anew in every epoch"),
    ],
)
def test_training_that_ignores_a_setting_is_found(answer: Answer, words: str) -> None:
    for _ in range(3):
        feedback = fit_linear.check(answer)
        assert feedback.status == "wrong"
        assert words in feedback.text.split("fit_linear(", 1)[1]


# The checks themselves


def drop_last_unshuffled(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    torch.manual_seed(9)
    model = nn.Linear(X.shape[1], y.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for i in range(len(X) // batch_size):
            rows = slice(i * batch_size, (i + 1) * batch_size)
            opt.zero_grad()
            torch.autograd.backward(F.mse_loss(model(X[rows]), y[rows]))
            opt.step()
    return model


def drop_last_loader(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    model = nn.Linear(X.shape[1], y.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    loader = DataLoader(TensorDataset(X, y), batch_size, shuffle=True, drop_last=True)
    for _ in range(epochs):
        for xb, yb in loader:
            opt.zero_grad()
            torch.autograd.backward(F.mse_loss(model(xb), yb))
            opt.step()
    return model


def zeroed_once(X: Tensor, y: Tensor, epochs: int, lr: float, batch_size: int) -> Any:
    torch.manual_seed(9)
    model = nn.Linear(X.shape[1], y.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    opt.zero_grad()
    for _ in range(epochs):
        for xb, yb in batches_in_order(X, y, batch_size):
            torch.autograd.backward(F.mse_loss(model(xb), yb))
            opt.step()
    return model


def stepped_after_the_batches(X: Tensor, y: Tensor, epochs: int, lr: float, n: int) -> Any:
    torch.manual_seed(9)
    model = nn.Linear(X.shape[1], y.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        opt.zero_grad()
        for xb, yb in batches_in_order(X, y, n):
            torch.autograd.backward(F.mse_loss(model(xb), yb))
        opt.step()
    return model


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (drop_last_unshuffled, "When the last batch is not full, it is dropped"),
        (drop_last_loader, "When the last batch is not full, it is dropped"),
        (zeroed_once, "The gradients are never set back to zero"),
        (stepped_after_the_batches, "This takes one step an epoch."),
    ],
)
def test_a_mistake_in_training_is_named_whatever_the_seed_and_order(
    answer: Answer, words: str
) -> None:
    feedback = fit_linear.check(answer)
    assert feedback.status == "wrong"
    assert words in feedback.text


def test_layers_made_outside_a_check_start_at_random() -> None:
    fit_linear.check(fit_linear._solution)
    with torch.random.fork_rng():
        assert nn.Linear(3, 2).weight.abs().min() > 0


def test_the_three_together_predict_the_yields() -> None:
    table = crop_yields()
    inputs, targets = (
        torch.from_numpy(table[columns].to_numpy(dtype="float32"))
        for columns in (list(table.columns[1:4]), list(table.columns[4:]))
    )
    Z, mean, std = standardize._solution(inputs)
    model = fit_linear._solution(Z, targets, 200, 0.1, 5)
    weights, biases = fold_back._solution(model.weight.T, model.bias, mean, std)

    new_region = torch.tensor([[75.0, 63.0, 44.0]])
    expected = model(standardize._solution(new_region, mean, std)[0])
    torch.testing.assert_close(new_region @ weights + biases, expected, rtol=1e-4, atol=1e-3)
    ones = np.ones((len(inputs), 1))
    optimum = np.linalg.lstsq(np.hstack([inputs, ones]), targets.numpy(), rcond=None)[1].sum() / 30
    assert F.mse_loss(inputs @ weights + biases, targets).item() < 1.2 * optimum
