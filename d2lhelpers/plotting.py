"""Diagrams that illustrate a notebook but are not its lesson.

Figures that are part of a lesson are drawn in the notebooks, with plain matplotlib.
"""

from collections.abc import Collection, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text

NODE_COLORS = {"input": "#56B4E9", "output": "#E69F00"}
# The parts of a training program, and where they stand in its picture.
PARTS = {
    "data": (0, 1),
    "minibatches": (1.15, 1),
    "parameters": (2.4, 0),
    "model": (2.4, 1),
    "loss": (3.7, 1),
    "optimizer": (3.7, 0),
    "training": (1.15, -0.7),  # on the frame, whose name it is
}
# What goes from one part to another, and where its name stands.
FLOWS = [
    ("data", "minibatches", "", (0, 0)),
    ("minibatches", "model", "X", (1.87, 1.17)),
    ("minibatches", "loss", "y", (2.4, 1.75)),
    ("model", "loss", "ŷ", (3.1, 1.17)),
    ("loss", "optimizer", "gradient", (4.1, 0.5)),
    ("optimizer", "parameters", "step", (3.07, 0.19)),
    ("parameters", "model", "w, b", (2.66, 0.5)),
]


def draw_layer(
    inputs: Sequence[str], outputs: Sequence[str], *, weights: str = "w", ax: Axes | None = None
) -> Axes:
    """Draw a fully connected layer: every input is joined to every output.

    Args:
        inputs: names of the inputs, from top to bottom.
        outputs: names of the outputs.
        weights: what to write on the connections.
        ax: where to draw; new axes by default.

    Returns:
        The axes drawn on.

    Raises:
        TypeError: if inputs or outputs is not a list of names.
        ValueError: if there are no inputs or no outputs.

    Example:
        >>> ax = draw_layer(["x1", "x2"], ["y"])
        >>> len(ax.lines)
        2
        >>> plt.close()
    """
    for name, labels in (("inputs", inputs), ("outputs", outputs)):
        wanted = f"{name} must be a list of at least one name, got {labels!r}."
        if isinstance(labels, str) or not isinstance(labels, Collection):
            raise TypeError(wanted)
        if len(labels) == 0:
            raise ValueError(wanted)
    ax = _blank_axes(ax)
    sides = [("input", 0.0, inputs, "right", -24), ("output", 1.0, outputs, "left", 24)]
    places = [
        [(x, (len(labels) - 1) / 2 - row) for row in range(len(labels))]
        for _, x, labels, _, _ in sides
    ]
    for start in places[0]:
        for end in places[1]:
            ax.plot(*zip(start, end, strict=True), color="#888888", linewidth=1.5, zorder=1)
    for (kind, _, labels, align, shift), spots in zip(sides, places, strict=True):
        for label, spot in zip(labels, spots, strict=True):
            ax.scatter(*spot, s=900, color=NODE_COLORS[kind], edgecolor="black", zorder=2)
            ax.annotate(label, spot, (shift, 0), textcoords="offset points", ha=align, va="center")
    top = (max(len(inputs), len(outputs)) - 1) / 2
    ax.text(0.5, top + 0.2, weights, ha="center")
    ax.set(xlim=(-0.6, 1.6), ylim=(-top - 0.4, top + 0.5))
    return ax


def draw_program(lit: str = "", ax: Axes | None = None) -> Axes:
    """Draw the seven parts of a training program, and the loop in which they work.

    Args:
        lit: the part to light up, a key of `PARTS`; all of them by default.
        ax: where to draw; new axes by default.

    Returns:
        The axes drawn on.

    Raises:
        ValueError: if there is no such part.

    Example:
        >>> ax = draw_program("loss")
        >>> ax.texts[0].get_text()
        '1 data'
        >>> plt.close()
    """
    if lit and lit not in PARTS:
        raise ValueError(f"lit must be one of {', '.join(PARTS)}, got {lit!r}.")
    ax = _blank_axes(plt.subplots(figsize=(7, 2.6))[1] if ax is None else ax)
    shown = {}
    for number, (part, (x, y)) in enumerate(PARTS.items(), start=1):
        box = _box(NODE_COLORS["output"] if lit in ("", part) else "#E6E6E6") | {
            "edgecolor": "none"
        }
        shown[part] = ax.text(x, y, f"{number} {part}", size=10, ha="center", va="center", bbox=box)
    for start, end, what, place in FLOWS:
        bend = 0 if what != "y" else -0.3
        _arrow(ax, PARTS[start], PARTS[end], shown[start], shown[end], bend)
        ax.text(*place, what, size=10, ha="center", va="center")
    ax.text(1.15, -0.35, "again and again", size=10, ha="center", va="center")
    loop = Rectangle((0.53, -0.7), 4, 2.65, fill=False, linestyle="--", linewidth=1.5)
    if lit in ("", "training"):
        loop.set(edgecolor=NODE_COLORS["output"], linewidth=4)
    ax.add_patch(loop)
    ax.set(xlim=(-0.4, 4.6), ylim=(-0.95, 2))
    return ax


