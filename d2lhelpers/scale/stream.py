"""Data that are read while they are used: what the worker processes of a DataLoader import.

A worker is a Python process of its own. It gets a dataset as its values and the *name* of its
class, so the class must stand in a module: one that was written in a notebook's cell is not found.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from d2lhelpers import _checks
from d2lhelpers.scale import pieces as on_disk


class Stream(IterableDataset[Tensor]):
    """Batches of rows from the pieces of a data set, read one piece after the other.

    Use it in a `DataLoader` with `batch_size=None`: it serves whole batches. The workers of the
    loader share out the pieces, so that each row is served once in an epoch.

    Args:
        pieces: .npy files, each a table of shape (rows, columns), of equal columns. Booleans,
            integers up to 2^24 and floats are served as float32. A piece may have no rows.
        batch_size: number of rows in a batch; the last of a piece may be smaller.
        buffer_size: number of rows from which a batch is drawn at random, rounded down to whole
            batches; 0 serves the rows in the order of the files.
        generator: source of the draws where there are no workers. A worker draws from PyTorch's
            global stream, which the loader seeds anew for each worker and each epoch.
        share: False makes a mistake on purpose: every worker serves all pieces.

    Raises:
        OSError: if a piece cannot be read.
        TypeError: if an argument is of the wrong type, or a piece holds other things than numbers.
        ValueError: if there are no pieces or no rows, a piece is no table or has other columns
            than the first, batch_size is below 1, or buffer_size is negative. While it serves: if
            a piece holds an integer beyond 2^24, or a float that is too large for float32.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     piece = Path(folder, "0.npy")
        ...     np.save(piece, np.arange(6.0).reshape(3, 2))
        ...     [batch.tolist() for batch in Stream([piece], batch_size=2)]
        [[[0.0, 1.0], [2.0, 3.0]], [[4.0, 5.0]]]
    """

    def __init__(
        self,
        pieces: Iterable[Path | str],
        batch_size: int,
        buffer_size: int = 0,
        *,
        generator: torch.Generator | None = None,
        share: bool = True,
    ) -> None:
        """Check the arguments, and what the pieces say of themselves; no row is read yet."""
        self.pieces = _paths(pieces)
        self.batch_size = _checks.positive_int("batch_size", batch_size)
        self.buffer_size = _checks.nonnegative_int("buffer_size", buffer_size)
        self.generator = _checks.generator(generator)
        self.share = share
        on_disk.shapes(self.pieces)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a worker gets: all but the generator, which it does not use."""
        return self.__dict__ | {"generator": None}

    def __iter__(self) -> Iterator[Tensor]:
        """Serve an epoch: all pieces, or the part of this worker."""
        worker = get_worker_info()  # None where no worker asks
        if worker is None:
            return self._serve(self.pieces, self.generator)
        mine = _part(self.pieces, worker.id, worker.num_workers) if self.share else self.pieces
        return self._serve(mine, None)

    def _serve(self, pieces: Sequence[Path], generator: torch.Generator | None) -> Iterator[Tensor]:
        tables = (on_disk.read(piece) for piece in pieces)  # one after the other
        batches = (batch for table in tables if len(table) for batch in self._cut(table))
        kept = list(islice(batches, self.buffer_size // self.batch_size))
        if kept:
            buffer = torch.cat(kept)
            for batch in batches:  # one comes in, and as many rows go out
                pool = torch.cat([buffer, batch])
                pool = pool[torch.randperm(len(pool), generator=generator)]
                yield pool[: len(batch)].clone()
                buffer = pool[len(batch) :]
            order = torch.randperm(len(buffer), generator=generator)
            yield from self._cut(buffer[order])
        else:
            yield from batches

    def _cut(self, table: Tensor) -> Iterator[Tensor]:
        """Yield copies: a worker would send the whole table with each view of a part of it."""
        return (part.clone() for part in torch.split(table, self.batch_size))


def _part(pieces: Sequence[Path], worker: int, num_workers: int) -> Sequence[Path]:
    return pieces[worker::num_workers]  # notebook 06 shows who calls this, and asks for this line


def _paths(pieces: Any) -> list[Path]:
    """Return the pieces as paths, or say why they are none."""
    try:
        if isinstance(pieces, str | bytes):
            raise TypeError
        paths = [Path(piece) for piece in pieces]
    except TypeError:
        got = f"{pieces!r} ({type(pieces).__name__})"
        raise TypeError(f"pieces must be a list of paths of .npy files, got {got}.") from None
    if not paths:
        raise ValueError("pieces must hold at least one file, got none.")
    return paths


class SlowExamples(Dataset[Tensor]):
    """Examples that take a while to fetch, as from a disk far away.

    Args:
        num_examples: how many there are; example i is the number i.
        seconds: how long one takes.
    """

    def __init__(self, num_examples: int, seconds: float) -> None:
        """Keep the arguments."""
        self.num_examples = num_examples
        self.seconds = seconds

    def __len__(self) -> int:
        """Return the number of examples."""
        return self.num_examples

    def __getitem__(self, i: int) -> Tensor:
        """Wait, and return example i."""
        if not 0 <= i < self.num_examples:
            raise IndexError(f"there is no example {i} of {self.num_examples}")
        time.sleep(self.seconds)
        return torch.tensor(i)
