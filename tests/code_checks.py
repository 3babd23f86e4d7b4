"""What the code of a notebook says in words: each check yields its complaints about one notebook.

A heuristic may be wrong: say it with a number that was computed, or in the text after the cell.
"""

import ast
import re
from collections.abc import Container, Iterator
from pathlib import Path

from nbformat import NotebookNode
from notebook_checks import Check, is_folded

HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
QUESTION = re.compile(r"\*\*(?:Predict|Guess)\.\*\*")
# Numbers in words count, and so do those that are no part of a name, a shape or a formula.
NUMBER = re.compile(
    r"(?<![\w.^(])\d[\d,.]*(?:e[+-]?\d+)?(?![\w)])|"
    r"\b(?:half|third|quarter|tenth|hundredth|thousandth|twice|double|nan|inf|thousand|hundred)\b"
)
# Words that compare, or say what became of something: under a Predict they are the answer.
FINDING = re.compile(
    r"\b(?:(?:rise|fall|drop|grow|shrink|climb|sink|converge|diverge|explode|crawl|jump|swing|"
    r"zigzag|wander|arrive|stay|stop|beat|win|lose|fail|change|learn|reach|need|cost|gain|keep)s?|"
    r"(?:fast|slow|quick|short|long|high|low|larg|small|cheap|steep|flat|near|few|clos|hard)(?:er|est)|"
    r"more|most|less|least|better|best|worse|worst|same|equal|equals|alike|different|never|always|"
    r"all|none|nothing|only|every|any|hardly|barely|nearly|twice|half|too|not|no)\b",
    re.IGNORECASE,
)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def words(nodes: list[ast.expr]) -> str:
    """The text that stands in expressions as it is."""
    parts = (part for node in nodes for part in ast.walk(node) if isinstance(part, ast.Constant))
    text = " ".join(part.value for part in parts if isinstance(part.value, str))
    return " ".join(text.split())


def prints(tree: ast.AST) -> list[ast.Call]:
    return [call for call in calls(tree) if ast.unparse(call.func) == "print"]


def is_fixed(call: ast.Call) -> bool:
    """Whether a print says the same whatever was computed."""
    held = [node for argument in call.args for node in ast.walk(argument)]
    return not any(isinstance(node, ast.FormattedValue | ast.Name | ast.Call) for node in held)


def numbers(text: str) -> set[float | str]:
    """The numbers in a text; those that stand there as words are words."""
    found = (number.rstrip(".,").replace(",", "") for number in NUMBER.findall(text))
    return {float(number) if number[0].isdigit() else number for number in found}


def prints_what_was_computed(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """A fixed sentence may repeat a setting or a tolerance; a bound only beside what it bounds."""
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or is_folded(cell):
            continue
        checks = notebook.cells[place + 1 : place + 2]  # where it is folded, below what it checks
        tree = ast.parse("\n".join([cell.source, *(c.source for c in checks if is_folded(c))]))
        said = prints(tree)
        fixed = [call for call in said if is_fixed(call)]
        inside = [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.Try)]
        in_a_branch = {id(call) for node in inside for call in calls(node)}
        proofs: list[ast.AST] = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
        proofs += [call for call in calls(tree) if "assert_" in ast.unparse(call.func)]
        apart = {id(node) for part in (*proofs, *said) for node in ast.walk(part)}
        of_proofs = {value for proof in proofs for value in literals(proof)}
        known = {0.0, *literals(tree, but=apart), *(bound for bound in of_proofs if bound < 0.01)}
        if len(fixed) < len(said):
            known |= of_proofs
        for call in fixed:
            text = words(call.args)
            if strange := numbers(text) - known:
                yield f"{cell.id}: prints {min(map(str, strange))} as fixed text: {text}"
            elif not proofs and id(call) not in in_a_branch and not text.endswith(":"):
                yield f"{cell.id}: prints what nothing in the cell proves: {text}"


def literals(tree: ast.AST, but: Container[int] = ()) -> set[float]:
    nodes = (node for node in ast.walk(tree) if id(node) not in but)
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return {float(value) for value in values if isinstance(value, int | float)}


def keeps_the_answer_from_the_code_below_a_question(
    notebook: NotebookNode, path: Path
) -> Iterator[str]:
    asked = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            asks = QUESTION.search(cell.source)
            asked = bool(asks) or (asked and not HEADING.search(cell.source))
        elif asked:
            tree = ast.parse(cell.source)
            text = [words(call.args) for call in prints(tree) if is_fixed(call)]
            for call in calls(tree):
                if ast.unparse(call.func).rpartition(".")[2] in ("set_title", "suptitle", "title"):
                    text.append(words(call.args))
                text += [words([option.value]) for option in call.keywords if option.arg == "title"]
            for one in text:
                if found := FINDING.search(one):
                    yield f"{cell.id}: “{found[0]}” below a question gives it away: {one}"
            asked = not cell.outputs


CHECKS: list[Check] = [prints_what_was_computed, keeps_the_answer_from_the_code_below_a_question]
