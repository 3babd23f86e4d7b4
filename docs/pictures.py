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
    """Write both pictures; leave the checkup's alone when it only was drawn elsewhere."""
    (DOCS / "course.png").write_bytes(of_notebook())
    path, picture = DOCS / "checkup.png", of_checkup()
    if not path.exists() or not look_alike(path.read_bytes(), picture):
        path.write_bytes(picture)


def look_alike(one: bytes, other: bytes) -> bool:
    """Say whether two pictures differ by no more than another processor's last digits."""
    pixels, others = (plt.imread(io.BytesIO(picture)) for picture in (one, other))
    return pixels.shape == others.shape and bool(abs(pixels - others).max() < 0.02)


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
    plt.savefig(data, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
    return data.getvalue()


if __name__ == "__main__":
    main()
