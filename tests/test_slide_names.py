"""Each slide stands on its own: the names in its code were shown before, or are said beside it."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from notebook_checks import COURSE
from slide_names import strange


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_a_slide_shows_no_name_that_nothing_has_shown(path: Path) -> None:
    assert list(strange(nbformat.read(path, as_version=4).cells)) == []


def cell(role: str, source: str, *tags: str) -> NotebookNode:
    """A cell of words, if its source is marked as such, or else of code."""
    metadata = {"slideshow": {"slide_type": role}, "tags": list(tags)}
    kind = "markdown" if source.startswith("#") else "code"
    source = source.removeprefix("# ")
    return NotebookNode(
        cell_type=kind, id=f"the-{role}", source=source, metadata=NotebookNode(metadata)
    )


USE = cell("slide", "print(torch.norm(path - truth))")
BEFORE = [cell("skip", "import torch"), cell("slide", "# The `path` of training.")]


@pytest.mark.parametrize(
    "shown",
    [
        cell("slide", "truth = 4.2"),
        cell("-", "def truth(): ..."),
        cell("fragment", "for truth in (1, 2): ..."),
        cell("slide", "with open(path) as truth: ..."),
        cell("slide", "# Here `truth` is what we made."),
        cell("slide", "# Here **truth** is what we made."),
        cell("slide", "# The formula $y = truth$."),
    ],
    ids=lambda shown: shown.source,
)
def test_what_is_shown_is_known(shown: NotebookNode) -> None:
    assert list(strange([*BEFORE, shown, USE])) == []


def test_what_is_said_beside_it_is_known() -> None:
    assert list(strange([*BEFORE, USE, cell("fragment", "# Here `truth` is what we made.")])) == []


@pytest.mark.parametrize(
    "hidden",
    [
        cell("skip", "truth = 4.2"),
        cell("slide", "truth = 4.2", "hide-code-on-stage"),
        cell("notes", "# Here `truth` is what we made."),
        cell("slide", "# Here truth is what we made."),
        cell("slide", "def train(truth): return [truth for truth in path]"),
        cell("slide", "path.truth = 4.2"),
    ],
    ids=lambda hidden: hidden.source,
)
def test_what_is_not_shown_is_not_known(hidden: NotebookNode) -> None:
    (complaint,) = strange([*BEFORE, hidden, USE])
    assert complaint.endswith("the-slide: truth")


def test_a_slide_is_named_by_its_number_on_the_deck() -> None:
    """Catches a number that leaves out the slide of an output."""
    apart = cell("-", "path.plot()", "output-on-next-slide")
    assert list(strange([*BEFORE, apart, USE])) == ["slide 3, the-slide: truth"]


def test_a_name_inside_a_function_is_read_too() -> None:
    (complaint,) = strange([*BEFORE, cell("slide", "def miss():\n    return path - truth")])
    assert complaint.endswith(": truth")
