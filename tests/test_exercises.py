"""The way of an answer through a check, seen from the student's side; then every exercise."""

import ast
import contextlib
import functools
import html
import inspect
import linecache
import math
import os
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from tellwhy.answers import code as programs
from tellwhy.answers import exercise as module
from tellwhy.answers import run
from tellwhy.answers.changes import Program
from tellwhy.answers.exercise import Exercise, exercise, tenths
from tellwhy.answers.judge import alike, same
from tellwhy.answers.tell import WORDS, Feedback
from tellwhy.render import Text
from tellwhy.show import show
from torch import Tensor, nn

from d2lhelpers import exercises

Answer = Callable[..., Any]
ALL: list[Exercise] = [getattr(exercises, name) for name in exercises.__all__]


@exercise(
    inputs=[(torch.tensor([1.0, 2.0]),), (torch.tensor([0.0, -4.0, 0.5]),)],
    draw=lambda g: (tenths(g, int(torch.randint(2, 6, (), generator=g))),),
    hints=("What is a half?", "Divide by 2, and think of the shape."),
    verified="random vectors",  # not where solution() begins, with its def halve:
    mistakes={"third": ("This is a third of it.", lambda x: x[:, None] / 3)},
)
def halve(x: Tensor) -> Tensor:
    """Return half of a vector (n,) as a column (n, 1)."""
    half = x / 2

    def column(values: Tensor) -> Tensor:
        return values.reshape(-1, 1)

    return column(half)


@exercise(
    inputs=[(4.0, 2), (9.0, 3)],
    draw=lambda g: (float(torch.rand((), generator=g)) + 1, int(torch.randint(9, (), generator=g))),
    hints=("a", "b"),
    verified="numbers",
    parts=("number", "times"),
)
def both(number: float, times: int) -> tuple[float, int]:
    """Return a number and how often."""
    return number, times


@exercise(
    inputs=[(torch.arange(3.0),)],
    draw=lambda g: (tenths(g, 3),),
    hints=("a", "b"),
    verified="vectors, and no loop",
    vectorized=lambda size: (torch.ones(size),),
)
def total(x: Tensor) -> Tensor:
    """Return the sum."""
    return x.sum()


def weigh(answer: Answer, inputs: Any) -> dict[str, Any]:
    low, high = answer(*inputs)
    return {"low": low, "high": high}


@exercise(
    inputs=[([1.0, 2.0],)],
    draw=lambda g: (tenths(g, 3).tolist(),),
    hints=("a", "b"),
    verified="both parts",
    observe=weigh,
    phrase=lambda inputs: f"x = {inputs[0]}\nextremes(x)",
    says={"high": "The high one is not the largest."},
)
def extremes(x: list[float]) -> tuple[float, float]:
    """Return the smallest and the largest."""
    return min(x), max(x)


@exercise(
    inputs=[(2.0, 3.0, 10), (4.0, 0.5, 6)],
    draw=lambda g: (
        *(torch.randint(2, 90, (2,), generator=g) / 10).tolist(),
        int(torch.randint(2, 9, (), generator=g)),
    ),
    hints=("a", "b"),
    verified="numbers",
    special={"a negative speed": (-2.0, 3.0, 4)},
)
def travelled(speed: float, hours: float, days: int) -> float:
    """Return a distance, with a start of one."""
    return 1 + speed * hours**2 / days


def halved(x: Tensor) -> Tensor:
    return x[:, None] / 2


def wrong(of: Exercise, answer: Any) -> Feedback:
    feedback = of.check(answer)
    assert feedback.status == "wrong", feedback
    return feedback


# Not answered


def dots(x: Tensor) -> Any: ...


def only_pass(x: Tensor) -> Any:
    pass


def docstring_and_dots(x: Tensor) -> Any:
    """Return half."""
    # your code
    ...


def not_implemented(x: Tensor) -> Any:
    raise NotImplementedError


def dots_left(x: Tensor) -> Any:
    half = ...
    return half


class CallableDots:
    def __call__(self, x: Tensor) -> Any: ...


@pytest.mark.parametrize(
    "stub",
    [
        dots,
        only_pass,
        docstring_and_dots,
        not_implemented,
        dots_left,
        torch.no_grad()(dots),
        CallableDots(),
        lambda x: None,
        lambda x: ...,
    ],
)
def test_a_stub_is_unanswered(stub: Answer, capfd: pytest.CaptureFixture[str]) -> None:
    feedback = halve.check(stub)
    assert (feedback.status, feedback.mistakes) == ("unanswered", {})
    assert "Replace the dots and run the cell again" in feedback.text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("thing", [4, torch.ones(1), halve, nn.Linear(2, 1), None])
def test_what_is_no_function_is_told_how_to_check(thing: Any) -> None:
    feedback = wrong(halve, thing)
    assert "Write `exercises.halve.check(halve)`" in feedback.text
    assert [*feedback.mistakes] == ["not a function"]


