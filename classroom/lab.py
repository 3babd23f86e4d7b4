"""JupyterLab on this machine alone and with its token: `python -m classroom.lab FOLDER`.

The address to open is said last, on a line of its own, for whoever has no browser here.
"""

import os
import sys
import webbrowser
from collections.abc import Sequence

from jupyterlab.labapp import LabApp

from classroom import curtain

FLAGS = (
    "--ServerApp.ip=localhost",
    "--Application.log_level=WARN",
    "--LanguageServerManager.autodetect=False",  # there are none
)
AS_ROOT = "You are root: JupyterLab is started with --allow-root, on localhost and with its token."


def is_root() -> bool:
    """Tell whether this is root, for whom JupyterLab refuses to start by itself."""
    return sys.platform != "win32" and os.geteuid() == 0


def flags() -> list[str]:
    """Return what JupyterLab is started with here, whoever starts it."""
    return [*FLAGS, *(["--allow-root"] if is_root() else [])]


def say_if_root() -> None:
    """Say how it is started for root, in one line."""
    if is_root():
        print(AS_ROOT, flush=True)


def main(arguments: Sequence[str]) -> None:
    """Serve until Ctrl-C, and open a browser if there is one.

    Args:
        arguments: further flags of JupyterLab, and the folder that it shows.
    """
    say_if_root()
    os.environ.update(curtain.environment(curtain.ROOT / "notebooks"))  # the kernels inherit it
    given = [*flags(), *arguments]
    try:
        webbrowser.get()
    except webbrowser.Error:
        given.append("--no-browser")
    server = LabApp.initialize_server(given)
    address = server.public_url
    server.identity_provider.token_generated = False  # else Jupyter says it before it serves
    server.io_loop.add_callback(print, f"\n{address}", flush=True)
    server.start()


if __name__ == "__main__":
    main(sys.argv[1:])
