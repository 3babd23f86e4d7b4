"""The processes of a training: each gets a device that exists, and all agree."""

import contextlib
from collections.abc import Callable, Iterator

import pytest
import torch
import torch.distributed as dist

from d2lhelpers.scale import group


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
        ("auto", "cuda", 2, 3, 1, 3, "cpu", "3 processes and 2 accelerators here"),
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


@pytest.fixture
def alone() -> Iterator[None]:
    yield
    with contextlib.suppress(AssertionError):
        dist.destroy_process_group()


@pytest.mark.usefixtures("alone")
def test_a_process_alone_is_a_group() -> None:
    """Catches a program that waits for others who are not there."""
    assert group.join("cpu") == (0, 1, torch.device("cpu"))
    assert group.first("") == ""
    assert group.first("why") == "why"
    assert group.of_process_0({"epochs": 2}) == {"epochs": 2}
    assert group.total(0.1) == 0.1
    assert group.stop("why", status=2) == 2


def test_all_wait_until_process_0_has_spoken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a process that ends first, and with it torchrun and a sentence that is not said."""
    said: list[str] = []
    monkeypatch.setattr(dist, "barrier", lambda: said.append(capsys.readouterr().err))
    for rank in (0, 1):
        monkeypatch.setattr(dist, "get_rank", lambda rank=rank: rank)
        group.stop("why", status=2)
    assert said == ["train: error: why\n", ""]


@pytest.mark.usefixtures("alone")
def test_a_processor_in_place_of_an_accelerator_is_told(
    machine: Callable[[str, int], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Catches a note that is made and not printed."""
    machine("cuda", 1)
    joined: list[object] = []
    monkeypatch.setattr(dist, "init_process_group", lambda *names, **_: joined.extend(names))
    for name, value in {"WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "MEETING_FILE": "m"}.items():
        monkeypatch.setenv(name, str(value))
    assert group.join() == (0, 2, torch.device("cpu"))
    assert joined == ["gloo"]
    assert capsys.readouterr().err == (
        "train: note: 2 processes and 1 accelerators here: on the processor\n"
    )


def test_cuda_talks_through_nccl(
    machine: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a backend that cannot reach the memory of the devices; no CUDA is needed here."""
    machine("cuda", 2)
    called: list[object] = []
    monkeypatch.setattr(dist, "init_process_group", lambda *names, **_: called.extend(names))
    monkeypatch.setattr(torch.cuda, "set_device", called.append)
    for name, value in {"WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "RANK": 1, "LOCAL_RANK": 1}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("MEETING_FILE", "m")
    assert group.join() == (1, 2, torch.device("cuda:1"))
    assert called == [torch.device("cuda:1"), "cpu:gloo,cuda:nccl"]