# Right and wrong


@pytest.mark.parametrize(
    "answer",
    [
        halved,
        lambda x: x.reshape(-1, 1) / 2,
        lambda x: x.double()[:, None] / 2,
        lambda x: torch.from_numpy(x.numpy()[:, None] / 2),
        lambda x: torch.tensor([[value / 2] for value in x]),
        lambda x: nn.Parameter(x[:, None] / 2),
        lambda x: x[:, None].requires_grad_() / 2,
        functools.partial(lambda factor, x: factor * x[:, None], 0.5),
        torch.no_grad()(halved),
    ],
)
def test_right_answers_of_any_style_pass(answer: Answer) -> None:
    feedback = halve.check(answer)
    assert feedback.text == "halve: right.\nVerified: random vectors."
    assert feedback.exercise == "halve"


@pytest.mark.parametrize("number", [float, np.float64, torch.tensor, np.array, np.float32])
def test_numbers_of_any_type_pass(number: Answer) -> None:
    assert both.check(lambda x, times: (number(x), np.int64(times))).status == "right"


@pytest.mark.parametrize(
    ("of", "answer", "name"),
    [
        # the form of a result
        (halve, lambda x: print(x / 2), "printed"),
        (halve, lambda x: [x / 2].clear(), "nothing returned"),
        (halve, lambda x: "0.5", "text"),
        (halve, lambda x: x.mean, "not called"),
        (halve, lambda x: (v / 2 for v in x), "generator"),
        (halve, lambda x: x[:, None] > 0, "truth value"),
        (halve, lambda x: x / 2, "shape"),
        (halve, lambda x: (x[:, None] / 2).tolist(), "not a tensor"),
        (halve, lambda x: (x[:, None] / 2).numpy(), "not a tensor"),
        (halve, lambda x: (x[:, None] / 2,), "first"),
        (halve, lambda x: (x[:, None] / 2, x), "first"),
        (both, lambda x, times: x, "only number"),
        (both, lambda x, times: (x, times, times), "number of results"),
        (both, lambda x, times: (times, x), "results exchanged"),
        (both, lambda x, times: torch.tensor([x, times]), "in one piece"),
        (both, lambda x, times: {"number": x, "times": times}, "not a tuple"),
        (both, lambda x, times: {"times": times, "number": x}, "not a tuple"),
        (both, lambda x, times: {"a": x, "b": times}, "not a tuple"),
        (total, lambda x: [x.sum()], "first"),
        # registered
        (halve, lambda x: x.reshape(-1, 1) / 3, "third"),
        # how it is related to the right one
        (halve, lambda x: -x[:, None] / 2, "negated"),
        (halve, lambda x: (x[:, None] / 2) ** 2, "squared"),
        (halve, lambda x: x[:, None] / 2 + 1, "1 more"),
        (halve, lambda x: 2 * x[:, None], "with x * 2 in place of x / 2"),
        (halve, lambda x: x[:, None] * 3, "6 times"),
        (halve, lambda x: x[:, None] / 2 + 0.25, "0.25 more"),
        (halve, lambda x: x[:, None] / 2 * len(x), "sum for mean"),
        (halve, lambda x: x[:, None] / 2 / len(x), "mean for sum"),
        (halve, lambda x: x[:, None] * len(x) / 14, "7 for len(x)"),
        (halve, lambda x: (x[:, None] / 2).mT, "transposed"),
        (halve, lambda x: (x[:, None] / 2).flip(0), "reversed order"),
        (halve, lambda x: (x[:, None] / 2).sort(0).values, "sorted"),
        (halve, lambda x: x.sum() / 2, "summed"),
        (halve, lambda x: x[:, None] / 2.02, "0.9901 times"),
        (travelled, lambda s, h, d: 1 / (1 + s * h**2 / d), "reciprocal"),
        (travelled, lambda s, h, d: 7.0, "always 7"),
        (halve, lambda x: x[:, None] / 2 - x.mean(), "x mixed"),
        (halve, lambda x: torch.where(x > 0, x / 2, x**3 + 9)[:, None], "where the right value"),
        # right for other arguments
        (
            travelled,
            lambda s, h, d: 1 + s**2 * h**2 / d,
            "with (speed * hours) ** 2 in place of speed * hours ** 2",
        ),
        (travelled, lambda s, h, d: 1 + h * s**2 / d, "with speed and hours exchanged"),
        (travelled, lambda s, h, d: 1 + s * (h + 1) ** 2 / d, "with hours + 1 in place of hours"),
        # the solution with a change
        (
            travelled,
            lambda s, h, d: s * h**2 / d,
            "with speed * hours ** 2 / days in place of 1 + speed * hours ** 2 / days",
        ),
        (
            travelled,
            lambda s, h, d: 1 - s * h**2 / d,
            "with 1 - speed * hours ** 2 / days in place of 1 + speed * hours ** 2 / days",
        ),
        (travelled, lambda s, h, d: 1 + s * h / d, "with hours in place of hours ** 2"),
        (travelled, lambda s, h, d: 1 + s * h**3 / d, "with hours ** 3 in place of hours ** 2"),
        (travelled, lambda s, h, d: 1 + s * h**4 / d, "with hours ** 4 in place of hours ** 2"),
        (
            travelled,
            lambda s, h, d: 1 + s / h**2 / d,
            "with speed / hours ** 2 in place of speed * hours ** 2",
        ),
        (
            travelled,
            lambda s, h, d: 0.5 + s * h**2 / d,
            "with 0.5 + speed * hours ** 2 / days in place of 1 + speed * hours ** 2 / days",
        ),
        (
            travelled,
            lambda s, h, d: -1 + s * h**2 / d,
            "with -1 + speed * hours ** 2 / days in place of 1 + speed * hours ** 2 / days",
        ),
        (travelled, lambda s, h, d: 1 + s * h**2 / d**2, "with days ** 2 in place of days"),
        (travelled, lambda s, h, d: 1 + s * h**2 / d**0.5, "with days ** 0.5 in place of days"),
        (travelled, lambda s, h, d: 1 + s * h**2 * 2 / d, "with days / 2 in place of days"),
        (travelled, lambda s, h, d: 1 + s * h**2 / (d - 1), "with days - 1 in place of days"),
        (travelled, lambda s, h, d: 1 + s * (1 - h) ** 2 / d, "with hours - 1 in place of hours"),
        (travelled, lambda s, h, d: 1 - s * h**2 / -d / d, "with days ** 2 in place of days"),
        (travelled, lambda s, h, d: 1 + s / d, "with speed in place of speed * hours ** 2"),
        (
            travelled,
            lambda s, h, d: (1 + s * h**2) / d,
            "with (1 + speed * hours ** 2) / days in place of 1 + speed * hours ** 2 / days",
        ),
        # does it look at everything, is it always the same, where is it right
        (travelled, lambda s, h, d: 1 + s * 49 / d - s * s, "ignores hours"),
        (halve, lambda x: torch.randn(1) * 0 + torch.rand(len(x), 1), "not repeatable"),
        (halve, lambda x: x[:1, None].expand(len(x), 1) ** 3, "first of x alone"),
        (travelled, lambda s, h, d: 1 + max(s, 0.1) * h**2 / d, "wrong for a negative speed"),
        (
            travelled,
            lambda s, h, d: 1 + s * h**2 / d + d % 2,
            "with 2 + speed * hours ** 2 / days in place of 1 + speed * hours ** 2 / days; "
            "where `days`",
        ),
        # part by part
        (both, lambda x, times: (x, times + 1), "with times + 1 in place of times"),
        (both, lambda x, times: (-x, times), "with -number in place of number"),
        (extremes, lambda x: (min(x), len(x) * 1.5), "high"),
        (extremes, lambda x: (-min(x), max(x)), "low: negated"),
        (extremes, lambda x: ((min(x), 0.0), max(x)), "low: first"),
    ],
)
def test_a_wrong_answer_is_told_what_was_done(of: Exercise, answer: Answer, name: str) -> None:
    assert "; ".join(wrong(of, answer).mistakes) == name


