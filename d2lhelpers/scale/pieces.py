"""Data in pieces, .npy files of one's own: checked, and read as the one table that they are.

What cannot be used is refused in one line that names the file.
"""

import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

LARGEST = 2**24  # up to here, float32 holds every integer
REAL = "must hold booleans, integers or floats"
ONE_TABLE = ": numpy.column_stack([X, y]) makes a table of features and labels"
AT_ONCE = 100  # pieces that are held open; a system allows some hundreds


def find(data: Path) -> list[Path]:
    """Return the .npy files of a folder, sorted by name; or a file alone, as the only piece.

    Raises:
        ValueError: if there is no such folder, or it holds no .npy files.
    """
    if data.is_file():
        return [data]
    if not data.is_dir():
        raise ValueError(f"there is no folder {data}")
    files = [path for path in data.iterdir() if not path.name.startswith(".")]
    if pieces := sorted(path for path in files if path.suffix == ".npy"):
        return pieces
    others = ", ".join(sorted({path.suffix for path in files if path.suffix}))
    but = f", only {others}: numpy.save writes them" if others else ""
    raise ValueError(f"the folder {data} holds no .npy files{but}")


def opened(path: Path) -> np.ndarray[Any, Any]:
    """Return a piece as a memory map: its rows are read from disk when they are asked for.

    Raises:
        OSError: if the file cannot be read.
        TypeError: if it holds anything but booleans, integers or floats.
        ValueError: if it is no table of shape (rows, columns) as numpy.save writes it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(Path(folder, "0.npy"), np.ones((3, 2)))
        ...     opened(Path(folder, "0.npy")).shape
        (3, 2)
    """
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except ValueError as error:
        with path.open("rb") as file:
            begin = file.read(6)
        reason = str(error).partition("\n")[0].rstrip(".")
        if "Python objects" in reason:
            raise TypeError(f"{path} {REAL}, got Python objects: see array.astype(float)") from None
        got = reason if begin == b"\x93NUMPY" else f"a file that begins with {begin!r}"
        raise ValueError(f"{path} must be a table written by numpy.save, got {got}") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{path} {REAL}, got {array.dtype}")
    if array.ndim != 2 or array.shape[1] == 0:
        hint = ONE_TABLE if array.ndim == 1 else ""
        raise ValueError(f"{path} must have the shape (rows, columns), got {array.shape}{hint}")
    return array


def shapes(paths: Sequence[Path]) -> list[tuple[int, int]]:
    """Return (rows, columns) of each piece, after a look at what they say of themselves.

    Raises:
        OSError, TypeError, ValueError: as `opened` does; also a ValueError if two pieces have
            different columns, or all are empty.
    """
    found: list[tuple[int, int]] = []
    for path in paths:
        found.append(opened(path).shape)
        columns, wanted = found[-1][1], found[0][1]
        if columns != wanted:
            hint = ONE_TABLE if 1 in (columns, wanted) else ""
            raise ValueError(
                f"{path} must have {wanted} columns as {paths[0]}, got {columns}{hint}"
            )
    if not any(rows for rows, _ in found):
        raise ValueError(f"the pieces must hold at least one row, got none in {paths[0].parent}")
    return found


def read(path: Path) -> Tensor:
    """Return a whole piece as a float32 tensor of shape (rows, columns), a copy.

    Raises:
        OSError, TypeError, ValueError: as `opened` does; also a ValueError for a number that is
            too large for float32.
    """
    refuse_large_integers(path)
    try:
        with np.errstate(over="raise"):
            return torch.from_numpy(np.array(opened(path), dtype=np.float32, order="C"))
    except FloatingPointError:
        raise ValueError(not_finite(path)) from None


