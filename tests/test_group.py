"""The processes of a training: each gets a device that exists, and all agree."""

import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist

from d2lhelpers.scale import group, processes


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Pretend that the machine has accelerators."""

    def pretend(kind: str, count: int) -> None:
        accelerator = torch.accelerator
        monkeypatch.setattr(accelerator, "is_available", lambda: count > 0)
        monkeypatch.setattr(accelerator, "current_accelerator", lambda: torch.device(kind))
        monkeypatch.setattr(accelerator, "device_count", lambda: count)

    return pretend


@pytest.mark.parametrize(
    ("wanted", "kind", "count", "size", "place", "neighbours", "device", "note"),
    [
        ("auto", "cuda", 0, 2, 1, 2, "cpu", ""),
        ("auto", "cuda", 1, 1, 0, 1, "cuda:0", ""),
        ("auto", "mps", 1, 1, 0, 1, "mps:0", ""),
        ("auto", "cuda", 2, 2, 1, 2, "cuda:1", ""),
        ("auto", "cuda", 2, 4, 1, 2, "cuda:1", ""),  # on two machines
        ("auto", "cuda", 2, 3, 1, 3, "cpu", "3 processes, accelerators here: 2"),
        ("auto", "mps", 1, 2, 1, 2, "cpu", "several processes cannot share a model on mps"),
        ("cpu", "cuda", 2, 2, 1, 2, "cpu", ""),
    ],
)
def test_each_process_gets_an_accelerator_of_its_own_or_none(
    machine: Callable[[str, int], None],
    wanted: str,
    kind: str,
    count: int,
    size: int,
    place: int,
    neighbours: int,
    device: str,
    note: str,
) -> None:
    """Catches two processes on one accelerator, and one that is left unused without a word."""
    machine(kind, count)
    chosen, said = group.choose(wanted, size, place, neighbours)
    assert chosen == torch.device(device)
    assert note in said
    assert bool(note) == bool(said)


def test_a_process_alone_needs_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a program that waits for others, or opens a port where there are none."""
    monkeypatch.delattr(dist, "init_process_group")
    alone = group.Group("cpu")
    assert (alone.rank, alone.size, alone.device) == (0, 1, torch.device("cpu"))
    for value in ("", 0.1, math.inf, ["why", {"epochs": 2}]):
        assert alone.everyones(value) == [value]
    assert alone.stop("why", status=2) == 2
    assert capsys.readouterr().err == "train: error: why\n"
    alone.leave()


def answers(rank: int, size: int, file: str) -> list[list[Any]]:
    """What a process hears in three turns; the first one comes late to each."""
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(size), "MEETING_FILE": file}
    os.environ |= {"GLOO_SOCKET_IFNAME": processes.LOOPBACK} if processes.LOOPBACK else {}
    one = group.Group("cpu")
    heard = []
    for turn in range(3):
        time.sleep(0.2 * (rank == 0))
        heard.append(one.everyones([rank, turn]))
    one.leave()
    return heard


@pytest.mark.long
def test_all_hear_the_same(tmp_path: Path) -> None:
    """Catches a process that reads what was said a turn before, or only its own."""
    calls = [(rank, 3, str(tmp_path / "meeting")) for rank in range(3)]
    wanted = [[[rank, turn] for rank in range(3)] for turn in range(3)]
    assert processes.each(answers, *calls) == [wanted] * 3


def test_all_wait_until_process_0_has_spoken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a process that ends first, and with it torchrun and a sentence that is not said."""
    said: list[str] = []
    one = group.Group("cpu")
    monkeypatch.setattr(one, "everyones", lambda _: said.append(capsys.readouterr().err))
    for rank in (0, 1):
        one.rank = rank
        one.stop("why", status=2)
    assert said == ["train: error: why\n", ""]


@pytest.mark.parametrize(
    ("count", "device", "backend", "note"),
    [
        (2, "cuda:1", "cpu:gloo,cuda:nccl", ""),
        (1, "cpu", "gloo", "train: note: 2 processes, accelerators here: 1; so on the processor\n"),
        (0, "cpu", "gloo", ""),
    ],
)
def test_the_backend_is_that_of_the_device(
    machine: Callable[[str, int], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    count: int,
    device: str,
    backend: str,
    note: str,
) -> None:
    """Catches a backend that cannot reach the memory of the devices; no CUDA is needed here."""
    machine("cuda", count)
    called: list[object] = []
    monkeypatch.setattr(dist, "init_process_group", lambda *names, **_: called.extend(names))
    monkeypatch.setattr(torch.cuda, "set_device", called.append)
    for name, value in {"WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "RANK": 1, "LOCAL_RANK": 1}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("MEETING_FILE", str(tmp_path / "meeting"))
    assert group.Group().device == torch.device(device)
    assert called == ([torch.device(device)] if device != "cpu" else []) + [backend]
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("RANK", "0")
    group.Group()
    assert capsys.readouterr().err == note
