"""What a training step costs on one process and on two: measured in processes that import this."""

import math
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed import FileStore  # type: ignore[attr-defined]

from d2lhelpers.scale import processes

Steps = dict[tuple[int, int, int], float]
AllReduces = dict[int, float]


def step(X: Tensor, y: Tensor, w: Tensor, together: bool) -> None:
    """Take a step with this process's rows, alone or together with the other process."""
    loss = ((X @ w - y) ** 2).sum()
    (gradient,) = torch.autograd.grad(loss, w)
    if together:
        dist.all_reduce(gradient)  # the sum of both gradients, in both processes
    with torch.no_grad():
        w -= 1e-9 * gradient


def measure(
    shapes: Sequence[tuple[int, int]],
    lengths: Sequence[int],
    *,
    rounds: int = 8,
    holds: Callable[[Steps], bool] | None = None,
    tries: int = 10,
) -> tuple[Steps, AllReduces]:
    """Return the least time of a step on one process and on two, and of an all-reduce, in seconds.

    Two processes, of one thread each, take turns at: a batch alone, half of it each together, and
    all-reduces. While one takes its step alone, the other waits. They begin each lap together, and
    it lasts until both are done; of all laps the least counts.

    Args:
        shapes: (rows, features) of each batch, all processes together.
        lengths: how many float32 numbers to add up in an all-reduce by itself.
        rounds: how many rounds of turns to measure.
        holds: what will be said of the steps' times. All are measured again, in new processes,
            until it is true.
        tries: how many times to measure at most.

    Returns:
        The seconds of a step by (processes, rows, features), and of an all-reduce by length.

    Raises:
        AssertionError: if `holds` is not true in the end; the message shows the times.
    """
    least: dict[tuple[int, ...], float] = {}
    for _ in range(tries):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            calls = [(rank, folder, shapes, lengths, rounds) for rank in range(2)]
            found = processes.each(_least, *calls)[0]
        least = {name: min(lap, least.get(name, lap)) for name, lap in found.items()}
        steps = {(name[0], name[1], name[2]): least[name] for name in least if len(name) == 3}
        if holds is None or holds(steps):
            return steps, {name[0]: least[name] for name in least if len(name) == 1}
    times = ", ".join(f"{name} {1000 * lap:.2f} ms" for name, lap in least.items())
    raise AssertionError(
        f"What is claimed of these times did not become true in {tries} tries: {times}. "
        "If the machine is busy, run this again."
    )


def _least(
    rank: int,
    folder: str,
    shapes: Sequence[tuple[int, int]],
    lengths: Sequence[int],
    rounds: int,
) -> dict[tuple[int, ...], float]:
    """Measure, in one of the two processes; both return the same."""
    if processes.LOOPBACK:
        os.environ["GLOO_SOCKET_IFNAME"] = processes.LOOPBACK
    torch.set_num_threads(1)
    store = FileStore(str(Path(folder, "meeting")), 2)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=2)
    laps: dict[tuple[int, ...], list[float]] = defaultdict(list)
    tasks, before = _tasks(shapes, lengths, rank), _tasks([(256, 10)], [], 0)[1, 256, 10]
    for _ in range(rounds):
        for name, task in tasks.items():
            for _ in range(max(12, min(20, 5_000_000 // math.prod(name)))):  # quick ones more
                dist.barrier()
                before()  # in training, too, an all-reduce follows arithmetic: then it is slower
                start = time.perf_counter()
                task()
                laps[name].append(time.perf_counter() - start)
    least = {}
    for name, several in laps.items():
        slower = torch.tensor(several, dtype=torch.float64)
        dist.all_reduce(slower, op=dist.ReduceOp.MAX)
        least[name] = slower.min().item()
    dist.destroy_process_group()
    return least


def _tasks(
    shapes: Sequence[tuple[int, int]], lengths: Sequence[int], rank: int
) -> dict[tuple[int, ...], Callable[[], object]]:
    tasks: dict[tuple[int, ...], Callable[[], object]] = {}
    for rows, features in shapes:
        X, y = torch.randn(rows, features), torch.randn(rows, 1)
        w = torch.zeros(features, 1, requires_grad=True)
        half = rows // 2
        tasks[1, rows, features] = _wait if rank else partial(step, X, y, w, together=False)
        tasks[2, rows, features] = partial(step, X[:half], y[:half], w, together=True)
    for length in lengths:
        tasks[(length,)] = partial(dist.all_reduce, torch.zeros(length))
    return tasks


def _wait() -> None:
    """Leave the machine to the other process; the next lap begins when it is done."""
