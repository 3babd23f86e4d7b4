"""The explorers' drawings over the whole range of their sliders, and the sliders' wiring."""

import base64
import functools
import io
import itertools
import json
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
import nbformat
import numpy as np
import pytest
import torch
from matplotlib.artist import Artist
from matplotlib.text import Text
from notebook_checks import COURSE, is_explorer
from PIL import Image

from d2lhelpers import _explorer, data_iter, explore, linreg, sgd, squared_loss, synthetic_data
from d2lhelpers._explorer import Explorer, show
from d2lhelpers.explore import LineFit, NormalDensity, SgdPath

MUS, SIGMAS = (-3.0, -1.5, 0.0, 1.5, 3.0), (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
SLOPES = tuple(0.25 * step for step in range(17))
TRUE_W, TRUE_B = torch.tensor([2.0, -3.4]), 4.2


def line_fit() -> LineFit:
    """Points about y = 2x + 1, as in notebook 02."""
    generator = torch.Generator().manual_seed(1)
    x = torch.linspace(-2, 2, 30, dtype=torch.float64)
    return LineFit(x, 2 * x + 1 + 0.5 * torch.randn(30, generator=generator, dtype=x.dtype))


def examples() -> tuple[torch.Tensor, torch.Tensor]:
    """Those of notebook 03."""
    generator = torch.Generator().manual_seed(0)
    return synthetic_data(TRUE_W, TRUE_B, 1000, noise=0.01, generator=generator)


def sgd_path() -> SgdPath:
    return SgdPath(*examples())


Make = Callable[[], Explorer]
RANGES: dict[Make, dict[str, Any]] = {
    NormalDensity: {"mu": MUS, "sigma": SIGMAS},
    line_fit: {"slope": SLOPES, "outlier": [False, True]},
    sgd_path: {"rate": explore.RATES, "batch_size": (*explore.BATCH_SIZES, 1000)},
}


@functools.cache
def shared(make: Make) -> Any:
    """One view for many tests: it shows what it was moved to, however it came there."""
    return make()


every_view = pytest.mark.parametrize("make", RANGES, ids=lambda make: make.__name__)


def settings(make: Make) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*RANGES[make].values()):
        yield dict(zip(RANGES[make], values, strict=True))


def title(view: Explorer, **values: Any) -> str:
    view.update(**values)
    return repr(view)


def numbers(artist: Any) -> Any:
    """The data of a line, in floating point."""
    return np.asarray(artist.get_xydata(), dtype=float)


# All three


@pytest.mark.long
@every_view
def test_every_setting_can_be_drawn_with_the_same_artists_and_fits(make: Make) -> None:
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
def test_a_view_depends_on_the_sliders_and_not_on_the_way_there(make: Make) -> None:
    view, fresh = make(), make()
    default = view.png()
    first, *_, last = settings(make)
    view.update(**last)
    assert view.png() != default
    view.update(**first)
    fresh.update(**first)
    assert view.png() == fresh.png()


@every_view
def test_a_view_is_unknown_to_pyplot_and_leaves_global_state(make: Make) -> None:
    plt.switch_backend("agg")
    before, random = mpl.rcParams.copy(), torch.get_rng_state()
    png = make().png()
    assert struct.unpack(">II", png[16:24]) == (900, 480)
    assert plt.get_fignums() == []
    assert mpl.rcParams == before
    assert torch.equal(torch.get_rng_state(), random)


@every_view
def test_the_style_is_the_course_s_whatever_the_notebook_s_is(make: Make) -> None:
    plain = make().png()
    with plt.style.context("d2lhelpers.d2lhelpers"):
        assert make().png() == plain


@every_view
def test_every_axes_is_labelled_in_letters_for_the_back_row(make: Make) -> None:
    view = make()
    for ax in view.figure.axes:
        assert ax.get_ylabel()
        assert ax.get_xlabel() or not ax.xaxis.get_tick_params()["labelbottom"]
    shown = [text for text in view.figure.findobj(Text) if text.get_text().strip()]
    assert min(float(text.get_fontsize()) for text in shown) >= 14


# The normal density


@pytest.mark.parametrize(("mu", "sigma"), list(itertools.product(MUS, SIGMAS)))
def test_the_peak_and_the_area_are_those_of_the_density(mu: float, sigma: float) -> None:
    view = shared(NormalDensity)
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
    view = shared(NormalDensity)
    assert title(view, mu=-3.0, sigma=2.0).startswith("μ = −3.0, σ = 2.0:")
    assert title(view, mu=-1e-16, sigma=2.0).startswith("μ = 0.0,")


