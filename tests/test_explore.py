"""The explorers' drawings over the whole range of their sliders, and the sliders' wiring."""

import itertools
import math
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from statistics import NormalDist
from typing import Any

import ipywidgets as widgets
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.artist import Artist
from matplotlib.text import Text

from d2lhelpers import data_iter, explore, linreg, sgd, squared_loss, synthetic_data
from d2lhelpers.explore import Explorer, LineFit, NormalDensity, SgdPath

MUS = np.linspace(*explore.MU, 5).tolist()
SIGMAS = np.linspace(*explore.SIGMA, 6).tolist()
SLOPES = np.linspace(*explore.SLOPE, 17).tolist()
RANGES: dict[type[Explorer], dict[str, Any]] = {
    NormalDensity: {"mu": MUS, "sigma": SIGMAS},
    LineFit: {"slope": SLOPES, "outlier": [False, True]},
    SgdPath: {"rate": explore.RATES, "batch_size": explore.BATCH_SIZES},
}
every_view = pytest.mark.parametrize("make", RANGES, ids=lambda make: make.__name__)


def settings(make: type[Explorer]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*RANGES[make].values()):
        yield dict(zip(RANGES[make], values, strict=True))


def title(view: Explorer, **values: Any) -> str:
    view.update(**values)
    return repr(view)


def numbers(artist: Any) -> Any:
    """The data of a line, in floating point."""
    return np.asarray(artist.get_xydata(), dtype=float)


# All three


@every_view
def test_every_setting_can_be_drawn_with_the_same_artists_and_fits(make: type[Explorer]) -> None:
    view = make()
    artists: set[Artist] = set(view.figure.findobj())
    images = []
    for values in settings(make):
        view.update(**values)
        assert set(view.figure.findobj()) == artists
        view.canvas.draw()
        images.append(np.asarray(view.canvas.buffer_rgba()).tobytes())
        frame = view.figure.bbox
        for text in (view.title, *(ax.xaxis.label for ax in view.figure.axes if ax.get_xlabel())):
            box = text.get_window_extent()
            assert frame.x0 <= box.x0 < box.x1 <= frame.x1, text.get_text()
            assert frame.y0 <= box.y0 < box.y1 <= frame.y1, text.get_text()
        artists |= set(view.figure.findobj())  # ticks come with the first drawing
    assert len(set(images)) == len(images)


@every_view
def test_a_view_depends_on_the_sliders_and_not_on_the_way_there(make: type[Explorer]) -> None:
    view, fresh = make(), make()
    default = view._repr_png_()
    first, *_, last = settings(make)
    view.update(**last)
    assert view._repr_png_() != default
    view.update(**first)
    fresh.update(**first)
    assert view._repr_png_() == fresh._repr_png_()


@every_view
def test_a_view_is_unknown_to_pyplot_and_leaves_global_state(make: type[Explorer]) -> None:
    plt.switch_backend("agg")
    before, random = mpl.rcParams.copy(), torch.get_rng_state()
    png = make()._repr_png_()
    assert struct.unpack(">II", png[16:24]) == (900, 480)
    assert plt.get_fignums() == []
    assert mpl.rcParams == before
    assert torch.equal(torch.get_rng_state(), random)


@every_view
def test_the_style_is_the_course_s_whatever_the_notebook_s_is(make: type[Explorer]) -> None:
    plain = make()._repr_png_()
    with plt.style.context("d2lhelpers.d2lhelpers"):
        assert make()._repr_png_() == plain


@every_view
def test_every_axes_is_labelled_in_letters_for_the_back_row(make: type[Explorer]) -> None:
    view = make()
    for ax in view.figure.axes:
        assert ax.get_ylabel()
        assert ax.get_xlabel() or not ax.xaxis.get_tick_params()["labelbottom"]
    shown = [text for text in view.figure.findobj(Text) if text.get_text().strip()]
    assert min(float(text.get_fontsize()) for text in shown) >= 14


# The normal density


@pytest.mark.parametrize(("mu", "sigma"), list(itertools.product(MUS, SIGMAS)))
def test_the_peak_and_the_area_are_those_of_the_density(mu: float, sigma: float) -> None:
    view = NormalDensity()
    text = title(view, mu=mu, sigma=sigma)
    ((x, peak),) = numbers(view.peak)
    assert (x, peak) == (mu, pytest.approx(1 / (sigma * math.sqrt(2 * math.pi)), rel=1e-12))
    assert text.endswith(f"peak {peak:.3f}, shaded area 0.683")
    curve = numbers(view.curve)
    law = NormalDist(mu, sigma)
    np.testing.assert_allclose(curve[:, 1], [law.pdf(x) for x in curve[:, 0]], rtol=1e-9)
    shaded = view.area.get_paths()[0].vertices
    xs, ys = np.asarray(shaded).T
    assert (xs.min(), xs.max()) == pytest.approx((mu - sigma, mu + sigma))
    assert (ys.min(), ys.max()) == pytest.approx((0, peak))


