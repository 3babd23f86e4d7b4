"""The data of the course: their statistics, and what an epoch of minibatches must be."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers import crop_yields, data_iter, load_array, synthetic_data


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def numbered(n: int) -> tuple[Tensor, Tensor]:
    """Return examples that can be recognised: row i has features (2i, 2i + 1) and label i."""
    return torch.arange(2 * n).reshape(n, 2), torch.arange(n)


def labels_of(batches: Iterable[Sequence[Tensor]]) -> list[int]:
    return torch.cat([batch[-1] for batch in batches]).flatten().tolist()


@contextmanager
def global_stream_untouched() -> Iterator[None]:
    before = torch.get_rng_state()
    yield
    assert torch.equal(torch.get_rng_state(), before)


# synthetic_data


@given(st.integers(1, 5), st.integers(1, 20), st.booleans())
def test_synthetic_data_are_float32_columns_for_any_shape_of_w(
    d: int, n: int, column: bool
) -> None:
    w = np.ones((d, 1) if column else d)
    features, labels = synthetic_data(w, 0, n)
    assert (features.shape, labels.shape) == ((n, d), (n, 1))
    assert features.dtype == labels.dtype == torch.float32


def test_without_noise_the_labels_are_linear_in_the_features() -> None:
    features, labels = synthetic_data([2, -3.4], 4.2, 50, noise=0, generator=seeded())
    first, second = features.double().numpy().T
    expected = 2 * first - 3.4 * second + 4.2
    np.testing.assert_allclose(labels.flatten(), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("noise", [0.01, 3.0])
def test_the_noise_is_normal_with_the_standard_deviation_asked_for(noise: float) -> None:
    n = 100_000
    features, labels = synthetic_data([2, -3.4], 4.2, n, noise=noise, generator=seeded())
    true = features.double() @ torch.tensor([[2], [-3.4]], dtype=torch.float64) + 4.2
    residual = (labels.double() - true) / noise
    assert abs(residual.mean()) < 5 / math.sqrt(n)
    assert abs(residual.std() - 1) < 5 / math.sqrt(2 * n)
    assert abs((residual.abs() < 1).double().mean() - 0.6827) < 0.01
    assert abs((residual * features).mean(dim=0)).max() < 5 / math.sqrt(n)


def test_the_features_are_independent_and_standard_normal() -> None:
    n = 100_000
    features, _ = synthetic_data([1, 1], 0, n, generator=seeded())
    assert features.mean(dim=0).abs().max() < 5 / math.sqrt(n)
    torch.testing.assert_close(features.T.cov(), torch.eye(2), rtol=0, atol=0.03)


def test_the_default_noise_is_a_hundredth() -> None:
    _, implicit = synthetic_data([1], 0, 5, generator=seeded())
    _, explicit = synthetic_data([1], 0, 5, noise=0.01, generator=seeded())
    assert torch.equal(implicit, explicit)


def test_synthetic_data_are_those_of_the_seed() -> None:
    first, again, other = (synthetic_data([1, 2], 3, 10, generator=seeded(s)) for s in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


def test_without_a_generator_the_global_one_is_drawn_from() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(5)
        features, _ = synthetic_data([1, 2], 3, 10)
    expected, _ = synthetic_data([1, 2], 3, 10, generator=seeded(5))
    assert torch.equal(features, expected)


def test_synthetic_data_carry_no_gradient_and_leave_w_alone() -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    features, labels = synthetic_data(w, torch.zeros(1, requires_grad=True), 3)
    assert not features.requires_grad
    assert not labels.requires_grad
    assert w.tolist() == [1, 2]


def test_synthetic_data_stay_float32_under_another_default_dtype() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        features, labels = synthetic_data([1, 2], 3, 4)
    finally:
        torch.set_default_dtype(torch.float32)
    assert features.dtype == labels.dtype == torch.float32


@pytest.mark.parametrize(
    "w",
    [
        (1, 2),
        [[1.0], [2.0]],
        range(1, 3),
        np.array([1.0, 2.0]),
        pd.Series([1.0, 2.0], index=["a", "b"]),
        torch.tensor([1, 2]),
        [torch.tensor(1.0), torch.tensor(2.0)],
        [torch.tensor([1.0]), torch.tensor([2.0])],
    ],
)
def test_weights_may_come_as_any_column_of_numbers(w: Any) -> None:
    expected = synthetic_data(torch.tensor([1.0, 2.0]), 3, 4, generator=seeded())
    assert torch.equal(synthetic_data(w, 3, 4, generator=seeded())[1], expected[1])


W_SHAPE = r"w must have shape \(d,\) or \(d, 1\), d at least 1, got "
NUM = "num_examples must be a positive integer, got "
NOISE = "noise must be a finite number, 0 or larger, got "
GENERATOR = r"generator must be a torch\.Generator or None, got "


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"w": 3.0}, ValueError, W_SHAPE + r"\(\)"),
        ({"w": []}, ValueError, W_SHAPE + r"\(0,\)"),
        ({"w": torch.empty(0, 1)}, ValueError, W_SHAPE + r"\(0, 1\)"),
        ({"w": [[1.0, 2.0]]}, ValueError, W_SHAPE + r"\(1, 2\)"),
        ({"w": np.ones((2, 1, 1))}, ValueError, W_SHAPE + r"\(2, 1, 1\)"),
        ({"w": [1, math.nan]}, ValueError, r"w must be finite in float32, got \[1, nan\]"),
        ({"w": [1e39]}, ValueError, r"w must be finite in float32, got \[1e\+39\]"),
        ({"w": [[1, 2], [3]]}, ValueError, "w must be a tensor, an array or a list.*got list"),
        (
            {"w": [10**30]},
            (ValueError, TypeError),
            "w must be a tensor, an array or a list.*got list",
        ),
        ({"w": "12"}, TypeError, "w must be a tensor, an array or a list.*got str"),
        ({"w": None}, TypeError, "w must be a tensor, an array or a list.*got NoneType"),
        ({"w": {1, 2}}, TypeError, "w must be a tensor, an array or a list.*got set"),
        ({"w": iter([1, 2])}, TypeError, "w must be a tensor, an array or a list.*got list_iter"),
        ({"w": np.array(["1"])}, TypeError, "w must be a tensor, an array or a list.*got ndarray"),
        ({"w": [1j]}, TypeError, r"w must hold real numbers, got torch\.complex64"),
        ({"b": [1, 2]}, ValueError, r"b must be a number or hold one element, got shape \(2,\)"),
        ({"b": []}, ValueError, r"b must be a number or hold one element, got shape \(0,\)"),
        ({"b": math.nan}, ValueError, "b must be finite in float32, got nan"),
        ({"b": "1"}, TypeError, "b must be a tensor, an array or a list.*got str"),
        ({"b": None}, TypeError, "b must be a tensor, an array or a list.*got NoneType"),
        ({"num_examples": 0}, ValueError, NUM + r"0\.$"),
        ({"num_examples": -1}, ValueError, NUM + r"-1\.$"),
        ({"num_examples": 3.0}, TypeError, NUM + r"3\.0 \(float\)"),
        ({"num_examples": True}, TypeError, NUM + r"True\."),
        ({"num_examples": np.True_}, TypeError, NUM + r"(np\.True_|True)"),
        ({"num_examples": torch.tensor(True)}, TypeError, NUM + r"tensor\(True\)"),
        ({"num_examples": torch.tensor(3.0)}, TypeError, NUM + r"tensor\(3\.\) \(Tensor\)"),
        ({"num_examples": "3"}, TypeError, NUM + r"'3' \(str\)"),
        ({"num_examples": None}, TypeError, NUM + r"None \(NoneType\)"),
        ({"num_examples": 10**30}, ValueError, r"num_examples must be at most \d+, got 1000"),
        ({"noise": -0.1}, ValueError, NOISE + r"-0\.1\.$"),
        ({"noise": math.nan}, ValueError, NOISE + "nan"),
        ({"noise": math.inf}, ValueError, NOISE + "inf"),
        ({"noise": "0.1"}, TypeError, NOISE + r"'0\.1' \(str\)"),
        ({"noise": True}, TypeError, NOISE + r"True \(bool\)"),
        ({"noise": None}, TypeError, NOISE + r"None \(NoneType\)"),
        ({"noise": torch.ones(2)}, TypeError, NOISE + r"tensor\(\[1\., 1\.\]\) \(Tensor\)"),
        ({"noise": seeded()}, TypeError, NOISE + r".*\(Generator\)"),
        ({"generator": 42}, TypeError, GENERATOR + r"42 \(int\)"),
        ({"generator": np.random.default_rng(0)}, TypeError, GENERATOR + "Generator"),
        ({"generator": torch.Generator}, TypeError, GENERATOR + "<class"),
    ],
)
def test_synthetic_data_refuses(
    changed: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments: dict[str, Any] = {"w": [1.0, 2.0], "b": 3.0, "num_examples": 4} | changed
    with pytest.raises(error, match=message):
        synthetic_data(**arguments)


# data_iter and load_array: what both promise

Serve = Callable[..., Iterable[Sequence[Tensor]]]


def shuffled(batch_size: int, *arrays: Any, **options: Any) -> Iterable[Sequence[Tensor]]:
    return load_array(arrays, batch_size, **options)


def in_order(batch_size: int, *arrays: Any, **options: Any) -> Iterable[Sequence[Tensor]]:
    return load_array(arrays, batch_size, is_train=False, **options)


every_iterator = pytest.mark.parametrize("serve", [data_iter, shuffled, in_order])
every_shuffle = pytest.mark.parametrize("serve", [data_iter, shuffled])
lengths = st.integers(1, 40)
batch_sizes = st.integers(1, 50)


@every_iterator
@given(n=lengths, batch_size=batch_sizes)
def test_an_epoch_is_full_batches_of_every_row_once(serve: Serve, n: int, batch_size: int) -> None:
    batches = list(serve(batch_size, *numbered(n)))
    assert [len(labels) for _, labels in batches] == [
        len(range(n)[i : i + batch_size]) for i in range(0, n, batch_size)
    ]
    assert sorted(labels_of(batches)) == list(range(n))
    for features, labels in batches:
        assert features.tolist() == [[2 * i, 2 * i + 1] for i in labels.tolist()]


@every_iterator
def test_a_batch_keeps_the_shape_and_dtype_of_the_rows(serve: Serve) -> None:
    images, classes = torch.zeros(5, 3, 2, dtype=torch.uint8), torch.ones(5, 1).bool()
    batch_images, batch_classes = next(iter(serve(4, images, classes)))
    assert (batch_images.shape, batch_images.dtype) == ((4, 3, 2), torch.uint8)
    assert (batch_classes.shape, batch_classes.dtype) == ((4, 1), torch.bool)


@every_iterator
def test_a_batch_is_a_copy(serve: Serve) -> None:
    features, labels = numbered(3)
    next(iter(serve(3, features, labels)))[0].zero_()
    assert torch.equal(features, numbered(3)[0])


@every_iterator
@pytest.mark.parametrize("size", [np.int64(2), torch.tensor(2)])
def test_a_batch_size_may_be_any_integer(serve: Serve, size: Any) -> None:
    assert len(labels_of(serve(size, *numbered(5)))) == 5


@every_iterator
@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 2],
        (0, 1, 2),
        np.arange(3),
        np.broadcast_to(np.arange(3), (3,)),
        pd.Series([0, 1, 2], index=[2, 0, 1]),
        pd.Series([0, 1, 2], index=["a", "b", "c"]),
        pd.DataFrame({"label": [0, 1, 2]}, index=[2, 0, 1]),
        [torch.tensor(0), torch.tensor(1), torch.tensor(2)],
        [np.array([0]), np.array([1]), np.array([2])],
    ],
    ids=lambda labels: type(labels).__name__,
)
def test_arrays_tables_and_lists_are_read_by_position(serve: Serve, labels: Any) -> None:
    features, _ = numbered(3)
    for some_features, some_labels in serve(2, features, labels):
        assert (some_features[:, 0] // 2).tolist() == some_labels.flatten().tolist()


@every_iterator
def test_a_change_of_the_data_is_seen_in_the_batches_to_come(serve: Serve) -> None:
    features, labels = numbered(4)
    batches = iter(serve(2, features, labels))
    first = next(batches)[1].tolist()
    labels += 10
    second = next(batches)[1].tolist()
    assert sorted(first + [label - 10 for label in second]) == [0, 1, 2, 3]


@every_shuffle
def test_the_order_is_that_of_one_permutation_of_the_seed(serve: Serve) -> None:
    order = torch.randperm(10, generator=seeded(7)).tolist()
    assert labels_of(serve(3, *numbered(10), generator=seeded(7))) == order


@every_shuffle
def test_a_shuffle_with_its_own_generator_leaves_the_global_stream_alone(serve: Serve) -> None:
    with global_stream_untouched():
        labels_of(serve(2, *numbered(5), generator=seeded()))


@every_shuffle
def test_a_shuffle_without_a_generator_draws_one_permutation_from_the_global_one(
    serve: Serve,
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        order = torch.randperm(10).tolist()
        after = torch.get_rng_state()
        torch.manual_seed(3)
        assert labels_of(serve(4, *numbered(10))) == order
        assert torch.equal(torch.get_rng_state(), after)


SIZE = "batch_size must be a positive integer, got "


@every_iterator
@pytest.mark.parametrize(
    ("batch_size", "error", "message"),
    [
        (0, ValueError, SIZE + r"0\.$"),
        (-1, ValueError, SIZE + r"-1\.$"),
        (2.0, TypeError, SIZE + r"2\.0 \(float\)"),
        (math.nan, TypeError, SIZE + r"nan \(float\)"),
        (True, TypeError, SIZE + r"True\."),
        (np.True_, TypeError, SIZE + r"(np\.True_|True)"),
        (torch.tensor(True), TypeError, SIZE + r"tensor\(True\)"),
        ("2", TypeError, SIZE + r"'2' \(str\)"),
        (None, TypeError, SIZE + r"None \(NoneType\)"),
        (torch.ones(1000, 2), TypeError, SIZE + r"tensor.{,40} \(Tensor\)"),
        (10**30, ValueError, r"batch_size must be at most \d+, got 1000"),
    ],
)
def test_a_bad_batch_size_is_refused_at_the_call(
    serve: Serve, batch_size: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        serve(batch_size, *numbered(3))


NUMBERS = "must be a tensor, an array or a list of numbers, got "


@every_iterator
@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (torch.ones(5), ValueError, "must have the same length, got 3 and 5"),
        (torch.ones(1, 3), ValueError, "must have the same length, got 3 and 1"),
        ([], ValueError, r"must hold at least one example, got shape \(0,\)"),
        (torch.tensor(1.0), ValueError, r"must hold at least one example, got shape \(\)"),
        (3, ValueError, r"must hold at least one example, got shape \(\)"),
        ([[1], [1, 2], [3]], ValueError, NUMBERS + "list"),
        (["a", "b", "c"], ValueError, NUMBERS + "list"),
        (np.arange(3)[::-1], ValueError, NUMBERS + "ndarray: .*negative.*copy"),
        ([torch.ones(1), torch.ones(2), torch.ones(3)], TypeError, NUMBERS + "list.*equal size"),
        ("abc", TypeError, NUMBERS + "str"),
        (None, TypeError, NUMBERS + "NoneType"),
        ({1, 2, 3}, TypeError, NUMBERS + "set"),
        ({0: 1, 1: 2, 2: 3}, TypeError, NUMBERS + "dict"),
        ((i for i in range(3)), TypeError, NUMBERS + "generator"),
        (pd.Series(["a", "b", "c"]), TypeError, NUMBERS + "Series"),
        (crop_yields()[:3], TypeError, NUMBERS + "DataFrame"),
        (load_array([[1, 2, 3]], 2), TypeError, NUMBERS + "DataLoader"),
        (torch.ones(3) * 1j, TypeError, r"must hold real numbers, got torch\.complex64"),
    ],
)
def test_bad_arrays_are_refused_at_the_call(
    serve: Serve, labels: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=rf"^.*(labels|data_arrays\[1\]) {message}"):
        serve(2, torch.ones(3, 2), labels)


@every_iterator
def test_bad_features_are_named(serve: Serve) -> None:
    with pytest.raises(ValueError, match=r"^(features|data_arrays\[0\]) must hold at least one"):
        serve(2, torch.ones(0, 2), torch.ones(3))


@every_iterator
def test_a_generator_that_is_none_is_refused_at_the_call(serve: Serve) -> None:
    with pytest.raises(TypeError, match=GENERATOR + r"0 \(int\)"):
        serve(2, *numbered(3), generator=0)


# data_iter


def test_the_order_of_data_iter_is_fixed_by_the_call() -> None:
    generator = seeded(7)
    batches = data_iter(3, *numbered(10), generator=generator)
    torch.randn(5, generator=generator)
    assert labels_of(batches) == labels_of(data_iter(3, *numbered(10), generator=seeded(7)))


def test_swapped_arguments_are_refused() -> None:
    features, labels = numbered(3)
    with pytest.raises(TypeError, match=r"batch_size must be .* \(Tensor\)"):
        data_iter(features, labels, 2)  # type: ignore[arg-type]


# load_array


def test_load_array_returns_a_real_data_loader() -> None:
    assert isinstance(load_array(numbered(3), 2), DataLoader)


@pytest.mark.parametrize("batch_size", [1, 3, 5, 7])
def test_unshuffled_batches_are_those_of_pytorch_epoch_after_epoch(batch_size: int) -> None:
    ours = load_array(numbered(6), batch_size, is_train=False)
    theirs = DataLoader(TensorDataset(*numbered(6)), batch_size)
    assert len(ours) == len(theirs)
    for mine, plain in zip([*ours, *ours], [*theirs, *theirs], strict=True):
        assert type(mine) is type(plain)
        assert all(map(torch.equal, mine, plain))


def test_each_epoch_of_training_is_shuffled_anew() -> None:
    loader = load_array(numbered(100), 10, generator=seeded())
    epochs = [labels_of(loader) for _ in range(3)]
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]


def test_an_unshuffled_epoch_draws_no_random_number() -> None:
    generator = seeded()
    with global_stream_untouched():
        labels_of(load_array(numbered(5), 2, is_train=False, generator=generator))
    assert torch.equal(generator.get_state(), seeded().get_state())


def test_two_epochs_may_be_read_at_once() -> None:
    loader = load_array(numbered(5), 2, generator=seeded())
    pairs = list(zip(loader, loader, strict=True))
    for epoch in zip(*pairs, strict=True):
        assert sorted(labels_of(epoch)) == list(range(5))


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_arrays_is_served(count: int) -> None:
    (batch,) = load_array([torch.arange(3)] * count, 5, is_train=False)
    assert [array.tolist() for array in batch] == [[0, 1, 2]] * count


ARRAYS = r"data_arrays must be a tuple such as \(features, labels\), got "


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        (((), 2), ValueError, "data_arrays must hold at least one array, got none"),
        ((numbered(3)[0], 2), TypeError, ARRAYS + "Tensor"),
        ((*numbered(3), 2), TypeError, ARRAYS + "Tensor"),
        ((crop_yields(), 2), TypeError, ARRAYS + "DataFrame"),
        ((TensorDataset(*numbered(3)), 2), TypeError, ARRAYS + "TensorDataset"),
        ((zip(*numbered(3), strict=False), 2), TypeError, ARRAYS + "zip"),
        ((None, 2), TypeError, ARRAYS + "NoneType"),
        ((numbered(3), 2, 1), TypeError, r"is_train must be True or False, got 1 \(int\)"),
        ((numbered(3), 2, "train"), TypeError, r"is_train must be .*, got 'train' \(str\)"),
        ((numbered(3), 2, None), TypeError, r"is_train must be .*, got None \(NoneType\)"),
    ],
)
def test_load_array_refuses(args: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        load_array(*args)
