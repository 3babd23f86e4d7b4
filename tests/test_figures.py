"""The comparison of figures lets small things pass, and nothing that a reader could see."""

import copy
from collections.abc import Sequence
from pathlib import Path

import nbformat
import pytest
from figures import LIMIT, complaints
from nbformat import NotebookNode
from notebook_checks import COURSE
from rerun import nbval

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
