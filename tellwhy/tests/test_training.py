"""The checkup says why a training loop does not learn, and changes nothing in it."""

import contextlib
import io
import linecache
import math
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tellwhy.training import Report, checkup
from tellwhy.training.sentences import SAID
from torch import nn, overrides
from torch.optim import optimizer as optimizers

LOOPS = sorted((Path(__file__).parent / "loops").glob("*.py"))
SLOW = {"52", "55", "65", "68", "74", "79", "81"}  # many trials, or many steps
CASES = [pytest.param(p, marks=[pytest.mark.long] * (p.name[:2] in SLOW)) for p in LOOPS]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """On a busy machine, threads of such small sums wait for each other for most of the time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def expected(path: Path) -> str:
    found = re.search(r"^# identifier: (\S+)$", path.read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1]


def told(path: Path) -> str:
    """Return the sentences that end the file of a loop, in one line; not all have them."""
    _, _, text = path.read_text("utf-8").partition("\n# told: ")
    return " ".join(text.replace("\n#", " ").split())


NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?(?!\w)")


def numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


def run(path: Path, *, watched: bool) -> dict[str, Any]:
    """Run a script, with the region between its two marks under the checkup."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    first, last = lines.index("# BEGIN\n"), lines.index("# END\n")
    lines[first] = "with checkup() as report:\n" if watched else "if True:\n"
    lines[first + 1 : last] = [f"    {line}" for line in lines[first + 1 : last]]
    name, text = f"<{path.name}, watched: {watched}>", "".join(lines)
    linecache.cache[name] = (len(text), None, lines, name)  # such as IPython keeps of its cells
    names: dict[str, Any] = {"__name__": "__main__", "checkup": checkup}
    printed, names["error"] = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(text, name, "exec"), names)
        except RuntimeError as error:
            names["error"] = repr(error)
    names["printed"] = printed.getvalue()
    return names


def bits(names: dict[str, Any]) -> dict[str, Any]:
    """Return all numbers of a script's names, to the last bit."""
    found: dict[str, Any] = {}
    for name, value in names.items():
        tensors = value.state_dict() if isinstance(value, nn.Module) else {"": value}
        for key, tensor in tensors.items():
            if isinstance(tensor, torch.Tensor):
                grad = tensor.grad if tensor.is_leaf else None
                found[name + key] = [
                    part if part is None else part.detach().double().numpy().tobytes()
                    for part in (tensor, grad)
                ]
        if isinstance(value, int | float | list):
            found[name] = repr(value)
    return found | {"error": names["error"]}


@pytest.mark.filterwarnings("ignore::UserWarning")  # of some slips PyTorch warns itself
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_cause_is_told_first_and_nothing_is_changed(path: Path) -> None:
    bare, watched = run(path, watched=False), run(path, watched=True)
    report = watched.pop("report")
    names = [finding.name for finding in report.findings]
    assert (names or ["none"]) == [expected(path)]
    if sentences := told(path):
        said = " ".join(str(report).split())
        assert NUMBER.sub("0", said) == NUMBER.sub("0", sentences)
        # Another processor rounds otherwise, and what is nearly zero is anything.
        assert numbers(said) == pytest.approx(numbers(sentences), rel=0.05, abs=1e-9)
    assert bits(bare) == bits(watched)
    assert watched["printed"].replace(f"{report}\n", "") == bare["printed"]
    assert f"{report}\n" in watched["printed"]


def test_the_loops_are_many_and_each_names_cause_and_source() -> None:
    assert len(LOOPS) >= 40
    for path in LOOPS:
        text = path.read_text("utf-8")
        assert text.startswith("# cause: ")
        assert "\n# source:" in text
        assert expected(path) in {*SAID, "none"}
    for name in SAID:
        assert sum(expected(path) == name and told(path) != "" for path in LOOPS) >= 2, name


def line(steps: int, rate: float = 0.1) -> Report:
    """Fit a line by hand, under the checkup."""
    x = torch.linspace(-1, 1, 20)
    w = torch.zeros(1, requires_grad=True)
    with checkup() as report:
        for _ in range(steps):
            loss: Any = ((x * w - 3 * x) ** 2).mean()
            loss.backward()
            w.data -= rate * (w.grad if w.grad is not None else 0)
            w.grad = None
    return report


