"""What a notebook of the course must be: each check yields its complaints about one notebook."""

import ast
import base64
import itertools
import re
import statistics
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

Check = Callable[[NotebookNode, Path], Iterator[str]]

ROOT = Path(__file__).parents[1]
COURSE = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
# What starts processes takes a minute or more: the tests that run it are marked `long`.
PROCESSES = re.compile(r"from d2lhelpers\.scale import .*\bprocesses\b")
SLOW = [path for path in COURSE if PROCESSES.search(path.read_text(encoding="utf-8"))]
QUICK = [path for path in COURSE if path not in SLOW]
QUESTIONS = {"05_crop_yields": range(45, 60)}  # how many are folded; elsewhere 5 to 8
STYLE = 'plt.style.use("d2lhelpers.d2lhelpers")'
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
# Each of these makes nbval compare less, or something else than the stored output.
UNCHECKED = {"nbval-skip", "nbval-ignore-output", "nbval-raises-exception", "raises-exception"}
UNCOMPARABLE = re.compile(r"NBVAL_\w+|PYTEST_VALIDATE\w+|\bclear_output\b|\bdisplay_id\b")
OF_THIS_MACHINE = re.compile(
    rf"\b0x[0-9a-f]{{6,}}|ipykernel_\d+|(?<![\w.])/(home|Users|root|tmp|usr|opt|var)/|\b[A-Z]:\\"
    rf"|{re.escape(str(ROOT))}|{re.escape(str(Path.home()))}"
)
BARE_REPR = re.compile(r"<Axes|<Figure|<matplotlib|\bText\(|<BarContainer|<function|<generator")
INNERMOST = re.compile(r"<details([^>]*)>((?:(?!<details).)*?)</details>", re.DOTALL)
HTML = re.compile('class="(dataframe|exercise-feedback)"')
FORBIDDEN = re.compile(
    r"\bsys\.path\b|\b(?:subprocess|requests|urllib|socket|get_ipython)\b|\bos\.system\b"
    r"|\b(?:np\.random|numpy\.random|random)\.seed\("
)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def lines(cell: NotebookNode) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def is_folded(cell: NotebookNode) -> bool:
    """Whether a cell is shown as one line until it is clicked: it only checks."""
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def is_explorer(cell: NotebookNode) -> bool:
    return "explorer" in cell.metadata.get("tags", [])


def stored(cell: NotebookNode, kind: str) -> list[str]:
    """The cell's outputs of one MIME type."""
    return [out.data[kind] for out in cell.outputs if kind in out.get("data", {})]


def is_freshly_run(notebook: NotebookNode, path: Path) -> Iterator[str]:
    ids = Counter(cell.get("id") for cell in notebook.cells)
    for name, count in ids.items():
        if count > 1:
            yield f"{name}: id used {count} times"
            return
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"invalid: {error.message}"
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not python3"
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}"
    if any("execution" in cell.metadata for cell in notebook.cells):
        yield "stores when cells were run"
    if "widgets" in notebook.metadata:
        yield "stores the widgets' state"
    if len(nbformat.writes(notebook)) >= 1_000_000:
        yield "is larger than 1 MB"


