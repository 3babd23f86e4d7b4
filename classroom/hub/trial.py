"""A hub to try: the real one, with made-up students, in a folder that can be thrown away."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import psutil

assert sys.platform != "win32"  # where JupyterHub does not run

DEPLOY = Path(__file__).resolve().parent
CONFIG = DEPLOY / "jupyterhub_config.py"
# No system account is created: all students share that of the person who tries.
SITE = """
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = {password!r}
c.Authenticator.allowed_users = set({students!r})
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {home!r}
for service in c.JupyterHub.services:
    service["environment"] = {{"HOME": {folder!r}}}  # by which its processes are found
if {is_root!r}:
    c.Spawner.args.append("--allow-root")
"""


def is_installed() -> bool:
    """Say whether `make deploy` has installed the hub and its proxy."""
    return bool(find_spec("jupyterhub")) and Path(sys.prefix, "proxy", ".ready").exists()


class Hub:
    """The hub as it is deployed, in a folder of its own, with made-up students.

    All that it starts has a home in that folder, and is found and ended by it.
    """

    def __init__(
        self,
        folder: Path,
        students: Sequence[str],
        port: int,
        site: str = "",
        prefix: Sequence[str] = (),
    ) -> None:
        """Lay down the folder; `site` adds to the trial's settings, `prefix` starts commands."""
        self.folder, self.students, self.port = folder.resolve(), students, port
        self.prefix = prefix
        self.password = secrets.token_urlsafe(9)
        home = str(self.folder / "home" / "{username}")
        settings = {"password": self.password, "students": list(students), "home": home}
        settings["folder"] = str(self.folder)
        text = SITE.format(**settings, is_root=os.geteuid() == 0) + site
        (self.folder / "site.py").touch(mode=0o600)  # it holds the password
        (self.folder / "site.py").write_text(text, encoding="utf-8")
        self.environment = os.environ | {
            "HOME": str(self.folder),
            "HUB_PORT": str(port),
            "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(32),
        }
        self.started: list[subprocess.Popen[bytes]] = []
        self.address = f"http://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        """Start the proxy and the hub, and wait until a student can log in."""
        for port in range(self.port, self.port + 3):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    sys.exit(f"Port {port} is taken. Name another: make hub PORT={port + 1000}")
        try:
            self.start_proxy()
            self.start()
        except BaseException:
            self._end_all()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """End every process that was started here, the students' among them."""
        self._end_all()

    def start_proxy(self) -> None:
        """Start the proxy."""
        self.proxy = self._start("proxy", str(DEPLOY / "proxy.py"))

    def start(self) -> None:
        """Start the hub, and wait until it answers."""
        self.process = self._start(
            "hub", "-m", "jupyterhub", "-f", str(DEPLOY / "jupyterhub_config.py")
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The hub did not start:\n{self.log()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the hub alone; the proxy and the students' servers live on."""
        self.process.terminate()
        self.process.wait(timeout=30)

    def log(self) -> str:
        """Return what hub and proxy said."""
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))

    def processes(self, student: str | None = None) -> list[psutil.Process]:
        """Return the processes of a student, or all that were started here."""
        home = self.folder / "home" / student if student else self.folder
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if Path(process.environ().get("HOME", "/")).is_relative_to(home):
                    found.append(process)
        return found

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*self.prefix, sys.executable, *command],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the trial, which ends them in order
            )
        self.started.append(process)
        # What CPUWeight does in the units: hub and proxy go before the students' sessions. Only
        # root may ask for that.
        with contextlib.suppress(OSError):
            Path(f"/proc/{process.pid}/autogroup").write_text("-10")  # nine times a session's share
        return process

    def _answers(self) -> bool:
        try:
            # Not through the proxy, which would note each time that there is no hub yet.
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port + 2}/hub/api/", timeout=5):
                return True
        except OSError:
            return False

    def _end_all(self) -> None:
        """End politely first: a server ends its kernels. The proxy goes with the rest."""
        for signal_of in (psutil.Process.terminate, psutil.Process.kill):
            left = [process for process in self.processes() if process.pid != os.getpid()]
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    signal_of(process)
            psutil.wait_procs(left, timeout=10)
        for started in self.started:
            started.wait(timeout=10)