def test_the_title_writes_a_minus_sign_and_no_minus_zero() -> None:
    view = NormalDensity()
    assert title(view, mu=-3.0, sigma=2.0).startswith("μ = −3.0, σ = 2.0:")
    assert title(view, mu=-1e-16, sigma=2.0).startswith("μ = 0.0,")


# The line


def least_squares(view: LineFit) -> float:
    x, y = numbers(view.points).T
    return float(np.linalg.lstsq(x[:, None], y - 1, rcond=None)[0][0])


@pytest.mark.parametrize("outlier", [False, True])
def test_residuals_nll_and_mse_belong_to_the_line(outlier: bool) -> None:
    view = LineFit()
    for slope in SLOPES:
        view.update(slope=slope, outlier=outlier)
        x, y = numbers(view.points).T
        y_hat = slope * x + 1
        np.testing.assert_allclose(numbers(view.line)[:, 1], y_hat)
        np.testing.assert_allclose(
            view.residuals.get_segments(),
            [[(a, b), (a, c)] for a, b, c in zip(x, y, y_hat, strict=True)],
        )
        nll = -sum(math.log(NormalDist(m, 0.5).pdf(a)) for m, a in zip(y_hat, y, strict=True))
        for dot, curve, ax, loss in zip(
            view.dots, view.curves, "nm", (nll, np.mean((y - y_hat) ** 2)), strict=True
        ):
            assert numbers(dot).tolist() == [[slope, pytest.approx(loss, rel=1e-9)]]
            weights, losses = numbers(curve).T
            assert np.interp(slope, weights, losses) == pytest.approx(loss, rel=1e-9)
            low, high = view.axes[ax].get_ylim()
            assert low < losses.min() < losses.max() < high
            assert weights[losses.argmin()] == pytest.approx(least_squares(view), abs=0.0126)
        low, high = view.axes["p"].get_ylim()
        assert low < min(*y, *y_hat) < max(*y, *y_hat) < high


def test_the_dashed_lines_stand_at_least_squares_and_the_outlier_moves_them() -> None:
    view = LineFit()
    bests = []
    for outlier in (False, True):
        view.update(slope=1.0, outlier=outlier)
        bests.append(least_squares(view))
        for line in view.bests:
            assert numbers(line)[:, 0] == pytest.approx([bests[-1]] * 2)
    assert bests[0] == pytest.approx(2, abs=0.1)
    assert bests[1] < bests[0] - 0.3


def test_the_outlier_is_one_point_and_goes_away_again() -> None:
    view = LineFit()
    clean = numbers(view.points)
    view.update(slope=1.0, outlier=True)
    assert (numbers(view.points) - clean).tolist() == [[0.0, 0.0]] * 29 + [[0.0, -8.0]]
    view.update(slope=1.0, outlier=False)
    assert numbers(view.points).tolist() == clean.tolist()


@pytest.mark.parametrize(
    ("slope", "outlier", "text"),
    [
        (0.0, False, "w = 0.00 is too flat: NLL and MSE are lowest at 1.96"),
        (1.95, False, "w = 1.95 is the best: NLL and MSE are lowest here"),
        (2.0, False, "w = 2.00 is too steep: NLL and MSE are lowest at 1.96"),
        (1.95, True, "w = 1.95 is too steep: NLL and MSE are lowest at 1.59"),
        (1.6, True, "w = 1.60 is the best: NLL and MSE are lowest here"),
    ],
)
def test_the_title_says_where_the_losses_are_lowest(slope: float, outlier: bool, text: str) -> None:
    assert title(LineFit(), slope=slope, outlier=outlier) == text


def test_one_place_of_the_slider_is_the_best_with_and_without_the_outlier() -> None:
    view = LineFit()
    for outlier in (False, True):
        titles = [title(view, slope=0.05 * i, outlier=outlier) for i in range(81)]
        assert sum("the best" in text for text in titles) == 1


def test_the_points_are_those_of_the_notebook() -> None:
    generator = torch.Generator().manual_seed(0)
    torch.normal(3.0, 2.0, size=(10_000,), generator=generator)
    x = torch.linspace(-2, 2, 30, dtype=torch.float64)
    y = 2.0 * x + 1.0 + 0.5 * torch.randn(30, generator=generator, dtype=torch.float64)
    np.testing.assert_allclose(numbers(LineFit().points), torch.stack([x, y], dim=1), rtol=1e-12)


# SGD


def notebook_path(rate: float, batch_size: int) -> Any:
    """The path as notebook 03 computes it, with autograd and in single precision."""
    true_w = torch.tensor([2.0, -3.4])
    seed = torch.Generator().manual_seed(0)
    features, labels = synthetic_data(true_w, 4.2, 1000, noise=0.01, generator=seed)
    generator = torch.Generator().manual_seed(3)
    w, b = torch.zeros(2, 1, requires_grad=True), torch.tensor([4.2])
    points = [w.detach().flatten().clone()]
    for _ in range(40):
        X, y = next(data_iter(batch_size, features, labels, generator=generator))
        (w.grad,) = torch.autograd.grad(squared_loss(linreg(X, w, b), y).sum(), [w])
        sgd([w], rate, batch_size)
        points.append(w.detach().flatten().clone())
    return torch.stack(points).numpy()


