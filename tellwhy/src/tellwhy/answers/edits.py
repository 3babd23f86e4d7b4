"""What may stand in place of an expression, a line or an argument."""

import ast
import builtins
import contextlib
import functools
import inspect
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tellwhy.answers.code import New, expression, rebuilt, text
from tellwhy.answers.tables import SLIPS

FAMILIES = [family.split() for family in SLIPS["functions"]["families"]]
KEYWORDS = SLIPS["functions"]["keywords"]
NO_VALUE = ast.Constant | ast.UnaryOp | ast.Starred  # as an argument alone
PLACE = ast.Name | ast.Attribute | ast.Subscript
COPIES = (".clone()", ".copy()")
TINY = 1e-4  # numbers that are no part of a formula are smaller
BOTH, SOLUTION, LEARNER, _ = SLIPS["values"].values()


@dataclass(frozen=True, eq=False)
class Edit:
    """A change of nodes of a program: of what kind, as `edits` and `lines` name them, and size."""

    kind: str
    nodes: Sequence[Any]
    changes: Mapping[int, New]
    size: int
    words: tuple[str, str] | None = None  # what is quoted, where it is not what is changed


def others(program: Any, node: Any) -> Iterator[Any]:
    """Yield what may stand in place of an expression or a line: changes, lines left out."""
    yield from (*_by_rules(node), *_turned(node))
    match node:
        case ast.Constant(bool()):
            pass
        case ast.Constant(int(value) | float(value)):
            negative = isinstance(program.parents.get(id(node)), ast.UnaryOp)
            if negative or (program.own and value > 10):  # half of -1, or a limit
                return
            more = [100 * value, value / 100] if isinstance(value, float) else []
            tiny = 0 < value < TINY  # as a step that rounding swallows
            near = (value + 1, value - 1, 2 * value, value / 2, 0, 1, -value)
            for other in (*([0.01] if tiny else near), *more):
                yield expression(f"{other:g}")
            if program.own and value in (0, 1):
                firsts = [f"{name}[0]" for name in program.arguments]
                yield from map(expression, ["float('inf')", "-float('inf')", *firsts])
                if isinstance(program.parents.get(id(node)), ast.Subscript):
                    yield from (ast.Name(name, ast.Load()) for name in program.names)
        case ast.UnaryOp(ast.USub(), ast.Constant(int(value))) if 0 < value < 4:
            yield from (expression(f"{other}") for other in (1 - value, -value - 1))
        case ast.Constant(str(value)):
            news = {" ", "", value.strip(), value.lower(), value.upper()} - {value}
            yield from map(ast.Constant, sorted(news))
        case ast.FormattedValue(value) if program.own:
            for one in SLIPS["functions"]["formats"]:
                yield ast.FormattedValue(value, node.conversion, ast.JoinedStr([ast.Constant(one)]))
        case ast.Name(name, ast.Load()) if name in program.names:
            rest = [other for other in program.names if other != name]
            yield from (ast.Name(other, ast.Load()) for other in rest)
            if program.own:
                texts = [value.format(name) for value in (*BOTH, *LEARNER)]
                texts += [f"{name} {sign} {other}" for other in rest[:5] for sign in "+-*/"]
                texts += [f"{name} % {size}" for size in program.sizes[:3]]
                walked = getattr(program.parents.get(id(node)), "iter", None) is node
                if walked or name in program.others:  # an operator mends it by accident
                    texts = [one for one in texts if not re.search(r" [-+*/%]+ ", one)]
                yield from map(expression, texts)
        case ast.Assign([ast.Name()] as to, ast.Name(name)) if name in program.arguments:
            for start in (*(name + way for way in COPIES), "0"):
                yield ast.Assign(to, expression(start), lineno=0)
        case ast.Tuple(parts) if getattr(program.parents.get(id(node)), "iter", None) is node:
            yield expression(f"zip({', '.join(map(text, parts))})")
        case ast.Name(name) if name == program.definitions[-1].name:  # of the class itself
            yield ast.Name("self", node.ctx)
        case ast.Call(function, given):
            yield from _calls(program, node, function, given)
        case ast.Expr(ast.Call(ast.Name("print"))) if program.own:
            yield from (ast.Pass(), *ast.parse("raise ValueError").body)
        case ast.Expr(ast.Call(function, given)) if program.own:
            yield from (ast.Pass(), *_kept(program, node, function, given))
        case ast.Expr(ast.Attribute() as named) if program.own:  # and not called
            yield ast.Expr(ast.Call(named, [], []))
        case ast.Expr() | ast.Raise() | ast.Assert():
            yield ast.Pass()
        case ast.BoolOp(ast.Or(), [ast.Compare(one, [ast.Eq()], [first]), *rest]) if program.own:
            yield ast.Compare(one, [ast.In()], [ast.Tuple([first, *rest], ast.Load())])
        case ast.Return(value):
            if isinstance(value, ast.Call) and program.own:  # one more, one less
                yield from (
                    ast.Return(expression(f"{text(value)} {one}")) for one in ("+ 1", "- 1")
                )
            if isinstance(program.parents.get(id(node)), ast.If):
                yield ast.Pass()
        case ast.List([], ast.Load()) if program.own:
            yield from (expression(f"[{name}]") for name in program.names)
        case ast.If(test, body, other):
            yield from (ast.If(ast.Constant(True), body, other), ast.Pass())
            yield from [ast.While(test, body, [])] if program.own and not other else []
            never = ast.If(ast.Constant(False), body, other)
            yield from [never] if other and not program.own else []
        case ast.Subscript(thing, ast.Slice(start, ast.UnaryOp(ast.USub(), ast.Name(end)))):
            upper = expression(f"len({text(thing)}) - {end}")  # -k is no end where k is 0
            yield ast.Subscript(thing, ast.Slice(start, upper), node.ctx)


