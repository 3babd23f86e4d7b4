"""What is found where two slips explain an answer, or a loop that stops too early."""

import random
from typing import Any

import pytest
from answers import labels, told

from tellwhy import exercise


def _draw(rng: random.Random) -> Any:
    return rng.randint(11, 99) / 10, rng.randint(1, 9), rng.randint(11, 49) / 10


@exercise(inputs=[(2.5, 3, 2.0), (1.5, 2, 1.0), (4.0, 5, 0.5)], draw=_draw)
def score(x, mu, sigma):
    return 10 - x * mu / (2 * sigma**2) - 3 / sigma


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        (
            "10 - x * mu / (2 * sigma) + 3 / sigma",
            (
                "`10 - x * mu / (2 * sigma) + 3 / sigma` stands in your code",
                "where `10 - x * mu / (2 * sigma ** 2) - 3 / sigma` belongs",
            ),
        ),
        (
            "10 + x * mu / (2 * sigma**2) + 3 / sigma",
            ("where `10 - x * mu / (2 * sigma ** 2)", "- 3 / sigma` belongs"),
        ),
    ],
)
def test_of_two_slips_that_make_no_input_right_alone_both_are_told(
    code: str, sentences: tuple[str, str]
) -> None:
    text = told(score, code).text
    assert "Two slips. " not in text  # one change of one expression mends both
    assert all(sentence in text for sentence in sentences)


@exercise(
    inputs=[([1.0, 2.0, 6.0],), ([5.0, 4.5],)],
    draw=lambda rng: ([rng.randint(1, 99) / 7 for _ in range(rng.randint(2, 6))],),
    mistakes={
        "sum of squares": ("The squares are added up.", lambda values: sum(v * v for v in values))
    },
)
def spread(values):
    return sum(abs(v - values[0]) ** 1.5 for v in values)


@pytest.mark.parametrize(
    ("code", "second"),
    [
        ("-sum(v * v for v in values)", "negated"),
        ("-(-sum(v * v for v in values) // 1)", "rounded_up"),
        ("sum(v * v for v in values) + 3", "offset(side=large, amount=3)"),
        ("sum(v * v for v in values) / len(values)", "mean_for_sum(size=len(values))"),
    ],
)
def test_a_registered_mistake_is_told_with_what_was_made_of_it(code: str, second: str) -> None:
    feedback = told(spread, code)
    assert [one.label for one in feedback.findings] == [
        f"registered(mistake=sum of squares, and={second})"
    ]
    assert feedback.sentences[0].startswith("Two slips. The squares are added up. Your ")
    assert "the right one" not in feedback.sentences[0]


@exercise(
    inputs=[(2.0,), (30.0,), (700.0,)],
    draw=lambda rng: (rng.randint(11, 9999) / 10,),
)
def root(x):
    return x**0.5


def _newton(rounds: str, before: str = "") -> str:
    return (
        f"def root(x):\n{before}    guess = 1.0\n    for _ in range({rounds}):\n"
        "        guess += 0.001 * (x - guess * guess)\n"
        "        guess = min(max(guess, 1), x)\n    return guess\n"
    )


@pytest.mark.parametrize(("rounds", "before"), [("40", ""), ("times", "    times = 40\n")])
def test_of_a_loop_that_stops_too_early_it_is_said(rounds: str, before: str) -> None:
    code = _newton(rounds, before)
    assert labels(root, code) == ["rounds"]
    assert f"rounds of `for _ in range({rounds}):`" in told(root, code).text


def test_the_rounds_of_a_loop_may_be_an_argument_with_a_default_value() -> None:
    helper = _newton("times").replace("root(x)", "near(x, times=40)")
    assert labels(root, f"{helper}\n\ndef root(x):\n    return near(x)\n") == ["rounds"]


def test_a_loop_is_not_said_to_stop_early_where_more_rounds_do_not_help() -> None:
    wild = _newton("40").replace("0.001 * (", "x + (")
    few = _newton("4").replace("0.001", "0.0001")
    assert not {"rounds", "no_rest"} & {*labels(root, wild), *labels(root, few)}
    # It tends to another number: fewer rounds are farther off, more do not help a small `x`.
    other = _newton("12").replace("0.001 * (x -", "0.1 / x * (1.21 * x -")
    assert not {"rounds", "no_rest"} & {*labels(root, other)}


