"""Rules of what may stand in place of what in a program."""

import ast
import contextlib
import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tellwhy.answers.code import rebuilt, text

# What stands in place of what; single letters stand for anything, the same letter for the same.
RULES = """
a + b: a - b; a * b; a; b | a - b: a + b; b - a; a / b; a; b | a * b: a / b; a + b; a @ b; a; b |
a / b: a * b; b / a; a - b; a // b; a; b | a // b: a / b; a % b; b // a; a; b |
a % b: a // b; a / b; b % a | a @ b: b @ a; a * b; a; b | a ** b: a; a * b | a & b: a.union(b) |
a ** 2: abs(a); a ** 0.5; 2 * a; a * a * a | -a: a | not a: a | a - 1: a; a + 1 | a + 1: a; a - 1 |
a < b: a <= b; a > b; a >= b | a <= b: a < b; a >= b; a > b |
a > b: a >= b; a < b; a <= b | a >= b: a > b; a <= b; a < b |
a == b: a != b; a > b; a >= b; a <= b | a != b: a == b | a in b: a not in b | a not in b: a in b |
a and b: a or b; a; b | a or b: a and b; a; b | a if b else c: a; c; c if b else a | a.T: a |
a.mT: a | a.shape: a | a[0]: a[-1]; a[1] | a[1]: a[0]; a[-1] | a[-1]: a[0]; a[-2] | a[b]: a |
a[b:]: a[:b]; a[b + 1:]; a[b - 1:]; a | a[:b]: a[b:]; a[:b + 1]; a[:b - 1]; a[:-b]; a |
a[b:c]: a[b:c + 1]; a[b:c - 1]; a[b + 1:c]; a[b - 1:c] | a[::b]: a | a[b::c]: a[c::b]; a[::c] |
len(a): a.numel(); a.shape[-1]; len(a) - 1; len(a) + 1 | len(set(a)): len(a) |
range(a): range(a + 1); range(a - 1); range(1, a); range(1, a + 1); range(2, a) |
range(a, b): range(a, b + 1); range(a, b - 1); range(a + 1, b); range(a - 1, b); range(b) |
range(a, b): reversed(range(a, b)) | return None: raise ValueError |
range(a, b, c): range(a, b + 1, c); range(a, b - 1, c) | enumerate(a): enumerate(a, 1) |
enumerate(a, 1): enumerate(a) | int(a / b): a // b | str(a): repr(a) | a.split(): a.split(' ') |
a.split(' '): a.split() | sorted(a): sorted(a, reverse=True); a | a.sort(): a.sort(reverse=True) |
a.std(dim=b): a.max(dim=b).values - a.min(dim=b).values | reversed(a): a[::-1] | a = 1: a += 1 |
a[b] = 1: a[b] = a.get(b, 0) + 1 | a = b.sort(): a = sorted(b) | return a.sort(): return sorted(a) |
a = a.append(b): a.append(b) | a = a.reverse(): a.reverse() | a == reversed(b): a == b[::-1] |
list(a): ''.join(a) | a.sort: a.sort() | max(a - b, 0): a - b |
sorted(a, key=b): sorted(a, key=b, reverse=True) | max(a): max(a, key=abs); max(a, key=len) |
torch.linalg.inv(a): 1 / a | a.numel(): len(a) | True: False | False: True | None: 0; [] |
(a + b) / c: a + b / c | (a - b) / c: a - b / c; a * c + b | a + b / c: (a + b) / c | a - b / c: (a - b) / c |
(a + b) * c: a + b * c | a + b * c: (a + b) * c; b; c | a * b + c: a * (b + c); b; a |
a / (b * c): a / b * c | a / b * c: a / (b * c) | (a - b) ** c: a - b ** c |
a * b ** c: (a * b) ** c | {a for b in c}: [a for b in c] | (a for b in c): (1 for b in c) |
(a for b in c if d): (a for b in c); (a for b in c if not d) |
[a for b in c if d]: [a for b in c]; [a for b in c if not d] | a += b: a -= b; a = b; pass |
a -= b: a += b; a = b; pass | a *= b: a /= b; a = b; pass | a /= b: a *= b; a = b; pass |
a *= b + c: a = a * b + c | a /= b + c: a = a / b + c | a = b: a[:] = b; a += b; pass |
a = a + b: a += b | a = a - b: a -= b | a = a * b: a *= b | break: pass; continue | continue: pass; break |
a[b] = c: a[b] += c | a[b] += c: a[b] = c | a.append(b): a.extend(b); a.insert(0, b) |
a.extend(b): a.append(b) | return a: return not a
"""
SIGNS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE,),
    ast.GtE: (ast.Gt,),
}
# Of these any may stand for any other of its line; the first ones take an axis.
FAMILIES = [
    family.split()
    for family in """
mean sum median max min prod std var
sum cumsum
median median_low median_high mean fmean mode min max
std var pstdev stdev pvariance variance
ceil floor round trunc int
max min sum len sorted
log log2 log10 log1p exp
sqrt square abs
sin cos tan
argmax argmin argsort
argmax max
argmin min
any all
lower upper title capitalize swapcase casefold
strip lstrip rstrip
find rfind index rindex count
startswith endswith
isalpha isdigit isalnum isupper islower isspace
keys values items
append add
union intersection difference symmetric_difference
zeros ones empty
vstack hstack column_stack concatenate
numel dim
randint randrange
""".strip().split("\n")
]
# What may be made of an argument; and, of a learner's, of a variable.
VALUES = """-{0}|{0} ** 2|{0} ** 0.5|2 * {0}|{0} / 2|1 / {0}|{0} + 1|{0} - 1|abs({0})|1 - {0}|{0} * 0 + 1
{0} * 0|{0}.mT|{0} - {0}.mean()|({0} - {0}.mean(dim=0)) / {0}.std(dim=0)|{0}[1:]|{0}[:-1]|{0}[:1]
{0}[-1:]|sorted({0})|[*{{*{0}}}]|{0}[::-1]|{0}.lower()|{0}.upper()|{0}.strip()""".replace("\n", "|")
OWN = """int({0})|float({0})|str({0})|len({0})|[*{0}]|{0}[0]|{0}[-1]|{0}.copy()|set({0})|{0}[:, None]
{0}.reshape(-1)|[*range(len({0}))]|math.radians({0})|{0}.replace(' ', '')""".replace("\n", "|")


def by_rules(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what the rules put in place of code."""
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
    for line in re.split(r" \|\s", RULES):
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
    new: ast.AST = rebuilt(
        rule, {id(name): parts[name.id] for name in names}, [*map(id, ast.walk(rule))]
    )
    return new
