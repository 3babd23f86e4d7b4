"""What a run keeps: whole or not at all, loadable, and for its own data alone."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from d2lhelpers.scale import checkpoint

DATA = {"rows": [60, 7], "features": 3, "targets": 1, "checksum": 5}
KEPT = {"net": {"weight": torch.ones(1)}, "epochs": 2, "data": DATA}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Catches a file that PyTorch's safe way of loading refuses, and one that is left beside it."""
    path = tmp_path / "kept.pt"
    for _ in range(2):
        checkpoint.write(KEPT, path)
        assert checkpoint.read(path, DATA) == torch.load(path, weights_only=True) == KEPT
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_last_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a file that is half of the new one."""
    path = tmp_path / "kept.pt"
    checkpoint.write(KEPT, path)

    def fail(new: Path, data: bytes) -> None:
        new.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match=r"kept\.pt cannot be written: No space left on device$"):
        checkpoint.write({}, path)
    assert checkpoint.read(path, DATA) == KEPT
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "value", "difference"),
    [
        ("rows", [60, 8], "rows [60, 7], now [60, 8]"),
        ("features", 4, "features 3, now 4"),
        ("targets", 2, "targets 1, now 2"),
        ("checksum", 6, "checksum 5, now 6"),
    ],
)
def test_a_checkpoint_of_other_data_is_refused(
    tmp_path: Path, name: str, value: Any, difference: str
) -> None:
    """Catches parameters that are carried over to data that they do not fit."""
    path = tmp_path / "kept.pt"
    checkpoint.write(KEPT, path)
    sentence = f"{path} is a checkpoint of other data: {difference}; name a new file"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        checkpoint.read(path, DATA | {name: value})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"weights", None])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """Catches a traceback of PyTorch's; what --save has written is none, either."""
    path = tmp_path / "kept.pt"
    if content is None:
        torch.save(torch.nn.Linear(3, 1).state_dict(), path)
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"kept\.pt must be a checkpoint of this program"):
        checkpoint.read(path, DATA)


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """Catches a run of hours whose result has no place, and a trial that leaves a file."""
    checkpoint.refuse("--save", tmp_path / "kept.pt")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match=r"^--save must be a file, got the folder "):
        checkpoint.refuse("--save", tmp_path)
    if os.name == "posix":
        with pytest.raises(ValueError, match=r"^--save must be a file, got the device "):
            checkpoint.refuse("--save", Path(os.devnull))
    with pytest.raises(ValueError, match=r"^--save must lie in a folder that exists, got .*k\.pt$"):
        checkpoint.refuse("--save", tmp_path / "nowhere" / "k.pt")
    with pytest.raises(ValueError, match=r"^--save must not look like a piece of data, got .*npy:"):
        checkpoint.refuse("--save", tmp_path / "0.npy")
    (tmp_path / "kept.pt.new").mkdir()
    with pytest.raises(
        OSError, match=r"^--save must be a file that you may write, got .*kept\.pt: "
    ):
        checkpoint.refuse("--save", tmp_path / "kept.pt")
