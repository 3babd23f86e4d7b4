"""Every figure, drawn anew on another CPU, is the stored one: nbval does not look at pictures."""

import base64
import copy
import functools
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import numpy.typing as npt
import pytest
from nbformat import NotebookNode
from notebook_checks import COURSE, ROOT, code_cells, stored
from PIL import Image

# A pixel may have any colour found within two pixels of it in the other picture: letters smoothed
# otherwise and a picture cropped two pixels elsewhere pass. What lies beyond (of 255) is averaged
# over blocks of 8 x 8 pixels, and the worst block counts, so that a small change is not diluted.
# Over all figures of the course this gave: another CPU or number of threads 0, letters without
# smoothing at most 7, another crop 10. In the median, a curve moved up by 0.5 % of the axis gave 2,
# by 1 % 38, by 2 % 121; one in another colour 97, one left out 129.
REACH, BLOCK, LIMIT = 2, 8, 12
Pixels = npt.NDArray[np.int16]
Runs = dict[str, NotebookNode]


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


def figures(cell: NotebookNode) -> list[Image.Image]:
    pictures = map(base64.b64decode, stored(cell, "image/png"))
    return [Image.open(io.BytesIO(picture)) for picture in pictures]


def complaints(old: NotebookNode, new: NotebookNode, name: str, folder: Path) -> Iterator[str]:
    """What differs between the figures of two runs; the new pictures go to the folder."""
    for before, after in zip(code_cells(old), code_cells(new), strict=True):
        kept, drawn, where = figures(before), figures(after), f"{name}, cell {before.id}"
        if len(kept) != len(drawn):
            yield f"{where}: {len(kept)} figures stored, {len(drawn)} drawn"
        elif "measured-times" not in before.metadata.get("tags", []):
            for number, (one, other) in enumerate(zip(kept, drawn, strict=True), 1):
                if (by := difference(one, other)) > LIMIT:
                    path = folder / f"{before.id}-{number}.png"
                    other.save(path)
                    yield f"{where}, figure {number}: {by:.0f} > {LIMIT}, see {path}"


def execute(path: Path, folder: Path) -> NotebookNode:
    """Run a notebook where it lies, on another CPU; the result goes to the folder."""
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute", str(path)]
    options = ["--ExecutePreprocessor.timeout=120", f"--output-dir={folder}", "--output=run"]
    another_cpu = os.environ | {"ATEN_CPU_CAPABILITY": "default"}
    run = subprocess.run([*command, *options], env=another_cpu, capture_output=True)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    notebook: NotebookNode = nbformat.read(folder / "run.ipynb", as_version=4)
    return notebook


def release(version: str) -> list[str]:
    return re.findall(r"\d+", version)[:2]


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_the_figures_are_the_stored_ones(path: Path, tmp_path: Path) -> None:
    old = nbformat.read(path, as_version=4)
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    (pinned,) = re.findall("^matplotlib==.*", constraints, re.MULTILINE)
    for picture in (picture for cell in code_cells(old) for picture in figures(cell)):
        assert release(picture.info["Software"]) == release(pinned), "run make notebooks"
    if release(matplotlib.__version__) != release(pinned):
        pytest.skip(f"stored by {pinned}: other releases set letters, ticks and grays otherwise")
    assert list(complaints(old, execute(path, tmp_path), path.stem, tmp_path)) == []


ONE_PIXEL = "plt.matplotlib.transforms.Affine2D().translate(1, 1)"
LETTERS = "for text in ax.figure.findobj(plt.Text): text."
TOLERATED = {
    "letters without smoothing": LETTERS + "set_antialiased(False)",
    "letters a pixel aside": LETTERS + f"set_transform(text.get_transform() + {ONE_PIXEL})",
    "another crop": "with plt.rc_context({'savefig.pad_inches': 0.115}): plt.show()",
}
CURVE = "line = ax.lines[0]; line."
NOTICED = {
    "1 % up": CURVE + "set_ydata(line.get_ydata() + 0.01 * ax.viewLim.height)",
    "1 % to the right": CURVE + "set_xdata(line.get_xdata() + 0.01 * ax.viewLim.width)",
    "no curve": CURVE + "set_visible(False)",
    "another colour": CURVE + "set_color('C3')",
    "another title": "ax.set_title(ax.get_title('left').rsplit(' ', 1)[0])",
    "no figure": "plt.close()",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """A figure as it is, and with each of the changes made before it is shown."""
    notebook = nbformat.read(COURSE[1], as_version=4)
    place = next(n for n, cell in enumerate(notebook.cells) if "alt" in cell.metadata)
    cell, changes = notebook.cells[place], {"none": ""} | TOLERATED | NOTICED
    notebook.cells[place:] = [
        nbformat.v4.new_code_cell(cell.source.replace("plt.show()", f"{change}\nplt.show()"))
        for change in changes.values()
    ]
    folder = tmp_path_factory.mktemp("changes")
    nbformat.write(notebook, folder / "changes.ipynb")
    drawn = execute(folder / "changes.ipynb", folder).cells[place:]
    notebooks = [nbformat.v4.new_notebook(cells=[cell]) for cell in drawn]
    return dict(zip(changes, notebooks, strict=True))


@pytest.mark.parametrize("change", TOLERATED)
def test_small_things_pass(change: str, runs: Runs, tmp_path: Path) -> None:
    assert list(complaints(runs["none"], runs[change], "copy", tmp_path)) == []


@pytest.mark.parametrize("change", NOTICED)
def test_a_change_is_noticed(change: str, runs: Runs, tmp_path: Path) -> None:
    (complaint,) = complaints(runs["none"], runs[change], "copy", tmp_path)
    assert complaint.startswith("copy, cell ")
    assert all(complaint.endswith(f"see {path}") for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == (change != "no figure")


def test_measured_times_may_differ(runs: Runs, tmp_path: Path) -> None:
    timed = copy.deepcopy(runs["none"])
    timed.cells[0].metadata.tags = ["measured-times"]
    assert list(complaints(timed, runs["another title"], "copy", tmp_path)) == []
    assert list(complaints(timed, runs["no figure"], "copy", tmp_path)) != []
