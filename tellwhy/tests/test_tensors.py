"""What is found where tensors and arrays are asked for."""

import math
import random
from types import SimpleNamespace
from typing import Any

import pytest
from answers import labels, told

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")

from tellwhy.answers.causes import with_causes
from tellwhy.answers.compare import Raised, alike, same
from tellwhy.answers.conditions import _features
from tellwhy.answers.isolation import finite_only
from tellwhy.answers.run import Call
from tellwhy.answers.tables import SAID
from tellwhy.show import show

from tellwhy import exercise


def _vector(rng: Any) -> Any:
    return (torch.tensor([rng.randint(-30, 30) / 10 for _ in range(rng.randint(2, 5))]),)


@exercise(inputs=[(torch.tensor([1.0, 2.0]),), (torch.tensor([0.0, -4.0, 0.5]),)], draw=_vector)
def halve(x):
    """Return half of a vector (n,) as a column (n, 1)."""
    return (x / 2).reshape(-1, 1)


@exercise(
    inputs=[(torch.arange(3.0),)],
    draw=_vector,
    vectorized=lambda size: (torch.ones(size),),
)
def total(x):
    return x.sum()


@exercise(
    inputs=[(np.array([1.0, 3.0]),), (np.array([2.0, -1.0, 5.0]),)],
    draw=lambda rng: (np.array([rng.randint(-9, 9) / 2 for _ in range(4)]),),
)
def centred(x):
    return x - x.mean()


@pytest.mark.parametrize(
    ("of", "code", "label"),
    [
        (halve, "x / 2", "shape"),
        (halve, "(x[:, None] / 2).tolist()", "kind(got=list, wanted=tensor)"),
        (halve, "(x[:, None] / 2).numpy()", "kind(got=array, wanted=tensor)"),
        (halve, "x[:, None] > 0", "kind(got=truth value, wanted=number)"),
        (halve, "(x[:, None] / 2).mT", "transposed"),
        (halve, "(x[:, None] / 2).flip(0)", "reversed"),
        (halve, "x.sum() / 2", "summed"),
        (halve, "x[:, None]", "factor(by=2)"),
        (halve, "x[:, None] / 2 * len(x)", "sum_for_mean(size=len(x))"),
        (total, "x.mean()", "mean_for_sum(size=len(x))"),
        (total, "torch.stack([*x]).cumsum(0)", "several"),
        (centred, "x - x.max()", "change(stands=x.max, belongs=x.mean)"),
        (centred, "x.std() * 7", "single"),
        (centred, "list(x - x.mean())", "kind(got=list, wanted=array)"),
    ],
)
def test_a_slip_in_arrays_has_its_label(of: Any, code: str, label: str) -> None:
    assert label in labels(of, code, torch=torch, math=math)[0]


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: x.double()[:, None] / 2,
        lambda x: torch.from_numpy(x.numpy()[:, None] / 2),
        lambda x: torch.nn.Parameter(x[:, None] / 2),
        torch.no_grad()(lambda x: x[:, None] / 2),
        lambda x: x.requires_grad_()[:, None] / 2,
    ],
)
def test_right_answers_of_any_style_pass(answer: Any) -> None:
    assert halve.check(answer).status == "right"


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: sum(x),
        lambda x: sum(x[i : i + 100].sum() for i in range(0, len(x), 100)),
        lambda x: (print(x), sum(x))[1],
    ],
)
def test_a_loop_is_found(answer: Any) -> None:
    assert [one.label for one in total.check(answer).findings] == ["loop"]
    assert "loop" in [one.label for one in total.check(lambda x: 1 + answer(x)).findings]


def prints_all(x: Any) -> Any:
    print(x, x.numpy(), x.tolist(), x[:, None] * x)
    return x.sum()


@pytest.mark.parametrize("answer", [torch.sum, lambda x: x @ torch.ones(len(x)), prints_all])
def test_no_loop_is_found_where_there_is_none(answer: Any) -> None:
    assert total.check(answer).status == "right"


def test_a_loop_is_not_followed_to_its_end() -> None:
    turns = 0

    def slow(x: Any) -> Any:
        nonlocal turns
        for _ in range(len(x) ** 3):
            turns += 1
        return x.sum()

    assert [one.label for one in total.check(slow).findings] == ["loop"]
    assert turns < 10_000  # 500 ** 3 is 125 million


def test_an_error_with_larger_inputs_is_told() -> None:
    text = total.check(lambda x: x.sum() if len(x) < 10 else x[1000]).text
    assert "of shape (500,))" in text
    assert "raised    IndexError: index 1000 is out of bounds" in text


def global_state() -> list[Any]:
    numpy_state = np.random.get_state(legacy=False)["state"]
    return [
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
    ]


