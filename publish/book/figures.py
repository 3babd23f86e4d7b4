"""A Sphinx extension: figures get alt texts, explorers sliders, tables no empty headings.

A marked term gets a name, to which the glossary links.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from publish import notebooks, player
from publish.book.glossary import anchor


class Figures(SphinxPostTransform):
    """What the stored outputs of a notebook lack on a page."""

    default_priority = 400  # after myst-nb chose among the kinds of an output
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Give each picture its alt text, and wrap it with sliders where it is an explorer's."""
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        for mark in self.document.findall(nodes.raw):
            if mark.astext() == "<dfn>":
                term = mark.next_node(nodes.Text, descend=False, siblings=True)
                mark.replace_self(nodes.raw("", f'<dfn id="{anchor(term)}">', format="html"))
        cells = notebooks.read(path).cells
        for block in self.document.findall(nodes.container):
            if block.get("nb_element") != "cell_code":
                continue
            for table in list(block.findall(nodes.raw)):  # pandas heads its index with nothing
                html = table.astext().replace("<th></th>", "<td></td>")
                table.replace_self(nodes.raw("", html, format="html"))
            view = player.explorer(cells[block["cell_index"]])
            for picture in list(block.findall(nodes.image)):
                picture["alt"] = block["cell_metadata"]["alt"]
                if view:
                    sliders = player.controls(view, "../_static/players")
                    wrapped = nodes.container(classes=["player"])
                    picture.replace_self(wrapped)
                    wrapped += [picture, nodes.raw("", sliders, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of it."""
    app.add_post_transform(Figures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
