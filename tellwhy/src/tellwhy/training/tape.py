"""What a loss was computed from: the calls that led to it, and their replay with other numbers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch._C import _functorch

from tellwhy.training.sites import Site

HANDLES = {"data.__get__", "detach", "detach_", "__getitem__", "view"}  # other names of a tensor
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
        yield from _flat([*self.args, *self.kwargs.values()])


@dataclass(slots=True, frozen=True, eq=False)
class Made:
    """The result of a call, or one part of it."""

    call: Call
    part: int | None = None


def _flat(parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, Made | Tensor):
            yield part
        elif isinstance(part, list | tuple):
            yield from _flat(part)


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


def roots(calls: Iterable[Call]) -> list[Tensor]:
    """Return the tensors that calls take and that no recorded call made, each once."""
    found = {id(part): part for call in calls for part in call.inputs() if isinstance(part, Tensor)}
    return list(found.values())


class Tape:
    """The calls that led to a loss.

    Attributes:
        data: the tensors from which it was computed, and which are no parameters.
        whole: whether it was computed from data and parameters alone, so that it can be replayed.
    """

    def __init__(self, loss: Made, keys: Mapping[int, Any], seen: float) -> None:
        """Take the loss, the names of the parameters by their identities, and the loss's value."""
        self.loss, self.keys, self.seen, self.calls = loss, keys, seen, upstream(loss)
        self.data = [root for root in roots(self.calls) if id(root) not in keys]
        used = {call.name for call in self.calls}
        self.whole = "grad.__get__" not in used and not any(
            part.requires_grad for part in self.data
        )

    def replay(
        self,
        values: Mapping[Any, Tensor],
        swap: Mapping[int, Tensor] | None = None,
        wanted: Made | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Compute the loss again, with other numbers.

        Args:
            values: of the parameters, by their names.
            swap: what stands in place of data, by the identity of the data.
            wanted: what is returned besides the loss.

        Returns:
            The loss, of several losses the sum, and what else was wanted.
        """
        made: dict[int, Any] = {}

        def now(part: Any) -> Any:
            if isinstance(part, Made):
                result = made[part.call.number]
                return result if part.part is None else result[part.part]
            if isinstance(part, Tensor):
                key = self.keys.get(id(part))
                return values[key] if key is not None else (swap or {}).get(id(part), part)
            return type(part)(map(now, part)) if type(part) in (list, tuple) else part

        for call in self.calls:
            args = [now(part) for part in call.args]
            if call.name in NORMS:
                args[1:3] = [part if part is None else part.clone() for part in args[1:3]]
            result = call.func(*args, **{key: now(part) for key, part in call.kwargs.items()})
            result = args[0] if call.inplace else result
            if isinstance(result, Tensor) and not call.needs:
                result = result.detach()
            made[call.number] = result
        return now(self.loss).sum(), now(wanted or self.loss)


def handle_of(part: Any) -> Any:
    """Return what a tensor is another name of, or a view into: `w` for `w.data[0]`."""
    while isinstance(part, Made) and part.call.name in HANDLES:
        part = part.call.args[0]
    return part


def plain(tensor: Tensor) -> Tensor:
    """Return the tensor with which `torch.func` computes, where it hides it in another one."""
    while _functorch.is_gradtrackingtensor(tensor):
        tensor = _functorch.get_unwrapped(tensor)
    return tensor


def any_grad(grads: Iterable[Tensor | None]) -> bool:
    """Return whether one of some gradients is there and not zero."""
    return any(grad is not None and bool((grad != 0).any()) for grad in grads)
