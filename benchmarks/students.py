"""A student at a hub, as a browser would do it: over HTTP and a websocket, with cookies alone."""

import json
import time
import uuid
from collections.abc import Iterable
from typing import Any

import nbformat
import requests
import websocket
from nbformat import NotebookNode

TIMEOUT = 60  # seconds, for an answer of any kind: a busy machine is slow
# A server closes a websocket that does not answer its pings; like a page, we connect again.
PATIENCE = 15  # seconds


class Student:
    """Someone who logs in, opens notebooks and runs their cells."""

    def __init__(self, address: str, name: str) -> None:
        """Remember where the hub is, and who this is."""
        self.address, self.name = address, name
        self.base = f"{address}/user/{name}"
        self.session = requests.Session()
        self.sockets: list[websocket.WebSocket] = []

    def close(self) -> None:
        """Close the browser; the server and its kernels stay."""
        self.session.close()
        for socket in self.sockets:
            socket.close()

    def log_in(self, password: str) -> None:
        """Log in and wait for the page that opens; raise PermissionError if nobody is let in."""
        self.session.get(f"{self.address}/hub/login", timeout=TIMEOUT)
        form = {"username": self.name, "password": password, "_xsrf": self._xsrf("/hub/")}
        login = f"{self.address}/hub/login?next=/hub/spawn"
        answer = self.session.post(login, data=form, timeout=TIMEOUT)
        if answer.status_code == 403:
            raise PermissionError(f"{self.name} was not let in.")
        answer.raise_for_status()
        deadline = time.monotonic() + 3 * TIMEOUT
        while not answer.url.startswith(self.base):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server of {self.name} did not start: {answer.url}")
            time.sleep(0.2)
            answer = self.session.get(f"{self.base}/", timeout=TIMEOUT)
        answer.raise_for_status()
        self.page = answer.url

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API of its own server and return what it answers."""
        answer = self.raw(method, f"{self.base}/api/{path}", body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def raw(self, method: str, url: str, body: Any = None) -> requests.Response:
        """Send a request to any address with this student's cookies."""
        path = "/hub/" if url.startswith(f"{self.address}/hub/") else f"/user/{self.name}/"
        headers = {"X-XSRFToken": self._xsrf(path)}
        return self.session.request(method, url, json=body, headers=headers, timeout=TIMEOUT)

    def hub(self, method: str, path: str) -> requests.Response:
        """Call the API of the hub, as the hub's own pages do."""
        return self.raw(method, f"{self.address}/hub/api/{path}")

    def read(self, notebook: str) -> NotebookNode:
        """Return the notebook as it lies on the server."""
        content = self.request("GET", f"contents/{notebook}")["content"]
        read: NotebookNode = nbformat.from_dict(content)
        return read

    def save(self, notebook: str, content: NotebookNode) -> None:
        """Save a notebook."""
        body = {"type": "notebook", "format": "json", "content": content}
        self.request("PUT", f"contents/{notebook}", body)

    def open_kernel(self) -> "Kernel":
        """Start a kernel and connect to it; start another if it does not answer.

        Kernels that start at the same moment may choose the same port: one stays silent, and after
        a minute the server ends its websocket.

        Raises:
            TimeoutError: if three of them do not answer.
        """
        for _ in range(3):
            kernel = Kernel(self, self.request("POST", "kernels", {"name": "python3"})["id"])
            if kernel.answers():
                return kernel
            self.request("DELETE", f"kernels/{kernel.ident}")
        raise TimeoutError("no kernel answers")

    def run(self, sources: Iterable[str]) -> None:
        """Run cells in a new kernel, and shut down those that ran before."""
        for kernel in self.request("GET", "kernels"):
            self.request("DELETE", f"kernels/{kernel['id']}")
        new = self.open_kernel()
        for source in sources:
            new.run(source)

    def connect(self, url: str) -> websocket.WebSocket:
        """Open a websocket with this student's cookies."""
        request = self.session.prepare_request(requests.Request("GET", url))
        socket = websocket.create_connection(
            url.replace("http", "ws", 1),
            cookie=request.headers.get("Cookie"),
            origin=self.address,
            timeout=2 * TIMEOUT,
        )
        self.sockets.append(socket)
        return socket

    def _xsrf(self, path: str) -> str:
        """Return the token of the pages below a path: hub and server have one each."""
        found = [c.value for c in self.session.cookies if c.name == "_xsrf" and c.path == path]
        return found[0] or "" if found else ""


class Kernel:
    """A kernel of a student, through the websocket that a page would use."""

    def __init__(self, student: Student, ident: str) -> None:
        """Connect."""
        self.student, self.ident = student, ident
        self.connect()

    def connect(self) -> None:
        """Open the websocket, anew if it was open."""
        self.used = time.monotonic()
        self.socket = self.student.connect(f"{self.student.base}/api/kernels/{self.ident}/channels")

    def answers(self) -> bool:
        """Tell whether it answers in time."""
        ident = self.ask("kernel_info_request", {})
        try:
            while json.loads(self.socket.recv())["parent_header"].get("msg_id") != ident:
                pass
        except (websocket.WebSocketTimeoutException, websocket.WebSocketConnectionClosedException):
            return False
        return True

    def send(self, code: str) -> str:
        """Ask for a cell to be run, and return the number of the request."""
        if time.monotonic() - self.used > PATIENCE:
            self.connect()
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        return self.ask("execute_request", content)

    def ask(self, kind: str, content: dict[str, object]) -> str:
        """Send a request and return its number."""
        ident = uuid.uuid4().hex
        header = {"msg_id": ident, "msg_type": kind, "session": self.ident}
        header |= {"username": "", "version": "5.3"}
        message = {"channel": "shell", "header": header, "content": content}
        self.socket.send(json.dumps(message | {"parent_header": {}, "metadata": {}, "buffers": []}))
        return ident

    def run(self, code: str) -> list[NotebookNode]:
        """Run a cell and return its outputs."""
        ident, outputs = self.send(code), list[NotebookNode]()
        while True:
            message = json.loads(self.socket.recv())
            if message["parent_header"].get("msg_id") != ident:
                continue
            kind = message["msg_type"]
            if kind == "status" and message["content"]["execution_state"] == "idle":
                self.used = time.monotonic()
                return outputs
            if kind in {"stream", "display_data", "execute_result", "error"}:
                outputs.append(nbformat.v4.output_from_msg(message))