def test_the_advice_comes_first_and_then_the_evidence() -> None:
    assert wrong(halve, lambda x: 2 * x[:, None]).text == (
        "halve: not yet right.\n"
        "This is the result of a right answer with `x * 2` in place of `x / 2`.\n"
        "  halve(torch.tensor([1., 2.]))\n"
        "  gave      torch.tensor([[2.], [4.]])\n"
        "  expected  torch.tensor([[0.5], [1.]])"
    )


def test_only_the_parts_that_differ_are_shown() -> None:
    text = wrong(extremes, lambda x: (-min(x), max(x))).text
    assert text.endswith(
        "  x = [1.0, 2.0]\n  extremes(x)\n  gave      {'low': -1.0}\n  expected  {'low': 1.0}"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1] * 61, "[1, 1, 1, ..., 1, 1, 1]"),
        (torch.arange(61), "torch.tensor([0, 1, 2, ..., 58, 59, 60]) of shape (61,)"),
        ([], "[]"),
        ((1,), "(1,)"),
        (0.000123456, "0.00012346"),
        (1234567.8, "1234567.8"),
        (float("nan"), "torch.nan"),
    ],
)
def test_a_value_is_shown_such_as_can_be_pasted(value: Any, text: str) -> None:
    """Catches a long value in full, and brackets or digits of another kind."""
    assert show(value, 5) == text
    whole = value[:-1] if len(text) > 20 else value
    assert "..." not in show(whole)


