"""Texts, dicts, sets, tuples, errors, printed results and classes are results like numbers."""

import random
from collections import Counter, deque
from types import SimpleNamespace
from typing import Any

import pytest
from answers import defined, labels, told
from tellwhy.answers.compare import Iterated, Raised, alike, same, unchanged
from tellwhy.answers.diagnose import errors
from tellwhy.answers.tables import SLIPS, value_of

from tellwhy import exercise


def _words(rng: random.Random) -> Any:
    words = ["the", "The", "cat", "a", "Bag", "end."]
    return (" ".join(rng.choice(words) for _ in range(rng.randint(0, 7))),)


@exercise(inputs=[("The cat the dog",), ("",), ("a b",)], draw=_words)
def word_count(text):
    """Count the words of a text in small letters."""
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    return counts


@exercise(inputs=[("word",), ("two words",)], draw=_words)
def shout(text):
    return text.upper() + "!"


@exercise(inputs=[("a b a",), ("x",)], draw=_words)
def different(text):
    return set(text.split())


@exercise(inputs=[("42",), ("-3",), ("500",)], draw=lambda rng: (str(rng.randint(-50, 200)),))
def age(text):
    """Return a number, or raise ValueError."""
    number = int(text)
    if number < 0 or number > 120:
        raise ValueError(text)
    return number


@exercise(inputs=[(3,), (1,)], draw=lambda rng: (rng.randint(1, 6),))
def triangle(n):
    for k in range(1, n + 1):
        print("*" * k)


@exercise(
    inputs=[([("a", 1), ("b", 2), ("a", 3)],), ([("c", 4)],)],
    draw=lambda rng: ([(rng.choice("abc"), rng.randint(0, 9)) for _ in range(rng.randint(3, 6))],),
)
def titles(pairs):
    """Gather what belongs to each key."""
    found = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


@exercise(
    inputs=[([2.5, 4.0],), ([1.25],)],
    draw=lambda rng: ([rng.randint(1, 999) / 100 for _ in range(rng.randint(1, 3))],),
)
def receipt(prices):
    return "\n".join(f"{price:.2f} EUR" for price in prices)


def _steps(rng: random.Random) -> Any:
    steps = [rng.choice([("push", rng.randint(0, 9)), ("pop",), ("size",)]) for _ in range(6)]
    return ((), *steps)


class Stack:
    def __init__(self):
        self.things = []

    def push(self, thing):
        self.things.append(thing)

    def pop(self):
        if not self.things:
            raise IndexError("empty")
        return self.things.pop()

    def size(self):
        return len(self.things)


STACK = exercise(
    inputs=[((), ("push", 1), ("push", 2), ("pop",), ("size",)), ((), ("pop",), ("size",))],
    draw=_steps,
)(Stack)

WRONG = [
    (word_count, "dict(Counter(text.split()))", "amounts(stands=text, belongs=text.lower())"),
    (word_count, "{w.lower().strip('.'): 9 for w in text.split()} | {'z': 1}", "other_keys"),
    (word_count, "len(text.split())", "kind(got=number, wanted=dict)"),
    (word_count, "[*Counter(text.lower().split())]", "keys_only"),
    (word_count, "{w: 1 for w in text.lower().split()}", "solution_line("),
    (shout, "text.lower() + '!'", "lower_case"),
    (shout, "text.upper()", "without_last"),
    (shout, "text + '!'", "amounts(stands=text, belongs=text.upper())"),
    (shout, "(text.upper() + '!')[::-1]", "reversed"),
    (shout, "list(text.upper() + '!')", "kind(got=list, wanted=text)"),
    (different, "text.split()", "kind(got=list, wanted=set)"),
    (different, "{*text}", "amounts("),
    (age, "int(text)", "lacks"),
    (age, "abs(int(text)) % 121", "not_raised(wanted=ValueError)"),
    (age, "int(text) if 0 <= int(text) <= 120 else ValueError(text)", "error_returned"),
    (age, "int(text) if 0 <= int(text) <= 120 else ValueError", "error_returned"),
    (age, "int(text) if 0 <= int(text) <= 120 else [][1]", "other_error(wanted=ValueError, error="),
    (
        titles,
        "{t: {*those} for t, those in right(pairs).items()}",
        "kind(got=dict of sets, wanted=",
    ),
    (titles, "{t: those[-1:] for t, those in right(pairs).items()}", "last_of_each"),
    (titles, "{t: [min(those)] for t, those in right(pairs).items()}", "overwritten"),
    (titles, "{t: those[:1] for t, those in right(pairs).items()}", "first_of_each"),
    (receipt, "'\\n'.join('%.3f EUR' % p for p in prices)", "written"),
    (triangle, "'\\n'.join('*' * k for k in range(1, n + 1))", "not_printed"),
]


