"""A notebook run in a fresh kernel, whose answers are kept as they are given."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import traitlets
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from traitlets.config import Config

from classroom.grading import contents
from classroom.grading.cells import TIMEOUT, in_words, misplaced, places
from classroom.grading.course import Lesson, imports, names_in
from classroom.grading.files import UnreadableError
from classroom.grading.keeper import NOTES, Keeper

CONTEXT: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
TRANSPORT = "tcp" if sys.platform == "win32" else "ipc"  # sockets in the folder, no network
PATIENCE = 5  # seconds that an interrupted cell has to end
ANSWERS, PLACE = Path("answers"), Path("notebook")  # folders: for us, and where the notebook lies


class _Forked(KernelProvisionerBase):
    """A kernel's process that was started by hand, as jupyter_client wants to see it."""

    process = traitlets.Any()
    has_process = True

    async def poll(self) -> int | None:
        code: int | None = self.process.exitcode
        return code

    async def wait(self) -> int | None:
        self.process.join()
        return await self.poll()

    async def send_signal(self, signum: int) -> None:
        os.kill(self.process.pid, signum)

    async def kill(self, restart: bool = False) -> None:
        self.process.kill()

    async def terminate(self, restart: bool = False) -> None:
        self.process.terminate()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        raise NotImplementedError

    async def cleanup(self, restart: bool = False) -> None: ...


class _Client(NotebookClient):
    """Executes cells, and keeps none of their outputs."""

    idle = True  # whether no cell is running

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> None:
        """Wait for the end of a cell; nothing else that a kernel says is of interest."""
        if msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
            self.idle = True
            raise CellExecutionComplete
        self.idle = False


def run(content: bytes, lesson: Lesson, cell_seconds: float, seconds: float) -> dict[str, Any]:
    """Run a notebook in a fresh kernel, in the present folder, and keep the answers it gives.

    What the course imports is imported first, whether or not the notebook still does.

    Args:
        content: the notebook's file.
        lesson: the course's notebook; a function that its own cells define is no answer.
        cell_seconds: limit of time for each cell.
        seconds: limit of time for all.

    Returns:
        problem: why it was not run, or nothing; without a problem also
        answers: by the exercise's name, as `keeper.Keeper` wrote them, in base 64.
        errors: of each cell that failed, its place, source, and error.
        stopped: why not all cells were run, or nothing.
        left: the sources of the cells that were not run then.
        notes: what a checker should know of the notebook.
        about: the same of an exercise, by its name.
        misplaced: where an answer stands that is not run, by the exercise's name.
    """
    try:
        notebook = contents.notebook_of(content)
    except UnreadableError as error:
        return {"problem": str(error)}
    for folder in (ANSWERS, PLACE):
        folder.mkdir()
    (PLACE / "notebook.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    manager = AsyncKernelManager(
        connection_file=str(Path("kernel.json").absolute()), transport=TRANSPORT
    )
    manager.write_connection_file()
    process = CONTEXT.Process(target=_serve, args=(manager.connection_file, lesson))
    process.start()
    manager.provisioner = _Forked(process=process)
    client = _Client(
        notebook,
        km=manager,
        startup_timeout=60,
        allow_errors=True,
        interrupt_on_timeout=True,
        error_on_timeout={"ename": TIMEOUT, "evalue": "it was interrupted, as it took too long"},
        iopub_timeout=PATIENCE,
    )
    where = places(notebook.cells)
    ran = asyncio.run(_cells(client, where, cell_seconds, time.monotonic() + seconds))
    process.kill()
    process.join()
    kept = {path.name: path.read_bytes() for path in ANSWERS.glob("*")}
    notes = json.loads(kept.pop(NOTES, b"{}"))
    answers = {name: base64.b64encode(data).decode() for name, data in kept.items()}
    replaced = [f"replaced in the notebook: {name}" for name in notes.get("replaced", [])]
    in_order = [place for place, cell in zip(where, notebook.cells, strict=True) if _runs(cell)]
    return {
        "problem": "",
        "answers": answers,
        "notes": [*_added(notebook.cells, lesson), *replaced],
        "about": {
            name: _several(given, in_order) for name, given in notes.get("answers", {}).items()
        },
        "misplaced": {name: misplaced(notebook.cells, name) for name in lesson.exercises},
        **ran,
    }


def _runs(cell: Any) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


def _several(given: Sequence[tuple[int, str]], in_order: Sequence[str]) -> str:
    """Say which answer counts, if there are different ones."""
    different = len({does for _, does in given})
    if different < 2:
        return ""
    return f"{different} different answers; the one in {in_order[given[-1][0] - 1]} counts"


def _added(cells: Sequence[Any], lesson: Lesson) -> list[str]:
    """Say which of the course's imports a notebook needs and does not have."""
    sources = [cell.source for cell in cells if _runs(cell)]
    bound = {name for source in sources for name in imports(source)}
    used = {name for source in sources for name in names_in(source)}
    ours = imports("\n".join(lesson.imports))
    lacking = ", ".join(name for name in ours if name in used - bound)
    return [f"the notebook does not import {lacking}: that was done for it"] if lacking else []


async def _cells(
    client: _Client, where: Sequence[str], cell_seconds: float, deadline: float
) -> dict[str, Any]:
    errors: list[dict[str, Any]] = []

    def note(cell: Any, cell_index: int, execute_reply: dict[str, Any]) -> None:
        said = execute_reply["content"]
        error = in_words(f"{said['ename']}: {said['evalue']}")[:300]
        errors.append({"place": where[cell_index], "source": cell.source, "error": error})

    client.on_cell_error = note
    stopped, index, cells = "", 0, client.nb.cells
    async with client.async_setup_kernel():
        for index, cell in enumerate(cells):
            left = deadline - time.monotonic()
            if left < 1:
                stopped = f"the time was over before {where[index]}"
                break
            client.timeout = int(min(cell_seconds, left))
            client.idle = True
            try:
                await client.async_execute_cell(cell, index)
            except DeadKernelError:
                stopped = f"{where[index]} ended the kernel"
                break
            if not client.idle:
                stopped = f"{where[index]} took too long and could not be interrupted"
                break
    left_over = [cell.source for cell in cells[index:]] if stopped else []
    return {"errors": errors, "stopped": stopped, "left": left_over}


class Nowhere(io.TextIOBase):
    """A stream that forgets what is printed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what ipykernel gives to its streams."""

    def write(self, text: str) -> int:
        """Forget a text."""
        return len(text)


def _serve(connection_file: str, lesson: Lesson) -> None:
    """Be the kernel, from here to the end of the process."""
    from ipykernel.kernelapp import IPKernelApp

    keeper = Keeper(list(lesson.exercises), list(lesson.cells), ANSWERS.absolute())
    os.chdir(PLACE)
    os.closerange(3, 256)  # the pipes of the process that this was forked from
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config = Config()
    config.IPKernelApp.connection_file = connection_file
    config.IPKernelApp.outstream_class = f"{__name__}.Nowhere"
    config.IPKernelApp.log_level = 50
    config.IPKernelApp.exec_lines = list(lesson.imports)
    config.InteractiveShell.ast_node_interactivity = "none"  # and values are not shown
    config.DisplayFormatter.active_types = ["text/plain"]  # nor are pictures drawn
    config.HistoryManager.hist_file = ":memory:"
    app = IPKernelApp.instance(config=config)
    app.initialize([])
    keeper.watch(app.shell)
    app.start()
