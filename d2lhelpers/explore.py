"""Explorers: a picture with sliders below it, one call each in a notebook.

A class draws: it makes its figure once, and `update` moves the data of what is drawn. It knows
nothing of sliders. The function beside it shows the picture and lets sliders call `update`.
"""

import io
import math
from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
import torch
from IPython.display import DisplayHandle, display
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray

from d2lhelpers.data import synthetic_data

Array = NDArray[np.float64]
STYLE = "d2lhelpers.d2lhelpers"
MU, SIGMA, SLOPE = (-3.0, 3.0), (0.5, 3.0), (0.0, 4.0)  # where the sliders begin and end
RATES = (0.01, 0.03, 0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0)
BATCH_SIZES = (1, 3, 10, 30, 100, 300, 1000)
STEPS = 40


class Explorer:
    """A figure that a notebook shows as a PNG, with its title as the text beside it.

    It is unknown to pyplot, which would show it a second time and keep it in memory.
    """

    mosaic: str  # a letter for each axes
    draw: Callable[[], None]  # creates everything shown, in the default view
    update: Callable[..., None]  # moves it

    def __init__(self) -> None:
        """Make the figure, in its default view."""
        with style.context(STYLE):
            self.figure = Figure((9, 4.8), layout="constrained")  # inches
            self.canvas = FigureCanvasAgg(self.figure)
            self.axes: dict[str, Axes] = self.figure.subplot_mosaic(self.mosaic)
            self.title = self.figure.suptitle(" ", x=0.01, ha="left", weight="bold", size=16)
            self.draw()
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")  # the axes stay where they are

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with style.context(STYLE):  # for ticks, which are made when they are drawn
            self.canvas.print_png(buffer)  # savefig would draw twice
        return buffer.getvalue()

    def __repr__(self) -> str:
        """Return the title, which says what is seen."""
        return self.title.get_text()


class NormalDensity(Explorer):
    """The normal density, its peak, and the area within one standard deviation.

    Example:
        >>> view = NormalDensity()
        >>> view.update(mu=1.0, sigma=2.0)
        >>> view
        μ = 1.0, σ = 2.0: peak 0.199, shaded area 0.683
    """

    mosaic = "a"

    def draw(self) -> None:
        """Draw mean 0 and standard deviation 1, which also stay as a dashed curve."""
        ax = self.axes["a"]
        self.x = np.linspace(-7, 7, 561)
        ax.plot(self.x, _normal(self.x, 0, 1), "--", color="gray", lw=1.5, label="μ = 0, σ = 1")
        (self.curve,) = ax.plot(self.x, self.x, label="density p(x)")
        self.area = ax.fill_between([0.0, 0.0], [0.0, 0.0], color="C5", label="within one σ")
        (self.peak,) = ax.plot([0], [0], "o", color="C1", ms=10, label="peak")
        ax.set(xlabel="x", ylabel="density p(x)", xlim=(-7, 7), ylim=(0, 0.85))
        ax.legend(loc="upper left")
        self.update(mu=0.0, sigma=1.0)

    def update(self, *, mu: float, sigma: float) -> None:
        """Move the bell to a mean and a standard deviation, both in units of x."""
        within = np.linspace(mu - sigma, mu + sigma, 201)
        height = _normal(within, mu, sigma)
        self.curve.set_ydata(_normal(self.x, mu, sigma))
        self.area.set_data(within, np.zeros(201), height)
        self.peak.set_data([mu], [height.max()])
        area = np.trapezoid(height, within)
        text = f"μ = {mu:z.1f}, σ = {sigma:.1f}: peak {height.max():.3f}, shaded area {area:.3f}"
        self.title.set_text(text.replace("-", "−"))


