"""What all exercises share, seen from the student's side; then every exercise held against it."""

import functools
import inspect
import linecache
import math
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from d2lhelpers import exercises
from d2lhelpers.exercises.base import Exercise, Feedback, Mistake, Text, exercise, same, show
from d2lhelpers.exercises.base import tenths as draw_tenths

Answer = Callable[..., Any]
ALL: list[Exercise] = [getattr(exercises, name) for name in exercises.__all__]


@exercise(
    fixed=[(torch.tensor([1.0, 2.0]),), (torch.tensor([0.0, -4.0, 0.5]),)],
    draw=lambda g: (draw_tenths(g, 4),),
    hints=("What is a half?", "Divide by 2, and think of the shape."),
    verified="random vectors",  # not where solution() begins, with its def halve:
)
def halve(x: Tensor) -> Tensor:
    """Return half of a vector (n,) as a column (n, 1)."""
    half = x / 2

    def column(values: Tensor) -> Tensor:
        return values.reshape(-1, 1)

    return column(half)


@halve.mistake("This is twice the vector.")
def _twice(x: Tensor) -> Tensor:
    return 2 * x[:, None]


@exercise(
    fixed=[(4.0, 2), (9.0, 3)],
    draw=lambda g: (float(torch.rand((), generator=g)), 2),
    hints=("a", "b"),
    verified="numbers",
)
def both(number: float, times: int) -> tuple[float, int]:
    """Return a number and how often."""
    return number, times


@exercise(
    fixed=[(torch.arange(3.0),)],
    draw=lambda g: (draw_tenths(g, 3),),
    hints=("a", "b"),
    verified="vectors, and no loop",
    vectorized=lambda size: (torch.ones(size),),
)
def total(x: Tensor) -> Tensor:
    """Return the sum."""
    return x.sum()


@exercise(
    fixed=[([1.0, 2.0],)],
    draw=lambda g: (draw_tenths(g, 2).tolist(),),
    hints=("a", "b"),
    verified="both parts",
    observe=lambda answer, inputs: dict(zip(["low", "high"], answer(*inputs), strict=True)),
    phrase=lambda inputs: f"x = {inputs[0]}\nextremes(x)",
)
def extremes(x: list[float]) -> tuple[float, float]:
    """Return the smallest and the largest."""
    return min(x), max(x)


@extremes.mistake("The low one is negative.")
def _negative_low(x: list[float]) -> tuple[float, float]:
    return -min(x), max(x)


@extremes.mistake("The high one is negative.")
def _negative_high(x: list[float]) -> tuple[float, float]:
    return min(x), -max(x)


def halved(x: Tensor) -> Tensor:
    return x[:, None] / 2


def check_text(of: Exercise, answer: Any) -> str:
    """Return the text of a check that should say wrong."""
    feedback = of.check(answer)
    assert feedback.status == "wrong", feedback
    return feedback.text


# Not answered


def dots(x: Tensor) -> Any: ...


def only_pass(x: Tensor) -> Any:
    pass


def only_docstring(x: Tensor) -> Any:
    """Return half."""


def returns_none(x: Tensor) -> Any:
    return None


def returns_dots(x: Tensor) -> Any:
    return ...


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
        only_docstring,
        returns_none,
        returns_dots,
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
    assert feedback.status == "unanswered"
    assert feedback.text == (
        "halve: not answered yet. Replace the dots and run the cell again; "
        "exercises.halve.hint() helps."
    )
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (4, "got 4."),
        (torch.ones(1), "got torch.tensor([1.])."),
        (halve, "got the exercise halve"),
        (nn.Linear(2, 1), "check() wants the function itself, got nn.Linear(2, 1)."),
    ],
)
def test_what_is_no_function_is_told_how_to_check(thing: Any, words: str) -> None:
    text = check_text(halve, thing)
    assert words in text
    assert "exercises.halve.check(halve), without parentheses" in text


def test_check_without_an_argument_is_told_how_to_check() -> None:
    feedback = halve.check()
    assert feedback.status == "wrong"
    assert "check() wants the function itself. Write exercises.halve.check(halve)" in feedback.text


# Right and wrong


