"""The course on one Linux server, by JupyterHub: docs/instructor-guide.md has the steps.

The hub runs in a folder of its own, which holds the file `site.py`: what only the site can decide,
above all who is let in. That file is read last and sees the same `c`, so it can change anything.
"""

import os
import runpy
import sys
from pathlib import Path

from traitlets.config import get_config

COURSE = Path(__file__).resolve().parents[2]
PORT = int(os.environ.get("HUB_PORT", "8000"))  # the proxy's; its API and the hub take the next two
HOUR = 3600  # seconds

c = get_config()
os.umask(0o077)  # the hub's own files are for it alone

# This machine alone can reach any of it; what faces the world, with its certificate, stands before.
c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{PORT + 2}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 1}"

# The proxy is a program of its own (proxy.py), and servers outlive the hub: a hub that is updated
# or falls over interrupts nobody's work, and finds the servers again when it comes back.
c.ConfigurableHTTPProxy.should_start = False
c.JupyterHub.cleanup_servers = False
c.JupyterHub.last_activity_interval = 10  # seconds; then a proxy that fell over knows all again

# A student is a user of the system, and his server a process of that user: the system's own walls.
# Where there is systemd, each server is a unit, with a /tmp of its own and no way to become root.
HAS_SYSTEMD = Path("/run/systemd/system").is_dir()
c.JupyterHub.spawner_class = "systemd" if HAS_SYSTEMD else "localprocess"
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True

# server.py brings the copy of the course up to date, and starts the server in it.
c.Spawner.cmd = [sys.executable, str(COURSE / "classroom" / "hub" / "server.py")]
c.Spawner.notebook_dir = "~/linear-regression"
c.Spawner.default_url = "/lab"  # the launcher, beside it the list of the notebooks

# Thirty kernels with a thread for each core would stand in each other's way. The outputs are the
# same: the course is tested with one thread.
c.Spawner.environment = {"OMP_NUM_THREADS": "1"}

# server.py holds each process to this (RLIMIT_DATA), and systemd a student as a whole (MemoryMax):
# a cell that asks for more gets a MemoryError, and the neighbours notice nothing.
c.Spawner.mem_limit = "2G"

# A kernel holds several hundred MB until it ends. One that has computed nothing for an hour is
# ended, though its page may still be open; a server that nobody has used for two hours as well.
# What was saved stays.
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={HOUR}",
    "--MappingKernelManager.cull_interval=60",
    "--MappingKernelManager.cull_connected=True",
    "--LanguageServerManager.autodetect=False",  # there are none; to look costs each login a second
]
CULLER = "idle-culler"
c.JupyterHub.services = [
    {
        "name": CULLER,
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={2 * HOUR}"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": CULLER,
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": [CULLER],
    }
]

# Of sixty servers that start at nine o'clock, each takes longer than one would.
c.Spawner.http_timeout = 120  # seconds

SITE = Path("site.py").resolve()
if not SITE.exists():
    sys.exit(f"There is no {SITE}. It must say who is let in: see the guide.")
runpy.run_path(str(SITE), {"c": c})
if "authenticator_class" not in c.JupyterHub:
    sys.exit(f"{SITE} must choose c.JupyterHub.authenticator_class: nobody is let in by default.")
if not os.environ.get("CONFIGPROXY_AUTH_TOKEN"):
    sys.exit("CONFIGPROXY_AUTH_TOKEN must hold the secret of hub and proxy; it has no default.")
