"""The program for several processes: it agrees with one, comes back from a kill, and says no."""

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import psutil
import pytest
import torch
from hypothesis import given
from torch import Tensor, nn
from torch.optim import SGD

from d2lhelpers.scale import checkpoint, pieces, processes, train
from d2lhelpers.scale.group import Group
from d2lhelpers.scale.pieces import Table

MODULE = ["-m", "d2lhelpers.scale.train"]
# As people have them: any lengths, none among them, and any kind of numbers.
LENGTHS = {"float64": 60, "float32": 0, "int64": 37, "bool": 1, "float16": 23}
NUM_ROWS = sum(LENGTHS.values())
BATCH = 24  # 121 rows: the last batch has a single one, so all other processes have none


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Pieces of three features and a label."""
    rng = np.random.default_rng(0)
    for kind, length in LENGTHS.items():
        np.save(tmp_path / f"{kind}.npy", 2 * rng.normal(size=(length, 4)).astype(kind))
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Call the program with arguments, in this process; it returns the status of its exit."""

    def call(*arguments: object) -> object:
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        try:
            return train.main()
        except SystemExit as end:
            return end.code

    return call


def kept(path: Path) -> dict[str, Tensor]:
    net: dict[str, Tensor] = torch.load(path, weights_only=True)["net"]
    return net


def reference(data: Path, epochs: int = 3, targets: int = 1, seed: int = 0) -> dict[str, Tensor]:
    """The same training without processes, memory maps, DDP or the program's loss."""
    torch.manual_seed(seed)
    tables = [np.load(path).astype("float32") for path in sorted(data.glob("*.npy"))]
    rows = torch.from_numpy(np.concatenate(tables))
    net = nn.Linear(4 - targets, targets)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(epochs):
        order = np.random.default_rng((seed, epoch)).permutation(NUM_ROWS)
        for batch in torch.split(rows[order], BATCH):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(net(batch[:, :-targets]), batch[:, -targets:])
            torch.autograd.backward([loss])
            optimizer.step()
    return net.state_dict()


