"""Lines that may stand elsewhere, before another, before, after or in a loop, and missing ones."""

import ast
import copy
import itertools
from collections.abc import Iterator
from typing import Any

from tellwhy.answers.code import short, text
from tellwhy.answers.tables import SLIPS

Loop = ast.For | ast.While
EMPTY = ("[]", "''", "{}", "0", "None", "True", "False")  # what may be returned for nothing
SMALL, LARGE = 15, 70  # how large a change counts


def moved(program: Any) -> Iterator[Any]:
    """Yield that a line stands in another place."""
    bodies = [one.body for one in program.definitions]
    bodies += [getattr(node, name, None) for node in program.nodes for name in ("body", "orelse")]
    pairs = (itertools.pairwise(body) for body in bodies if isinstance(body, list))
    for line, late in itertools.chain(*pairs):
        if not isinstance(line, Loop) and not isinstance(late, ast.Return):
            yield _edit("order", line, late, {id(line): late, id(late): line})
        if isinstance(line, ast.If) and isinstance(late, ast.If) and not line.orelse:
            joined, words = ast.If(line.test, line.body, [late]), f"el{short(text(late))}"
            changes = {id(line): [joined], id(late): []}
            yield "change", [line, late], changes, SMALL, (short(text(late)), words)
    elifs = {id(n.orelse[0]) for n in program.nodes if isinstance(n, ast.If) and _elif(n)}
    for chain in [n for n in program.nodes if isinstance(n, ast.If) and id(n) not in elifs]:
        branches: list[Any] = [chain]
        while _elif(branches[-1]):
            branches.append(branches[-1].orelse[0])
        for early, late in itertools.combinations(branches, 2):
            rest, made = branches[-1].orelse, [one for one in branches if one is not late]
            for one in [*made[: made.index(early)], late, *made[made.index(early) :]][::-1]:
                rest = [_with(one, one.body, rest)]
            yield _edit("order", early, late, {id(chain): rest})
    for body in [body for body in bodies if isinstance(body, list) and program.own]:
        for line, late in itertools.pairwise(body):
            if isinstance(line, Loop | ast.If) and not isinstance(late, ast.Return):
                inside = _with(line, [*line.body, late])
                yield _edit("inside_end", late, line, {id(line): inside, id(late): []})
        for line, late in itertools.combinations(body, 2):
            if isinstance(line, ast.Assign) and isinstance(late, Loop):
                inside = _with(late, [line, *late.body])
                yield _edit("inside", line, late, {id(line): [], id(late): inside})
    for line in [n for n in program.nodes if isinstance(n, ast.If) and program.own]:
        shorter = _with(line, line.body[:-1]), _with(line, line.body, line.orelse[:-1])
        for some, less in zip((line.body, line.orelse), shorter, strict=True):
            if len(some) > 1:
                yield _edit("after_if", some[-1], line, {id(line): [less, some[-1]]})
        if line.orelse:  # `else`, or the single line that an `elif` is
            name = "otherwise_if" if isinstance(line.orelse[0], ast.If) else "otherwise"
            yield name, [line], {id(line): line.orelse}, 1, (short(text(line)), "")
    for line in [n for n in program.nodes if isinstance(n, Loop) and program.own]:
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


def missing(program: Any) -> Iterator[Any]:
    """Yield that a line is missing: a return, what is kept, or what is empty is not asked."""
    tree = program.definitions[-1]
    functions = [n for n in (tree, *program.nodes) if isinstance(n, ast.FunctionDef)]
    ends = [n for n in functions if not any(isinstance(m, ast.Return) for m in ast.walk(n))]
    ends = [n for n in ends if n.name != "__init__"]
    stored = [n for n in program.nodes if isinstance(getattr(n, "ctx", None), ast.Store)]
    end = "` and of `".join(n.name for n in ends)
    for new in dict.fromkeys(f"return {text(n)}" for n in stored[::-1] if not hasattr(n, "elts")):
        changes = {id(n.body[-1]): [n.body[-1], *ast.parse(new).body] for n in ends}
        yield "missing", [], changes, LARGE - 1, (new, f" at the end of `{end}`")
    for line in program.nodes:  # what is kept before it is replaced
        inside = isinstance(program.parents.get(id(line)), ast.If | Loop)
        if inside and isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            name, where = line.targets[0].id, f"before `{short(text(line))}`"
            names = dict.fromkeys(n.id for n in stored if isinstance(n, ast.Name))
            yield from (_before(line, f"{one} = {name}", where) for one in names if one != name)
    yield from (*_again(program), *_once_more(program), *_in_another(program))
    for pair, value in itertools.product(
        itertools.combinations(program.arguments, 2), SLIPS["values"]["all"]
    ):
        new = ", ".join(map(value.format, pair))
        yield _before(tree.body[0], f"{', '.join(pair)} = {new}", "at the beginning")
    for name, value in itertools.product(program.arguments, EMPTY):
        yield _before(tree.body[0], f"if not {name}: return {value}", "at the beginning")


