"""What a training step costs on several processes: measured, in processes that import this."""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.distributed as dist
from torch.distributed import FileStore  # type: ignore[attr-defined]

from d2lhelpers.processes import LOOPBACK

Seconds = dict[tuple[int, ...], float]


def measure(
    rank: int,
    size: int,
    folder: str,
    shapes: Sequence[tuple[int, int]],
    lengths: Sequence[int],
    rounds: int,
) -> tuple[Seconds, Seconds]:
    """Time training steps and all-reduces on 1, 2, 4, ... processes, up to `size`.

    To be called in `size` processes at the same time. A step is that of data parallel training:
    each process takes its part of the rows, differentiates the squared loss, adds up the gradients
    with the others (an all-reduce) and updates its weights. Each process has a single thread.

    Args:
        rank: number of this process, from 0.
        size: number of processes.
        folder: an empty folder, where they find each other.
        shapes: (rows, features) of each batch, all processes together.
        lengths: how many float32 numbers to add up in an all-reduce by itself.
        rounds: how many times to go through all of them. The least seconds count, as other
            programs only ever add to a time, and taking turns gives each the same chances.

    Returns:
        The seconds of a step by (processes, rows, features), and those of an all-reduce by
        (processes, numbers).
    """
    if LOOPBACK:
        os.environ["GLOO_SOCKET_IFNAME"] = LOOPBACK
    torch.set_num_threads(1)
    store = FileStore(str(Path(folder, "meeting")), size)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=size)
    counts = [2**i for i in range(size.bit_length()) if 2**i <= size]
    groups = {count: dist.new_group(list(range(count))) for count in counts}
    tasks: dict[int, dict[tuple[int, ...], Callable[[], object]]] = {}
    for count, group in groups.items():
        if rank < count:
            tasks[count] = {(n, d): _step(n // count, d, group) for n, d in shapes}
            tasks[count] |= {(length,): _all_reduce(length, group) for length in lengths}
    seconds: dict[tuple[int, ...], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for count in counts:
            dist.barrier()  # those that have no part in it wait, and use no processor
            for name, task in tasks.get(count, {}).items():
                for _ in range(5):
                    _pause()
                    start = time.perf_counter()
                    task()
                    seconds[count, *name].append(time.perf_counter() - start)
    least = {name: min(several) for name, several in seconds.items()}
    dist.barrier()
    dist.destroy_process_group()
    return (
        {name: value for name, value in least.items() if len(name) == 3},
        {name: value for name, value in least.items() if len(name) == 2},
    )


def _step(rows: int, features: int, group: dist.ProcessGroup) -> Callable[[], None]:
    X, y = torch.randn(rows, features), torch.randn(rows, 1)
    w = torch.zeros(features, 1, requires_grad=True)

    def step() -> None:
        torch.autograd.backward([((X @ w - y) ** 2).sum()])
        assert w.grad is not None
        if dist.get_world_size(group) > 1:
            dist.all_reduce(w.grad, group=group)
        with torch.no_grad():
            w.sub_(w.grad, alpha=1e-9)
        w.grad = None

    return step


def _all_reduce(length: int, group: dist.ProcessGroup) -> Callable[[], object]:
    numbers = torch.zeros(length)
    return lambda: dist.all_reduce(numbers, group=group)


def _pause() -> None:
    """Be busy for a moment, as with a step's arithmetic: a network at rest answers later."""
    end = time.perf_counter() + 0.0002
    while time.perf_counter() < end:
        pass
