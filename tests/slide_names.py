"""Names in the code of a slide that nothing has shown: `python tests/slide_names.py` lists them.

A name is known if it is imported, if code on this slide or an earlier one sets it, or if words
there have it, as `exact`, **inputs** or $w$. What is skipped, spoken or hidden shows nothing.
"""

import ast
import builtins
import re
import symtable
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from notebook_checks import COURSE

from publish import notebooks
from publish.decks import STARTS
from publish.notebooks import HIDDEN

SAID = re.compile(r"`[^`\n]+`|\*\*\w+\*\*|<dfn>\w+</dfn>|\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
NAME = re.compile(r"[^\W\d]\w*")
MAGIC = re.compile(r"^%.*", re.MULTILINE)


def slides(cells: Iterable[NotebookNode]) -> Iterator[list[NotebookNode]]:
    """The cells of each slide whose words or code are to be seen."""
    slide: list[NotebookNode] = []
    for cell in cells:
        role, tags = notebooks.slide_role(cell), notebooks.tags(cell)
        if role in STARTS and slide:
            yield slide
            slide = []
        if role not in ("skip", "notes"):
            slide.append(cell)
        if "output-on-next-slide" in tags:
            yield slide
            slide = [NotebookNode(cell_type="output")]
    yield slide


def scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for inner in table.get_children():
        yield from scopes(inner)


def reads_and_sets(source: str) -> tuple[set[str], set[str]]:
    """The names that code takes from what stands before it, and those that it sets."""
    reads, own = set[str](), set[str]()
    for line in ast.parse(MAGIC.sub("", source)).body:
        top = symtable.symtable(ast.unparse(line), "cell", "exec")
        sets = {name.get_name() for name in top.get_symbols() if name.is_assigned()}
        for scope in scopes(top):
            for name in scope.get_symbols():
                if name.is_referenced() and (scope is top or name.is_global()):
                    reads |= {name.get_name()} - own - sets
        own |= sets
    return reads, own


def imported(cells: Iterable[NotebookNode]) -> set[str]:
    """The names under which code imports something, on stage or not."""
    code = [MAGIC.sub("", cell.source) for cell in cells if cell.cell_type == "code"]
    return {
        (alias.asname or alias.name).partition(".")[0]
        for source in code
        for line in ast.walk(ast.parse(source))
        if isinstance(line, ast.Import | ast.ImportFrom)
        for alias in line.names
    }


def strange(cells: list[NotebookNode]) -> Iterator[str]:
    """Say of each slide which names its code is the first to show, and takes for known."""
    known = {*dir(builtins), *imported(cells)}
    for number, slide in enumerate(slides(cells), start=1):
        for words in (cell.source for cell in slide if cell.cell_type == "markdown"):
            known |= {name for said in SAID.findall(words) for name in NAME.findall(said)}
        for cell in slide:
            if cell.cell_type == "code" and not HIDDEN & set(notebooks.tags(cell)):
                reads, sets = reads_and_sets(cell.source)
                if missing := sorted(reads - known):
                    yield f"slide {number}, {cell.id}: {', '.join(missing)}"
                known |= reads | sets


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:] or COURSE):
        print(path.stem, *strange(nbformat.read(path, as_version=4).cells), sep="\n  ")