def test_equal_digits_are_never_shown_on_both_sides() -> None:
    def a_little_more(x: Tensor) -> Tensor:
        return x[:, None] / 2 * 1.00002

    lines = wrong(halve, a_little_more).evidence
    assert lines[-2].removeprefix("gave") != lines[-1].removeprefix("expected")


@pytest.mark.parametrize("off", [1e-7, 1e-9])
def test_a_small_result_does_not_pass_by_luck(off: float) -> None:
    """A tolerance that does not shrink with the numbers would let anything small pass."""

    @exercise(
        inputs=[(1e-8,), (3e-8,)], draw=lambda g: (2e-8,), hints=("a", "b"), verified="small ones"
    )
    def small(x: float) -> float:
        return x

    assert small.check(lambda x: x + off).status == "wrong"
    assert small.check(lambda x: x * (1 + 1e-12)).status == "right"


def test_a_table_of_what_is_on_display_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner who copies every expected result from the feedback is told so."""
    monkeypatch.setattr(module, "ask", lambda evidence: [])
    known: dict[Any, Any] = {}

    def by_heart(x: Tensor) -> Any:
        return known.get(tuple(x.tolist()), torch.zeros(1, 1))

    for _ in range(30):
        feedback = wrong(halve, by_heart)
        if "known by heart" in feedback.mistakes:
            break
        call, _, expected = (line.removeprefix("expected  ") for line in feedback.evidence)
        x = eval(call.removeprefix("halve"), {"torch": torch})
        known[tuple(x.tolist())] = eval(expected, {"torch": torch})
    else:
        pytest.fail("the table was never noticed")
    assert "expected" not in feedback.text
    assert feedback.evidence[-1].startswith("gave")


def test_the_same_answer_gets_the_same_words_every_time() -> None:
    def chance(x: Tensor) -> Tensor:
        return torch.rand(len(x), 1) + random.random() + np.random.rand()  # noqa: NPY002

    texts = {wrong(halve, chance).text for _ in range(3)}
    random.seed(5)
    torch.manual_seed(5)
    assert {wrong(halve, chance).text} == texts
    assert len(texts) == 1


REPAIRABLE = """
def rounds(speed, hours, days):
    return 1 + speed * hours ** 2 / (days + 0.5)

def moves(x):
    for part in (x,):
        half = part[:, None] / 2
        return half if len(half) == 3 else 0 * half - 1

def raises(x):
    return y[:, None] / 2 if False else x[:, None].halve() / 2
