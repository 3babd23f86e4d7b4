"""Whether a notebook asserts what its figures show, on the very values that are drawn.

A figure of data is drawn from variables. The values of each line, cloud or bar are shuffled,
reversed and scaled in turn, in a copy of the variables, and what the notebook asserts until the
next heading is run again: an assertion must fail, or nothing that is said of the figure is tested.

As a program: `python tests/claims.py notebooks/01_vectorization.ipynb` prints what is missing,
and what `code_checks` says.
"""

import ast
import contextlib
import copy
import io
import itertools
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import code_checks
import drawn
import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import torch
from code_checks import HEADING
from drawn import Array, Drawn
from nbformat import NotebookNode
from statements import Statement, needed, statements

from publish.notebooks import is_exercise, tags

Namespace = dict[str, Any]


@dataclass
class Trial:
    """The variables as they would be, had a figure shown other values.

    Attributes:
        drawn: What shows other values.
        change: What was done to them.
        other: The variables that are not what they are.
        needed: The statements from the figure to the next heading that assertions need.
        outcome: "noticed" when an assertion failed, or the error that ended the trial.
    """

    drawn: Drawn
    change: str
    other: Namespace
    needed: Sequence[Statement]
    outcome: str = ""

    def replay(self, cell: Sequence[Statement], namespace: Namespace) -> None:
        """Run what the figure's own cell asserts again; the variables are as it left them."""
        for statement in cell:
            if statement.begins_empty or statement.reads & self.other.keys():
                self.step(statement, namespace)

    def step(self, statement: Statement, namespace: Namespace) -> None:
        """Run a statement with the other values, where it depends on them.

        Args:
            statement: One that an assertion may need.
            namespace: The variables of the notebook, which this statement has not changed yet.
        """
        if self.outcome:
            return
        if not statement.begins_empty and not statement.reads & self.other.keys():
            for name in (
                statement.binds & self.other.keys()
            ):  # the name is given to what is not drawn
                del self.other[name]
        elif statement in self.needed:
            self.run(statement, {**namespace, **self.other})

    def run(self, statement: Statement, shadow: Namespace) -> None:
        for name in statement.reads & shadow.keys():  # the notebook goes on with its own
            if isinstance(shadow[name], torch.Generator):
                shadow[name] = shadow[name].clone_state()
            elif name in statement.changes:
                shadow[name] = copy.deepcopy(shadow[name])
        try:
            with torch.random.fork_rng(devices=[]):
                execute(statement, shadow)
        except AssertionError:
            self.outcome = "noticed"
        except Exception as error:
            self.outcome = f"{type(error).__name__}: {error}"
        names = (statement.binds | statement.changes) & shadow.keys()
        self.other |= {name: shadow[name] for name in names}


def execute(statement: Statement, namespace: Namespace) -> None:
    module = ast.Module([statement.node], [])
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(module, "<cell>", "exec"), namespace)


def changes(values: Array) -> Iterator[tuple[str, Array]]:
    """Yield the values as they are, and as they are not; only 0 cannot be told from its changes."""
    flat = values.ravel()
    if flat.any():
        yield "unchanged", flat
        yield "shuffled", np.random.default_rng(0).permutation(flat)
        yield "reversed", flat[::-1]
        yield "times 1.7", flat * 1.7
        yield "divided by 1.7", flat / 1.7


def shown(values: Array) -> str:
    few = ", ".join(f"{value:.4g}" for value in values.ravel()[:3])
    return f"the {values.size} values {few}, …" if values.size > 3 else f"the values {few}"


def trials(
    shapes: Sequence[Drawn], namespace: Namespace, needed: Sequence[Statement]
) -> Iterator[Trial | str]:
    """Yield a trial for each change of each thing drawn; a complaint where no variable holds it."""
    for shape in shapes:
        for part in shape.parts:
            found = drawn.places(namespace, part)
            if not found:
                yield f"no variable holds {shown(part)} of the {shape.name}"
                continue
            for change, new in changes(part):
                other: Namespace = {}
                for name, lens in found:
                    other[name] = lens(other.get(name, namespace[name]), new)
                yield Trial(shape, change, other, needed)


def verdicts(tried: Sequence[Trial]) -> Iterator[str]:
    """Yield for each thing drawn what its trials say against it."""
    for shape in dict.fromkeys(trial.drawn for trial in tried):
        own = [trial for trial in tried if trial.drawn is shape]
        again = [trial.outcome for trial in own if trial.change == "unchanged" and trial.outcome]
        if again:
            yield f"an assertion, run again with the same {shape.name}: {again[0]}"
        elif not any(trial.outcome == "noticed" for trial in own):
            stopped = {f"{trial.change}: {trial.outcome}" for trial in own if trial.outcome}
            values = f"{shown(shape.parts[-1])} of the {shape.name}"
            yield "; ".join([f"no assertion notices other values than {values}", *sorted(stopped)])


def sections(notebook: NotebookNode) -> Iterator[list[NotebookNode]]:
    """Yield the code cells between each heading and the next, but for explorers and exercises."""
    section: list[NotebookNode] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and HEADING.search(cell.source):
            yield section
            section = []
        if cell.cell_type == "code" and not is_exercise(cell) and "explorer" not in tags(cell):
            section.append(cell)
    yield section


def complaints(notebook: NotebookNode) -> Iterator[str]:
    """Run a notebook in this process; yield for each figure of data what nobody asserts."""
    matplotlib.use("agg")
    namespace: Namespace = {"__name__": "__main__", "display": print}
    with drawn.noted():
        for section in sections(notebook):
            said = of_section(section, namespace)
            yield from (f"{name}: {words}" for name, words in dict.fromkeys(said))


def of_section(section: Sequence[NotebookNode], namespace: Namespace) -> Iterator[tuple[str, str]]:
    code = [statements(cell.source) for cell in section]
    figures: list[tuple[str, list[Trial]]] = []
    for place, cell in enumerate(section):
        try:
            for statement in code[place]:
                for trial in itertools.chain(*(tried for _, tried in figures)):
                    trial.step(statement, namespace)
                execute(statement, namespace)
        except Exception as error:
            yield cell.id, f"does not run: {type(error).__name__}: {error}"
        shapes = [shape for number in plt.get_fignums() for shape in drawn.on(plt.figure(number))]
        if "diagram" in tags(cell):
            of_data = [part for shape in shapes for part in shape.parts if part.size > 3]
            if any(drawn.places(namespace, part) for part in of_data):
                yield cell.id, "tagged diagram, and draws values of a variable"
            shapes = []
        until = needed(list(itertools.chain(*code[place:])))
        tried: list[Trial] = []
        for found in trials(shapes, namespace, until):
            if isinstance(found, str):
                yield cell.id, found
            else:
                found.replay(code[place], namespace)
                tried.append(found)
        figures.append((cell.id, tried))
        plt.close("all")
    for name, tried in figures:
        yield from ((name, words) for words in verdicts(tried))


def main(paths: Sequence[str]) -> int:
    found = False
    for path in map(Path, paths):
        begun = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        of_code = (said for check in code_checks.CHECKS for said in check(notebook, path))
        with contextlib.chdir(path.parent):
            for said in itertools.chain(of_code, complaints(notebook)):
                print(f"{path.stem}: {said}", flush=True)
                found = True
        print(f"{path.stem}: {time.perf_counter() - begun:.1f} s", file=sys.stderr)
    return int(found)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main(sys.argv[1:]))
