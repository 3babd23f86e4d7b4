"""What a loss was computed from: the calls that led to it, and their replay with other numbers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from tellwhy.training.sites import Site

HANDLES = {"data.__get__", "detach", "detach_", "__getitem__", "view"}  # other names of a tensor
# Where predictions meet labels: element by element, with shapes that are broadcast, or not so.
BROADCAST = {"sub", "rsub", "__rsub__", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}
MEET = BROADCAST | {
    "cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits",
}  # fmt: skip
NORMS = {"batch_norm", "instance_norm"}  # change the statistics that they are given


@dataclass(slots=True, eq=False)
class Call:
    """A call of a function of PyTorch on something that depends on a parameter."""

    func: Callable[..., Any]
    name: str
    args: tuple[Any, ...]  # as they were; in place of a tensor that a recorded call made is `Made`
    kwargs: dict[str, Any]
    site: Site | None
    number: int  # the place among all calls
    recording: bool  # whether gradients were recorded at the time
    inplace: bool = False  # whether the result is the first argument, changed
    shape: tuple[int, ...] = ()  # of the result, where that is a tensor
    needs: bool = False  # whether the result requires a gradient

    def inputs(self) -> Iterator[Any]:
        """Yield the tensors that the call takes, and what was made in their place."""
        waiting = [*self.args, *self.kwargs.values()][::-1]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Made | Tensor):
                yield part
            elif isinstance(part, list | tuple):
                waiting += part[::-1]


@dataclass(slots=True, frozen=True, eq=False)
class Made:
    """The result of a call, or one part of it."""

    call: Call
    part: int | None = None


def upstream(made: Made | None) -> list[Call]:
    """Return the calls from which something was made, in their order."""
    found: dict[int, Call] = {}
    waiting: list[Any] = [made]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Made) and part.call.number not in found:
            found[part.call.number] = part.call
            waiting += part.call.inputs()
    return [found[number] for number in sorted(found)]


def roots(calls: Iterable[Call]) -> dict[int, Tensor]:
    """Return the tensors that calls take and that no recorded call made, by their identities."""
    return {id(part): part for call in calls for part in call.inputs() if isinstance(part, Tensor)}


def handle_of(part: Any) -> Any:
    """Return what a tensor is another name of, or a view into: `w` for `w.data[0]`."""
    while isinstance(part, Made) and part.call.name in HANDLES:
        part = part.call.args[0]
    return part


@dataclass(slots=True)
class Pass:
    """A loss and its gradients; parameters are named by their identities."""

    number: int
    at: int  # the number of the step to which it belongs
    site: Site | None
    loss: Made | None
    value: Tensor
    calls: list[Call]  # what led to the loss; in a close pass, all calls since the pass before
    reached: list[int]  # the parameters on which the loss depends
    functional: bool  # whether `torch.func` computes the gradients
    close: bool  # whether values and gradients are kept:
    values: dict[int, Tensor] = field(default_factory=dict)
    before: dict[int, Tensor | None] = field(default_factory=dict)  # gradients, before backward
    after: dict[int, Tensor | None] = field(default_factory=dict)
    stepped: set[int] = field(default_factory=set)  # the parameters that were changed after it
    empty: set[int] = field(default_factory=set)  # of these, those without a gradient by then
    step: Site | None = None  # where the first of them was changed
    altered: bool = False  # whether one followed another gradient than `backward()` left
    failed: bool = False  # whether the gradients could not be computed


class Tape:
    """A loss that can be computed again.

    Attributes:
        keys: the names of its parameters, by their identities; values: those that they had then,
            by their names, in a close pass.
        seen: the value of the loss.
        data: the tensors from which it was computed and which are no parameters, by identity.
        whole: whether it was computed from data and parameters alone.
        met: the call nearest to the loss in which predictions meet labels, and these two.
    """

    def __init__(self, one: Pass, keys: Mapping[int, Any]) -> None:
        """Take a pass with a loss."""
        assert one.loss
        self.one, self.loss, self.keys, self.seen = one, one.loss, keys, one.value.item()
        self.calls = upstream(one.loss)
        self.values = {keys[key]: value for key, value in one.values.items()}
        self.data = {key: part for key, part in roots(self.calls).items() if key not in keys}
        self.whole = not any(part.requires_grad for part in self.data.values())
        self.whole = self.whole and all(call.name != "grad.__get__" for call in self.calls)
        self.met: tuple[Call, Made, Tensor] | None = None
        for call in self.calls:
            two = [*call.inputs()][:2]
            made = [part for part in two if isinstance(part, Made) and part.call.needs]
            labels = [part for part in two if id(part) in self.data]
            if call.name in MEET and made and labels:
                self.met = call, made[0], labels[0]

    def features(self) -> list[Tensor]:
        """Return the data that have a row for each label, without the labels."""
        if not self.met:
            return []
        _, made, y = self.met
        data = [x for key, x in roots(upstream(made)).items() if key in self.data and x is not y]
        return [x for x in data if x.is_floating_point() and x.shape[:1] == y.shape[:1]]

    def columns(self) -> list[Tensor]:
        """Return the features, each (n, ...) as (n, d), and last the labels, if there are both."""
        parts = self.features()
        if not (self.met and parts and self.met[2].is_floating_point()):
            return []
        n = self.met[2].shape[:1].numel()
        return [part.reshape(n, -1).double() for part in [*parts, self.met[2]]]

    def replay(self, values: Mapping[Any, Tensor], wanted: Made | None = None) -> Any:
        """Compute the loss again (of several losses the sum), and what else is wanted.

        Values are given to parameters by their names, and to other tensors by their identities.
        """
        made: dict[int, Any] = {}

        def now(part: Any) -> Any:
            if isinstance(part, Made):
                result = made[part.call.number]
                return result if part.part is None else result[part.part]
            if isinstance(part, Tensor):
                return values.get(self.keys.get(id(part), id(part)), part)
            return type(part)(map(now, part)) if type(part) in (list, tuple) else part

        for call in self.calls:
            args = [now(part) for part in call.args]
            if call.name in NORMS:
                args[1:3] = [part if part is None else part.clone() for part in args[1:3]]
            result = call.func(*args, **{key: now(part) for key, part in call.kwargs.items()})
            result = args[0] if call.inplace else result
            if isinstance(result, Tensor) and not call.recording:
                result = result.detach()
            made[call.number] = result
        loss = now(self.loss).sum()
        return (loss, now(wanted)) if wanted else loss