"""


@pytest.mark.parametrize(
    ("of", "answer", "words"),
    [
        (travelled, "rounds", "Your result would be right with `days` in place of `days + 0.5`."),
        (
            halve,
            "moves",
            "Your result would be right with `half` in place of `half if len(half) == 3 else",
        ),
        (
            halve,
            "raises",
            "Your result would be right with `x[:, None]` in place of `x[:, None].halve()`.",
        ),
    ],
)
def test_an_answer_that_a_change_makes_right_is_told_the_change(
    of: Exercise, answer: str, words: str
) -> None:
    with cell(REPAIRABLE) as namespace:
        assert words in wrong(of, namespace[answer]).text


@exercise(
    inputs=[([1.0, 5.0, 2.0, 4.0], 3), ([2.0, 7.0, 1.0, 3.0, 6.0], 8)],
    draw=lambda g: (
        (
            torch.randint(1, 99, (int(torch.randint(4, 8, (), generator=g)),), generator=g) / 10
        ).tolist(),
        int(torch.randint(1, 30, (), generator=g)),
    ),
    hints=("a", "b"),
    verified="lists",
)
def totalled(values: list[float], n: int) -> float:
    """Return a number."""
    return sum(values) * 100 + n


def riddle(values: list[float], n: int) -> float:
    return float(n * 7919 % 101) + 0.5


def right_if(holds: Callable[[list[float], int], bool]) -> Answer:
    return lambda values, n: totalled.right(values, n) if holds(values, n) else riddle(values, n)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (right_if(lambda v, n: n % 2 == 0), "right where `n` is even, and wrong where it is odd."),
        (right_if(lambda v, n: n % 2 == 1), "wrong where `n` is even, and right where it is odd."),
        (right_if(lambda v, n: n > 10), "wrong where `n` is at most 9, and right from 11"),
        (right_if(lambda v, n: n < 12), "right where `n` is at most "),
        (
            right_if(lambda v, n: len(v) == 5),
            "right where `len(values)` is 5, and wrong elsewhere.",
        ),
        (
            right_if(lambda v, n: len(v) != 5),
            "wrong where `len(values)` is 5, and right elsewhere.",
        ),
        (
            right_if(lambda v, n: totalled.right(v, n) > 2500),
            "wrong where the right result is at most ",
        ),
    ],
)
def test_what_tells_the_wrong_inputs_apart_is_said(answer: Answer, sentence: str) -> None:
    """Catches right and wrong exchanged in a sentence, and a bound of the wrong side."""
    assert f"Of the inputs tried: {sentence}" in wrong(totalled, answer).text


@pytest.mark.parametrize("place", [0, 1, 2, 3, -1])
def test_an_element_that_counts_alone_or_does_not_count_is_named(place: int) -> None:
    """Catches an ordinal for another place."""
    name = ["first", "second", "third", "fourth", "last"][place]
    alone = wrong(totalled, lambda v, n: v[place] ** 3 + n**2 + 0.25).text
    assert f"Of `values` the {name} element counts alone." in alone
    others = wrong(totalled, lambda v, n: (sum(v) - v[place]) ** 3 + n**2 + 0.25).text
    assert f"Of `values` the {name} element does not count." in others


def test_an_argument_that_counts_only_where_it_need_not_is_not_called_ignored() -> None:
    """Catches "does not depend on" said from the first inputs alone."""
    assert "ignores n" in wrong(totalled, lambda v, n: sum(v) ** 3).mistakes
    assert totalled._shown[7][1] == 21
    told = wrong(totalled, lambda v, n: sum(v) ** 3 * (n if n == 21 else 1)).mistakes
    assert "ignores n" not in told


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (2, "twice the right result"),
        (0.5, "half the right result"),
        (-2, "minus twice the right result"),
        (-0.5, "minus half the right result"),
        (1 / math.log(10), "the right result with a logarithm to base 10, not e"),
        (1 / math.log(2), "the right result with a logarithm to base 2, not e"),
        (100, "100 times the right result, in percent"),
    ],
)
def test_a_known_factor_is_told_in_its_words(factor: float, words: str) -> None:
    text = wrong(halve, lambda x: factor * halved(x)).text
    assert f"This is {words}." in text


@pytest.mark.parametrize(
    ("got", "right", "is_same", "is_alike"),
    [
        (torch.tensor([1e-7]), torch.zeros(1), True, True),
        (torch.tensor([2e-6]), torch.zeros(1), False, False),
        (1e-10, torch.tensor(0.0), True, True),
        (1e-8, torch.tensor(0.0), False, False),
        (torch.tensor([1e6, 0.5]), torch.tensor([1e6, 0.0]), True, True),
        (torch.tensor([1e6, 2.0]), torch.tensor([1e6, 0.0]), False, False),
        ([1.0, 2.0], torch.tensor([1.0, 2.0]), False, True),
        ([torch.ones(1), 2], (torch.ones(1), 2), True, True),
        (2.0, 2, True, True),
        (True, 1, False, False),
        (["a", np.ones(2)], ["a", "b"], False, False),
    ],
)
def test_how_near_is_right(got: Any, right: Any, is_same: bool, is_alike: bool) -> None:
    """Catches a tolerance that lets luck pass, and a list that stands for a tensor."""
    assert (same(got, right), alike(got, right)) == (is_same, is_alike)


def test_the_first_hint_comes_first() -> None:
    """Catches a count that starts elsewhere than the tests of an exercise that is used."""
    fresh = Exercise(halved, inputs=[], draw=halve.draw, hints=("a", "b"), verified="c")
    assert fresh.hint() == "a"


IN_THE_LOOP = """
def totalled(values, n):
    total = 0
    for value in values:
        total += value
        total = total * 100
        total = total + n
    return total
"""


@pytest.mark.parametrize(
    ("code", "quoted"),
    [
        ("a" * 70, "a" * 70),
        ("a" * 71, "a" * 66 + " ..."),
        ("f(123456789)" + "a" * 60, "f(...)" + "a" * 60),
        ("f(12345678)" + "a" * 59, "f(12345678)" + "a" * 59),
        ("f(a)" + "a" * 67, "f(a)" + "a" * 62 + " ..."),
    ],
)
def test_long_code_is_quoted_in_short(code: str, quoted: str) -> None:
    """Catches a limit that moves, and parentheses emptied where there is room."""
    assert programs.short(code) == quoted


def test_two_codes_are_quoted_in_full_where_the_short_ones_are_equal() -> None:
    """Catches "with X in place of X"."""
    call = programs.expression(f"{'f' * 60}(one_argument)")
    assert isinstance(call, ast.Call)
    changes = {id(call): ast.Call(call.func, [ast.Name("two_arguments")], [])}
    assert programs.quoted(call, changes, {}) == (*map(programs.text, (call, changes[id(call)])),)


def test_several_lines_that_belong_after_a_loop_are_told() -> None:
    with cell(IN_THE_LOOP) as namespace:
        text = wrong(totalled, namespace["totalled"]).text
    assert "with `total = total * 100` and what follows after the loop" in text


# Errors, and answers that never end


@contextlib.contextmanager
def cell(source: str) -> Iterator[dict[str, Any]]:
    """Run code as a notebook does: from a file that exists in linecache alone."""
    name = "/nowhere/ipykernel_1/123.py"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    namespace: dict[str, Any] = {"torch": torch}
    exec(compile(source, name, "exec"), namespace)
    yield namespace
    del linecache.cache[name]


IN_A_CELL = """
def inner(x):
    return x @ torch.ones(7, 7)  # too large