def test_what_is_found_is_told_as_text_as_html_and_as_a_figure() -> None:
    report = line(60, rate=8.0)
    assert str(report).startswith("The learning rate of 8 is too large: the loss went from 3.32 ")
    assert report.findings[0].parameters["rate"] == "8"
    assert report.findings[0].sentence == str(report)
    html = report._repr_html_()
    assert ">rate-too-large<" in html
    assert "<script" not in html


def test_the_figure_has_the_loss_and_both_yardsticks() -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    report = line(60)
    ax = report.plot()
    assert [curve.get_label() for curve in ax.lines] == [
        "loss", "always the mean", "best linear model",
    ]  # fmt: skip
    drawn: list[Any] = [curve.get_ydata() for curve in ax.lines]
    assert list(drawn[0]) == [loss for _, loss in report.losses]
    assert drawn[1][0] == report.mean > report.best == drawn[2][0] >= 0
    plt.close("all")


def test_the_yardsticks_are_those_of_least_squares() -> None:
    X = torch.randn(50, 3, generator=torch.Generator().manual_seed(1))
    y = X.sum(1, keepdim=True) + torch.sin(5 * X[:, :1])
    net = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with checkup() as report:
        for i in [0, 25] * 100:
            optimizer.zero_grad()
            ((net(X[i : i + 25]) - y[i : i + 25]) ** 2).mean().backward()
            optimizer.step()
    table = torch.cat([X, torch.ones(50, 1)], 1).double()
    left = y.double() - table @ torch.linalg.lstsq(table, y.double()).solution
    assert report.best == pytest.approx(float((left**2).mean()))
    assert report.mean == pytest.approx(float(y.var(correction=0)))
    assert "on the 50 rows seen" in str(report)


@pytest.mark.filterwarnings("ignore::UserWarning")  # PyTorch warns of the shapes itself
@pytest.mark.parametrize("size", [50, 10])
def test_the_yardsticks_of_a_loss_that_broadcasts_are_those_of_its_rows(size: int) -> None:
    X = torch.randn(50, 3, generator=torch.Generator().manual_seed(1))
    y = X.sum(1) + torch.sin(5 * X[:, 0])
    net = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with checkup() as report:
        for i in range(0, 50, size):
            optimizer.zero_grad()
            ((net(X[i : i + size]) - y[i : i + size]) ** 2).mean().backward()
            optimizer.step()
    table = torch.cat([X, torch.ones(50, 1)], 1).double()
    left = y.double() - table @ torch.linalg.lstsq(table, y.double()).solution
    assert [finding.name for finding in report.findings] == ["broadcast-loss"]
    assert report.mean == pytest.approx(float(y.var(correction=0)))
    assert report.best == pytest.approx(float((left**2).mean()))


def test_there_is_no_yardstick_where_the_loss_is_not_a_squared_one() -> None:
    path = next(path for path in LOOPS if path.stem == "48_absolute_errors")
    report = run(path, watched=True)["report"]
    assert math.isnan(report.mean)
    assert "There is no yardstick" in str(report)


def test_an_error_in_the_loop_is_raised_after_the_report(capsys: Any) -> None:
    weight: Any = torch.ones(1, requires_grad=True)
    with pytest.raises(ZeroDivisionError), checkup() as report:
        print(weight.sum().backward(), 1 / 0)
    assert len(report.losses) == 1
    assert str(report) in capsys.readouterr().out


def nothing_is_left() -> bool:
    modes: Any = overrides._get_current_function_mode_stack
    hooks: Any = vars(optimizers)
    names = ("_global_optimizer_pre_hooks", "_global_optimizer_post_hooks")
    return not modes() and not any(hooks[name] for name in names) and sys.getprofile() is None


@pytest.mark.parametrize("steps", [1, 60, 500])
def test_nothing_is_left_behind(steps: int) -> None:
    line(steps)
    assert nothing_is_left()
    net = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

    def train() -> None:
        for step in range(steps):
            net(torch.ones(3, 2 + (step == steps - 1))).sum().backward()
            optimizer.step()

    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"), checkup():
        train()
    assert nothing_is_left()


def test_a_checkup_inside_another_one_is_refused_and_ends_nothing() -> None:
    weight: Any = torch.ones(1, requires_grad=True)
    with checkup() as report:
        with pytest.raises(RuntimeError, match="running already"), checkup():
            pass
        weight.sum().backward()
    assert report.losses == [(0, 1.0)]


def test_where_nothing_was_trained_nothing_is_found() -> None:
    with checkup() as report:
        torch.ones(3).sum()
    assert report.findings == ()
    assert str(report).startswith("Nothing was trained")
    assert ">no finding<" in report._repr_html_()


