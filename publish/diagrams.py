"""Diagrams as vector pictures: a deck shows them larger than they are stored."""

import base64
import functools
import html
import io

import matplotlib.pyplot as plt

from d2lhelpers import plotting
from publish import notebooks, render
from publish.notebooks import Lesson


def sharp(lesson: Lesson) -> dict[str, str]:
    """Return each stored picture of a cell tagged `diagram`, and the same drawn as SVG, in HTML.

    Such a cell needs the notebook's imports, its first code cell, and nothing else.
    """
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    found = {}
    for cell in (cell for cell in code if "diagram" in notebooks.tags(cell)):
        with plt.rc_context({"svg.hashsalt": lesson.path.stem}):  # the same deck each time
            plt.switch_backend("agg")
            exec(f"{code[0].source}\n{cell.source.removesuffix('plt.show()')}", {})
            url = drawn()
        (stored,) = render.outputs(cell)
        before, rest = stored.split('src="', 1)
        found[stored] = f'{before}src="{url}"{rest.split(chr(34), 1)[1]}'
    return found


@functools.cache
def lit(part: str, alt: str) -> str:
    """Return the diagram of the training program with one part lit, as SVG, in HTML.

    A heading whose metadata have `lit`, a part and an alt text, shows it on stage only: a reader
    has the whole diagram at hand.

    Raises:
        ValueError: If the program has no such part.
    """
    plt.switch_backend("agg")
    with plt.style.context(["d2lhelpers.d2lhelpers", {"svg.hashsalt": part}]):
        plotting.draw_program(part)
        return f'<img src="{drawn()}" alt="{html.escape(alt)}">'


def drawn() -> str:
    """Return the figure that was drawn last as the address of an SVG, and close it."""
    data = io.BytesIO()
    plt.savefig(data, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close("all")
    return "data:image/svg+xml;base64," + base64.b64encode(data.getvalue()).decode()
