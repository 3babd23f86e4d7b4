"""A student's server, started by the hub as the student: a copy of the course, and limits."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parents[2]


def main() -> None:
    """Bring the copy up to date, limit the memory, and become the server."""
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
