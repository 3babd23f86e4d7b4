"""The notebooks as students meet them: in JupyterLab, in a browser, with nothing from outside."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from machine import need_chromium, need_packages
from nbformat import NotebookNode
from notebook_checks import COURSE, ROOT, code_cells, is_explorer

need_packages("browser", "playwright")
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLong

CHROMIUM = need_chromium()
SCREENSHOTS = ROOT / "build" / "screenshots"  # of pages as they were left by a test that failed
TIMEOUT = 240_000  # milliseconds: notebook 06 takes 40 s, and a busy machine is slow
expect.set_options(timeout=TIMEOUT)

# For an exercise of each notebook what is typed in place of the dots: wrong answers, with words of
# the advice that each gets, and a right one. Between them stands a hint, with words of it.
ANSWERS: dict[str, tuple[dict[str, str], str, str]] = {
    "mse_vectorized": (
        {"return ((y_hat - y) ** 2).mean()": "squares of all n × n differences"},
        "How many differences do you want?",
        "return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean()",
    ),
    "fit_normal": (
        {"return samples.mean(), samples.std()": "divides by n - 1"},
        "What sigma makes the samples most likely?",
        "return samples.mean(), samples.std(correction=0)",
    ),
    "minibatch_count": (
        {
            "return num_examples // batch_size": "the last, smaller batch is left out",
            "return num_examples // batch_size + 1": "there is no smaller last batch",
            "return num_examples / batch_size": "This is the fraction itself.",
            "return len(range(num_examples), batch_size)": "TypeError",
        },
        "How many batches do 10 examples make",
        "return len(range(0, num_examples, batch_size))",
    ),
    "count_parameters": (
        {"return len(list(net.parameters()))": "`(1 for parameter in net.parameters())`"},
        "net.parameters() yields the tensors",
        "return sum(parameter.numel() for parameter in net.parameters())",
    ),
    "fold_back": (
        {"return w / std[:, None], b": "as if `b` stood where `b - mean @ weights` belongs"},
        "what multiplies x, and what is left?",
        "weights = w / std[:, None]\n    return weights, b - mean @ weights",
    ),
    "worker_pieces": (
        {
            "return pieces": "as if `pieces` stood where `pieces[worker::num_workers]` belongs",
            "return pieces[worker + 1 :: num_workers]": "`worker + 1` stands in your code",
        },
        "which positions does player 1 get?",
        "return pieces[worker::num_workers]",
    ),
}


def read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def exercise_in(cell: NotebookNode) -> str:
    """The name of the exercise that a cell's last line checks, if any."""
    found = re.search(r"^exercises\.(\w+)\.check\(\1\)\s*\Z", cell.source, re.MULTILINE)
    return found[1] if found else ""


def has(path: Path, kind: Callable[[NotebookNode], object]) -> bool:
    return any(map(kind, code_cells(read(path))))


WHOLE = next(path for path in COURSE if has(path, is_explorer) and has(path, exercise_in))


def each(*kinds: Callable[[NotebookNode], object]) -> pytest.MarkDecorator:
    """The notebooks that have cells of these kinds; all but one of them are `long`."""
    paths = [path for path in COURSE if all(has(path, kind) for kind in kinds)]
    params = [
        pytest.param(
            path, id=path.stem, marks=[] if path == WHOLE else [pytest.mark.long, pytest.mark.alone]
        )
        for path in paths
    ]
    return pytest.mark.parametrize("lab", params, indirect=True)


