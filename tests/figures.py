"""Stored figures against those that a run draws: nbval does not look at pictures."""

import base64
import functools
import io
import re
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import numpy.typing as npt
import pytest
from nbformat import NotebookNode
from notebook_checks import ROOT, code_cells, stored
from PIL import Image

# A pixel may have any colour found within two pixels of it in the other picture: letters smoothed
# otherwise and a picture cropped two pixels elsewhere pass. What lies beyond (of 255) is averaged
# over blocks of 8 x 8 pixels, and the worst block counts, so that a small change is not diluted.
# Over all figures of the course this gave: another CPU or number of threads 0, letters without
# smoothing at most 7, another crop 10. In the median, a curve moved up by 0.5 % of the axis gave 2,
# by 1 % 38, by 2 % 121; one in another colour 97, one left out 129.
REACH, BLOCK, LIMIT = 2, 8, 12
Pixels = npt.NDArray[np.int16]


def around(pixels: Pixels, extreme: np.ufunc) -> Pixels:
    for axis in (0, 1):
        moved = (np.roll(pixels, step, axis) for step in range(-REACH, REACH + 1))
        pixels = functools.reduce(extreme, moved)
    return pixels


def difference(one: Image.Image, other: Image.Image) -> float:
    high, wide = -(-np.maximum(one.size, other.size)[::-1] // BLOCK)
    pages = np.full((2, high * BLOCK, wide * BLOCK, 3), 255, dtype=np.int16)
    for page, picture in zip(pages, (one, other), strict=True):
        page[: picture.height, : picture.width] = picture.convert("RGB")
    pairs = (pages, pages[::-1])
    beyond = [np.maximum(around(y, np.minimum) - x, x - around(y, np.maximum)) for x, y in pairs]
    blocks = np.max(beyond, axis=(0, -1)).reshape(high, BLOCK, wide, BLOCK)
    return float(blocks.mean(axis=(1, 3)).max())


def stored_figures(cell: NotebookNode) -> list[Image.Image]:
    pictures = map(base64.b64decode, stored(cell, "image/png"))
    return [Image.open(io.BytesIO(picture)) for picture in pictures]


def complaints(cell: NotebookNode, pictures: Path) -> Iterator[str]:
    """What differs between the figures stored in a cell and those drawn in a run."""
    kept, drawn = stored_figures(cell), sorted(pictures.glob(f"{cell.id}-?.png"))
    if len(kept) != len(drawn):
        yield f"{cell.id}: {len(kept)} figures stored, {len(drawn)} drawn"
    elif "measured-times" not in cell.metadata.get("tags", []):
        for old, path in zip(kept, drawn, strict=True):
            if (by := difference(old, Image.open(path))) > LIMIT:
                yield f"{cell.id}: {by:.0f} > {LIMIT}, see {path}"


def release(version: str) -> list[str]:
    return re.findall(r"\d+", version)[:2]


def compare(path: Path, pictures: Path) -> None:
    """Fail unless each figure of a notebook is the one of its cell in the folder of pictures."""
    cells = code_cells(nbformat.read(path, as_version=4))
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    (pinned,) = re.findall("^matplotlib==.*", constraints, re.MULTILINE)
    for picture in (picture for cell in cells for picture in stored_figures(cell)):
        assert release(picture.info["Software"]) == release(pinned), "run make notebooks"
    if release(matplotlib.__version__) != release(pinned):
        pytest.skip(f"stored by {pinned}: other releases set letters, ticks and grays otherwise")
    folder = pictures / path.stem
    assert [complaint for cell in cells for complaint in complaints(cell, folder)] == []
