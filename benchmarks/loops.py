"""What a training loop takes under the checkup."""

import contextlib
import io
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.measure import interleaved
from d2lhelpers import checkup, linreg, sgd, squared_loss, synthetic_data

Step = Callable[[Tensor, Tensor, list[Tensor]], None]


def hand(X: Tensor, y: Tensor, params: list[Tensor]) -> None:
    """Take a step by hand."""
    loss: Any = squared_loss(linreg(X, *params), y).sum()
    loss.backward()
    sgd(params, lr=0.03, batch_size=10)


def with_optimizer() -> Step:
    """Return a step of a layer, with an optimizer of PyTorch."""
    net = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.03)

    def step(X: Tensor, y: Tensor, params: list[Tensor]) -> None:
        loss: Any = nn.functional.mse_loss(net(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def steps(
    rounds: int, first: int = 0, last: int = 200, make: Callable[[], Step] = lambda: hand
) -> tuple[float, float]:
    """Return the processor's seconds for some steps of a loop, under the checkup and without.

    The report, which is made once and after the loop, is left out, and so are the steps before.
    """
    features, labels = synthetic_data([2.0, -3.4], 4.2, 1000)
    batches = [(features[i : i + 10], labels[i : i + 10]) for i in range(0, 1000, 10)]

    def train() -> float:
        params = [torch.zeros(2, 1, requires_grad=True), torch.zeros(1, requires_grad=True)]
        start, step = 0.0, make()
        for number in range(last):
            if number == first:
                start = time.process_time()
            step(*batches[number % 100], params)
        return time.process_time() - start

    def watched() -> float:
        with contextlib.redirect_stdout(io.StringIO()), checkup():
            return train()

    return interleaved(watched, train, rounds)
