"""Train a linear model on a folder of pieces, in one process or in several that agree.

One process, or two on this machine, or two that start again when one of them dies:

    python -m d2lhelpers.scale.train DATA
    torchrun --standalone --nproc-per-node 2 -m d2lhelpers.scale.train DATA
    torchrun --standalone --nproc-per-node 2 --max-restarts 1 -m d2lhelpers.scale.train DATA -c FILE

Every step takes equally many rows of every piece, so the batches, and with them the result,
do not depend on the number of processes. Each process reads only its own pieces.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed import (  # type: ignore[attr-defined]
    FileStore,
    HashStore,
    PrefixStore,
    Store,
)
from torch.distributed.rendezvous import rendezvous
from torch.nn.parallel import DistributedDataParallel


def batches(
    pieces: Sequence[Path], rows_each: int, epoch: int, rank: int = 0, size: int = 1
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the part of process `rank` of `size` in each batch of an epoch: features, labels."""
    mine = range(rank, len(pieces), size)
    tables = {i: np.load(pieces[i], mmap_mode="r") for i in mine}  # rows are read when asked for
    orders = {i: np.random.default_rng((epoch, i)).permutation(len(tables[i])) for i in mine}
    for start in range(0, len(tables[rank]), rows_each):
        rows = [tables[i][orders[i][start : start + rows_each]] for i in mine]
        part = torch.from_numpy(np.concatenate(rows))
        yield part[:, :-1], part[:, -1:]


def main() -> None:
    """Train as the command line says."""
    args = _arguments()
    rank, size = _join()
    pieces = sorted(args.data.glob("*.npy"))
    if complaint := _complaint(args, pieces, size):
        if rank == 0:
            print(f"train: error: {complaint}", file=sys.stderr, flush=True)
        dist.barrier()  # or torchrun might end process 0 before it has spoken
        sys.exit(2)

    torch.manual_seed(rank)
    net = nn.Linear(np.load(pieces[0], mmap_mode="r").shape[1] - 1, 1)
    drawn = net.bias.item()
    model = DistributedDataParallel(net)  # sends the parameters of process 0 to all
    optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
    done, first_life = 0, os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") == "0"
    if args.checkpoint and args.checkpoint.exists():
        kept = torch.load(args.checkpoint, weights_only=True)
        net.load_state_dict(kept["net"])
        optimizer.load_state_dict(kept["optimizer"])
        done = kept["epochs"]
    drew = f"drew the bias {drawn:+.3f} and starts with {net.bias.item():+.3f}"
    print(f"process {rank} of {size} {drew}, epoch {done + 1}\n", end="", flush=True)  # at once

    for epoch in range(done, args.epochs):
        rows_each = args.batch_size // len(pieces)
        for step, (X, y) in enumerate(batches(pieces, rows_each, epoch, rank, size), start=1):
            if [epoch + 1, step] == args.drill and rank == size - 1 and first_life:
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
            # The mean over the batch, whose gradient DDP gets as the mean over the processes.
            loss = ((model(X) - y) ** 2).sum() * size / args.batch_size
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if args.checkpoint and rank == 0:
            now = {"net": net.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save(now | {"epochs": epoch + 1}, args.checkpoint.with_suffix(".new"))
            os.replace(args.checkpoint.with_suffix(".new"), args.checkpoint)  # whole, or not at all
    if rank == 0:
        weights = " ".join(f"{w:+.3f}" for w in net.weight.flatten().tolist())
        print(f"after {args.epochs} epochs: w {weights}, b {net.bias.item():+.3f}")
    del model  # first: ended after its group, it can wait for ever
    dist.destroy_process_group()


def _join() -> tuple[int, int]:
    """Join the other processes; return the number of this one, and how many they are."""
    rank, size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if not dist.is_torchelastic_launched():
        store: Store = HashStore()
    elif file := os.environ.get("MEETING_FILE"):
        store = FileStore(file, size)
    else:
        store, _, _ = next(rendezvous("env://"))
    # After a restart they meet in the same place, where the first life has left its traces.
    store = PrefixStore(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"), store)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=size)
    return rank, size


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="d2lhelpers.scale.train", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "data", type=Path, help="folder of .npy files: a row an example, the label last"
    )
    parser.add_argument("-e", "--epochs", type=int, default=3, help="default: 3")
    parser.add_argument(
        "-b", "--batch-size", type=int, default=400, help="of all processes together; default: 400"
    )
    parser.add_argument("-l", "--lr", type=float, default=0.1, help="learning rate; default: 0.1")
    parser.add_argument(
        "-c", "--checkpoint", type=Path, help="file to keep each epoch in, and to go on from"
    )
    parser.add_argument(
        "--drill",
        type=int,
        nargs=2,
        metavar=("EPOCH", "STEP"),
        help="a fire drill: kill the last process there, in its first life",
    )
    return parser.parse_args()


def _complaint(args: argparse.Namespace, pieces: Sequence[Path], size: int) -> str:
    """What is wrong with the command, or nothing."""
    if not args.data.is_dir():
        return f"there is no folder {args.data}"
    if not pieces:
        return f"the folder {args.data} holds no .npy files"
    if size > len(pieces):
        return f"{size} processes cannot share {len(pieces)} pieces: use at most {len(pieces)}"
    if args.batch_size < 1 or args.batch_size % len(pieces):
        return f"a batch of {args.batch_size} cannot take equally many rows of {len(pieces)} pieces"
    lengths = {len(np.load(piece, mmap_mode="r")) for piece in pieces}
    rows_each = args.batch_size // len(pieces)
    if len(lengths) > 1 or max(lengths) % rows_each:
        return f"pieces of {sorted(lengths)} rows cannot be served by {rows_each} rows each"
    return ""


if __name__ == "__main__":
    main()
