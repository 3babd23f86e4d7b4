"""The data of the course, and the iterators that serve it in minibatches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from reprlib import repr as brief
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler, TensorDataset

from d2lhelpers import _checks
from d2lhelpers._checks import ArrayLike


def synthetic_data(
    w: ArrayLike,
    b: ArrayLike,
    num_examples: int,
    *,
    noise: float = 0.01,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw examples of `y = X @ w + b + noise`.

    The features and the noise are normal with mean 0; the features have standard deviation 1.

    Source: Dive into Deep Learning, section "Synthetic Regression Data".

    Args:
        w: true weights, shape (d,) or (d, 1); cast to float32.
        b: true bias, a number or a tensor of one element.
        num_examples: number of examples n.
        noise: standard deviation of the noise, in units of the labels.
        generator: source of randomness; PyTorch's global one by default.

    Returns:
        Features of shape (n, d) and labels of shape (n, 1), float32, without gradients.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if w has another shape or is empty, num_examples is below 1, noise is
            negative, or a value is not finite.

    Example:
        >>> features, labels = synthetic_data([2, -3.4], 4.2, 1000)
        >>> features.shape, labels.shape
        (torch.Size([1000, 2]), torch.Size([1000, 1]))
    """
    w, b = _finite_float32("w", w), _finite_float32("b", b)
    if w.numel() == 0 or w.shape not in {(w.numel(),), (w.numel(), 1)}:
        raise ValueError(f"w must have shape (d,) or (d, 1), d at least 1, got {tuple(w.shape)}.")
    if b.numel() != 1:
        raise ValueError(f"b must be a number or hold one element, got shape {tuple(b.shape)}.")
    num_examples = _checks.positive_int("num_examples", num_examples)
    noise = _checks.nonnegative_number("noise", noise)
    generator = _checks.generator(generator)

    w, b = w.reshape(-1, 1), b.reshape(())
    like_w: Any = {"generator": generator, "dtype": w.dtype, "device": w.device}
    X = torch.randn(num_examples, len(w), **like_w)
    y = X @ w + b
    y += noise * torch.randn(y.shape, **like_w)
    return X, y


def data_iter(
    batch_size: int,
    features: ArrayLike,
    labels: ArrayLike,
    *,
    generator: torch.Generator | None = None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Visit every example once, in random order, in minibatches.

    The last batch is smaller when batch_size does not divide the number of examples.
    The order is fixed by this call; rows are read when their batch is, so a change made to
    a tensor meanwhile is seen in the batches still to come.

    Args:
        batch_size: number of examples in a batch.
        features: shape (n, ...).
        labels: shape (n, ...).
        generator: source of the order; PyTorch's global one by default.

    Returns:
        An iterator over pairs (features, labels) of a batch.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if batch_size is below 1, there are no examples, or the lengths of features
            and labels differ. All are raised by this call, not at the first batch.

    Example:
        >>> X, y = torch.arange(6.0).reshape(3, 2), torch.arange(3.0)
        >>> [len(labels) for _, labels in data_iter(2, X, y)]
        [2, 1]
    """
    batch_size = _checks.positive_int("batch_size", batch_size)
    X, y = _examples(features=features, labels=labels)
    order = _random_order(len(X), _checks.generator(generator)).to(X.device)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        for rows in torch.split(order, batch_size):
            yield X.index_select(0, rows), y.index_select(0, rows)

    return batches()


def load_array(
    data_arrays: Sequence[ArrayLike],
    batch_size: int,
    is_train: bool = True,
    *,
    generator: torch.Generator | None = None,
) -> DataLoader[tuple[Tensor, ...]]:
    """Return a DataLoader that serves arrays held in memory in minibatches.

    It fetches a whole batch at a time, where `DataLoader(TensorDataset(...))` fetches each
    example by itself and puts the batch together again. For that, its sampler yields the rows
    of a batch, and the DataLoader's own `batch_size` is None. With a generator of equal seed,
    its first epoch holds the same batches as `data_iter`.

    Args:
        data_arrays: one or more arrays of equal length, such as (features, labels).
        batch_size: number of examples in a batch; the last batch may be smaller.
        is_train: whether to shuffle, anew in every epoch.
        generator: source of the order; PyTorch's global one by default.

    Returns:
        A DataLoader over batches, each a list with one tensor for each array.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if batch_size is below 1, there are no arrays or no examples, or the lengths
            of the arrays differ.

    Example:
        >>> loader = load_array((torch.arange(3.0), torch.arange(3)), 2, is_train=False)
        >>> next(iter(loader))
        [tensor([0., 1.]), tensor([0, 1])]
    """
    if not isinstance(data_arrays, tuple | list):
        kind = type(data_arrays).__name__
        raise TypeError(f"data_arrays must be a tuple such as (features, labels), got {kind}.")
    batch_size = _checks.positive_int("batch_size", batch_size)
    if not isinstance(is_train, bool):
        kind = type(is_train).__name__
        raise TypeError(f"is_train must be True or False, got {brief(is_train)} ({kind}).")
    arrays = {f"data_arrays[{i}]": array for i, array in enumerate(data_arrays)}
    dataset = TensorDataset(*_examples(**arrays))
    sampler = _BatchRows(len(dataset), batch_size, is_train, _checks.generator(generator))
    # The loader draws a seed for workers, which it does not have; the private generator keeps
    # that draw away from the user's random numbers.
    return DataLoader(dataset, batch_size=None, sampler=sampler, generator=torch.Generator())


class _BatchRows(Sampler[Tensor]):
    """The rows of each batch of an epoch, as one tensor a batch."""

    def __init__(
        self, num_examples: int, batch_size: int, shuffle: bool, generator: torch.Generator | None
    ) -> None:
        self.num_examples = num_examples
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.generator = generator

    def __len__(self) -> int:
        return -(-self.num_examples // self.batch_size)

    def __iter__(self) -> Iterator[Tensor]:
        if self.shuffle:
            order = _random_order(self.num_examples, self.generator)
        else:
            order = torch.arange(self.num_examples)
        return iter(torch.split(order, self.batch_size))


def _random_order(n: int, generator: torch.Generator | None) -> Tensor:
    device = "cpu" if generator is None else generator.device
    return torch.randperm(n, generator=generator, device=device).cpu()


def _examples(**arrays: ArrayLike) -> list[Tensor]:
    """Return the named arrays as tensors, or say why they are not the same examples."""
    tensors = {name: _checks.tensor(name, array) for name, array in arrays.items()}
    if not tensors:
        raise ValueError("data_arrays must hold at least one array, got none.")
    for name, value in tensors.items():
        if value.ndim == 0 or len(value) == 0:
            raise ValueError(
                f"{name} must hold at least one example, got shape {tuple(value.shape)}."
            )
    if len({len(value) for value in tensors.values()}) > 1:
        lengths = " and ".join(str(len(value)) for value in tensors.values())
        raise ValueError(f"{' and '.join(tensors)} must have the same length, got {lengths}.")
    return list(tensors.values())


def _finite_float32(name: str, value: ArrayLike) -> Tensor:
    result = _checks.tensor(name, value).detach().to(torch.float32)
    if not result.isfinite().all():
        raise ValueError(f"{name} must be finite in float32, got {brief(value)}.")
    return result
