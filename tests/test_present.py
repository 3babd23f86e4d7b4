"""`make present`: what an instructor finds on stage, and what it leaves alone."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from machine import need_chromium, need_make, need_packages
from nbformat.reader import NotJSONError
from notebook_checks import COURSE, ROOT, code_cells, is_explorer

need_packages("browser", "playwright")
from playwright.sync_api import Page, expect, sync_playwright

from publish import __main__ as publish
from publish import browser

need_make()
TIMEOUT = 60_000  # milliseconds: a busy machine is slow
WITH_EXPLORER = next(
    path for path in COURSE if any(map(is_explorer, nbformat.read(path, as_version=4).cells))
)


def test_a_notebook_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Catches a traceback, and a copy made for nothing."""
    assert publish.run(["present", "99"]) == 1
    assert re.fullmatch(r"present: NOTEBOOK=99: .+\n", capsys.readouterr().err)


def test_a_server_that_does_not_start_is_one_line_that_says_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a path to a log in place of a reason."""
    monkeypatch.setenv("LAB_FLAGS", "--port=nine")
    assert publish.run(["present", "03"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "expected an int, not the str 'nine'" in said


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address that `make present` opens, and the folder of the copy."""
    log = tmp_path_factory.mktemp("present") / "log"
    with log.open("w") as messages:
        process = subprocess.Popen(
            [sys.executable, "-m", "publish", "present", WITH_EXPLORER.stem[:2]],
            cwd=ROOT,
            env=os.environ | {"BROWSER": "true", "LAB_FLAGS": "--port=0"},
            stdout=messages,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(3000):
            if found := re.search(r"The copy lies in (.+); .+\n\n(\S+)\n", log.read_text()):
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        assert found, log.read_text()
        yield found[2], Path(found[1])
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) == 0, log.read_text()


@pytest.fixture(scope="module")
def page(stage: tuple[str, Path]) -> Iterator[Page]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=need_chromium(), args=list(browser.FLAGS)
        )
        page = opened.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(TIMEOUT)
        expect.set_options(timeout=TIMEOUT)
        # On a busy machine JupyterLab asks for a kernel if its list of kernels is late.
        asked = page.locator(".jp-Dialog").filter(has_text="Select Kernel")
        page.add_locator_handler(asked, lambda: asked.locator(".jp-mod-accept").click())
        page.goto(stage[0])
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        yield page
        page.screenshot(path=ROOT / "build" / "screenshots" / "present.png")
        opened.close()


def state() -> str:
    """What is changed or new in the checkout, and when each notebook was written."""
    status = subprocess.check_output(["git", "status", "--short"], cwd=ROOT, text=True)
    return status + str([(path.stat().st_mtime_ns, path.stat().st_size) for path in COURSE])


@pytest.mark.long
def test_on_stage(stage: tuple[str, Path], page: Page) -> None:
    """Catches outputs that give the answer away, small letters, side bars, a cold kernel."""
    copies = sorted(stage[1].glob("*.ipynb"))
    assert [path.name for path in copies] == [path.name for path in COURSE]
    for path in copies:
        cells = code_cells(nbformat.read(path, as_version=4))
        assert not any(cell.outputs or cell.execution_count for cell in cells)
    letters = page.locator(".jp-Cell .cm-content").first
    expect(letters).to_have_css("font-size", re.compile(r"^[2-9]\d(\.\d+)?px$"))  # 20 or more
    for bar in page.locator(".jp-SideBar, .jp-SidePanel, #jp-bottom-panel").all():
        expect(bar).to_be_hidden()
    expect(page.locator(".jp-DirListing")).to_be_hidden()


@pytest.mark.long
def test_the_explorers_move_and_the_repository_stays(stage: tuple[str, Path], page: Page) -> None:
    """Catches a copy that is the original, and sliders without a kernel behind them."""
    before = state()
    first = page.locator(".jp-CodeCell").first
    first.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("from d2lhelpers import explore\n\nexplore.normal_density()")
    page.keyboard.press("Control+Enter")
    picture, slider = first.locator("img"), first.locator("[role=slider]").first
    slider.wait_for()
    shown = str(picture.get_attribute("src"))
    slider.press("ArrowRight")
    expect(picture).not_to_have_attribute("src", shown)
    page.keyboard.press("Control+s")
    name = WITH_EXPLORER.name
    for _ in range(600):
        with suppress(NotJSONError):  # it is being written
            if "normal_density()" in str(code_cells(nbformat.read(stage[1] / name, 4))[0].source):
                break
        time.sleep(0.1)
    saved = code_cells(nbformat.read(stage[1] / name, as_version=4))
    assert saved[0].source.endswith("explore.normal_density()")
    assert state() == before


@pytest.mark.long
def test_a_kernel_that_dies_comes_back(page: Page) -> None:
    """Catches advice in the guide that does not work: dismiss, and run all above."""
    guide = (ROOT / "docs" / "instructor-guide.md").read_text(encoding="utf-8")
    assert "*Run → Run All Above Selected Cell*" in guide
    first, second = (page.locator(".jp-CodeCell").nth(number) for number in (0, 1))
    first.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("import os\n\nos.kill(os.getpid(), 9)")
    page.keyboard.press("Control+Enter")
    page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
    first.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("print(6 * 7)")
    second.locator(".cm-content").click()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Above Selected Cell").click()
    expect(first.locator(".jp-OutputArea-output")).to_have_text("42")
