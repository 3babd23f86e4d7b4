"""What a loss was computed from: the calls that led to it, and their replay with other numbers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._C import _functorch

from tellwhy.training.sites import Site

# What lets no gradient through, or a gradient that is zero wherever there is one.
FLAT = {"round", "round_", "floor", "floor_", "ceil", "ceil_", "trunc", "trunc_", "sign", "sgn"}
HANDLES = {"data.__get__", "detach", "detach_"}  # the same numbers under another name


@dataclass(slots=True, eq=False)
class Call:
    """A call of a function of PyTorch on something that depends on a parameter.

    Attributes:
        args, kwargs: as they were; in place of a tensor that a recorded call made stands `Made`.
        number: the place among all calls.
        recording: whether gradients were recorded at the time.
        inplace: whether the result is the first argument, changed.
        shape: of the result, where that is a tensor.
        needs: whether the result requires a gradient.
    """

    func: Callable[..., Any]
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    site: Site | None
    number: int
    recording: bool
    inplace: bool = False
    shape: tuple[int, ...] | None = None
    needs: bool = False

    def inputs(self) -> Iterator[Any]:
        """Yield the tensors that the call takes, and what was made in their place."""
        yield from _flat(self.args)
        yield from _flat(tuple(self.kwargs.values()))

    def parents(self) -> Iterator["Call"]:
        """Yield the recorded calls whose results this one takes."""
        return (part.call for part in self.inputs() if isinstance(part, Made))


class Made(NamedTuple):
    """The result of a call, or one part of it."""

    call: Call
    index: int | None = None


def _flat(parts: Any) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, Made | Tensor):
            yield part
        elif isinstance(part, list | tuple):
            yield from _flat(part)


def upstream(call: Call | None, *, needs: bool = False) -> list[Call]:
    """Return a call and all before it that it takes something from, in their order.

    Args:
        call: the last one.
        needs: follow only what carries a gradient.
    """
    found: dict[int, Call] = {}
    waiting = [call] if call else []
    while waiting:
        current = waiting.pop()
        if current.number not in found and (current.needs or not needs):
            found[current.number] = current
            waiting += current.parents()
    return [found[number] for number in sorted(found)]


def roots(calls: list[Call]) -> list[Tensor]:
    """Return the tensors that calls take and that no recorded call made, each once."""
    found = {id(part): part for call in calls for part in call.inputs() if isinstance(part, Tensor)}
    return list(found.values())


@dataclass
class Tape:
    """The calls that led to a loss.

    Attributes:
        calls: in their order.
        loss: the last one's result.
        keys: of each parameter's identity, the name under which values are given.
        seen: the loss that was computed.
    """

    calls: list[Call]
    loss: Made
    keys: Mapping[int, Any]
    seen: float
    data: list[Tensor] = field(init=False)

    def __post_init__(self) -> None:
        """Note which tensors are data: those that are no parameters."""
        self.data = [root for root in roots(self.calls) if id(root) not in self.keys]

    def replay(
        self, values: Mapping[Any, Tensor], swapped: Mapping[int, Tensor] | None = None
    ) -> dict[int, Any]:
        """Return what each call gives, by its number, with other values of the parameters.

        Args:
            values: of the parameters, by key.
            swapped: what stands in place of data, by the identity of the data.
        """
        made: dict[int, Any] = {}
        swapped = swapped or {}

        def now(part: Any) -> Any:
            if isinstance(part, Made):
                return self.result(made, part)
            if isinstance(part, Tensor):
                key = self.keys.get(id(part))
                return swapped.get(id(part), part) if key is None else values[key]
            if type(part) in (list, tuple):
                return type(part)(map(now, part))
            return part

        for call in self.calls:
            args = [now(part) for part in call.args]
            if call.name in ("batch_norm", "instance_norm"):  # their statistics are the learner's
                args[1:3] = [part if part is None else part.clone() for part in args[1:3]]
            result = call.func(*args, **{key: now(part) for key, part in call.kwargs.items()})
            if call.inplace:
                result = args[0]
            if isinstance(result, Tensor) and not call.needs:
                result = result.detach()
            made[call.number] = result
        return made

    def value(
        self, values: Mapping[Any, Tensor], swapped: Mapping[int, Tensor] | None = None
    ) -> Tensor:
        """Return the loss with other values of the parameters; a vector of losses as its sum."""
        return self.result(self.replay(values, swapped), self.loss).sum()

    @staticmethod
    def result(made: dict[int, Any], part: Made) -> Tensor:
        """Return what one of the calls gave in a replay."""
        result: Any = made[part.call.number]
        return result if part.index is None else result[part.index]  # type: ignore[no-any-return]


def handle_of(part: Any) -> Any:
    """Return what a tensor is another name of, or a view into: `w` for `w.data[0]`."""
    while isinstance(part, Made) and part.call.name in (HANDLES | {"__getitem__", "view"}):
        part = part.call.args[0]
    return part


def plain(tensor: Tensor) -> Tensor:
    """Return the tensor with which `torch.func` computes, where it hides it in another one."""
    while _functorch.is_gradtrackingtensor(tensor):
        tensor = _functorch.get_unwrapped(tensor)
    return tensor


def any_grad(tensors: Mapping[Any, Tensor | None]) -> bool:
    """Return whether one of some gradients is there and not zero."""
    return any(grad is not None and bool(torch.any(grad != 0)) for grad in tensors.values())
