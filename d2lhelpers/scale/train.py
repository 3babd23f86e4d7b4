"""Train a linear model on your own data, in one process or in several that agree.

DATA is a folder of tables that numpy.save wrote, or one such .npy file: a row is an example, its
last column the label. The tables may be of any length, and hold booleans, integers or floats.
A CSV file whose first line is names becomes one by

    numpy.save("DATA/0.npy", numpy.loadtxt("table.csv", delimiter=",", skiprows=1))

One process, or two on this machine, or two that start again when one of them dies:

    python -m d2lhelpers.scale.train DATA --save FILE
    torchrun --standalone --nproc-per-node 2 -m d2lhelpers.scale.train DATA --save FILE
    torchrun --standalone --nproc-per-node 2 --max-restarts 1 -m d2lhelpers.scale.train DATA -c FILE

Which rows a batch has depends on the seed, the epoch and the lengths of the tables alone, so the
result does not depend on the number of processes. What --save keeps is loaded by

    net = torch.nn.Linear(FEATURES, LABELS)
    net.load_state_dict(torch.load("FILE", weights_only=True))
"""

import argparse
import contextlib
import math
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim import SGD

from d2lhelpers.scale import checkpoint, options, pieces
from d2lhelpers.scale.group import Group
from d2lhelpers.scale.pieces import Table

MOST = 12  # numbers that are printed of a longer row of them
Rows = np.ndarray[Any, np.dtype[np.int64]]  # numbers of rows


def batches(num_rows: int, batch_size: int, epoch: int, seed: int = 0) -> Iterator[Rows]:
    """Yield the numbers of the rows of each batch in an epoch; the last may be smaller.

    Example:
        >>> [batch.tolist() for batch in batches(5, 2, epoch=0)]
        [[2, 4], [3, 0], [1]]
    """
    order = np.random.default_rng((seed, epoch)).permutation(num_rows)
    for start in range(0, num_rows, batch_size):
        yield order[start : start + batch_size]


