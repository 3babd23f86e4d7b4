"""The notebooks as they are published: found, read, held to what every page needs, replaced."""

import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"
FOLDED = "hide-input"  # the tag of cells that only check what the text says
HIDDEN = {"hide-code-on-stage", "explorer", FOLDED}  # of code that an audience need not read
EXERCISE = re.compile(r"\A\*\*(\d+\. .+?)\*\* (\(about \d+ minutes?\))\. ")  # its first words
ROLES = {"slide", "subslide", "fragment", "skip", "notes", "-"}


class PublishError(Exception):
    """What is wrong with the material, in one line that names the file and the cell."""


@dataclass(frozen=True)
class Lesson:
    """A notebook that can be published.

    Attributes:
        path: Where it lies; `path.stem` names its deck, handout and page.
        cells: Its cells, each with `slide_role`, outputs and, where it draws, its alt text.
    """

    path: Path
    cells: list[NotebookNode]

    @property
    def number(self) -> str:
        """The two digits that its name begins with."""
        return self.path.stem[:2]

    @property
    def title(self) -> str:
        """Its heading, without the mark."""
        return str(self.cells[0].source.splitlines()[0]).removeprefix("# ")


def discover(chosen: str = "") -> list[Path]:
    """Return the notebooks in reading order; `chosen` picks those whose names begin with it.

    Raises:
        PublishError: If there is none.
    """
    paths = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    found = [path for path in paths if path.stem.startswith(chosen.removesuffix(".ipynb"))]
    if not paths:
        raise PublishError(f"there is no notebook in {NOTEBOOKS}")
    if not found:
        names = ", ".join(path.stem for path in paths)
        raise PublishError(f"NOTEBOOK={chosen}: there is no such notebook; there are {names}")
    return found


def slide_role(cell: NotebookNode) -> str:
    """Return the cell's role on stage, "" when it has none."""
    return str(cell.metadata.get("slideshow", {}).get("slide_type", ""))


def tags(cell: NotebookNode) -> list[str]:
    """Return the cell's tags."""
    return list(cell.metadata.get("tags", []))


def is_exercise(cell: NotebookNode) -> bool:
    """Tell whether the cell holds an answer to fill in and the line that checks it."""
    return cell.cell_type == "code" and bool(re.search(r"^exercises\.\w+\.", cell.source, re.M))


def without_answers(source: str) -> str:
    r"""Return the text with each folded answer left out and its question kept.

    What else is folded, as `<details class="aside">`, is open, as paper cannot be unfolded.

    Example:
        >>> without_answers("<details><summary>1. Why?</summary>\n\nSo.\n</details>")
        '1. Why?'
    """
    questions = re.sub(
        r"<details>\s*<summary>(.*?)</summary>.*?</details>", r"\1", source, flags=re.DOTALL
    )
    return questions.replace('<details class="aside">', "<details open>")


def fault(cell: NotebookNode) -> str:
    """Return what keeps a cell from being published, "" for nothing."""
    if slide_role(cell) not in ROLES:
        role = slide_role(cell) or "none"
        return f"the slide role is {role}; wanted one of {', '.join(sorted(ROLES))}"
    if cell.cell_type == "code":
        if cell.execution_count is None:
            return "has not been executed; run make notebooks"
        draws = any("image/png" in output.get("data", {}) for output in cell.outputs)
        if draws and not cell.metadata.get("alt", "").strip():
            return "draws a figure and has no alt text in its metadata, under alt"
    return ""


def read(path: Path) -> Lesson:
    """Read a notebook and make sure that it can be published.

    Raises:
        PublishError: If it is not a notebook, has not been executed, or lacks a role or alt text.
    """
    try:
        notebook: Any = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises whatever its reader of the day raises
        reason = str(error).partition("\n")[0]
        raise PublishError(f"{path.name}: cannot be read as a notebook: {reason}") from None
    if not notebook.cells or not notebook.cells[0].source.startswith("# "):
        raise PublishError(f"{path.name}: the first cell has no title")
    for place, cell in enumerate(notebook.cells, start=1):
        if found := fault(cell):
            raise PublishError(f"{path.name}: cell {place} ({cell.get('id', 'no id')}): {found}")
    whole = CoalesceStreamsPreprocessor()  # prints of one cell may be stored in pieces
    return Lesson(path, [whole.preprocess_cell(cell, {}, 0)[0] for cell in notebook.cells])


@contextlib.contextmanager
def replacing(target: Path, *, keep: bool = False) -> Iterator[Path]:
    """Yield a folder to build in, which then takes the place of `target`.

    When the building fails, what lay at `target` stays as it was.

    Args:
        target: The folder to replace; it need not exist.
        keep: Whether to begin with what lies there, and not with an empty folder.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as work:
        fresh, old = Path(work, "new"), Path(work, "old")
        fresh.mkdir()
        if keep and target.exists():
            shutil.copytree(target, fresh, dirs_exist_ok=True)
        yield fresh
        if target.exists():
            target.rename(old)
        fresh.rename(target)


def lay(source: Path, target: Path) -> None:
    """Copy a file or a folder of a package to where the pages look for it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
