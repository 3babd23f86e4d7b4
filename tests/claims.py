"""Whether a notebook asserts what its figures show, on the very values that are drawn.

A figure of data is drawn from variables. The values of each line, cloud or bar are shuffled,
reversed and scaled in turn, in a copy of the variables, and what the notebook asserts until the
next heading is run again: an assertion must fail, or nothing that is said of the figure is tested.

As a program: `python tests/claims.py notebooks/01_vectorization.ipynb` prints what is missing.
"""

import ast
import contextlib
import copy
import dis
import io
import itertools
import re
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import torch
from drawn import Array, Drawn, Lens, note, on, places
from nbformat import NotebookNode

HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
MUTATORS = {"append", "extend", "insert", "add", "update", "setdefault"}
EXERCISE = re.compile(r"^exercises\.\w+\.", re.MULTILINE)
Namespace = dict[str, Any]


@dataclass
class Statement:
    """A statement of a cell, and the variables that it reads, binds and changes in place."""

    node: ast.stmt
    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    asserts: bool = False

    def __post_init__(self) -> None:
        for instruction in instructions(compile(ast.Module([self.node], []), "<cell>", "exec")):
            if instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                self.reads.add(instruction.argval)
            elif instruction.opname in ("STORE_NAME", "STORE_GLOBAL"):
                self.binds.add(instruction.argval)
        for node in ast.walk(self.node):
            match node:
                case ast.Attribute(attr=method, value=base) if method in MUTATORS:
                    self.changes |= root(base) & self.reads
                case ast.Subscript(value=base, ctx=ast.Store()):
                    self.changes |= root(base) & self.reads
                case ast.AugAssign(target=target):
                    self.changes |= root(target) & self.reads
                case ast.Assert():
                    self.asserts = True
                case ast.Call(func=function) if "assert_" in ast.unparse(function):
                    self.asserts = True

    @property
    def begins_empty(self) -> bool:
        """Whether it makes something to be filled, as in `ratios = []`."""
        return isinstance(self.node, ast.Assign) and ast.unparse(self.node.value) in ("[]", "{}")


def instructions(code: types.CodeType) -> Iterator[dis.Instruction]:
    yield from dis.get_instructions(code)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from instructions(inner)


