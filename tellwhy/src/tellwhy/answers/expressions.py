"""Short expressions of Python's, as data: what they give for arguments and results."""

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations
from types import CodeType
from typing import Any

from tellwhy.answers.compare import alike, flat

KNOWN = {"math": math, "statistics": statistics, "Counter": Counter, "flat": flat, "alike": alike}


def value_of(text: str, /, **names: Any) -> Any:
    """Return what an expression gives; None where it does not apply.

    Example:
        >>> value_of("len(x) + 1", x="abc"), value_of("len(x)", x=3)
        (4, None)
    """
    try:
        return eval(_code(text), {**KNOWN, **names})
    except Exception:  # of a kind to which it does not apply
        return None


def values_of(text: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Return what an expression gives for each row of arguments, if it gives anything for one."""
    if not rows or value_of(text, **dict(zip(names, rows[0], strict=False))) is None:
        return [None] * len(rows)
    return [value_of(text, **dict(zip(names, row, strict=False))) for row in rows]


def filled(table: str, names: Sequence[str]) -> Iterator[str]:
    """Yield the expressions of a table, with each name, or two of them, in their places."""
    for one in table.replace("\n", "|").split("|"):
        for some in permutations(names, 2 if "{1}" in one else 1):
            yield one.strip().format(*some)


@cache
def _code(text: str) -> CodeType:
    return compile(text, "<an expression>", "eval")