def changes_everything(x: Any) -> Any:
    np.random.rand()
    torch.rand(3)
    torch.manual_seed(5)
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(torch.get_num_threads() % 2 + 1)
    torch._C._set_deterministic_algorithms(True)
    torch.set_printoptions(precision=1)
    torch.autograd.set_detect_anomaly(True)
    np.set_printoptions(precision=1)
    np.seterr(all="raise")
    return x[:, None] / 2


@pytest.mark.parametrize("result", [True, False])
def test_no_setting_of_the_libraries_is_changed(result: bool) -> None:
    def answer(x: Any) -> Any:
        half = changes_everything(x)
        return half if result else 1 / 0

    before = global_state()
    assert halve.check(answer).status == ("right" if result else "wrong")
    assert global_state() == before


def test_the_learners_settings_do_not_decide_the_result() -> None:
    def learns(x: Any) -> Any:
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


def test_an_argument_that_is_changed_in_the_middle_is_noticed() -> None:
    def in_place(x: Any) -> Any:
        half = x.clone()[:, None] / 2
        x[len(x) // 2] = 7
        return half

    assert [one.label for one in halve.check(in_place).findings] == ["changes_argument(argument=x)"]
    assert halve.specification.inputs[0][0].tolist() == [1.0, 2.0]


def test_solvers_complain_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    """Catches LAPACK's words on the screen, when changed copies solve what is not finite."""

    @exercise(inputs=[(torch.eye(2),), (torch.tensor([[2.0, 1.0], [0.0, 1.0]]),)])
    def inverse(A):
        return torch.linalg.lstsq(A, torch.eye(2)).solution

    code = "def inverse(A):\n    return torch.linalg.lstsq(1 / A, 2 * torch.eye(2)).solution\n"
    told(inverse, code, torch=torch)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("solver", ["eig", "eigvals", "solve"])
def test_what_is_not_finite_ends_no_process(solver: str) -> None:
    """Catches a changed copy of an answer that hands LAPACK nan: `eigvals` then ends the kernel."""
    with finite_only(), pytest.raises(ValueError, match="not finite"):
        getattr(torch.linalg, solver)(torch.full((2, 2), torch.nan))


@pytest.mark.parametrize(
    ("got", "right", "is_same", "is_alike"),
    [
        (torch.tensor([1e-7]), torch.zeros(1), True, True),
        (torch.tensor([True, False]), torch.tensor([1.0, 0.0]), False, False),
        (torch.tensor([2e-6]), torch.zeros(1), False, False),
        (torch.tensor([1e6, 0.5]), torch.tensor([1e6, 0.0]), True, True),
        (torch.tensor([1e6, 2.0]), torch.tensor([1e6, 0.0]), False, False),
        ([1.0, 2.0], torch.tensor([1.0, 2.0]), False, True),
        ([torch.ones(1), 2], (torch.ones(1), 2), True, True),
        (np.float32(2), torch.tensor(2.0), True, True),
        (np.bool_(True), True, True, True),
        (np.array(["a"]), np.array(["a"]), True, True),
        (np.array(["a", "b"]), np.array(["a", "c"]), False, False),
        (torch.empty(0, 3), torch.empty(0, 2), False, False),
        (torch.eye(2).to_sparse(), torch.eye(2), True, True),
    ],
)
def test_how_near_is_right(got: Any, right: Any, is_same: bool, is_alike: bool) -> None:
    assert (same(got, right), alike(got, right)) == (is_same, is_alike)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.arange(61), "torch.tensor([0, 1, 2, ..., 58, 59, 60]) of shape (61,)"),
        (torch.tensor([math.nan, -math.inf]), "torch.tensor([torch.nan, -torch.inf])"),
        (np.array([1.5, math.nan]), "np.array([1.5, np.nan])"),
        (torch.tensor([1, 2], dtype=torch.int8), "torch.tensor([1, 2], dtype=torch.int8)"),
        (torch.nn.Sequential(torch.nn.Linear(2, 1)), "nn.Sequential(nn.Linear(2, 1))"),
        (np.float64(0.5), "0.5"),
        (torch.tensor(2 / 3), "torch.tensor(0.66667)"),
        (np.empty((0, 2)), "np.empty((0, 2), dtype=np.float64)"),
        (torch.ones(1, requires_grad=True), "torch.tensor([1.], requires_grad=True)"),
    ],
)
def test_a_value_is_shown_such_as_can_be_pasted(value: Any, text: str) -> None:
    assert show(value, 5) == text