@pytest.mark.parametrize(("of", "code", "label"), WRONG)
def test_a_slip_in_what_is_no_number_has_its_label(of: Any, code: str, label: str) -> None:
    assert label in labels(of, code, Counter=Counter, right=titles.specification.solution)[0]


def test_of_a_list_of_letters_it_is_said_how_a_text_is_made() -> None:
    assert "`''.join(...)` makes the right text of it." in told(shout, "[*text.upper(), '!']").text


@exercise(
    inputs=[([[1, 2, 3], [4, 5, 6]],), ([[1, 2], [3, 4]],), ([],)],
    draw=lambda rng: ([[rng.randint(0, 9) for _ in range(3)] for _ in range(rng.randint(1, 3))],),
)
def turned(rows):
    return [list(column) for column in zip(*rows, strict=True)]


OLD_DEFAULT = """
def turned(rows, result=[]):
    for column in zip(*rows, strict=True):
        result.append(list(column))
    return result
"""
ONE_ROW = """
def turned(rows):
    result = [[0] * len(rows)] * (len(rows[0]) if rows else 0)
    for i in range(len(rows)):
        for j in range(len(rows[0])):
            result[j][i] = rows[i][j]
    return result
"""


def test_lists_in_a_list_are_of_the_kind_that_is_asked_for() -> None:
    """Catches tuples that pass for lists, and two texts that do not differ."""
    feedback = told(turned, "[*zip(*rows, strict=True)]")
    assert "a list of tuples, and a list of lists is asked for. Its values are right." in (
        feedback.text
    )
    assert "gave      [(1, 4), (2, 5), (3, 6)]" in feedback.evidence
    assert labels(turned, "[x for row in zip(*rows, strict=True) for x in row]") == ["flattened"]


def test_a_list_that_lives_on_is_told_as_that() -> None:
    """Catches results that are read after later calls have changed them."""
    assert labels(turned, OLD_DEFAULT) == ["old_default"]
    kept = "kept = []\n" + OLD_DEFAULT.replace(", result=[]", "").replace("result", "kept")
    feedback = turned.check(defined(kept))
    assert [one.label for one in feedback.findings] == ["old_global"]


def test_rows_that_are_one_list_are_told_the_change() -> None:
    assert (
        "`[[0] * len(rows)] * (len(rows[0]) if rows else 0)` stands" in told(turned, ONE_ROW).text
    )


def test_characters_that_no_right_result_has_are_named() -> None:
    answer = lambda text: "".join(c.upper() if c.isalpha() else "_" for c in text) + "!"  # noqa: E731
    text = shout.check(answer).text
    assert "your results have '_' in them, and no right one does." in text


def test_keys_are_named_from_inputs_that_have_them() -> None:
    """Catches a key that is said to be missing where none is."""
    counted = "Counter(word for word in text.lower().split() if word != 'a')"
    answer = eval(f"lambda text: {counted} | Counter('z' * ('The' in text))", {"Counter": Counter})
    text = word_count.check(answer).text
    assert "`'z'`, for one, does not belong there, and `'a'` is missing." in text


def test_what_is_printed_is_not_said_to_be_returned() -> None:
    code = "def triangle(n):\n    for k in range(1, n + 1):\n        print('*' * k, end='')\n"
    assert [one.name for one in told(triangle, code).findings] == ["change"]
    returned = told(triangle, "'\\n'.join('*' * k for k in range(1, n + 1))")
    assert "gave      '*\\n**\\n***'  (text)" in returned.evidence
    lines = "def triangle(n):\n    lines = ''\n    for k in range(1, n + 1):\n"
    lines += "        lines += '*' * k + '\\n'\n    return lines\n"
    assert [one.name for one in told(triangle, lines).findings] == ["not_printed"]


def test_right_answers_pass() -> None:
    right: dict[Any, Any] = {
        word_count: lambda text: Counter(text.lower().split()),
        different: lambda text: frozenset(text.split()),
        triangle: lambda n: print("\n".join("*" * k for k in range(1, n + 1)), "\n"),
        STACK: type("Stack", (Stack,), {}),
    }
    for of, answer in right.items():
        assert of.check(answer).status == "right", of


