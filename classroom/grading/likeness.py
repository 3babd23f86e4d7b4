"""Whether two functions are the same text, but for names, spacing, comments and type hints."""

from __future__ import annotations

import ast
import textwrap


def alike(one: str, other: str) -> bool:
    r"""Compare the source of two functions; names that they give themselves do not matter.

    Example:
        >>> alike("def f(x): return 2 * x", "def g(number):\n    return 2*number  # twice")
        True
        >>> alike("def f(x): return 2 * x", "def f(x): return x * 2")
        False
    """
    try:
        return _plain(one) == _plain(other)
    except (SyntaxError, StopIteration):  # no function, or a lambda
        return False


def _plain(source: str) -> str:
    """Return the syntax tree of the first function, its own names numbered in their order."""
    tree = ast.parse(textwrap.dedent(source))
    function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    function.decorator_list = []
    function.returns = None
    if ast.get_docstring(function) is not None:
        del function.body[0]
    numbers = {function.name: "0"}
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            node.annotation = None
            numbers.setdefault(node.arg, str(len(numbers)))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            numbers.setdefault(node.id, str(len(numbers)))
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            node.id = numbers.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = numbers[node.arg]
    function.name = "0"
    return ast.dump(function)
