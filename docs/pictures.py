"""Write the README's pictures: a notebook's stored figure, and a loop under the checkup."""

import base64
import contextlib
import io
import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from torch import nn

from d2lhelpers import checkup, synthetic_data

DOCS = Path(__file__).parent
ROOT = DOCS.parent


def main() -> None:
    """Write both pictures; leave a file alone when nothing changed."""
    for name, picture in {"course.png": of_notebook(), "checkup.png": of_checkup()}.items():
        path = DOCS / name
        if not path.exists() or path.read_bytes() != picture:
            path.write_bytes(picture)


def of_notebook() -> bytes:
    """Return the figure of the one cell tagged `readme-picture`."""
    cells = [
        cell
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if "readme-picture" in cell["metadata"].get("tags", [])
    ]
    data = [output.get("data", {}) for cell in cells for output in cell["outputs"]]
    stored = [content["image/png"] for content in data if "image/png" in content]
    if len(stored) != 1:
        sys.exit(f"{len(stored)} pictures are stored by cells tagged readme-picture; 1 is needed.")
    return base64.b64decode(stored[0])


def of_checkup() -> bytes:
    """Return the figure of a loop with a column that is too large, with its two yardsticks."""
    torch.manual_seed(0)
    features, labels = synthetic_data(torch.tensor([2.0, -3.4]), 4.2, 1000, noise=0.1)
    features = features * torch.tensor([1.0, 30.0])
    net = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.001)
    with contextlib.redirect_stdout(None), checkup() as report:  # it prints its report in a script
        for _ in range(200):
            optimizer.zero_grad()
            ((net(features) - labels) ** 2).mean().backward()
            optimizer.step()
    plt.style.use("d2lhelpers.d2lhelpers")
    axes = report.plot()
    axes.set_title("One column too large: far from the best")
    data = io.BytesIO()
    plt.savefig(data, format="png", dpi=110, metadata={"Software": None})
    return data.getvalue()


if __name__ == "__main__":
    main()
