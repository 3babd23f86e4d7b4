"""The stream: every row once, whatever shares it out, and in an order that is drawn."""

from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from torch import Tensor
from torch.utils.data import DataLoader

from d2lhelpers.scale.stream import SlowExamples, Stream


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five pieces of 10 to 14 rows; row i is (i, -i)."""
    folder, start = tmp_path_factory.mktemp("pieces"), 0
    for i, length in enumerate(range(10, 15)):
        column = np.arange(start, start + length, dtype="float32")
        np.save(folder / f"{i}.npy", np.stack([column, -column], axis=1))
        start += length
    return sorted(folder.glob("*.npy"))


def numbers(batches: list[Tensor]) -> list[int]:
    rows = torch.cat(batches)
    assert torch.equal(rows[:, 0], -rows[:, 1])
    return [int(i) for i in rows[:, 0]]


def loaded(
    stream: Stream, num_workers: int, num_epochs: int = 1, start_method: str | None = None
) -> list[list[int]]:
    """The epochs of a loader, with workers that start in the way of this system, or another."""
    generator = torch.Generator().manual_seed(0)
    loader = DataLoader(
        stream,
        batch_size=None,
        num_workers=num_workers,
        multiprocessing_context=start_method,
        generator=generator,
    )
    return [numbers(list(loader)) for _ in range(num_epochs)]


@given(batch_size=st.integers(1, 80), buffer_size=st.integers(0, 80), seed=st.integers(0, 9))
def test_every_row_is_served_once(
    pieces: list[Path], batch_size: int, buffer_size: int, seed: int
) -> None:
    """Catches rows lost or doubled at the edges of batches, pieces and the buffer."""
    generator = torch.Generator().manual_seed(seed)
    batches = list(Stream(pieces, batch_size, buffer_size, generator=generator))
    assert sorted(numbers(batches)) == list(range(60))
    assert max(map(len, batches)) <= batch_size
    if buffer_size < batch_size:
        assert numbers(batches) == list(range(60))


def test_a_buffer_mixes_no_further_than_it_reaches(pieces: list[Path]) -> None:
    """Catches a buffer that serves what it cannot hold yet, or that does not mix."""
    served = numbers(list(Stream(pieces, 5, 20, generator=torch.Generator().manual_seed(0))))
    assert all(i < place + 25 for place, i in enumerate(served))
    assert served != sorted(served)


def test_an_equal_seed_gives_an_equal_order(pieces: list[Path]) -> None:
    """Catches draws from anywhere but the generator."""
    one, other = (
        numbers(list(Stream(pieces, 5, 20, generator=torch.Generator().manual_seed(3))))
        for _ in range(2)
    )
    assert one == other


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # more workers than cores
@pytest.mark.parametrize(
    ("num_workers", "start_method"), [(6, None), pytest.param(2, "spawn", marks=pytest.mark.long)]
)
def test_workers_share_out_the_pieces(
    pieces: list[Path], num_workers: int, start_method: str | None
) -> None:
    """Catches the classical mistake, more workers than pieces, and what a new Python cannot get."""
    (epoch,) = loaded(Stream(pieces, 4), num_workers, start_method=start_method)
    assert sorted(epoch) == list(range(60))


def test_without_sharing_every_worker_serves_everything(pieces: list[Path]) -> None:
    """Catches a lesson about a mistake that does not happen."""
    (epoch,) = loaded(Stream(pieces, 4, share=False), 2)
    assert sorted(epoch) == sorted([*range(60), *range(60)])


def test_workers_mix_anew_in_each_epoch(pieces: list[Path]) -> None:
    """Catches a generator that is copied to the workers, and gives the same order every time."""
    one, other = loaded(
        Stream(pieces, 4, 8, generator=torch.Generator().manual_seed(0)), 2, num_epochs=2
    )
    assert sorted(one) == sorted(other) == list(range(60))
    assert one != other


def test_slow_examples_are_numbered() -> None:
    """Catches an endless loop: a dataset is over where its index is refused."""
    assert [int(i) for i in SlowExamples(3, seconds=0)] == [0, 1, 2]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["?", "i2", "i8", "f2", "f8", ">f4"])
def test_every_kind_of_number_is_served_as_float32(tmp_path: Path, kind: str) -> None:
    """Catches NumPy's default types, which a linear layer refuses, and pieces of two kinds."""
    table = np.arange(6).reshape(3, 2)
    np.save(tmp_path / "0.npy", np.asfortranarray(table.astype(kind)))
    np.save(tmp_path / "1.npy", table.astype("float32"))
    served = torch.cat(list(Stream(sorted(tmp_path.glob("*.npy")), 2, 2)))
    wanted = np.concatenate([table.astype(kind), table]).astype("float32").tolist()
    assert served.dtype == torch.float32
    assert sorted(served.tolist()) == sorted(wanted)


