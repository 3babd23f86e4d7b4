"""Write what a class of sixty might hand in: python docs/example_class.py FOLDER.

The answers are the exercises' solutions and wrong answers that learners give, each slip spelled in
several ways. The picture of docs/what-classes-get-wrong.md was made from it, and the speed of the
grading is measured on it.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from classroom.grading import course
from d2lhelpers import exercises

NOTEBOOK = "03_regression_from_scratch"
WRONG: dict[str, list[tuple[int, list[str]]]] = {  # how many of sixty slip so, and spell it how
    "minibatch_count": [
        (14, ["return num_examples // batch_size", "return int(num_examples / batch_size)"]),
        (5, ["return num_examples / batch_size"]),
        (4, ["return round(num_examples / batch_size)"]),
        (3, ["return num_examples // batch_size + 1", "return int(num_examples / batch_size + 1)"]),
    ],
    "gradient": [
        (
            23,
            [
                "error = X @ w + b - y\n    return X.T @ error, error.sum().reshape(1)",
                "e = torch.matmul(X, w) + b - y\n    return (X * e).sum(0)[:, None], e.sum(0)",
                "err = linreg(X, w, b) - y\n    return X.t().mm(err), torch.sum(err).reshape(1)",
            ],
        ),
        (
            6,
            [
                "error = y - X @ w - b\n    return X.T @ error / len(X), error.mean().reshape(1)",
                "d = y - (X @ w + b)\n    return (X * d).mean(0).reshape(-1, 1), d.mean(0)",
            ],
        ),
        (
            4,
            [
                "e = 2 * (X @ w + b - y)\n    return X.T @ e / len(X), e.mean().reshape(1)",
                "d = X @ w + b - y\n    return 2 * X.T @ d / len(X), 2 * d.mean().reshape(1)",
                "d = X @ w + b - y\n    return X.T @ d / (len(X) / 2), d.mean(0) / 0.5",
                "r = X @ w + b - y\n    return (r + r).T.matmul(X).T / len(y), (r + r).mean(0)",
            ],
        ),
        (
            4,
            [
                "error = X @ w + b - y\n    return X.T @ error / len(X), error.mean()",
                "e = linreg(X, w, b) - y\n    return X.T @ e / len(e), e.sum() / len(e)",
            ],
        ),
        (
            5,
            [
                """w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
    squared_loss(linreg(X, w, b), y).mean().backward()
    return w.grad, b.grad""",
                """loss = lambda w, b: squared_loss(linreg(X, w, b), y).mean()
    return torch.func.grad(loss, argnums=(0, 1))(w, b)""",
            ],
        ),
        (
            4,
            [
                "e = X @ w + b - y\n    return X @ e / len(X), e.mean(0)",
                "e = X @ w + b - y\n    return torch.mm(e, X) / len(X), e.mean(0)",
                "e = X.T @ w + b - y\n    return X.T @ e / len(X), e.mean(0)",
            ],
        ),
        (2, ["e = X @ w + b - y\n    return X.T @ e / len(X, e.mean(0)"]),
    ],
    "closed_form": [
        (
            5,
            [
                f"X1 = {joined}\n    s = torch.linalg.pinv(X1) @ y\n    return s[:-1], s[-1]"
                for joined in (
                    "torch.cat([X, torch.ones(len(X))], dim=1)",
                    "torch.hstack([X, torch.ones(X.shape[0])])",
                    "torch.cat([X, torch.ones(1, len(X))], dim=1)",
                    "torch.cat((X, torch.ones_like(y).squeeze()), 1)",
                )
            ],
        ),
        (
            9,
            [
                "w = torch.linalg.lstsq(X, y).solution\n    return w, (y - X @ w).mean(0)",
                "w = torch.linalg.pinv(X) @ y\n    return w, torch.mean(y - X @ w, 0)",
            ],
        ),
        (7, ["w = torch.linalg.inv(X.T @ X) @ X.T @ y\n    return w, torch.zeros(1)"]),
        (2, ["return X.T @ y, y.sum().reshape(1)"]),
    ],
    "sgd_momentum": [
        (
            5,
            [
                """for p, v in zip(params, velocities):
        v.mul_(momentum).add_(p.grad / batch_size)
        p = p - lr * v
        p.grad.zero_()""",
                """with torch.no_grad():
        for p, v in zip(params, velocities):
            v *= momentum
            v += p.grad / batch_size
            p = p - lr * v""",
                """for i in range(len(params)):
        velocities[i].mul_(momentum).add_(params[i].grad / batch_size)
        gradient = params[i].grad
        params[i] = params[i] - lr * velocities[i]
        gradient.zero_()""",
            ],
        ),
        (
            17,
            [
                """with torch.no_grad():
        for param, velocity in zip(params, velocities):
            velocity = momentum * velocity + param.grad / batch_size
            param -= lr * velocity
            param.grad.zero_()""",
                """for p, v in zip(params, velocities):
        with torch.no_grad():
            v = v * momentum + p.grad / batch_size
            p.sub_(lr * v)
        p.grad.zero_()""",
            ],
        ),
        (
            8,
            [
                """with torch.no_grad():
        for param, velocity in zip(params, velocities):
            velocity *= momentum
            velocity += param.grad / batch_size
            param -= lr * velocity""",
                """for p, v in zip(params, velocities):
        v.mul_(momentum).add_(p.grad / batch_size)
        p.data -= lr * v""",
            ],
        ),
        (
            6,
            [
                """with torch.no_grad():
        for param, velocity in zip(params, velocities):
            velocity *= momentum
            velocity += param.grad
            param -= lr * velocity
            param.grad.zero_()""",
            ],
        ),
    ],
}
UNANSWERED = {"minibatch_count": 1, "gradient": 2, "closed_form": 6, "sgd_momentum": 13}
STUDENTS = 60


def answers(name: str, stub: str) -> Iterator[str]:
    """Yield sixty answers to an exercise; the stub's first line is that of every answer."""
    head = stub[: stub.index("\n")]
    for count, spellings in WRONG[name]:
        for student in range(count):
            yield f"{head}\n    {spellings[student % len(spellings)]}"
    yield from [stub] * UNANSWERED[name]
    right = STUDENTS - sum(count for count, _ in WRONG[name]) - UNANSWERED[name]
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
