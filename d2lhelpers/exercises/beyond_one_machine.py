"""The exercises of notebook 06."""

import math
import random
from collections.abc import Callable

import torch
from tellwhy.answers.run import Inputs
from torch import Tensor

from d2lhelpers.exercises.drawing import tenths
from tellwhy import exercise

Means = tuple[int, Tensor, Tensor]  # rows, mean of x xᵀ (d, d), mean of x y (d,)
SIDE_BY_SIDE = (
    "Each worker gets pieces that stand side by side. Deal them out in turn instead: the first to "
    "worker 0, the second to worker 1, and so on."
)
FRONT = (
    "Where no piece is left for this worker, it gets one from the front again, which is then read "
    "more than once. A worker that finds none left gets none."
)


def _block(pieces: list[str], worker: int, size: int, last: bool = False) -> list[str]:
    return pieces[worker * size : None if last else (worker + 1) * size]


def _draw_hands(rng: random.Random) -> Inputs:
    number, num_workers = rng.randint(1, 12), rng.randint(1, 5)
    return rng.sample("abcdEFGHijkl", number), rng.randrange(num_workers), num_workers


@exercise(
    inputs=[(list("abcde"), 1, 2), (list("abcde"), 0, 2), (list("abcd"), 0, 1), (["a"], 2, 3)],
    draw=_draw_hands,
    special={
        "a piece that is listed twice": (list("abca"), 1, 2),
        "a worker that reads a piece twice": (list("aba"), 0, 2),
        "a piece that is listed three times": (list("abaab"), 0, 2),
    },
    hints=(
        "Deal eleven cards to three players: which positions does player 1 get?",
        "A slice has a start, an end and a step: `pieces[start::step]`.",
    ),
    verified="uneven shares, one worker, and more workers than pieces",
    ways=["[piece for i, piece in enumerate(pieces) if i % num_workers == worker]"],
    mistakes={
        "whole rounds": (
            "The last round, in which not every worker gets a piece, is left out.",
            lambda pieces, worker, num_workers: pieces[worker::num_workers][
                : len(pieces) // num_workers
            ],
        ),
        "a last round for all": (
            "The last round may end before this worker's turn: then there is no piece left for it.",
            lambda pieces, worker, num_workers: [
                pieces[worker + k * num_workers] for k in range(-(-len(pieces) // num_workers))
            ],
        ),
        "from the front again": (
            FRONT,
            lambda pieces, worker, num_workers: [
                pieces[k % len(pieces)] for k in range(worker, len(pieces) + worker, num_workers)
            ],
        ),
        "from the front again, if there are more workers": (
            FRONT,
            lambda pieces, worker, num_workers: pieces[worker % len(pieces) :: num_workers],
        ),
        "the first of equal pieces": (
            "`pieces.index(piece)` finds only the first of equal pieces, so that one worker gets "
            "all of them. Deal by place: a slice does, or `enumerate(pieces)`.",
            lambda pieces, worker, num_workers: [
                piece for piece in pieces if pieces.index(piece) % num_workers == worker
            ],
        ),
        "back and forth": (
            "At the end the direction turns, and the last worker gets two pieces in a row. After "
            "the last worker it is worker 0's turn again.",
            lambda pieces, worker, num_workers: [
                piece
                for k, piece in enumerate(pieces)
                if worker == min(k % (2 * num_workers), 2 * num_workers - 1 - k % (2 * num_workers))
            ],
        ),
        "one round less": (
            "The loop ends while a piece is left for this worker: it asks whether a whole round "
            "still fits in. Ask whether the index is below `len(pieces)`.",
            lambda pieces, worker, num_workers: [
                pieces[k] for k in range(worker, len(pieces) - num_workers + 1, num_workers)
            ],
        ),
        "one round more": (
            "One round more than the full ones is dealt to every worker, and it may end before "
            "this worker's turn: then there is no piece left for it.",
            lambda pieces, worker, num_workers: [
                pieces[worker + k * num_workers] for k in range(len(pieces) // num_workers + 1)
            ],
        ),
        "a piece for each worker": (
            "There may be fewer pieces than workers: then some get an empty list.",
            lambda pieces, worker, num_workers: [
                pieces[worker],
                *pieces[worker + num_workers :: num_workers],
            ],
        ),
        "shares, the rest to the last": (
            SIDE_BY_SIDE,
            lambda pieces, worker, num_workers: _block(
                pieces, worker, len(pieces) // num_workers, last=worker == num_workers - 1
            ),
        ),
        "shares, rounded up": (
            SIDE_BY_SIDE,
            lambda pieces, worker, num_workers: _block(
                pieces, worker, -(-len(pieces) // num_workers)
            ),
        ),
        "shares without the rest": (
            SIDE_BY_SIDE,
            lambda pieces, worker, num_workers: _block(pieces, worker, len(pieces) // num_workers),
        ),
    },
)
def worker_pieces(pieces: list[str], worker: int, num_workers: int) -> list[str]:
    """Return the pieces that a worker of `num_workers`, counted from 0, reads."""
    return pieces[worker::num_workers]


def _one_less(one: Means, other: Means) -> Means:
    """Weigh each mean by one less than its rows, as one pools variances."""
    if not one[0] or not other[0]:
        return other if not one[0] else one
    m, k = (one[0] - 1, other[0] - 1) if one[0] + other[0] > 2 else (1, 1)
    xx, xy = ((m * a + k * b) / (m + k) for a, b in zip(one[1:], other[1:], strict=True))
    return one[0] + other[0], xx, xy


def _draw_partial(rng: random.Random) -> Inputs:
    """Draw what two machines send: the means of x xᵀ are symmetric."""
    n1, n2, d = (rng.randint(1, 5) for _ in range(3))
    a, b = tenths(rng, d, d), tenths(rng, d, d)
    return (n1, a + a.T, tenths(rng, d)), (n2, b + b.T, tenths(rng, d))


_ONE = 1, torch.tensor([[4.0]]), torch.tensor([8.0])
_THREE = 3, torch.tensor([[8.0]]), torch.tensor([0.0])
_FIVE = 5, torch.tensor([[2.0]]), torch.tensor([-1.0])
_NONE = 0, torch.zeros(1, 1), torch.zeros(1)
_OF_TWO = 3, torch.tensor([[2.0, 1.0], [1.0, 5.0]]), torch.tensor([1.0, -2.0])


def _merged(one: Means, other: Means) -> Means:
    n = one[0] + other[0]
    xx, xy = ((one[0] * a + other[0] * b) / n for a, b in zip(one[1:], other[1:], strict=True))
    return n, xx, xy


def _of_half(one: Means, other: Means, half: Callable[[Tensor], Tensor] = torch.triu) -> Means:
    n, xx, xy = _merged(one, other)
    return n, half(xx), xy


def _of_one_row(one: Means, other: Means) -> Means:
    n = one[0] + other[0]
    xx, xy = (a + (b - a) / n for a, b in zip(one[1:], other[1:], strict=True))
    return n, xx, xy


_OF_ONE_ROW = (
    "Your mean moves by the difference of both means over n. That is right for one new row, and "
    "the second machine has n2 of them: move by n2 / n of the difference."
)
_HALF = "Only one half of the table is filled. It is symmetric: copy each entry to the other half."


@exercise(
    inputs=[(_ONE, _THREE)],
    special={
        "a first machine without rows": (_NONE, _FIVE),
        "an empty first machine with two features": (
            (0, torch.zeros(2, 2), torch.zeros(2)),
            _OF_TWO,
        ),
        "a second machine without rows": (_ONE, _NONE),
        "more rows than float32 can count": ((2**24 + 1, *_ONE[1:]), (2, *_THREE[1:])),
    },
    draw=_draw_partial,
    hints=(
        "A mean times its number of rows is a sum, and sums add up.",
        "Turn both means into sums, add them, and divide by the rows of both.",
    ),
    verified="equal and unequal numbers of rows, a machine without rows, up to 5 features",
    parts=("n", "mean of x xᵀ", "mean of x y"),
    mistakes={
        "mean of means": (
            "This is the mean of the means: it counts both machines alike, whatever they read.",
            lambda one, other: (
                one[0] + other[0],
                *((a + b) / 2 for a, b in zip(one[1:], other[1:], strict=True)),
            ),
        ),
        "all averaged": (
            "Everything is averaged, even the numbers of rows. Add these; multiply each mean by "
            "its number of rows, add, and divide by the number of all rows.",
            lambda one, other: tuple((a + b) / 2 for a, b in zip(one, other, strict=True)),
        ),
        "half of the table": (_HALF, _of_half),
        "diagonal": (
            "Only the diagonal of the table is filled, with the squares of the features. The "
            "other entries hold products of two features: merge the whole table.",
            lambda one, other: _of_half(one, other, lambda table: table.diag().diag()),
        ),
        "an empty first machine as one row": (
            "Where the first machine has no rows, its number of rows is raised to 1, as if it had "
            "read a row of zeros. Divide by the rows of both machines together, which are never 0.",
            lambda one, other: (
                one[0] + other[0],
                *_merged((max(one[0], 1), *one[1:]), other)[1:],
            ),
        ),
        "lower half of the table": (_HALF, lambda one, other: _of_half(one, other, torch.tril)),
        "the empty one": (
            "Where a machine has no rows, the other one is the answer. This returns the same one "
            "in both cases, even if it is the empty one.",
            lambda one, other: one if not one[0] or not other[0] else _merged(one, other),
        ),
        "half of the table, and a machine without rows": (
            f"Two slips. {_HALF} And where a machine has no rows, return the other one.",
            lambda one, other: _of_half(one, other) if one[0] and other[0] else one,
        ),
        "means added": (
            "The means are added. Sums add up, means do not: multiply each by its rows first.",
            lambda one, other: tuple(a + b for a, b in zip(one, other, strict=True)),
        ),
        "a step of one row": (_OF_ONE_ROW, _of_one_row),
        "a step of one row, none of an empty machine": (
            _OF_ONE_ROW,
            lambda one, other: (
                _of_one_row(one, other)
                if one[0] and other[0]
                else max(one, other, key=lambda of: of[0])
            ),
        ),
        "share of the first": (
            "The mean of the first machine moves by n2 / n1 of the difference. The second machine "
            "has n2 / (n1 + n2) of all rows: that is its share.",
            lambda one, other: (
                one[0] + other[0],
                *(
                    a + other[0] / one[0] * (b - a) if one[0] else b
                    for a, b in zip(one[1:], other[1:], strict=True)
                ),
            ),
        ),
        "weights exchanged": (
            "Each mean is multiplied by the number of rows of the other machine.",
            lambda one, other: (
                (n := one[0] + other[0]),
                *((other[0] * a + one[0] * b) / n for a, b in zip(one[1:], other[1:], strict=True)),
            ),
        ),
        "one row less": (
            "Each mean is multiplied by one less than its number of rows. That is for variances: "
            "a mean counts as many times as it has rows.",
            _one_less,
        ),
        "weights exchanged, not divided": (
            "Each mean is multiplied by the number of rows of the other machine, and the sum is "
            "not divided by the number of all rows.",
            lambda one, other: (
                one[0] + other[0],
                *(other[0] * a + one[0] * b for a, b in zip(one[1:], other[1:], strict=True)),
            ),
        ),
    },
)
def merge(one: Means, other: Means) -> Means:
    """Return the number of rows and the means over the rows of two machines together."""
    n1, xx1, xy1 = one
    n2, xx2, xy2 = other
    n = n1 + n2
    return n, (n1 * xx1 + n2 * xx2) / n, (n1 * xy1 + n2 * xy2) / n


def _draw_rate(rng: random.Random) -> Inputs:
    lr, num_processes, room = rng.randint(1, 99), rng.randint(1, 64), rng.randint(1, 39)
    return lr / 1000, num_processes, (lr * room + rng.randrange(lr)) / 1000


def _multiple(lr: float, number: int, largest: float) -> float:
    return lr * max(1, min(number, math.floor(largest / lr + 1e-9)))


def _added(lr: float, number: int, largest: float) -> float:
    rate = lr
    for _ in range(number - 1):
        rate += lr if rate + lr <= largest else 0  # 0.1 + 0.1 + 0.1 is above 0.3
    return rate


def _power_of_two(number: int) -> int:
    return 1 << (number.bit_length() - 1)


_HALVES = (
    "The rate is doubled as often as the number of processes can be halved, so 3 count as 2, and 6 "
    "as 4. Multiply `lr` by `num_processes` itself."
)
_DOUBLED = "The rate is doubled for each further process. Multiply `lr` by `num_processes` instead."
_STOPS = (
    "Where the limit decides, this stops at a multiple of `lr`: mostly below the limit, or above "
    "it if `lr` itself is. Return `largest`."
)


def _halved(lr: float, num_processes: int, largest: float) -> float:
    rate = lr * num_processes
    while rate > largest:
        rate /= 2
    return rate


@exercise(
    inputs=[(0.01, 4, 0.3), (0.01, 1, 0.3), (0.1, 8, 0.3), (0.05, 2, 0.1), (0.5, 2, 0.3)],
    special={"a single process, and `lr` above `largest`": (0.5, 1, 0.3)},
    draw=_draw_rate,
    hints=(
        "Four processes take a quarter of the steps. How long must each be to go about as far?",
        "Multiply the rate by the number of processes, but stop at the largest stable one (`min`).",
    ),
    verified="rates below, at and above the largest, and a single process",
    mistakes={
        "no limit": (
            "`largest` is not looked at: with many processes the rate is not stable.",
            lambda lr, num_processes, largest: lr * num_processes,
        ),
        "root": (
            "Your rate grows with the root of `num_processes`. Multiply `lr` by `num_processes` "
            "itself.",
            lambda lr, num_processes, largest: min(lr * math.sqrt(num_processes), largest),
        ),
        "root without a limit": (
            "Two slips. Your rate grows with the root of `num_processes`: multiply `lr` by "
            "`num_processes` itself. And `largest` is not looked at.",
            lambda lr, num_processes, largest: lr * math.sqrt(num_processes),
        ),
        "counted twice": (
            "`num_processes` is multiplied in twice. The mean of the gradients is as long as that "
            "of one process, so only the steps are fewer: multiply once.",
            lambda lr, num_processes, largest: min(lr * num_processes**2, largest),
        ),
        "limit too early": (
            "The limit comes too early: multiply first, then stop at `largest`.",
            lambda lr, num_processes, largest: min(lr, largest) * num_processes,
        ),
        "divided, and the larger": (
            "Two slips. `max` is never below `largest`: with `min` the rate is never above it. And "
            "the rate is divided by `num_processes`: multiply.",
            lambda lr, num_processes, largest: max(lr / num_processes, largest),
        ),
        "halved": (
            "A rate that is too large is halved until it is stable. Take `largest` itself.",
            _halved,
        ),
        "last multiple": (_STOPS, _multiple),
        "last multiple, added up": (_STOPS, _added),
        "last multiple below, or 0": (
            "Where the limit decides, this stops at a whole multiple of `lr`, mostly below the "
            "limit, and at 0 if `lr` itself is above it. Return `largest`.",
            lambda lr, num_processes, largest: max(
                lr * k for k in range(num_processes + 1) if lr * k <= largest
            ),
        ),
        "last multiple, one too many": (
            "Below the limit this is `num_processes + 1` times `lr`: a sum that starts at `lr` "
            "holds it once already. And where the limit decides, return `largest`, not a "
            "multiple of `lr`.",
            lambda lr, num_processes, largest: _multiple(lr, num_processes + 1, largest),
        ),
        "logarithm": (
            "Your rate grows with the logarithm of `num_processes`. Multiply `lr` by "
            "`num_processes` itself.",
            lambda lr, num_processes, largest: min(lr * (1 + math.log2(num_processes)), largest),
        ),
        "doubled for each half": (
            _HALVES,
            lambda lr, num_processes, largest: min(lr * _power_of_two(num_processes), largest),
        ),
        "doubled for each half, one process without a limit": (
            f"Two slips. {_HALVES} And one process may need `largest`, too.",
            lambda lr, num_processes, largest: (
                lr if num_processes == 1 else min(lr * _power_of_two(num_processes), largest)
            ),
        ),
        "doubled until all are covered": (
            "The rate is doubled until the doublings cover all processes, so 3 count as 4, and 5 "
            "as 8. Multiply `lr` by `num_processes` itself.",
            lambda lr, num_processes, largest: min(
                lr * (1 << (num_processes - 1).bit_length()), largest
            ),
        ),
        "doubled, one process without a limit": (
            f"Two slips. {_DOUBLED} And one process may need `largest`, too.",
            lambda lr, num_processes, largest: (
                lr if num_processes == 1 else min(lr * 2 ** (num_processes - 1), largest)
            ),
        ),
        "doubled": (
            _DOUBLED,
            lambda lr, num_processes, largest: min(lr * 2 ** (num_processes - 1), largest),
        ),
    },
)
def parallel_lr(lr: float, num_processes: int, largest: float) -> float:
    """Return the rate for `num_processes`, at most `largest`, that goes about as far."""
    return min(lr * num_processes, largest)
