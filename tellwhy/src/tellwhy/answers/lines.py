"""Lines that may stand elsewhere: before another, before, after or in a loop; lines missing."""

import ast
import copy
import itertools
from collections.abc import Iterator
from typing import Any

from tellwhy.answers.code import short, text

Loop = ast.For | ast.While


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
    yield from _missing(program) if program.own else ()


def _edit(kind: str, line: Any, other: Any, changes: Any) -> Any:
    words = short(text(line)), short(text(other))
    return kind, [line, other], changes, sum(map(len, words)), words


def _with(line: Any, body: list[Any]) -> Any:
    new = copy.copy(line)
    new.body = body
    return new


def _missing(program: Any) -> Iterator[Any]:
    """Yield that a line is missing: a return at the end, a break."""
    last = program.definitions[-1].body[-1]
    if not isinstance(last, ast.Return):
        names = [node for node in program.nodes if isinstance(node, ast.Name)]
        for name in dict.fromkeys(n.id for n in names[::-1] if isinstance(n.ctx, ast.Store)):
            line = ast.Return(ast.Name(name, ast.Load()))
            words = "", f"{text(line)}` at the end of `{program.definitions[-1].name}"
            yield "missing", [], {id(last): [last, line]}, 70, words
        if isinstance(last, ast.Expr):
            yield "change", [last], {id(last): ast.Return(last.value)}, 9
    for asked in [node for node in program.nodes if isinstance(node, ast.If)]:
        words = "", f"break` behind `{short(text(asked.body[-1]))}"
        yield "missing", [], {id(asked): _with(asked, [*asked.body, ast.Break()])}, 70, words