@pytest.mark.parametrize(("rate", "batch_size"), [(0.1, 1), (0.1, 10), (0.1, 1000), (0.3, 30)])
def test_the_path_is_that_of_the_notebook(rate: float, batch_size: int) -> None:
    view = SgdPath()
    view.update(rate=rate, batch_size=batch_size)
    drawn = numbers(view.path)
    assert drawn.shape == (41, 2)
    np.testing.assert_allclose(drawn, notebook_path(rate, batch_size), rtol=1e-3, atol=1e-4)


def test_every_path_starts_at_the_same_place_and_its_losses_are_finite() -> None:
    view = SgdPath()
    X, y = view.features.numpy(), view.labels.numpy().ravel()
    for values in settings(SgdPath):
        view.update(**values)
        path = view.walk(**values)
        assert np.isfinite(path).all()
        drawn, losses = numbers(view.path), numbers(view.losses)[:, 1]
        assert drawn[0].tolist() == [0, 0]
        np.testing.assert_array_equal(drawn, path[: len(drawn)])
        assert np.isfinite(losses).all()
        expected = [np.mean((X @ w + 4.2 - y) ** 2) / 2 for w in path]
        np.testing.assert_allclose(losses, expected, rtol=1e-9)


def test_a_path_is_cut_short_only_where_it_no_longer_enters_the_picture() -> None:
    view, cut = SgdPath(), 0
    for values in settings(SgdPath):
        view.update(**values)
        rest = view.walk(**values)[len(numbers(view.path)) :]
        assert (abs(rest) > 5).any(axis=1).all()
        cut += len(rest) > 0
    assert cut > 0


def test_the_title_says_what_became_of_the_path() -> None:
    view, seen = SgdPath(), set()
    for values in settings(SgdPath):
        text = title(view, **values)
        path, losses = view.walk(**values), numbers(view.losses)[:, 1]
        (left, right), (low, high) = view.axes["m"].get_xlim(), view.axes["m"].get_ylim()
        inside = (path >= [left, low]) & (path <= [right, high])
        outcome = next(
            word for word in ("diverges", "jumps", "comes back", "arrives", "way") if word in text
        )
        seen.add(outcome)
        assert inside.all() == (outcome in {"arrives", "way"}), text
        assert ("leaves the picture" in text) == (not inside.all())
        assert (losses[-1] > losses[0]) == (outcome == "diverges"), text
        assert (losses[-1] < losses[0] / 100) == (outcome in {"arrives", "comes back"}), text
        assert f"(rate {values['rate']:g}, batch size {values['batch_size']})" in text
    assert seen == {"diverges", "jumps", "comes back", "arrives", "way"}


def test_the_label_counts_the_examples_read() -> None:
    view = SgdPath()
    view.update(rate=0.1, batch_size=1000)
    assert view.axes["l"].get_xlabel() == "step (examples read: 40,000)"


# The sliders


class Page:
    """What a notebook's page would hold: displays in order, each as it was last updated."""

    def __init__(self) -> None:
        self.outputs: list[Any] = []
        self.updates = 0

    def display(self, thing: Any) -> None:
        self.outputs.append(thing)

    def handle(self) -> Any:
        page = self

        class Handle:
            def display(self, thing: Any) -> None:
                page.display(thing)

            def update(self, thing: Any) -> None:
                assert thing is page.outputs[0]
                page.updates += 1

        return Handle()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    page = Page()
    monkeypatch.setattr(explore, "display", page.display)
    monkeypatch.setattr(explore, "DisplayHandle", page.handle)
    return page


@pytest.mark.parametrize(
    ("call", "make"),
    [
        (explore.normal_density, NormalDensity),
        (explore.line_fit, LineFit),
        (explore.sgd_path, SgdPath),
    ],
)
def test_the_picture_stands_first_and_every_control_moves_it_at_each_end(
    page: Page, call: Callable[[], None], make: type[Explorer]
) -> None:
    call()
    view, box = page.outputs
    assert isinstance(view, make)
    assert isinstance(box, widgets.VBox)
    fresh = repr(view)
    for i, (control, values) in enumerate(zip(box.children, RANGES[make].values(), strict=True)):
        default = control.value
        for value in (values[-1], values[0]):
            before, drawn = page.updates, view._repr_png_()
            changed = control.value != value
            control.value = value
            assert control.value == value  # the slider reaches as far as the range
            assert page.updates == before + changed
            assert (view._repr_png_() != drawn) == changed, (i, value)
        control.value = default
        assert repr(view) == fresh


def test_the_package_does_not_bring_widgets_and_the_drawings_are_made_without_pyplot() -> None:
    code = (
        "import sys, d2lhelpers; print({'ipywidgets', 'matplotlib'} & set(sys.modules));"
        "from d2lhelpers import explore; explore.SgdPath()._repr_png_()"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")
