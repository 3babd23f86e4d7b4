"""An epoch of minibatches, by our iterators and by those that learners meet elsewhere."""

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.measure import elapsed, interleaved
from d2lhelpers import load_array, synthetic_data

Batches = Iterable[tuple[Tensor, ...]]
MakeBatches = Callable[[int, Tensor, Tensor], Batches]


def textbook(batch_size: int, features: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield minibatches as Dive into Deep Learning does: by a shuffled Python list of indices."""
    num_examples = len(features)
    indices = list(range(num_examples))
    random.shuffle(indices)
    for i in range(0, num_examples, batch_size):
        batch_indices = torch.tensor(indices[i : min(i + batch_size, num_examples)])
        yield features[batch_indices], labels[batch_indices]


def slices(batch_size: int, features: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield minibatches by plain slices of one permutation tensor."""
    order = torch.randperm(len(features))
    for i in range(0, len(features), batch_size):
        rows = order[i : i + batch_size]
        yield features[rows], labels[rows]


def plain_loader(batch_size: int, features: Tensor, labels: Tensor) -> Batches:
    """Return the DataLoader that fetches each example by itself."""
    return DataLoader(TensorDataset(features, labels), batch_size, shuffle=True)


def our_loader(batch_size: int, features: Tensor, labels: Tensor) -> Batches:
    """Return `load_array` with the arguments in the order of the other iterators."""
    return load_array((features, labels), batch_size)


def epoch(
    ours: MakeBatches, reference: MakeBatches, num_examples: int, batch_size: int, rounds: int
) -> tuple[float, float]:
    """Return the seconds of an epoch of each side over the same examples of two features."""
    X, y = synthetic_data([2, -3.4], 4.2, num_examples)

    def seconds(side: MakeBatches) -> float:
        return elapsed(lambda: deque(side(batch_size, X, y), maxlen=0))

    return interleaved(lambda: seconds(ours), lambda: seconds(reference), rounds)