def test_what_is_printed_is_compared_and_shown() -> None:
    code = "def triangle(n):\n    for k in range(n):\n        print('*' * k)\n"
    feedback = told(triangle, code)
    assert "`range(n)` stands in your code where `range(1, n + 1)` belongs." in feedback.text
    assert "expected  '*\\n**\\n***'" in feedback.evidence


QUEUE = """
class Stack:
    def __init__(self):
        self.things = []
    def push(self, thing):
        self.things.append(thing)
    def pop(self):
        return self.things.pop(0)
    def size(self):
        return len(self.things)
"""


def test_a_class_is_told_which_method_is_wrong_and_the_change_that_mends_it() -> None:
    feedback = told(STACK, QUEUE)
    assert "`self.things.pop(0)`" in feedback.text
    assert feedback.evidence[:2] == ("it = Stack()", "it.push(1)")
    assert any("'pop': [1]" in line for line in feedback.evidence)


def test_a_list_in_the_class_that_lives_on_is_told_as_that() -> None:
    """Catches a class whose objects share a list, told as a function or not at all."""
    code = QUEUE.replace("pop(0)", "pop() if self.things else [][0]")
    code = code.replace("    def __init__(self):\n        self.things = []\n", "    things = []\n")
    feedback = told(STACK, code)
    assert "`things` is made once, in the class, and all objects share it." in feedback.text


def test_what_belongs_to_the_object_is_not_kept_in_the_class() -> None:
    code = QUEUE.replace("pop(0)", "pop() if self.things else [][0]")
    text = told(STACK, code.replace("self.things.append", "Stack.things.append")).text
    assert "`Stack.things` stands in your code where `self.things` belongs." in text


SAME_LIST = """
def titles(pairs):
    found = dict.fromkeys(dict.fromkeys(key for key, _ in pairs), [])
    for key, value in pairs:
        found[key].append(value)
    return found
"""


def test_one_list_at_several_places_is_told_where_others_are_asked_for() -> None:
    """Catches equal lists that are taken for the same one, and the same that are taken as right."""
    assert labels(titles, SAME_LIST) == ["shared(what=list)"]
    apart = SAME_LIST.replace("return found", "return {key: [*one] for key, one in found.items()}")
    assert "shared(what=list)" not in labels(titles, apart)


def test_what_is_missing_of_a_text_is_called_a_character() -> None:
    assert "without its last character." in told(shout, "text.upper()").text


def test_signs_that_are_wrong_are_named() -> None:
    """Catches blanks that are called line ends."""
    text = told(receipt, "'\\n'.join(f'{p:.2f}  EUR' for p in prices)").text
    assert "differs from the right one only in blanks." in text


@pytest.mark.parametrize("inside", ["pass", "def push(self, one): ..."])
def test_a_class_that_does_nothing_is_unanswered(inside: str) -> None:
    assert STACK.check(defined(f"class Stack:\n    {inside}\n")).status == "unanswered"


class Bag:
    """Different things."""

    def __init__(self) -> None:
        self.held: set[str] = set()

    def add(self, one: str) -> None:
        self.held.add(one)

    def size(self) -> int:
        return len(self.held)


def test_a_method_without_self_and_an_attribute_for_a_method_are_told() -> None:
    right = str(STACK.solution())
    assert labels(STACK, right.replace("push(self, ", "push("))[0] == "no_self(method=push)"
    attribute = right.replace("    def size", "    @property\n    def size")
    assert "TypeError" in told(STACK, attribute).text


BAG = exercise(
    inputs=[((), ("add", "a"), ("size",)), ((), ("add", "b"), ("add", "b"), ("size",))],
    draw=lambda rng: ((), *(("add", rng.choice("ab")) for _ in range(3)), ("size",)),
)(Bag)


def test_a_list_of_the_class_is_found_also_where_it_is_full() -> None:
    """Catches a check that finds nothing, as no further call changes the list."""
    code = """class Bag:
    held = []
    def add(self, one):
        if one not in self.held:
            self.held.append(one)
    def size(self):
        return len(self.held)
"""
    assert labels(BAG, code)[0] == "old_attribute"


def test_a_class_that_inherits_or_holds_anything_is_an_answer() -> None:
    for code in ("class Stack(list):\n    pass\n", "class Stack:\n    size = 0\n"):
        assert STACK.check(defined(code)).status == "wrong"


