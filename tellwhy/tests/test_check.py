"""How an answer is checked, seen from the learner's side."""

import contextlib
import gc
import html
import importlib
import linecache
import os
import random
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tellwhy.answers import evidence, solutions
from tellwhy.answers.exercise import Exercise
from tellwhy.answers.feedback import WORDS
from tellwhy.answers.isolation import MEMORY, PRINTED, isolated, memory_limited
from tellwhy.render import Text

from tellwhy import Feedback, Specification, check, exercise

Answer = Callable[..., Any]


@exercise(
    inputs=[([1, 2, 6],), ([5, 5],)],
    draw=lambda rng: ([rng.randint(1, 30) for _ in range(rng.randint(2, 6))],),
    hints=("Add up.", "Divide by how many there are."),
    verified="lists of numbers",
)
def mean(values: list[int]) -> float:
    """Return the mean."""
    return sum(values) / len(values)


def right(values: list[int]) -> float:
    return sum(values) / len(values)


def wrong(answer: Any, of: Exercise = mean) -> Feedback:
    feedback = of.check(answer)
    assert feedback.status == "wrong", feedback
    return feedback


def labels(answer: Any, of: Exercise = mean) -> list[str]:
    return [finding.label for finding in wrong(answer, of).findings]


@contextlib.contextmanager
def cell(source: str) -> Iterator[dict[str, Any]]:
    """Run code as a notebook does: from a file that exists in linecache alone."""
    name = "/nowhere/ipykernel_1/123.py"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    namespace: dict[str, Any] = {"time": time}
    exec(compile(source, name, "exec"), namespace)
    yield namespace
    del linecache.cache[name]


# Not answered


def dots(values: Any) -> Any: ...


def only_pass(values: Any) -> Any:
    pass


def docstring_and_dots(values: Any) -> Any:
    """Return the mean."""
    ...


def not_implemented(values: Any) -> Any:
    raise NotImplementedError


def dots_left(values: Any) -> Any:
    half = ...
    return half


class CallableDots:
    def __call__(self, values: Any) -> Any: ...


@pytest.mark.parametrize(
    "stub",
    [
        *(dots, only_pass, docstring_and_dots, not_implemented, dots_left, CallableDots()),
        lambda values: None,
        lambda values: ...,
    ],
)
def test_a_stub_is_unanswered(stub: Answer, capfd: pytest.CaptureFixture[str]) -> None:
    feedback = mean.check(stub)
    assert (feedback.status, feedback.findings) == ("unanswered", ())
    assert "Replace the dots and run the cell again" in feedback.text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("thing", [4, mean, None])
def test_what_is_no_function_is_told_how_to_check(thing: Any) -> None:
    assert labels(thing) == ["not_a_function"]
    assert "Write `exercises.mean.check(mean)`" in wrong(thing).text


# Right and wrong


def test_a_right_answer_is_told_what_was_tried() -> None:
    assert mean.check(right).text == "mean: right.\nTried: lists of numbers."
    bare = Specification(right, inputs=[([1, 2],), ([4, 9],)])
    assert check(bare, right).text == "right: right.\nTried: 2 inputs."


def test_the_advice_comes_first_and_then_the_evidence() -> None:
    assert wrong(sum).text == (
        "mean: not yet right.\n"
        "Your result is the right one times `len(values)`: a sum where a mean belongs.\n"
        "  mean([1, 2, 6])\n"
        "  gave      9\n"
        "  expected  3.0"
    )


def test_where_nothing_can_be_said_the_smallest_input_is_shown_and_another() -> None:
    feedback = wrong(lambda values: float(f"0.{abs(hash(tuple(sorted(values))))}"))
    assert feedback.sentences == ()
    shown = [line for line in feedback.evidence if line.startswith("mean(")]
    assert "mean([5, 5])" in shown
    assert len({*shown}) == 2


