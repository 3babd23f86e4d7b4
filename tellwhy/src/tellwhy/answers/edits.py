"""What may stand in place of an expression or of an argument."""

import ast
import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from tellwhy.answers import rules
from tellwhy.answers.code import expression

Hole = tuple[ast.expr, Callable[[ast.expr], ast.expr]]  # an inner expression; around another one


def others(program: Any, node: Any) -> Iterator[Any]:
    """Yield what may stand in place of an expression or a statement."""
    yield from rules.by_rules(node)
    match node:
        case ast.Constant(bool()):
            pass
        case ast.Constant(int(value) | float(value)):
            if isinstance(program.parents.get(id(node)), ast.UnaryOp) or (
                program.own and value > 10
            ):
                return  # half of -1, or a limit
            more = [100 * value, value / 100] if isinstance(value, float) else []
            for other in (value + 1, value - 1, 2 * value, value / 2, 0, 1, -value, *more):
                yield expression(f"{other:g}")
            if program.own and value in (0, 1):
                firsts = [f"{name}[0]" for name in program.arguments]
                yield from map(expression, ["float('inf')", "-float('inf')", *firsts])
        case ast.Constant(str(value)):
            for other in sorted({" ", "", value.strip(), value.lower(), value.upper()} - {value}):
                yield ast.Constant(other)
        case ast.Name(name, ast.Load()) if name in program.names:
            yield from (ast.Name(other, ast.Load()) for other in program.names)
            if program.own:
                values = f"{rules.VALUES}|{rules.OWN}".split("|")
                texts = [value.format(name) for value in values if " * 0" not in value]
                rest = [other for other in program.names if other != name][:5]
                texts += [f"{name} {sign} {other}" for other in rest for sign in "+-*/"]
                yield from map(expression, texts)
        case ast.Compare(left, [_, _, *_] as signs, values):
            for k, sign in enumerate(signs):
                for new in rules.SIGNS.get(type(sign), ()):
                    yield ast.Compare(left, [*signs[:k], new(), *signs[k + 1 :]], values)
        case ast.BoolOp(sign, [_, _, *_] as values):
            other = ast.Or() if isinstance(sign, ast.And) else ast.And()
            yield ast.BoolOp(other, values)
            for k in range(len(values)):
                yield ast.BoolOp(sign, [*values[:k], *values[k + 1 :]])
            for k in range(1, len(values) - 1):
                yield ast.BoolOp(sign, [*values[:k], ast.BoolOp(other, values[k:])])
                yield ast.BoolOp(other, [ast.BoolOp(sign, values[: k + 1]), *values[k + 1 :]])
        case ast.Call(function, given):
            yield from _calls(program, node, function, given)
        case ast.Name(name) if name == program.definitions[-1].name:  # of the class itself
            yield ast.Name("self", node.ctx)
        case ast.Expr(ast.Call(ast.Name("print"))) if program.own:
            yield from (ast.Pass(), *ast.parse("raise ValueError").body)
        case ast.Expr() | ast.Raise() | ast.Assert():
            yield ast.Pass()
        case ast.Return() if isinstance(program.parents.get(id(node)), ast.If):
            yield ast.Pass()
        case ast.If(_, body, other):
            yield from (ast.If(ast.Constant(True), body, other), ast.Pass())
    if hole := _hole(node):
        inner, outside = hole
        if deeper := _hole(inner):
            yield deeper[1](outside(deeper[0]))
        if isinstance(inner, ast.BinOp):
            left, right = inner.left, inner.right
            for pair in ((outside(left), outside(right)), (outside(left), right)):
                yield ast.BinOp(pair[0], inner.op, pair[1])
    if isinstance(node, ast.BinOp) and (hole := _hole(node.left)):  # a bracket that closes early
        yield hole[1](ast.BinOp(hole[0], node.op, node.right))


def _calls(program: Any, node: Any, function: Any, given: list[Any]) -> Iterator[ast.expr]:
    """Yield other calls: of a function alike, with arguments exchanged, with other keywords."""
    name = getattr(function, "attr", getattr(function, "id", ""))
    owner = getattr(function, "value", None)
    module = program.space.get(owner.id) if isinstance(owner, ast.Name) else None
    for family in rules.FAMILIES:
        for other in family if name in family else ():
            if owner and (not inspect.ismodule(module) or hasattr(module, other)):
                yield ast.Call(ast.Attribute(owner, other, ast.Load()), given, node.keywords)
            elif not owner:
                yield ast.Call(ast.Name(other, ast.Load()), given, node.keywords)
    yield from (one for one in given[:3] if not isinstance(one, ast.Constant | ast.Starred))
    if owner:
        yield owner
    for i, j in itertools.combinations(range(len(given)), 2):
        turned = [*given]
        turned[i], turned[j] = turned[j], turned[i]
        yield ast.Call(function, turned, node.keywords)
    keywords: list[list[ast.keyword]] = []
    for place, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:place], *node.keywords[place + 1 :]]
        dims = (-1, 0, 1, 2) if keyword.arg in {"dim", "axis"} else ()
        keywords += [rest, *([_keyword(keyword.arg, dim), *rest] for dim in dims)]
    if name in rules.FAMILIES[0] and not node.keywords:
        keywords += [[_keyword(axis, place)] for axis in ("dim", "axis") for place in (0, 1)]
    if name in {"std", "var"}:
        keywords += [[_keyword("ddof", 1)], [_keyword("correction", 0)]]
    yield from (ast.Call(function, given, some) for some in keywords)


def _keyword(name: str, value: int) -> ast.keyword:
    return ast.keyword(name, ast.Constant(value))


def of_arguments(program: Any) -> Iterator[Any]:
    """Yield, of a solution, that other arguments are given, and that a loop runs once only."""
    if program.own:
        return
    first = program.definitions[-1].body[0]
    for name in program.arguments:
        for value in rules.VALUES.split("|"):
            new = value.format(name)
            lines = ast.parse(f"{name} = {new}").body
            shown = {f"{name} * 0": "0", f"{name} * 0 + 1": "1"}.get(new, new)
            yield "change", [], {id(first): [*lines, first]}, 10 + len(new), (name, shown)
    for a, b in itertools.combinations(program.arguments, 2):
        lines = ast.parse(f"{a}, {b} = {b}, {a}").body
        yield "exchange", [], {id(first): [*lines, first]}, 9, (a, b)
    for line in [node for node in program.nodes if isinstance(node, ast.For)]:
        for part, words in ((":1", "first"), ("-1:", "last")):
            over = expression(f"[*{ast.unparse(line.iter)}][{part}]")
            loop = ast.For(line.target, over, line.body, [])
            yield "round", [], {id(line): loop}, 70, (words, "")


def _hole(node: Any) -> Hole | None:
    """Return the one thing that a power, a call or a minus is made of, and how to make another."""
    match node:
        case ast.BinOp(a, ast.Pow() as op, b):
            return a, lambda new: ast.BinOp(new, op, b)
        case ast.UnaryOp(op, a):
            return a, lambda new: ast.UnaryOp(op, new)
        case ast.Call(ast.Attribute(a, name), _) if not isinstance(a, ast.Name) or a.id not in {
            "torch",
            "math",
            "np",
        }:
            attribute = ast.Attribute
            return a, lambda new: ast.Call(
                attribute(new, name, ast.Load()), node.args, node.keywords
            )
        case ast.Call(function, [a, *rest]) if not isinstance(a, ast.Starred):
            return a, lambda new: ast.Call(function, [new, *rest], node.keywords)
    return None