def test_an_error_of_the_checkup_is_not_one_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tellwhy.training.report.Fit", lambda watch: 1 / 0)
    report = line(5)
    assert report.findings == ()
    assert "ZeroDivisionError" in str(report)


def test_random_numbers_are_those_that_come_without() -> None:
    def drawn(watched: bool) -> Any:
        torch.manual_seed(3)
        net = nn.Sequential(nn.Linear(3, 8), nn.Dropout(), nn.Linear(8, 1))
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        with checkup() if watched else contextlib.nullcontext():
            for _ in range(20):
                loss = net(torch.randn(16, 3)).square().mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return loss.item(), torch.rand(1).item()

    assert drawn(watched=True) == drawn(watched=False)


CELL = """import torch
w = torch.ones(1, requires_grad=True)
for _ in range(5):
    (w * 2).sum().backward()
"""


def test_a_cell_is_run_under_the_checkup() -> None:
    pytest.importorskip("IPython")
    command = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("from tellwhy.training import checkup", silent=True).raise_error()
shell.run_cell("%%checkup" + chr(10) + {CELL!r}).raise_error()
"""
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert "no parameter has moved" in done.stdout, done.stderr
    assert "(line 4)" in done.stdout


def test_a_script_is_run_under_the_checkup(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(f"import sys\n{CELL}\nprint(sys.argv[1:], __name__)\n")
    command = [sys.executable, "-m", "tellwhy", str(script), "--rate", "3"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.startswith("['--rate', '3'] __main__\nGradients were computed 5 times"), done


def test_the_report_of_a_loop_by_hand_imports_nothing_large() -> None:
    """Catches a function of PyTorch that imports SymPy, for more than a second, when called."""
    loop = CELL.replace("(w * 2)", "(w * torch.ones(5, 1) - torch.ones(5)).square()")
    command = f"""
from tellwhy.training import checkup
with checkup() as report:
{textwrap.indent(loop, "    ")}
import sys
print(report.findings[0].name, "sympy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ["broadcast-loss False"], done


def test_the_readme_lists_what_can_be_found() -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    for name, sentence in SAID.items():
        assert f"| `{name}` | {' '.join(sentence.split())} |" in text


SHAPED = [
    lambda t: t.squeeze(1).unsqueeze(1),
    lambda t: t.view(-1).view(-1, 1),
    lambda t: t.flatten().reshape(-1, 1),
    lambda t: t[:, 0][:, None],
]


@pytest.mark.parametrize("shaped", SHAPED)
def test_the_shape_that_an_output_is_given_hides_no_cause(shaped: Any) -> None:
    torch.manual_seed(1)
    x = torch.rand(20, 1)
    net = nn.Sequential(nn.Linear(1, 4), nn.Linear(4, 1), nn.Sigmoid())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    with checkup() as report:
        for _ in range(30):
            optimizer.zero_grad()
            loss: Any = nn.functional.mse_loss(shaped(net(x)), 50 + 200 * x)
            loss.backward()
            optimizer.step()
    assert [one.name for one in report.findings] == ["bounded-output"]


def test_what_is_changed_in_place_is_trained_on_again() -> None:
    """Catches the other argument in place of the changed one, so that no rate is tried."""
    torch.manual_seed(1)
    x, ones = torch.randn(20, 1), torch.ones(20, 1)
    net = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=3)
    with checkup() as report:
        for _ in range(30):
            optimizer.zero_grad()
            loss: Any = nn.functional.mse_loss(net(x).add_(ones), 2 * x)
            loss.backward()
            optimizer.step()
    assert [one.name for one in report.findings] == ["rate-too-large"]
    assert "the same batches" in report.findings[0].sentence


@pytest.mark.parametrize(("rate", "cause"), [(0.03, "healthy"), (3.0, "rate-too-large")])
def test_a_model_that_is_moved_after_it_is_made_is_looked_at(rate: float, cause: str) -> None:
    """Catches first values of another type, or on another device, than the ones trained on."""
    X = torch.randn(200, 2, generator=torch.Generator().manual_seed(0)).double()
    y = X.sum(1, keepdim=True) + 4
    with checkup() as report:
        net = nn.Linear(2, 1).double()
        optimizer = torch.optim.SGD(net.parameters(), lr=rate)
        for _ in range(60):
            loss = ((net(X) - y) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert [finding.name for finding in report.findings] == [cause]
