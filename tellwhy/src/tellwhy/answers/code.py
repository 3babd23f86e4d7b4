"""Code as trees and as text: to find it, to change it, to compare it, and to quote it."""

import ast
import builtins
import functools
import inspect
import linecache
import re
from collections.abc import Mapping, Sequence
from itertools import chain, takewhile
from typing import Any

from tellwhy.answers.watch import code_of

New = ast.AST | Sequence[ast.AST]  # what stands for a node: another one, or several lines
Definition = ast.FunctionDef | ast.ClassDef
LONG = 70  # characters of code that are quoted at most
_parsed = functools.lru_cache(100)(ast.parse)


def definition(thing: Any) -> Definition:
    """Return the tree of a function or class, from a file or a notebook's cell.

    Raises:
        OSError: there is no source of it, or none that stands alone.
        SyntaxError: the source has changed since.
    """
    thing = inspect.unwrap(thing)
    code, name = code_of(thing), getattr(thing, "__name__", "")
    lines = linecache.getlines(code.co_filename) if code else []
    for node in reversed([*ast.walk(_parsed("".join(lines)))]):  # the last of that name
        if code and isinstance(node, Definition) and node.name == name:
            first = min(one.lineno for one in (node, *node.decorator_list))
            alone = not getattr(thing, "__closure__", None)
            if alone and first <= code.co_firstlineno <= (node.end_lineno or 0):
                return node
    raise OSError(f"no source of {name} that stands alone")


def rebuilt(node: Any, changes: Mapping[int, New]) -> Any:
    """Return a copy of a tree with changes, each by the id of the node that it stands for."""
    if isinstance(node, list):
        made = (rebuilt(item, changes) for item in node)
        return [*chain(*(one if isinstance(one, list) else [one] for one in made))]
    new = changes.get(id(node))
    if isinstance(new, list):
        return [*map(ast.fix_missing_locations, new)]
    if new is not None:
        rest = {place: other for place, other in changes.items() if place != id(node)}
        inner = rest and not isinstance(new, ast.stmt)
        return rebuilt(new, rest) if inner else ast.fix_missing_locations(new)  # type: ignore[type-var]
    if not isinstance(node, ast.AST):
        return node
    fields = {name: rebuilt(value, changes) for name, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**fields), node)


def expression(text: str) -> Any:
    """Return the tree of an expression."""
    return ast.parse(text, mode="eval").body


@functools.lru_cache(20_000)
def text(node: ast.AST) -> str:
    """Return the text of code; of a statement with a body its first line."""
    node = node if isinstance(node, ast.expr) else ast.fix_missing_locations(node)
    line, of = ast.unparse(node).split("\n")[0], getattr(node, "value", None)
    bare = isinstance(node, ast.stmt) and isinstance(of, ast.Tuple)  # as one writes it
    return re.sub(r"^(return|.+? =) \((.+, .+)\)$", r"\1 \2", line) if bare else line


def short(text: str) -> str:
    """Return code such as can be quoted: with little in its parentheses."""
    if len(text) > LONG:
        text = re.sub(r"\([^()]{9,}\)", "(...)", text)
    return text if len(text) <= LONG else f"{text[: LONG - 4]} ..."


def is_quoted(node: ast.AST, mine: str) -> bool:
    """Tell whether code is what is quoted: an expression, or the head of what stands below it."""
    return text(node) == mine or (isinstance(node, ast.If) and short(text(node)) == mine)


def names_in(node: Any) -> set[str]:
    """Return the names that a piece of code uses, but those that it binds itself."""
    nodes = [*ast.walk(node)]
    targets = [node.target for node in nodes if isinstance(node, ast.comprehension)]
    bound = {name.id for one in targets for name in ast.walk(one) if isinstance(name, ast.Name)}
    return {one.id for one in nodes if isinstance(one, ast.Name)} - bound - {*dir(builtins)}


def difference(old: str, new: str) -> tuple[str, str]:
    """Return what is removed from a text, and what is put there.

    Example:
        >>> difference("a + b.mean(dim=0)", "a + b.mean(dim=1)")
        ('0', '1')
    """
    found = [[*re.finditer(r"\w[\w.]*|\*\*|//|[<>=!]=|\S", text)] for text in (old, new)]
    words = [[word[0] for word in some] for some in found]
    first = _common(*words)
    last = _common(*(some[first:][::-1] for some in words))
    parts = [some[first : len(some) - last] for some in found]
    removed, added = (p[0].string[p[0].start() : p[-1].end()] if p else "" for p in parts)
    return removed, added


def _common(a: list[str], b: list[str]) -> int:
    """Return at how many places, from the first, two lists are equal."""
    return len([*takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))])
