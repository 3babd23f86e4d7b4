"""The processes that train one model: how each finds the others, its device, and agreement."""

import os
import sys
from typing import TypeVar

import torch
import torch.distributed as dist
from torch.distributed import (  # type: ignore[attr-defined]
    FileStore,
    HashStore,
    PrefixStore,
    Store,
)
from torch.distributed.rendezvous import rendezvous

Kept = TypeVar("Kept")


def join(device: str = "auto") -> tuple[int, int, torch.device]:
    """Join the processes that torchrun started, or be the only one.

    Args:
        device: "cpu", or "auto" for an accelerator where there is one for each process.

    Returns:
        The number of this process, how many there are, and the device of its model.
    """
    rank, size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    chosen, note = choose(
        device,
        size,
        int(os.environ.get("LOCAL_RANK", 0)),
        int(os.environ.get("LOCAL_WORLD_SIZE", 1)),
    )
    if note and rank == 0:
        print(f"train: note: {note}", file=sys.stderr, flush=True)
    if size == 1:
        store: Store = HashStore()
    elif file := os.environ.get("MEETING_FILE"):
        store = FileStore(file, size)
    else:
        store, _, _ = next(rendezvous("env://"))
    # After a restart they meet in the same place, where the first life has left its traces.
    store = PrefixStore(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"), store)
    backend = "gloo"
    if chosen.type == "cuda":
        torch.cuda.set_device(chosen)
        backend = "cpu:gloo,cuda:nccl"
    dist.init_process_group(backend, store=store, rank=rank, world_size=size)
    return rank, size, chosen


def choose(wanted: str, size: int, place: int, neighbours: int) -> tuple[torch.device, str]:
    """Return the device of a process, and a sentence if it does not get what the machine has.

    Args:
        wanted: "auto" or "cpu".
        size: how many processes train.
        place: the number of this one among those of its machine.
        neighbours: how many these are.

    Example:
        >>> choose("cpu", size=2, place=1, neighbours=2)
        (device(type='cpu'), '')
    """
    cpu = torch.device("cpu")
    if wanted == "cpu" or not torch.accelerator.is_available():
        return cpu, ""
    found, count = torch.accelerator.current_accelerator(), torch.accelerator.device_count()
    assert found is not None
    if size == 1:
        return torch.device(found.type, 0), ""
    if found.type != "cuda":
        return cpu, f"several processes cannot share a model on {found.type}: on the processor"
    if neighbours > count:
        return cpu, f"{neighbours} processes and {count} accelerators here: on the processor"
    return torch.device("cuda", place), ""


def of_process_0(own: Kept) -> Kept:
    """Return, in every process, what process 0 has."""
    box = [own]
    dist.broadcast_object_list(box)
    return box[0]


def first(own: str) -> str:
    """Return, in every process, the first text that a process has, or an empty one."""
    everyones = [""] * dist.get_world_size()
    dist.all_gather_object(everyones, own)
    return next(filter(None, everyones), "")


def total(own: float) -> float:
    """Return, in every process, the sum of what the processes have."""
    everyones = torch.tensor(own, dtype=torch.float64)
    dist.all_reduce(everyones)
    return everyones.item()


def stop(reason: str, status: int) -> int:
    """Let process 0 say why all of them stop, and return the status."""
    if dist.get_rank() == 0:
        print(f"train: error: {reason}", file=sys.stderr, flush=True)
    dist.barrier()  # or torchrun might end process 0 before it has spoken
    return status