@pytest.mark.parametrize("buffer_size", [0, 4])
def test_a_piece_without_rows_serves_no_batch(tmp_path: Path, buffer_size: int) -> None:
    """Catches an empty batch, whose mean is NaN, and one that counts as a part of the buffer."""
    for i, length in enumerate((0, 3, 0, 0, 5, 0)):
        np.save(tmp_path / f"{i}.npy", np.full((length, 2), i))
    paths = [str(path) for path in sorted(tmp_path.glob("*.npy"))]
    batches = list(Stream((path for path in paths), 2, buffer_size))
    assert min(map(len, batches)) > 0
    assert sorted(torch.cat(batches)[:, 0].tolist()) == [1] * 3 + [4] * 5


def test_a_number_that_float32_would_change_is_named(tmp_path: Path) -> None:
    """Catches numbers of accounts that run together, and infinities that were none."""
    np.save(tmp_path / "0.npy", np.full((2, 2), 2**24 + 1))
    with pytest.raises(ValueError, match=r"0\.npy must hold integers up to 2\^24"):
        list(Stream([tmp_path / "0.npy"], 2))
    np.save(tmp_path / "0.npy", np.full((2, 2), 1e300))
    with pytest.raises(ValueError, match=r"0\.npy must hold .* got 1e\+300 at \[0, 0\]"):
        list(Stream([tmp_path / "0.npy"], 2))


LIST = "pieces must be a list of paths of .npy files, got"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], 5), ValueError, "pieces must hold at least one file, got none"),
        (("0.npy", 5), TypeError, rf"{LIST} '0.npy' \(str\)"),
        ((Path("0.npy"), 5), TypeError, rf"{LIST} .*Path\('0.npy'\)"),
        ((None, 5), TypeError, rf"{LIST} None \(NoneType\)"),
        (([3], 5), TypeError, rf"{LIST} \[3\] \(list\)"),
        ((["0.npy"], 0), ValueError, "batch_size must be a positive integer, got 0"),
        ((["0.npy"], 2.5), TypeError, "batch_size must be a positive integer, got 2.5"),
        ((["0.npy"], None), TypeError, "batch_size must be a positive integer, got None"),
        ((["0.npy"], 5, -1), ValueError, "buffer_size must be an integer, 0 or larger, got -1"),
        ((["0.npy"], 5, None), TypeError, "buffer_size must be an integer, 0 or larger, got None"),
        ((["0.npy"], 5, False), TypeError, "buffer_size must be an integer, 0 or larger, got Fals"),
        ((["0.npy", "no.npy"], 5), FileNotFoundError, "no.npy"),
        ((["column.npy"], 5), ValueError, r"column.npy must have the shape .*, got \(3,\)"),
        ((["0.npy", "wide.npy"], 5), ValueError, "wide.npy must have 2 columns as 0.npy, got 3"),
        ((["complex.npy"], 5), TypeError, "complex.npy must hold booleans, .*, got complex128"),
        ((["empty.npy"], 5), ValueError, "the pieces must hold at least one row"),
    ],
)
def test_bad_input_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[object, ...],
    error: type[Exception],
    message: str,
) -> None:
    """Catches an error that comes only in a worker."""
    monkeypatch.chdir(tmp_path)
    for name, array in {
        "0": np.ones((3, 2)),
        "column": np.ones(3),
        "wide": np.ones((3, 3)),
        "complex": np.ones((3, 2), complex),
        "empty": np.ones((0, 2)),
    }.items():
        np.save(f"{name}.npy", array)
    with pytest.raises(error, match=message):
        Stream(*arguments)  # type: ignore[arg-type]
