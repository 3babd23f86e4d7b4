"""The course's notebooks and their exercises, as they are installed."""

from __future__ import annotations

import ast
import copy
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom.grading import contents


@dataclass(frozen=True)
class Lesson:
    """A notebook of the course.

    Attributes:
        name: as its file is called, such as "03_regression_from_scratch".
        exercises: their names, in the notebook's order.
        cells: sources of the code cells without an exercise.
        ids: of all cells.
        imports: of its first code cell, a statement for each name.
    """

    name: str
    exercises: tuple[str, ...]
    cells: tuple[str, ...]
    ids: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """The number and the words of the name."""
        return self.name.split("_")


def folder() -> Path:
    """Return the folder of the course's notebooks, which lies beside the package."""
    return Path(__file__).parents[2] / "notebooks"


def lessons(course: Path) -> list[Lesson]:
    """Return the notebooks of a folder that have exercises, in order.

    Raises:
        FileNotFoundError: there are none.

    Example:
        >>> [lesson.exercises for lesson in lessons(folder())][0]
        ('speedup', 'mse_vectorized', 'pairwise_sq_dist')
    """
    found = [_lesson(path) for path in sorted(course.glob("[0-9][0-9]_*.ipynb"))]
    found = [lesson for lesson in found if lesson.exercises]
    if not found:
        raise FileNotFoundError(
            f"{course}: no notebooks of the course here; name their folder with --course"
        )
    return found


def _lesson(path: Path) -> Lesson:
    cells = contents.cells_of(path.read_bytes())
    sources = contents.sources(cells)
    checked = {source: exercise_of(source) for source in sources}
    return Lesson(
        path.stem,
        tuple(name for name in checked.values() if name),
        tuple(source for source, name in checked.items() if not name),
        tuple(map(str, filter(None, map(_id, cells)))),
        tuple(imports(sources[0]).values()) if sources else (),
    )


def _id(cell: dict[str, Any]) -> Any:
    return cell.get("id") or cell.get("metadata", {}).get("id")  # where Colab keeps it


def imports(source: str) -> dict[str, str]:
    r"""Return the names that a cell imports, and a statement for each.

    Example:
        >>> imports("import torch\nfrom d2lhelpers import explore as e, linreg")["e"]
        'from d2lhelpers import explore as e'
    """
    found = {}
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                bound = alias.asname or alias.name.split(".")[0]
                one = copy.copy(node)
                one.names = [alias]
                found[bound] = ast.unparse(one)
    return found


def names_in(source: str) -> set[str]:
    """Return the names that a cell uses, as far as it is Python."""
    return {node.id for node in ast.walk(_tree(source)) if isinstance(node, ast.Name)}


def _tree(source: str) -> ast.Module:
    source = re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.MULTILINE)  # IPython's own
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of strings in the students' code
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.Module([], [])


def told_by_cells(cells: Sequence[dict[str, Any]], lessons: Sequence[Lesson]) -> Lesson | None:
    """Return the notebook that cells come from: by the exercises they check, and by their ids.

    Example:
        >>> course = lessons(folder())
        >>> cell = {"cell_type": "code", "source": "exercises.speedup.check(fast)"}
        >>> told_by_cells([cell], course).name
        '01_vectorization'
    """
    text = "\n".join(contents.sources(cells))
    checked = set(re.findall(r"exercises\.(\w+)\.check\b|^def (\w+)\(", text, re.MULTILINE))
    names = {name for pair in checked for name in pair}
    ids = set(map(str, filter(None, map(_id, cells))))
    score = {one: 10 * len(names & {*one.exercises}) + len(ids & {*one.ids}) for one in lessons}
    best, *others = sorted(lessons, key=lambda one: -score[one])
    enough = score[best] >= 3 and all(score[best] > score[one] for one in others)
    return best if enough else None


def exercise_of(source: str) -> str:
    r"""Return the name of the exercise whose check is the last line of a cell, or nothing.

    Example:
        >>> exercise_of("def double(n): ...\n\nexercises.double.check(double)")
        'double'
    """
    body = _tree(source).body
    found = re.fullmatch(r"exercises\.(\w+)\.check\(\1\)", ast.unparse(body[-1]) if body else "")
    return found[1] if found else ""
