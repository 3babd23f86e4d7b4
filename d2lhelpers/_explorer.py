"""What every explorer is made of: a figure that moves, its sliders, and its data as stored."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np
import torch
from IPython.display import DisplayHandle, display
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from d2lhelpers import _checks
from d2lhelpers._checks import ArrayLike

Numbers = NDArray[np.floating[Any]]
STYLE = "d2lhelpers.d2lhelpers"


@dataclass(frozen=True)
class Knob:
    """A slider, or for truth values a box to tick."""

    label: str
    values: tuple[float, ...]  # in the order of the slider
    start: float
    form: str = "g"
    few: tuple[float, ...] = ()  # the values for pictures drawn beforehand, if not for all

    def text(self, value: float) -> str:
        """Write a value as a reader sees it."""
        return format(value, self.form).replace("-", "−")


def steps(low: float, high: float, step: float) -> tuple[float, ...]:
    """Return the values from low to high, both among them, without a trace of binary fractions."""
    return tuple(round(low + i * step, 2) for i in range(round((high - low) / step) + 1))


class Explorer:
    """A figure that a notebook shows as a PNG, with its title as the text beside it.

    It is unknown to pyplot, which would show it a second time and keep it in memory.
    """

    mosaic: str  # a letter for each axes
    knobs: dict[str, Knob]  # named as the arguments of `update`
    draw: Callable[[], None]  # creates everything shown, in the default view
    update: Callable[..., None]  # moves it

    def __init__(self, **data: Numbers) -> None:
        """Make the figure of the data, in its default view."""
        stored = {name: _packed(array) for name, array in data.items()}
        self.metadata = {"explorer": {"view": type(self).__name__, "data": stored}}
        with style.context(STYLE):
            self.figure = Figure((9, 4.8), layout="constrained")  # inches
            self.canvas = FigureCanvasAgg(self.figure)
            self.axes: dict[str, Axes] = self.figure.subplot_mosaic(self.mosaic)
            self.title = self.figure.suptitle(" ", x=0.01, ha="left", weight="bold", size=16)
            self.draw()
            self.update(**{name: knob.start for name, knob in self.knobs.items()})
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")  # the axes stay where they are

    def pixels(self) -> NDArray[np.uint8]:
        """Return the picture as an array of shape (480, 900, 4)."""
        with style.context(STYLE):
            self.canvas.draw()
        return np.array(self.canvas.buffer_rgba())

    def png(self) -> bytes:
        """Return the picture, 900 pixels wide and 480 high."""
        buffer = io.BytesIO()
        with style.context(STYLE):  # for ticks, which are made when they are drawn
            self.canvas.print_png(buffer)  # savefig would draw twice
        return buffer.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        return self.png(), self.metadata

    def __repr__(self) -> str:
        """Return the title, which says what is seen."""
        return self.title.get_text()


def show(view: Explorer) -> None:
    """Display the picture, and below it the sliders."""

    def move(_: object) -> None:
        view.update(**{name: control.value for name, control in controls.items()})
        picture.update(view)

    controls = {name: _control(knob) for name, knob in view.knobs.items()}
    for control in controls.values():
        control.layout.width, control.style.description_width = "600px", "140px"
        control.observe(move, "value")
    picture = DisplayHandle()
    picture.display(view)
    display(widgets.VBox(list(controls.values())))


def _control(knob: Knob) -> widgets.ValueWidget:
    if knob.values == (False, True):
        return widgets.Checkbox(knob.start, description=knob.label)
    options = [(knob.text(value), value) for value in knob.values]
    return widgets.SelectionSlider(options=options, value=knob.start, description=knob.label)


def finite(name: str, value: ArrayLike, *, columns: int = 1) -> Numbers:
    """Return finite numbers as an array of shape (n,) or (n, columns), n at least 1."""
    numbers = _checks.tensor(name, value).detach().cpu()
    if numbers.dtype != torch.float32:
        numbers = numbers.double()
    table = numbers[:, None] if numbers.ndim == columns == 1 else numbers
    if table.ndim != 2 or table.shape[1] != columns or len(table) == 0:
        wanted = f"(n, {columns})" if columns > 1 else "(n,) or (n, 1)"
        raise ValueError(f"{name} must have shape {wanted}, got {tuple(numbers.shape)}.")
    if not numbers.isfinite().all():
        wrong = numbers[~numbers.isfinite()][0]
        raise ValueError(f"{name} must hold finite numbers, got {wrong}.")
    return numbers.numpy() if columns > 1 else numbers.flatten().numpy()


def _packed(array: Numbers) -> str:
    """Write an array as text, to the last bit."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return base64.b64encode(buffer.getvalue()).decode()


def unpacked(text: str) -> Numbers:
    """Read what `_packed` wrote."""
    array: Numbers = np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)
    return array