@pytest.mark.parametrize(
    ("got", "right", "is_same", "is_alike"),
    [
        (1e-10, 0.0, True, True),
        (1e-8, 0.0, False, False),
        ([1e-7, 1.0], [0.0, 1.0], True, True),
        ([2e-6, 1.0], [0.0, 1.0], False, False),
        (2.0, 2, True, True),
        (2.0000001, 2, False, False),
        (True, 1, False, False),
        (1, True, False, False),
        ("1", 1, False, False),
        ([1, 2], (1, 2), True, True),
        ((1, 2), [1, 2], False, True),
        (Iterated([1]), [1], False, True),
        ([0, 1], range(2), False, True),
        ([0, 1], deque([0, 1]), False, True),
        ({"a": 1.0000001}, {"a": 1.0}, True, True),
        ({"a": 1, "b": 2}, {"a": 1}, False, False),
        ({1, 2}, frozenset({2, 1}), True, True),
        ({1: 0, 2: 0}.keys(), {1, 2}, False, False),
        (float("nan"), float("nan"), True, True),
        (float("inf"), 1e300, False, False),
        (Raised(("KeyError", "LookupError")), Raised(("LookupError",)), True, True),
        (Raised(("LookupError",)), Raised(("KeyError", "LookupError")), False, False),
        (Raised(("KeyError",)), None, False, False),
        ([], [], True, True),
        ([[1], [2, 3]], [[1], [2, 3]], True, True),
    ],
)
def test_how_near_is_right(got: Any, right: Any, is_same: bool, is_alike: bool) -> None:
    """Catches a tolerance that lets luck pass, and one kind that stands for another."""
    assert (same(got, right), alike(got, right)) == (is_same, is_alike)


class Held:
    def __init__(self, held: Any) -> None:
        self.held = held


class Incomparable:
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise TypeError


@pytest.mark.parametrize(
    ("now", "before", "is_unchanged"),
    [
        ([1, float("nan")], [1, float("nan")], True),
        ([1, 2.0000001], [1, 2.0], False),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}, False),
        ({"a": ["x"]}, {"a": ["y"]}, False),
        ({1, 2}, {1}, False),
        (["x"], ["x", "y"], False),
        (("x", None), ("x", None), True),
        (Held([1]), Held([1]), True),
        (Held([1, 2]), Held([1]), False),
    ],
)
def test_what_is_changed_of_an_argument(now: Any, before: Any, is_unchanged: bool) -> None:
    assert unchanged(now, before) is is_unchanged


def test_things_that_cannot_be_compared_are_not_the_same() -> None:
    assert not same(Incomparable(), Incomparable())
    assert same(Held([1.0]), Held([1.0]))
    assert not same(Held([1.0]), Held([2.0]))


def test_a_table_is_compared_as_a_whole() -> None:
    """Catches a right table, or column, of text that is called wrong."""
    pandas = pytest.importorskip("pandas")
    for table in (pandas.DataFrame, lambda data: pandas.Series(data["a"])):
        assert same(table({"a": ["x", "y"]}), table({"a": ["x", "y"]}))
        assert not same(table({"a": ["x", "z"]}), table({"a": ["x", "y"]}))


@exercise(inputs=[([3, 1],), ([2],)])
def extremes(values):
    """The values and their least and largest."""
    return {"all": values, "ends": [min(values), max(values)], "found": len(values) > 0}


def test_what_a_dict_holds_is_of_the_kind_that_is_asked_for() -> None:
    """Catches right values in a tuple without a word."""
    text = told(extremes, "{'all': values, 'ends': (min(values), max(values)), 'found': True}").text
    said = "Your result is a dict with a tuple in it, and a dict with a list in it is asked for."
    assert f"{said} Its values are right." in text


@pytest.mark.parametrize("name", ["last_missing", "too_few", "too_many"])
def test_of_as_many_elements_none_is_missing(name: str) -> None:
    """Catches a 1 for which True came, as these are equal."""
    assert value_of(SLIPS["pairs"][name], got=[True, "a"], right=[1, "a"], given=()) is False


def test_an_error_that_a_method_lacks_is_named() -> None:
    """Catches a missing error without a word, where other calls of the method are right."""
    rows = [(None, [3, 0], [3, Raised(("KeyError",))]), (None, [5, 7], [5, 9])]
    for places, name in (([0], "not_raised"), ([0, 1], "")):
        evidence: Any = SimpleNamespace(rows=rows, places=places)
        assert getattr(errors(evidence), "name", "") == name


