"""The program for several processes: it agrees with one, comes back from a kill, and says no."""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn

from d2lhelpers.scale import processes, train

MODULE = ["-m", "d2lhelpers.scale.train"]
ROWS = np.random.default_rng(0).normal(size=(8, 60, 4)).astype("float32")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Eight pieces of 60 rows: three features and a label."""
    for i, table in enumerate(ROWS):
        np.save(tmp_path / f"{i}.npy", table)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., object]]:
    """Call the program with arguments, in this process; it returns the status of its exit."""

    def call(*arguments: object) -> object:
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        try:
            train.main()
        except SystemExit as end:
            return end.code
        return 0

    yield call
    if dist.is_initialized():  # it exited with a complaint
        dist.destroy_process_group()


def kept(path: Path) -> dict[str, Tensor]:
    net: dict[str, Tensor] = torch.load(path, weights_only=True)["net"]
    return net


def reference(epochs: int = 3) -> dict[str, Tensor]:
    """The same training without processes, pieces' files, DDP or the program's loss."""
    torch.manual_seed(0)
    net = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(epochs):
        orders = [np.random.default_rng((epoch, i)).permutation(60) for i in range(8)]
        for start in range(0, 60, 5):
            pairs = zip(ROWS, orders, strict=True)
            rows = np.concatenate([table[order[start : start + 5]] for table, order in pairs])
            batch = torch.from_numpy(rows)
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(net(batch[:, :-1]), batch[:, -1:])
            torch.autograd.backward([loss])
            optimizer.step()
    return net.state_dict()


def assert_agree(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> None:
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_parts_of_a_batch_are_all_its_rows(data: Path, size: int) -> None:
    """Catches rows that are lost, doubled, or moved to another batch by sharing."""
    pieces = sorted(data.glob("*.npy"))
    whole = list(train.batches(pieces, 5, epoch=2))
    parts = zip(*(train.batches(pieces, 5, 2, rank, size) for rank in range(size)), strict=True)
    for (X, y), several in zip(whole, parts, strict=True):
        together = torch.cat([torch.cat(part, dim=1) for part in several])
        rows = torch.cat([X, y], dim=1)
        assert torch.equal(together[together[:, 0].argsort()], rows[rows[:, 0].argsort()])
    served = torch.cat([torch.cat(batch, dim=1) for batch in whole]).numpy()
    assert np.array_equal(np.sort(served, axis=0), np.sort(ROWS.reshape(-1, 4), axis=0))


def test_epochs_are_mixed_differently(data: Path) -> None:
    """Catches an order that stays the same."""
    pieces = sorted(data.glob("*.npy"))
    one, other = (next(train.batches(pieces, 5, epoch))[0] for epoch in (0, 1))
    assert not torch.equal(one, other)


def test_one_process_needs_no_torchrun(data: Path, run: Callable[..., object]) -> None:
    """Catches a program that only runs under torchrun, and a result that is no plain SGD."""
    assert run(data, "-b", 40, "-c", data / "kept.pt") == 0
    assert_agree(kept(data / "kept.pt"), reference())


@pytest.mark.long  # with two processes, notebook 06 shows it whenever it is executed
@pytest.mark.parametrize("size", [2, 3])
def test_several_processes_agree_with_one(data: Path, size: int) -> None:
    """Catches parts of unequal weight (three processes share eight pieces) and unequal starts."""
    printed = processes.torchrun(size, *MODULE, data, "-b", 40, "-c", data / "kept.pt")
    assert_agree(kept(data / "kept.pt"), reference())
    drawn = [re.search(r"drew the bias (\S+) and starts with (\S+),", line) for line in printed]
    pairs = [found.groups() for found in drawn if found]
    assert len({draw for draw, _ in pairs}) == size
    assert len({start for _, start in pairs}) == 1


@pytest.mark.long
def test_a_drill_ends_as_if_nothing_had_happened(data: Path) -> None:
    """Catches a restart that begins anew, repeats steps, or does not come back at all."""
    drill = ["-b", 40, "-c", data / "kept.pt", "--drill", 2, 7]
    printed = processes.torchrun(2, "--max-restarts", 1, *MODULE, data, *drill)
    assert [line.endswith("epoch 2") for line in printed].count(True) == 2
    assert_agree(kept(data / "kept.pt"), reference())


@pytest.mark.long
def test_a_process_killed_from_outside_comes_back(data: Path) -> None:
    """Catches what a drill cannot: a death at any moment, a half-written checkpoint among them."""
    epochs, checkpoint = 150, data / "kept.pt"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--max-restarts=1"]
    arguments = ["--nproc-per-node=2", *MODULE, str(data), f"-e{epochs}", "-b40", f"-c{checkpoint}"]
    process = subprocess.Popen([*torchrun, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        while not checkpoint.exists():
            assert process.poll() is None
            time.sleep(0.01)
        victim = psutil.Process(process.pid).children()[0]
        os.kill(victim.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        printed, _ = process.communicate(timeout=300)
    finally:
        with contextlib.suppress(OSError):
            process.terminate()
    lives = re.findall(r"process 0 of 2 .* epoch (\d+)", printed)
    assert process.returncode == 0
    assert len(lives) == 2
    assert 1 < int(lives[1]) <= epochs
    assert_agree(kept(checkpoint), reference(epochs))


def test_a_finished_run_is_not_run_again(data: Path, run: Callable[..., object]) -> None:
    """Catches a checkpoint that is read one epoch too early."""
    for _ in range(2):
        assert run(data, "-b", 40, "-e", 1, "-c", data / "kept.pt") == 0
    assert_agree(kept(data / "kept.pt"), reference(epochs=1))


@pytest.mark.long
def test_a_run_always_ends(data: Path) -> None:
    """Catches a model that outlives its group: one run in a hundred or so would wait for ever."""
    command = ["train", str(data), "-b", "40", "-e", "1"]
    code = f"import sys; sys.argv = {command}; [train.main() for _ in range(500)]"
    arguments = [sys.executable, "-c", f"from d2lhelpers.scale import train; {code}"]
    subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True, timeout=100)


REFUSED: dict[str, tuple[str, int, int, str]] = {
    "no folder": ("nowhere", 40, 1, r"there is no folder .*nowhere"),
    "no pieces": ("empty", 40, 1, r"the folder .*empty holds no \.npy files"),
    "a batch that does not divide": (".", 42, 1, r"a batch of 42 .* 8 pieces"),
    "a batch of nothing": (".", 0, 1, r"a batch of 0 .* 8 pieces"),
    "rows left over": (".", 56, 1, r"pieces of \[60\] rows .* 7 rows each"),
    "more processes than pieces": (".", 40, 9, r"9 processes cannot share 8 pieces: .*"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_named(data: Path, name: str) -> None:
    """Catches input that is let through, and a sentence that leaves out what was wrong."""
    (data / "empty").mkdir()
    folder, batch_size, size, sentence = REFUSED[name]
    args = argparse.Namespace(data=data / folder, batch_size=batch_size)
    complaint = train._complaint(args, sorted((data / folder).glob("*.npy")), size)
    assert re.fullmatch(sentence, complaint)


def test_a_complaint_is_all_that_is_said(
    tmp_path: Path, run: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a traceback, or an exit status of success, in place of a sentence."""
    assert run(tmp_path / "nowhere") == 2
    assert capsys.readouterr().err == f"train: error: there is no folder {tmp_path / 'nowhere'}\n"


@pytest.mark.long
def test_more_processes_than_pieces_are_refused(data: Path) -> None:
    """Catches a complaint that is lost when torchrun ends all processes."""
    for path in sorted(data.glob("*.npy"))[1:]:
        path.unlink()
    with pytest.raises(RuntimeError, match="train: error: 2 processes cannot share 1 pieces"):
        processes.torchrun(2, *MODULE, data)


def test_help_says_how(run: Callable[..., object], capsys: pytest.CaptureFixture[str]) -> None:
    """Catches a `--help` that fails, as one with a stray percent sign does."""
    assert run("--help") == 0
    said = capsys.readouterr().out
    assert "torchrun --standalone --nproc-per-node 2 -m d2lhelpers.scale.train DATA" in said
