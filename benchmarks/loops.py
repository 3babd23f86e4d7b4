"""What a training loop takes under the checkup."""

import contextlib
import io
import time
from typing import Any

import torch

from benchmarks.measure import interleaved
from d2lhelpers import checkup, linreg, sgd, squared_loss, synthetic_data


def first_steps(rounds: int, steps: int = 200) -> tuple[float, float]:
    """Return the processor's seconds for a loop by hand, under the checkup and without.

    The report, which is made once and after the loop, is left out.
    """
    features, labels = synthetic_data([2.0, -3.4], 4.2, 1000)
    batches = [(features[i : i + 10], labels[i : i + 10]) for i in range(0, 1000, 10)]

    def train() -> float:
        start = time.process_time()
        w, b = torch.zeros(2, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
        for step in range(steps):
            X, y = batches[step % 100]
            loss: Any = squared_loss(linreg(X, w, b), y).sum()
            loss.backward()
            sgd([w, b], lr=0.03, batch_size=10)
        return time.process_time() - start

    def watched() -> float:
        with contextlib.redirect_stdout(io.StringIO()), checkup():
            return train()

    return interleaved(watched, train, rounds)