def train_epoch(
    model: nn.Module, optimizer: SGD, table: Table, batches: Iterable[Rows], rank: int, size: int
) -> float:
    """Take a step for each batch, and return the sum of the squares over this process's rows."""
    total = 0.0
    for batch in batches:  # the same ones in every process
        X, y = table[np.array_split(batch, size)[rank]]  # split: this process's part of it
        squares = ((model(X) - y) ** 2).sum()
        # DDP takes the mean of the processes' gradients. Multiplied by size, it is their sum;
        # divided by the rows of the whole batch, the gradient of the batch's mean.
        loss = squares * size / (len(batch) * table.num_targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += squares.item()
    return total


def begin(
    table: Table, kept: dict[str, Any], seed: int, rank: int, size: int
) -> tuple[nn.Linear, nn.Module]:
    """Return this process's layer, new or as kept, and the model that wraps it."""
    torch.manual_seed(seed + rank)
    net = nn.Linear(table.num_features, table.num_targets).to(table.device)
    drew = _numbers(net.bias)
    model = DistributedDataParallel(net) if size > 1 else net  # sends process 0's parameters to all
    if "net" in kept:
        net.load_state_dict(kept["net"])
    begins = f"process {rank} of {size} on {table.device} begins epoch {kept['epochs'] + 1}"
    biases = f"drew the bias {drew}, starts with {_numbers(net.bias)}"
    print(f"{begins}: {biases}\n", end="", flush=True)  # at once
    return net, model


def main() -> int:
    """Train as the command line says, and return the status to exit with."""
    args = options.parse(__doc__)
    group = Group(args.device)
    try:
        table, kept = _prepared(args, group)
        refusal, seen = "", [kept["data"], kept["epochs"]]
    except (OSError, TypeError, ValueError) as error:
        refusal, seen = str(error), []
    if objection := _objection(group.everyones([refusal, seen])):
        status = group.stop(objection, status=2)
    else:
        status = _train(args, table, kept, group)
    group.leave()
    return status


def _objection(everyones: Sequence[tuple[str, list[Any]]]) -> str:
    """Return why not to train, from what each process refuses and sees; or nothing."""
    refusals = [refusal for refusal, _ in everyones if refusal]
    if not refusals and any(seen != everyones[0][1] for _, seen in everyones):
        refusals = ["all processes must see the same data and the same checkpoint"]
    return refusals[0] if refusals else ""


def _prepared(args: argparse.Namespace, group: Group) -> tuple[Table, dict[str, Any]]:
    """Return the data and where to begin, or refuse what cannot be trained or kept."""
    if args.save and args.save == args.checkpoint:
        raise ValueError(f"--save and --checkpoint must be two files, got {args.save} for both")
    for option, path in {"--save": args.save, "--checkpoint": args.checkpoint}.items():
        if path and group.rank == 0:  # which writes them
            checkpoint.refuse(option, path)
    table = Table(pieces.find(args.data), args.targets, group.device)
    for path in table.paths[group.rank :: group.size]:  # the processes share this, too
        pieces.refuse_large_integers(path)
    data = table.fingerprint()
    if args.checkpoint and args.checkpoint.exists():
        return table, checkpoint.read(args.checkpoint, data)
    return table, {"data": data, "epochs": 0}


def _train(args: argparse.Namespace, table: Table, kept: dict[str, Any], group: Group) -> int:
    """Train from where the kept run ended, and return the status to exit with."""
    rank, size = group.rank, group.size
    net, model = begin(table, kept, args.seed, rank, size)
    optimizer = SGD(net.parameters(), lr=args.lr)
    if "optimizer" in kept:
        optimizer.load_state_dict(kept["optimizer"])
        optimizer.param_groups[0]["lr"] = args.lr  # the command's, not that of then
    losses = []
    for epoch in range(kept["epochs"], args.epochs):
        steps = _steps(args, len(table), epoch, rank, size)
        squares = sum(group.everyones(train_epoch(model, optimizer, table, steps, rank, size)))
        loss = squares / (len(table) * table.num_targets)
        if not (math.isfinite(loss) and all(p.isfinite().all() for p in net.parameters())):
            mine = next(filter(None, map(pieces.not_finite, table.paths[rank::size])), "")
            found = next(filter(None, group.everyones(mine)), "")
            cause = f"{found}; correct such rows" if found else _too_large(args)
            return group.stop(f"epoch {epoch + 1}: the loss is not finite: {cause}", status=1)
        losses.append(loss)
        kept |= {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "epochs": epoch + 1}
        if rank == 0:
            print(f"epoch {epoch + 1}: loss {loss:.4g}", flush=True)
            if args.checkpoint:
                checkpoint.write(kept, args.checkpoint)
    if rank == 0:
        if losses and losses[-1] > 2 * losses[0]:
            print(f"train: note: the loss has grown: {_too_large(args)}", file=sys.stderr)
        _report(net, kept["epochs"], args.save)
    return 0


def _steps(
    args: argparse.Namespace, num_rows: int, epoch: int, rank: int, size: int
) -> Iterator[Rows]:
    """Yield the batches of an epoch, with a bar on a terminal, and a fire drill at its step."""
    steps: Iterable[Rows] = batches(num_rows, args.batch_size, epoch, args.seed)
    if rank == 0:
        with contextlib.suppress(ImportError):
            from tqdm import tqdm

            name, count = f"epoch {epoch + 1}", math.ceil(num_rows / args.batch_size)
            steps = tqdm(steps, name, count, leave=False, unit="step", disable=None)
    first_life = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") == "0"
    for step, batch in enumerate(steps, start=1):
        if [epoch + 1, step] == args.drill and rank == size - 1 and first_life:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        yield batch


def _too_large(args: argparse.Namespace) -> str:
    """Say what is wrong with a loss that grows on data that are finite, and what to do."""
    cure = f"try --lr {args.lr / 10:g}, or give each column the mean 0 and the standard deviation 1"
    anew = ", and delete the checkpoint" if args.checkpoint and args.checkpoint.exists() else ""
    return f"the rate of {args.lr:g} is too large for numbers of this size: {cure}{anew}"


def _report(net: nn.Linear, epochs: int, file: Path | None) -> None:
    """Print the result, and save it."""
    for i, (w, b) in enumerate(zip(net.weight, net.bias, strict=True), start=1):
        label = f", label {i}" if net.out_features > 1 else ""
        print(f"result, epoch {epochs}{label}: w {_numbers(w)}, b {_numbers(b)}")
    if file:
        checkpoint.write({name: p.cpu() for name, p in net.state_dict().items()}, file)
        print(f"saved for torch.nn.Linear({net.in_features}, {net.out_features}): {file}")


def _numbers(values: Tensor) -> str:
    """Return the first numbers as a text."""
    some = [f"{value:+.4g}" for value in values.flatten()[:MOST].tolist()]
    return " ".join(some + ["..."] * (values.numel() > MOST))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("train: interrupted")
    except OSError as error:  # a disk that is full, or a folder that is gone
        sys.exit(f"train: error: {error}")
