"""A solution with one thing changed: what a wrong answer so often is.

`edits` lists such changes of a function's source, each with the words that say what was changed.
A wrong answer that gives what a changed solution gives, on all inputs, is told the change.
"""

import ast
import copy
import functools
import inspect
import itertools
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[..., Any]
Changes = Mapping[int, Sequence[ast.AST]]

# What stands for what: names of functions and methods that learners take for one another.
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("mean", "sum", "median", "max", "min", "prod", "std"),
    ("median", "median_low", "median_high", "mean", "min", "max"),
    ("std", "var", "mean"),
    ("ceil", "floor", "round", "trunc"),
    ("numel", "dim"),
    ("log", "log2", "log10", "exp"),
    ("sqrt", "square", "abs"),
)


@dataclass(frozen=True)
class Edit:
    """A change of one place of a solution.

    Attributes:
        name: a short name, which stays the same as long as the solution does.
        words: what is so in the changed solution, as in "`.sum()` stands in place of `.mean()`".
        changes: for the number of each node that changes, what stands there instead.
    """

    name: str
    words: str
    changes: Changes = field(compare=False)


class Solution:
    """The source of a function as a tree whose nodes are numbered, to be changed and compiled."""

    def __init__(self, function: Answer, body: str = "") -> None:
        """Parse a function's source, without its decorators, or another body for it."""
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        assert isinstance(tree, ast.FunctionDef)
        if body:
            tree.body = ast.parse(body if "return" in body else f"return {body}").body
        tree.decorator_list, tree.returns = [], None
        for argument in (*tree.args.args, *tree.args.kwonlyargs):
            argument.annotation = None
        if ast.get_docstring(tree):
            del tree.body[0]
        self.function, self.tree = function, tree
        for number, node in enumerate(ast.walk(tree)):
            node.number = number  # type: ignore[attr-defined]
        self.names = [argument.arg for argument in tree.args.args]

    def edits(self) -> list[Edit]:
        """Return the changes of one place, those that are likelier first."""
        found = [
            *self._statements(),
            *itertools.chain(*map(self._expressions, self._nodes())),
            *itertools.chain(*map(self._name, self._nodes())),
        ]
        alike: dict[str, list[Edit]] = {}
        for edit in found:
            alike.setdefault(edit.words, []).append(edit)
        edits: list[Edit] = []
        for words, group in alike.items():
            if len(group) > 1:  # the same in several places
                places = {place: new for edit in group for place, new in edit.changes.items()}
                edits.append(Edit(group[0].name, words, places))
                words += ", in one place"
            edits += [Edit(edit.name, words, edit.changes) for edit in group]
        return edits

    def changed(self, *edits: Edit) -> Answer | None:
        """Return the function with edits made, or None where that is no program."""
        changes = {place: new for edit in edits for place, new in edit.changes.items()}
        tree = _Changer(changes).visit(copy.deepcopy(self.tree))
        module = ast.fix_missing_locations(ast.Module([tree], []))
        space = dict(self.function.__globals__)
        try:
            exec(compile(module, "<a changed solution>", "exec"), space)
        except (SyntaxError, TypeError, ValueError):
            return None
        answer: Answer = space[self.tree.name]
        return answer

    def _nodes(self) -> Iterator[ast.AST]:
        return itertools.chain.from_iterable(map(ast.walk, self.tree.body))

    # Statements

    def _statements(self) -> Iterator[Edit]:
        for block in self._blocks(self.tree):
            for place, line in enumerate(block):
                yield from self._moved(block, place)
                if not isinstance(line, ast.Return | ast.For | ast.With | ast.FunctionDef):
                    gone: list[ast.AST] = [ast.Pass()]
                    yield _edit("without", f"{code(line)} is left out", line, *gone)
                if isinstance(line, ast.AugAssign):
                    yield from self._augmented(line)
                if isinstance(line, ast.For):
                    yield from self._loop(line)
                if isinstance(line, ast.If):
                    words = f"what depends on {code(line.test)} is done always"
                    yield _edit("always", words, line, *line.body)

    def _blocks(self, tree: ast.AST) -> Iterator[list[ast.stmt]]:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.For | ast.With | ast.If):
                yield node.body

    def _moved(self, block: list[ast.stmt], place: int) -> Iterator[Edit]:
        line, *after = block[place:]
        if after and not isinstance(line, ast.For | ast.With | ast.If | ast.Return):
            following = after[0]
            if not isinstance(following, ast.For | ast.With | ast.If | ast.Return):
                words = f"{code(following)} comes before {code(line)}"
                changes: Changes = {_number(line): [following], _number(following): [line]}
                yield Edit(f"order: {code(following)}", words, _copies(changes))
        if isinstance(line, ast.For) and after:
            inside = copy.deepcopy(line)
            inside.body.append(after[0])
            words = f"{code(after[0])} stands inside the loop"
            changes = {_number(line): [inside], _number(after[0]): [ast.Pass()]}
            yield Edit(f"inside the loop: {code(after[0])}", words, _copies(changes))
        if isinstance(line, ast.For):
            for first in range(1, len(line.body)):
                outside = copy.deepcopy(line)
                late, outside.body = outside.body[first:], outside.body[:first]
                several = " and what follows" if len(late) > 1 else ""
                words = f"{code(late[0])}{several} stands behind the loop, not inside"
                yield _edit(f"behind the loop: {code(late[0])}", words, line, outside, *late)

    def _augmented(self, line: ast.AugAssign) -> Iterator[Edit]:
        signs = {ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Div(), ast.Div: ast.Mult()}
        if (other := signs.get(type(line.op))) is not None:
            changed = ast.AugAssign(line.target, other, line.value)
            words = f"{code(changed)} stands in place of {code(line)}"
            yield _edit("sign of the step", words, line, changed)
        replaced = ast.Assign([line.target], line.value)
        words = f"nothing is added up: {code(replaced)} stands in place of {code(line)}"
        yield _edit("not added up", words, line, replaced)

    def _loop(self, line: ast.For) -> Iterator[Edit]:
        for which, index in (("first", "0"), ("last", "-1")):
            only = _expression(f"[*({ast.unparse(line.iter)})][{index}:][:1]")
            words = f"the loop over {code(line.iter)} sees the {which} alone"
            yield _edit(f"{which} alone", words, line.iter, only)
        ended = copy.deepcopy(line)
        ended.body.append(ast.Break())
        yield _edit("one round", f"the loop over {code(line.iter)} ends after a round", line, ended)

    # Expressions

    def _expressions(self, node: ast.AST) -> Iterator[Edit]:
        if isinstance(node, ast.BinOp):
            yield from self._operation(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield _edit("sign", f"the minus of {code(node)} is left out", node, node.operand)
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.Subscript):
            yield _edit("whole", f"{code(node.value)} stands for {code(node)}", node, node.value)
        elif isinstance(node, ast.Attribute) and node.attr == "T":
            yield _edit("not transposed", f"the `.T` of {code(node)} is left out", node, node.value)
        elif isinstance(node, ast.Constant) and isinstance(value := node.value, int | float):
            for other in (value + 1, value - 1, 2 * value, value / 2):
                words = f"{other:g} stands in place of {value:g}"
                yield _edit("number", words, node, _expression(f"{other:g}"))
        elif isinstance(node, ast.GeneratorExp):
            yield from self._generator(node)

    def _operation(self, node: ast.BinOp) -> Iterator[Edit]:
        left, right = node.left, node.right
        whole, a, b = code(node), code(left), code(right)
        yield from self._parentheses(node)
        if isinstance(node.op, ast.Add | ast.Sub):
            minus = ast.BinOp(left, ast.Sub(), right)
            verb, other = ("added", "subtracted")[:: 1 if isinstance(node.op, ast.Add) else -1]
            yield _edit("missing term", f"{b} is not {verb} in {whole}", node, left)
            rest = right if isinstance(node.op, ast.Add) else ast.UnaryOp(ast.USub(), right)
            yield _edit("missing term", f"{a} is left out of {whole}", node, rest)
            opposite = ast.Add() if isinstance(node.op, ast.Sub) else ast.Sub()
            changed = ast.BinOp(left, opposite, right)
            yield _edit("sign of a term", f"{b} is {other}, not {verb}, in {whole}", node, changed)
            if isinstance(node.op, ast.Sub):
                turned = ast.BinOp(right, ast.Sub(), left)
                words = f"the difference is the other way round, {code(turned)}"
                yield _edit("difference reversed", words, node, turned)
                minus = ast.BinOp(left, ast.Div(), right)
                yield _edit("divided", f"{a} is divided by {b}, not lessened", node, minus)
        elif isinstance(node.op, ast.Mult):
            yield _edit("missing factor", f"the factor {b} is left out of {whole}", node, left)
            yield _edit("missing factor", f"the factor {a} is left out of {whole}", node, right)
            changed = ast.BinOp(left, ast.Div(), right)
            yield _edit("divided", f"{a} is divided by {b}, not multiplied", node, changed)
            changed = ast.BinOp(left, ast.Add(), right)
            yield _edit("added", f"{b} is added to {a}, not multiplied", node, changed)
        elif isinstance(node.op, ast.Div):
            yield _edit("missing division", f"the division by {b} is left out", node, left)
            changed = ast.BinOp(left, ast.Mult(), right)
            yield _edit("multiplied", f"{a} is multiplied by {b}, not divided", node, changed)
            changed = ast.BinOp(right, ast.Div(), left)
            yield _edit("upside down", f"{whole} is upside down", node, changed)
            changed = ast.BinOp(left, ast.Sub(), right)
            yield _edit("difference", f"{b} is subtracted from {a}, not divided by", node, changed)
            changed = ast.BinOp(left, ast.FloorDiv(), right)
            yield _edit("floor", f"{whole} is rounded down, as `//` does", node, changed)
        elif isinstance(node.op, ast.MatMult):
            changed = ast.BinOp(right, ast.MatMult(), left)
            yield _edit("order of product", f"{code(changed)} stands for {whole}", node, changed)
            changed = ast.BinOp(left, ast.Mult(), right)
            yield _edit(
                "not a matrix product", f"{code(changed)} stands for {whole}", node, changed
            )
        elif isinstance(node.op, ast.FloorDiv):
            changed = ast.BinOp(left, ast.Div(), right)
            yield _edit("not rounded", f"{whole} is not rounded, as with `/`", node, changed)
        elif isinstance(node.op, ast.Pow):
            yield from self._power(node)

    def _parentheses(self, node: ast.BinOp) -> Iterator[Edit]:
        """Take the operations in another order, as without parentheses or with others."""
        regrouped = []
        if isinstance(inner := node.left, ast.BinOp):
            later = ast.BinOp(inner.right, node.op, node.right)
            regrouped.append(ast.BinOp(inner.left, inner.op, later))
        if isinstance(inner := node.right, ast.BinOp):
            earlier = ast.BinOp(node.left, node.op, inner.left)
            regrouped.append(ast.BinOp(earlier, inner.op, inner.right))
        for changed in regrouped:
            words = f"parentheses stand elsewhere: {code(changed)} in place of {code(node)}"
            if ast.unparse(ast.fix_missing_locations(changed)) != ast.unparse(node):
                yield _edit("parentheses", words, node, changed)

    def _power(self, node: ast.BinOp) -> Iterator[Edit]:
        a, squared = code(node.left), ast.unparse(node.right) == "2"
        words = f"the {'square' if squared else 'root'} of {a} is left out"
        yield _edit("no square" if squared else "no root", words, node, node.left)
        if squared:
            absolute = ast.Call(ast.Name("abs", ast.Load()), [node.left], [])
            yield _edit("absolute", f"{a} is taken without its sign, not squared", node, absolute)
            double = ast.BinOp(ast.Constant(2), ast.Mult(), node.left)
            yield _edit("doubled", f"{a} is doubled, not squared", node, double)
            root = ast.BinOp(node.left, ast.Pow(), ast.Constant(0.5))
            yield _edit("root", f"the root of {a} is taken, not its square", node, root)

    def _call(self, node: ast.Call) -> Iterator[Edit]:
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        for other in (o for family in FAMILIES if name in family for o in family if o != name):
            changed = copy.deepcopy(node)
            module = self._module(function)
            if isinstance(changed.func, ast.Attribute) and (
                module is None or hasattr(module, other)
            ):
                changed.func.attr = other
            else:
                changed.func = ast.Name(other, ast.Load())
            words = f"`{other}` stands in place of `{name}`"
            yield _edit(f"{other} for {name}", words, node, changed)
        if isinstance(function, ast.Attribute) and self._module(function) is None:
            words = f"`.{name}(...)` is left out of {code(node)}"
            yield _edit(f"without {name}", words, node, function.value)
        elif node.args and not isinstance(node.args[0], ast.Starred):
            words = f"{code(node.args[0])} stands for {code(node)}"
            yield _edit(f"without {name}", words, node, node.args[0])
        if name == "len":
            for size, words in ((".numel()", "all its elements"), (".shape[-1]", "its columns")):
                text = ast.unparse(node.args[0]) + size
                new = _expression(text)
                yield _edit(f"{words} counted", f"`{text}` stands for {code(node)}", node, new)
        for place, keyword in enumerate(node.keywords):
            fewer = copy.deepcopy(node)
            del fewer.keywords[place]
            words = f"{code(keyword)} is left out of {code(node)}"
            yield _edit(f"without {keyword.arg}", words, node, fewer)
            if keyword.arg == "dim":
                for dim in (-2, -1, 0, 1, 2):
                    changed = copy.deepcopy(node)
                    changed.keywords[place].value = ast.Constant(dim)
                    words = f"`dim={dim}` stands in place of {code(keyword)}"
                    yield _edit(f"dim={dim}", words, node, changed)
                if not any(key.arg == "keepdim" for key in node.keywords):
                    kept = copy.deepcopy(node)
                    kept.keywords.append(ast.keyword("keepdim", ast.Constant(True)))
                    yield _edit("keepdim", f"`keepdim=True` stands in {code(node)}", node, kept)

    def _module(self, function: ast.AST) -> Any:
        """Return the module that a function is taken from, or None for a method."""
        owner = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
        space = self.function.__globals__
        first, *rest = owner.split(".")
        module = functools.reduce(lambda a, b: getattr(a, b, None), rest, space.get(first))
        return module if inspect.ismodule(module) else None

    def _name(self, node: ast.AST) -> Iterator[Edit]:
        if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
            return
        for other in self.names:
            if node.id in self.names and other != node.id:
                new = ast.Name(other, ast.Load())
                words = f"`{other}` stands in one place where `{node.id}` belongs"
                yield _edit(f"{other} for {node.id}", words, node, new)

    def _generator(self, node: ast.GeneratorExp) -> Iterator[Edit]:
        one = copy.deepcopy(node)
        one.elt = ast.Constant(1)
        words = f"each of {code(node.generators[0].iter)} counts as 1, whatever it holds"
        yield _edit("counted", words, node, one)


class _Changer(ast.NodeTransformer):
    def __init__(self, changes: Changes) -> None:
        self.changes = dict(changes)

    def visit(self, node: ast.AST) -> Any:
        new = self.changes.pop(getattr(node, "number", -1), None)
        if new is None:
            return self.generic_visit(node)
        visited = [self.generic_visit(copy.deepcopy(one)) for one in new]
        return visited[0] if isinstance(node, ast.expr) else visited


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def code(node: ast.AST) -> str:
    """Return the first line of a piece of code between backticks."""
    lines = ast.unparse(ast.fix_missing_locations(node)).splitlines()
    return f"`{lines[0]}`"


def _edit(name: str, words: str, node: ast.AST, *new: ast.AST) -> Edit:
    what = name if ":" in name else f"{name}: {ast.unparse(node).splitlines()[0]}"
    return Edit(what.replace("`", ""), words, _copies({_number(node): list(new)}))


def _copies(changes: Changes) -> Changes:
    """Return copies of the new nodes: a node that stands in two places is changed in both."""
    return {place: [copy.deepcopy(node) for node in new] for place, new in changes.items()}


def _number(node: ast.AST) -> int:
    number: int = node.number  # type: ignore[attr-defined]
    return number