@pytest.mark.parametrize(
    "answer",
    [
        halved,
        lambda x: x.reshape(-1, 1) / 2,
        lambda x: x.double()[:, None] / 2,
        lambda x: x.numpy()[:, None] / 2,
        lambda x: np.broadcast_to(x[:, None] / 2, (len(x), 1)),
        lambda x: (x.numpy()[::-1, None] / 2)[::-1],
        lambda x: [[value / 2] for value in x.tolist()],
        lambda x: [[value / 2] for value in x],
        lambda x: [np.array([value / 2]) for value in x.tolist()],
        lambda x: nn.Parameter(x[:, None] / 2),
        lambda x: x[:, None].requires_grad_() / 2,
        functools.partial(lambda factor, x: factor * x[:, None], 0.5),
        torch.no_grad()(halved),
    ],
)
def test_right_answers_of_any_style_pass(answer: Answer) -> None:
    assert halve.check(answer) == Feedback("right", "halve: right. Verified: random vectors.")


@pytest.mark.parametrize("number", [float, np.float64, torch.tensor, np.array, np.float32])
def test_numbers_of_any_type_pass(number: Answer) -> None:
    assert both.check(lambda x, times: (number(x), np.int64(times))).status == "right"


def test_a_wrong_answer_is_shown_beside_the_right_one_with_advice() -> None:
    assert check_text(halve, lambda x: 2 * x[:, None]) == (
        "halve: not yet right.\n"
        "  halve(torch.tensor([1., 2.]))\n"
        "  gave      torch.tensor([[2.], [4.]])\n"
        "  expected  torch.tensor([[0.5], [1.]])\n"
        "This is twice the vector."
    )


def test_only_the_parts_that_differ_are_shown_each_with_its_advice() -> None:
    assert check_text(extremes, lambda x: (-min(x), max(x))) == (
        "extremes: not yet right.\n"
        "  x = [1.0, 2.0]\n"
        "  extremes(x)\n"
        "  gave      low: -1.0\n"
        "  expected  low: 1.0\n"
        "The low one is negative."
    )
    text = check_text(extremes, lambda x: (-min(x), -max(x)))
    assert text.endswith("The low one is negative.\nThe high one is negative.")


def a_table(x: Tensor) -> Tensor:
    known = {2: torch.tensor([[0.5], [1.0]]), 3: torch.tensor([[0.0], [-2.0], [0.25]])}
    return known[len(x)]


def test_a_table_of_the_fixed_results_does_not_pass() -> None:
    assert "KeyError: 4" in check_text(halve, a_table)


def no_return(x: Tensor) -> None:
    half = x / 2
    half.reshape(-1, 1)


