"""The values that a figure shows, and the variables of a notebook that hold them."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from mpl_toolkits.mplot3d.axes3d import Axes3D
from torch import Tensor

Array = npt.NDArray[np.float64]
Lens = Callable[[Any, Array], Any]  # a variable's value, with other values in one place
LARGEST = 5_000_000  # numbers: a larger variable is not searched


@dataclass(frozen=True, eq=False)
class Drawn:
    """One thing in a figure: a line, a cloud of points, bars, a surface.

    Attributes:
        name: What it is, with its label where it has one.
        parts: The arrays that it shows; positions on an axis, which only rise, are none.
    """

    name: str
    parts: tuple[Array, ...]


# What a finished figure does not tell any more is noted while it is drawn: which argument it was.
NOTED = {
    (Axes, "hist"): ("histogram", 0),
    (Axes, "contour"): ("contours", 2),
    (Axes, "contourf"): ("contours", 2),
    (Axes3D, "plot_surface"): ("surface", 2),
    (Axes3D, "plot_wireframe"): ("surface", 2),
}


@contextlib.contextmanager
def noted() -> Iterator[None]:
    """Let each of these methods write what it draws to its axes, and show no window."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(plt, "show"))
        for (kind, method), (name, place) in NOTED.items():
            noting = writing(getattr(kind, method), name, place)
            stack.enter_context(mock.patch.object(kind, method, noting))
        yield


def writing(draw: Callable[..., Any], name: str, place: int) -> Callable[..., Any]:
    @functools.wraps(draw)
    def noting(self: Any, *args: Any, **options: Any) -> Any:
        before = set(map(id, self.containers))
        result = draw(self, *args, **options)
        values = numbers(args[place if len(args) > place else 0])
        if values is not None:
            vars(self).setdefault("noted", []).append(Drawn(name, (values,)))
        for bars in self.containers:  # those of a histogram are not the data
            bars.noted = id(bars) not in before or getattr(bars, "noted", False)
        return result

    return noting


def on(figure: Figure) -> Iterator[Drawn]:
    """Yield what a figure shows, but for lines that only guide the eye."""
    for ax in figure.axes:
        if ax.get_label() == "<colorbar>":
            continue
        yield from getattr(ax, "noted", [])
        for part in ax.containers:
            if isinstance(part, BarContainer) and not getattr(part, "noted", False):
                yield Drawn(named("bars", part), (np.asarray(part.datavalues, float),))
        for line in ax.lines:
            yield from of_line(line)
        for cloud in ax.collections:
            if isinstance(cloud, PathCollection):
                colors = cloud.get_array()
                parts = [*np.ma.getdata(cloud.get_offsets()).T.astype(float)]
                parts = [*filter(is_data, parts[:1]), *parts[1:]]
                parts += [] if colors is None else [np.asarray(colors, float)]
                yield Drawn(named("points", cloud), tuple(parts))
            elif isinstance(cloud, QuadMesh):
                yield Drawn("colour map", (np.asarray(cloud.get_array(), float),))
        for image in ax.images:
            if isinstance(image, AxesImage):
                yield Drawn("image", (np.asarray(image.get_array(), float),))


def of_line(line: Line2D) -> Iterator[Drawn]:
    named_places = [np.asarray(line.get_xdata()), np.asarray(line.get_ydata())]
    x, y = (np.asarray(line.get_data(orig=False)[axis], float) for axis in (0, 1))
    words = [np.asarray(values).dtype.kind not in "fiub" for values in named_places]
    if len(y) > 1 and (same(x, y) or (np.ptp(y) == 0) or (np.ptp(x) == 0)):
        return  # a diagonal, a level or a border, such as axhline draws
    if words[1]:
        yield Drawn(named("dots", line), (x,))
    else:
        yield Drawn(named("line", line), (y,) if words[0] or not is_data(x) else (x, y))


def named(kind: str, part: Any) -> str:
    label = str(part.get_label())
    return kind if label.startswith("_") or not label else f'{kind} "{label}"'


def is_data(places: Array) -> bool:
    """Whether positions along x are more than an axis."""
    return bool(np.any(np.diff(places) < 0))


def same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.all((a == b) | (np.isnan(a) & np.isnan(b))))


