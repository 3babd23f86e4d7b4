"""Every figure, drawn anew on another CPU, is the stored one: nbval does not look at pictures."""

import base64
import copy
import functools
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import numpy.typing as npt
import pytest
from conftest import Rerun
from nbformat import NotebookNode
from notebook_checks import COURSE, QUICK, ROOT, SLOW, code_cells, stored
from PIL import Image
from rerun import nbval

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
    kept, drawn = stored_figures(cell), sorted(pictures.glob(f"{cell.id}-*.png"))
    if len(kept) != len(drawn):
        yield f"{cell.id}: {len(kept)} figures stored, {len(drawn)} drawn"
    elif "measured-times" not in cell.metadata.get("tags", []):
        for old, path in zip(kept, drawn, strict=True):
            if (by := difference(old, Image.open(path))) > LIMIT:
                yield f"{cell.id}: {by:.0f} > {LIMIT}, see {path}"


def release(version: str) -> list[str]:
    return re.findall(r"\d+", version)[:2]


@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.stem)
def test_the_figures_are_the_stored_ones(path: Path, on_login_node: Rerun) -> None:
    compare(path, on_login_node)


@pytest.mark.long
@pytest.mark.parametrize("path", SLOW, ids=lambda path: path.stem)
def test_the_figures_of_processes_are_the_stored_ones(
    path: Path, slow_on_login_node: Rerun
) -> None:
    compare(path, slow_on_login_node)


def compare(path: Path, rerun: Rerun) -> None:
    cells = code_cells(nbformat.read(path, as_version=4))
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    (pinned,) = re.findall("^matplotlib==.*", constraints, re.MULTILINE)
    for picture in (picture for cell in cells for picture in stored_figures(cell)):
        assert release(picture.info["Software"]) == release(pinned), "run make notebooks"
    if release(matplotlib.__version__) != release(pinned):
        pytest.skip(f"stored by {pinned}: other releases set letters, ticks and grays otherwise")
    folder = rerun.pictures / path.stem
    assert [complaint for cell in cells for complaint in complaints(cell, folder)] == []


ONE_PIXEL = "plt.matplotlib.transforms.Affine2D().translate(1, 1)"
LETTERS = "for text in ax.figure.findobj(plt.Text): text."
TOLERATED = {
    "none": "",
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
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[NotebookNode, Path]:
    """A cell with its figure, and a folder with the figure as drawn after each change."""
    notebook = nbformat.read(COURSE[1], as_version=4)
    place = next(n for n, cell in enumerate(notebook.cells) if "alt" in cell.metadata)
    cell = notebook.cells[place]
    notebook.cells[place:] = [
        nbformat.v4.new_code_cell(
            cell.source.replace("plt.show()", f"{change}\nplt.show()"), id=f"{cell.id}-{number}"
        )
        for number, change in enumerate((TOLERATED | NOTICED).values())
    ]
    folder = tmp_path_factory.mktemp("changes")
    nbformat.write(notebook, folder / "changes.ipynb")
    nbval(folder / "changes.ipynb", pictures=folder)
    return cell, folder / "changes"


def complaint_of(change: str, changed: tuple[NotebookNode, Path], tags: Sequence[str] = ()) -> str:
    cell, folder = copy.deepcopy(changed[0]), changed[1]
    cell.update(id=f"{cell.id}-{[*TOLERATED, *NOTICED].index(change)}")
    cell.metadata.tags = list(tags)
    return "\n".join(complaints(cell, folder))


@pytest.mark.parametrize("change", TOLERATED)
def test_small_things_pass(change: str, changed: tuple[NotebookNode, Path]) -> None:
    assert complaint_of(change, changed) == ""


@pytest.mark.parametrize("change", NOTICED)
def test_a_change_is_noticed(change: str, changed: tuple[NotebookNode, Path]) -> None:
    complaint = complaint_of(change, changed)
    assert (
        "1 figures stored, 0 drawn" if change == "no figure" else f"> {LIMIT}, see"
    ) in complaint


def test_measured_times_may_differ(changed: tuple[NotebookNode, Path]) -> None:
    assert complaint_of("another title", changed, ["measured-times"]) == ""
    assert complaint_of("no figure", changed, ["measured-times"]) != ""
