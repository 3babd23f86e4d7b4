"""What to repeat: the section of the course that treats a mistake, and its slide."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classroom.grading import course

TABLE = Path(__file__).with_suffix(".toml")
BUILD = Path(__file__).parents[2] / "build"
BOOK, DECKS = BUILD / "book" / "notebooks", BUILD / "slides"


@dataclass(frozen=True)
class Section:
    """A section of a notebook.

    Attributes:
        notebook: its name, such as "03_regression_from_scratch".
        heading: the section's.
        slide: where the deck comes to it, counted from 1.
    """

    notebook: str
    heading: str
    slide: int

    @property
    def page(self) -> str:
        """The address of the section in the book, or nothing where the book was not built."""
        path = BOOK / f"{self.notebook}.html"
        name = re.sub(r"[^a-z0-9]+", "-", self.heading.lower()).strip("-")
        return f"{path.as_uri()}#{name}" if path.exists() else ""

    @property
    def deck(self) -> str:
        """The address of the slide, or nothing where the deck was not built."""
        path = DECKS / f"{self.notebook}.html"
        return f"{path.as_uri()}#/{self.slide - 1}" if path.exists() else ""


def section(notebook: str, exercise: str, idea: str = "") -> Section | None:
    """Return the section that treats an idea, or the exercise where none treats it alone.

    Args:
        notebook: the name of the exercise's notebook.
        exercise: its name.
        idea: as `ideas.idea` gives it, such as "factor(by=2)".

    Example:
        >>> found = section("03_regression_from_scratch", "gradient", "sum for mean")
        >>> found.heading
        'A sum that is not divided'
    """
    if idea == "syntax" or idea.startswith("cell_raises"):
        return None  # no section treats it
    causes = table().get(exercise, {})
    names = [idea, idea.partition("(")[0], "section"]
    heading = next((causes[one] for one in names if one in causes), "")
    if heading[:2].isdigit():
        [path] = course.folder().glob(f"{heading[:2]}_*.ipynb")
        notebook, heading = path.stem, heading[3:]
    slide = slides(notebook).get(heading)
    return Section(notebook, heading, slide) if slide else None


@cache
def table() -> dict[str, dict[str, str]]:
    """Return the table of sections: for each exercise a heading, and those of some causes."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def slides(notebook: str) -> dict[str, int]:
    """Return the number of the slide on which each heading of a notebook stands."""
    path = course.folder() / f"{notebook}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"] if path.exists() else []
    found: dict[str, int] = {}
    slide = 0
    for cell in cells:
        role = cell["metadata"].get("slideshow", {}).get("slide_type")
        if role in ("skip", "notes"):
            continue
        slide += role in ("slide", "subslide")
        if cell["cell_type"] == "markdown" and (
            heading := re.search(r"^#+ (.+)", "".join(cell["source"]))
        ):
            found.setdefault(heading[1], slide)
        slide += "output-on-next-slide" in cell["metadata"].get("tags", [])
    return found