class LineFit(Explorer):
    """A line of bias 1 through the points of notebook 02, and its NLL and MSE on their curves.

    Example:
        >>> view = LineFit()
        >>> view.update(slope=2.0, outlier=True)
        >>> view
        w = 2.00 is too steep: NLL and MSE are lowest at 1.59
    """

    mosaic = "pn;pm"

    def draw(self) -> None:
        """Draw a line that is too flat, without the outlier."""
        generator = torch.Generator().manual_seed(0)
        torch.normal(3.0, 2.0, (10_000,), generator=generator)  # drawn in the notebook before
        noise = 0.5 * torch.randn(30, generator=generator, dtype=torch.float64)
        self.x, self.slopes = np.linspace(-2, 2, 30), np.linspace(*SLOPE, 161)
        self.y = 2 * self.x + 1 + noise.numpy()
        points, nll, mse = (self.axes[letter] for letter in "pnm")
        self.residuals = LineCollection([], color="C4", lw=2, label="residuals")
        points.add_collection(self.residuals)
        (self.points,) = points.plot(self.x, self.y, "o", label="examples")
        (self.line,) = points.plot(self.x, self.x, color="C1", label="wx + 1")
        points.set(xlabel="feature x", ylabel="label y", ylim=(-8, 10))
        points.legend(loc="upper left")
        self.bests = [ax.axvline(2, color="black", ls="--", lw=1.5) for ax in (nll, mse)]
        self.curves = [ax.plot(self.slopes, self.slopes)[0] for ax in (nll, mse)]
        self.dots = [ax.plot([0], [0], "o", color="C1", ms=10)[0] for ax in (nll, mse)]
        nll.set(ylabel="NLL", xlim=(-0.1, 4.1), ylim=(0, 700))
        mse.set(ylabel="MSE", xlim=(-0.1, 4.1), ylim=(0, 11.5), xlabel="weight w (dashed: best)")
        nll.tick_params(labelbottom=False)
        self.update(slope=1.0, outlier=False)

    def update(self, *, slope: float, outlier: bool) -> None:
        """Give the line a slope, in label per feature; put the last point 8 lower, or not."""
        y = self.y - 8.0 * outlier * (self.x == 2)
        y_hat = slope * self.x + 1
        self.points.set_ydata(y)
        self.line.set_ydata(y_hat)
        ends = np.stack([self.x, y, self.x, y_hat], axis=1).reshape(-1, 2, 2)
        self.residuals.set_segments(list(ends))
        best = self.x @ (y - 1) / (self.x @ self.x)
        for i, loss in enumerate((_nll, _mse)):
            self.curves[i].set_ydata(loss(y, np.outer(self.slopes, self.x) + 1))
            self.dots[i].set_data([slope], [loss(y, y_hat)])
            self.bests[i].set_xdata([best, best])
        verdict = f"too {'flat' if slope < best else 'steep'}: NLL and MSE are lowest at {best:.2f}"
        if abs(slope - best) < 0.026:  # half a step of the slider
            verdict = "the best: NLL and MSE are lowest here"
        self.title.set_text(f"w = {slope:.2f} is {verdict}")