def test_a_loop_that_arrives_on_some_inputs_alone_is_named() -> None:
    @exercise(
        inputs=[(0.5,), (1.0,), (2000.0,), (90000.0,)],
        draw=lambda rng: (rng.randint(1, 20) / 10,),
    )
    def root(x):
        return x**0.5

    steps = (
        "def root(x):\n    guess = 1.0\n    for _ in range(200):\n"
        "        guess += max(-0.5, min(0.5, 0.2 * (x - guess * guess)))\n    return guess\n"
    )
    assert labels(root, steps) == ["no_rest"]
    assert told(root, steps).sentences[0].startswith("`for _ in range(200):` goes towards a")


def test_a_loop_that_counts_what_is_there_is_no_approximation() -> None:
    @exercise(
        inputs=[([1, 2, 3],), ([1] * 40,), ([5, 1] * 20,)],
        draw=lambda rng: ([rng.randint(1, 9) for _ in range(rng.randint(1, 10))],),
    )
    def squares(x):
        return sum(one * one for one in x)

    fixed = (
        "def squares(x):\n    total = 0\n    for place in range(30):\n"
        "        if place < len(x):\n            total += x[place] ** 2\n    return total\n"
    )
    assert labels(squares, fixed) == ["rounds"]


def test_a_registered_mistake_can_raise_errors() -> None:
    advice = "Not all have a length: count with a loop."

    @exercise(
        inputs=[([[1], [2, 3]],), ([4, [5]],), ([None],), ([],), ([{1: 2}],), (5,)],
        draw=lambda rng: ([rng.choice([1, [2], [3, 4]]) for _ in range(3)],),
        mistakes={"lengths": (advice, lambda groups: sum(group.__len__() for group in groups))},
    )
    def members(groups):
        if not isinstance(groups, list):
            return 0
        return sum(len(one) if isinstance(one, list) else 1 for one in groups)

    lengths = "sum([group.__len__() for group in groups])"
    assert labels(members, lengths) == ["registered(mistake=lengths)"]
    assert "registered" not in labels(members, lengths.replace("in groups", "in groups[1:]"))[0]


def test_a_mistake_that_explains_two_parts_is_told_of_both() -> None:
    """Catches that each part is told another mistake, which happens to give the same there."""

    @exercise(
        inputs=[([1.0, 2.0, 6.0],), ([4.0, 4.5],), ([3.0, 5.0, 8.0, 9.0],)],
        draw=lambda rng: ([rng.randint(1, 90) / 10 for _ in range(4)],),
        parts=("mean", "spread", "count"),
        mistakes={
            "largest": ("It is the largest.", lambda x: (max(x), max(x) - min(x), len(x))),
            "doubled": ("All is doubled.", lambda x: (max(x), 2 * max(x), 2 * len(x))),
        },
    )
    def summed_up(x):
        return sum(x) / len(x), max(x) - min(x), len(x)

    code = "(max(x), 2 * max(x), len(x) + 1)"
    found = told(summed_up, code).findings[0]
    assert found.parameters["mistake"] == "doubled"
    assert "`mean` and `spread`" in found.sentence


def test_a_line_that_heads_others_is_named_with_them() -> None:
    @exercise(inputs=[([3, 9, 2],), ([1],), ([4, 4],)], draw=lambda rng: (rng.sample(range(9), 3),))
    def total(x):
        return sum(x)

    capped = (
        "def total(x):\n    found = 0\n    for one in x:\n        if one > 5:\n"
        "            one = one // 2\n            found -= 1\n        found += one\n"
        "    return found\n"
    )
    assert (
        "`if one > 5:`, with the lines indented below it, stands in your code and"
        in told(total, capped).text
    )


def test_of_steps_that_are_too_long_it_is_said() -> None:
    @exercise(
        inputs=[([1.0, 2.0, 6.0, 3.0, 4.0, 1.0],), ([1.0, 5.0] * 30,), ([7.0, 2.0, 3.0] * 25,)],
        draw=lambda rng: ([rng.randint(1, 20) / 10 for _ in range(rng.randint(6, 9))],),
    )
    def centre(x):
        return sum(x) / len(x)

    steps = (
        "def centre(x):\n    guess = 1.0\n    for _ in range(60):\n"
        "        guess -= 0.05 * sum(guess - value for value in x)\n    return guess\n"
    )
    assert labels(centre, steps) == ["moves_away"]
    assert "The steps are too long there." in told(centre, steps).sentences[0]