def places(namespace: dict[str, Any], drawn: Array) -> list[tuple[str, Lens]]:
    """Return each place in the variables that holds exactly the drawn values."""
    return [
        (name, lens)
        for name, value in namespace.items()
        if not name.startswith("_")
        for lens in within(value, drawn)
    ]


def within(value: Any, drawn: Array) -> Iterator[Lens]:
    held = numbers(value)
    if held is not None:
        yield from (functools.partial(put, place) for place in find(held, drawn))
    elif isinstance(value, pd.DataFrame):
        for column in value.columns:
            yield from (inside(column, lens) for lens in within(value[column], drawn))
    elif isinstance(value, dict | list | tuple) and len(value) < 1000:
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in children:
            yield from (inside(key, lens) for lens in within(child, drawn))


def put(place: npt.NDArray[np.intp], value: Any, new: Array) -> Any:
    held = numbers(value)
    assert held is not None
    changed = held.copy()
    changed.flat[place] = new.ravel()
    return like(value, changed)


def inside(key: Any, lens: Lens) -> Lens:
    def changed(value: Any, new: Array) -> Any:
        child = lens(value[key], new)
        if isinstance(value, tuple):
            return (*value[:key], child, *value[key + 1 :])
        copied = value.copy()
        copied[key] = child
        return copied

    return changed


def numbers(value: Any) -> Array | None:
    """Return a value's numbers as an array, None if it is or holds anything else."""
    if isinstance(value, Tensor):
        fits = not value.is_complex() and value.numel() <= LARGEST
        return value.detach().cpu().double().numpy() if fits else None
    if isinstance(value, np.ndarray | pd.Series):
        fits = value.dtype.kind in "fiu" and value.size <= LARGEST
        return np.asarray(value, float) if fits else None
    if isinstance(value, bool) or not isinstance(
        value, int | float | np.number | list | tuple | dict
    ):
        return None
    items = list(value.values()) if isinstance(value, dict) else value
    if isinstance(items, list | tuple):
        held = [numbers(item) for item in items]
        shapes = {None if item is None else item.shape for item in held}
        return np.array(held) if len(shapes) == 1 and None not in shapes else None
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return np.array(float(value))
    return None


def like(value: Any, new: Array) -> Any:
    """Return the numbers in the type of a value that `numbers` took apart."""
    if isinstance(value, Tensor):
        kind = value.dtype if value.is_floating_point() else torch.get_default_dtype()
        return torch.tensor(new, dtype=kind)
    if isinstance(value, pd.Series):
        return pd.Series(new, index=value.index, name=value.name)
    if isinstance(value, dict):
        return dict(zip(value, map(like, value.values(), new), strict=True))
    if isinstance(value, list | tuple):
        items = list(map(like, value, new))
        return items if isinstance(value, list) else tuple(items)
    return new if isinstance(value, np.ndarray) else float(new)


def find(held: Array, drawn: Array) -> Iterator[npt.NDArray[np.intp]]:
    """Yield where in an array the drawn values are: flat indices, whole or evenly spaced."""
    flat = np.arange(held.size).reshape(held.shape)
    if drawn.ndim > 1 or held.ndim == 0:
        for whole in (flat.ravel(), flat.T.ravel()):
            if held.size == drawn.size and same(held.ravel()[whole], drawn.ravel()):
                yield whole
                return
        return
    for axis in range(held.ndim):
        order = np.moveaxis(flat, axis, -1).reshape(-1, held.shape[axis])
        rows = held.ravel()[order]
        if rows.shape[1] == len(drawn):
            yield from order[np.all((rows == drawn) | (np.isnan(rows) & np.isnan(drawn)), axis=1)]
        elif rows.shape[1] > len(drawn) and len(rows) <= 64:
            for row, where in zip(rows, order, strict=True):
                yield from slices(row, where, drawn)


def slices(row: Array, where: npt.NDArray[np.intp], drawn: Array) -> Iterator[npt.NDArray[np.intp]]:
    count = len(drawn)
    for start in np.flatnonzero(row == drawn[0])[:20] if count else ():
        for step in range(1, min(100, (len(row) - 1) // max(count - 1, 1)) + 1):
            piece = slice(start, start + (count - 1) * step + 1, step)
            if same(row[piece], drawn):
                yield where[piece]
                break
