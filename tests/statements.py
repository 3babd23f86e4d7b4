"""The statements of a notebook: which variables each reads, binds and changes in place."""

import ast
import dis
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MUTATORS = {"append", "extend", "insert", "add", "update", "setdefault"}


@dataclass(eq=False)
class Statement:
    """A statement at the top level of a cell.

    Attributes:
        reads, binds, changes: The names of the variables that it reads, that it gives a value,
            and whose value it changes in place.
        asserts: Whether it holds an assertion.
    """

    node: ast.stmt
    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    asserts: bool = False

    def __post_init__(self) -> None:
        for instruction in instructions(compile(ast.Module([self.node], []), "<cell>", "exec")):
            if instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                self.reads.add(instruction.argval)
            elif instruction.opname in ("STORE_NAME", "STORE_GLOBAL"):
                self.binds.add(instruction.argval)
        for node in ast.walk(self.node):
            match node:
                case ast.Attribute(attr=method, value=base) if method in MUTATORS:
                    self.changes |= root(base) & self.reads
                case ast.Subscript(value=base, ctx=ast.Store()):
                    self.changes |= root(base) & self.reads
                case ast.AugAssign(target=target):
                    self.changes |= root(target) & self.reads
                case ast.Assert():
                    self.asserts = True
                case ast.Call(func=function) if "assert_" in ast.unparse(function):
                    self.asserts = True

    @property
    def begins_empty(self) -> bool:
        """Whether it makes something to be filled, as in `ratios = []`."""
        return isinstance(self.node, ast.Assign) and ast.unparse(self.node.value) in ("[]", "{}")


def instructions(code: types.CodeType) -> Iterator[dis.Instruction]:
    yield from dis.get_instructions(code)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from instructions(inner)


def root(node: ast.expr) -> set[str]:
    """The variable that `a`, `a.b` and `a[0].b` begin with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def statements(source: str) -> list[Statement]:
    return [Statement(node) for node in ast.parse(source).body]


def needed(code: Sequence[Statement]) -> list[Statement]:
    """The assertions among statements, and what gives their variables values."""
    wanted, found = set[str](), list[Statement]()
    for statement in reversed(code):
        if statement.asserts or (statement.binds | statement.changes) & wanted:
            found.append(statement)
            wanted |= statement.reads
    return found[::-1]