def test_a_table_of_what_is_on_display_does_not_pass() -> None:
    """A learner who copies every expected result from the feedback is told so."""
    known: dict[tuple[int, ...], float] = {}

    def by_heart(values: list[int]) -> float:
        return known.get(tuple(values), float(sum(values) % 7) + 0.123)

    for _ in range(30):
        feedback = wrong(by_heart)
        if feedback.findings and feedback.findings[0].label == "memorised":
            break
        for call, _, expected in zip(*(feedback.evidence[k::3] for k in range(3)), strict=True):
            key = tuple(eval(call.removeprefix("mean")))
            known[key] = eval(expected.removeprefix("expected  "))
    else:
        pytest.fail("the table was never noticed")
    assert "expected" not in feedback.text


def test_an_error_on_an_input_that_is_not_shown_is_told_with_it() -> None:
    shown, calls = [values for (values,) in solutions.solutions(mean.specification).shown], []

    def by_heart(values: list[int]) -> Any:
        calls.append(values)
        return right(values) if values in shown else os.environ["NO_SUCH_NAME"]

    feedback = wrong(by_heart)
    assert [one.label for one in feedback.findings] == ["raises(error=KeyError, cause=key)"]
    assert "raised    KeyError: 'NO_SUCH_NAME'" in feedback.evidence
    assert len(calls) == len(shown) + 1


def test_the_same_answer_gets_the_same_words_every_time() -> None:
    def chance(values: list[int]) -> float:
        return random.random()

    texts = {wrong(chance).text for _ in range(3)}
    random.seed(5)
    assert {wrong(chance).text} == texts
    assert labels(chance) == ["not_repeatable"]


def test_a_right_answer_is_called_a_fixed_number_of_times() -> None:
    calls = 0

    def counted(values: list[int]) -> float:
        nonlocal calls
        calls += 1
        return right(values)

    mean.check(counted)
    assert calls == 2 + 8 + solutions.PLAIN


# Errors, and answers that never end

IN_A_CELL = """
def inner(values):
    return values[99]  # too far

def through_another(values):
    half = 2
    return inner(values)

def forever(values):
    total = 0
    while True:
        total += 1

def on_one_line(values):
    while True: pass

def whatever_happens(values):
    while True:
        try:
            values = values + [1]
            values = values[:2]
        except:
            pass

def sleeps(values):
    time.sleep(1.5)
    return 3

def type_error_inside(values):
    return len(3)
"""


@pytest.fixture
def answers() -> Iterator[dict[str, Any]]:
    with cell(IN_A_CELL) as namespace:
        yield namespace


def test_an_error_is_told_with_the_line_of_a_cell(answers: dict[str, Any]) -> None:
    feedback = wrong(answers["through_another"])
    assert "raised    IndexError: list index out of range" in feedback.evidence
    assert feedback.evidence[-1] == "in the line   return values[99]  # too far"
    assert labels(answers["through_another"]) == ["raises(error=IndexError, cause=index)"]
    assert "arguments" not in {one.name for one in wrong(answers["type_error_inside"]).findings}


@exercise(inputs=[([1, 2],)], draw=lambda rng: ([rng.randint(1, 9)],), seconds=3)
def patient(values: list[int]) -> float:
    """Return the mean, within few seconds."""
    return sum(values) / len(values)


@pytest.mark.parametrize("name", ["forever", "on_one_line", "whatever_happens"])
def test_an_answer_that_never_ends_is_stopped_with_its_line(
    name: str, answers: dict[str, Any]
) -> None:
    began = time.monotonic()
    feedback = wrong(answers[name], patient)
    assert [finding.label for finding in feedback.findings] == ["never_ends"]
    assert "did not end, and was stopped" in feedback.text
    assert time.monotonic() - began < 60  # half of three seconds, on a machine however busy
    assert patient.check(right).status == "right"


def test_a_call_that_does_not_come_back_is_told_as_that(answers: dict[str, Any]) -> None:
    """Catches a sleep that is called a loop; it is told with its line."""
    feedback = wrong(answers["sleeps"])
    assert [finding.label for finding in feedback.findings] == ["slow_line"]
    assert "`time.sleep(1.5)`" in feedback.text


def test_a_wrong_answer_that_takes_its_time_stays_within_the_budget() -> None:
    calls = 0

    def slow(values: list[int]) -> float:
        nonlocal calls
        calls += 1
        time.sleep(0.05)
        return float(sum(values) % 7) + 0.123

    began = time.monotonic()
    wrong(slow, patient)
    assert time.monotonic() - began < 60
    assert calls < 100