def _again(program: Any) -> Iterator[Any]:
    """Yield that what is set or counted is to be so again, at the end of a block in a loop."""
    loops = [node for node in program.nodes if isinstance(node, Loop)]
    within = [node for loop in loops for node in ast.walk(loop) if isinstance(node, ast.If)]
    blocks = [block for node in dict.fromkeys(within) for block in (node.body, node.orelse)]
    for line in program.nodes:
        match line:
            case ast.Assign(
                [ast.Name()], ast.Constant() | ast.List([]) | ast.Dict([])
            ) | ast.AugAssign(ast.Name(), _, ast.Constant()):
                for last in [block[-1] for block in blocks if block]:
                    if not isinstance(last, ast.Return | ast.Break | ast.Continue | ast.If):
                        longer = [last, copy.deepcopy(line)]
                        words = text(line), f" after `{short(text(last))}`"
                        yield "missing", [], {id(last): longer}, LARGE, words


def _once_more(program: Any) -> Iterator[Any]:
    """Yield that what a loop does with what it has found is to be done once more after it."""
    for loop in [node for node in program.nodes if isinstance(node, Loop)]:
        for line in ast.walk(loop):
            if isinstance(line, ast.Assign | ast.AugAssign | ast.Expr):
                words = text(line), f" after the loop `{short(text(loop))}`"
                yield "missing", [], {id(loop): [loop, copy.deepcopy(line)]}, LARGE, words


def _in_another(program: Any) -> Iterator[Any]:
    """Yield that what one method adds to an attribute is to be added in another one, too."""
    methods = [n for n in program.definitions[-1].body if isinstance(n, ast.FunctionDef)]
    for line in program.nodes:
        adds = isinstance(line, ast.AugAssign) and isinstance(line.target, ast.Attribute)
        for method in [one for one in methods if adds and line not in ast.walk(one)]:
            last = method.body[-1]
            where = f"in `{method.name}`, before `{short(text(last))}`"
            yield _before(last, text(line), where)


def _elif(line: ast.If) -> bool:
    return len(line.orelse) == 1 and isinstance(line.orelse[0], ast.If)


def _before(line: Any, new: str, where: str) -> Any:
    longer = [*ast.parse(new).body, line]
    return "missing", [], {id(line): longer}, LARGE, (new, f" {where}")


def _edit(kind: str, line: Any, other: Any, changes: Any) -> Any:
    return kind, [line, other], changes, SMALL, (short(text(line)), short(text(other)))


def _with(line: Any, body: list[Any], orelse: list[Any] | None = None) -> Any:
    new = copy.copy(line)
    new.body, new.orelse = body, line.orelse if orelse is None else orelse
    return new


def skipping(program: Any) -> Any:
    """Return the line that takes elements out of a list while a loop goes through it, if any."""
    for loop in [node for node in program.nodes if isinstance(node, ast.For)]:
        ifs: list[Any] = [node for node in ast.walk(loop) if isinstance(node, ast.If)]
        for line, after in itertools.chain(
            *(zip(one.body, [*one.body[1:], None], strict=True) for one in (loop, *ifs))
        ):
            match line:
                case ast.Expr(ast.Call(ast.Attribute(kept, "remove" | "pop"))):
                    pass
                case ast.Delete([ast.Subscript(kept)]):
                    pass
                case _:
                    continue
            if text(kept) == text(loop.iter) and not isinstance(after, ast.Break | ast.Return):
                return line
    return None