# The line


def least_squares(view: LineFit) -> float:
    x, y = numbers(view.points).T
    return float(np.linalg.lstsq(x[:, None], y - view.bias, rcond=None)[0][0])


@pytest.mark.parametrize("outlier", [False, True])
def test_residuals_nll_and_mse_belong_to_the_line(outlier: bool) -> None:
    view = shared(line_fit)
    for slope in SLOPES:
        view.update(slope=slope, outlier=outlier)
        x, y = numbers(view.points).T
        y_hat = slope * x + view.bias
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
    view = shared(line_fit)
    bests = []
    for outlier in (False, True):
        view.update(slope=1.0, outlier=outlier)
        bests.append(least_squares(view))
        for line in view.bests:
            assert numbers(line)[:, 0] == pytest.approx([bests[-1]] * 2)
    assert bests[0] == pytest.approx(2, abs=0.2)
    assert bests[1] < bests[0] - 0.3


def test_the_outlier_is_one_point_and_goes_away_again() -> None:
    view = line_fit()
    clean = numbers(view.points)
    view.update(slope=1.0, outlier=True)
    assert (numbers(view.points) - clean).tolist() == [[0.0, 0.0]] * 29 + [[0.0, -8.0]]
    view.update(slope=1.0, outlier=False)
    assert numbers(view.points).tolist() == clean.tolist()


@pytest.mark.parametrize(
    ("slope", "outlier", "text"),
    [
        (0.0, False, "w = 0.00 is too flat: NLL and MSE are lowest at 2.17"),
        (2.15, False, "w = 2.15 is next to the best: NLL and MSE are lowest at 2.17"),
        (2.2, False, "w = 2.20 is too steep: NLL and MSE are lowest at 2.17"),
        (2.15, True, "w = 2.15 is too steep: NLL and MSE are lowest at 1.80"),
        (1.8, True, "w = 1.80 is the best: NLL and MSE are lowest here"),
    ],
)
def test_the_title_says_where_the_losses_are_lowest(slope: float, outlier: bool, text: str) -> None:
    assert title(shared(line_fit), slope=slope, outlier=outlier) == text


def test_one_place_of_the_slider_is_the_best_with_and_without_the_outlier() -> None:
    view = shared(line_fit)
    for outlier in (False, True):
        slopes = view.knobs["slope"].values
        titles = [title(view, slope=slope, outlier=outlier) for slope in slopes]
        assert sum("the best" in text for text in titles) == 1


def test_other_points_move_the_slider_and_the_axes() -> None:
    """The pictures of other data would be cut off, and its best slope out of reach."""
    x = np.array([3.0, 1.0, 2.0, 5.0])
    view = LineFit(x, 20 * x - 7)
    assert view.knobs["slope"].values[::40] == (18, 20, 22)
    assert title(view, slope=20.0, outlier=False).startswith("w = 20.00 is the best")
    view.update(slope=22.0, outlier=True)
    assert numbers(view.points)[:, 1].tolist() == [53, 13, 33, 85]
    low, high = view.axes["p"].get_ylim()
    assert low < min(numbers(view.line)[:, 1]) < max(numbers(view.line)[:, 1]) < high
    assert view.line.get_label() == "wx − 7"


# SGD