def has_all_outputs_compared(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in code_cells(notebook):
        tags = set(cell.metadata.get("tags", []))
        if is_explorer(cell):
            tags.discard("nbval-ignore-output")
        elif UNCOMPARABLE.search(cell.source):
            yield f"{cell.id}: nbval cannot compare what it does"
        if tags & UNCHECKED:
            yield f"{cell.id}: unchecked by the tag {tags & UNCHECKED}"
        if cell.source.rstrip().endswith(";"):
            yield f"{cell.id}: ends with ';'"


def has_plain_outputs(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in code_cells(notebook):
        allowed = {"text/plain", "text/html", "image/png"}  # a widget's view shows an error
        for output in cell.outputs:
            data = output.get("data", {})
            if output.output_type == "error" or output.get("name") == "stderr":
                yield f"{cell.id}: an error or a warning is stored"
            if data.keys() - allowed:
                yield f"{cell.id}: stores {data.keys() - allowed}"
            html = data.get("text/html", 'class="dataframe"')
            if not HTML.search(html) or "<script" in html:
                yield f"{cell.id}: HTML that is not a table of pandas or an exercise's feedback"
            text = output.get("text", "") + data.get("text/plain", "") + html
            if found := OF_THIS_MACHINE.search(text):
                yield f"{cell.id}: {found[0]} is of this machine or run"
            if output.output_type == "execute_result" and BARE_REPR.search(text):
                yield f"{cell.id}: ends with a bare object, {text}"


def has_described_figures(notebook: NotebookNode, path: Path) -> Iterator[str]:
    alts = Counter(cell.metadata["alt"] for cell in notebook.cells if "alt" in cell.metadata)
    yield from (f"the alt text is used twice: {alt}" for alt, count in alts.items() if count > 1)
    for cell in notebook.cells:
        figures = stored(cell, "image/png") if cell.cell_type == "code" else []
        alt = cell.metadata.get("alt")
        if figures and len(alt or "") < 30:
            yield f"{cell.id}: a figure without alt text of 30 characters or more"
        if alt is not None and not figures:
            yield f"{cell.id}: alt text without a figure"
        if "measured-times" in cell.metadata.get("tags", []) and not figures:
            yield f"{cell.id}: tagged measured-times without a figure"
        for figure in figures:
            (width,) = struct.unpack(">I", base64.b64decode(figure)[16:20])
            if width > 1000:
                yield f"{cell.id}: a figure {width} pixels wide"


def is_a_slide_show(notebook: NotebookNode, path: Path) -> Iterator[str]:
    roles = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells]
    if roles[0] != "slide":
        yield "the first cell is not a slide"
    for cell, role in zip(notebook.cells, roles, strict=True):
        if role not in SLIDE_TYPES:
            yield f"{cell.id}: no slide role, {role}"


def opens_with_the_plan(notebook: NotebookNode, path: Path) -> Iterator[str]:
    if not notebook.cells[0].source.startswith("# "):
        yield "the first cell has no title"
    opening = "\n".join(cell.source for cell in text_cells(notebook)[:2])
    for word in ("do", "learn", "need"):
        if not re.search(rf"\byou (will )?{word}\b", opening, re.IGNORECASE):
            yield f"the opening does not say what you {word}"
    if not re.search(r"\d+ minutes", opening):
        yield "the opening does not say how many minutes"


def asks_and_answers(notebook: NotebookNode, path: Path) -> Iterator[str]:
    text = "\n".join(cell.source for cell in text_cells(notebook))
    count = text.count("<details>")  # what is folded and no answer has a class of its own
    if count not in QUESTIONS.get(path.stem, range(5, 9)):
        yield f"{count} folded answers"
    numbers = re.findall(r"<summary>\s*(\d+)\. ", text)
    if numbers != [str(number) for number in range(1, count + 1)]:
        yield f"the questions are numbered {numbers}"
    while folded := INNERMOST.findall(text):  # an aside may hold questions
        for attributes, block in folded:
            parts = re.fullmatch(r"\s*<summary>(.*?)</summary>(.*)", block, re.DOTALL)
            if not parts or not parts[1].strip() or not parts[2].strip():
                yield f"a question without summary or answer: {block.strip()[:60]}"
            if "(folded)" in block and not attributes:
                yield f"a question that holds another: {block.strip()[:60]}"
        text = INNERMOST.sub("(folded)", text)
    if "<details" in text or "</details>" in text:
        yield "<details> and </details> do not match"


def closes_with_summary_and_links(notebook: NotebookNode, path: Path) -> Iterator[str]:
    if not any(re.search("^## Summary", cell.source, re.MULTILINE) for cell in notebook.cells[-5:]):
        yield "no summary near the end"
    place = COURSE.index(path)
    for neighbour in COURSE[max(place - 1, 0) : place] + COURSE[place + 1 : place + 2]:
        if f"({neighbour.name})" not in notebook.cells[-1].source:
            yield f"the last cell does not link to {neighbour.name}"
    for cell in text_cells(notebook):
        prose = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$", "", cell.source, flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)|(?:src|href)=\"([^\"]+)", prose):
            link = "".join(target)
            outside = re.match(r"https?://|mailto:|#", link)
            if not outside and not (path.parent / link.split("#")[0]).exists():
                yield f"{cell.id}: no file {link}"


