"""What a training step costs on several processes: measured, in processes that import this."""

import math
import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.distributed as dist
from torch.distributed import FileStore  # type: ignore[attr-defined]

from d2lhelpers.scale.processes import LOOPBACK


def measure(
    rank: int,
    size: int,
    folder: str,
    shapes: Sequence[tuple[int, int]],
    lengths: Sequence[int],
    rounds: int,
) -> tuple[dict[tuple[int, int, int], float], dict[int, float], float]:
    """Time training steps on 1, 2, 4, ... processes, up to `size`, and all-reduces between two.

    To be called in `size` processes at the same time. A step is that of data parallel training:
    each process takes its part of the rows, differentiates the squared loss, adds up the gradients
    with the others (an all-reduce) and updates its weights. Each process has a single thread. One
    process is timed while a second does the same, as two have to share the memory later, too.

    Args:
        rank: number of this process, from 0.
        size: number of processes.
        folder: an empty folder, where they find each other.
        shapes: (rows, features) of each batch, all processes together.
        lengths: how many float32 numbers to add up in an all-reduce by itself.
        rounds: how many times to go through all of them, in turns, so that each has the same
            chances. Of its many times, each counts with the one that a quarter of them beat:
            other programs seldom add to that one, and it is not the luckiest either.

    Returns:
        The seconds of a step by (processes, rows, features), those of an all-reduce between two
        processes by its length, and the part of a core that each process had while one or two
        of them worked: about 1, or less where other programs took the cores away.
    """
    if LOOPBACK:
        os.environ["GLOO_SOCKET_IFNAME"] = LOOPBACK
    torch.set_num_threads(1)
    store = FileStore(str(Path(folder, "meeting")), size)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=size)
    counts = [2**i for i in range(size.bit_length())]
    tasks = {count: _tasks(rank, count, shapes, lengths) for count in counts}
    warm_up = _step(256, 10)
    seconds: dict[tuple[int, ...], list[float]] = defaultdict(list)
    worked, passed = {1: 0.0, 2: 0.0}, {1: 0.0, 2: 0.0}
    for _ in range(rounds):
        for count in counts:
            dist.barrier()  # those that have no part in it wait, and use no core
            for name, task in tasks[count].items():
                for _ in range(max(3, min(15, 5_000_000 // math.prod(name)))):  # quick ones more
                    begun, used = time.perf_counter(), time.process_time()
                    warm_up()  # a network at rest answers later than one between steps
                    warm_up()
                    start = time.perf_counter()
                    if count <= 2:  # nobody waits in a warm-up, so that all its time is worked
                        worked[count] += time.process_time() - used
                        passed[count] += start - begun
                        start = time.perf_counter()
                    task()
                    seconds[count, *name].append(time.perf_counter() - start)
    share = torch.tensor(min((worked[n] / passed[n] for n in passed if passed[n]), default=1.0))
    dist.all_reduce(share, op=dist.ReduceOp.MIN)
    dist.destroy_process_group()
    typical = {name: sorted(several)[len(several) // 4] for name, several in seconds.items()}
    steps = {name: value for name, value in typical.items() if len(name) == 3}
    all_reduces = {name[1]: value for name, value in typical.items() if len(name) == 2}
    return steps, all_reduces, share.item()


def _tasks(
    rank: int, count: int, shapes: Sequence[tuple[int, int]], lengths: Sequence[int]
) -> dict[tuple[int, ...], Callable[[], object]]:
    """What process `rank` does where `count` processes work together."""
    group = dist.new_group(list(range(count)))  # made by all processes, also those outside
    if rank >= max(count, 2):
        return {}
    own = None if count == 1 else group
    tasks: dict[tuple[int, ...], Callable[[], object]] = {
        (n, d): _step(n // count, d, own) for n, d in shapes
    }
    return tasks | ({(length,): _all_reduce(length, group) for length in lengths if count == 2})


def _step(rows: int, features: int, group: dist.ProcessGroup | None = None) -> Callable[[], None]:
    X, y = torch.randn(rows, features), torch.randn(rows, 1)
    w = torch.zeros(features, 1, requires_grad=True)

    def step() -> None:
        torch.autograd.backward([((X @ w - y) ** 2).sum()])
        assert w.grad is not None
        if group:
            dist.all_reduce(w.grad, group=group)
        with torch.no_grad():
            w.sub_(w.grad, alpha=1e-9)
        w.grad = None

    return step


def _all_reduce(length: int, group: dist.ProcessGroup) -> Callable[[], object]:
    numbers = torch.zeros(length)
    return lambda: dist.all_reduce(numbers, group=group)
