"""Lines that may stand elsewhere, before another, before, after or in a loop, and missing ones."""

import ast
import copy
import itertools
from collections.abc import Iterator
from typing import Any

from tellwhy.answers.code import short, text

Loop = ast.For | ast.While
EMPTY = ("[]", "''", "{}", "0", "None", "True", "False")  # what may be returned for nothing
SMALL, LARGE = 15, 70  # how large a change counts


def moved(program: Any) -> Iterator[Any]:
    """Yield the kinds, nodes, changes, sizes and words of edits of lines."""
    bodies = [one.body for one in program.definitions]
    bodies += [getattr(node, name, None) for node in program.nodes for name in ("body", "orelse")]
    pairs = (itertools.pairwise(body) for body in bodies if isinstance(body, list))
    for line, late in itertools.chain(*pairs):
        if not isinstance(line, Loop) and not isinstance(late, ast.Return):
            yield _edit("order", line, late, {id(line): late, id(late): line})
        if isinstance(line, Loop) and program.own:
            longer = {id(line): _with(line, [*line.body, late]), id(late): ast.Pass()}
            yield _edit("inside", late, line, longer)
    if not program.own:
        return
    for line in [node for node in program.nodes if isinstance(node, Loop)]:
        for first in range(1, len(line.body)):
            before, after = line.body[:first], line.body[first:]
            yield _edit("after", after[0], line, {id(line): [_with(line, before), *after]})
            yield _edit("before", before[-1], line, {id(line): [*before, _with(line, after)]})
        last = line.body[-1]
        if isinstance(last, ast.If) and last.orelse:  # if ...: return True, else: return False
            negated = ast.If(ast.UnaryOp(ast.Not(), last.test), last.orelse, [])
            for once, late in ((_with(last, last.body, []), last.orelse), (negated, last.body)):
                loop = _with(line, [*line.body[:-1], once])
                yield _edit("after", late[0], line, {id(line): [loop, *late]})
    yield from _missing(program)


def _edit(kind: str, line: Any, other: Any, changes: Any) -> Any:
    return kind, [line, other], changes, SMALL, (short(text(line)), short(text(other)))


def _with(line: Any, body: list[Any], orelse: list[Any] | None = None) -> Any:
    new = copy.copy(line)
    new.body, new.orelse = body, line.orelse if orelse is None else orelse
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
        where = "` and of `".join(n.name for n in ends)
        yield "missing", [], changes, LARGE - 1, (new, f" at the end of `{where}`")
    if isinstance(last := tree.body[-1], ast.Expr):
        yield "change", [last], {id(last): ast.Return(last.value)}, SMALL
    for asked in [node for node in program.nodes if isinstance(node, ast.If)]:
        words = "break", f" behind `{short(text(asked.body[-1]))}`"
        yield "missing", [], {id(asked): _with(asked, [*asked.body, ast.Break()])}, LARGE, words
    for line in program.nodes:  # what is kept before it is replaced
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            name = line.targets[0].id
            for other in dict.fromkeys(n.id for n in stored if isinstance(n, ast.Name)):
                if other != name and isinstance(program.parents.get(id(line)), ast.If | Loop):
                    longer = [*ast.parse(f"{other} = {name}").body, line]
                    words = f"{other} = {name}", f" before `{short(text(line))}`"
                    yield "missing", [], {id(line): longer}, LARGE, words
    first = tree.body[0]
    for new in [f"if not {one}: return {value}" for one in program.arguments for value in EMPTY]:
        before = {id(first): [*ast.parse(new).body, first]}
        yield "missing", [], before, LARGE, (new, " at the beginning")
    for loop in [node for node in program.nodes if isinstance(node, ast.For)]:
        for k, line in enumerate([loop, *loop.body]):
            target = getattr(line, "target", None) or getattr(line, "targets", [None])[0]
            if isinstance(target, ast.Name):
                skip = f"if not {target.id}: continue"
                longer = _with(loop, [*loop.body[:k], *ast.parse(skip).body, *loop.body[k:]])
                words = skip, f" behind `{short(text(line))}`"
                yield "missing", [], {id(loop): longer}, LARGE, words