def draw_two_ways_to_program(ax: Axes | None = None) -> Axes:
    """Draw classical programming beside machine learning, as what goes in and what comes out.

    Args:
        ax: where to draw; new axes by default.

    Returns:
        The axes drawn on.

    Example:
        >>> ax = draw_two_ways_to_program()
        >>> plt.close()
    """
    ax = _blank_axes(ax)
    rows = [
        (1.0, "classical\nprogramming", ("rules", "data"), "answers"),
        (-1.0, "machine\nlearning", ("answers", "data"), "rules"),
    ]
    for y, machine, sources, result in rows:
        ax.text(0, y, machine, ha="center", va="center", bbox=_box("#DDDDDD"), weight="bold")
        for source, dy in zip(sources, (0.4, -0.4), strict=True):
            ax.text(-2, y + dy, source, ha="center", va="center", bbox=_box(NODE_COLORS["input"]))
            _arrow(ax, (-1.4, y + dy), (-0.9, y + dy / 3))
        ax.text(2, y, result, ha="center", va="center", bbox=_box(NODE_COLORS["output"]))
        _arrow(ax, (0.9, y), (1.4, y))
    ax.set(xlim=(-2.7, 2.7), ylim=(-1.8, 1.8))
    return ax


def draw_data_parallel(ax: Axes | None = None) -> Axes:
    """Draw what two processes split, copy and send each other to train one model.

    Args:
        ax: where to draw; new axes by default.

    Returns:
        The axes drawn on.

    Example:
        >>> ax = draw_data_parallel()
        >>> plt.close()
    """
    ax = _blank_axes(plt.subplots(figsize=(8.6, 5))[1] if ax is None else ax)
    own = (NODE_COLORS["input"], NODE_COLORS["output"])
    for row in range(8):
        place = (row - 4 + 0.04, 4.1)
        ax.add_patch(Rectangle(place, 0.92, 0.5, facecolor=own[row // 4], edgecolor="black"))
    for side, y, word, what in (
        (-8, 4.35, "split", "the rows of a batch"),
        (-8, 2.5, "copied", "the parameters"),
        (-8, 0.9, "travels", "the gradients"),
        (-8, -0.7, "the same", "the step"),
    ):
        ax.text(side, y + 0.2, word, size=15, weight="bold", va="center")
        ax.text(side, y - 0.28, what, size=13, va="center")
    sent = []
    for rank, (x, color) in enumerate(zip((-3, 3), own, strict=True)):
        frame = (x - 1.7, -1.3)
        ax.add_patch(Rectangle(frame, 3.4, 4.5, fill=False, linestyle="--", linewidth=1.5))
        ax.text(x, -1.75, f"process {rank}", size=15, ha="center", va="center")
        copied = ax.text(x, 2.5, "w, b", size=15, ha="center", va="center", bbox=_box("#E6E6E6"))
        moved = ax.text(x, 0.9, "gradient", size=15, ha="center", va="center", bbox=_box(color))
        sent.append(moved)
        taken = ax.text(x, -0.7, "step", size=15, ha="center", va="center", bbox=_box("#E6E6E6"))
        _arrow(ax, (x * 0.75, 4.1), (x, 2.5), reaches=copied)
        _arrow(ax, (x, 2.5), (x, 0.9), copied, moved)
        _arrow(ax, (x, 0.9), (x, -0.7), moved, taken)
    for start, end, bend in ((0, 1, -0.35), (1, 0, -0.35)):
        places = [(-3, 3)[side] for side in (start, end)]
        _arrow(ax, (places[0], 0.9), (places[1], 0.9), sent[start], sent[end], bend)
    ax.text(0, 0.9, "all-reduce", size=13, ha="center", va="center")
    ax.set(xlim=(-8.1, 4.8), ylim=(-2, 4.8))
    return ax


def _blank_axes(ax: Axes | None) -> Axes:
    ax = plt.subplots()[1] if ax is None else ax
    ax.axis("off")
    return ax


def _box(color: str) -> dict[str, str]:
    return {"boxstyle": "round,pad=0.4", "facecolor": color, "edgecolor": "black"}


def _arrow(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    leaves: Text | None = None,
    reaches: Text | None = None,
    bend: float = 0,
) -> None:
    """Draw an arrow between two places, or from the edge of one text's box to another's."""
    style = {"arrowstyle": "-|>", "color": "black", "lw": 2, "shrinkA": 3, "shrinkB": 3}
    boxes = {"patchA": leaves, "patchB": reaches}
    style |= {side: text.get_bbox_patch() for side, text in boxes.items() if text}
    style["connectionstyle"] = f"arc3,rad={bend}"
    ax.annotate("", xy=end, xytext=start, arrowprops=style)