def _kept(program: Any, node: Any, function: Any, given: list[Any]) -> Iterator[ast.stmt]:
    """Yield that a new value is kept, which a line makes and leaves, or alone what is appended."""
    name, code = getattr(function, "attr", getattr(function, "id", "")), text(node)
    if name == program.definitions[-1].name:
        yield from (line for one in program.names for line in ast.parse(f"{one} += {code}").body)
    kept = getattr(function, "value", given[0] if given else None)
    alone = f"[{text(given[0])}]" if name == "append" and given else ""
    new = code if name in SLIPS["functions"]["new"].split() else alone
    if new and isinstance(kept, PLACE):
        yield from ast.parse(f"{text(kept)} = {new}").body


def _turned(node: Any) -> Iterator[ast.expr]:
    """Yield two operations on a thing in the other order, or otherwise put in parentheses."""
    load = ast.Load()
    match node:  # (a + b) * c and a + b * c
        case ast.BinOp(ast.BinOp(a, one, b), other, c) if type(one) is not type(other):
            yield ast.BinOp(a, one, ast.BinOp(b, other, c))
    match node:
        case ast.BinOp(a, one, ast.BinOp(b, other, c)) if type(one) is not type(other):
            yield ast.BinOp(ast.BinOp(a, one, b), other, c)
        case ast.BinOp(ast.Call(ast.Attribute(thing, name), [], keywords), ast.Pow(), power):
            raised = ast.Attribute(ast.BinOp(thing, ast.Pow(), power), name, load)
            yield ast.Call(raised, [], keywords)
        case ast.Call(ast.Attribute(ast.BinOp(thing, ast.Pow(), power), name), [], keywords):
            made = ast.Call(ast.Attribute(thing, name, load), [], keywords)
            yield ast.BinOp(made, ast.Pow(), power)
        case ast.Call(ast.Attribute(ast.Subscript(thing, part), name), given, keywords):
            inner = ast.Call(ast.Attribute(thing, name, load), given, keywords)
            yield ast.Subscript(inner, part, load)
        case ast.Subscript(ast.Call(ast.Attribute(thing, name), given, keywords), part):
            first = ast.Attribute(ast.Subscript(thing, part, load), name, load)
            yield ast.Call(first, given, keywords)