class Lab:
    """A notebook in JupyterLab: what a student does with it."""

    READY = """() => {
        const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
        return context?.isReady && context.session?.kernel?.status === "idle";
    }"""
    # A command of the menus, called in a way that tells when it is done.
    DO = """([command, timeout]) => Promise.race([
        jupyterapp.commands.execute(command).then(() => null),
        new Promise((_, fail) => setTimeout(() => fail(`${command} takes too long`), timeout)),
    ])"""
    GO_TO = """async index => {
        const notebook = jupyterapp.shell.currentWidget.content;
        notebook.activeCellIndex = index;
        await notebook.scrollToItem(index, "center");
    }"""

    def __init__(self, page: Page, address: str, path: Path) -> None:
        """Open a notebook, clear it, run it from top to bottom, and save it."""
        self.page, self.path, self.requests = page, path, list[str]()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.goto(address.replace("/lab?", f"/lab/tree/{path.name}?reset&"))
        page.wait_for_function(self.READY)
        self.do("notebook:clear-all-cell-outputs")
        assert not any(cell.outputs for cell in code_cells(self.saved()))
        self.do("notebook:run-all-cells")
        self.notebook = self.saved()
        self.count = len(code_cells(self.notebook))  # how many cells were run

    def do(self, command: str) -> None:
        self.page.evaluate(self.DO, [command, TIMEOUT])

    def saved(self) -> NotebookNode:
        self.do("docmanager:save")
        return read(self.path)

    def bring(self, index: int) -> Locator:
        """Bring a cell into view; others may not be on the page."""
        self.page.evaluate(self.GO_TO, index)
        return self.page.locator(f'.jp-Notebook [data-windowed-list-index="{index}"]')

    def run(self, index: int, source: str) -> str:
        """Type a cell anew, run it, and return the text that it shows."""
        cell = self.bring(index)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")
        self.count += 1
        expect(cell.locator(".jp-InputPrompt")).to_have_text(f"[{self.count}]:")
        stored = self.saved().cells[index]
        assert stored.source == source
        (output,) = stored.outputs
        text: str = output.data["text/plain"]
        shown = cell.locator(".jp-OutputArea-output")
        for line in text.replace("`", "").splitlines()["text/html" in output.data :]:
            expect(shown).to_contain_text(line.strip())
        return text

    def outside(self) -> set[str]:
        """What was asked of other machines."""
        own = {"localhost", None}  # None: of data: and blob:, which hold their content
        return {url for url in self.requests if urlsplit(url).hostname not in own}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """JupyterLab as `make lab` starts it, on an empty folder: its address and the folder."""
    folder, own = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    flags = re.findall(r"--(?:Server|Lab)App\S+", (ROOT / "Makefile").read_text(encoding="utf-8"))
    flags += ["--no-browser", "--port=0", "--allow-root", "--LabApp.expose_app_in_browser=True"]
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    log = own / "log"
    with log.open("w") as messages:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *flags, f"--notebook-dir={folder}"],
            env=os.environ | {name: str(own / name) for name in folders},
            stdout=messages,
            stderr=subprocess.STDOUT,
        )
    try:
        yield address_in(log, process), folder
    finally:
        process.terminate()
        process.wait(timeout=30)


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait until the server answers at the address that it announces, a moment too early."""
    for _ in range(600):
        if found := re.search(r"http://localhost:\d+/lab\?token=\w+(?=\n)", log.read_text()):
            with contextlib.suppress(OSError), urllib.request.urlopen(found[0]):
                return found[0]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise TimeoutError(log.read_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(TIMEOUT)
        yield context
        chromium.close()


@pytest.fixture(scope="module")
def lab(
    request: pytest.FixtureRequest, server: tuple[str, Path], browser: BrowserContext
) -> Iterator[Lab]:
    """A copy of a notebook, cleared and run from top to bottom; its tests share it."""
    address, folder = server
    page = browser.new_page()
    failed = request.session.testsfailed
    try:
        yield Lab(page, address, Path(shutil.copy(request.param, folder)))
    finally:
        if sys.exc_info()[0] or request.session.testsfailed > failed:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{request.param.stem}.png")
    page.evaluate("void jupyterapp.shell.currentWidget.sessionContext.session.shutdown()")
    page.close()


@each()
def test_every_cell_runs_and_nothing_complains(lab: Lab) -> None:
    cells = code_cells(lab.notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert [out for out in outputs if "error" in out.output_type or "stderr" in out.values()] == []
    assert lab.outside() == set()
    if Path(sys.prefix, ".ready").exists():  # made by `make setup`, which switches this off
        expect(lab.page.get_by_text("official Jupyter news")).to_have_count(0)


@each()
def test_a_marked_term_stands_out(lab: Lab) -> None:
    """Catches a JupyterLab that takes the mark away, or does not show it."""
    marked = [place for place, cell in enumerate(lab.notebook.cells) if "<dfn>" in cell.source]
    expect(lab.bring(marked[0]).locator("dfn").first).to_have_css("font-style", "italic")


CHANGED = "([cell, before]) => ![undefined, before].includes(cell.querySelector('img')?.src)"


@each(is_explorer)
def test_every_slider_moves_its_picture(lab: Lab) -> None:
    for index, cell in enumerate(lab.notebook.cells):
        if not is_explorer(cell):
            continue
        explorer = lab.bring(index)
        picture = explorer.locator("img")
        controls = explorer.locator("[role=slider], input[type=checkbox]")
        expect(controls, cell.source).to_have_count(2)  # in each explorer of the course
        for number, control in enumerate(controls.all(), start=1):
            box = control.get_attribute("type") == "checkbox"
            for key in ["Space", "Space"] if box else ["ArrowRight", "ArrowLeft", "End", "Home"]:
                before = picture.get_attribute("src")
                control.press(key)
                try:
                    lab.page.wait_for_function(CHANGED, arg=[explorer.element_handle(), before])
                except TookTooLong:
                    pytest.fail(f"{cell.source}: {key} on control {number} changes nothing")
    assert lab.outside() == set()


@each(exercise_in)
def test_an_exercise_is_got_wrong_and_then_right(lab: Lab) -> None:
    places = {exercise_in(cell): place for place, cell in enumerate(lab.notebook.cells)}
    (name,) = places.keys() & ANSWERS.keys()
    place, stub = places[name], lab.notebook.cells[places[name]].source
    wrong, hint, right = ANSWERS[name]
    for answer, advice in wrong.items():
        feedback = lab.run(place, stub.replace("...", answer))
        assert feedback.startswith(f"{name}: not yet right.\n")
        assert advice in feedback
    assert hint in lab.run(place, f"{stub}\nexercises.{name}.hint()")
    assert lab.run(place, stub.replace("...", right)).startswith(f"{name}: right.")
    assert lab.outside() == set()
