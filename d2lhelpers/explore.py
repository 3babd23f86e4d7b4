"""Explorers: a picture with sliders below it, one call each in a notebook.

A class draws: it makes its figure once, and `update` moves the data of what is drawn. It knows
nothing of sliders, only of the values that they take. The function beside it shows the picture and
lets sliders call `update`. A stored picture carries its data along, so that the book and the decks
can draw it for other values without running the notebook: `rebuild` makes the explorer of it.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from matplotlib.collections import LineCollection
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray

from d2lhelpers._checks import ArrayLike
from d2lhelpers._explorer import Explorer, Knob, finite, show, steps, unpacked

Array = NDArray[np.float64]
RATES = (0.01, 0.03, 0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0)
BATCH_SIZES = (1, 3, 10, 30, 100, 300)  # and all examples
STEPS = 40


class NormalDensity(Explorer):
    """The normal density, its peak, and the area within one standard deviation.

    Example:
        >>> view = NormalDensity()
        >>> view.update(mu=1.0, sigma=2.0)
        >>> view
        μ = 1.0, σ = 2.0: peak 0.199, shaded area 0.683
    """

    mosaic = "a"

    def __init__(self) -> None:
        """Take nothing: a density needs no data."""
        mus, sigmas = steps(-3.0, 3.0, 0.1), steps(0.5, 3.0, 0.1)
        self.knobs = {
            "mu": Knob("mean μ", mus, 0.0, ".1f", few=mus[::5]),
            "sigma": Knob("std. deviation σ", sigmas, 1.0, ".1f", few=sigmas[::5]),
        }
        super().__init__()

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

    def update(self, *, mu: float, sigma: float) -> None:
        """Move the bell to a mean and a standard deviation, both in units of x."""
        within = np.linspace(mu - sigma, mu + sigma, 201)
        height = _normal(within, mu, sigma)
        self.curve.set_ydata(_normal(self.x, mu, sigma))
        # Not set_data, which came with matplotlib 3.10.
        self.area.set_verts(
            [[(mu - sigma, 0.0), *zip(within, height, strict=True), (mu + sigma, 0.0)]]
        )
        self.peak.set_data([mu], [height.max()])
        area = torch.trapezoid(torch.from_numpy(height), torch.from_numpy(within)).item()
        text = f"μ = {mu:z.1f}, σ = {sigma:.1f}: peak {height.max():.3f}, shaded area {area:.3f}"
        self.title.set_text(text.replace("-", "−"))


class LineFit(Explorer):
    """A line through points with a fixed bias, and its NLL and MSE on their curves.

    The bias is the best one, rounded to two decimals; the NLL is that of noise with standard
    deviation 0.5. The slider reaches two below and above the best slope.

    Args:
        x: features, shape (n,) or (n, 1), not all equal.
        y: labels, of the same length.

    Raises:
        TypeError: if x or y does not hold real numbers.
        ValueError: if a shape is another one, or a value is not finite.

    Example:
        >>> view = LineFit([-1, 0, 1], [-1, 1, 3])
        >>> view.update(slope=2.5, outlier=False)
        >>> view
        w = 2.50 is too steep: NLL and MSE are lowest at 2.00
    """

    mosaic = "pn;pm"

    def __init__(self, x: ArrayLike, y: ArrayLike) -> None:
        """Take the points."""
        data = {"x": finite("x", x), "y": finite("y", y)}
        self.x, self.y = (array.astype(np.float64) for array in data.values())
        if len(self.x) != len(self.y):
            raise ValueError(f"x and y must be of one length, got {len(self.x)} and {len(self.y)}.")
        if np.ptp(self.x) == 0:
            raise ValueError(f"x must hold at least two different numbers, got {self.x[0]:g} only.")
        slope, bias = np.polyfit(self.x, self.y, 1)
        self.bias = round(float(bias), 2)
        last = np.arange(len(self.x)) == self.x.argmax()
        self.labels = {False: self.y, True: np.where(last, self.y - 8, self.y)}
        slopes = steps(round(slope) - 2.0, round(slope) + 2.0, 0.05)
        bests = [min(slopes, key=lambda w: abs(w - self.best(y))) for y in self.labels.values()]
        few = tuple(sorted({*slopes[::2], *bests}))
        self.knobs = {
            "slope": Knob("weight w", slopes, slopes[20], ".2f", few),
            "outlier": Knob("one outlier", (False, True), False),
        }
        super().__init__(**data)

    def draw(self) -> None:
        """Draw a line that is too flat, without the outlier."""
        low, high = self.knobs["slope"].values[0], self.knobs["slope"].values[-1]
        self.slopes = np.linspace(low, high, 161)
        self.lines = np.outer(self.slopes, self.x) + self.bias
        points, nll, mse = (self.axes[letter] for letter in "pnm")
        self.residuals = LineCollection([], color="C4", lw=2, label="residuals")
        points.add_collection(self.residuals, autolim=False)
        (self.points,) = points.plot(self.x, self.y, "o", label="examples")
        sign = "+" if self.bias >= 0 else "−"
        label = f"wx {sign} {abs(self.bias):g}"
        (self.line,) = points.plot(self.x, self.x, color="C1", label=label)
        reach = np.concatenate([self.lines.ravel(), *self.labels.values()])
        points.set(xlabel="feature x", ylabel="label y", ylim=_around(reach))
        points.legend(loc="upper left")
        self.bests = [ax.axvline(2, color="black", ls="--", lw=1.5) for ax in (nll, mse)]
        self.curves = [ax.plot(self.slopes, self.slopes)[0] for ax in (nll, mse)]
        self.dots = [ax.plot([0], [0], "o", color="C1", ms=10)[0] for ax in (nll, mse)]
        for ax, loss in ((nll, _nll), (mse, _mse)):
            top = max(loss(y, self.lines).max() for y in self.labels.values())
            ax.set(xlim=(low - 0.1, high + 0.1), ylim=(0, 1.05 * top))
        nll.set(ylabel="NLL")
        mse.set(ylabel="MSE", xlabel="weight w (dashed: best)")
        nll.tick_params(labelbottom=False)

    def best(self, y: Array) -> float:
        """Return the slope of least squared error."""
        return float(self.x @ (y - self.bias) / (self.x @ self.x))

    def update(self, *, slope: float, outlier: bool) -> None:
        """Give the line a slope, in label per feature; put the last point 8 lower, or not."""
        y = self.labels[outlier]
        y_hat = slope * self.x + self.bias
        self.points.set_ydata(y)
        self.line.set_ydata(y_hat)
        ends = np.stack([self.x, y, self.x, y_hat], axis=1).reshape(-1, 2, 2)
        self.residuals.set_segments(list(ends))
        best = self.best(y)
        for i, loss in enumerate((_nll, _mse)):
            self.curves[i].set_ydata(loss(y, self.lines))
            self.dots[i].set_data([slope], [loss(y, y_hat)])
            self.bests[i].set_xdata([best, best])
        verdict = f"too {'flat' if slope < best else 'steep'}"
        if abs(slope - best) < 0.026:  # half a step of the slider
            verdict = "next to the best"
        where = f"at {best:.2f}"
        if f"at {slope:.2f}" == where:
            verdict, where = "the best", "here"
        verdict += f": NLL and MSE are lowest {where}"
        self.title.set_text(f"w = {slope:.2f} is {verdict}".replace("-", "−"))


class SgdPath(Explorer):
    """The path of the two weights of a linear model in SGD, on a map of the loss at the best bias.

    Weights and bias start at 0, and all three are trained; the bias is not drawn.

    Args:
        features: shape (n, 2), n at least 2.
        labels: shape (n, 1) or (n,).

    Raises:
        TypeError: if features or labels do not hold real numbers.
        ValueError: if a shape is another one, or a value is not finite.

    Example:
        >>> view = SgdPath([[0, 1], [1, 0], [0, -1], [-1, 0]], [3, 2, -3, -2])
        >>> view.update(rate=3.0, batch_size=4)
        >>> view
        SGD leaves the picture and comes back (rate 3, batch size 4)
    """

    mosaic = "ml"

    def __init__(self, features: ArrayLike, labels: ArrayLike) -> None:
        """Take the examples."""
        X, y = finite("features", features, columns=2), finite("labels", labels)
        n = len(X)
        if n != len(y) or n < 2:
            raise ValueError(
                f"features and labels must be of one length, 2 or more, got {n} and {len(y)}."
            )
        sizes = (*(size for size in BATCH_SIZES if size < n), n)
        self.knobs = {
            "rate": Knob("learning rate", RATES, 0.1),
            "batch_size": Knob("batch size", sizes, sizes[:3][-1], ",d"),
        }
        self.inputs = np.column_stack([X, np.ones(n)]).astype(np.float64)  # for the bias a 1
        self.targets = y.astype(np.float64)
        best = np.linalg.lstsq(self.inputs, self.targets, rcond=None)[0]
        self.best = best.astype(np.float64)
        super().__init__(features=X, labels=y)

    def draw(self) -> None:
        """Draw the map and the star on it."""
        surface, losses = self.axes["m"], self.axes["l"]
        *star, bias = self.best
        margin = 0.45 * max(1, *np.abs(star))
        limits = [(min(0, best) - margin, max(0, best) + margin) for best in star]
        self.low, self.high = zip(*limits, strict=True)
        w1, w2 = np.meshgrid(*(np.linspace(*limit, 40) for limit in limits))
        heights = self.loss(np.stack([w1, w2, np.full_like(w1, bias)], axis=-1))
        surface.contour(w1, w2, heights, levels=12, colors="silver", linewidths=1)
        (self.path,) = surface.plot([], [], ".-", lw=1.5)
        surface.plot(0, 0, "o", color="black", ms=9)
        surface.annotate("start", (0, 0), (9, 4), textcoords="offset points")
        surface.plot(*star, "*", color="C1", ms=18)
        surface.annotate("best", (star[0], star[1]), (9, -16), textcoords="offset points")
        surface.set(xlabel="w₁", ylabel="w₂", aspect="equal", xlim=limits[0], ylim=limits[1])
        lowest = self.loss(self.best).item()
        losses.axhline(lowest, color="black", ls="--", lw=1.5)
        losses.annotate("the lowest loss", (0, lowest), (4, 6), textcoords="offset points")
        (self.losses,) = losses.plot(range(STEPS + 1), range(STEPS + 1))
        losses.set(ylabel="loss over all data", yscale="log", ylim=(1e-5, 1e4))
        losses.yaxis.set_major_locator(LogLocator(100))
        losses.yaxis.set_minor_locator(NullLocator())

    def update(self, *, rate: float, batch_size: int) -> None:
        """Walk again: the same start, seed and number of steps, another rate or batch size."""
        walked = self.walk(rate, batch_size)
        path, loss = walked[:, :2], self.loss(walked)
        far = [*(abs(path).max(axis=1) > 1e4), True]
        self.path.set_data(*path[: far.index(True) + 1].T)  # no numbers too large to be drawn
        self.losses.set_ydata(loss)
        self.axes["l"].set_xlabel(f"step (examples read: {STEPS * batch_size:,})")
        outside = ((path < self.low) | (path > self.high)).any()
        if loss[-1] < loss[0] / 100:
            verdict = "leaves the picture and comes back" if outside else "arrives"
        elif not outside:
            verdict = "is still on its way"
        else:
            manner = "diverges" if loss[-1] > loss[0] else "jumps about"
            verdict = f"{manner}: the path leaves the picture"
        self.title.set_text(f"SGD {verdict} (rate {rate:g}, batch size {batch_size})")

    def walk(self, rate: float, batch_size: int) -> Array:
        """Return weights and bias at the start and after each step, of shape (STEPS + 1, 3)."""
        generator = torch.Generator().manual_seed(3)
        points = [np.zeros(3)]
        for _ in range(STEPS):
            order = torch.randperm(len(self.targets), generator=generator)  # as data_iter begins
            rows = order[:batch_size].numpy()
            X, y = self.inputs[rows], self.targets[rows]
            step = rate * (X @ points[-1] - y) @ X / batch_size
            points.append((points[-1] - step).clip(-1e60, 1e60))  # so far out, and still a number
        return np.stack(points)

    def loss(self, weights: Array) -> Array:
        """Return half the mean squared error over all data, of weights and bias (..., 3)."""
        return _mse(self.targets, weights @ self.inputs.T) / 2


def normal_density() -> None:
    """Show the normal density with sliders for its mean and standard deviation."""
    show(NormalDensity())


def line_fit(x: ArrayLike, y: ArrayLike) -> None:
    """Show a line through points with a slider for its slope and a box for an outlier.

    Arguments and errors are those of `LineFit`.
    """
    show(LineFit(x, y))


def sgd_path(features: ArrayLike, labels: ArrayLike) -> None:
    """Show the path of SGD with sliders for the learning rate and the batch size.

    Arguments and errors are those of `SgdPath`.
    """
    show(SgdPath(features, labels))


def rebuild(metadata: Mapping[str, Any]) -> Explorer:
    """Make the explorer that a stored picture's metadata describes.

    Example:
        >>> rebuild(LineFit([-1, 0, 1], [-1, 1, 3]).metadata)
        w = 1.00 is too flat: NLL and MSE are lowest at 2.00
    """
    stored = metadata["explorer"]
    make = next(make for make in Explorer.__subclasses__() if make.__name__ == stored["view"])
    return make(**{name: unpacked(text) for name, text in stored["data"].items()})


def _around(values: Array) -> tuple[float, float]:
    low, high = values.min(), values.max()
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _normal(x: Array, mu: float, sigma: float) -> Array:
    return np.exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))


def _mse(y: Array, y_hat: Array) -> Array:
    return np.asarray(((y_hat - y) ** 2).mean(axis=-1))


def _nll(y: Array, y_hat: Array) -> Array:
    return len(y) / 2 * (math.log(2 * math.pi * 0.5**2) + _mse(y, y_hat) / 0.5**2)
