"""What a run keeps in files: whole or not at all, and only for the data that it trained on."""

import io
import os
from pathlib import Path
from reprlib import repr as brief
from typing import Any

import torch


def refuse(option: str, path: Path) -> None:
    """Do nothing if a file can be written there: try it.

    Raises:
        OSError: if the system refuses.
        ValueError: if the path is a folder, a device or the like, if it lies in no folder, or if it
            looks like a piece of the data.
    """
    if path.exists() and not path.is_file():  # a device would be replaced by the file
        what = "folder" if path.is_dir() else "device"
        raise ValueError(f"{option} must be a file, got the {what} {path}")
    if not path.parent.is_dir():
        raise ValueError(f"{option} must lie in a folder that exists, got {path}")
    if path.suffix == ".npy":
        raise ValueError(f"{option} must not look like a piece of data, got {path}: end it in .pt")
    try:
        _new(path).touch()
        _new(path).unlink()
    except OSError as error:
        raise OSError(f"{option} must be a file that you may write, got {path}: {error}") from None


def write(kept: dict[str, Any], path: Path) -> None:
    """Write a dictionary of tensors and plain values, for `torch.load(weights_only=True)`.

    Raises:
        OSError: if the system refuses; then the file is what it was before.
    """
    data = io.BytesIO()  # of a full disk, PyTorch's own writing says nothing that helps
    torch.save(kept, data)
    try:
        _new(path).write_bytes(data.getbuffer())
        os.replace(_new(path), path)  # whole, or not at all
    except OSError as error:
        _new(path).unlink(missing_ok=True)
        raise OSError(f"{path} cannot be written: {error.strerror}") from None


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def read(path: Path, data: dict[str, Any]) -> dict[str, Any]:
    """Return a checkpoint after a look whether it belongs to these data.

    Args:
        path: a file that `write` made.
        data: what must stand in it under "data".

    Raises:
        ValueError: if it is no checkpoint of a run, or one of a run on other data.
    """
    try:
        kept: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        then = dict(kept["data"])
    except Exception:  # torch.load raises whatever comes to it, as the file may be anything
        raise ValueError(f"{path} must be a checkpoint of this program, and is none") from None
    for name, now in data.items():
        if then.get(name) != now:
            difference = f"{name} {brief(then.get(name))}, now {brief(now)}"
            raise ValueError(f"{path} is a checkpoint of other data: {difference}; name a new file")
    return kept
