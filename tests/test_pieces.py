"""Own data: every kind of number that float32 holds is taken, and all else refused in a line."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import psutil
import pytest
import torch
from hypothesis import given

from d2lhelpers.scale import pieces

TABLE = np.arange(12).reshape(4, 3)
TAKEN = ["?", "b", "B", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", ">f8", ">i4", "g"]
REAL = "must hold booleans, integers or floats, got"
WRITTEN = "must be a table written by numpy.save, got"


def saved(path: Path, array: Any) -> Path:
    np.save(path, array)
    return path


@pytest.mark.parametrize("kind", TAKEN)
def test_every_kind_of_number_is_taken_as_float32(tmp_path: Path, kind: str) -> None:
    """Catches NumPy's default types, and bytes in another order, that end in a traceback."""
    array = TABLE.astype(kind)
    path = saved(tmp_path / "0.npy", np.asfortranarray(array))
    wanted = torch.from_numpy(array.astype("float32"))
    features, labels = pieces.Table([path], 2)[np.arange(4)]
    pieces.refuse_large_integers(path)
    torch.testing.assert_close(features, wanted[:, :1], rtol=0, atol=0)
    torch.testing.assert_close(labels, wanted[:, 1:], rtol=0, atol=0)
    torch.testing.assert_close(pieces.read(path), wanted, rtol=0, atol=0)


def text(path: Path, content: str | bytes) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, TABLE)


def cut_short(path: Path) -> None:
    np.save(path, TABLE)
    path.write_bytes(path.read_bytes()[:-8])


