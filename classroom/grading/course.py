"""The course's notebooks and their exercises, as they are installed."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lesson:
    """A notebook of the course.

    Attributes:
        name: as its file is called, such as "03_regression_from_scratch".
        exercises: their names, in the notebook's order.
        cells: sources of the code cells without an exercise.
    """

    name: str
    exercises: tuple[str, ...]
    cells: tuple[str, ...]

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
    notebook = json.loads(path.read_text(encoding="utf-8"))
    sources = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    checked = {source: exercise_of(source) for source in sources}
    return Lesson(
        path.stem,
        tuple(name for name in checked.values() if name),
        tuple(source for source, name in checked.items() if not name),
    )


def exercise_of(source: str) -> str:
    r"""Return the name of the exercise whose check is the last line of a cell, or nothing.

    Example:
        >>> exercise_of("def double(n): ...\n\nexercises.double.check(double)")
        'double'
    """
    try:
        last = ast.unparse(ast.parse(source).body[-1])
    except (SyntaxError, IndexError):
        return ""
    found = re.fullmatch(r"exercises\.(\w+)\.check\(\1\)", last)
    return found[1] if found else ""
