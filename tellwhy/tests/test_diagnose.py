"""What is found in wrong answers: identifiers and parameters, on exercises of plain Python."""

import ast
import fractions
import inspect
import math
import random
import re
import textwrap
from types import SimpleNamespace
from typing import Any

import pytest
from answers import defined, labels, told
from tellwhy.answers.code import text
from tellwhy.answers.conditions import _features, conditions
from tellwhy.answers.diagnose import diagnose
from tellwhy.answers.evidence import Evidence, Trial
from tellwhy.answers.mutation import Program
from tellwhy.answers.run import call
from tellwhy.answers.sensitivity import remembers
from tellwhy.answers.solutions import solutions

from tellwhy import exercise


def _numbers(rng: random.Random) -> Any:
    return ([rng.randint(-9, 30) for _ in range(rng.randint(2, 7))],)


@exercise(inputs=[([1.0, 2.0, 6.0],), ([5.0, 4.0],)], draw=_numbers)
def mean(values):
    return sum(values) / len(values)


@exercise(inputs=[([1, 2, 6],), ([5, 4],), ([-3, -2],), ([],)], draw=_numbers)
def largest(values):
    """The largest, or None."""
    best = None
    for value in values:
        if best is None or value > best:
            best = value
    return best


@exercise(
    inputs=[(2.0, 3.0, 10), (4.0, 0.5, 6)],
    draw=lambda rng: (rng.randint(2, 90) / 10, rng.randint(2, 90) / 10, rng.randint(2, 8)),
    special={name: (-speed, 3.0, 4) for name, speed in {"a": 2.0, "b": 3.0, "c": 5.0}.items()},
)
def travelled(speed, hours, days):
    return 1 + speed * hours**2 / days


@exercise(
    inputs=[(4.0, 2), (9.0, 3)],
    draw=lambda rng: (rng.randint(1, 90) / 7, rng.randint(1, 8)),
    parts=("number", "times"),
)
def both(number, times):
    return number, times


@exercise(
    inputs=[([3, 1, 2], 1), ([5, 5, 4, 1], 2)],
    draw=lambda rng: ([rng.randint(0, 9) for _ in range(rng.randint(3, 6))], rng.randint(1, 3)),
    mistakes={"not sorted": ("Sort first.", lambda values, n: values[:n])},
)
def smallest(values, n):
    return sorted(values)[:n]


