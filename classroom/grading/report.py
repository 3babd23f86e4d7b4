"""The results as files: a table, a page for each student, and a page for the class."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import shutil
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape

from classroom.grading.naming import readable
from classroom.grading.run import Row
from classroom.grading.summary import STATUSES, Notebook, of_class

COLUMNS = ["student", "notebook", "exercise", "status", "mistakes", "seconds", "note", "file"]
FORMULA = tuple("=+-@\t\r＝＋－＠")  # with which a spreadsheet's formulas begin
COLORS = {
    "right": "#2a6f97",
    "wrong": "#d1495b",
    "unanswered": "#e9c46a",
    "missing": "#bfbfbf",
    "not checked": "#8d8d8d",
}
SHADE = {"right": "white", "wrong": "white", "not checked": "white"}


def write(rows: Sequence[Row], folder: Path) -> None:
    """Write results.csv, class.html and students/*.txt; pages of an earlier run are taken away."""
    table(rows, folder / "results.csv")
    pages = folder / "students"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir()
    used: set[str] = set()
    for student, own in groupby(rows, lambda row: row.student):
        (pages / file_name(student, used)).write_text(page(student, list(own)), encoding="utf-8")
    (folder / "class.html").write_text(class_page(rows), encoding="utf-8")


def table(rows: Iterable[Row], path: Path) -> None:
    """Write the rows as CSV that a spreadsheet opens without executing anything."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            mistakes = "; ".join(name for name, _ in row.mistakes)
            texts = [row.student, row.notebook, row.exercise, row.status, mistakes]
            writer.writerow(
                [*map(cell, texts), f"{row.seconds:.1f}", cell(row.note), cell(row.file)]
            )


def cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Example:
        >>> cell("=1+1"), cell("Ada")
        ("'=1+1", 'Ada')
    """
    text = readable(text)
    return f"'{text}" if text.startswith(FORMULA) else text


def file_name(student: str, used: set[str]) -> str:
    """Return a file name for a student, which no system refuses and no other student has.

    Example:
        >>> used: set[str] = set()
        >>> file_name("Ada", used), file_name("ada", used), file_name("a/b", used)
        ('Ada.txt', 'ada-fdee43.txt', 'a_b-c14cdd.txt')
    """
    short = re.sub(r"[^\w .-]", "_", student).strip(" .").encode()[:100].decode(errors="ignore")
    if short != student or short.casefold() in used:
        short = f"{short}-{hashlib.sha256(student.encode()).hexdigest()[:6]}"
    used.add(short.casefold())
    return f"{short}.txt"


def page(student: str, rows: Sequence[Row]) -> str:
    """Return a student's results as text.

    Example:
        >>> print(page("Ada", [Row("Ada", "03", "loss", "right", text="loss: right.")]))
        Results of the checked exercises
        Student: Ada
        <BLANKLINE>
        03
        ==
        <BLANKLINE>
        loss: right.
        <BLANKLINE>
    """
    lines = ["Results of the checked exercises", f"Student: {student}", ""]
    for notebook, own in groupby(rows, lambda row: row.notebook):
        title = notebook or "Other files"
        lines += [title, "=" * len(title), ""]
        for (text, status, note), same in groupby(own, lambda r: (r.text, r.status, r.note)):
            what = ", ".join(row.exercise or "The file" for row in same)
            said = (text or f"{what}: {status}.") + (f"\n({note})" if note else "")
            lines += [*map(readable_line, said.splitlines()), ""]
    return "\n".join(lines)


def readable_line(line: str) -> str:
    """Return a line without control characters, its indentation kept."""
    return " " * (len(line) - len(line.lstrip(" "))) + readable(line)


def class_page(rows: Sequence[Row]) -> str:
    """Return the page about the class: HTML with nothing from elsewhere, and without names."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("classroom.grading", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["marked_up"] = marked_up
    notebooks = of_class(rows)
    ungraded = [row.note for row in rows if not row.exercise]
    return environment.get_template("class.html.jinja").render(
        notebooks=[(one, picture(one), in_words(one)) for one in notebooks],
        statuses=STATUSES,
        students=len({row.student for row in rows if row.exercise}),
        ungraded=[(note, ungraded.count(note)) for note in dict.fromkeys(ungraded)],
    )


def marked_up(sentence: str) -> Markup:
    """Return a sentence of a check as HTML, with its code shown as code.

    Example:
        >>> print(marked_up("Is `n < 1` asked?"))
        Is <code>n &lt; 1</code> asked?
    """
    return Markup(re.sub("`([^`]*)`", r"<code>\1</code>", str(escape(sentence))))


def in_words(notebook: Notebook) -> str:
    """Say what the picture of a notebook shows."""
    parts = []
    for one in notebook.exercises:
        counts = ", ".join(f"{n} {status}" for status, n in one.counts.items() if n)
        parts.append(f"{one.name}: {counts}")
    return "; ".join(parts)


def picture(notebook: Notebook) -> str:
    """Draw how many are where, exercise by exercise; return the address of a PNG within itself."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    exercises = notebook.exercises[::-1]
    with mpl.rc_context({"font.size": 20, "font.family": "sans-serif"}):
        figure = Figure(figsize=(13, 1.4 + 0.95 * len(exercises)), layout="constrained")
        ax = figure.subplots()
        left = [0] * len(exercises)
        names = [exercise.name for exercise in exercises]
        for status in STATUSES:
            counts = [exercise.counts[status] for exercise in exercises]
            if not any(counts):
                continue
            bars = ax.barh(names, counts, left=left, label=status, color=COLORS[status])
            labels = [str(count) if count else "" for count in counts]
            ax.bar_label(
                bars, labels, label_type="center", color=SHADE.get(status, "black"), weight="bold"
            )
            left = [old + count for old, count in zip(left, counts, strict=True)]
        ax.set_xlim(0, max(left))
        ax.spines[["top", "right", "left", "bottom"]].set_visible(False)
        ax.tick_params(length=0)
        ax.xaxis.set_visible(False)
        figure.legend(loc="outside upper right", ncols=5, frameon=False)
        data = io.BytesIO()
        figure.savefig(data, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
