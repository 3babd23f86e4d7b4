"""Where a cell stands and what is wrong with its text, for people who see no numbers of cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

KINDS = {"markdown": "a Markdown cell", "raw": "a raw cell"}
TIMEOUT = "Timeout"  # the name of the error of a cell that was interrupted
PLAIN = {
    "MemoryError": "it asked for more memory than there is",
    "StdinNotImplementedError": "it calls input(), and nobody is there to answer",
}
LINE = re.compile(r"\s*\([^()]*, line (\d+)\)")  # with which IPython ends a message


def places(cells: Sequence[Any]) -> list[str]:
    """Say of each cell where it stands: its number, and which it is under the last heading.

    Example:
        >>> text = {"cell_type": "markdown", "source": "## Part *one*"}
        >>> code = {"cell_type": "code", "source": "# a remark"}
        >>> places([code, text, code, code])[::3]
        ['cell 1 (before the first heading)', 'cell 4 (the 2nd under "Part one")']
    """
    found, heading, since = [], "", 0
    for number, cell in enumerate(cells, start=1):
        since += 1
        where = f'the {_nth(since)} under "{heading}"' if heading else "before the first heading"
        found.append(f"cell {number} ({where})")
        if cell["cell_type"] == "markdown":
            titles = re.findall(r"^#{1,6}\s+(.*\S)", cell["source"], re.MULTILINE)
            if titles:
                heading, since = re.sub(r"[*`_]", "", titles[-1])[:60].strip(), 0
    return found


def _nth(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ends.get(number % 10, 'th')}"


def misplaced(cells: Sequence[Any], name: str) -> list[str]:
    r"""Say where a function stands in a cell that is not run.

    Example:
        >>> misplaced([{"cell_type": "raw", "source": "def f(x):\\n    return x"}], "f")
        ['cell 1 (before the first heading) is a raw cell, which is not run: make it a code cell']
    """
    return [
        f"{place} is {KINDS[cell['cell_type']]}, which is not run: make it a code cell"
        for place, cell in zip(places(cells), cells, strict=True)
        if cell["cell_type"] in KINDS and re.search(rf"^\s*def {name}\b", cell["source"], re.M)
    ]


def in_words(error: str) -> str:
    """Return an error of a cell with its line, and in other words where Python's say little.

    Args:
        error: its type and message, as IPython gives them.

    Example:
        >>> in_words("SyntaxError: invalid non-printable character U+00A0 (a.py, line 1)")
        'SyntaxError: line 1 has a NO-BREAK SPACE (U+00A0), which Python cannot read: type it anew'
        >>> in_words("TabError: inconsistent use of tabs and spaces (a.py, line 3)")
        'TabError: line 3 is indented with a tab and others with blanks: use four blanks everywhere'
    """
    kind = error.partition(":")[0]
    if kind in PLAIN:
        return f"{kind}: {PLAIN[kind]}"
    match = LINE.search(error)
    if not match:
        return error
    line = f"line {match[1]}"
    if kind == "TabError":
        advice = "use four blanks everywhere"
        return f"TabError: {line} is indented with a tab and others with blanks: {advice}"
    if code := re.search(r"U\+([0-9A-F]{4,6})", error):
        name = unicodedata.name(chr(int(code[1], 16)), "character")
        what = f"{line} has a {name} ({code[0]}), which Python cannot read"
        return f"SyntaxError: {what}: type it anew"
    return f"{LINE.sub('', error)}, {line}"