def test_an_error_may_be_raised_on_the_line_of_its_condition() -> None:
    """Catches the solution's own error, thrown at every learner."""
    code = "def root(x):\n    if x < 0: raise ValueError\n    return x**0.5\n"
    root = exercise(inputs=[(4,), (-1,), (9,)])(defined(code))
    assert root.check(defined(code)).status == "right"
    assert labels(root, "abs(x) ** 0.5") == ["not_raised(wanted=ValueError)"]


def test_what_is_returned_besides_the_printed_lines_is_no_mistake() -> None:
    code = "print('\\n'.join('*' * k for k in range(1, n + 1))) or 'done'"
    assert triangle.check(defined(f"def triangle(n):\n    return {code}\n")).status == "right"


@exercise(inputs=[([1, -2],), ([-3, 5, -1],)])
def below(values):
    return len(values), [one for one in values if one < 0]


def test_iterators_that_are_never_equal_are_no_other_result() -> None:
    """Catches that a second call gives another result, as its iterator is another one."""
    assert "second call" not in told(below, "len(values), filter(lambda one: one < 0, values)").text


def test_printed_text_has_no_article() -> None:
    """Catches "a printed text is asked for"."""
    code = "def triangle(n):\n    return 3 * n + 0.5\n"
    assert "a number, and printed text is asked for." in told(triangle, code).text


def test_of_several_global_variables_the_one_that_changed_is_named() -> None:
    """Catches the first one, which holds what it held."""
    code = "def counted(n):\n    n += sum(fixed)\n    seen.append(n)\n    return n + len(seen)\n"
    of = exercise(inputs=[(1,), (5,)], draw=lambda rng: (rng.randint(2, 99),))(counted)
    (found,) = told(of, code, fixed=[0], seen=[]).findings
    assert found.quoted["name"] == "seen"


def counted(n):
    return n + 1


@exercise(inputs=[([1, 2],), ([5],)], draw=lambda rng: ([rng.randint(2, 99)],))
def counts(values):
    return {"number": len(values), "sum": sum(values)}


def test_the_values_of_a_dict_are_shown_as_they_came() -> None:
    """Catches None in place of what is right."""
    lines = told(counts, "{'number': len(values), 'sum': max(values) + 7}").evidence
    assert lines[1:] == (
        "gave      {'number': 2, 'sum': 9}",
        "expected  {'number': 2, 'sum': 3}",
    )


@exercise(
    inputs=[([1, 2, 3],), ([4, 5],)],
    draw=lambda rng: ([rng.randint(0, 9) for _ in range(rng.randint(2, 5))],),
    observe=lambda answer, values: {"returned": answer(values), "the list": values},
)
def turned_round(values):
    values.reverse()


def test_a_list_that_is_returned_and_observed_is_not_told_as_shared() -> None:
    """Catches that the exercise's own two looks at one list are taken for the answer's places."""
    code = "def turned_round(values):\n    values.sort()\n    return values\n"
    assert "shared" not in "".join(labels(turned_round, code))


@exercise(
    inputs=[("az", 4), ("ab", 3)],
    draw=lambda rng: ("".join(rng.choices("abcuvwxyz", k=6)), rng.randint(1, 6)),
)
def shifted(text, key):
    return "".join(chr((ord(c) - 97 + key) % 26 + 97) for c in text)


def test_of_characters_that_never_belong_those_of_the_shown_input_come_first() -> None:
    feedback = told(shifted, "''.join(chr((ord(c) - 97 + key) % 30 + 97) for c in text)")
    (found,) = [one for one in feedback.findings if one.name == "never_extra"]
    assert found.quoted["pieces"].startswith("'~'")
    assert "shifted('az', 4)" in feedback.evidence


@exercise(inputs=[(1,), (2,), (-3,)], draw=lambda rng: (rng.randint(2, 99),))
def cubed(n):
    return n * n * n


def test_a_single_input_that_comes_right_makes_no_condition() -> None:
    """Catches "right wherever `n` is negative", said of one input."""
    wrong = "n * 9 if n < 0 else n * 17 % 101 + n * n"  # -27 is right, by chance
    assert not [one for one in labels(cubed, wrong) if "negative" in one]
