"""A class as the tests of the grading need it: submissions made from the course's notebooks."""

import copy
import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from notebook_checks import ROOT

from classroom.grading.course import exercise_of

NOTEBOOK = "03_regression_from_scratch"
COUNT = "minibatch_count"
RIGHT = {
    COUNT: """
def minibatch_count(num_examples, batch_size):
    return -(-num_examples // batch_size)
""",
    "gradient": """
def gradient(X, y, w, b):
    error = X @ w + b - y
    return X.T @ error / len(X), error.mean().reshape(1)
""",
}
ROUNDED_DOWN = RIGHT[COUNT].replace("-(-num_examples // batch_size)", "num_examples // batch_size")


def original(name: str = NOTEBOOK) -> Any:
    """The course's notebook as a dict."""
    return json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))


def short() -> Any:
    """The notebook with nothing but its imports and its exercises, which runs in no time."""
    notebook = original()
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    imports = code[0] | {"source": "import torch\nfrom d2lhelpers import exercises"}
    notebook["cells"] = [imports, *(c for c in code if exercise_of("".join(c["source"])))]
    return notebook


def answered(notebook: Any, answers: Mapping[str, str]) -> Any:
    """The notebook with answers in place of the stubs; the check stays behind each."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        name = exercise_of("".join(cell["source"])) if cell["cell_type"] == "code" else ""
        if name in answers:
            cell["source"] = f"{answers[name].strip()}\n\n\nexercises.{name}.check({name})"
    return notebook


def with_cell(notebook: Any, source: str, place: int = 1) -> Any:
    """The notebook with one cell more."""
    notebook = copy.deepcopy(notebook)
    cell = copy.deepcopy(next(c for c in notebook["cells"] if c["cell_type"] == "code"))
    notebook["cells"].insert(place, cell | {"source": source, "id": "new"})
    return notebook


def write(path: Path, notebook: Any) -> Path:
    """Write a notebook, or a text that should be one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = notebook if isinstance(notebook, str) else json.dumps(notebook)
    path.write_text(text, encoding="utf-8")
    return path


def table(results: Path) -> list[dict[str, str]]:
    """The rows of results.csv."""
    with (results / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
