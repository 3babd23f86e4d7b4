"""Write what a class of sixty might hand in: python docs/example_class.py FOLDER.

The answers are the exercises' solutions and wrong answers that learners give. From it the picture
of docs/what-classes-get-wrong.md was made; it is also what the speed of the grading is measured on.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from classroom.grading import course
from d2lhelpers import exercises

NOTEBOOK = "03_regression_from_scratch"
WRONG = {  # how many of sixty give an answer, and its body
    "minibatch_count": {
        "return num_examples // batch_size": 14,
        "return num_examples / batch_size": 5,
        "return round(num_examples / batch_size)": 4,
        "return num_examples // batch_size + 1": 3,
    },
    "gradient": {
        "error = X @ w + b - y\n    return X.T @ error, error.sum().reshape(1)": 23,
        "error = y - X @ w - b\n    return X.T @ error / len(X), error.mean().reshape(1)": 6,
        "error = 2 * (X @ w + b - y)\n    return X.T @ error / len(X), error.mean().reshape(1)": 4,
        "error = X @ w + b - y\n    return X.T @ error / len(X), error.mean()": 4,
    },
    "closed_form": {
        "w = torch.linalg.lstsq(X, y).solution\n    return w, (y - X @ w).mean().reshape(1)": 9,
        "w = torch.linalg.inv(X.T @ X) @ X.T @ y\n    return w, torch.zeros(1)": 7,
        "return X.T @ y, y.sum().reshape(1)": 2,
    },
    "sgd_momentum": {
        """with torch.no_grad():
        for param, velocity in zip(params, velocities):
            velocity = momentum * velocity + param.grad / batch_size
            param -= lr * velocity
            param.grad.zero_()""": 17,
        """with torch.no_grad():
        for param, velocity in zip(params, velocities):
            velocity *= momentum
            velocity += param.grad / batch_size
            param -= lr * velocity""": 8,
        """with torch.no_grad():
        for param, velocity in zip(params, velocities):
            velocity *= momentum
            velocity += param.grad
            param -= lr * velocity
            param.grad.zero_()""": 6,
    },
}
UNANSWERED = {"minibatch_count": 1, "gradient": 2, "closed_form": 6, "sgd_momentum": 13}
STUDENTS = 60


def answers(name: str, stub: str) -> Iterator[str]:
    """Yield sixty answers to an exercise; the stub's first line is that of every answer."""
    head = stub[: stub.index("\n")]
    for body, count in WRONG[name].items():
        yield from [f"{head}\n    {body}"] * count
    yield from [stub] * UNANSWERED[name]
    right = STUDENTS - sum(WRONG[name].values()) - UNANSWERED[name]
    yield from [getattr(exercises, name).solution()] * right


def main(folder: Path) -> None:
    """Write the sixty notebooks; who gives which answer differs from exercise to exercise."""
    notebook = json.loads((course.folder() / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    given = {}
    for cell in code:
        source = "".join(cell["source"])
        if name := course.exercise_of(source):
            stub, check = source.rsplit("\n\n\n", 1)
            given[name] = (cell, check, list(answers(name, stub)))
    folder.mkdir(parents=True)
    for student in range(STUDENTS):
        for step, (cell, check, all_answers) in zip((7, 11, 13, 17), given.values(), strict=True):
            cell["source"] = f"{all_answers[student * step % STUDENTS]}\n\n\n{check}"
        code[0]["metadata"]["student"] = student  # no two are the same file
        path = folder / f"student{student + 1:02}_03_regression.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