def _calls(program: Any, node: Any, function: Any, given: list[Any]) -> Iterator[ast.expr]:
    """Yield other calls: of a function alike, with arguments exchanged, with other keywords."""
    name = getattr(function, "attr", getattr(function, "id", ""))
    owner = getattr(function, "value", None)
    module = program.space.get(owner.id) if isinstance(owner, ast.Name) else None
    for other in itertools.chain(*(family for family in FAMILIES if name in family)):
        if owner and (not inspect.ismodule(module) or hasattr(module, other)):
            yield ast.Call(ast.Attribute(owner, other, ast.Load()), given, node.keywords)
        elif not owner or hasattr(builtins, other):
            yield ast.Call(ast.Name(other, ast.Load()), given, node.keywords)
    if owner and name == "append" and len(given) == 1:
        yield expression(f"{text(owner)}.extend({text(given[0])})")
    yield from (one for one in given[:3] if not isinstance(one, NO_VALUE))
    yield from [owner] if owner else []
    for i, j in itertools.combinations(range(len(given)), 2):
        turned = [*given]
        turned[i], turned[j] = turned[j], turned[i]
        yield ast.Call(function, turned, node.keywords)
    for place, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:place], *node.keywords[place + 1 :]]
        dims = (-1, 0, 1, 2) if keyword.arg in {"dim", "axis"} else ()
        new = [ast.keyword(keyword.arg, ast.Constant(dim)) for dim in dims]
        for some in (rest, [], *([one, *rest] for one in new)):
            yield ast.Call(function, given, some)
    for call, names in KEYWORDS.items():
        if name in names.split() and not node.keywords:
            yield ast.Call(function, given, expression(call).keywords)


def of_arguments(program: Any) -> Iterator[Any]:
    """Yield, of a solution, that arguments are others or exchanged, and that a loop runs once."""
    first = program.definitions[-1].body[0]
    for name, value in itertools.product(program.arguments, (*BOTH, *SOLUTION)):
        new = value.format(name)
        shown = {f"{name} * 0": "0", f"{name} * 0 + 1": "1"}.get(new, new)
        before = [*ast.parse(f"{name} = {new}").body, first]
        yield "change", [], {id(first): before}, 10 + len(new), (name, shown)
    for a, b in itertools.combinations(program.arguments, 2):
        before = [*ast.parse(f"{a}, {b} = {b}, {a}").body, first]
        yield "exchange", [], {id(first): before}, 9, (a, b)
    for line in [node for node in program.nodes if isinstance(node, ast.For)]:
        for part, which in ((":1", "first"), ("-1:", "last")):
            over = expression(f"[*{ast.unparse(line.iter)}][{part}]")
            once = ast.For(line.target, over, line.body, [])
            yield "round", [], {id(line): once}, 70, (which, "")


# The rules of slips.toml


def _by_rules(node: ast.AST) -> Iterator[ast.AST]:
    for rule, news in _rules().get(type(node), ()):
        parts: dict[str, ast.AST] = {}
        if _matches(rule, node, parts):
            for new in news:
                with contextlib.suppress(SyntaxError):  # a target that cannot be added to
                    yield _filled(new, parts)


@functools.cache
def _rules() -> dict[type[ast.AST], list[tuple[ast.AST, list[ast.AST]]]]:
    """Return the rules as trees, by the kind of what they change."""
    rules: dict[type[ast.AST], list[tuple[ast.AST, list[ast.AST]]]] = {}
    for old, news in SLIPS["rules"].items():
        rules.setdefault(type(_tree(old)), []).append((_tree(old), [*map(_tree, news.split("; "))]))
    return rules


def _tree(code: str) -> ast.AST:
    (line,) = ast.parse(code).body
    return line.value if isinstance(line, ast.Expr) else line


def _matches(rule: Any, node: Any, parts: dict[str, ast.AST]) -> bool:
    """Tell whether code is an example of a rule, and note what the letters stand for."""
    if isinstance(rule, ast.Name) and len(rule.id) == 1:
        return node is not None and text(parts.setdefault(rule.id, node)) == text(node)
    if isinstance(rule, list):
        fits = isinstance(node, list) and len(node) == len(rule)
        return fits and all(_matches(*pair, parts) for pair in zip(rule, node, strict=True))
    if not isinstance(rule, ast.AST):
        return bool(type(rule) is type(node) and rule == node)  # True is equal to 1
    fields = ((value, getattr(node, name, None)) for name, value in ast.iter_fields(rule))
    return type(rule) is type(node) and all(_matches(*field, parts) for field in fields)


def _filled(rule: ast.AST, parts: dict[str, ast.AST]) -> ast.AST:
    """Return what a rule makes; a statement from its text, as a target is another kind of name."""
    if isinstance(rule, ast.stmt):
        letter = re.compile(r"\b[a-d]\b")
        return _tree(letter.sub(lambda name: f"({text(parts[name[0]])})", text(rule)))
    names = [node for node in ast.walk(rule) if isinstance(node, ast.Name) and node.id in parts]
    made: ast.AST = rebuilt(rule, {id(name): parts[name.id] for name in names})
    return made