@pytest.mark.parametrize(
    ("of", "answer", "words"),
    [
        (halve, no_return, "gave      None\n  expected  torch.tensor([[0.5], [1.]])\n"),
        (halve, no_return, "The function returned None. Is a return missing at its end?"),
        (
            halve,
            lambda x: x / 2,
            "The values are right, the shape is not. It is (2,) and should be (2, 1).",
        ),
        (halve, lambda x: x.outer(x), "The shape is (2, 2) and should be (2, 1)."),
        (halve, lambda x: x[:, None] > 1, "The dtype is torch.bool and should be torch.float32."),
        (halve, lambda x: x[:, None] * math.nan, "NaN is not a number"),
        (halve, lambda x: x[:, None] * math.inf, "torch.tensor([[torch.inf], [torch.inf]])"),
        (halve, lambda x: x[:, None] / 2 + 0.001, "gave      torch.tensor([[0.501], [1.001]])"),
        (halve, lambda x: (x[:, None] / 2).numpy().astype(str), "gave      array([['0.5'], ['1.0"),
        (halve, lambda x: "0.5", "gave      '0.5'"),
        (halve, lambda x: "0.5", "This is text (a str)."),
        (both, lambda x, times: (str(x), times), "Result 1 of 2: This is text (a str)."),
        (halve, lambda x: x[:, None] * 1j, "gave      "),
        (halve, lambda x: x[:, None].to_sparse(), "gave      "),
        (halve, lambda x: (x[:, None] / 2.1).bfloat16(), "gave      "),
        (halve, lambda x: {1, 2}, "gave      {1, 2}"),
        (both, lambda x, times: x, "It should return 2 results, with commas between them."),
        (both, lambda x, times: (x,), "It returned 1 results and should return 2."),
        (both, lambda x, times: (x, [times]), "Result 2 of 2: The values are right, the shape is"),
        (both, lambda x, times: (x, times + 1e-4), "expected  (4.0, 2)"),
        (both, lambda x, times: (None, times), "Result 1 is None."),
        (both, lambda x, times: (x, None), "expected  (4.0, 2)\nResult 2 is None."),
        (both, lambda x, times: (str(x), times), "gave      ('4.0', 2)"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(of: Exercise, answer: Answer, words: str) -> None:
    assert words in check_text(of, answer)


def test_results_are_shown_to_the_digits_that_are_compared() -> None:
    assert "gave      torch.tensor([[1e+35], [2e+35]])" in check_text(
        halve, lambda x: x[:, None] * 1e35
    )
    assert "gave      (1.33333, 2)" in check_text(both, lambda x, times: (x / 3, times))
    text = check_text(both, lambda x, times: (np.float64(x) + 1e-3, times))
    assert "gave      (4.001, 2)" in text


def test_float64_is_held_to_its_own_precision() -> None:
    expected = torch.tensor([1.0, 2.0], dtype=torch.float64)
    assert same(expected + 1e-12, expected)
    assert not same(expected + 1e-7, expected)
    assert same((expected + 1e-7).float(), expected)


@pytest.mark.parametrize(
    ("got", "expected", "agree"),
    [
        (np.bool(True), True, True),
        (torch.tensor(True), True, True),
        (1, True, False),
        (3.0, 3, True),
        (3.00001, 3, False),
        (10**30, 3, False),
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (math.inf, math.inf, True),
        (-math.inf, math.inf, False),
        (None, None, True),
        (None, 0, False),
        (Text("a"), Text("a"), True),
        ("a", Text("a"), False),
        ([1, 2], (1, 2), True),
        ((1, 2), (1, 3), False),
        ({"a": 1.0}, {"a": 1.0}, True),
        ({"b": 1.0}, {"a": 1.0}, False),
        (torch.ones(2, device="meta"), torch.ones(2), False),
        (torch.ones(2), torch.ones(2, 1), False),
    ],
)
def test_results_agree_in_shape_kind_and_value(got: Any, expected: Any, agree: bool) -> None:
    assert same(got, expected) is agree


def test_a_python_number_has_no_dtype_to_be_told_of() -> None:
    assert "dtype" not in check_text(both, lambda x, times: (x > 0, times))


# Errors in the student's code


@contextmanager
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

class Answer:
    @torch.no_grad()
    def __call__(self, x):
        return torch.stack(
            [x, x.nothing]
        )

@torch.no_grad()
def behind_a_decorator(x):
    raise ValueError
"""


@pytest.mark.parametrize(
    ("answer", "error", "line"),
    [
        ("answer", "RuntimeError: ", "return x @ torch.ones(7, 7)  # too large"),
        ("Answer()", "AttributeError: 'Tensor' object has no attribute 'noth", "[x, x.nothing]"),
        ("behind_a_decorator", "ValueError\n", "raise ValueError"),
    ],
)
def test_an_error_is_told_with_the_line_of_a_cell(answer: str, error: str, line: str) -> None:
    with cell(IN_A_CELL) as namespace:
        text = check_text(halve, eval(answer, namespace))
    assert text.startswith("halve: not yet right.\n  halve(torch.tensor([1., 2.]))\n  raised    ")
    assert f"raised    {error}" in text
    assert text.endswith(f"\n  in the line   {line}")


def recursion(x: Tensor) -> Any:
    return recursion(x)


def deep_in_torch(x: Tensor) -> Any:
    return nn.Linear(3, 1)(x)


class LongError(Exception):
    def __str__(self) -> str:
        return "word\n" * 5000


def long_error(x: Tensor) -> Any:
    raise LongError


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (recursion, "RecursionError: maximum recursion depth exceeded"),
        (recursion, "in the line   return recursion(x)"),
        (deep_in_torch, "in the line   return nn.Linear(3, 1)(x)"),
        (long_error, "word word [...]\n  in the line   raise LongError"),
        (lambda x: x.nothing, "AttributeError: "),
        (lambda: 1, "takes 0 positional arguments but 1 was given\nThe arguments should be (x)."),
        (lambda x, y: x, "missing 1 required positional argument: 'y'\nThe arguments should be"),
        (math.sqrt, "raised    "),
        (dict, "raised    "),
    ],
)
def test_an_error_of_any_kind_becomes_feedback(answer: Answer, words: str) -> None:
    text = check_text(halve, answer)
    assert words in text
    assert len(text) < 1000


def leaves(x: Tensor) -> Any:
    sys.exit("bye")


def quits(x: Tensor) -> Any:
    exit()  # closes the standard input as well


def test_an_exit_becomes_feedback() -> None:
    stdin = sys.stdin
    assert "raised    SystemExit: bye\n  in the line   sys.exit(" in check_text(halve, leaves)
    assert "raised    SystemExit" in check_text(halve, quits)
    assert sys.stdin is stdin
    assert not stdin.closed


def test_an_exit_with_larger_inputs_alone_becomes_feedback() -> None:
    assert "raised    SystemExit" in check_text(
        total, lambda x: x.sum() if len(x) < 100 else sys.exit()
    )


def test_a_wrong_number_of_arguments_is_told_the_right_ones() -> None:
    assert check_text(both, lambda number: number).endswith(
        "The arguments should be (number, times)."
    )


def test_an_interrupt_is_not_swallowed() -> None:
    def interrupted(x: Tensor) -> Any:
        torch.manual_seed(0)
        raise KeyboardInterrupt

    before = torch.get_rng_state()
    with pytest.raises(KeyboardInterrupt):
        halve.check(interrupted)
    assert torch.equal(torch.get_rng_state(), before)


def test_an_error_of_a_solution_is_not_blamed_on_the_student() -> None:
    @exercise(fixed=[(0,)], draw=lambda g: (0,), hints=("a", "b"), verified="nothing")
    def broken(n: int) -> float:
        return 1 / n

    with pytest.raises(ZeroDivisionError):
        broken.check(lambda n: n)


# What an answer does besides


def global_state() -> list[Any]:
    numpy_state = np.random.get_state()[1:3]  # type: ignore[index]  # noqa: NPY002
    return [
        random.getstate(),
        [np.asarray(part).tolist() for part in numpy_state],
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
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
    warnings.simplefilter("ignore")
    sys.settrace(None)
    print("printed")
    return halved(x)


@pytest.mark.parametrize("wrong", [False, True])
def test_no_global_state_is_changed(wrong: bool, capfd: pytest.CaptureFixture[str]) -> None:
    def answer(x: Tensor) -> Any:
        result = changes_everything(x)
        return 1 / 0 if wrong else result

    before = global_state()
    assert halve.check(answer).status == ("wrong" if wrong else "right")
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
            assert not torch.is_grad_enabled()
            assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_what_an_answer_changes_does_not_reach_the_next_call() -> None:
    drawn = []

    def answer(x: Tensor) -> Tensor:
        drawn.append(torch.rand(()).item())
        return halved(x)

    halve.check(answer)
    assert len(drawn) > 10
    assert len(set(drawn)) == 1


def in_place(x: Tensor) -> Tensor:
    x /= 2
    return x[:, None]


def list_in_place(x: Any, times: int) -> Any:
    return x, times


def test_an_answer_that_changes_its_argument_is_told_which() -> None:
    assert check_text(halve, in_place) == (
        "halve: not yet right.\n"
        "  halve(torch.tensor([1., 2.]))\n"
        "The result is right, but x was changed in place. "
        "Leave it as it is, and compute something new: the caller still needs it."
    )


def test_the_inputs_of_an_exercise_stay_as_they_are() -> None:
    def spoil(x: Tensor) -> Tensor:
        return x.fill_(7)[:, None]

    fixed = [inputs[0].clone() for inputs in halve._fixed]
    assert "halve(torch.tensor([1., 2.]))" in check_text(halve, spoil)
    assert all(torch.equal(old, new) for old, (new,) in zip(fixed, halve._fixed, strict=True))


def test_asking_for_gradients_of_an_argument_is_no_change() -> None:
    def answer(x: Tensor) -> Tensor:
        return halved(x.requires_grad_())

    assert halve.check(answer).status == "right"


def prints(x: Tensor) -> None:
    print("half:", x / 2)


def warns(x: Tensor) -> Tensor:
    warnings.warn("take care", stacklevel=1)
    return x


def prints_and_raises(x: Tensor) -> None:
    print(x.shape)
    raise ValueError


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        (prints, "  printed   half: tensor([0.5000, 1.0000])\n  gave      None\n"),
        (warns, "  warned    take care\n  gave      torch.tensor([1., 2.])\n"),
        (prints_and_raises, "  printed   torch.Size([2])\n  raised    ValueError\n"),
        (lambda x: print("x" * 10_000), "  printed   [...]\n"),
    ],
)
def test_what_is_printed_belongs_to_the_feedback(
    answer: Answer, lines: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert lines in check_text(halve, answer)
    assert capfd.readouterr() == ("", "")


def test_an_answer_is_called_once_for_each_input() -> None:
    results = iter([torch.tensor([[0.5], [1.0]]), torch.zeros(3, 1)])
    text = check_text(halve, lambda x: next(results))
    assert "gave      torch.tensor([[0.], [0.], [0.]])" in text


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
    ],
)
def test_a_loop_is_found(answer: Answer) -> None:
    assert "The results are right, but the number of steps grows" in check_text(total, answer)
    assert "Also, the number of steps grows" in check_text(total, lambda x: 1 + answer(x))


@pytest.mark.parametrize(
    "answer", [torch.sum, lambda x: x @ torch.ones(len(x)), lambda x: x.numpy().sum()]
)
def test_no_loop_is_found_where_there_is_none(answer: Answer) -> None:
    assert total.check(answer).status == "right"


def prints_all(x: Tensor) -> Tensor:
    print(x)
    print(x.numpy(), x.tolist(), x[:, None] * x)
    print(f"{x} {x!r} {x.numpy()} {x.numpy()!r}")
    return x.sum()


def test_printing_is_no_loop() -> None:
    shown, write = repr(torch.ones(3)), print
    assert total.check(prints_all).status == "right"
    assert "there is a loop" in check_text(total, lambda x: (print(x), sum(x))[1])
    assert repr(torch.ones(3)) == shown
    assert print is write


def test_counting_steps_puts_a_debugger_back() -> None:
    def tracer(frame: Any, event: str, argument: Any) -> Any:
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        total.check(torch.sum)
        total.check(by_a_loop)
        found = sys.gettrace()
    finally:
        sys.settrace(before)
    assert found is tracer


def test_a_loop_is_not_followed_to_its_end() -> None:
    turns = 0

    def slow(x: Tensor) -> Tensor:
        nonlocal turns
        for _ in range(len(x) ** 3):
            turns += 1
        return x.sum()

    assert "there is a loop" in check_text(total, slow)
    assert turns < 10_000  # 500 ** 3 is 125 million


def test_an_error_with_larger_inputs_is_told() -> None:
    def small_only(x: Tensor) -> Tensor:
        return x.sum() if len(x) < 10 else x[1000]

    text = check_text(total, small_only)
    assert "total(torch.tensor([1., 1., 1., ..., 1., 1., 1.]) of shape (500,))" in text
    assert "raised    IndexError: index 1000 is out of bounds" in text


# Words


def test_hints_get_stronger_and_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halve, "_hints_given", 0)
    hints = [halve.hint(), halve.hint(), halve.hint()]
    last = f"{halve._hints[1]}\n(that was the last hint; solution() shows the answer)"
    assert hints == [*halve._hints, last]


def test_a_solution_is_shown_from_its_def_and_runs() -> None:
    text = halve.solution()
    assert text == inspect.cleandoc('''
        def halve(x):
            """Return half of a vector (n,) as a column (n, 1)."""
            half = x / 2

            def column(values: Tensor) -> Tensor:
                return values.reshape(-1, 1)

            return column(half)
    ''')


def test_texts_are_shown_without_quotes_and_stay() -> None:
    text, feedback = Text("two\nlines"), Feedback("right", "two\nlines")
    assert repr(text) == str(text) == repr(feedback) == str(feedback) == "two\nlines"
    assert text == "two\nlines"
    with pytest.raises(AttributeError):
        feedback.text = "other"  # type: ignore[misc]
    assert repr(halve) == "the exercise halve, with check(), hint() and solution()"
    assert repr(halve.check(in_place)) == repr(halve.check(in_place))
    assert repr(halve.check(lambda x: object())) == repr(halve.check(lambda x: object()))


@pytest.mark.parametrize(
    "value",
    [
        3,
        0.1,
        True,
        None,
        "a'b",
        math.inf,
        -math.inf,
        [1.5, 2],
        (1,),
        (1, [2.0]),
        (),
        torch.tensor(0.1),
        torch.tensor([0.1, -2.0, 1e-7, 1e20]),
        torch.tensor([[1, 2], [3, 4]]),
        torch.tensor([True, False]),
        torch.tensor([0.1], dtype=torch.float64),
        torch.tensor([0.1], dtype=torch.float16),
        torch.tensor([1], dtype=torch.uint8),
        torch.tensor([math.inf, -math.inf]),
        torch.tensor([0.5], requires_grad=True),
        torch.rand(5, 12, generator=torch.Generator().manual_seed(0)),
        torch.empty(0, 2),
        torch.empty(0, dtype=torch.int64),
        torch.arange(6.0).reshape(2, 3).T,
        np.array([0.1, 2.0]),
        np.array([0.1], dtype=np.float32),
        np.array([[1, 2]]),
        np.array([True]),
        np.array([[0.5, -1.0]])[:, ::-1],
        np.empty((2, 0)),
    ],
    ids=repr,
)
def test_what_is_shown_can_be_pasted(value: Any) -> None:
    pasted = eval(show(value), {"torch": torch, "np": np})
    assert type(pasted) is type(value)
    assert "\n" not in show(value)
    if isinstance(value, Tensor):
        torch.testing.assert_close(pasted, value, rtol=0, atol=0)
        assert pasted.requires_grad == value.requires_grad
    elif isinstance(value, np.ndarray):
        np.testing.assert_array_equal(pasted, value, strict=True)
    else:
        assert pasted == value


@pytest.mark.parametrize("nan", [math.nan, np.float32("nan"), torch.tensor(math.nan)])
def test_nan_can_be_pasted(nan: Any) -> None:
    assert math.isnan(eval(show(nan), {"torch": torch}))


def test_a_result_is_shown_without_its_graph() -> None:
    result = torch.ones(1, requires_grad=True) * 2
    assert show(result) == "torch.tensor([2.])"


def test_numpy_numbers_are_shown_as_numbers() -> None:
    assert show([np.float64(0.1), np.int64(3), np.bool(True)]) == "[0.1, 3, True]"


class BadRepr:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.zeros(1000), "torch.tensor([0., 0., 0., ..., 0., 0., 0.]) of shape (1000,)"),
        (torch.zeros(100, 1), "[0.], ..., [0.], [0.], [0.]]) of shape (100, 1)"),
        (np.zeros(1000), "np.array([0., 0., 0., ..., 0., 0., 0.]) of shape (1000,)"),
        ([0] * 1000, "[0, 0, 0, ..., 0, 0, 0]"),
        ("x" * 1000, "xxx...xxx"),
        (BadRepr(), "<BadRepr instance>"),
        (object(), "<object object>"),
        (torch.rand(20, 20, 20, 20), "of shape (20, 20, 20, 20)"),
        (nn.Sequential(nn.Linear(2, 1), nn.ReLU()), "nn.Sequential(nn.Linear(2, 1), nn.ReLU())"),
    ],
)
def test_what_is_long_or_odd_is_shown_briefly(value: Any, text: str) -> None:
    shown = show(value)
    assert text in shown
    assert len(shown) < 20_000 if "20, 20" in text else len(shown) < 300


# Every exercise


def title(value: Any) -> str:
    return value.name if isinstance(value, Exercise) else value.answer.__name__


@pytest.fixture
def untouched() -> Iterator[None]:
    """Fail when global state has changed at the end of a test."""
    before = global_state()
    yield
    assert global_state() == before


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("of", ALL, ids=title)
class TestEveryExercise:
    def test_its_solution_is_right(self, of: Exercise) -> None:
        for _ in range(3):
            feedback = of.check(of._solution)
            assert feedback.status == "right", feedback
        assert feedback.text == f"{of.name}: right. Verified: {of._verified}."

    def test_its_stub_is_unanswered(self, of: Exercise) -> None:
        arguments = ", ".join(inspect.signature(of._solution).parameters)
        namespace: dict[str, Any] = {}
        exec(f"def {of.name}({arguments}):\n    ...", namespace)
        assert of.check(namespace[of.name]).status == "unanswered"

    def test_it_has_two_hints_and_three_mistakes(self, of: Exercise) -> None:
        weak, strong = of._hints
        assert weak != strong
        assert len({mistake.advice for mistake in of.mistakes}) >= 3

    def test_its_solution_is_shown_as_code(self, of: Exercise) -> None:
        source = of.solution()
        assert source.startswith(f"def {of.name}(")
        compile(source, "solution", "exec")

    def test_no_input_is_a_right_answer_by_chance(self, of: Exercise) -> None:
        for thing in (0, 1, torch.zeros(1), "text", (0, 0), [[0.0]]):
            assert of.check(lambda *inputs, thing=thing: thing).status == "wrong"

    def test_its_name_is_where_students_find_it(self, of: Exercise) -> None:
        assert getattr(exercises, of.name) is of


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("of", "mistake"), [(of, mistake) for of in ALL for mistake in of.mistakes], ids=title
)
def test_every_mistake_gets_its_own_advice(of: Exercise, mistake: Mistake) -> None:
    text = check_text(of, mistake.answer)
    assert text.count(mistake.advice) == 1
    others = {other.advice for other in of.mistakes} - {mistake.advice}
    assert not any(advice in text for advice in others)
