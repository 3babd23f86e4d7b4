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
import warnings
from pathlib import Path
from typing import Any

import nbformat
import traitlets
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from traitlets.config import Config

from classroom.grading.keeper import NOTES, Keeper

CONTEXT: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
TRANSPORT = "tcp" if sys.platform == "win32" else "ipc"  # sockets in the folder, no network
PATIENCE = 5  # seconds that an interrupted cell has to end
ANSWERS, PLACE = Path("answers"), Path("notebook")  # folders: for us, and where the notebook lies


class UnreadableError(ValueError):
    """A file that is no notebook."""


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


def run(
    content: str, names: list[str], course: list[str], cell_seconds: float, seconds: float
) -> dict[str, Any]:
    """Run a notebook in a fresh kernel, in the present folder, and keep the answers it gives.

    Args:
        content: the notebook's file.
        names: of its exercises.
        course: sources of the course's own cells; a function defined there is no answer.
        cell_seconds: limit of time for each cell.
        seconds: limit of time for all.

    Returns:
        problem: why it was not run, or nothing; without a problem also
        answers: by the exercise's name, as `keeper.Keeper` wrote them, in base 64.
        errors: of each cell that failed, its number, source, and error.
        stopped: why not all cells were run, or nothing.
        notes: what the notebook did to the process that a checker should know.
    """
    try:
        notebook = read(content)
    except UnreadableError as error:
        return {"problem": str(error)}
    for folder in (ANSWERS, PLACE):
        folder.mkdir()
    (PLACE / "notebook.ipynb").write_text(content, encoding="utf-8", errors="replace")
    manager = AsyncKernelManager(
        connection_file=str(Path("kernel.json").absolute()), transport=TRANSPORT
    )
    manager.write_connection_file()
    process = CONTEXT.Process(target=_serve, args=(manager.connection_file, names, course))
    process.start()
    manager.provisioner = _Forked(process=process)
    client = _Client(
        notebook,
        km=manager,
        startup_timeout=60,
        allow_errors=True,
        interrupt_on_timeout=True,
        error_on_timeout={"ename": "Timeout", "evalue": "it was interrupted, as it took too long"},
        iopub_timeout=PATIENCE,
    )
    errors, stopped = asyncio.run(_cells(client, cell_seconds, time.monotonic() + seconds))
    process.kill()
    process.join()
    kept = {path.name: path.read_bytes() for path in ANSWERS.glob("*")}
    notes = json.loads(kept.pop(NOTES, b"[]"))
    answers = {name: base64.b64encode(data).decode() for name, data in kept.items()}
    return {
        "problem": "",
        "answers": answers,
        "errors": errors,
        "stopped": stopped,
        "notes": notes,
    }


async def _cells(
    client: _Client, cell_seconds: float, deadline: float
) -> tuple[list[dict[str, Any]], str]:
    errors: list[dict[str, Any]] = []

    def note(cell: Any, cell_index: int, execute_reply: dict[str, Any]) -> None:
        said = execute_reply["content"]
        error = f"{said['ename']}: {said['evalue']}"[:300]
        errors.append({"cell": cell_index + 1, "source": cell.source, "error": error})

    client.on_cell_error = note
    async with client.async_setup_kernel():
        for index, cell in enumerate(client.nb.cells):
            left = deadline - time.monotonic()
            if left < 1:
                return errors, f"the time was over before cell {index + 1}"
            client.timeout = int(min(cell_seconds, left))
            client.idle = True
            try:
                await client.async_execute_cell(cell, index)
            except DeadKernelError:
                return errors, f"cell {index + 1} ended the kernel"
            if not client.idle:
                return errors, f"cell {index + 1} took too long and could not be interrupted"
    return errors, ""


def read(content: str) -> Any:
    """Return a file's content as a notebook of the present format.

    Raises:
        UnreadableError: it is none, with the reason.

    Example:
        >>> read("")
        Traceback (most recent call last):
            ...
        classroom.grading.kernel.UnreadableError: the file is empty
    """
    if not content.strip():
        raise UnreadableError("the file is empty")
    try:
        json.loads(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook: Any = nbformat.reads(content, as_version=4)
        for cell in notebook.cells:
            cell.setdefault("metadata", nbformat.NotebookNode())
            if not isinstance(cell.source, str) or not isinstance(cell.cell_type, str):
                raise TypeError("a cell without text")
    except json.JSONDecodeError as error:
        raise UnreadableError(f"broken JSON, line {error.lineno}") from None
    except Exception as error:
        raise UnreadableError(f"no notebook ({type(error).__name__})") from None
    return notebook


class Nowhere(io.TextIOBase):
    """A stream that forgets what is printed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what ipykernel gives to its streams."""

    def write(self, text: str) -> int:
        """Forget a text."""
        return len(text)


def _serve(connection_file: str, names: list[str], course: list[str]) -> None:
    """Be the kernel, from here to the end of the process."""
    from ipykernel.kernelapp import IPKernelApp

    keeper = Keeper(names, course, ANSWERS.absolute())
    os.chdir(PLACE)
    os.closerange(3, 256)  # the pipes of the process that this was forked from
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config = Config()
    config.IPKernelApp.connection_file = connection_file
    config.IPKernelApp.outstream_class = f"{__name__}.Nowhere"
    config.IPKernelApp.log_level = 50
    config.InteractiveShell.ast_node_interactivity = "none"  # and values are not shown
    config.DisplayFormatter.active_types = ["text/plain"]  # nor are pictures drawn
    config.HistoryManager.hist_file = ":memory:"
    app = IPKernelApp.instance(config=config)
    app.initialize([])
    keeper.watch(app.shell)
    app.start()
