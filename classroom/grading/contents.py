"""A file's bytes as a notebook, or what they are instead."""

from __future__ import annotations

import codecs
import json
import re
import warnings
from collections.abc import Sequence
from typing import Any

import nbformat

from classroom.grading.files import UnreadableError

ADVICE = "save the notebook in JupyterLab and hand in the .ipynb file"
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins like UTF-16
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"{\x00": "utf-16-le",  # without a mark
    b"\x00{": "utf-16-be",
}
NEVER = "(?!)"  # a pattern that nothing has
KINDS = (  # by how they begin, or by the ends of their names
    (rb"%PDF", r"\.pdf", "a PDF"),
    (rb"(?i)\s*(<!doctype html|<html|<head)", r"\.x?html?", "a web page"),
    (rb"PK\x03\x04", NEVER, "a zip or an office document under another name"),
    (NEVER.encode(), r"\.(docx?|odt|pages)", "a document of a word processor"),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b", r"\.(rar|7z|t?gz|tar)", "an archive that is no zip"),
    (rb"\x89PNG|\xff\xd8\xff", r"\.(png|jpe?g|heic)", "a picture"),
    (
        rb"\[InternetShortcut\]|L\0\0\0",
        r"\.(url|lnk|webloc|gdoc)",
        "a shortcut to a file elsewhere",
    ),
    (rb"version https://git-lfs", NEVER, "a pointer of Git LFS, which `git lfs pull` replaces"),
    (NEVER.encode(), r"\.py", "a program"),
)


def kind(name: str, content: bytes = b"") -> str:
    """Say what a file is that is no notebook, or nothing.

    Example:
        >>> kind("03.ipynb", b"<!DOCTYPE html>"), kind("03.pdf"), kind("names.csv")
        ('a web page', 'a PDF', '')
    """
    for head, end, words in KINDS:
        if re.match(head, content) or re.search(rf"(?i){end}$", name):
            return words
    return ""


def may_be_notebook(name: str) -> bool:
    """Tell from its name whether a file is meant as a notebook.

    Example:
        >>> may_be_notebook("03.ipynb.txt"), may_be_notebook("03.IPYNB"), may_be_notebook("03.pdf")
        (True, True, False)
    """
    return bool(re.search(r"(?i)\.ipynb(\.(txt|json|html?|download))?( ?\(\d+\))?$", name))


def text_of(content: bytes) -> str:
    r"""Return a file's text, in whatever form an editor saved it.

    Example:
        >>> text_of("{}".encode("utf-16")), text_of(b"\xef\xbb\xbf{}"), text_of(b"\xe4")
        ('{}', '{}', '�')
    """
    form = next((form for mark, form in MARKS.items() if content.startswith(mark)), "utf-8")
    return content.decode(form, "replace")


def cells_of(content: bytes) -> list[dict[str, Any]]:
    """Return the cells of a notebook of any format as they stand in the file.

    Raises:
        UnreadableError: it is none, with the reason and what to do.
    """
    found = _parsed(content)
    try:
        sheets = [found, *found.get("worksheets", [])]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", [])]
        if not any("cells" in sheet for sheet in sheets) or not all(map(_is_cell, cells)):
            raise TypeError
    except (AttributeError, TypeError):
        raise UnreadableError(f"no notebook: {ADVICE}") from None
    return cells


def _is_cell(cell: Any) -> bool:
    return isinstance(cell, dict) and isinstance(cell.get("cell_type"), str)


def _parsed(content: bytes) -> Any:
    text = text_of(content)
    if not text.strip():
        raise UnreadableError(f"the file is empty: {ADVICE}")
    if words := kind("", content):
        raise UnreadableError(f"{words}: {ADVICE}")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"broken JSON, line {error.lineno}: {ADVICE}") from None
    except (RecursionError, ValueError) as error:
        raise UnreadableError(f"no notebook ({type(error).__name__}): {ADVICE}") from None


def source_of(cell: dict[str, Any]) -> str:
    """Return a cell's text, in whatever format it stands there."""
    source = cell.get("source", cell.get("input", ""))
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def sources(cells: Sequence[dict[str, Any]]) -> list[str]:
    """Return the texts of the code cells."""
    return [source_of(cell) for cell in cells if cell["cell_type"] == "code"]


def notebook_of(content: bytes) -> Any:
    """Return a file's content as a notebook of the present format.

    Raises:
        UnreadableError: it is none, with the reason and what to do.

    Example:
        >>> notebook_of(b"")
        Traceback (most recent call last):
            ...
        classroom.grading.files.UnreadableError: the file is empty: save the notebook in \
JupyterLab and hand in the .ipynb file
    """
    cells_of(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook: Any = nbformat.reads(text_of(content), as_version=4)
        for cell in notebook.cells:
            cell.setdefault("metadata", nbformat.NotebookNode())
            if not isinstance(cell.source, str) or not isinstance(cell.cell_type, str):
                raise TypeError("a cell without text")
    except Exception as error:
        raise UnreadableError(f"no notebook ({type(error).__name__}): {ADVICE}") from None
    return notebook