def root(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def statements(cell: NotebookNode) -> list[Statement]:
    return [Statement(node) for node in ast.parse(cell.source).body]


def needed(section: Sequence[Statement]) -> set[int]:
    """The ids of the statements that an assertion needs: it, and what its variables come from."""
    wanted, found = set[str](), set[int]()
    for statement in reversed(section):
        if statement.asserts or (statement.binds | statement.changes) & wanted:
            found.add(id(statement))
            wanted |= statement.reads
    return found


@dataclass
class Trial:
    """The variables as they would be, had a figure shown other values."""

    drawn: Drawn
    change: str
    other: Namespace
    needed: set[int]
    outcome: str = ""

    def replay(self, cell: Sequence[Statement], namespace: Namespace, *, own: bool) -> None:
        """Run what the cell asserts again, as far as it depends on the other values.

        Args:
            cell: the statements of a cell that has run.
            namespace: the variables after it.
            own: whether the figure is this cell's.
        """
        shadow = {**namespace, **self.other}
        with torch.random.fork_rng(devices=[]):
            for statement in cell:
                if self.outcome or id(statement) not in self.needed:
                    continue
                if statement.reads & self.other.keys() or statement.begins_empty:
                    self.run(statement, shadow)
                elif not own:  # bound anew, to what was not drawn
                    for name in statement.binds & self.other.keys():
                        shadow[name] = namespace[name]
                        del self.other[name]

    def run(self, statement: Statement, shadow: Namespace) -> None:
        for name in statement.reads & shadow.keys():
            if isinstance(shadow[name], torch.Generator):
                shadow[name] = shadow[name].clone_state()
            elif name in statement.changes:
                shadow[name] = copy.deepcopy(shadow[name])
        try:
            execute([statement], shadow)
        except AssertionError:
            self.outcome = "noticed"
        except Exception as error:
            self.outcome = f"{type(error).__name__}: {error}"
        names = (statement.binds | statement.changes) & shadow.keys()
        self.other |= {name: shadow[name] for name in names}


def execute(cell: Sequence[Statement], namespace: Namespace) -> None:
    module = ast.Module([statement.node for statement in cell], [])
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        exec(compile(module, "<cell>", "exec"), namespace)


def shown(values: Array) -> str:
    flat = values.ravel()
    few = ", ".join(f"{value:.4g}" for value in flat[:3])
    return f"the {flat.size} values {few}, …" if flat.size > 3 else f"the values {few}"


def changes(values: Array) -> Iterator[tuple[str, Array]]:
    """Yield the values as they are, and as they are not."""
    flat = values.ravel()
    if not flat.any():  # nothing but 0 cannot be told from what it is changed to
        return
    yield "unchanged", flat
    yield "shuffled", np.random.default_rng(0).permutation(flat)
    yield "reversed", flat[::-1]
    yield "times 1.7", flat * 1.7
    yield "divided by 1.7", flat / 1.7


def replaced(namespace: Namespace, found: list[tuple[str, Lens]], new: Array) -> Namespace:
    other: Namespace = {}
    for name, lens in found:
        other[name] = lens(other.get(name, namespace[name]), new)
    return other


def trials(
    namespace: Namespace, figures: Sequence[Drawn], needed: set[int]
) -> Iterator[Trial | str]:
    """Yield a trial for each change of each thing drawn; a sentence where no variable holds it."""
    for drawn in figures:
        for part in drawn.parts:
            found = places(namespace, part)
            if not found:
                yield f"no variable holds {shown(part)} of the {drawn.name}"
                continue
            for change, new in changes(part):
                yield Trial(drawn, change, replaced(namespace, found, new), needed)


def verdicts(tried: list[Trial]) -> Iterator[str]:
    """Yield for each thing drawn what its trials say against it."""
    for drawn in dict.fromkeys(trial.drawn for trial in tried):
        outcomes = {trial.change: trial.outcome for trial in tried if trial.drawn is drawn}
        if outcome := outcomes.pop("unchanged"):
            yield f"the same values of the {drawn.name}, run again: {outcome}"
        elif "noticed" not in outcomes.values():
            stopped = [f"{change}: {said}" for change, said in outcomes.items() if said]
            values = f"{shown(drawn.parts[-1])} of the {drawn.name}"
            yield "; ".join([f"no assertion notices other values than {values}", *stopped])


def sections(notebook: NotebookNode) -> Iterator[list[NotebookNode]]:
    """Yield the code cells between each heading and the next, but for explorers and exercises."""
    section: list[NotebookNode] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and HEADING.search(cell.source):
            yield section
            section = []
        is_explorer = "explorer" in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and not is_explorer and not EXERCISE.search(cell.source):
            section.append(cell)
    yield section


def complaints(notebook: NotebookNode) -> Iterator[str]:
    """Run a notebook; yield for each figure of data what nobody asserts."""
    namespace: Namespace = {"__name__": "__main__", "display": print}
    for section in sections(notebook):
        code = [statements(cell) for cell in section]
        figures: list[tuple[NotebookNode, list[Trial]]] = []
        said: list[tuple[str, str]] = []
        for place, cell in enumerate(section):
            try:
                execute(code[place], namespace)
            except Exception as error:
                said.append((cell.id, f"does not run: {type(error).__name__}: {error}"))
            for _, tried in figures:
                for trial in tried:
                    trial.replay(code[place], namespace, own=False)
            drawn = [part for number in plt.get_fignums() for part in on(plt.figure(number))]
            plt.close("all")
            if "diagram" in cell.metadata.get("tags", []):
                continue
            figures.append((cell, []))
            until = needed(list(itertools.chain(*code[place:])))
            for trial in trials(namespace, drawn, until):
                if isinstance(trial, str):
                    said.append((cell.id, trial))
                else:
                    trial.replay(code[place], namespace, own=True)
                    figures[-1][1].append(trial)
        said += [(cell.id, words) for cell, tried in figures for words in verdicts(tried)]
        yield from (f"{name}: {words}" for name, words in dict.fromkeys(said))


def main(paths: list[str]) -> int:
    matplotlib.use("agg")
    plt.show = lambda *args, **options: None
    note()
    found = False
    for path in map(Path, paths):
        begun = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        with contextlib.chdir(path.parent):
            for complaint in complaints(notebook):
                print(f"{path.stem}: {complaint}", flush=True)
                found = True
        print(f"{path.stem}: {time.perf_counter() - begun:.1f} s", file=sys.stderr)
    return int(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
