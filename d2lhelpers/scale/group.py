"""The processes that train one model: how each finds the others, its device, and agreement."""

import itertools
import json
import os
import sys
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed import (  # type: ignore[attr-defined]
    FileStore,
    HashStore,
    PrefixStore,
    Store,
)
from torch.distributed.rendezvous import rendezvous


class Group:
    """The processes that torchrun started, or this one alone. They agree through a store.

    A store holds texts by name. What is no gradient goes through it, not through all-reduces of
    tensors: these leave a tensor with a thread for a moment, and a group whose end comes in this
    moment waits for ever.

    Args:
        device: "cpu", or "auto" for an accelerator where there is one for each process.

    Attributes:
        rank: the number of this process, from 0.
        size: how many they are.
        device: where the model of this process goes.

    Example:
        >>> group = Group("cpu")
        >>> group.rank, group.size, group.everyones("mine")
        (0, 1, ['mine'])
    """

    def __init__(self, device: str = "auto") -> None:
        """Wait for the others."""
        self.rank, self.size = _number("RANK", 0), _number("WORLD_SIZE", 1)
        place, neighbours = _number("LOCAL_RANK", 0), _number("LOCAL_WORLD_SIZE", 1)
        self.device, note = choose(device, self.size, place, neighbours)
        if note and self.rank == 0:
            print(f"train: note: {note}", file=sys.stderr, flush=True)
        self._store, self._turns = _store(self.size), itertools.count()
        if self.size > 1:
            backend = "cpu:gloo,cuda:nccl" if self.device.type == "cuda" else "gloo"
            if self.device.type == "cuda":
                torch.cuda.set_device(self.device)
            dist.init_process_group(
                backend, store=self._store, rank=self.rank, world_size=self.size
            )

    def everyones(self, own: Any) -> list[Any]:
        """Return, in every process, what each has: plain values, as JSON knows them."""
        turn = next(self._turns)
        self._store.set(f"train/{turn}/{self.rank}", json.dumps(own))
        return [json.loads(self._store.get(f"train/{turn}/{i}")) for i in range(self.size)]

    def stop(self, reason: str, status: int) -> int:
        """Let process 0 say why all of them stop, and return the status."""
        if self.rank == 0:
            print(f"train: error: {reason}", file=sys.stderr, flush=True)
        self.everyones("heard")  # or torchrun might end process 0 before it has spoken
        return status

    def leave(self) -> None:
        """End the group; no model of it may be left, as one that outlives it can wait for ever."""
        if self.size > 1:
            dist.destroy_process_group()


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def _store(size: int) -> Store:
    """Return the store in which the processes meet."""
    if size == 1:
        store: Store = HashStore()
    elif file := os.environ.get("MEETING_FILE"):
        store = FileStore(file, size)
    else:
        store, _, _ = next(rendezvous("env://"))
    store.set_timeout(timedelta(hours=1))  # one may look through more data than another
    # After a restart they meet in the same place, where the first life has left its traces.
    return PrefixStore(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"), store)


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
        return cpu, f"{neighbours} processes, accelerators here: {count}; so on the processor"
    return torch.device("cuda", place), ""