def heads_every_column(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """A column without a heading is read out as a number without a name."""
    for cell in text_cells(notebook):
        if re.search(r"\| *\|.*\n *\|[ :|-]+\|\s*$", cell.source, re.MULTILINE):
            yield f"{cell.id}: a table's column without a heading"


def is_plain_python(notebook: NotebookNode, path: Path) -> Iterator[str]:
    first = code_cells(notebook)[0]
    imported, defined = set(), set()
    if STYLE not in first.source or "import " not in first.source:
        yield f"the first code cell does not import and call {STYLE}"
    for cell in code_cells(notebook):
        try:
            nodes = list(ast.walk(ast.parse(cell.source)))
        except SyntaxError as error:
            yield f"{cell.id}: not plain Python, {error}"
            continue
        if found := FORBIDDEN.search(cell.source):
            yield f"{cell.id}: {found[0]} has no place in a lesson"
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom) and cell is not first:
                yield f"{cell.id}: an import outside of the first code cell"
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                if "*" in names:
                    yield f"{cell.id}: import *"
                if (node.module or "").startswith("d2lhelpers"):
                    imported |= names
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                defined.add(node.name)
            if isinstance(node, ast.Call) and re.match(
                r"open\(.*['\"][rbt]*[wax+]", ast.unparse(node)
            ):
                yield f"{cell.id}: writes a file"
    if imported & defined:
        yield f"defines and imports {imported & defined}"


def seeds_only_what_takes_no_generator(notebook: NotebookNode, path: Path) -> Iterator[str]:
    for cell in code_cells(notebook):
        for line, following in zip(lines(cell), [*lines(cell)[1:], ""], strict=True):
            if "torch.manual_seed(" in line and not re.search(r"nn\.|DataLoader", following):
                yield f"{cell.id}: torch.manual_seed is not followed by nn or DataLoader"


def folds_what_only_checks(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """A reader sees what is computed and shown; what checks the text is one click away."""
    for cell in code_cells(notebook):
        body = ast.parse(cell.source).body
        checks = sum(isinstance(part, ast.Assert) for step in body for part in ast.walk(step))
        tagged = "hide-input" in cell.metadata.get("tags", [])
        if not is_folded(cell):
            if tagged or checks > 1 or (checks and "plt.show" in cell.source):
                yield f"{cell.id}: {checks} assertions stand in a cell that is not folded"
            continue
        # What must hold of times yet to be measured is folded, too: it may tell an answer.
        checks += any(isinstance(step, ast.FunctionDef) and step.name == "holds" for step in body)
        if not (checks and tagged) or cell.outputs:
            yield f"{cell.id}: a folded cell that does not only check, or is not tagged hide-input"
        if not cell.source.startswith("# "):
            yield f"{cell.id}: a folded cell has no comment in its first line, which is shown"


def keeps_the_pace(notebook: NotebookNode, path: Path) -> Iterator[str]:
    lengths = {cell.id: len(lines(cell)) for cell in code_cells(notebook)}
    yield from (f"{ident}: {length} lines" for ident, length in lengths.items() if length > 20)
    shown = [cell for cell in notebook.cells if not is_folded(cell)]
    code = [cell for cell in shown if cell.cell_type == "code"]
    if (median := statistics.median(lengths[cell.id] for cell in code)) > 6:
        yield f"the median code cell has {median} lines"
    kinds = [cell.cell_type for cell in shown]
    # Text cells in a row count as one: prose is cut where the speaker goes on to the next step.
    texts = [kind for kind, _ in itertools.groupby(kinds)].count("markdown")
    share = texts / (texts + len(code))
    if not 0.4 <= share <= 0.7:
        yield f"{share:.0%} of the passages are text"
    breathless = list(itertools.pairwise(kinds)).count(("code", "code"))
    if breathless > 0.15 * len(code):
        yield f"{breathless} of {len(code)} code cells directly follow another"
    for cell in text_cells(notebook):
        words = len(re.sub("<details.*?</details>", "", cell.source, flags=re.DOTALL).split())
        if words > 180:
            yield f"{cell.id}: {words} words"


CHECKS: list[Check] = [
    is_freshly_run,
    has_all_outputs_compared,
    has_plain_outputs,
    has_described_figures,
    is_a_slide_show,
    opens_with_the_plan,
    asks_and_answers,
    closes_with_summary_and_links,
    heads_every_column,
    is_plain_python,
    seeds_only_what_takes_no_generator,
    folds_what_only_checks,
    keeps_the_pace,
]
