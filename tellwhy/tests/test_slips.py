"""Slips of whole kinds, each in an answer of a few lines: what a learner is told of it."""

import itertools
import math
import random
import statistics
from collections import Counter
from typing import Any

import pytest
from answers import told
from tellwhy.answers.contents import _quoted

from tellwhy import exercise


def _texts(rng: random.Random) -> Any:
    return (" ".join("".join(rng.choices("abcxyzAB", k=3)) for _ in range(rng.randint(0, 5))),)


@exercise(inputs=[(7,), (16,)], draw=lambda rng: (rng.randint(0, 40),))
def game(n):
    for i in range(1, n + 1):
        if i % 6 == 0:
            print("both")
        elif i % 3 == 0:
            print("three")
        elif i % 2 == 0:
            print("two")
        else:
            print(i)


@exercise(inputs=[(89,), (8,)], draw=lambda rng: (rng.randint(0, 99),))
def coins(cents):
    """Give a sum in as few coins as can be."""
    found = []
    for coin in (50, 20, 10, 5, 2, 1):
        found += [coin] * (cents // coin)
        cents %= coin
    return found


@exercise(inputs=[("aye",), ("Bob",)], draw=_texts)
def counted(text):
    """Count a, b and c."""
    return sum(text.count(letter) for letter in "abc")


@exercise(inputs=[("one two",), ("ab",)], draw=_texts)
def backwards(text):
    return " ".join(text.split()[::-1])


def _rows(rng: random.Random) -> Any:
    return ([[rng.randint(-9, 9) for _ in range(rng.randint(1, 4))] for _ in range(4)],)


@exercise(inputs=[([[3, 1], [7, 2]],), ([[-4], [-1, -6]],)], draw=_rows)
def largest_of_rows(rows):
    return [max(row) for row in rows]


@exercise(inputs=[([3, 1, 3, 2, 1],), ([2],)], draw=lambda rng: (rng.choices(range(4), k=6),))
def most_frequent(values):
    """All values that are as frequent as any, ascending."""
    count = Counter(values)
    return sorted(value for value in count if count[value] == max(count.values()))


def _two(rng: random.Random) -> Any:
    return tuple([rng.randint(-9, 9) / 2 for _ in range(4)] for _ in range(2))


@exercise(inputs=[([3.0, 1.0, 5.0], [1.0, 2.0, 3.0]), ([5.0, -1.0], [0.5, 2.0])], draw=_two)
def middle_gap(one, other):
    return sorted(one)[len(one) // 2] - sorted(other)[len(other) // 2]


def _few(rng: random.Random) -> Any:
    return ([rng.randint(-9, 9) for _ in range(rng.randint(2, 5))],)


@exercise(inputs=[([1, -2, 3],), ([4, 5],)], draw=_few)
def any_negative(values):
    return any(value < 0 for value in values)


@exercise(inputs=[([1, 2, 3],), ([4, -5],)], draw=_few)
def all_positive(values):
    return min(values) > 0


@exercise(inputs=[([3, 1, 2],), ([5, 9, 7, 1],)], draw=lambda rng: (rng.sample(range(30), k=4),))
def second(values):
    return sorted(values)[-2]


def _nested(rng: random.Random) -> Any:
    return ([rng.choice([rng.randint(0, 9), [1, [2, 3]], [[4]], []]) for _ in range(4)],)


@exercise(inputs=[([1, [2, [3]]],), ([[4, 5], 6],)], draw=_nested)
def flat(values):
    found = []
    for value in values:
        found += flat(value) if isinstance(value, list) else [value]
    return found


@exercise(
    inputs=[([3, 8, 4, 9], 1), ([5, 2], 0)],
    draw=lambda rng: (rng.sample(range(30), k=6), rng.randint(0, 2)),
)
def inner(values, k):
    return values[k : len(values) - k]


@exercise(inputs=[(6, 23), (1, 2)], draw=lambda rng: (rng.randrange(7), rng.randrange(24)))
def later(day, hour):
    return f"{(day + 3) % 7}:{(hour + 5) % 24}"


ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
PAIRS = {"IV": 4, "IX": 9, "XL": 40, "XC": 90}


def _numeral(rng: random.Random) -> Any:
    tens, ones = rng.choice(["", "X", "XL", "L", "LX", "XC"]), ["I", "III", "IV", "V", "VI", "IX"]
    return ("C" * rng.randint(0, 2) + tens + rng.choice(ones),)


@exercise(inputs=[("XIV",), ("CXC",)], draw=_numeral)
def value_of_roman(numeral):
    total = 0
    for one, after in zip(numeral, numeral[1:] + "I", strict=True):
        if ROMAN[one] < ROMAN[after]:
            total -= ROMAN[one]
        else:
            total += ROMAN[one]
    return total


@exercise(
    inputs=[([9, 4, 8, 10, 7, 12], 8), ([5, 6, 2, 7, 7, 7], 6)],
    draw=lambda rng: ([rng.randint(1, 9) for _ in range(rng.randint(0, 9))], 5),
)
def streak(steps, goal):
    """Return how many days in a row have at least so many steps, at most."""
    best = run = 0
    for one in steps:
        run = run + 1 if one >= goal else 0
        best = max(best, run)
    return best


@exercise(inputs=[(6,), (7,)], draw=lambda rng: (rng.randint(1, 30),))
def halvings(n):
    count = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1
    return count


@exercise(inputs=[(3,)], draw=lambda rng: (rng.randint(1, 6),))
def table(n):
    for row in range(1, n + 1):
        print(*[row * column for column in range(1, n + 1)])


@exercise(inputs=[("aaab",), ("bcc",)], draw=lambda rng: ("".join(rng.choices("abc", k=6)),))
def runs(text):
    return "".join(f"{one}{len([*group])}" for one, group in itertools.groupby(text))


@exercise(
    inputs=[({"kiwi": 2, "plum": 0},)],
    draw=lambda rng: ({one: rng.randint(0, 2) for one in ("fig", "kiwi", "plum")},),
)
def in_stock(stock):
    return {one: many for one, many in stock.items() if many}


@exercise(
    inputs=[([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 5.0, 4.0])],
    draw=lambda rng: tuple([rng.gauss(0, 3) for _ in range(5)] for _ in range(2)),
)
def correlation(x, y):
    return statistics.correlation(x, y)


@exercise(inputs=[(7, 5), (0, 45)], draw=lambda rng: (rng.randrange(24), rng.randrange(60)))
def clock(hour, minute):
    return f"{hour}:{minute:02d}"


@exercise(inputs=[([3, 8, 4, 9],)], draw=lambda rng: (rng.sample(range(30), k=6),))
def inside(values):
    return values[1:-1]


def _visit(rng: random.Random) -> Any:
    moves = [("join", "Ann"), ("join", "Bob"), ("leave",), ("serve",)]
    return ((2,), *(rng.choice(moves) for _ in range(8)))


@exercise(inputs=[((1,), ("join", "Ann"), ("serve",), ("join", "Bob"))], draw=_visit)
class Line:
    def __init__(self, most):
        self.most, self.waiting = most, []

    def join(self, name):
        if len(self.waiting) < self.most:
            self.waiting.append(name)
        return len(self.waiting)

    def leave(self):
        """The last one goes."""
        del self.waiting[-1:]

    def serve(self):
        return self.waiting.pop(0) if self.waiting else None


def _years(rng: random.Random) -> Any:
    first = rng.randint(1580, 2410)
    return first, first + rng.randint(0, 40)


# Of all inputs that are shown, only one has a century in it that is no leap year.
@exercise(inputs=[(1996, 2005), (1896, 1904), (2001, 2003)], draw=_years)
def leap_years(first, last):
    """Each year that is a leap year."""
    years = []
    for year in range(first, last + 1):
        if year % 400 == 0 or (year % 4 == 0 and year % 100 != 0):
            years.append(year)
    return years


SLIPS: dict[str, tuple[Any, str, str]] = {
    "a number without its zero": (
        clock,
        """
        def clock(h, m):
            return f"{h}:{m}"
        """,
        ":{m}'` stands in your code where `f'{h}:{m:02d}'` belongs.",
    ),
    "the last for the first": (
        Line,
        """
        class Line:
            def __init__(self, most):
                self.most, self.names = most, []
            def join(self, name):
                if len(self.names) < self.most:
                    self.names.append(name)
                return len(self.names)
            def leave(self):
                self.names = self.names[:-1]
            def serve(self):
                return self.names.pop() if self.names else None
        """,
        "`self.names.pop()` stands in your code where `self.names.pop(0)` belongs.",
    ),
    "one method counts, another does not": (
        Line,
        """
        class Line:
            def __init__(self, most):
                self.most, self.count, self.names = most, 0, []
            def join(self, name):
                if self.count < self.most:
                    self.names.append(name)
                    self.count += 1
                return len(self.names)
            def leave(self):
                if self.names:
                    self.names.pop()
                    self.count -= 1
            def serve(self):
                if not self.names:
                    return None
                return self.names.pop(0)
        """,
        "`self.count -= 1` is missing in your code in `serve`, before `return self.names.pop(0)`.",
    ),
    "one further from the end": (
        inside,
        """
        def inside(values):
            return values[1:-2]
        """,
        "`values[1:-2]` stands in your code where `values[1:-1]` belongs.",
    ),
    "part of a condition": (
        leap_years,
        """
        def leap_years(first, last):
            return [y for y in range(first, last + 1) if y % 4 == 0]
        """,
        "works as if `year % 4 == 0` stood where `year % 4 == 0 and year % 100 != 0` belongs.",
    ),
    "the last group is forgotten": (
        streak,
        """
        def streak(steps, goal):
            lengths = [0]
            current = 0
            for one in steps:
                if one >= goal:
                    current += 1
                else:
                    lengths.append(current)
                    current = 0
            return max(lengths)
        """,
        "`lengths.append(current)` is missing in your code after the loop `for one in steps:`.",
    ),
    "what is always done stands in a branch": (
        halvings,
        """
        def halvings(n):
            count = 0
            while n > 1:
                if n % 2 == 0:
                    n = n // 2
                else:
                    n = 3 * n + 1
                    count += 1
            return count
        """,
        "`count += 1` stands below `if n % 2 == 0:` in your code, and belongs after it, as it",
    ),
    "what belongs to each round stands after the loop": (
        table,
        """
        def table(n):
            for row in range(1, n + 1):
                for column in range(1, n + 1):
                    print(row * column, end=" ")
            print()
        """,
        "`print()` stands after `for row in range(1, n + 1):` in your code, and belongs inside it",
    ),
    "a case that is no case of its own": (
        runs,
        """
        def runs(text):
            found = ""
            for one, group in itertools.groupby(text):
                n = len([*group])
                if n == 1:
                    found += one
                else:
                    found += one + str(n)
            return found
        """,
        "Remove `if n == 1:` and the lines inside it: the lines of its `else` should always run.",
    ),
    "a dict that changes in its own loop": (
        in_stock,
        """
        def in_stock(stock):
            left = dict(stock)
            for one in left:
                if left[one] == 0:
                    del left[one]
            return left
        """,
        "`del left[one]` takes elements out of what its loop goes through. Go through a copy",
    ),
    "a covariance for a correlation": (
        correlation,
        """
        def correlation(x, y):
            mx, my = sum(x) / len(x), sum(y) / len(y)
            return sum((a - mx) * (b - my) for a, b in zip(x, y)) / len(x)
        """,
        "Your result is the same as the covariance of `x` and `y`, with n for n - 1.",
    ),
    "n in one place and n - 1 in another": (
        correlation,
        """
        def correlation(x, y):
            mx, my = sum(x) / len(x), sum(y) / len(y)
            products = [(a - mx) * (b - my) for a, b in zip(x, y)]
            return sum(products) / len(x) / statistics.stdev(x) / statistics.stdev(y)
        """,
        "Your result is the right one, times `1 - 1 / len(x)`.",
    ),
    "a new value that is not kept": (
        second,
        """
        def second(values):
            copy = [*values]
            sorted(copy)
            return copy[-2]
        """,
        "`sorted(copy)` stands in your code where `copy = sorted(copy)` belongs.",
    ),
    "what a call of itself gives, not kept": (
        flat,
        """
        def flat(values):
            found = []
            for value in values:
                if isinstance(value, list):
                    flat(value)
                else:
                    found.append(value)
            return found
        """,
        "`flat(value)` stands in your code where `found += flat(value)` belongs.",
    ),
    "a list in place of its elements": (
        coins,
        """
        def coins(cents):
            found = []
            for coin in (50, 20, 10, 5, 2, 1):
                found.append([coin] * (cents // coin))
                cents %= coin
            return found
        """,
        "` stands in your code where `found.extend([coin] * (cents // coin))` belongs.",
    ),
    "an end of 0": (
        inner,
        """
        def inner(values, k):
            return values[k:-k]
        """,
        "`values[k:-k]` stands in your code where `values[k:len(values) - k]` belongs.",
    ),
    "a step that only one branch takes": (
        value_of_roman,
        """
        def value_of_roman(numeral):
            total, i = 0, 0
            while i < len(numeral):
                if numeral[i : i + 2] in PAIRS:
                    total += PAIRS[numeral[i : i + 2]]
                else:
                    total += ROMAN[numeral[i]]
                i += 1
            return total
        """,
        "`i += 1` is missing in your code after `total += PAIRS[numeral[i:i + 2]]`.",
    ),
    "a question that is not asked": (
        value_of_roman,
        """
        def value_of_roman(numeral):
            return sum(ROMAN[one] for one in numeral)
        """,
        "A solution asks `if ROMAN[one] < ROMAN[after]:`; your code does the same whether",
    ),
    "parentheses in two places": (
        later,
        """
        def later(day, hour):
            return f"{day + 3 % 7}:{hour + 5 % 24}"
        """,
        "`day + 3 % 7` and `hour + 5 % 24` stand in your code where `(day + 3) % 7` and ",
    ),
    "a search that gives up at the first element": (
        any_negative,
        """
        def any_negative(values):
            for value in values:
                if value < 0:
                    return True
                else:
                    return False
        """,
        "`return False` stands inside a loop in your code, and belongs after the loop.",
    ),
    "a search that is content with the first element": (
        all_positive,
        """
        def all_positive(values):
            for value in values:
                if value > 0:
                    return True
                else:
                    return False
        """,
        "`return True` stands inside a loop in your code, and belongs after the loop.",
    ),
    "what is not kept before it is replaced": (
        second,
        """
        def second(values):
            best, other = -math.inf, -math.inf
            for value in values:
                if value > best:
                    best = value
                elif value > other:
                    other = value
            return other
        """,
        "`other = best` is missing in your code before `best = value`.",
    ),
    "a number for an index": (
        largest_of_rows,
        """
        def largest_of_rows(rows):
            found = []
            for i in range(len(rows)):
                found.append(max(rows[0]))
            return found
        """,
        "`max(rows[0])` stands in your code where `max(rows[i])` belongs.",
    ),
    "a text for another": (
        backwards,
        """
        def backwards(text):
            return "".join(text.split()[::-1])
        """,
        "`''.join(text.split()[::-1])` stands in your code where `' '.join(",
    ),
    "a function for another": (
        largest_of_rows,
        """
        def largest_of_rows(rows):
            return [min(row) for row in rows]
        """,
        "`[min(row) for row in rows]` stands in your code where `[max(row) for row in rows]` ",
    ),
    "a branch that is reached too late": (
        game,
        """
        def game(n):
            for i in range(1, n + 1):
                if i % 3 == 0:
                    print("three")
                elif i % 2 == 0:
                    print("two")
                elif i % 6 == 0:
                    print("both")
                else:
                    print(i)
        """,
        "`if i % 3 == 0:` stands in your code before `if i % 6 == 0:`, and belongs after it.",
    ),
    "if for elif": (
        game,
        """
        def game(n):
            for i in range(1, n + 1):
                if i % 6 == 0:
                    print("both")
                if i % 3 == 0 and i % 2:
                    print("three")
                elif i % 2 == 0 and i % 3:
                    print("two")
                else:
                    print(i)
        """,
        "`if i % 3 == 0 and i % 2:` stands in your code where `elif i % 3 == 0 and i % 2:` belongs",
    ),
    "/ for %": (
        game,
        """
        def game(n):
            for i in range(1, n + 1):
                if i / 6 == 0:
                    print("both")
                elif i / 3 == 0:
                    print("three")
                elif i / 2 == 0:
                    print("two")
                else:
                    print(i)
        """,
        "`i / 6 == 0` and `i / 3 == 0` and `i / 2 == 0` stand in your code where",
    ),
    "if for while": (
        coins,
        """
        def coins(cents):
            found = []
            for coin in (50, 20, 10, 5, 2, 1):
                if cents >= coin:
                    found.append(coin)
                    cents -= coin
            return found
        """,
        "`if cents >= coin:` stands in your code where `while cents >= coin:` belongs.",
    ),
    "a comparison with several": (
        counted,
        """
        def counted(text):
            count = 0
            for letter in text:
                if letter == "a" or "b" or "c":
                    count += 1
            return count
        """,
        "`letter == 'a' or 'b' or 'c'` stands in your code where "
        "`letter in ('a', 'b', 'c')` belongs.",
    ),
    "two operations in the other order": (
        backwards,
        """
        def backwards(text):
            return " ".join(text[::-1].split())
        """,
        "`text[::-1].split()` stands in your code where `text.split()[::-1]` belongs.",
    ),
    "a method that returns nothing": (
        backwards,
        """
        def backwards(text):
            words = text.split()
            turned = words.reverse()
            return " ".join(turned)
        """,
        "`turned = words.reverse()` stands in your code where `turned = words[::-1]` belongs.",
    ),
    "what is not begun anew": (
        largest_of_rows,
        """
        def largest_of_rows(rows):
            found = []
            best = -math.inf
            for row in rows:
                for value in row:
                    best = max(best, value)
                found.append(best)
            return found
        """,
        "`best = -math.inf` stands before a loop in your code, and belongs inside it, at its ",
    ),
    "a list that is not emptied": (
        most_frequent,
        """
        def most_frequent(values):
            most, found = 0, []
            for value in sorted(set(values)):
                n = values.count(value)
                if n > most:
                    most = n
                    found.append(value)
                elif n == most:
                    found.append(value)
            return found
        """,
        "`found.append(value)` stands in your code below `if n > most:` "
        "where `found = [value]` belongs.",
    ),
    "the same of all arguments": (
        middle_gap,
        """
        def middle_gap(one, other):
            half, k = len(one) // 2, len(other) // 2
            return one[half] - other[k]
        """,
        "`one, other = sorted(one), sorted(other)` is missing in your code at the beginning.",
    ),
    "a name that stands in several lines": (
        most_frequent,
        """
        def most_frequent(values):
            count = Counter(values)
            return [value for value in count if count[value] == max(count.values())]
        """,
        "`count` stands in your code in `return [",
    ),
}


NAMES = {"math": math, "Counter": Counter, "itertools": itertools, "statistics": statistics}
NAMES |= {"ROMAN": ROMAN, "PAIRS": PAIRS}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_told_as_what_stands_there_and_what_belongs(name: str) -> None:
    of, code, sentence = SLIPS[name]
    lines = [line.removeprefix(8 * " ") for line in code.splitlines()]
    assert sentence in told(of, "\n".join(lines), **NAMES).text


@exercise(inputs=[([3, 1, 2, 5, 4],)], draw=lambda rng: (rng.sample(range(9), k=5),))
def rises(values):
    """Return how often a value is followed by a larger one, as on a circle."""
    return sum(a < b for a, b in zip(values, [*values[1:], values[0]], strict=True))


def test_an_order_that_matters_is_not_said_not_to() -> None:
    """Catches an order that is called of no matter, as one change of it alone changes nothing."""
    assert "put in another order" not in told(rises, "7 * values[0] + 3 * values[1] ** 2 - 1").text


SIGNS = {100: "C", 90: "XC", 50: "L", 40: "XL", 10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I"}
CARELESS = sorted({**SIGNS, 99: "IC", 49: "IL"}.items(), reverse=True)


@exercise(inputs=[(3,), (14,)], draw=lambda rng: (rng.choice([*range(1, 40), 49, 99]),))
def roman(n):
    found = ""
    for value, sign in SIGNS.items():
        found += sign * (n // value)
        n %= value
    return found


def test_what_only_hidden_inputs_tell_is_told_with_its_reason() -> None:
    """Catches an honest answer that is told no more than that it is wrong on some input."""

    def careless(n: int) -> str:
        found = ""
        for value, sign in CARELESS:
            found += sign * (n // value)
            n %= value
        return found

    feedback = roman.check(careless)
    assert [one.name for one in feedback.findings] == ["memorised", "never_extra"]
    assert "'IC'" in feedback.text or "'IL'" in feedback.text
    assert "expected" not in feedback.text


@exercise(inputs=[(1900,), (2000,)], draw=lambda rng: (100 * rng.randint(15, 25),))
def century(year):
    return year % 400 == 0


@exercise(
    inputs=[(1900,), (2000,)], draw=lambda rng: (rng.choice([1996, 1900, 2000] * 6 + [1997]),)
)
def leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def test_what_is_the_same_for_the_first_inputs_alone_is_not_said_to_be_always_so() -> None:
    """Catches a rule that is told after ten inputs, and is false of the next."""
    assert [one.name for one in century.check(lambda year: True).findings] == ["always"]
    text = told(leap, "year % 4 == 0").text
    assert "always" not in text
    assert "`year % 4 == 0` stands in your code where" in text


def test_a_block_of_one_element_is_not_called_a_block() -> None:
    """Catches a true word that says nothing: any element is a block of neighbours."""
    code = "[max(set(values), key=lambda v: (values.count(v), -values.index(v)))]"
    assert "block" not in told(most_frequent, code).text


def _ascending(rng: random.Random) -> Any:
    return tuple(sorted(rng.choices(range(-5, 10), k=rng.randint(0, 5))) for _ in range(2))


@exercise(inputs=[([1, 4, 6], [2, 4]), ([], [3])], draw=_ascending, seconds=60)
def merged(one, other):
    """One ascending list of two ascending ones."""
    return sorted(one + other)


def test_what_is_told_of_a_result_is_not_followed_by_what_it_depends_on() -> None:
    """Catches a word about inputs that the statement rules out, after one that says enough."""
    code = """
def merged(one, other):
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        if one[i] <= other[j]:
            found.append(one[i])
            i += 1
        else:
            found.append(other[j])
            j += 1
    return found
"""
    assert [finding.name for finding in told(merged, code).findings] == ["last_missing"]


def _dealt(rng: random.Random) -> Any:
    return ([*"abcdefg"][: rng.randint(0, 7)], rng.randrange(3), 3)


@exercise(inputs=[(["a", "b", "c"], 1, 2), (["a"], 1, 2)], draw=_dealt)
def dealt(cards, player, players):
    """The cards of a player, the first of whom is 0."""
    return cards[player::players]


def test_an_error_is_no_result_that_has_more_in_front() -> None:
    """Catches the name of an error's class, taken for what stands before an empty list."""
    code = """
def dealt(cards, player, players):
    mine = [cards[player]]
    return mine + cards[player + players :: players]
"""
    text = told(dealt, code).text
    assert "Your code raises `IndexError` in `mine = [cards[player]]`." in text
    assert "stands before" not in text


def test_all_signs_are_named_that_stand_there_more_or_less_often() -> None:
    """Catches the first sign alone, which hides the one that a learner sees."""
    for got, right, what in (
        ("a__-", "a_--", "how often `-` and `_` stand there"),
        ("a. b! c", "a . b!! c", "how often `!` stands there, and in white space"),
        ("a,b", "a;b", "how often `,` and `;` stand there"),
        ("-a.b!c?", ".a!b?c-", "punctuation and white space"),
    ):
        assert _quoted("punctuation", [[got, right, ()]]) == {"what": what}


@exercise(
    inputs=[("oh the heck", ["heck"]), ("Darn it", ["heck", "darn"]), ("all is so", ["drat"])],
    draw=lambda rng: (
        " ".join(rng.choices(["darn", "Darn", "heck", "HECK", "it", "so"], k=rng.randint(1, 6))),
        rng.sample(["darn", "Heck", "drat"], rng.randint(1, 3)),
    ),
)
def starred(text: str, banned: list[str]) -> str:
    """Return the text with stars for each banned word, in capital or small letters."""
    low = [word.lower() for word in banned]
    return " ".join("*" * len(word) if word.lower() in low else word for word in text.split())


def test_what_stands_in_an_answer_is_not_said_to_be_missing_there() -> None:
    """Catches "works as if `word` stood where `word.lower()` belongs", where that does stand."""
    code = """
def starred(text, banned):
    return " ".join("*" * len(word) if word.lower() in banned else word for word in text.split())
"""
    assert "works as if" not in told(starred, code).text


@exercise(
    inputs=[(2, 4), (3, 2), (4, 4)],
    draw=lambda rng: (rng.randint(1, 5), rng.randint(1, 5)),
)
def checkered(rows: int, columns: int) -> None:
    """Print a board of `#` and `.`, which alternate in rows and columns."""
    for row in range(rows):
        print("".join("#."[(row + column) % 2] for column in range(columns)))


def test_of_a_drawing_it_is_not_said_that_it_differs_in_punctuation_only() -> None:
    """Catches "only in punctuation and white space" of results that hold nothing else."""
    code = """
def checkered(rows, columns):
    signs = "#." * rows * columns
    for row in range(rows):
        print(signs[row * columns : (row + 1) * columns])
"""
    assert "punctuation" not in told(checkered, code).text