def test_whole_numbers_do_not_do_for_others_in_a_tensor() -> None:
    """Catches a table of 0 and 1 that PyTorch will not multiply by weights."""

    @exercise(inputs=[(torch.tensor([2, 0]),), (torch.tensor([1, 2, 0]),)])
    def one_hot(labels):
        return torch.eye(3)[labels]

    feedback = str(one_hot.check(torch.nn.functional.one_hot))
    assert "a tensor of whole numbers, and a tensor of floating-point numbers is asked" in feedback
    assert "gave      torch.tensor([[0, 0, 1], [1, 0, 0]])" in feedback
    assert one_hot.check(lambda labels: torch.eye(3, dtype=torch.float64)[labels]).status == "right"

    @exercise(inputs=[(torch.tensor([2, 0]),), (torch.tensor([1, 2, 0]),)])
    def doubled(labels):
        return 2 * labels

    assert doubled.check(lambda labels: 2.0 * labels).status == "right"


def test_a_shape_is_not_called_silent_where_an_error_was_raised() -> None:
    """Catches a class that is told that no error says so, of one that stopped everybody."""
    words = {"mine": "A", "right": "A.T", "line": ""}
    change = SAID.finding("change", words, stands="A", belongs="A.T")
    call, result, right = Call((1,)), torch.ones(2), torch.zeros(2)
    silent = with_causes([change], [(call, result, right)])
    assert silent[0].parameters["cause"] == "silent_shape"
    raised = with_causes([change], [(call, Raised(("RuntimeError",)), right)])
    assert "cause" not in raised[0].parameters


@exercise(inputs=[(torch.tensor([1.0, 2.0]),), (torch.tensor([0.0, -4.0, 0.5]),)], draw=_vector)
def differences(x):
    return x[:, None] - x


def test_an_index_is_quoted_with_what_it_is_taken_of() -> None:
    """Catches `(None, :)`, which is no Python and stands in nobody's code."""
    column = "def differences(x):\n    column = x[None, :]\n    return column - x\n"
    text = told(differences, column).text
    assert "`x[None, :]` stands in your code where `x[:, None]` belongs." in text


@exercise(
    inputs=[(np.array([1, 2, 6, 4]), 2), (np.array([1.5, 2.5, 0.0]), 3)],
    draw=lambda rng: (np.array([rng.randint(0, 9) for _ in range(5)]), rng.randint(1, 4)),
)
def moving_mean(x, k):
    return np.convolve(x, np.ones(k), "valid") / k


def test_an_array_of_whole_numbers_cuts_the_means_that_are_put_into_it() -> None:
    code = """
def moving_mean(x, k):
    means = np.zeros_like(x[k - 1:])
    for i in range(len(means)):
        means[i] = x[i:i + k].sum() / k
    return means
"""
    assert (
        "where `np.zeros_like(x[k - 1:], dtype=float)` belongs"
        in told(moving_mean, code, np=np).text
    )


@exercise(
    inputs=[
        (torch.tensor([[1.0], [2.0]]), torch.tensor([3.0, 5.0])),
        (torch.ones(3), torch.ones(3)),
    ],
    draw=lambda rng: tuple(_vector(random.Random(rng.randint(3, 4)))[0] for _ in range(2)),
)
def gap(a, b):
    return ((a.reshape(-1) - b) ** 2).mean()


def test_a_vector_is_not_transposed() -> None:
    text = told(gap, "((a - b) ** 2).mean()").text
    assert "where `(a.reshape(-1) - b) ** 2` belongs." in text


def test_what_an_array_has_in_it_is_looked_for_in_all_of_it() -> None:
    """Catches a sentence that is true of arrays of one element alone."""
    arrays = [np.array([0]), np.array([2, 0]), np.array([1, 2])]
    evidence: Any = SimpleNamespace(names=["x"], wanted=[1, 2, 3], places=[0], sizes=dict)
    evidence.column = lambda place: arrays
    assert dict(_features(evidence))["`x` has a 0 in it"] == [True, True, False]


@exercise(inputs=[(np.array([[1.0, 2.0], [5.0, 8.0]]),)], draw=lambda rng: (_table(rng),))
def spans(table):
    return table.max(axis=0), table.min(axis=0)


def _table(rng: random.Random) -> Any:
    return np.array([[rng.randint(-9, 9) for _ in range(3)] for _ in range(rng.randint(2, 4))])


def test_a_truth_value_is_quoted_with_its_keyword() -> None:
    """Catches True that belongs to nothing a learner sees."""
    code = "table.max(axis=0, keepdims=True), table.min(axis=0, keepdims=True)"
    said = "`keepdims=True` stands in your code at both places where `keepdims=False` belongs."
    assert said in told(spans, code).text


