"""Lines that may stand elsewhere: before another, before, after or in a loop; lines missing."""

import ast
import copy
import itertools
from collections.abc import Iterator
from typing import Any

from tellwhy.answers.code import short, text

Loop = ast.For | ast.While
EMPTY = ("[]", "''", "{}", "0", "None", "True", "False")  # what may be returned for nothing


def moved(program: Any) -> Iterator[Any]:
    """Yield the kinds, nodes, changes, sizes and words of edits of lines."""
    bodies = [one.body for one in program.definitions]
    bodies += [getattr(node, name, None) for node in program.nodes for name in ("body", "orelse")]
    pairs = (itertools.pairwise(body) for body in bodies if isinstance(body, list))
    for line, late in itertools.chain(*pairs):
        if not isinstance(line, Loop) and not isinstance(late, ast.Return):
            yield _edit("order", line, late, {id(line): late, id(late): line})
        if isinstance(line, Loop):
            longer = {id(line): _with(line, [*line.body, late]), id(late): ast.Pass()}
            yield _edit("inside", late, line, longer)
    for line in [node for node in program.nodes if isinstance(node, Loop)]:
        for first in range(1, len(line.body)):
            before, after = line.body[:first], line.body[first:]
            yield _edit("after", after[0], line, {id(line): [_with(line, before), *after]})
            yield _edit("before", before[-1], line, {id(line): [*before, _with(line, after)]})
        last = line.body[-1]
        if isinstance(last, ast.If) and last.orelse:  # if ... return True, else: return False
            once = copy.copy(last)
            once.orelse = []
            loop = _with(line, [*line.body[:-1], once])
            yield _edit("after", last.orelse[0], line, {id(line): [loop, *last.orelse]})
            other = ast.If(ast.UnaryOp(ast.Not(), last.test), last.orelse, [])
            loop = _with(line, [*line.body[:-1], other])
            yield _edit("after", last.body[0], line, {id(line): [loop, *last.body]})
    yield from _missing(program) if program.own else ()


def _edit(kind: str, line: Any, other: Any, changes: Any) -> Any:
    words = short(text(line)), short(text(other))
    return kind, [line, other], changes, sum(map(len, words)), words


def _with(line: Any, body: list[Any]) -> Any:
    new = copy.copy(line)
    new.body = body
    return new


def _missing(program: Any) -> Iterator[Any]:
    """Yield that a line is missing: a return, a break, or what is empty is not asked."""
    tree = program.definitions[-1]
    functions = [n for n in (tree, *program.nodes) if isinstance(n, ast.FunctionDef)]
    ends = [n for n in functions if not any(isinstance(m, ast.Return) for m in ast.walk(n))]
    ends = [n for n in ends if n.name != "__init__"]
    stored = [n for n in program.nodes if isinstance(getattr(n, "ctx", None), ast.Store)]
    for new in dict.fromkeys(f"return {text(n)}" for n in stored[::-1] if not hasattr(n, "elts")):
        changes = {id(n.body[-1]): [n.body[-1], *ast.parse(new).body] for n in ends}
        names = "` and of `".join(n.name for n in ends)
        yield "missing", [], changes, 60, (new, f" at the end of `{names}`")
    if isinstance(tree.body[-1], ast.Expr):
        yield "change", [tree.body[-1]], {id(tree.body[-1]): ast.Return(tree.body[-1].value)}, 9
    for asked in [node for node in program.nodes if isinstance(node, ast.If)]:
        words = "break", f" behind `{short(text(asked.body[-1]))}`"
        yield "missing", [], {id(asked): _with(asked, [*asked.body, ast.Break()])}, 70, words
    first = tree.body[0]
    for new in [f"if not {one}: return {value}" for one in program.arguments for value in EMPTY]:
        before = {id(first): [*ast.parse(new).body, first]}
        yield "missing", [], before, 80, (new, " at the beginning")
    for loop in [node for node in program.nodes if isinstance(node, ast.For)]:
        for k, line in enumerate([loop, *loop.body]):
            target = getattr(line, "target", None) or getattr(line, "targets", [None])[0]
            if isinstance(target, ast.Name):
                new = f"if not {target.id}: continue"
                body = [
                    *loop.body[:k],
                    *ast.parse(f"for _ in []:\n {new}").body[0].body,
                    *loop.body[k:],
                ]
                words = new, f" behind `{short(text(line))}`"
                yield "missing", [], {id(loop): _with(loop, body)}, 80, words
