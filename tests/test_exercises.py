"""Every exercise of the course, seen from the student's side; the engine has tests of its own."""

import inspect
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import torch
from tellwhy.answers.compare import Raised, alike, plain
from tellwhy.answers.exercise import Exercise
from tellwhy.answers.mutation import Program
from tellwhy.answers.solutions import solutions

from d2lhelpers import exercises

Answer = Callable[..., Any]
ALL: list[Exercise] = [getattr(exercises, name) for name in exercises.__all__]


@pytest.mark.parametrize("of", ALL, ids=lambda of: of.name)
class TestEveryExercise:
    def test_its_solution_is_right_and_is_shown_as_code(self, of: Exercise) -> None:
        feedback = of.check(of.specification.solution)
        assert feedback.text == f"{of.name}: right.\nTried: {of.specification.verified}."
        assert of.solution().startswith(f"def {of.name}(")
        compile(of.solution(), "solution", "exec")

    def test_its_stub_is_unanswered(self, of: Exercise) -> None:
        arguments = ", ".join(inspect.signature(of.specification.solution).parameters)
        namespace: dict[str, Any] = {}
        exec(f"def {of.name}({arguments}):\n    ...", namespace)
        assert of.check(namespace[of.name]).status == "unanswered"

    def test_every_registered_mistake_gets_its_own_advice(self, of: Exercise) -> None:
        """Catches advice that another finding hides, and one advice that is two mistakes."""
        names: dict[str, str] = {}
        for own, (advice, answer) in of.specification.mistakes.items():
            name = names.setdefault(advice, own)
            feedback = of.check(answer)
            assert feedback.status == "wrong"
            assert [one.label for one in feedback.findings] == [f"registered(mistake={name})"]
            assert feedback.sentences == (advice,)

    def test_its_other_ways_are_right(self, of: Exercise) -> None:
        for body in of.specification.ways:
            way = Program(of.specification.solution, body).made()
            assert of.check(way).status == "right", body

    def test_rounding_decides_no_result(self, of: Exercise) -> None:
        """Catches an input on which a right answer is wrong where it is rounded otherwise."""

        def exact(value: Any) -> Any:
            return value.detach().double() if isinstance(value, torch.Tensor) else value

        known = solutions(of.specification)
        for inputs in (*known.shown, *known.hidden):
            got = known.outcome(of.specification.solution, tuple(map(exact, inputs)))
            if not isinstance(got, Raised):
                assert alike(plain(got), plain(known.right(inputs)), within=4e-6), inputs

    def test_no_input_is_a_right_answer_by_chance(self, of: Exercise) -> None:
        for thing in (0, torch.zeros(1), (0, 0)):
            assert of.check(lambda *inputs, thing=thing: thing).status == "wrong"

    def test_its_name_is_where_students_find_it_and_its_hints_differ(self, of: Exercise) -> None:
        assert getattr(exercises, of.name) is of
        assert len({*of.specification.hints}) == 2

    def test_its_solution_waits_behind_the_curtain(
        self, of: Exercise, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Catches a solution that answers before the instructor opens it, and one that stays."""
        shown = of.solution()
        for days, is_open in ((7, False), (-7, True)):
            when = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
            monkeypatch.setenv("TELLWHY_SOLUTIONS_FROM", json.dumps({of.name: when.isoformat()}))
            text = of.solution()
            assert (text == shown) is is_open
            assert is_open or f"opens on {when:%Y-%m-%d at %H:%M}" in text


def label(of: Exercise, code: str) -> list[str]:
    names: dict[str, Any] = {"torch": torch}
    exec(code, names)
    return [one.label for one in of.check(names[re.findall(r"def (\w+)", code)[-1]]).findings]


def test_students_who_spell_a_slip_differently_are_one_row() -> None:
    """Catches a label with a student's own code in it: four halves of a gradient are one slip."""
    of = exercises.gradient
    spelled = [
        "def gradient(X, y, w, b):\n    e = X @ w + b - y\n"
        "    return X.T @ e / len(y) / 2, e.mean().reshape(1) / 2",
        "def gradient(X, y, w, b):\n    r = torch.matmul(X, w) + b - y\n"
        "    return 0.5 * (X * r).mean(dim=0)[:, None], 0.5 * r.mean(dim=0)",
        "def gradient(features, labels, w, b):\n    off = features @ w + b - labels\n"
        "    n = 2 * len(labels)\n    return features.mT @ off / n, off.sum().reshape(1) / n",
        "def gradient(X, y, w, b):\n    n = X.shape[0]\n    p = X.matmul(w).add(b)\n"
        "    return X.t().matmul(p - y).div(2 * n), (p - y).sum(0).div(2 * n)",
    ]
    found = [label(of, code) for code in spelled]
    assert found[0] == found[1] == found[2] == found[3]
    assert len(found[0]) == 1


def test_causes_of_an_error_are_rows_of_their_own() -> None:
    """Catches a label that holds the type of an error alone, whatever led to it."""
    causes = ["X + len(3)", "X + None", "X[0]('a')"]
    code = "def gradient(X, y, w, b):\n    return {}, b\n"
    found = [label(exercises.gradient, code.format(cause))[0] for cause in causes]
    assert len({*found}) == 3
    assert all(one.startswith("raises(error=TypeError, ") for one in found)
    again = label(exercises.gradient, "def gradient(A, c, d, e):\n    return len(7), A\n")[0]
    assert again == found[0]


def test_one_slip_in_two_parts_gets_one_change() -> None:
    """Catches a second change that undoes what the first one mends."""

    def gradient(X: Any, y: Any, w: Any, b: Any) -> Any:
        y_hat = torch.matmul(X, w)  # b is left out
        r = y_hat - y
        dw = (X * r).mean(dim=0)
        db = r.mean(dim=0)
        return dw, db

    said = exercises.gradient.check(gradient).sentences
    changes = [one for one in said if "belongs" in one]
    assert len(changes) == 1, said
    assert changes[0].startswith("`w` and `b`: ")


@pytest.mark.parametrize(
    ("of", "code", "found"),
    [
        (
            exercises.sgd_momentum,
            "def sgd_momentum(params, velocities, lr, batch_size, momentum):\n"
            "    with torch.no_grad():\n        for p, v in zip(params, velocities):\n"
            "            if p.grad.abs().sum() == 0:\n                continue\n"
            "            v *= momentum\n            v += p.grad / batch_size\n"
            "            p -= lr * v\n            p.grad.zero_()\n",
            "special(which=a gradient of zeros, of=parameters, velocities)",
        ),
        (
            exercises.sgd_momentum,
            "def sgd_momentum(params, velocities, lr, batch_size, momentum):\n"
            "    step = torch.optim.SGD(params, lr=lr, momentum=momentum)\n"
            "    for p, v in zip(params, velocities):\n"
            "        p.grad /= batch_size\n"
            "        step.state[p]['momentum_buffer'] = v\n"
            "    step.step()\n    step.zero_grad(set_to_none=False)\n",
            "special(which=a momentum of 0, of=velocities)",
        ),
    ],
)
def test_what_is_special_about_inputs_is_told_alone(of: Exercise, code: str, found: str) -> None:
    """Catches a step that is left out without a gradient, and a buffer that stays as it is."""
    assert label(of, code) == [found]
