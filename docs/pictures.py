"""Write the README's picture from the stored output of the notebook cell that draws it."""

import base64
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "course.png"


def main() -> None:
    """Find the one cell tagged `readme-picture`; leave the file alone when nothing changed."""
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
    picture = base64.b64decode(stored[0])
    if not PICTURE.exists() or PICTURE.read_bytes() != picture:
        PICTURE.write_bytes(picture)


if __name__ == "__main__":
    main()