def test_of_two_slips_one_can_hide_the_other() -> None:
    """Catches that a change has to leave right what is right: with both slips that can be luck."""

    @exercise(
        inputs=[(1, 4, 30), (1, 1, 30), (10, 8, 30), (50, 2, 30)],
        draw=lambda rng: (rng.randint(1, 20), rng.randint(1, 30), 100),
    )
    def rate(lr, number, most):
        return min(lr * number, most)

    code = "def rate(lr, number, most):\n    up = lr * number**0.5\n    return max(up, most)\n"
    assert told(rate, code).sentences == (
        "Two slips. `max(up, most)` stands in your code where `min(up, most)` belongs. "
        "`number ** 0.5` stands in your code where `number` belongs.",
    )


@exercise(
    inputs=[(4.0, 2.0), (3.0, 0.0), (0.0, 5.0)],
    draw=lambda rng: (float(rng.randint(1, 9)), float(rng.randint(0, 3))),
)
def multiplied(a, b):
    return a * b


def test_where_an_argument_of_0_makes_it_nan_the_division_is_named() -> None:
    torch = pytest.importorskip("torch")
    code = "def multiplied(a, b):\n    b = torch.tensor(b)\n    return float(a * b * b / b)\n"
    text = told(multiplied, code, torch=torch).text
    assert "inf or nan: there `a * b * b / b` divides by a 0 in `b`." in text


@exercise(
    inputs=[([1.0, 2.0], 3.0), ([4.0, 0.5], 2.0)],
    draw=lambda rng: ([float(rng.randint(1, 9)) for _ in range(3)], rng.randint(11, 99) / 10),
    parts=("scaled", "moved"),
)
def folded(w, b):
    return [3 * one for one in w], b - 1


def test_what_a_part_is_of_another_part_is_told() -> None:
    """Catches that of two parts, exchanged and one of them squared, only one gets a word."""

    @exercise(
        inputs=[([1.0, 2.0],), ([4.0, 0.5, 2.0],)],
        draw=lambda rng: ([rng.randint(1, 99) / 10 for _ in range(4)],),
        parts=("least", "range"),
    )
    def ends(values):
        return min(values), max(values) - min(values)

    code = "def ends(values):\n    low = min(values)\n    return (max(values) - low) ** 2, low\n"
    assert told(ends, code).sentences == (
        "Your result `least` is the square of what `range` should be.",
        "`range`: it is what `least` should be.",
    )


def test_what_depends_on_an_argument_and_should_not_is_told() -> None:
    """Catches that the order in it is named, or nothing."""
    found = labels(folded, "[3.2 * one * b**0.1 + 0.2 for one in w], b - 1")
    assert found == ["depends_on(argument=b, of=scaled)"]
    assert "depends_on" not in "".join(labels(folded, "[3.1 * one + 0.2 for one in w], b - 1"))


@exercise(inputs=[(2.0,), (3.0,)], draw=lambda rng: (rng.randint(11, 99) / 10,))
def slope(x):
    return 2 * x


def test_the_cure_of_a_step_that_rounding_swallows_is_a_larger_one() -> None:
    """Catches 1, with which the slope of a square is right, too."""
    code = "def slope(x):\n    h = 1e-17\n    return ((x + h) ** 2 - (x - h) ** 2) / (2 * h)\n"
    assert "where `0.01` belongs" in told(slope, code).text


@exercise(
    inputs=[([2.0, 4.0, 9.0],), ([3.0],)],
    draw=lambda rng: ([rng.randint(1, 99) / 7 for _ in range(rng.randint(2, 6))],),
    mistakes={
        "squares": (
            "This is the sum of the squares: add up the values themselves.",
            lambda values: sum(value**2 for value in values),
        )
    },
)
def middle(values):
    return sum(values) / len(values)


def test_of_two_slips_the_first_is_not_said_to_be_all() -> None:
    (found,) = told(middle, "-3 * sum(value**2 for value in values)").findings
    assert found.sentence == (
        "Two slips. By itself, the first would give the sum of the squares: add up the values "
        "themselves. Your result is -3 times that."
    )


@exercise(
    inputs=[([1.0, 4.0, 9.5],), ([2.0, 3.0],)],
    draw=lambda rng: ([rng.randint(1, 99) / 7 for _ in range(rng.randint(2, 6))],),
)
def logged(values):
    return [7 * value**1.5 for value in values]


