"""What is kept of a loop: its parameters, its losses with their gradients, and its steps."""

from dataclasses import dataclass, field

from torch import Tensor
from torch.optim import Optimizer

from tellwhy.training.sites import Site
from tellwhy.training.tape import Call, Made


@dataclass(slots=True)
class Held:
    """A parameter: a tensor that requires a gradient, or is a layer's parameter.

    Attributes:
        start: a copy of its first values, where there was room for it.
        first: the number of passes before it was first seen.
        origin: the call that made it, where a recorded one did.
    """

    tensor: Tensor
    name: str
    start: Tensor | None
    first: int
    origin: Call | None
    site: Site | None


@dataclass(slots=True)
class Pass:
    """A loss and its gradients.

    Attributes:
        calls: what led to the loss, and of the passes that are looked at closely all calls since
            the pass before; None where there was no room.
        reached: the identities of the parameters on which the loss depends.
        functional: whether `torch.func` made the gradients.
        values, before, after: the parameters, and their gradients before and after, by identity.
        changed: the identities of the parameters that were changed by hand after it.
        steps: how many steps of optimizers came after it.
        failed: whether the gradients could not be computed.
    """

    number: int
    site: Site | None
    loss: Made | None
    value: Tensor
    calls: list[Call] | None
    reached: list[int]
    functional: bool
    close: bool
    values: dict[int, Tensor] = field(default_factory=dict)
    before: dict[int, Tensor | None] = field(default_factory=dict)
    after: dict[int, Tensor | None] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    steps: int = 0
    failed: bool = False


@dataclass(slots=True)
class Step:
    """A step of an optimizer.

    Attributes:
        after: how many passes came before.
        rates: of its groups.
        missing: the identities of its parameters without a gradient.
        moves: whether a gradient is not zero; None where that was not looked at.
    """

    number: int
    optimizer: Optimizer
    after: int
    rates: tuple[float, ...]
    missing: frozenset[int]
    moves: bool | None
    site: Site | None
