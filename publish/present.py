"""`make present`: JupyterLab for a stage, on a copy of the notebooks without outputs.

One document fills the window, in letters for the back row. The kernel runs and PyTorch is imported
before the page opens. Settings, workspace and copy lie in a new folder, so that nothing of the
repository and nothing of the presenter's own JupyterLab changes.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyterlab_server.workspaces_handler import WorkspacesManager

from classroom import lab, workspace
from publish import notebooks
from publish.notebooks import PublishError

PATIENCE = 120  # seconds: a busy machine is slow
SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/themes": {
        "overrides": {
            "code-font-size": "20px",  # of outputs too; 88 letters fit into 1280 pixels
            "content-font-size1": "21px",
            "ui-font-size1": "16px",
        }
    },
    "statusbar-extension/plugin": {"visible": False},
}
NO_SIDE = {"collapsed": True, "visible": False, "widgets": []}
WORKSPACE = {
    "metadata": {"id": "default"},
    "data": {"layout-restorer:data": {"left": NO_SIDE, "right": NO_SIDE}},
}


def main(chosen: str = "") -> None:
    """Serve a fresh copy and open it, until Ctrl-C.

    Raises:
        PublishError: If there is no such notebook, or JupyterLab does not start.
    """
    name = notebooks.discover(chosen)[0].name
    stage = Path(tempfile.mkdtemp(prefix="on-stage-"))
    workspace.update(notebooks.NOTEBOOKS, stage / "notebooks")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # the server ends with us
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell ignores it
    lab.say_if_root()
    with contextlib.suppress(KeyboardInterrupt), server(stage) as (address, token):
        warm_up(stage, address, token, name)
        page = f"{address}doc/tree/{name}?token={token}"
        print(f"The copy lies in {stage / 'notebooks'}; Ctrl-C ends it. On stage:")
        print(f"\n{page}", flush=True)
        webbrowser.open(page)
        while True:
            time.sleep(1)


@contextlib.contextmanager
def server(stage: Path) -> Iterator[tuple[str, str]]:
    """Run JupyterLab with settings of its own; yield its address and its token."""
    for name, values in SETTINGS.items():
        file = stage / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    WorkspacesManager(str(stage / "workspaces")).save("default", json.dumps(WORKSPACE))
    folders = {
        "JUPYTERLAB_SETTINGS_DIR": stage / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": stage / "workspaces",
        "JUPYTER_CONFIG_DIR": stage / "config",
        "JUPYTER_RUNTIME_DIR": stage / "runtime",
    }
    command = [sys.executable, "-m", "jupyterlab", *lab.flags(), "--no-browser"]
    command += [
        f"--notebook-dir={stage / 'notebooks'}",
        *shlex.split(os.environ.get("LAB_FLAGS", "")),
    ]
    with (stage / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            env=os.environ | {name: str(folder) for name, folder in folders.items()},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us, who end it then
        )
    try:
        yield answering(process, stage)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def answering(process: subprocess.Popen[bytes], stage: Path) -> tuple[str, str]:
    """Wait until the server answers; return its address and its token."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        for file in stage.glob("runtime/jpserver-*.json"):
            with contextlib.suppress(ValueError, OSError):  # not written yet, not answering yet
                told = json.loads(file.read_text(encoding="utf-8"))
                ask(f"{told['url']}api/status", told["token"])
                return told["url"], told["token"]
        time.sleep(0.2)
    said = (stage / "log").read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line.strip() for line in reversed(said) if line.strip()), "it said nothing")
    raise PublishError(f"JupyterLab did not start: {last} (its log: {stage / 'log'})")


def warm_up(stage: Path, address: str, token: str, name: str) -> None:
    """Start the notebook's kernel and import what takes long."""
    wanted = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
    kernel = ask(f"{address}api/sessions", token, wanted)["kernel"]["id"]
    client = BlockingKernelClient()
    client.load_connection_file(str(stage / "runtime" / f"kernel-{kernel}.json"))
    client.start_channels()
    try:
        imports = "import torch, matplotlib.pyplot, d2lhelpers.explore"
        client.execute(imports, silent=True, reply=True, timeout=PATIENCE)
    finally:
        client.stop_channels()


def ask(address: str, token: str, body: dict[str, Any] | None = None) -> Any:
    """Return what the server answers, as JSON; a body is posted."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)