def test_a_result_in_another_form_is_told_with_what_was_made_of_it() -> None:
    (found,) = told(logged, "[-7 * value**1.5 for value in reversed(values)]").findings
    assert (found.name, found.parameters["and"]) == ("reversed", "negated")
    assert found.sentence.endswith("it is minus what the first one alone would give.")


@exercise(
    inputs=[([1, 2], [3, 4]), ([5, 0, 2], [1, 9, 4])],
    draw=lambda rng: tuple([rng.randint(0, 9) for _ in range(rng.randint(2, 4))] for _ in range(2)),
)
def dot(a, b):
    return sum(x * y for x, y in zip(a, b))  # noqa: B905


def test_a_loop_over_two_lists_that_lacks_zip_is_told() -> None:
    code = "def dot(a, b):\n    total = 0\n    for x, y in a, b:\n"
    code += "        total += x * y\n    return total\n"
    assert "`zip(a, b)` belongs" in told(dot, code).text


def test_an_approximation_is_named_by_the_small_number_that_makes_it() -> None:
    @exercise(inputs=[(1.0,), (2.0,), (5.0,)], draw=lambda rng: (rng.randint(1, 90) / 10,))
    def slope(x):
        return 3 * x**2

    quotient = "def slope(x):\n    h = 0.01\n    return ((x + h) ** 3 - x**3) / h\n"
    assert labels(slope, quotient) == ["small"]
    assert (
        told(slope, quotient)
        .sentences[0]
        .startswith("A somewhat smaller number in place of `0.01`")
    )
    assert labels(slope, quotient.replace("0.01", "1e-14")) == ["tiny"]
    other = quotient.replace("**3) / h", "**3) / h + 0.02 * x")  # it tends to something else
    assert "small" not in labels(slope, other)


@exercise(
    inputs=[([1.0, 2.0, 6.0],), ([5.0, 4.5],)],
    draw=lambda rng: ([rng.randint(1, 99) / 7 for _ in range(rng.randint(2, 6))],),
    mistakes={
        "root first": (
            "The root is taken first.",
            lambda values: (
                sum((v - sum(values) / len(values)) ** 2 for v in values) ** 0.5 / len(values)
            ),
        )
    },
)
def deviation(values):
    return (sum((v - sum(values) / len(values)) ** 2 for v in values) / len(values)) ** 0.5


def test_a_factor_that_is_chance_makes_no_second_slip() -> None:
    """Catches "Two slips" of an answer that makes neither: the standard error of a mean."""
    code = "def deviation(values):\n    import statistics\n"
    code += "    return statistics.stdev(values) / len(values) ** 0.5\n"
    assert not any("and=" in label for label in labels(deviation, code))


def _draw_rate(rng: random.Random) -> Any:
    rate, number, room = rng.randint(1, 99), rng.randint(1, 64), rng.randint(1, 39)
    return rate / 1000, number, (rate * room + rng.randrange(rate)) / 1000


@exercise(
    inputs=[(0.01, 4, 0.3), (0.01, 1, 0.3), (0.1, 8, 0.3), (0.5, 2, 0.3), (0.5, 1, 0.3)],
    draw=_draw_rate,
)
def capped(rate, number, largest):
    return min(rate * number, largest)


def test_what_is_true_of_the_inputs_tried_alone_hides_no_slips() -> None:
    """Catches "where it is wrong, it is `max(rate, largest)`", which is so by chance."""
    code = "def capped(rate, number, largest):\n    share = rate / number\n"
    text = told(capped, f"{code}    return max(share, largest)\n").text
    assert "Two slips. " in text
    assert "`min(share, largest)` belongs" in text
    assert "`rate * number` belongs" in text


def test_two_mistakes_with_one_advice_are_counted_as_one() -> None:
    @exercise(
        inputs=[(2,), (5,)],
        draw=lambda rng: (rng.randint(2, 99),),
        mistakes={
            "added": ("Multiply.", lambda n: n + 77),
            "added twice": ("Multiply.", lambda n: n + 154),
            "taken away": ("Do not take it away.", lambda n: n - 78),
        },
    )
    def times(n):
        return 77 * n

    found = [labels(times, code) for code in ("n + 77", "n + 154", "n - 78")]
    assert found == [
        ["registered(mistake=added)"],
        ["registered(mistake=added)"],
        ["registered(mistake=taken away)"],
    ]
