"""What `make notebooks` leaves out of the stored outputs."""

from nbformat import NotebookNode

WIDGET = "application/vnd.jupyter.widget-view+json"


def without_widgets(
    notebook: NotebookNode, resources: dict[str, object]
) -> tuple[NotebookNode, dict[str, object]]:
    """Drop the widgets' views, which show an error until the cell is run; pictures stay.

    nbconvert calls it after the notebook was executed.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if WIDGET not in out.get("data", {})]
    return notebook, resources
