"""What is stored of a notebook's run: small pictures that look the same, and no widgets."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from publish import stored as publish

# No pixel differs by more, of 255: one does not see it where two pictures lie side by side.
UNSEEN = 16


def pixels(picture: bytes) -> npt.NDArray[np.int64]:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), dtype=np.int64)


def drawn(size: tuple[int, int] = (300, 200)) -> bytes:
    """A picture of many thousand colours, as matplotlib stores one."""
    figure, ax = plt.subplots(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    ax.imshow(np.linspace(0, 1, 400).reshape(20, 20), cmap="viridis", interpolation="bicubic")
    ax.plot([0, 19], [0, 19], color="tab:red")
    packed = io.BytesIO()
    figure.savefig(packed, format="png")
    plt.close(figure)
    return packed.getvalue()


def test_a_picture_gets_small_and_looks_the_same() -> None:
    """Catches bands of colour, a picture that lost its resolution, and one that only grew."""
    before = drawn()
    after = publish.small(before)
    assert len(after) < len(before) / 2
    assert abs(pixels(before) - pixels(after)).max() <= UNSEEN
    assert Image.open(io.BytesIO(after)).info == Image.open(io.BytesIO(before)).info


def test_it_is_the_same_every_time() -> None:
    """Catches a difference in git after a run in which nothing changed."""
    once = publish.small(drawn())
    assert publish.small(drawn()) == once == publish.small(once)


def test_outputs_keep_all_but_widgets() -> None:
    """Catches an output that is lost, text that is touched, and a view that stays."""
    view = new_output("display_data", {publish.WIDGET: {}, "text/plain": "interactive"})
    figure = new_output(
        "display_data", {publish.PICTURE: base64.b64encode(drawn()).decode(), "text/plain": "F"}
    )
    said = new_output("stream", text="2\n")
    notebook: NotebookNode = new_notebook(cells=[new_code_cell("1", outputs=[view, figure, said])])
    for step in (publish.without_widgets, publish.with_small_pictures):
        notebook, _ = step(notebook, {})
    kept_figure, kept_said = notebook.cells[0].outputs
    assert kept_said == said
    assert kept_figure.data["text/plain"] == "F"
    assert Image.open(io.BytesIO(base64.b64decode(kept_figure.data[publish.PICTURE]))).mode == "P"
