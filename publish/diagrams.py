"""Diagrams as vector pictures: a deck shows them larger than they are stored."""

import base64
import io

import matplotlib.pyplot as plt

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
            data = io.BytesIO()
            plt.savefig(data, format="svg", bbox_inches="tight", metadata={"Date": None})
            plt.close("all")
        (stored,) = render.outputs(cell)
        url = "data:image/svg+xml;base64," + base64.b64encode(data.getvalue()).decode()
        before, rest = stored.split('src="', 1)
        found[stored] = f'{before}src="{url}"{rest.split(chr(34), 1)[1]}'
    return found
