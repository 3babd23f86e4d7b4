"""`make colab`: the notebooks for Colab and Kaggle, without outputs, in build/colab.

Their first cell installs the package where it is missing. COURSE_REPOSITORY is the repository's
address; with COURSE_VERSION, the package comes from PyPI in that version.
"""

import os
import re

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from classroom import curtain
from publish import notebooks
from publish.notebooks import BUILD, ROOT, Lesson, PublishError

TARGET = BUILD / "colab"
BRANCH = "colab"  # on which the copies lie, at its top
COLAB = "https://colab.research.google.com"
FIRST = """\
# Install the course's package where it is missing, as on Colab and Kaggle: a moment, once.
from importlib.util import find_spec

if not find_spec("d2lhelpers"):
    %pip install --quiet {what}"""
BESIDE = re.compile(r"\]\((\d\d_\w+\.ipynb)\)")


def main(chosen: str = "") -> None:
    """Build the copies.

    Raises:
        PublishError: If a notebook cannot be published, or the repository's address is missing.
    """
    lessons = [notebooks.read(path) for path in notebooks.discover(chosen)]
    repository = os.environ.get("COURSE_REPOSITORY", "").rstrip("/")
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", repository):
        raise PublishError(
            "COURSE_REPOSITORY should be the repository's address, such as "
            f"https://github.com/somebody/course, got {repository!r}"
        )
    what = wanted(repository, os.environ.get("COURSE_VERSION", ""))
    with notebooks.replacing(TARGET) as target:
        for lesson in lessons:
            nbformat.write(copy(lesson, repository, what), target / lesson.path.name)
    print(f"The copies are in {TARGET.relative_to(ROOT)}")


def wanted(repository: str, version: str) -> str:
    """Return what pip is asked for: a version from PyPI, or else the repository's main branch.

    Example:
        >>> wanted("https://github.com/ada/course", "1.0.0")
        'd2lhelpers==1.0.0'
        >>> wanted("https://github.com/ada/course", "").split(" ", 3)[-1]
        '"d2lhelpers @ git+https://github.com/ada/course"'
    """
    if version:
        return f"d2lhelpers=={version}"
    source = f"git+{repository}"
    return f'"tellwhy @ {source}#subdirectory=tellwhy" "d2lhelpers @ {source}"'


def copy(lesson: Lesson, repository: str, what: str) -> NotebookNode:
    """Return a notebook as it opens there: the first cell, no outputs, links that lead on."""
    notebook: NotebookNode = nbformat.read(lesson.path, as_version=4)
    address = repository.removeprefix("https://github.com/")
    opens = curtain.opening(lesson.number)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            if notebooks.FOLDED in notebooks.tags(cell):
                cell.metadata["cellView"] = "form"  # how Colab folds the code of a cell
        else:
            link = rf"]({COLAB}/github/{address}/blob/{BRANCH}/\1)"
            cell.source = BESIDE.sub(link, curtain.drawn(cell.source, opens))
    source = FIRST.format(what=what)
    for name, value in curtain.environment(notebooks.NOTEBOOKS).items():
        source += f"\n\nimport os\n\nos.environ[{name!r}] = {value!r}  # when solutions open"
    first = new_code_cell(source, id="install")
    notebook.cells.insert(0, first)
    return notebook