def notebook_path(rate: float, batch_size: int) -> Any:
    """The path as notebook 03 computes it, with autograd and in single precision."""
    features, labels = examples()
    generator = torch.Generator().manual_seed(3)
    w, b = torch.zeros(2, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    points = [w.detach().flatten().clone()]
    for _ in range(40):
        X, y = next(data_iter(batch_size, features, labels, generator=generator))
        loss = squared_loss(linreg(X, w, b), y).sum()
        w.grad, b.grad = torch.autograd.grad(loss, [w, b])
        sgd([w, b], rate, batch_size)
        points.append(w.detach().flatten().clone())
    return torch.stack(points).numpy()


@pytest.mark.parametrize(("rate", "batch_size"), [(0.1, 1), (0.1, 10), (0.1, 1000), (0.3, 30)])
def test_the_path_is_that_of_the_notebook(rate: float, batch_size: int) -> None:
    view = shared(sgd_path)
    view.update(rate=rate, batch_size=batch_size)
    drawn = numbers(view.path)
    assert drawn.shape == (41, 2)
    np.testing.assert_allclose(drawn, notebook_path(rate, batch_size), rtol=1e-3, atol=1e-3)


def test_every_path_starts_at_the_same_place_and_its_losses_are_finite() -> None:
    view = shared(sgd_path)
    X, y = (part.double().numpy() for part in examples())
    for values in settings(sgd_path):
        view.update(**values)
        path = view.walk(**values)
        assert np.isfinite(path).all()
        drawn, losses = numbers(view.path), numbers(view.losses)[:, 1]
        assert drawn[0].tolist() == [0, 0]
        np.testing.assert_array_equal(drawn, path[: len(drawn), :2])
        assert np.isfinite(losses).all()
        expected = [np.mean((X @ w + b - y[:, 0]) ** 2) / 2 for *w, b in path]
        np.testing.assert_allclose(losses, expected, rtol=1e-9)


def test_a_path_is_cut_short_only_where_it_no_longer_enters_the_picture() -> None:
    view, cut = shared(sgd_path), 0
    for values in settings(sgd_path):
        view.update(**values)
        rest = view.walk(**values)[len(numbers(view.path)) :, :2]
        assert (abs(rest) > 5).any(axis=1).all()
        cut += len(rest) > 0
    assert cut > 0


def test_the_title_says_what_became_of_the_path() -> None:
    one, seen = sgd_path(), set()
    X, y = examples()
    wider = SgdPath(X / 2, y), {"rate": 1.0, "batch_size": 1}
    for view, values in [*((one, values) for values in settings(sgd_path)), wider]:
        text = title(view, **values)
        path, losses = view.walk(**values)[:, :2], numbers(view.losses)[:, 1]
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
    view = shared(sgd_path)
    view.update(rate=0.1, batch_size=1000)
    assert view.axes["l"].get_xlabel() == "step (examples read: 40,000)"


def test_the_star_and_the_dashed_line_are_the_best_that_can_be() -> None:
    view = shared(sgd_path)
    star, floor = view.axes["m"].lines[-1], view.axes["l"].lines[0]
    assert numbers(star)[0] == pytest.approx(TRUE_W.tolist(), abs=0.002)
    assert view.best[2] == pytest.approx(TRUE_B, abs=0.002)
    lowest = np.ravel(floor.get_ydata())[0]
    assert lowest == pytest.approx(0.01**2 / 2, rel=0.1)
    X, y = (part.double() for part in examples())
    columns = torch.cat([X, torch.ones(1000, 1)], dim=1)
    residuals = columns @ torch.linalg.lstsq(columns, y).solution - y
    assert lowest == pytest.approx((residuals**2).mean().item() / 2)


def test_other_examples_move_the_map_and_the_slider() -> None:
    X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    view = SgdPath(X, X @ torch.tensor([-30.0, 40.0]) + 1)
    assert view.knobs["batch_size"].values == (1, 3, 4)
    assert view.knobs["batch_size"].start == 4
    assert title(view, rate=1.0, batch_size=4) == "SGD arrives (rate 1, batch size 4)"
    assert SgdPath(X[:2], X[:2, 0]).knobs["batch_size"].values == (1, 2)


def test_features_of_another_scale_still_give_numbers() -> None:
    """Without a bound the weights overflow, and matplotlib warns of what it cannot draw."""
    view = SgdPath(1e6 * examples()[0], examples()[1])
    assert "diverges" in title(view, rate=3.0, batch_size=1)
    assert np.isfinite(numbers(view.losses)).all()
    view.png()


# The data

BAD: list[tuple[Callable[[Any, Any], object], Any, Any, type[Exception], str]] = [
    (LineFit, 3.0, [1.0], ValueError, r"x must have shape \(n,\) or \(n, 1\), got \(\)"),
    (LineFit, [], [], ValueError, r"x must have .* got \(0,\)"),
    (LineFit, [[1, 2]], [1], ValueError, r"x must have .* got \(1, 2\)"),
    (LineFit, [1, 2], [[[1]], [[2]]], ValueError, r"y must have .* got \(2, 1, 1\)"),
    (LineFit, [1, 2, 3], [1, 2], ValueError, "x and y must be of one length, got 3 and 2"),
    (LineFit, [1, 2], [1, math.nan], ValueError, "y must hold finite numbers, got nan"),
    (LineFit, [2, 2], [1, 2], ValueError, "x must hold at least two different numbers, got 2 only"),
    (LineFit, "ab", [1, 2], TypeError, "x must be a tensor, an array or a list"),
    (LineFit, [1j, 2], [1, 2], TypeError, "x must hold real numbers"),
    (SgdPath, [1, 2], [1, 2], ValueError, r"features must have shape \(n, 2\), got \(2,\)"),
    (SgdPath, [[1], [2]], [1, 2], ValueError, r"features .* got \(2, 1\)"),
    (SgdPath, [[1, 2]], [1], ValueError, "features and labels .* 2 or more, got 1 and 1"),
    (SgdPath, [[1, 2]] * 3, [1, 2], ValueError, "of one length, .* got 3 and 2"),
    (SgdPath, [[1, 2]] * 2, [[1, 2]] * 2, ValueError, r"labels must have .* got \(2, 2\)"),
    (SgdPath, [[1, math.inf]] * 2, [1, 2], ValueError, "features must hold finite numbers"),
    (SgdPath, [[1, 2]] * 2, None, TypeError, "labels must be a tensor"),
]


@pytest.mark.parametrize(("make", "first", "second", "error", "message"), BAD)
def test_bad_data_is_refused_by_name(
    make: Callable[[Any, Any], object],
    first: Any,
    second: Any,
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        make(first, second)


@pytest.mark.parametrize(
    "convert", [torch.Tensor.tolist, torch.Tensor.numpy, torch.Tensor.bfloat16]
)
def test_data_of_other_kinds_is_taken(convert: Callable[[torch.Tensor], Any]) -> None:
    X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    y = torch.tensor([[1.0], [2.0], [-1.0]])
    for view in (SgdPath(convert(X), convert(y)), LineFit(convert(X[:, :1]), convert(y))):
        data: Any = view.metadata["explorer"]["data"]
        first, second = map(_explorer.unpacked, data.values())
        columns = X if isinstance(view, SgdPath) else X[:, 0]
        np.testing.assert_array_equal(first, columns)
        np.testing.assert_array_equal(second, y[:, 0])


@pytest.mark.parametrize("make", RANGES)
def test_a_picture_carries_what_it_needs_to_be_drawn_again(make: Make) -> None:
    view = make()
    _, metadata = view._repr_png_()
    again = explore.rebuild(json.loads(json.dumps(metadata)))
    *_, values = settings(make)
    view.update(**values)
    assert repr(again) != repr(view)
    again.update(**values)
    assert again.png() == view.png()


STORED = [
    (cell.id, output)
    for path in COURSE
    for cell in nbformat.read(path, as_version=4).cells
    if is_explorer(cell)
    for output in cell.outputs
]


@pytest.mark.parametrize(("name", "output"), STORED, ids=[name for name, _ in STORED])
def test_a_stored_picture_and_its_data_belong_together(name: str, output: Any) -> None:
    """Book and decks draw from the data: they would show another picture than the notebook."""
    view = explore.rebuild(output.metadata["image/png"])
    assert repr(view) == output.data["text/plain"]
    stored, drawn = (
        np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=float)
        for png in (base64.b64decode(output.data["image/png"]), view.png())
    )
    assert stored.shape == drawn.shape
    assert np.abs(stored - drawn).mean() < 1  # of 255: letters may be smoothed otherwise


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
    monkeypatch.setattr(_explorer, "display", page.display)
    monkeypatch.setattr(_explorer, "DisplayHandle", page.handle)
    return page


@every_view
def test_the_picture_stands_first_and_every_control_moves_it_at_each_end(
    page: Page, make: Make
) -> None:
    show(make())
    view, box = page.outputs
    assert isinstance(box, widgets.VBox)
    fresh = repr(view)
    for i, (control, values) in enumerate(zip(box.children, RANGES[make].values(), strict=True)):
        default = control.value
        for value in (values[-1], values[0]):
            before, drawn = page.updates, view.png()
            changed = control.value != value
            control.value = value
            assert control.value == value  # the slider reaches as far as the range
            assert page.updates == before + changed
            assert (view.png() != drawn) == changed, (i, value)
        control.value = default
        assert repr(view) == fresh


def test_the_calls_of_the_notebooks_show_their_explorer(page: Page) -> None:
    explore.normal_density()
    explore.line_fit([1, 2, 3], [1, 2, 4])
    explore.sgd_path(*examples())
    assert [type(view) for view in page.outputs[::2]] == [NormalDensity, LineFit, SgdPath]


def test_the_package_does_not_bring_widgets_and_the_drawings_are_made_without_pyplot() -> None:
    code = (
        "import sys, d2lhelpers; print({'ipywidgets', 'matplotlib'} & set(sys.modules));"
        "from d2lhelpers import explore; explore.NormalDensity().png()"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")