@exercise(
    inputs=[(10, 3), (12, 4), (7, 7)],
    draw=lambda rng: (rng.randint(1, 40), rng.randint(1, 12)),
)
def batches(n, size):
    return -(-n // size)


@exercise(
    inputs=[([7, 3, 4, 7],), ([3, 6, 5],)],
    draw=lambda rng: ([rng.randint(3, 14) for _ in range(rng.randint(3, 5))],),
)
def gaps(values):
    return [n for n in range(min(values), max(values)) if n not in values]


@exercise(
    inputs=[([0, 1, 2], [1, 2, 6]), ([-2, 3, 1, 5], [4, -1, 2, 2])],
    draw=lambda rng: tuple(rng.sample(range(-9, 9), 5) for _ in "xy"),
)
def fitted(x, y):
    n, sx, sy = len(x), sum(x), sum(y)
    products, squares = sum(a * b for a, b in zip(x, y, strict=True)), sum(a * a for a in x)
    slope = (n * products - sx * sy) / (n * squares - sx * sx)
    return slope, (sy - slope * sx) / n


@exercise(
    inputs=[("aBa",), ("CaB",)],
    draw=lambda rng: ("".join(rng.choice("abcABC") for _ in range(rng.randint(1, 6))),),
)
def marked(text):
    result = ""
    for i, c in enumerate(text):
        if c.isupper() and i > 0:
            result += "_"
        result += c
    return result


ROWS = [
    # before anything is compared, and the form of a result
    (mean, "print(sum(values) / len(values))", "printed"),
    (mean, "[len(values)].clear()", "nothing_returned"),
    (mean, "'3.0'", "kind(got=text, wanted=number)"),
    (mean, "str(sum(values) / len(values))", "kind(got=text, wanted=number)"),
    (mean, "values.count", "not_called"),
    (mean, "values[0] > 3", "kind(got=truth value, wanted=number)"),
    (mean, "[sum(values) / len(values), 7]", "several(cure= Return its first element alone.)"),
    (smallest, "iter(sorted(values)[:n])", "iterator(wanted=list)"),
    (smallest, "tuple(sorted(values)[:n])", "kind(got=tuple, wanted=list)"),
    (smallest, "values[:n]", "registered(mistake=not sorted)"),
    (
        both,
        "number, times, times",
        "number_of_results(got=3 results, wanted=2, names=number, times)",
    ),
    # how it is related to the right one, and to the arguments
    (mean, "-sum(values) / len(values)", "negated"),
    (travelled, "1 / (1 + speed * hours**2 / days)", "reciprocal"),
    (travelled, "(1 + speed * hours**2 / days) ** 2", "squared"),
    (travelled, "2 * (1 + speed * hours**2 / days)", "factor(by=2)"),
    (
        travelled,
        "(1 + speed * hours**2 / days) / 1.01",
        "change(stands=(1 + speed * hours ** 2 / days) / 1.01, belongs=1 + speed",
    ),
    (travelled, "(1 + speed * hours**2 / days) * days**2", "factor(by=1 * days**2)"),
    (travelled, "1.25 + speed * hours**2 / days", "change(stands=1.25, belongs=1)"),
    (travelled, "round(1 + speed * hours**2 / days)", "rounded"),
    (travelled, "round(1 + speed * hours**2 / days, 1)", "digits(digits=1)"),
    (travelled, "7.0", "always(value=7.0)"),
    (mean, "sum(values)", "sum_for_mean(size=len(values))"),
    (mean, "sum(values) / 3", "fixed_size(number=3, size=len(values))"),
    (mean, "max(values)", "reading(code=`max(values)`)"),
    (mean, "sorted(values)[len(values) // 2] + 0.0", None),
    (smallest, "sorted(values)[:n][::-1]", "reversed"),
    (smallest, "sorted(values)[1:n]", "without_first"),
    # the solution with a change
    (travelled, "1 + speed * hours / days", "amounts(stands=, belongs=** 2)"),
    (travelled, "1 - speed * hours**2 / days", "change(stands=-, belongs=+)"),
    (travelled, "speed * hours**2 / days", "change(stands=, belongs=1 +)"),
    (travelled, "1 + hours * speed**2 / days", "exchange(one=speed, other=hours)"),
    (travelled, "1 + speed * (hours + 1) ** 2 / days", "change(stands=+ 1, belongs=)"),
    (travelled, "1 + speed * hours**2 / (days - 1)", "change(stands=- 1, belongs=)"),
    (smallest, "sorted(values, reverse=True)[:n]", "change(stands=, reverse=True, belongs=)"),
    # does it look at everything, where is it right, part by part
    (travelled, "1 + speed * 49 / days - speed**2", "ignores(argument=hours)"),
    (
        travelled,
        "1 + max(speed, 0.1) * hours**2 / days",
        "change(stands=max(speed, 0.1), belongs=speed)",
    ),
    (both, "number, times + 1", "change(stands=+ 1, belongs=)"),
]


@pytest.mark.parametrize(("of", "code", "label"), [row for row in ROWS if row[2]])
def test_a_slip_has_its_label(of: Any, code: str, label: str) -> None:
    assert label in labels(of, code)[0]


@pytest.mark.parametrize("twice", ["2 * mean_", "mean_ + mean_", "mean_ / 0.5", "mean_ * 4 / 2"])
def test_the_same_slip_has_the_same_label_however_it_is_written(twice: str) -> None:
    code = f"def mean(values):\n    mean_ = sum(values) / len(values)\n    return {twice}\n"
    assert labels(mean, code) == ["factor(by=2)"]


@exercise(
    inputs=[([3, 1, 2],), ([5, 4],)],
    draw=lambda rng: ([rng.randint(1, 99) for _ in range(rng.randint(2, 6))],),
)
def from_first(values):
    return [value - values[0] for value in values]


@exercise(inputs=[(3, 4), (2, 0), (7, 1)], draw=lambda rng: (rng.randint(2, 99), rng.randint(0, 9)))
def times(number, n):
    return number * n


MENDED = {
    "a return in the loop": (
        largest,
        """
        def largest(values):
            best = None
            for value in values:
                if best is None or value > best:
                    best = value
                return best
        """,
        "`return best` stands inside a loop in your code, and belongs after the loop.",
    ),
    "a return that is missing": (
        largest,
        """
        def largest(values):
            best = None
            for value in values:
                if best is None or value > best:
                    best = value
        """,
        "`return best` is missing in your code at the end of `largest`.",
    ),
    "a start that is too high": (
        largest,
        """
        def largest(values):
            if not values:
                return None
            best = 0
            for value in values:
                if value > best:
                    best = value
            return best
        """,
        "`best = 0` stands in your code where `best = values[0]` belongs.",
    ),
    "nothing is not asked for": (
        largest,
        """
        def largest(values):
            best = values[0]
            for value in values:
                if value > best:
                    best = value
            return best
        """,
        "`if not values: return None` is missing in your code at the beginning.",
    ),
    "a slip in a helper": (
        mean,
        """
        def total(values):
            result = 0
            for value in values[1:]:
                result += value
            return result

        def mean(values):
            return total(values) / len(values)
        """,
        "`values[1:]` stands in your code where `values` belongs.",
    ),
    "two slips": (
        smallest,
        """
        def smallest(values, n):
            values = sorted(values)
            if n > 2:
                return values[: n + 1]
            return values[:n - 1]
        """,
        "Two slips. ",
    ),
    "an operator": (
        batches,
        """
        def batches(n, size):
            full = n // size
            if n % size > 1:
                full += 1
            return full
        """,
        "`n % size > 1` stands in your code where `n % size >= 1` belongs.",
    ),
    "a condition too many": (
        batches,
        """
        def batches(n, size):
            if n < size:
                return 0
            return math.ceil(n / size)
        """,
        "`if n < size:`, with the lines indented below it, stands in your code and does not belong",
    ),
    "another name, and no copy": (
        from_first,
        """
        def from_first(values):
            new = values
            for k in range(len(values)):
                new[k] = new[k] - values[0]
            return new
        """,
        "`new = values` stands in your code where `new = values.copy()` belongs.",
    ),
    "a sum that begins with the first": (
        times,
        """
        def times(number, n):
            total = number
            for _ in range(n):
                total += number
            return total
        """,
        "`total = number` stands in your code where `total = 0` belongs.",
    ),
    "a return too early": (
        largest,
        """
        def largest(values):
            best = None
            for value in values:
                if best is None or value > best:
                    best = value
                    return best
            return best
        """,
        "`return best` stands in your code below `if best is None or value > best:` and does not ",
    ),
    "arguments exchanged": (
        gaps,
        """
        def gaps(values):
            return [n for n in range(max(values), min(values)) if n not in values]
        """,
        "`range(max(values), min(values))` stands in your code where `range(min(values), max(valu",
    ),
    "two changes of one place": (
        gaps,
        """
        def gaps(values):
            return [n for n in range(1, max(values)) if n not in values]
        """,
        "`range(1, max(values))` stands in your code where `range(sorted(values)[0], max(values))`",
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_an_answer_that_a_change_makes_right_is_told_the_change(name: str) -> None:
    of, code, sentence = MENDED[name]
    lines = [line.removeprefix(8 * " ") for line in code.splitlines()]
    assert sentence in told(of, "\n".join(lines), math=math).text


FITTED = """
def fitted(x, y):
    n, sx, sy, sxy, syy = len(x), 0, 0, 0, 0
    for a, b in zip(x, y):
        sx += a
        sy += b
        sxy += a * b
        syy += b**2
    slope = (n * sxy - sx * sy) / (n * syy - sy**2)
    return slope, (sy - slope * sx) / n
"""


def test_a_change_for_one_result_leaves_the_others_as_they_are() -> None:
    """Catches a change that makes one result right, and another one wrong in another way."""
    text = told(fitted, FITTED).text
    assert "stands in your code" not in text
    assert "`result[0]`: it is what comes with `x` and `y` exchanged." in text


def test_code_that_goes_through_things_is_not_quoted_to_who_does_it_otherwise() -> None:
    code = """
def marked(text):
    for letter in "ABC":
        text = text.replace(letter, "_" + letter)
    return text
"""
    assert "enumerate" not in told(marked, code).text


@pytest.mark.parametrize(("code", "names"), [("1.001", ["inexact"]), ("1.1", [])])
def test_that_a_result_is_close_is_told_where_no_time_is_left(code: str, names: list[str]) -> None:
    """Catches an answer that takes long, and is told nothing for want of time."""
    known = solutions(mean.specification)
    trial = Trial(known, lambda values: float(code) * sum(values) / len(values) + 1e-4, math.inf)
    calls = [trial.call(inputs) for inputs in known.shown]
    trial.deadline, trial.quick = 0.0, False
    evidence = Evidence(trial, calls, [one.result for one in calls], known.expected)
    assert [finding.name for finding in diagnose(evidence)] == names


def riddle(values: Any, n: int) -> float:
    return float(n * 7919 % 101) + 0.5


@exercise(
    inputs=[([1.0, 5.0, 2.0, 4.0], 3), ([2.0, 7.0, 1.0, 3.0, 6.0], 8)],
    draw=lambda rng: (
        [rng.randint(1, 98) / 10 for _ in range(rng.randint(4, 7))],
        rng.randint(1, 29),
    ),
)
def totalled(values, n):
    return sum(values) * 100 + n


@pytest.mark.parametrize(
    ("holds", "sentence"),
    [
        ("n > 10", "right where `n` is 11 or more, and wrong where it is less."),
        ("n < 12", "wrong where `n` is 12 or more, and right where it is less."),
        ("len(values) == 5", "right where `len(values)` is 5, and wrong elsewhere."),
        ("len(values) != 5", "wrong where `len(values)` is 5, and right elsewhere."),
        ("n > len(values)", "right where `n` is larger than `len(values)`, and wrong elsewhere."),
        ("sum(values) * 100 + n > 2500", "right where the right result is about "),
    ],
)
def test_what_tells_the_wrong_inputs_apart_is_said(holds: str, sentence: str) -> None:
    """Catches right and wrong exchanged in a sentence, and a bound of the wrong side."""
    answer = eval(f"lambda values, n: sum(values) * 100 + n if {holds} else riddle(values, n)")
    assert f"On the inputs tried, your result is {sentence}" in totalled.check(answer).text


@exercise(
    inputs=[([1, 2, 900], 40), ([2, 950], 50)],
    draw=lambda rng: ([rng.randint(1, 99) for _ in range(4)], rng.randint(1, 9)),
)
def plus(values, n):
    return [value + n for value in values]


@pytest.mark.parametrize(
    ("wrong", "names"),
    [("x + n > 109", []), ("x + n > 49", ["places"]), ("n > 9", []), ("n > 6", ["where"])],
)
def test_a_condition_needs_drawn_inputs_that_went_right_and_wrong(wrong: str, names: Any) -> None:
    """Catches a bound that inputs given by hand alone speak for, which may be chance."""
    answer = eval(f"lambda values, n: [x + n + ({wrong}) * (1 + x * 7919 % 11) for x in values]")
    assert [one.name for one in plus.check(answer).findings] == names


@exercise(
    inputs=[([k, k + 7],) for k in range(1, 21)],
    draw=lambda rng: ([-rng.randint(1, 99), rng.randint(1, 99)],),
)
def breadth(values):
    return max(values) - min(values)


def test_inputs_given_by_hand_alone_do_not_make_a_condition() -> None:
    """Catches "wrong only where there are negative numbers", which all drawn inputs have."""
    answer = eval("lambda v: max(v) - min(v) + (v[0] < 0 and v[1] % 9 > 0) * (v[1] * 7919 % 11)")
    assert "where" not in [one.name for one in breadth.check(answer).findings]


@exercise(
    inputs=[([3, 5, 8, 4],), ([1, 2],)],
    draw=lambda rng: ([rng.randint(1, 20) for _ in range(rng.randint(2, 5))],),
)
def weighted(values):
    total = count = 0
    for value in values:
        count += len(values)
        total += value * len(values)
    return total / count


def test_of_two_mends_the_one_that_the_solution_has_is_told() -> None:
    """Catches the line that is right being blamed, as it comes first."""
    code = "def weighted(values):\n    total = count = 0\n    for value in values:\n"
    code += "        count += len(values)\n        total += value * max(values)\n"
    said = "`max(values)` stands in your code where `len(values)` belongs."
    assert said in told(weighted, code + "    return total / count\n").text


def test_no_condition_is_said_where_too_few_calls_are_left_to_test_it() -> None:
    known = solutions(plus.specification)
    answer = eval("lambda values, n: [x + n + (n > 6) * (1 + x * 7919 % 11) for x in values]")
    trial = Trial(known, answer, math.inf)
    calls = [trial.call(inputs) for inputs in known.shown]
    evidence = Evidence(trial, calls, [one.result for one in calls], known.expected)
    found = conditions(evidence)
    assert found
    assert found.name == "where"
    trial.calls_left = 500
    assert conditions(evidence) is None


def test_an_order_that_matters_and_should_not_is_told() -> None:
    answer = "def mean(values):\n    return sum(k * v for k, v in enumerate(values, 1)) / 9.7\n"
    assert "depends_on_order(argument=values)" in labels(mean, answer)


def test_code_of_a_solution_is_not_quoted_as_if_it_were_the_learners() -> None:
    """Catches names that exist in the solution alone: its line is said to be a solution's."""
    code = """
def largest(values):
    return None if not values else sorted(values)[0]
"""
    text = told(largest, code).text
    assert "best" not in text or "Where a solution has" in text


def test_an_answer_without_source_is_told_what_its_results_are() -> None:
    assert [one.label for one in mean.check(sum).findings] == ["sum_for_mean(size=len(values))"]


@pytest.mark.parametrize(
    ("code", "why"),
    [("sum(values) / len(values) ** 2", ": a mean where a sum belongs."), ("f(values)", ".")],
)
def test_a_mean_is_named_where_the_code_can_take_one(code: str, why: str) -> None:
    f = lambda values: math.fsum(v / len(values) for v in values) * len(values) ** -1  # noqa: E731
    assert f"divided by `len(values)`{why}" in told(mean, code, f=f).text


def test_what_an_earlier_call_has_left_is_found_where_no_call_changes_it_any_more() -> None:
    """Catches a mean that is kept from the first call, which later calls only look up."""
    code = "def mean(v):\n    if 'of' not in KEPT:\n        KEPT['of'] = sum(v) / len(v)\n"
    code += "    return KEPT['of']\n"
    kept: dict[str, float] = {}
    answer = defined(code, KEPT=kept)
    assert "`KEPT` is defined outside of your function, and still holds" in mean.check(answer).text
    assert kept
    assert answer.__globals__["KEPT"] is kept  # which was taken away meanwhile
    looked_up = (
        "def mean(v):\n    return TABLE[0] * sum(v) / len(v) if TABLE else sum(v) / len(v)\n"
    )
    assert "`TABLE` is defined" not in told(mean, looked_up, TABLE=[3]).text


def test_a_question_leaves_the_answer_as_it_is() -> None:
    answer = defined("def mean(values):\n    return sum(values) / 2\n")
    before = answer.__code__
    mean.check(answer)
    assert answer.__code__ is before


@exercise(inputs=[([1, 2, 2, 3, 2],), ([2, 2],), ([5],)], draw=_numbers)
def without_twos(values):
    return [value for value in values if value != 2]


SKIPS = """def without_twos(values):
    kept = [str(value) for value in values]
    for value in kept:
        if value == "2":
            kept.remove(value)
    return [int(value) for value in kept]
"""


def test_a_loop_that_takes_elements_out_of_its_list_skips_some() -> None:
    assert "`kept.remove(value)` takes elements out" in told(without_twos, SKIPS).text
    deleted = SKIPS.replace("kept.remove(value)", "del kept[kept.index(value)]")
    assert "`del kept[kept.index(value)]` takes" in told(without_twos, deleted).text
    once = SKIPS.replace("remove(value)\n", "remove(value)\n            break\n")
    assert "takes elements out" not in told(without_twos, once).text


def _stocks(rng: random.Random) -> Any:
    return tuple({c: rng.randint(0, 9) for c in rng.sample("abcdef", 3)} for _ in range(2))


@exercise(inputs=[({"a": 2, "b": 0}, {"a": 3, "c": 1})], draw=_stocks)
def added(stock, delivery):
    new = dict(stock)
    for name, amount in delivery.items():
        new[name] = new.get(name, 0) + amount
    return new


def test_a_change_that_spoils_an_argument_is_no_cure() -> None:
    """Catches a copy of the answer that gives the right result in the caller's dict."""
    code = """def added(stock, delivery):
    new = {}
    for name, amount in stock.items():
        if name in delivery:
            amount = amount + delivery[name]
        new[name] = amount
    return new
"""
    assert labels(added, code) == ["keys_missing"]
    raises = "def added(stock, delivery):\n    for key in delivery:\n        stock[key]\n"
    assert "There is no key `'c'` there." in told(added, raises).text


@exercise(inputs=[([3, 1, 3],), ([2, 2, 1, 1],)], draw=_numbers)
def twice(values):
    return {value for value in values if values.count(value) > 1}


def test_braces_alone_make_a_dict() -> None:
    code = "def twice(values):\n    found = {}\n    for value in values:\n        "
    code += "if values.count(value) > 1:\n            found.add(value)\n    return found\n"
    assert "`set()` makes an empty set" in told(twice, code).text


@exercise(
    inputs=[([1, 2],), ([4],)],
    draw=_numbers,
    observe=lambda answer, values: [("total", answer(values)), ("none", None)],
)
def total(values):
    return sum(values)


def test_what_is_printed_in_place_of_a_part_is_told() -> None:
    assert labels(total, "def total(values):\n    print(sum(values))\n") == ["printed"]


@exercise(inputs=[(3725,), (60,)], draw=lambda rng: (rng.randint(0, 90_000),))
def clock(seconds):
    return seconds // 3600, seconds % 3600 // 60, seconds % 60


def test_what_is_left_of_a_larger_unit_is_found_by_the_numbers_in_the_code() -> None:
    feedback = told(clock, "(seconds // 3600, seconds // 60, seconds % 60)")
    assert (
        "`seconds // 60` stands in your code where `seconds % 3600 // 60` belongs" in feedback.text
    )


def test_of_several_results_the_one_that_is_wrong_is_quoted() -> None:
    """Catches a whole tuple as the cure, of which another part can be wrong as well."""
    code = "def clock(seconds):\n    h, m = seconds // 3600, seconds // 60\n"
    text = told(clock, f"{code}    return h, m, seconds % 60\n").text
    assert "`m` stands in your code in `return h, m, seconds % 60` where" in text


def spread(values):
    middle = sum(values) / len(values)
    return sum((value - middle) ** 2 for value in values)


def test_nothing_is_taken_from_itself() -> None:
    """Catches a change that nobody would write."""
    program = Program(spread)
    changed = [program.quoted(edit)[1] for edit in program.edits]
    assert any("middle - value" in code for code in changed)
    assert not any("middle - middle" in code or "value - value)" in code for code in changed)


def everything(rows, *more, key=None):
    groups, append = {}, [].append
    for first, *rest in rows:
        groups.setdefault(key, []).append(first)
        append(first)
        append(*rest)
    while (n := len(more)) > 1 or not -n % 2:
        more, n = more[:-n], ~n
    try:
        lines = [f"{row!r:>4}" for row in rows if row[0] if row[1:] is not None]
    except (KeyError, IndexError) as error:
        raise ValueError(*rows) from error
    match lines:
        case [one, *_] if one.isalpha():
            return {**groups, one: lambda x, *y: (yield x)}
    del lines[0], groups[0].rest
    return {-row for row in rows}, *more


@pytest.mark.parametrize("module", [fractions, textwrap, None])
def test_all_that_can_be_written_can_be_changed(module: Any) -> None:
    """Catches an error in place of feedback, as of an assignment to a call."""
    found = vars(module).values() if module else [everything]
    for one in filter(inspect.isfunction, found):
        for own in (True, False):
            assert all(edit.size > 0 for edit in Program(one, own=own).edits)


def test_a_condition_on_a_truth_value_is_a_whole_sentence() -> None:
    for wanted, name in (([True, False], "the right result is True"), ([2, 3], "the right result")):
        evidence: Any = SimpleNamespace(names=[], wanted=wanted, sizes=dict)
        assert [*_features(evidence)] == [(name, wanted)]


def full(*_: Any) -> Any:
    raise MemoryError


@pytest.mark.parametrize(("factor", "names"), [(1.001, ["inexact"]), (1.1, [])])
def test_what_is_known_is_told_where_no_memory_is_left(
    monkeypatch: pytest.MonkeyPatch, factor: float, names: list[str]
) -> None:
    """Catches an error in place of feedback, as comparing a very large result can raise it."""
    monkeypatch.setattr("tellwhy.answers.diagnose.mended", full)
    answer = lambda values: factor * sum(values) / len(values) + 1e-4  # noqa: E731
    assert [finding.name for finding in mean.check(answer).findings] == names


def test_which_parts_are_right_is_told_where_no_memory_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tellwhy.answers.diagnose._of_part", full)
    found = fitted.check(lambda x, y: (fitted.specification.solution(x, y)[0], 0.5)).findings
    assert [finding.sentence for finding in found] == ["`result[0]` is right, `result[1]` is not."]
    (two,) = clock.check(lambda seconds: (9, 99, seconds % 60)).findings
    assert two.sentence == "`result[2]` is right, `result[0]` and `result[1]` are not."


@exercise(
    inputs=[([1, 2, 1],), ([0, 3],), ([4, 5],)],
    draw=lambda rng: ([rng.randint(0, 5) for _ in range(rng.randint(1, 4))],),
)
def again(values):
    """The first value that is 0 or came before, or None."""
    seen = {0}
    for value in values:
        if value in seen:
            return (value,)
        seen.add(value)


def test_where_none_can_be_meant_no_return_is_said_to_be_missing() -> None:
    code = "def again(values):\n    seen = set()\n    for value in values:\n        "
    code += "if value in seen:\n            return (value,)\n        seen = seen | {value}\n"
    assert "wrong only where the right result is `(0,)`" in told(again, code).text
    assert labels(again, "def again(values):\n    sorted(values)\n") == ["nothing_returned"]


@exercise(inputs=[(5,), (3,)], draw=lambda rng: (rng.randint(0, 8),))
def factorial(n):
    return n * factorial(n - 1) if n else 1


def test_a_solution_may_call_itself() -> None:
    code = "def factorial(n):\n    return n * factorial(n - 1) if n > 1 else 0\n"
    assert labels(factorial, code) == ["change(stands=0, belongs=1)"]


@exercise(
    inputs=[("aaabccd",), ("bb",)],
    draw=lambda rng: ("".join(rng.choices("ab", k=6)),),
    seconds=60.0,
)
def runs(text):
    found = []
    for letter in text:
        if found and found[-1][0] == letter:
            found[-1][1] += 1
        else:
            found.append([letter, 1])
    return found


def test_what_is_to_be_set_again_in_a_loop_is_missing() -> None:
    code = """
def runs(text):
    result = []
    count = 1
    for i in range(len(text)):
        if i + 1 < len(text) and text[i] == text[i + 1]:
            count += 1
        else:
            result.append([text[i], count])
    return result
"""
    assert "`count = 1` is missing in your code after `result.append(" in told(runs, code).text


@exercise(
    inputs=[([[1, 2], [3, 4], [5, 6]],)],
    draw=lambda rng: ([[rng.randint(0, 9) for _ in range(3)] for _ in range(2)],),
)
def turned_right(grid):
    return [[*row] for row in zip(*grid[::-1], strict=True)]


def test_a_turn_the_other_way_is_half_a_turn_off() -> None:
    columns = "[[*row] for row in zip(*grid, strict=True)]"
    assert labels(turned_right, f"[*reversed({columns})]") == ["turned"]
    assert "Each row of your result is in reverse order." in told(turned_right, columns).text


@exercise(
    inputs=[([3, 5],), ([],)],
    draw=lambda rng: ([rng.randint(1, 9) for _ in range(rng.randint(0, 3))],),
)
def pairs_made(values):
    return [(value, value) for value in values]


def test_a_condition_is_not_made_of_inputs_for_which_there_is_nothing_to_do() -> None:
    code = "def pairs_made(values):\n    return [(v, 20 + len(values)) for v in values]\n"
    assert labels(pairs_made, code) == []


@exercise(inputs=[([3, 4, 6],), ([1],)], draw=_numbers)
def by_parity(values):
    found = {}
    for value in values:
        found.setdefault(value % 2, []).append(value)
    return found


def test_the_first_of_each_group_is_lost() -> None:
    code = """
def by_parity(values):
    found = {}
    for value in values:
        if value % 2 not in found:
            found[value % 2] = []
        else:
            found[value % 2].append(value)
    return found
"""
    assert "where `found[value % 2] = [value]` belongs" in told(by_parity, code).text


@exercise(inputs=[(6,), (27,)], draw=lambda rng: (rng.randint(1, 30),))
def halvings(n):
    return n.bit_length() - 1


def test_one_is_missing_in_what_a_call_of_itself_returns() -> None:
    code = "def halvings(n):\n    if n == 1:\n        return 0\n    return halvings(n // 2)\n"
    assert "where `return halvings(n // 2) + 1` belongs" in told(halvings, code).text


@exercise(
    inputs=[((), ("add", 3), ("all",), ("add", 4), ("all",))],
    draw=lambda rng: ((), *[("add", rng.randint(0, 9)), ("all",)] * rng.randint(1, 3)),
)
class Kept:
    def __init__(self):
        self.values = []

    def add(self, value):
        self.values.append(value)

    def all(self):
        return [*self.values]


def test_what_a_method_returned_is_looked_at_as_it_was_then() -> None:
    kept: Any = Kept  # an exercise, for whoever runs it
    itself = kept.solution().replace("[*self.values]", "self.values")
    assert kept.check(defined(itself)).status == "right"
    of_class = itself.replace("    def __init__(self):\n        self.values", "    values")
    assert labels(kept, of_class) == ["old_attribute"]


@exercise(
    inputs=[(4, None), (5, 3), (9, 4)],
    draw=lambda rng: (rng.randint(1, 30), rng.choice([None, 3, 4, 5])),
)
def rest(n, m):
    if m is None:
        m = 2
    return n % m


def test_what_the_code_asks_is_not_said_to_make_no_difference() -> None:
    lines = "    if m is None:\n        print('two')\n    m = 2\n    return n % m\n"
    assert "unasked" not in str(labels(rest, f"def rest(n, m):\n{lines}"))
    assert "unasked" in str(labels(rest, "def rest(n, m):\n    m = 2\n    return n % m\n"))


@exercise(
    inputs=[(2, 3), (5, -1), (-4, 4)],
    draw=lambda rng: (rng.randint(-9, 9), rng.randint(-9, 9)),
)
def steps_up(a, b):
    return [a + 1, b + 2] if a > 0 else [a, b + 2]


def test_of_two_conditions_alike_it_is_said_which() -> None:
    code = """
def steps_up(a, b):
    if a > 0:
        a += 1
    for _ in range(2):
        if a > 0:
            b += 1
    return [a, b]
"""
    assert (
        "Remove `if a > 0:` below `for _ in range(2):`: the lines inside it"
        in told(steps_up, code).text
    )


@exercise(inputs=[(2,), (3,)], draw=lambda rng: (rng.randint(0, 5),))
def squares_of_stars(height):
    for _ in range(height):
        print("*" * height)


@exercise(inputs=[("ab",), ("c",), ("",)])
def louder(text):
    return "".join(letter + "!" for letter in text)


def test_what_differs_are_the_line_ends_alone() -> None:
    code = "def squares_of_stars(height):\n    stars = ''\n    for _ in range(height):\n        "
    code += "stars += '*' * height\n    for star in stars:\n        print(star)\n"
    assert "only in line ends." in told(squares_of_stars, code).text
    code = "def louder(text):\n    for letter in text:\n        print(letter + '!', end='')\n"
    assert labels(louder, code) == ["printed"]


@exercise(inputs=[(("Rex",), ("kind",), ("older",), ("__eq__", "Rex")), (("Ida",), ("kind",))])
class Dog:
    species = "Canis"

    def __init__(self, name, age=1):
        super(Dog, self).__init__()  # noqa: UP008 (it names its class)
        self.name, self.age = name, age

    def kind(self):
        return f"{Dog.species} {self.name}"

    def __eq__(self, other):
        return isinstance(other, Dog) and other.name == self.name

    def older(self):
        return Dog(self.name, age=self.age + 1).age


@exercise(inputs=[((), ("one_more",))])
class Chain:
    length = 3

    def one_more(self):
        return Chain.length + 1


def test_a_class_may_name_itself() -> None:
    dog: Any = Dog
    right = str(dog.solution())
    assert dog.check(defined(right)).status == "right"
    assert "expected  {'kind': ['Canis Rex']}" in told(dog, right.replace("Canis", "Felis")).text
    assert labels(dog, right.replace("def kind", "def kinds")) == ["no_method(method=kind)"]
    chain: Any = Chain  # without a constructor of its own
    right = str(chain.solution())
    assert "expected  {'one_more': [4]}" in told(chain, right.replace("+ 1", "- 1")).text


@pytest.mark.parametrize(
    ("inputs", "error", "words"),
    [
        ([], ValueError, "at least one"),
        ([3], TypeError, "such as (3,), got 3"),
        ([[3, 4]], TypeError, "got [3, 4]"),
        (iter([(3,)]), TypeError, "got <list_iterator object>"),
    ],
)
def test_inputs_that_cannot_be_tried_are_refused(inputs: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=re.escape(words)):
        exercise(inputs=inputs)(lambda n: n)


@pytest.mark.parametrize("inputs", [[(3,)], [((3,), "size")], [((3,), ())], [()]])
def test_calls_that_cannot_be_made_are_refused(inputs: Any) -> None:
    with pytest.raises(TypeError, match=re.escape('such as ((10,), ("withdraw", 4))')):
        exercise(inputs=inputs)(Exception)


def test_what_an_exercise_cannot_be_made_of_is_refused() -> None:
    """Catches an error that a learner would see, or a solution that fails its own check."""
    with pytest.raises(TypeError, match="exercise needs inputs"):
        exercise(abs)
    with pytest.raises(TypeError, match="inputs of `only` do not fit its arguments: too many"):

        @exercise(inputs=[(1, 2)])
        def only(n, *, by):
            return n * by

    with pytest.raises(TypeError, match="hints of `abs` must be several texts, got one"):
        exercise(inputs=[(1,)], hints="Think.")(abs)
    loop = exercise(inputs=[(1,)])(defined("def loop(n):\n    while n: pass\n"))
    with pytest.raises(TimeoutError, match="does not come to an end, in `while n: pass` of loop"):
        loop.check(lambda n: n)
    sort = exercise(inputs=[([2, 1],)])(defined("def sort(values):\n    values.sort()\n"))
    with pytest.raises(ValueError, match="`sort` needs `observe`: its solution changes `values`"):
        sort.check(lambda values: values.sort())
    adder = exercise(inputs=[(2,)])(defined("def adder(n):\n    return lambda k: n + k\n"))
    with pytest.raises(ValueError, match="`adder` needs `observe`: its solution returns a func"):
        adder.check(lambda n: lambda k: n * k)


@exercise(
    inputs=[(3, 4), (1, 5)],
    observe=lambda answer, width, height: answer(width, height).area(),
)
class Box:
    def __init__(self, width, height):
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height


def test_a_class_may_be_observed_in_another_way() -> None:
    box: Any = Box
    right = str(box.solution())
    assert box.check(defined(right)).status == "right"
    assert told(box, right.replace("width *", "width +")).text


def test_a_method_that_the_solution_lacks_is_refused() -> None:
    class Made:
        def make(self) -> None:
            self.size = 1

    made = exercise(inputs=[((), ("make",), ("size",))])(Made)
    assert made.check(Made).status == "right"  # an attribute may come with a call
    with pytest.raises(ValueError, match="call `sizes`, which its class lacks"):
        exercise(inputs=[((), ("sizes",))])(Made).check(Made)


@exercise(inputs=[(5,), (300,), (2000,)])
def product(n):
    return math.factorial(n)


@exercise(inputs=[(3,)], draw=lambda rng: (rng.randint(4, 9),))
def evens(n):
    yield from range(0, n, 2)


@exercise(inputs=[(5,), (0,)], draw=lambda rng: (rng.randint(0, 9),))
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def test_what_comes_of_one_input_alone_is_not_called_a_relation() -> None:
    """Catches e to the power of 0, where every other input ends in an error."""
    code = "def fibonacci(n):\n    if n == 0:\n        return 1\n"
    code += "    return fibonacci(n - 1) + fibonacci(n - 2)\n"
    assert "e to the power" not in told(fibonacci, code).text


def test_an_iterator_is_not_told_to_be_made_one() -> None:
    feedback = told(evens, "def evens(n):\n    yield from range(1, n, 2)\n")
    assert [one.name for one in feedback.findings] == ["change"]


@exercise(inputs=[(3,)], draw=lambda rng: (rng.randint(4, 9),))
def tiny(n):
    return n * 1e-12


def test_a_tiny_number_is_not_told_as_rounded() -> None:
    assert labels(tiny, "n * 1.3e-12 + 1e-13") == []


def test_of_an_answer_that_draws_at_random_no_cure_is_told() -> None:
    """Catches a change that makes it right with one seed alone."""
    code = "tiny_numbers.choice([2, 3]) * n * 1e-12"
    assert labels(tiny, code, tiny_numbers=random) == ["not_repeatable"]


def test_whole_numbers_larger_than_any_float_are_no_crash() -> None:
    assert told(product, "math.factorial(n - 1)", math=math).text.endswith("expected  120")
    assert "expected  120" in told(product, "2.5 * n").text
    late = told(product, "math.factorial(n) + n // 2000", math=math).text
    assert "<a whole number of about 5,735 digits>" in late


def test_of_a_solution_that_fails_it_is_said_where() -> None:
    broken = exercise(inputs=[([1],), ([],)])(lambda values: sum(values) / len(values))
    with pytest.raises(ZeroDivisionError) as caught:
        broken.check(lambda values: 1.0)
    assert caught.value.__notes__ == ["The solution raised it, in <lambda>([])."]


@exercise(
    inputs=[([1, 2],), ([4, 4, 1],)],
    draw=_numbers,
    observe=lambda answer, values: {"total": answer(values), "calls": sum([1 for _ in range(50)])},
    says={"total": "Add all of them up."},
)
def totalled_up(values):
    return sum(values)


def test_what_an_exercise_says_of_a_part_is_told_in_its_words() -> None:
    """Catches a part that is spoken for, and gets no word or another one."""
    feedback = told(totalled_up, "sum(values) + 3")
    assert [one.name for one in feedback.findings] == ["observed"]
    assert feedback.sentences == ("Add all of them up.",)


def test_the_steps_of_what_observes_are_not_counted() -> None:
    """Catches an author's loop, which would use up what an answer may take."""
    answer = defined("def totalled_up(values):\n    return sum(values)\n")
    observed = call(answer, ([1, 2],), totalled_up.specification.observer)
    assert 0 < observed.steps < 10


def test_an_order_that_neither_rotation_nor_reversal_changes_is_told() -> None:
    """Catches a result that depends on which values are neighbours."""
    answer = "def mean(values):\n    pairs = zip(values, values[1:] + values[:1])\n"
    answer += "    return sum(abs(a - b) for a, b in pairs) / 9.7\n"
    assert "depends_on_order(argument=values)" in labels(mean, answer)


@exercise(inputs=[([3, 1, 2],), ([5, 4],)], draw=lambda rng: (rng.sample(range(99), 4),))
def without_last(values):
    return values[:-1]


def test_a_method_that_is_named_in_a_line_and_not_called_is_quoted() -> None:
    code = "def without_last(values):\n    new = [*values]\n    new.pop\n    return new\n"
    said = "`new.pop` stands in your code where `new.pop()` belongs."
    assert said in told(without_last, code).text


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("def f(x):\n    return x.reshape(-1)\n", "x.reshape(-1)", "-1"),
        ("def f(x, n):\n    for v in x:\n        n += v\n    return n\n", "x", "x * n"),
        ("def f(x, n):\n    return [v for v in x if v > n]\n", "x", "x * n"),
        ("def f(x, n):\n    return x[n, 0]\n", "(n, 0)", "n"),
    ],
)
def test_what_mends_by_accident_is_not_tried(code: str, old: str, new: str) -> None:
    """Catches a number as an answer, a list that is repeated, and rows in place of entries."""
    program = Program(defined(code), own=True)
    pairs = ((n, edit.changes[id(n)]) for edit in program.edits for n in edit.nodes)
    tried = {(text(n), text(new)) for n, new in pairs if isinstance(new, ast.AST)}
    assert (old, new) not in tried
    assert tried


def test_an_answer_that_keeps_nothing_is_not_called_again() -> None:
    """Catches calls of a slow answer that say nothing."""
    count = 0

    def answer(values: Any) -> float:
        nonlocal count
        count += 1
        return float(sum(values))

    known = solutions(mean.specification)
    calls = [call(answer, inputs) for inputs in known.shown]
    trial = Trial(known, answer, math.inf)
    evidence = Evidence(trial, calls, [one.outcome for one in calls], known.expected)
    before = count
    assert remembers(evidence) is None
    assert count == before > 1


@exercise(inputs=[(3, 4), (0, 2), (5, 0)], draw=lambda rng: (rng.randint(0, 9), rng.randint(0, 4)))
def steps(n, most):
    return min(n, most)


def test_an_elif_becomes_an_if_where_what_stands_before_it_does_not_belong_there() -> None:
    """Catches a sentence on an `else` that is not there."""
    code = "def steps(n, most):\n    if most == 4:\n        n = 7 - n\n    elif n > most:\n"
    code += "        n = most\n    return n\n"
    text = told(steps, code).text
    assert "`else`" not in text
    assert "begin with the condition that follows, `if` in place of `elif`." in text


@exercise(inputs=[(2, 3), (0, 3), (4, 1)], draw=lambda rng: (rng.randint(0, 9), rng.randint(1, 9)))
def doubled(x, unit):
    return 2 * x


def test_an_argument_that_should_not_matter_is_told_though_it_does_not_matter_to_0() -> None:
    code = "def doubled(x, unit):\n    return sum(unit * k % 7 for k in range(x))\n"
    assert labels(doubled, code) == ["depends_on(argument=unit)"]
    rarely = code.replace("\n    return", "\n    return 0 if x < 7 else")
    assert not any("order" in label for label in labels(doubled, rarely))  # of a number