def test_a_wrong_answer_is_called_a_bounded_number_of_times() -> None:
    calls = 0

    def counted(values: list[int]) -> float:
        nonlocal calls
        calls += 1
        return float(sum(values) % 7) + 0.123

    wrong(counted)
    assert calls <= evidence.CALLS + 50


def test_an_answer_that_writes_a_file_is_called_once_an_input(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def writes(values: list[int]) -> float:
        with log.open("a") as file:
            file.write(".")
        return max(values)

    feedback = wrong(writes)
    assert [finding.name for finding in feedback.findings] == ["reading"]
    assert len(log.read_text()) == 10


def test_what_an_import_does_is_not_held_against_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a first check that finds less than a second one, as a library was loaded in it."""
    (tmp_path / "loaded_late.py").write_text("open(__file__ + '.log', 'w').close()")
    monkeypatch.syspath_prepend(tmp_path)
    calls = []

    def loads(values: list[int]) -> float:
        import loaded_late  # type: ignore[import-not-found]  # noqa: F401

        calls.append(values)
        return max(values) + 1

    try:
        first, most = wrong(loads), len(calls)
        assert wrong(loads).findings == first.findings
        assert len(calls) <= 2 * most
    finally:
        sys.modules.pop("loaded_late", None)


def recursion(values: Any) -> Any:
    return recursion(values)


def deep(values: Any) -> Any:
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]
    return nested


def doubles(values: Any) -> Any:
    nested: list[Any] = []
    for _ in range(60):
        nested = [nested, nested]  # 60 lists, and more paths through them than can be walked
    return nested


def leaves(values: Any) -> Any:
    sys.exit("bye")


def quits(values: Any) -> Any:
    exit()  # closes the standard input as well


def raises_anything(values: Any) -> Any:
    raise GeneratorExit


class Mute(Exception):  # noqa: N818
    def __str__(self) -> str:
        raise TypeError


def raises_what_says_nothing(values: Any) -> Any:
    raise Mute


def long_error(values: Any) -> Any:
    raise ValueError("word\n" * 5000)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (recursion, "It calls itself without an end."),
        (long_error, "word word [...]\n"),
        (deep, "Your result has lists in lists in lists, too many to compare."),
        (doubles, "Your result has more than 100,000 parts"),
        (lambda values: range(10**12), "Your result has more than 100,000 parts"),
        (lambda: 1, "Your function cannot be called as `mean(values)`: its arguments are `()`."),
        (lambda x, y: x, "its arguments are `(x, y)`."),
        (leaves, "raised    SystemExit: bye"),
        (raises_anything, "raised    GeneratorExit"),
        (raises_what_says_nothing, "raised    Mute"),
        (quits, "raised    SystemExit"),
        (lambda values: input(), "It waits for input()"),
        (lambda values: nothing, "Nothing is called `nothing` there."),  # type: ignore[name-defined] # noqa: F821
    ],
)
def test_an_error_of_any_kind_becomes_feedback(answer: Answer, words: str) -> None:
    stdin = sys.stdin
    gc.collect()  # or what other tests have left is collected where no more calls are possible
    text = wrong(answer).text
    assert words in text
    assert len(text) < 1000
    assert sys.stdin is stdin
    assert not stdin.closed


def test_an_error_that_an_answer_raises_itself_is_counted_as_that() -> None:
    """Catches a learner's own words in a label."""
    assert labels(long_error) == ["raises(error=ValueError, cause=raise)"]


@pytest.mark.parametrize(
    ("answer", "cause", "words"),
    [
        (lambda values: values[0].total(), "attribute", "of the type `int`, which has no `total`."),
        (lambda values: values[len(values) / 2], "whole", "`//` does, rounded down."),
        (lambda values: values[: len(values) / 2], "whole", "`//` does, rounded down."),
        (lambda values: values * (len(values) / 2), "whole", "A whole number is needed there"),
        (lambda values: list(values[0]), "iterable", "no loop can go through it"),
        (lambda values: [a for a, _ in [values]], "unpack", "names that take them."),
        (lambda values: into(tuple(values)), "fixed", "A `tuple` cannot be changed"),
    ],
)
def test_of_an_error_the_cause_is_said(
    answer: Callable[[Any], Any], cause: str, words: str
) -> None:
    found = wrong(answer).findings
    assert {one.parameters.get("cause") for one in found} >= {cause}
    assert words in " ".join(one.sentence for one in found)


def into(values: Any) -> None:
    values[0] = 3


def test_an_interrupt_is_not_swallowed_and_the_exercise_stays_usable() -> None:
    def interrupted(values: Any) -> Any:
        random.seed(0)
        raise KeyboardInterrupt

    before = global_state()
    with pytest.raises(KeyboardInterrupt):
        mean.check(interrupted)
    assert global_state() == before
    assert mean.check(right).status == "right"


def test_an_error_of_a_solution_is_not_blamed_on_the_learner() -> None:
    broken = Specification(lambda n: 1 / n, inputs=[(0,)])
    with pytest.raises(ZeroDivisionError):
        check(broken, lambda n: n)


# What an answer does besides


def global_state() -> list[Any]:
    return [
        random.getstate(),
        os.getcwd(),
        sys.getrecursionlimit(),
        sys.gettrace(),
        sys.stdout,
        list(warnings.filters),
    ]


def changes_everything(values: list[int]) -> float:
    random.random()
    os.chdir("/")
    sys.setrecursionlimit(5000)
    warnings.simplefilter("ignore")
    sys.settrace(None)
    print("printed")
    return right(values)


@pytest.mark.parametrize("result", [True, False])
def test_no_global_state_is_changed(result: bool, capfd: pytest.CaptureFixture[str]) -> None:
    def answer(values: list[int]) -> Any:
        found = changes_everything(values)
        return found if result else 1 / 0

    before = global_state()
    assert mean.check(answer).status == ("right" if result else "wrong")
    assert global_state() == before
    assert capfd.readouterr() == ("", "")


def test_an_answer_that_changes_its_argument_is_told_which() -> None:
    def in_place(numbers: list[int]) -> float:
        found = right(numbers)
        numbers.sort(reverse=True)
        return found

    assert labels(in_place) == ["changes_argument(argument=numbers)"]


def test_what_is_printed_or_warned_of_belongs_to_the_feedback() -> None:
    def chatty(values: list[int]) -> float:
        print("sum:", sum(values))
        warnings.warn("take care", stacklevel=1)
        return sum(values)

    evidence = wrong(chatty).evidence
    assert "printed   sum: 9" in evidence
    assert "warned    take care" in evidence


# Words


def test_hints_get_stronger_and_stay() -> None:
    fresh = Exercise(mean.specification)
    last = "Divide by how many there are.\n(that was the last hint; solution() shows the answer)"
    assert [fresh.hint(), fresh.hint(), fresh.hint()] == [*mean.specification.hints, last]


def test_a_solution_is_shown_from_its_def_without_hints_of_types() -> None:
    code = 'def mean(values):\n    """Return the mean."""\n    return sum(values) / len(values)'
    assert mean.solution() == code
    of: Any = Decorated
    assert of.solution() == '@dataclass\nclass Decorated:\n    """Something to make."""'


def test_texts_are_shown_without_quotes_and_stay() -> None:
    assert repr(Text("two\nlines")) == "two\nlines"
    feedback = mean.check(right)
    assert repr(feedback) == str(feedback) == feedback.text
    with pytest.raises(AttributeError):
        feedback.exercise = "other"  # type: ignore[misc]
    assert repr(mean) == "the exercise mean, with check(), hint() and solution()"


@pytest.mark.parametrize("answer", [right, dots, lambda values: "<&"])
def test_a_notebook_shows_the_same_words_as_a_terminal_and_no_script(answer: Answer) -> None:
    feedback = mean.check(answer)
    shown = feedback._repr_html_()
    assert "<script" not in shown
    assert shown == mean.check(answer)._repr_html_()
    bare = html.unescape(re.sub("<[^>]+>", " ", shown))
    said = " ".join(" ".join((*feedback.sentences, *feedback.evidence)).replace("`", " ").split())
    assert said in " ".join(bare.split())


@exercise(inputs=[((),)])
@dataclass
class Decorated:
    """Something to make."""


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("status", WORDS)
def test_the_badge_can_be_read(status: Any) -> None:
    """WCAG AA asks for a contrast of 4.5; the badge brings its own background."""
    assert 1.05 / (luminance(WORDS[status][1]) + 0.05) >= 4.5


def test_dots_that_are_left_are_not_yet_an_answer() -> None:
    """Catches a half-finished answer that is told three mistakes."""
    start = "def mean(values):\n    "
    with cell(f"{start}total = ...\n    return total\n") as names:
        assert mean.check(names["mean"]).status == "unanswered"
    with cell(f"{start}...\n    return sum(values) / len(values)\n") as names:
        assert mean.check(names["mean"]).status == "right"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps such a limit")
def test_a_changed_copy_does_not_fill_the_memory() -> None:
    """NumPy makes of a list that holds itself an array of ever more dimensions."""
    resource: Any = importlib.import_module("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    with memory_limited(), pytest.raises(MemoryError):
        bytearray(2 * MEMORY)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    limits = []

    def answer(values: Any) -> float:
        limits.append(resource.getrlimit(resource.RLIMIT_AS))
        return 0.5 + len(values)

    wrong(answer)
    assert limits[0] == before  # the learner's own call
    assert any(limit != before for limit in limits)  # a changed copy's
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_loop_that_prints_without_end_keeps_a_beginning() -> None:
    """What it prints would fill the memory: the first characters are enough to tell it apart."""
    with isolated() as notes:
        for _ in range(25):
            print("." * 1_000_000)
    assert PRINTED <= len(notes.printed) < PRINTED + 2_000_000


def test_of_an_answer_whose_time_is_up_it_is_not_said_that_it_does_not_come_to_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_call = evidence.Trial.call

    def slowly(trial: evidence.Trial, inputs: Any, seed: int = 0) -> Any:
        one = first_call(trial, inputs, seed)
        trial.deadline = time.monotonic()
        return one

    monkeypatch.setattr(evidence.Trial, "call", slowly)
    text = wrong(lambda values: 2 * sum(values) / len(values)).text
    assert "come to an end" not in text
    assert "gave" in text


def test_a_fault_of_the_package_costs_no_learner_the_comparison(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(_: Any) -> None:
        raise SyntaxError("cannot assign to function call")

    monkeypatch.setattr("tellwhy.answers.check.diagnose", fails)
    with pytest.warns(UserWarning, match="could not look into this answer: SyntaxError"):
        feedback = mean.check(sum)
    assert feedback.evidence[:3] == ("mean([1, 2, 6])", "gave      9", "expected  3.0")


def shout(text: str) -> str:
    return text.upper()


def test_where_nothing_is_told_the_smallest_input_is_shown_and_what_differs_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tellwhy.answers.check.diagnose", lambda _: [])
    words = exercise(inputs=[("three",), ("of",), ("four",)])(shout)
    feedback = words.check(lambda text: "?" if text == "four" else f"{text.upper()}!")
    shown = [line for line in feedback.evidence if line.startswith("shout")]
    assert shown == ["shout('of')", "shout('four')"]


def test_of_a_slow_answer_two_wrong_calls_are_enough_to_ask_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Catches a check that spends its time on calls, and has none left to say anything."""
    module, passed = importlib.import_module("tellwhy.answers.check"), [0.0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0])
    monkeypatch.setattr(module, "time", clock)
    asked, diagnosed = list[int](), module._diagnosed

    def watched(trial: Any, calls: list[Any], rights: list[Any]) -> Any:
        asked.append(len(calls))
        return diagnosed(trial, calls, rights)

    def slow(values: list[int]) -> int:
        passed[0] += 1.0  # of ten seconds
        return sum(values)

    monkeypatch.setattr(module, "_diagnosed", watched)
    assert "times `len(values)`" in mean.check(slow).text
    assert asked == [4]  # after these less than two thirds of the time are left