def refuse_large_integers(path: Path) -> None:
    """Do nothing if float32 holds all integers of a piece exactly.

    Raises:
        OSError, TypeError, ValueError: as `opened` does; also a ValueError for an integer beyond
            2^24 either way.
    """
    array = opened(path)
    if array.dtype.kind in "iu" and array.dtype.itemsize > 2:
        where = _first(array, lambda rows: (rows > LARGEST) | (rows < -LARGEST))
        if where:
            wanted = "integers up to 2^24, which float32 holds exactly, or floats"
            raise ValueError(f"{path} must hold {wanted}, got {where}")


def not_finite(path: Path) -> str:
    """Say where a piece holds NaN, infinity or a float too large for float32; "" if nowhere."""
    array = opened(path)
    with np.errstate(over="ignore"):
        where = _first(array, lambda rows: ~np.isfinite(rows.astype(np.float32)))
    return where and f"{path} must hold numbers that are finite in float32, got {where}"


def _first(
    array: np.ndarray[Any, Any], wrong: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]
) -> str:
    """Say which number is the first that is wrong; a part of the rows is in memory at a time."""
    at_once = max(1, 2**20 // max(1, array.shape[1]))
    for start in range(0, len(array), at_once):
        part = array[start : start + at_once]
        for row, column in np.argwhere(wrong(part))[:1]:
            return f"{part[row, column]} at [{start + row}, {column}]"
    return ""


class Table:
    """The rows of all pieces, numbered one piece after the other, as one table on disk.

    Args:
        paths: .npy files of equal columns.
        num_targets: how many columns, the last ones, are labels.
        device: where the rows that are asked for go.

    Raises:
        OSError, TypeError, ValueError: as `shapes` does; also a ValueError if no column is left
            for a feature.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ...     for i in range(2):
        ...         np.save(Path(folder, f"{i}.npy"), 10 * i + np.arange(6).reshape(2, 3))
        ...     table = Table(find(Path(folder)))
        ...     features, labels = table[np.array([0, 3])]
        >>> len(table), features.tolist(), labels.tolist()
        (4, [[0.0, 1.0], [13.0, 14.0]], [[2.0], [15.0]])
    """

    def __init__(
        self,
        paths: Sequence[Path],
        num_targets: int = 1,
        device: torch.device | str = "cpu",
    ) -> None:
        """Look at the pieces; no row is read yet."""
        found = shapes(paths)
        self.paths, self.num_targets, self.device = list(paths), num_targets, device
        self.lengths, columns = [rows for rows, _ in found], found[0][1]
        self.num_features = columns - num_targets
        if self.num_features < 1:
            wanted = (
                f"at least {num_targets + 1} columns, features and then {num_targets} of labels"
            )
            raise ValueError(f"{paths[0]} must have {wanted}, got {columns}")
        self._ends = np.cumsum(self.lengths)
        self._starts = self._ends - self.lengths
        self._opened = lru_cache(AT_ONCE)(opened)

    def __len__(self) -> int:
        """Return the number of rows, of all pieces together."""
        return int(self._ends[-1])

    def __getitem__(self, rows: np.ndarray[Any, Any]) -> tuple[Tensor, Tensor]:
        """Return rows by their numbers, each from 0: float32 features (n, d), labels (n, t)."""
        values = np.empty((len(rows), self.num_features + self.num_targets), dtype=np.float32)
        pieces = np.searchsorted(self._ends, rows, side="right")
        for i in np.unique(pieces).tolist():
            here = pieces == i
            with np.errstate(over="ignore"):  # `not_finite` says where
                values[here] = self._opened(self.paths[i])[rows[here] - self._starts[i]]
        both = torch.from_numpy(values).to(self.device)
        return both[:, : self.num_features], both[:, self.num_features :]

    def fingerprint(self) -> dict[str, Any]:
        """Return what tells these data from others: shapes, and a sum over a few rows of each."""
        some = (array[[0, -1]].tobytes() for array in map(opened, self.paths) if len(array))
        return {
            "rows": self.lengths,
            "features": self.num_features,
            "targets": self.num_targets,
            "checksum": zlib.crc32(b"".join(some)),
        }