REFUSED: dict[str, tuple[Callable[[Path], object], type[Exception], str]] = {
    "complex": (lambda path: np.save(path, TABLE + 1j), TypeError, f"{REAL} complex128"),
    "text": (lambda path: np.save(path, TABLE.astype(str)), TypeError, f"{REAL} <U"),
    "dates": (lambda path: np.save(path, TABLE.astype("M8[D]")), TypeError, f"{REAL} datetime64"),
    "fields": (lambda path: np.save(path, np.zeros(3, "f4,f4")), TypeError, REAL),
    "objects": (lambda path: np.save(path, TABLE.astype(object)), TypeError, f"{REAL} Python obj"),
    "a column": (lambda path: np.save(path, TABLE[0]), ValueError, r"shape \(rows, columns\), got"),
    "no column": (lambda path: np.save(path, TABLE[:, :0]), ValueError, r"got \(4, 0\)"),
    "a number": (lambda path: np.save(path, np.float32(1)), ValueError, r"got \(\)"),
    "an image": (lambda path: np.save(path, TABLE[None]), ValueError, r"got \(1, 4, 3\)"),
    "a CSV file": (lambda path: text(path, "a,b\n1,2\n"), ValueError, f"{WRITTEN} a file .* b'a,b"),
    "a header of nonsense": (
        lambda path: text(path, b"\x93NUMPY\x01\x00v\x00{garbage}" + b" " * 150),
        ValueError,
        WRITTEN,
    ),
    "a thousand fields": (
        lambda path: np.save(path, np.zeros(1, [(f"field {i}", "f4") for i in range(1000)])),
        ValueError,
        WRITTEN,
    ),
    "nothing": (lambda path: text(path, ""), ValueError, WRITTEN),
    "an archive": (archive, ValueError, WRITTEN),
    "half of a file": (cut_short, ValueError, WRITTEN),
    "a folder": (lambda path: path.mkdir(), OSError, "0"),
    "no file": (lambda path: None, FileNotFoundError, "0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_of_numbers_is_named(tmp_path: Path, name: str) -> None:
    """Catches a file that is let through, or refused without its name, or in many lines."""
    make, error, words = REFUSED[name]
    path = tmp_path / "0.npy"
    make(path)
    with pytest.raises(error, match=words) as caught:
        pieces.opened(path)
    assert "0.npy" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["i4", "u4", "i8", "u8"])
def test_an_integer_that_float32_would_change_is_named(tmp_path: Path, kind: str) -> None:
    """Catches a bound that is off by one, and numbers of persons or accounts that run together."""
    path = saved(tmp_path / "0.npy", np.full((3, 2), 2**24, kind))
    pieces.refuse_large_integers(path)
    array = np.load(path)
    array[2, 1] += 1
    with pytest.raises(ValueError, match=r"0\.npy .* integers up to 2\^24.* 16777217 at \[2, 1\]"):
        pieces.refuse_large_integers(saved(path, array))
    with pytest.raises(ValueError, match="got 16777217"):
        pieces.read(path)


def test_the_smallest_integers_are_named_too(tmp_path: Path) -> None:
    """Catches a bound on one side, and an absolute value that overflows."""
    path = saved(tmp_path / "0.npy", np.array([[-(2**24)]]))
    pieces.refuse_large_integers(path)
    for number in (-(2**24) - 1, -(2**63)):
        with pytest.raises(ValueError, match=f"got {number} at"):
            pieces.refuse_large_integers(saved(path, np.array([[number]])))


def test_the_last_row_of_a_long_piece_is_looked_at(tmp_path: Path) -> None:
    """Catches a look at the first rows alone, and a row that is counted from within a part."""
    array = np.zeros((2**20 + 5, 1), dtype="i4")
    array[-1] = 2**30
    with pytest.raises(ValueError, match=r"at \[1048580, 0\]"):
        pieces.refuse_large_integers(saved(tmp_path / "0.npy", array))


@pytest.mark.parametrize("number", [np.nan, np.inf, -1e39])
def test_what_is_not_finite_is_found(tmp_path: Path, number: float) -> None:
    """Catches a number that is finite where it stands, but not where it is used."""
    array = TABLE.astype("f8")
    assert pieces.not_finite(saved(tmp_path / "0.npy", array)) == ""
    array[3, 1] = number
    said = pieces.not_finite(saved(tmp_path / "0.npy", array))
    assert said == (
        f"{tmp_path / '0.npy'} must hold numbers that are finite in float32, got {number} at [3, 1]"
    )


def test_a_float_beyond_float32_is_refused_where_all_is_read(tmp_path: Path) -> None:
    """Catches an infinity that is made in silence; one that stands in the file is served."""
    path = saved(tmp_path / "0.npy", np.array([[np.inf, np.nan]]))
    assert pieces.read(path).isinf().tolist() == [[True, False]]
    with pytest.raises(ValueError, match=r"got 1e\+39 at \[0, 0\]"):
        pieces.read(saved(path, np.array([[1e39]])))


@given(lengths=st.lists(st.integers(0, 9), min_size=1, max_size=6), data=st.data())
def test_a_table_is_its_pieces_one_after_the_other(lengths: list[int], data: st.DataObject) -> None:
    """Catches rows of a neighbour, at the edges of pieces and around empty ones."""
    if not any(lengths):
        lengths[-1] = 1
    everything = np.arange(2 * sum(lengths)).reshape(-1, 2)
    asked = np.array(data.draw(st.lists(st.integers(0, len(everything) - 1), max_size=20)), int)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        parts = np.split(everything, np.cumsum(lengths)[:-1])
        paths = [saved(Path(folder, f"{i}.npy"), part) for i, part in enumerate(parts)]
        table = pieces.Table(paths)
        features, labels = table[asked]
    assert len(table) == len(everything)
    assert features.flatten().tolist() == everything[asked, 0].tolist()
    assert labels.flatten().tolist() == everything[asked, 1].tolist()
    assert (features.shape, labels.shape) == ((len(asked), 1), (len(asked), 1))


@pytest.mark.skipif(sys.platform == "win32", reason="counts the descriptors of Unix")
def test_thousands_of_pieces_are_not_all_held_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches "Too many open files"."""
    monkeypatch.setattr(pieces, "AT_ONCE", 5)
    table = pieces.Table([saved(tmp_path / f"{i}.npy", TABLE) for i in range(50)])
    before = psutil.Process().num_fds()
    assert table[np.arange(200)][0].sum() == 50 * TABLE[:, :2].sum()
    assert psutil.Process().num_fds() <= before + 5


@pytest.mark.parametrize(
    ("arrays", "targets", "sentence"),
    [
        ([TABLE, TABLE[:, 1:]], 1, r".*1\.npy must have 3 columns as .*0\.npy, got 2"),
        ([TABLE, TABLE[:0, 1:]], 1, r".*1\.npy must have 3 columns as .*0\.npy, got 2"),
        ([TABLE[:0], TABLE[:0]], 1, r"the pieces must hold at least one row, got none in .*"),
        ([TABLE], 3, r".*0\.npy must have at least 4 columns, features and then 3 .*, got 3"),
        ([TABLE[:, :1]], 1, r".*0\.npy must have at least 2 columns, .*, got 1"),
    ],
)
def test_tables_that_make_no_data_are_refused(
    tmp_path: Path, arrays: list[Any], targets: int, sentence: str
) -> None:
    """Catches pieces that do not fit together, or leave nothing to learn from."""
    paths = [saved(tmp_path / f"{i}.npy", array) for i, array in enumerate(arrays)]
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        pieces.Table(paths, targets)


def test_a_folder_gives_its_pieces_and_nothing_else(tmp_path: Path) -> None:
    """Catches what other systems leave beside the files, as macOS leaves `._0.npy`."""
    with pytest.raises(ValueError, match=r"^there is no folder .*nowhere$"):
        pieces.find(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"^the folder .* holds no \.npy files$"):
        pieces.find(tmp_path)
    for name in ("b.csv", "a.npz", "._0.npy", "README"):
        (tmp_path / name).touch()
    with pytest.raises(
        ValueError, match=r"no \.npy files, only \.csv, \.npz: numpy\.save writes them$"
    ):
        pieces.find(tmp_path)
    paths = [saved(tmp_path / name, TABLE) for name in ("1.npy", "0.npy")]
    assert pieces.find(tmp_path) == paths[::-1]
    assert pieces.find(paths[0]) == paths[:1]


def test_other_data_have_another_fingerprint(tmp_path: Path) -> None:
    """Catches a checkpoint that goes on with data that only look the same."""
    paths = [saved(tmp_path / f"{i}.npy", TABLE) for i in range(2)]
    found = [pieces.Table(paths).fingerprint(), pieces.Table(paths, 2).fingerprint()]
    middle, last = TABLE.copy(), TABLE.copy()
    middle[1], last[-1] = 0, 0  # the rows between are not looked at
    for other in (TABLE + 1, last, TABLE[:3], TABLE[:0]):
        saved(paths[1], other)
        found.append(pieces.Table(paths).fingerprint())
    assert all(one != other for i, one in enumerate(found) for other in found[:i])
    for same in (middle, TABLE):
        saved(paths[1], same)
        assert pieces.Table(paths).fingerprint() == found[0]
    assert found[0].items() >= {"features": 2, "targets": 1}.items()