class SgdPath(Explorer):
    """The path of SGD over the loss of notebook 03, with the bias fixed at its true value.

    Example:
        >>> view = SgdPath()
        >>> view.update(rate=3.0, batch_size=10)
        >>> view
        SGD diverges: the path leaves the picture (rate 3, batch size 10)
    """

    mosaic = "ml"

    def draw(self) -> None:
        """Draw the map, and the path with learning rate 0.1 and batches of 10."""
        generator = torch.Generator().manual_seed(0)
        truth = torch.tensor([2.0, -3.4])
        data = synthetic_data(truth, 4.2, 1000, noise=0.01, generator=generator)
        self.features, self.labels = (part.double() for part in data)
        surface, losses = self.axes["m"], self.axes["l"]
        w1, w2 = np.meshgrid(np.linspace(-1, 4, 40), np.linspace(-5, 1, 40))
        heights = self.loss(np.stack([w1.ravel(), w2.ravel()], axis=1)).reshape(40, 40)
        surface.contour(w1, w2, heights, levels=12, colors="silver", linewidths=1)
        (self.path,) = surface.plot([], [], ".-", lw=1.5)
        surface.plot(0, 0, "o", color="black", ms=9)
        surface.annotate("start", (0, 0), (9, 4), textcoords="offset points")
        surface.plot(*truth, "*", color="C1", ms=18)
        surface.annotate("truth", (2, -3.4), (9, -16), textcoords="offset points")
        surface.set(xlabel="w₁", ylabel="w₂", aspect="equal", xlim=(-1, 4), ylim=(-5, 1))
        losses.axhline(0.01**2 / 2, color="black", ls="--", lw=1.5)
        losses.annotate("the noise alone", (0, 0.01**2 / 2), (4, 6), textcoords="offset points")
        (self.losses,) = losses.plot(range(STEPS + 1), range(STEPS + 1))
        losses.set(ylabel="loss over all data", yscale="log", ylim=(1e-5, 1e4))
        losses.yaxis.set_major_locator(LogLocator(100))
        losses.yaxis.set_minor_locator(NullLocator())
        self.update(rate=0.1, batch_size=10)

    def update(self, *, rate: float, batch_size: int) -> None:
        """Walk again: the same start, seed and number of steps, another rate or batch size."""
        path = self.walk(rate, batch_size)
        loss = self.loss(path)
        far = [*(abs(path).max(axis=1) > 1e4), True]
        self.path.set_data(*path[: far.index(True) + 1].T)  # no numbers too large to be drawn
        self.losses.set_ydata(loss)
        self.axes["l"].set_xlabel(f"step (examples read: {STEPS * batch_size:,})")
        outside = ((path < [-1, -5]) | (path > [4, 1])).any()
        if loss[-1] < loss[0] / 100:
            verdict = "leaves the picture and comes back" if outside else "arrives"
        elif not outside:
            verdict = "is still on its way"
        else:
            manner = "diverges" if loss[-1] > loss[0] else "jumps about"
            verdict = f"{manner}: the path leaves the picture"
        self.title.set_text(f"SGD {verdict} (rate {rate:g}, batch size {batch_size})")

    def walk(self, rate: float, batch_size: int) -> Array:
        """Return the weights at the start and after each step, of shape (STEPS + 1, 2)."""
        generator = torch.Generator().manual_seed(3)
        w = torch.zeros(2, 1, dtype=torch.float64)
        points = [w]
        for _ in range(STEPS):
            rows = torch.randperm(1000, generator=generator)[:batch_size]  # as data_iter begins
            X, y = self.features[rows], self.labels[rows]
            w = w - rate * X.T @ (X @ w + 4.2 - y) / batch_size
            points.append(w)
        return np.asarray(torch.cat(points, dim=1).T)

    def loss(self, weights: Array) -> Array:
        """Return half the mean squared error over all data, of each row of weights (m, 2)."""
        return _mse(self.labels.numpy().T, weights @ self.features.numpy().T + 4.2) / 2


def normal_density() -> None:
    """Show the normal density with sliders for its mean and standard deviation."""
    mu = widgets.FloatSlider(0.0, min=MU[0], max=MU[1], description="mean μ")
    sigma = widgets.FloatSlider(1.0, min=SIGMA[0], max=SIGMA[1], description="std. deviation σ")
    for slider in (mu, sigma):
        slider.readout_format = ".1f"
    _show(NormalDensity(), mu=mu, sigma=sigma)


def line_fit() -> None:
    """Show a line through noisy points with a slider for its slope and a box for an outlier."""
    slope = widgets.FloatSlider(1.0, min=SLOPE[0], max=SLOPE[1], step=0.05, description="weight w")
    _show(LineFit(), slope=slope, outlier=widgets.Checkbox(False, description="one outlier"))


def sgd_path() -> None:
    """Show the path of SGD with sliders for the learning rate and the batch size."""
    rate = widgets.SelectionSlider(options=RATES, value=0.1, description="learning rate")
    size = widgets.SelectionSlider(options=BATCH_SIZES, value=10, description="batch size")
    _show(SgdPath(), rate=rate, batch_size=size)


def _show(view: Explorer, **controls: widgets.ValueWidget) -> None:
    """Display the picture, and below it the controls, named as the arguments of `update`."""

    def move(_: object) -> None:
        view.update(**{name: control.value for name, control in controls.items()})
        picture.update(view)

    for control in controls.values():
        control.layout.width, control.style.description_width = "600px", "140px"
        control.observe(move, "value")
    picture = DisplayHandle()
    picture.display(view)
    display(widgets.VBox(list(controls.values())))


def _normal(x: Array, mu: float, sigma: float) -> Array:
    return np.exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))


def _mse(y: Array, y_hat: Array) -> Array:
    return np.asarray(((y_hat - y) ** 2).mean(axis=-1))


def _nll(y: Array, y_hat: Array) -> Array:
    return len(y) / 2 * (math.log(2 * math.pi * 0.5**2) + _mse(y, y_hat) / 0.5**2)
