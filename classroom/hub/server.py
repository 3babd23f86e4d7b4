"""A student's server, started by the hub as the student: a copy of the course, and limits."""

import json
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

COURSE = Path(__file__).resolve().parents[2]


def hold_port() -> None:
    """Bind the server's port until it listens there itself, seconds later.

    The hub only looked for a port that was free. A neighbour's kernel that starts meanwhile may
    take it, and this student would get no server.
    """
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    held = socket.socket()
    # With this, the server may bind the port as well, as long as this socket does not listen.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((address.hostname, address.port))
    held.set_inheritable(True)  # through execv
    held.detach()  # and through the end of this function


def main() -> None:
    """Hold the port, bring the copy up to date, limit the memory, and become the server."""
    hold_port()
    os.umask(0o077)  # what is written from here on is for the student alone, whatever the home is
    work = Path(os.environ["JUPYTERHUB_ROOT_DIR"]).expanduser()
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    work.chmod(0o700)
    # As `make lab` does it. Whether or not that works: a full disk must not lock anyone out.
    update = [sys.executable, "-m", "classroom.workspace", "notebooks", str(work)]
    subprocess.run(update, cwd=COURSE, check=False)
    listing = [sys.executable, "-m", "classroom.curtain"]
    said = subprocess.run(listing, cwd=COURSE, stdout=subprocess.PIPE, text=True, check=False)
    os.environ.update(json.loads(said.stdout or "{}"))
    if limit := os.environ.get("MEM_LIMIT"):
        # The kernels inherit it. It counts a process's own data and not, as RLIMIT_AS would,
        # the gigabytes of addresses that libraries map and never touch.
        resource.setrlimit(resource.RLIMIT_DATA, (int(limit), int(limit)))
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]])


if __name__ == "__main__":
    main()
