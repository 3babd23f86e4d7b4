"""The diagrams: what is drawn, and where."""

from collections.abc import Callable, Iterator
from itertools import pairwise, permutations
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from d2lhelpers.plotting import (
    NODE_COLORS,
    PARTS,
    draw_data_parallel,
    draw_layer,
    draw_program,
    draw_two_ways_to_program,
)


@pytest.fixture(autouse=True)
def _figures() -> Iterator[None]:
    plt.switch_backend("agg")
    yield
    plt.close("all")


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (2, 1), (5, 2)])
def test_every_input_is_joined_to_every_output(inputs: int, outputs: int) -> None:
    ax = draw_layer([f"x{i}" for i in range(inputs)], [f"y{i}" for i in range(outputs)])
    joined = {tuple(line.get_ydata()) for line in ax.lines}  # type: ignore[arg-type]
    assert len(joined) == len(ax.lines) == inputs * outputs


def test_a_layer_shows_the_names_and_what_stands_on_the_connections() -> None:
    assert sorted(texts(draw_layer(["x1", "x2"], ["y"], weights="W"))) == ["W", "x1", "x2", "y"]


def test_the_inputs_stand_from_top_to_bottom() -> None:
    ax = draw_layer(["first", "second"], ["y"])
    height = {text.get_text(): text.xy[1] for text in ax.texts if isinstance(text, Annotation)}
    assert height["first"] > height["second"]


def test_both_ways_to_program_are_drawn_with_their_results() -> None:
    shown = texts(draw_two_ways_to_program())
    assert {"classical\nprogramming", "machine\nlearning"} < set(shown)
    assert sorted(text for text in shown if "\n" not in text) == [
        "answers",
        "answers",
        "data",
        "data",
        "rules",
        "rules",
    ]


def lit_parts(ax: Axes) -> list[str]:
    boxes = [(text.get_text(), text.get_bbox_patch()) for text in ax.texts]
    return [name for name, box in boxes if box and to_hex(box.get_facecolor()) == LIGHT]


def frame(ax: Axes) -> Rectangle:
    return next(patch for patch in ax.patches if isinstance(patch, Rectangle))


LIGHT = NODE_COLORS["output"].lower()
NUMBERED = [f"{number} {part}" for number, part in enumerate(PARTS, start=1)]


def test_the_program_shows_its_seven_parts_in_the_course_s_order() -> None:
    assert lit_parts(draw_program()) == NUMBERED
    assert list(PARTS)[::6] == ["data", "training"]


@pytest.mark.parametrize("name", NUMBERED)
def test_one_part_is_lit_and_the_loop_is_that_of_training(name: str) -> None:
    ax = draw_program(name.split()[1])
    assert lit_parts(ax) == [name]
    assert (to_hex(frame(ax).get_edgecolor()) == LIGHT) == (name == "7 training")


def test_an_arrow_leads_round_the_loop() -> None:
    arrows = {
        (text.xyann, text.xy)
        for text in draw_program().texts
        if isinstance(text, Annotation) and not text.get_text()
    }
    loop = ["model", "loss", "optimizer", "parameters", "model"]
    steps = {(PARTS[start], PARTS[end]) for start, end in pairwise(loop)}
    assert steps < arrows


def test_only_data_is_outside_of_the_loop() -> None:
    ax = draw_program()
    inside = frame(ax).get_bbox()
    assert [part for part, place in PARTS.items() if not inside.contains(*place)] == ["data"]


def test_an_unknown_part_is_refused_and_opens_no_figure() -> None:
    with pytest.raises(ValueError, match=r"lit must be one of data, .*training, got 'lose'"):
        draw_program("lose")
    assert plt.get_fignums() == []


def test_each_process_has_half_of_the_rows_and_sends_its_gradient_to_the_other() -> None:
    ax = draw_data_parallel()
    rows = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_fill()]
    boxes = [text.get_bbox_patch() for text in ax.texts if text.get_text() == "gradient"]
    colors = [to_hex(box.get_facecolor()) for box in boxes if box]
    assert len(set(colors)) == 2
    assert [to_hex(row.get_facecolor()) for row in rows] == [colors[0]] * 4 + [colors[1]] * 4
    sent = {text.get_position() for text in ax.texts if text.get_text() == "gradient"}
    arrows = {(text.xyann, text.xy) for text in ax.texts if isinstance(text, Annotation)}
    assert set(permutations(sent)) < arrows


Draw = Callable[[Axes | None], Axes]
every_diagram = pytest.mark.parametrize(
    "draw",
    [
        lambda ax: draw_layer(["x"], ["y"], ax=ax),
        lambda ax: draw_program(ax=ax),
        draw_data_parallel,
        draw_two_ways_to_program,
    ],
)


@every_diagram
def test_a_diagram_is_drawn_on_the_axes_given(draw: Draw) -> None:
    _, ax = plt.subplots()
    assert draw(ax) is ax
    assert len(plt.get_fignums()) == 1


@every_diagram
def test_a_diagram_makes_its_own_axes_without_a_frame_and_leaves_the_settings(draw: Draw) -> None:
    before = mpl.rcParams.copy()
    ax = draw(None)
    assert not ax.axison
    assert mpl.rcParams == before


@every_diagram
def test_every_text_lies_within_the_figure(draw: Draw) -> None:
    with plt.style.context("d2lhelpers.d2lhelpers"):
        ax = draw(None)
        ax.figure.canvas.draw()
        frame = ax.figure.bbox
        for text in ax.texts:
            box = text.get_window_extent()
            assert frame.contains(box.x0, box.y0)
            assert frame.contains(box.x1, box.y1)


@pytest.mark.parametrize(
    ("inputs", "outputs", "error", "message"),
    [
        ([], ["y"], ValueError, r"inputs must be a list of at least one name, got \[\]"),
        (["x"], (), ValueError, r"outputs must be a list of at least one name, got \(\)"),
        ("x1", ["y"], TypeError, "inputs must be a list of at least one name, got 'x1'"),
        (["x"], "y", TypeError, "outputs must be a list of at least one name, got 'y'"),
        (5, ["y"], TypeError, "inputs must be a list of at least one name, got 5"),
        (["x"], None, TypeError, "outputs must be a list of at least one name, got None"),
    ],
)
def test_draw_layer_refuses_and_opens_no_figure(
    inputs: Any, outputs: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        draw_layer(inputs, outputs)
    assert plt.get_fignums() == []
