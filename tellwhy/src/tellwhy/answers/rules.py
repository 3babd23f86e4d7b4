"""Rules of what may stand in place of what in a program."""

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tellwhy.answers.code import rebuilt, text

# What stands in place of what; single letters stand for anything, the same letter for the same.
RULES = """
a + b: a - b; a * b; a; b | a - b: a + b; b - a; a / b; a; b | a * b: a / b; a + b; a @ b; a; b |
a / b: a * b; b / a; a - b; a // b; a; b | a // b: a / b; a % b; b // a; a; b |
a % b: a // b; a / b; b % a | a @ b: b @ a; a * b; a; b | a ** b: a |
a ** 2: abs(a); a ** 0.5; 2 * a | -a: a | not a: a |
a < b: a <= b; a > b | a <= b: a < b; a >= b |
a > b: a >= b; a < b | a >= b: a > b; a <= b | a == b: a != b; a > b | a != b: a == b |
a and b: a or b; a; b | a or b: a and b; a; b | a if b else c: a; c; c if b else a | a.T: a |
a.mT: a | a.shape: a | a[b]: a | a[b:]: a[:b] | a[:b]: a[b:] | len(a): a.numel(); a.shape[-1] |
torch.linalg.inv(a): 1 / a | a.numel(): len(a) | True: False | False: True |
(a + b) / c: a + b / c | (a - b) / c: a - b / c | a + b / c: (a + b) / c | a - b / c: (a - b) / c |
(a + b) * c: a + b * c | a + b * c: (a + b) * c; b; c | a * b + c: a * (b + c); b; a |
a / (b * c): a / b * c | a / b * c: a / (b * c) | (a - b) ** c: a - b ** c |
a * b ** c: (a * b) ** c | {a for b in c}: [a for b in c] | (a for b in c): (1 for b in c) |
(a for b in c if d): (a for b in c); (a for b in c if not d) |
[a for b in c if d]: [a for b in c]; [a for b in c if not d] | a += b: a -= b; a = b; pass |
a -= b: a += b; a = b; pass | a *= b: a /= b; a = b; pass | a /= b: a *= b; a = b; pass |
a *= b + c: a = a * b + c | a /= b + c: a = a / b + c | a = b: a[:] = b; pass | a = a + b: a += b |
a = a - b: a -= b | a = a * b: a *= b | break: pass | continue: pass
"""


def by_rules(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what the rules put in place of code."""
    for rule, news in _rules().get(type(node), ()):
        parts: dict[str, ast.AST] = {}
        if _matches(rule, node, parts):
            yield from (_filled(new, parts) for new in news)


@functools.cache
def _rules() -> dict[type[ast.AST], list[tuple[ast.AST, list[ast.AST]]]]:
    """Return the rules as trees, by the kind of what they change."""
    rules: dict[type[ast.AST], list[tuple[ast.AST, list[ast.AST]]]] = {}
    for line in RULES.split("|"):
        old, *news = (_tree(part.strip()) for part in re.split(r": |; ", line))
        rules.setdefault(type(old), []).append((old, news))
    return rules


def _tree(code: str) -> ast.AST:
    (line,) = ast.parse(code).body
    return line.value if isinstance(line, ast.Expr) else line


def _matches(rule: Any, node: Any, parts: dict[str, ast.AST]) -> bool:
    """Tell whether code is an example of a rule, and note what the letters stand for."""
    if isinstance(rule, ast.Name) and len(rule.id) == 1:
        return node is not None and text(parts.setdefault(rule.id, node)) == text(node)
    if isinstance(rule, list):
        alike = isinstance(node, list) and len(node) == len(rule)
        return alike and all(_matches(*pair, parts) for pair in zip(rule, node, strict=True))
    if not isinstance(rule, ast.AST):
        return bool(type(rule) is type(node) and rule == node)  # True is equal to 1
    fields = ((value, getattr(node, name, None)) for name, value in ast.iter_fields(rule))
    return type(rule) is type(node) and all(_matches(*field, parts) for field in fields)


def _filled(rule: ast.AST, parts: Mapping[str, ast.AST]) -> ast.AST:
    """Return what a rule makes; a statement from its text, as a target is another kind of name."""
    if isinstance(rule, ast.stmt):
        letter = re.compile(r"\b[a-d]\b")
        return _tree(letter.sub(lambda name: f"({text(parts[name[0]])})", text(rule)))
    names = [node for node in ast.walk(rule) if isinstance(node, ast.Name) and node.id in parts]
    new: ast.AST = rebuilt(rule, {id(name): parts[name.id] for name in names})
    return new