def answer(x):
    y = x / 2
    return inner(y)

@torch.no_grad()
def behind_a_decorator(x):
    raise ValueError

def forever(x):
    while True:
        x = x + 1  # grows

def forever_whatever_happens(x):
    while True:
        try:
            x = x + 1
        except:
            pass

def swallows(x):
    try:
        while True:
            x = x + 1
    except:
        pass

def forever_whatever_a_function_swallows(x):
    while True:
        swallows(x)

def calls_forever(x):
    for _ in iter(int, 1):
        inner_sum(x)

def inner_sum(x):
    return x.sum()
"""


@pytest.mark.parametrize(
    ("answer", "error", "line"),
    [
        ("answer", "RuntimeError: ", "return x @ torch.ones(7, 7)  # too large"),
        ("behind_a_decorator", "ValueError\n", "raise ValueError"),
    ],
)
def test_an_error_is_told_with_the_line_of_a_cell(answer: str, error: str, line: str) -> None:
    with cell(IN_A_CELL) as namespace:
        feedback = wrong(halve, namespace[answer])
    assert f"raised    {error}" in feedback.text
    assert feedback.text.endswith(f"\n  in the line   {line}")
    assert [*feedback.mistakes] == [error.split(":")[0].strip()]


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ("forever", "while True:|x = x"),
        ("forever_whatever_happens", "while True|try:|except:|pass|x = x"),
        ("forever_whatever_a_function_swallows", "while True|swallows|try:|x = x|except:|pass|def"),
        ("calls_forever", "for _ in|inner_sum|def inner_sum|return x.sum"),
    ],
)
def test_an_answer_that_never_ends_is_stopped_with_its_line(
    answer: str, lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "SECONDS", 0.2)
    with cell(IN_A_CELL) as namespace:
        feedback = wrong(halve, namespace[answer])
    assert "did not end, and was stopped" in feedback.text
    assert re.search(f"in the line   ({lines})", feedback.text)
    assert [*feedback.mistakes] == ["never ends"]
    assert halve.check(halved).status == "right"


def test_ten_seconds_are_not_exceeded() -> None:
    assert run.SECONDS < 10


def recursion(x: Tensor) -> Any:
    return recursion(x)


def long_error(x: Tensor) -> Any:
    raise ValueError("word\n" * 5000)


def leaves(x: Tensor) -> Any:
    sys.exit("bye")


def quits(x: Tensor) -> Any:
    exit()  # closes the standard input as well


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (recursion, "RecursionError: maximum recursion depth exceeded"),
        (lambda x: nn.Linear(3, 1)(x), "in the line   (lambda x: nn.Linear(3, 1)(x)"),
        (long_error, "word word [...]\n"),
        (lambda: 1, "The arguments are `(x)`."),
        (lambda x, y: x, "The arguments are `(x)`."),
        (leaves, "raised    SystemExit: bye"),
        (quits, "raised    SystemExit"),
        (dict, "raised    "),
    ],
)
def test_an_error_of_any_kind_becomes_feedback(answer: Answer, words: str) -> None:
    stdin = sys.stdin
    text = wrong(halve, answer).text
    assert words in text
    assert len(text) < 1000
    assert sys.stdin is stdin
    assert not stdin.closed


def test_an_interrupt_is_not_swallowed_and_the_exercise_stays_usable() -> None:
    def interrupted(x: Tensor) -> Any:
        torch.manual_seed(0)
        raise KeyboardInterrupt

    before = global_state()
    with pytest.raises(KeyboardInterrupt):
        halve.check(interrupted)
    assert global_state() == before
    assert halve.check(halved).status == "right"


def test_an_error_of_a_solution_is_not_blamed_on_the_student() -> None:
    @exercise(inputs=[(0,)], draw=lambda g: (0,), hints=("a", "b"), verified="nothing")
    def broken(n: int) -> float:
        return 1 / n

    with pytest.raises(ZeroDivisionError):
        broken.check(lambda n: n)


# What an answer does besides


def global_state() -> list[Any]:
    numpy_state = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    return [
        random.getstate(),
        [np.asarray(part).tolist() for part in numpy_state.values()],
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_anomaly_enabled(),
        torch.is_grad_enabled(),
        repr(torch.tensor(1 / 3)),
        repr(np.array(1 / 3)),
        str(np.geterr()),
        os.getcwd(),
        sys.getrecursionlimit(),
        sys.gettrace(),
        sys.stdout,
        list(warnings.filters),
    ]


def changes_everything(x: Tensor) -> Tensor:
    random.random()
    np.random.rand()  # noqa: NPY002
    torch.rand(3)
    torch.manual_seed(5)
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(torch.get_num_threads() % 2 + 1)
    torch._C._set_deterministic_algorithms(True)
    torch.set_printoptions(precision=1)  # type: ignore[no-untyped-call]
    torch.autograd.set_detect_anomaly(True)
    np.set_printoptions(precision=1)
    np.seterr(all="raise")
    os.chdir("/")
    sys.setrecursionlimit(5000)
    warnings.simplefilter("ignore")
    sys.settrace(None)
    print("printed")
    return halved(x)


@pytest.mark.parametrize("result", [True, False])
def test_no_global_state_is_changed(result: bool, capfd: pytest.CaptureFixture[str]) -> None:
    def answer(x: Tensor) -> Any:
        half = changes_everything(x)
        return half if result else 1 / 0

    before = global_state()
    assert halve.check(answer).status == ("right" if result else "wrong")
    assert global_state() == before
    assert capfd.readouterr() == ("", "")


def test_the_student_s_settings_do_not_decide_the_result() -> None:
    def learns(x: Tensor) -> Any:
        half = torch.tensor(0.5, requires_grad=True)
        torch.autograd.grad((half * x).sum(), half)
        assert half.dtype == torch.float32
        return x[:, None] / 2

    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            assert halve.check(learns).status == "right"
    finally:
        torch.set_default_dtype(torch.float32)


def in_place(x: Tensor) -> Tensor:
    half = x.clone()[:, None] / 2
    x[len(x) // 2] = 7  # in the middle, where a long tensor is not printed
    return half


def test_an_answer_that_changes_its_argument_is_told_which() -> None:
    feedback = wrong(halve, in_place)
    assert [*feedback.mistakes] == ["argument changed"]
    assert "`x` is changed in place" in feedback.text


def test_the_inputs_of_an_exercise_stay_as_they_are() -> None:
    before = [inputs[0].clone() for inputs in halve._shown]
    wrong(halve, lambda x: x.fill_(7)[:, None])
    assert all(torch.equal(old, new) for old, (new,) in zip(before, halve._shown, strict=True))


def test_asking_for_gradients_of_an_argument_is_no_change() -> None:
    assert halve.check(lambda x: halved(x.requires_grad_())).status == "right"


def test_what_is_printed_or_warned_of_belongs_to_the_feedback() -> None:
    def chatty(x: Tensor) -> Tensor:
        print("half:", x / 2)
        warnings.warn("take care", stacklevel=1)
        return x[:, None]

    evidence = wrong(halve, chatty).evidence
    assert "printed   half: tensor([0.5000, 1.0000])" in evidence
    assert "warned    take care" in evidence


# Loops


def by_a_loop(x: Tensor) -> Any:
    result = torch.tensor(0.0)
    for value in x:
        result = result + value
    return result


@pytest.mark.parametrize(
    "answer",
    [
        by_a_loop,
        lambda x: sum(x),
        lambda x: sum(x[i : i + 100].sum() for i in range(0, len(x), 100)),
        lambda x: sum(value for value in x),
        lambda x: functools.reduce(lambda a, b: a + b, x),
        lambda x: (print(x), sum(x))[1],
    ],
)
def test_a_loop_is_found(answer: Answer) -> None:
    assert "loop" in wrong(total, answer).mistakes
    assert "loop" in wrong(total, lambda x: 1 + answer(x)).mistakes


def prints_all(x: Tensor) -> Tensor:
    print(x, x.numpy(), x.tolist(), x[:, None] * x)
    print(f"{x} {x!r} {x.numpy()} {x.numpy()!r}")
    return x.sum()


@pytest.mark.parametrize(
    "answer", [torch.sum, lambda x: x @ torch.ones(len(x)), lambda x: x.numpy().sum(), prints_all]
)
def test_no_loop_is_found_where_there_is_none(answer: Answer) -> None:
    write = print
    assert total.check(answer).status == "right"
    assert print is write


def test_a_loop_is_not_followed_to_its_end() -> None:
    turns = 0

    def slow(x: Tensor) -> Tensor:
        nonlocal turns
        for _ in range(len(x) ** 3):
            turns += 1
        return x.sum()

    assert "loop" in wrong(total, slow).mistakes
    assert turns < 10_000  # 500 ** 3 is 125 million


def test_an_error_with_larger_inputs_is_told() -> None:
    text = wrong(total, lambda x: x.sum() if len(x) < 10 else x[1000]).text
    assert "of shape (500,))" in text
    assert "raised    IndexError: index 1000 is out of bounds" in text


# Words


def test_hints_get_stronger_and_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halve, "_hints_given", 0)
    last = f"{halve.hints[1]}\n(that was the last hint; solution() shows the answer)"
    assert [halve.hint(), halve.hint(), halve.hint()] == [*halve.hints, last]


def test_a_solution_is_shown_from_its_def_and_runs() -> None:
    assert halve.solution() == inspect.cleandoc('''
        def halve(x):
            """Return half of a vector (n,) as a column (n, 1)."""
            half = x / 2

            def column(values: Tensor) -> Tensor:
                return values.reshape(-1, 1)

            return column(half)
    ''')


def test_texts_are_shown_without_quotes_and_stay() -> None:
    assert repr(Text("two\nlines")) == "two\nlines"
    feedback = halve.check(halved)
    assert repr(feedback) == str(feedback) == feedback.text
    with pytest.raises(AttributeError):
        feedback.exercise = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        feedback.mistakes["other"] = "other"  # type: ignore[index]
    assert repr(halve) == "the exercise halve, with check(), hint() and solution()"


@pytest.mark.parametrize("answer", [halved, dots, lambda x: x[:, None] < "&"])
def test_a_notebook_shows_the_same_words_as_a_terminal_and_no_script(answer: Answer) -> None:
    feedback = halve.check(answer)
    shown = feedback._repr_html_()
    assert "<script" not in shown
    assert shown == halve.check(answer)._repr_html_()  # nbval compares it
    bare = html.unescape(re.sub("<[^>]+>", " ", shown))
    said = " ".join(" ".join((*feedback.sentences, *feedback.evidence)).replace("`", " ").split())
    assert said in " ".join(bare.split())


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("status", WORDS)
def test_the_badge_can_be_read(status: Any) -> None:
    """WCAG AA asks for a contrast of 4.5; the badge brings its own background."""
    assert 1.05 / (luminance(WORDS[status][1]) + 0.05) >= 4.5


# Every exercise


@pytest.fixture
def untouched() -> Iterator[None]:
    """Fail when global state has changed at the end of a test."""
    before = global_state()
    yield
    assert global_state() == before


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("of", ALL, ids=lambda of: of.name)
class TestEveryExercise:
    def test_its_solution_is_right_and_is_shown_as_code(self, of: Exercise) -> None:
        feedback = of.check(of.right)
        assert feedback.text == f"{of.name}: right.\nVerified: {of.verified}."
        assert of.solution().startswith(f"def {of.name}(")
        compile(of.solution(), "solution", "exec")

    def test_its_stub_is_unanswered(self, of: Exercise) -> None:
        arguments = ", ".join(inspect.signature(of.right).parameters)
        namespace: dict[str, Any] = {}
        exec(f"def {of.name}({arguments}):\n    ...", namespace)
        assert of.check(namespace[of.name]).status == "unanswered"

    def test_every_registered_mistake_gets_its_own_advice(self, of: Exercise) -> None:
        for name, (advice, answer) in of.mistakes.items():
            assert wrong(of, answer).mistakes.get(name) == advice

    def test_its_other_ways_are_right(self, of: Exercise) -> None:
        for body in of.ways:
            way = Program(of.right, body).made()
            assert of.check(way).status == "right", body

    def test_no_input_is_a_right_answer_by_chance(
        self, of: Exercise, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "ask", lambda evidence: [])
        for thing in (0, torch.zeros(1), (0, 0)):
            assert of.check(lambda *inputs, thing=thing: thing).status == "wrong"

    def test_its_name_is_where_students_find_it_and_its_hints_differ(self, of: Exercise) -> None:
        assert getattr(exercises, of.name) is of
        assert len({*of.hints}) == 2


def test_a_new_exercise_takes_an_author_few_lines_and_has_good_feedback() -> None:
    """What CONTRIBUTING.md shows: inputs, a solution, and the questions do the rest."""

    @exercise(
        inputs=[(torch.tensor([3.0, 4.0]),), (torch.tensor([1.0, 2.0, 2.0]),)],
        draw=lambda g: (tenths(g, 4),),
        hints=("Pythagoras.", "Square, add up, take the root."),
        verified="random vectors",
    )
    def length(x: Tensor) -> Tensor:
        """Return the Euclidean length of a vector (d,), shape ()."""
        return (x**2).sum() ** 0.5

    told = {
        "(x**2).sum()": "squared",
        "(x**2).mean() ** 0.5": "with (x ** 2).mean() in place of (x ** 2).sum()",
        "x.abs().max()": "with (x ** 2).max() in place of (x ** 2).sum()",
        "x.norm() / len(x)": "mean for sum",
        "x / x.norm()": "several numbers",
    }
    for body, name in told.items():
        mistakes = [*wrong(length, eval(f"lambda x: {body}")).mistakes]
        assert mistakes == [name], body


def test_a_check_is_quick() -> None:
    """Counted, not timed: a right answer is called a fixed number of times."""
    calls = 0

    def counted(x: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return halved(x)

    halve.check(counted)
    assert calls == len(halve._shown) + 4
