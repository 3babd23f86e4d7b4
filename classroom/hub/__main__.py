"""Try the hub out on this machine: `make hub`."""

import os
import signal
import sys
import tempfile
from pathlib import Path

from classroom.hub.trial import Hub
from classroom.lab import say_if_root

assert sys.platform != "win32"  # where JupyterHub does not run

STUDENTS = ("ada", "emmy")
WELCOME = """
THIS IS A TRIAL, NOT A HUB FOR A CLASS. Its students are made up and share your own account:
there is no wall between them. Whoever has the password reads and runs what you can.

    open      {address}
    log in    as {students}, with the password {password}
    stop      with Ctrl-C: the students, their work and all processes are removed
"""


def main() -> None:
    """Run the trial until Ctrl-C, or until the window is closed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # also where a shell ignores one
        signal.signal(number, signal.default_int_handler)
    say_if_root()
    port = int(os.environ.get("HUB_PORT", "8000"))
    try:
        with (
            tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder,
            Hub(Path(folder), STUDENTS, port) as hub,
        ):
            names = " or ".join(STUDENTS)
            print(WELCOME.format(address=hub.address, students=names, password=hub.password))
            sys.stdout.flush()
            hub.process.wait()
            print(hub.log())
            sys.exit("The hub ended by itself; above is what it said.")
    except KeyboardInterrupt:
        print("\nThe trial is over: nothing of it is left.")


if __name__ == "__main__":
    main()