@pytest.mark.parametrize(
    ("code", "cause", "words"),
    [
        ("x[:, None].dot(x[:, None])", "dot", "`dot` takes two vectors."),
        ("torch.linalg.solve(x.max(), x.min())", "matrix", "With single numbers, divide."),
        ("torch.linalg.eigvals(x[:, None] * x).max()", "complex", "have no order"),
        ("torch.nn.Linear(1, 1).train(x)", "mode", "`train` takes True or False"),
        ("torch.tensor([[1.0], x.tolist()]).sum()", "ragged", "The rows differ in length"),
        ("x.sum / 2", "not_called", "the parentheses after it are missing"),
        ("torch.clamp(1.0, max=2.0)", "tensor", "plain numbers have `min`, `max`"),
    ],
)
def test_of_an_error_of_a_library_the_cause_is_said(code: str, cause: str, words: str) -> None:
    found = told(total, code, torch=torch).findings
    assert [one.parameters.get("cause") for one in found] == [cause]
    assert words in found[0].sentence


def _some_rows(rng: Any) -> Any:
    return (torch.tensor([[float(rng.randint(-9, 9)) for _ in range(3)] for _ in range(4)]),)


@exercise(inputs=[(torch.tensor([[1.0, 2.0], [0.0, 3.0]]),)], draw=_some_rows)
def largest(X):
    """Return the largest eigenvalue of the symmetric matrix of all products of columns."""
    return torch.linalg.eigvalsh(X.T @ X).max()


def test_another_function_of_the_module_comes_before_what_is_put_around_a_name() -> None:
    """Catches `abs(v)` as the cure for complex eigenvalues."""
    code = "def largest(X):\n    v = torch.linalg.eigvals(X.T @ X)\n    return v.max()\n"
    said = told(largest, code, torch=torch).sentences
    assert said[0].startswith("`torch.linalg.eigvals(X.T @ X)` stands in your code where")
    assert "`torch.linalg.eigvalsh(X.T @ X)` belongs" in said[0]


@exercise(
    inputs=[(torch.tensor([1.0, 2.0, 6.0]),), (torch.tensor([0.5, -4.0]),)],
    draw=_vector,
    parts=("centre", "spread"),
)
def summary(x):
    """Return the mean and the root of the mean squared distance from it."""
    return x.mean(), ((x - x.mean()) ** 2).mean() ** 0.5


@pytest.mark.parametrize(
    ("root", "sentence"),
    [
        ("s ** 0.5 / n", "`(s / n) ** 0.5` belongs"),
        ("s.sqrt() / n", "`(s / n).sqrt()` belongs"),
        ("torch.sqrt(s) / n", "`torch.sqrt(s / n)` belongs"),
        ("torch.std(x, ddof=0)", "`torch.std(x, correction=0)` belongs"),
        ("x.std(ddof=0)", "`x.std(correction=0)` belongs"),
    ],
)
def test_what_stands_there_is_put_elsewhere(root: str, sentence: str) -> None:
    """Catches a factor that makes up for a slip, where the slip itself can be mended."""
    code = "def summary(x):\n    n = len(x)\n    s = ((x - x.mean()) ** 2).sum()\n"
    assert sentence in told(summary, f"{code}    return x.mean(), {root}\n", torch=torch).text


def test_of_parts_in_the_wrong_order_it_is_said_which_comes_first() -> None:
    text = told(summary, "x.std(correction=0), x.mean()").text
    assert "The two results are swapped: `centre` comes first." in text

    @exercise(inputs=summary.specification.inputs, draw=_vector, parts=("least", "mean", "most"))
    def three(x):
        return x.min(), x.mean(), x.max()

    text = three.check(eval("lambda x: (x.max(), x.mean(), x.min())")).text
    assert "Your results are reversed: `least` comes first." in text


@exercise(inputs=[(torch.tensor([1.1, 2.3, 0.7]),)], draw=_vector)
def steepness(x):
    return 2 * x.sum()


def test_rounding_alone_does_not_make_a_result_depend_on_an_order() -> None:
    """Catches a quotient of differences in float32, with so small a step that it is all noise."""
    code = "lambda x: ((x + 1e-6).square().sum() - x.square().sum()) / 1e-6"
    assert [one.label for one in steepness.check(eval(code)).findings] == []
    first = eval("lambda x: 2 * x.sum() + x[0] - x[-1] * 0.37")
    assert [one.name for one in steepness.check(first).findings] == ["depends_on_order"]


def test_a_step_that_is_lost_in_rounding_is_found_among_default_values() -> None:
    code = "def steepness(x, h=1e-6):\n    return ((x + h) ** 2 - (x - h) ** 2).sum() / (2 * h)\n"
    assert labels(steepness, code) == ["tiny"]


def test_a_small_number_that_belongs_nowhere_is_left_out_and_not_made_smaller() -> None:
    """Catches ridge regression that is called an approximation."""
    code = "def total(x):\n    extra = 0.001\n    return (x + extra * x).sum()\n"
    assert labels(total, code) == ["change(stands=0.001, belongs=0)"]