def assert_agree(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> None:
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


class Recorder(nn.Module):
    """A line through the origin that keeps what it sees."""

    def __init__(self, num_targets: int) -> None:
        super().__init__()
        self.slopes = nn.Parameter(torch.full((num_targets,), 0.5))
        self.seen: list[list[int]] = []

    def forward(self, X: Tensor) -> Tensor:
        self.seen.append([int(x) for x in X.flatten()])
        return X / 100 * self.slopes


@contextlib.contextmanager
def numbered(lengths: list[int], num_targets: int = 1) -> Iterator[Table]:
    """A table whose row i is i, for a feature and for all labels."""
    start = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for i, length in enumerate(lengths):
            column = np.arange(start, start + length)[:, None]
            np.save(f"{folder}/{i}.npy", np.repeat(column, 1 + num_targets, axis=1))
            start += length
        yield Table(pieces.find(Path(folder)), num_targets)


some_lengths = st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(any)


@given(some_lengths, st.integers(1, 100), st.integers(1, 7), st.integers(0, 9), st.integers(0, 9))
def test_a_batch_is_the_parts_of_all_processes(
    lengths: list[int], batch_size: int, size: int, epoch: int, seed: int
) -> None:
    """Catches rows that are lost, doubled, or in another batch, for any number of processes."""
    steps = [b.tolist() for b in train.batches(sum(lengths), batch_size, epoch, seed)]
    assert sorted(row for step in steps for row in step) == list(range(sum(lengths)))
    assert {len(step) for step in steps[:-1]} <= {batch_size}
    with numbered(lengths) as table:
        parts = []
        for rank in range(size):
            model, steps_of_rank = Recorder(1), train.batches(sum(lengths), batch_size, epoch, seed)
            train.train_epoch(model, SGD(model.parameters(), 0), table, steps_of_rank, rank, size)
            parts.append(model.seen)
    for step, *several in zip(steps, *parts, strict=True):
        assert sorted(row for part in several for row in part) == sorted(step)
        assert max(map(len, several)) - min(map(len, several)) <= 1


@given(some_lengths, st.integers(1, 7), st.integers(1, 3))
def test_the_processes_take_the_step_of_one(
    lengths: list[int], size: int, num_targets: int
) -> None:
    """Catches a loss that weighs parts of unequal length alike, or divides by what was asked for.

    With SGD, the step of the mean of the gradients is the mean of the steps.
    """
    batch = np.random.default_rng(0).permutation(sum(lengths))
    whole, squares, steps = Recorder(num_targets), 0.0, []
    with numbered(lengths, num_targets) as table:
        X, y = table[batch]
        loss = nn.functional.mse_loss(whole(X), y)
        (gradient,) = torch.autograd.grad(loss, [whole.slopes])
        for rank in range(size):
            model = Recorder(num_targets)
            optimizer = SGD(model.parameters(), lr=1.0)
            squares += train.train_epoch(model, optimizer, table, [batch], rank, size)
            steps.append(0.5 - model.slopes)
    torch.testing.assert_close(torch.stack(steps).mean(dim=0), gradient)
    assert squares / y.numel() == pytest.approx(loss.item())


def test_epochs_and_seeds_are_mixed_differently() -> None:
    """Catches an order that stays the same."""
    orders = {(e, s): next(train.batches(99, 99, e, s)).tolist() for e in (0, 1) for s in (0, 1)}
    assert len({tuple(order) for order in orders.values()}) == 4


def test_one_process_needs_no_torchrun(data: Path, run: Callable[..., object]) -> None:
    """Catches a program that only runs under torchrun, and a result that is no plain SGD."""
    assert run(data, "-b", BATCH, "-c", data / "kept.pt") == 0
    assert_agree(kept(data / "kept.pt"), reference(data))


@pytest.mark.parametrize("targets", [1, 2])
def test_what_is_saved_is_the_model_of_the_help(
    data: Path, run: Callable[..., object], capsys: pytest.CaptureFixture[str], targets: int
) -> None:
    """Catches a result that is printed with a few digits, and lost."""
    options = ["-b", BATCH, "--targets", targets, "--seed", 5, "--save", data / "w.pt"]
    assert run(data, *options) == 0
    net = nn.Linear(4 - targets, targets)
    net.load_state_dict(torch.load(data / "w.pt", weights_only=True))
    assert_agree(net.state_dict(), reference(data, targets=targets, seed=5))
    printed = capsys.readouterr().out.splitlines()
    assert f"saved for torch.nn.Linear({4 - targets}, {targets}): {data / 'w.pt'}" == printed[-1]
    results = [re.fullmatch(r"result, epoch 3.*: w (.*), b (.*)", line) for line in printed]
    numbers = [[float(n) for n in found.group(1).split()] for found in results if found]
    np.testing.assert_allclose(numbers, net.weight.detach(), atol=1e-3)
    assert ("label" in printed[-2]) == (targets > 1)


@pytest.mark.parametrize("targets", [1, 2])
def test_the_loss_of_each_epoch_is_printed(
    data: Path, run: Callable[..., object], capsys: pytest.CaptureFixture[str], targets: int
) -> None:
    """Catches a mean over batches, in which the smaller last one counts too much."""
    options = ["-b", BATCH, "--lr", 0, "-e", 2, "-t", targets, "--save", data / "w.pt"]
    assert run(data, *options) == 0
    rows = torch.cat([pieces.read(path) for path in sorted(data.glob("*.npy"))])
    net = nn.Linear(4 - targets, targets)
    net.load_state_dict(torch.load(data / "w.pt", weights_only=True))
    loss = nn.functional.mse_loss(net(rows[:, :-targets]), rows[:, -targets:]).item()
    printed = re.findall(r"^epoch (\d+): loss (\S+)$", capsys.readouterr().out, re.MULTILINE)
    assert [epoch for epoch, _ in printed] == ["1", "2"]
    assert [float(value) for _, value in printed] == pytest.approx([loss, loss], rel=1e-3)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_for_a_terminal(
    data: Path,
    run: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
) -> None:
    """Catches a bar in a log, where each of its moves is another line."""
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    assert run(data, "-b", BATCH, "-e", 1) == 0
    assert ("epoch 1:" in screen.getvalue()) == terminal
    assert terminal or screen.getvalue() == ""


def test_no_bar_is_needed(
    data: Path, run: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a dependency of the package that it does not name."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert run(data, "-b", BATCH, "-c", data / "kept.pt") == 0
    assert_agree(kept(data / "kept.pt"), reference(data))


@pytest.mark.long  # with two processes, notebook 06 shows it whenever it is executed
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_several_processes_agree_with_one(
    data: Path, run: Callable[..., object], capsys: pytest.CaptureFixture[str], size: int
) -> None:
    """Catches parts of wrong weight, also of no rows, unequal starts, and the loss of a part."""
    printed = processes.torchrun(size, *MODULE, data, "-b", BATCH, "-c", data / "kept.pt")
    assert_agree(kept(data / "kept.pt"), reference(data))
    drawn = [re.search(r"drew the bias (\S+), starts with (\S+)", line) for line in printed]
    pairs = [found.groups() for found in drawn if found]
    assert len({draw for draw, _ in pairs}) == size
    assert len({start for _, start in pairs}) == 1
    run(data, "-b", BATCH)
    assert {line for line in capsys.readouterr().out.splitlines() if "loss" in line} <= {*printed}


@pytest.mark.long
def test_processes_share_a_single_piece(tmp_path: Path, data: Path) -> None:
    """Catches pieces that are dealt out, so that a process has nothing to do."""
    tables = [np.load(path).astype("float64") for path in sorted(data.glob("*.npy"))]
    (tmp_path / "one").mkdir()
    np.save(tmp_path / "one" / "0.npy", np.concatenate(tables))
    options = ["-b", BATCH, "-t", 2, "-s", data / "w.pt"]
    processes.torchrun(2, *MODULE, tmp_path / "one" / "0.npy", *options)
    assert_agree(torch.load(data / "w.pt", weights_only=True), reference(data, targets=2))


@pytest.mark.long
def test_a_drill_ends_as_if_nothing_had_happened(data: Path) -> None:
    """Catches a restart that begins anew, repeats steps, or does not come back at all."""
    drill = ["-b", BATCH, "-c", data / "kept.pt", "--drill", 2, 4]
    printed = processes.torchrun(2, "--max-restarts", 1, *MODULE, data, *drill)
    assert ["begins epoch 2:" in line for line in printed].count(True) == 2
    assert_agree(kept(data / "kept.pt"), reference(data))


@pytest.mark.long
def test_a_process_killed_from_outside_comes_back(data: Path) -> None:
    """Catches what a drill cannot: a death at any moment, a half-written checkpoint among them."""
    epochs, checkpoint = 150, data / "kept.pt"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--max-restarts=1"]
    arguments = [
        "--nproc-per-node=2",
        *MODULE,
        str(data),
        f"-e{epochs}",
        f"-b{BATCH}",
        f"-c{checkpoint}",
    ]
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
    assert_agree(kept(checkpoint), reference(data, epochs))


def test_a_finished_run_is_not_run_again(data: Path, run: Callable[..., object]) -> None:
    """Catches a checkpoint that is read one epoch too early."""
    for _ in range(2):
        assert run(data, "-b", BATCH, "-e", 1, "-c", data / "kept.pt") == 0
    assert_agree(kept(data / "kept.pt"), reference(data, epochs=1))


def test_a_run_goes_on_at_the_rate_of_the_command(
    data: Path, run: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches the rate of the first command, which comes back with the optimizer's state."""
    command = [data, "-b", BATCH, "-c", data / "kept.pt"]
    assert run(*command, "-e", 1) == 0
    assert run(*command, "-e", 4, "--lr", 0) == 0
    assert_agree(kept(data / "kept.pt"), reference(data, epochs=1))
    assert run(*command, "-e", 2) == 0
    assert "epoch 4: w" in capsys.readouterr().out.splitlines()[-1]


RUNS = """
import os, sys
from d2lhelpers.scale import train
place = os.environ["MEETING_FILE"]
for i in range(300):
    os.environ["MEETING_FILE"] = f"{place}{i}"
    assert train.main() == 0
"""


@pytest.mark.long
def test_a_run_always_ends(data: Path) -> None:
    """Catches a model that outlives its group: one run in a hundred or so would wait for ever."""
    (data / "runs.py").write_text(RUNS, encoding="utf-8")
    processes.torchrun(2, data / "runs.py", data, "-b", BATCH, "-e", 1, seconds=200)


TABLE = np.arange(12.0).reshape(4, 3)
OTHER = {"rows": [4], "features": 3, "targets": 1, "checksum": 0}
UNFIT: dict[str, tuple[Any, list[str], str]] = {
    "no folder": (None, ["nowhere"], "there is no folder nowhere"),
    "an empty folder": (None, [], "the folder . holds no .npy files"),
    "a column": (
        TABLE[0],
        [],
        "1.npy must have the shape (rows, columns), got (3,): "
        "numpy.column_stack([X, y]) makes a table of features and labels",
    ),
    "labels in a file of their own": (
        TABLE[:, :1],
        [],
        "1.npy must have 3 columns as 0.npy, got 1: "
        "numpy.column_stack([X, y]) makes a table of features and labels",
    ),
    "another width": (TABLE[:, 1:], [], "1.npy must have 3 columns as 0.npy, got 2"),
    "complex": (TABLE + 1j, [], "1.npy must hold booleans, integers or floats, got complex128"),
    "large integers": (
        (TABLE + 2**24).astype(int),
        [],
        "1.npy must hold integers up to 2^24, which float32 holds exactly, or floats, "
        "got 16777217 at [0, 1]",
    ),
    "labels alone": (
        TABLE,
        ["-t", "3"],
        "0.npy must have at least 4 columns, features and then 3 of labels, got 3",
    ),
    "no folder for the checkpoint": (
        TABLE,
        ["-c", "nowhere/k.pt"],
        "--checkpoint must lie in a folder that exists, got nowhere/k.pt",
    ),
    "no folder for the result": (
        TABLE,
        ["-s", "nowhere/w.pt"],
        "--save must lie in a folder that exists, got nowhere/w.pt",
    ),
    "one file for two": (
        TABLE,
        ["-s", "k.pt", "-c", "./k.pt"],
        "--save and --checkpoint must be two files, got k.pt for both",
    ),
    "a checkpoint of other data": (
        TABLE,
        ["-c", "kept/other.pt"],
        "kept/other.pt is a checkpoint of other data: rows [4], now [4, 4]; name a new file",
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_cannot_be_trained_is_refused_in_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[..., object],
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """Catches a traceback, a line too many, and a status of success; no step is taken before."""
    monkeypatch.chdir(tmp_path)
    array, options, sentence = UNFIT[name]
    if array is not None:
        np.save("0.npy", TABLE)
        np.save("1.npy", array)
    Path("kept").mkdir()
    checkpoint.write({"data": OTHER}, Path("kept", "other.pt"))
    folder = [] if options == ["nowhere"] else ["."]
    assert run(*folder, *options) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.replace("\\", "/") == f"train: error: {sentence}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is one of POSIX")
@pytest.mark.parametrize("option", ["--save", "--checkpoint"])
def test_a_full_disk_is_told_in_a_line(data: Path, option: str) -> None:
    """Catches a traceback at the end of a run of hours, and half a file."""
    limited = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (99, 99))"
    program = f"{limited}; runpy.run_module('d2lhelpers.scale.train', run_name='__main__')"
    command = [sys.executable, "-c", program, str(data), option, str(data / "w.pt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"train: error: {data / 'w.pt'} cannot be written: File too large\n"
    assert "epoch 1: loss" in done.stdout
    assert not list(data.glob("w.pt*"))


@pytest.mark.parametrize("difference", [{"epochs": 2}, {"data": {}}])
def test_processes_that_see_different_files_are_refused(
    data: Path,
    run: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    difference: dict[str, Any],
) -> None:
    """Catches two machines whose folders differ: they would wait for each other, or be wrong."""

    def two(_: object, own: tuple[str, list[Any]]) -> list[Any]:
        refusal, (of_data, epochs) = own
        other = {"data": of_data, "epochs": epochs} | difference
        return [own, [refusal, list(other.values())]]

    monkeypatch.setattr(Group, "everyones", two)
    monkeypatch.setattr(Group, "stop", lambda _, reason, status: print(reason) or status)
    assert run(data) == 2
    said = "all processes must see the same data and the same checkpoint\n"
    assert capsys.readouterr().out == said


def test_nan_in_the_data_stops_the_run(
    data: Path, run: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches parameters that are NaN, and an exit status of success; nothing is kept of it."""
    table = np.load(data / "float64.npy")
    table[50, 2] = np.nan
    np.save(data / "float64.npy", table)
    assert run(data, "-b", BATCH, "-c", data / "kept.pt", "-s", data / "w.pt") == 1
    place = (
        f"{data / 'float64.npy'} must hold numbers that are finite in float32, got nan at [50, 2]"
    )
    said = f"train: error: epoch 1: the loss is not finite: {place}; correct such rows\n"
    assert capsys.readouterr().err == said
    assert not list(data.glob("*.pt*"))


@pytest.mark.parametrize(("lr", "epoch"), [("1e4", 1), ("1.2", 2)])
def test_a_rate_that_is_too_large_stops_the_run(
    data: Path, run: Callable[..., object], capsys: pytest.CaptureFixture[str], lr: str, epoch: int
) -> None:
    """Catches the same where the data are finite; the last good epochs stay kept."""
    assert run(data, "-b", BATCH, "-e", 99, "--lr", lr, "-c", data / "kept.pt") == 1
    (line,) = capsys.readouterr().err.splitlines()
    found = re.fullmatch(r"train: error: epoch (\d+): the loss is not finite: (.*)", line)
    assert found
    large = f"the rate of {float(lr):g} is too large for numbers of this size"
    assert found.group(2).startswith(f"{large}: try --lr {float(lr) / 10:g},")
    assert int(found.group(1)) >= epoch
    assert (data / "kept.pt").exists() == ("delete the checkpoint" in line)
    assert (data / "kept.pt").exists() == (int(found.group(1)) > 1)


def test_a_loss_that_grows_is_noted(
    data: Path, run: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches numbers that are finite and worthless, and a note where all is well."""
    assert run(data, "-b", BATCH, "--lr", 1, "-e", 2) == 0
    large = "the loss has grown: the rate of 1 is too large for numbers of this size"
    assert capsys.readouterr().err.startswith(f"train: note: {large}: try --lr 0.1, ")
    assert run(data, "-b", BATCH) == 0
    assert capsys.readouterr().err == ""


def test_a_last_step_into_infinity_stops_the_run(data: Path, run: Callable[..., object]) -> None:
    """Catches a look at the losses alone: each is that before its step."""
    assert run(data, "-b", NUM_ROWS, "-e", 1, "--lr", "1e38", "-s", data / "w.pt") == 1
    assert not (data / "w.pt").exists()


def test_a_loss_beyond_float32_stops_the_run(data: Path, run: Callable[..., object]) -> None:
    """Catches a look at the parameters alone: their gradients are finite where squares are not."""
    np.save(data / "large.npy", [[1, 1, 1, 1e25]])
    assert run(data, "--lr", "1e-99") == 1


@pytest.mark.long
def test_process_0_speaks_for_all(data: Path) -> None:
    """Catches a sentence that is lost when torchrun ends all processes, or said by each."""
    np.save(data / "int64.npy", np.full((5, 4), 2**30))  # the fourth piece, that of process 1
    with pytest.raises(RuntimeError, match=r"int64\.npy must hold integers up to") as refused:
        processes.torchrun(2, *MODULE, data)
    assert str(refused.value).count("train: error:") == 1
    np.save(data / "int64.npy", np.full((5, 4), np.inf))
    with pytest.raises(RuntimeError, match=r"epoch 1: .*int64\.npy must .* inf at") as stopped:
        processes.torchrun(2, *MODULE, data)
    assert str(stopped.value).count("train: error:") == 1


def test_help_says_how(run: Callable[..., object], capsys: pytest.CaptureFixture[str]) -> None:
    """Catches a `--help` that fails, as one with a stray percent sign does."""
    assert run("--help") == 0
    said = capsys.readouterr().out
    assert "torchrun --standalone --nproc-per-node 2 -m d2lhelpers.scale.train DATA" in said
