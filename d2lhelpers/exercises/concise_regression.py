"""The exercises of notebook 04."""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from d2lhelpers.exercises.base import Answer, Inputs, exercise, show, tenths


def _linear(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    """Return a layer with these values; no initial ones are drawn from the global stream."""
    outputs, inputs = weight.shape
    with torch.random.fork_rng(devices=[]):
        layer = nn.Linear(inputs, outputs, bias=bias is not None)
    layer.weight.data = weight
    if bias is not None:
        layer.bias.data = bias
    return layer


def _zeros(inputs: int, outputs: int, bias: bool = True) -> nn.Linear:
    return _linear(torch.zeros(outputs, inputs), torch.zeros(outputs) if bias else None)


def _draw_net(g: torch.Generator) -> Inputs:
    *sizes, without_bias = torch.randint(1, 9, (4,), generator=g).tolist()
    first, second = pairwise(sizes)
    return (nn.Sequential(_zeros(*first), _zeros(*second, bias=without_bias > 4)),)


def _own_parameter() -> nn.Module:
    """Return a net with a parameter of its own, and a layer further inside."""
    net = nn.Module()
    net.scale = nn.Parameter(torch.ones(5))
    net.body = nn.Sequential(_zeros(2, 3))
    return net


def _count_code(inputs: Inputs) -> str:
    (net,) = inputs
    if type(net) is not nn.Module:
        return f"count_parameters({show(net)})"
    return (
        "net = nn.Module()\n"
        f"net.scale = nn.Parameter({show(net.scale.data)})\n"
        f"net.body = {show(net.body)}\n"
        "count_parameters(net)"
    )


@exercise(
    fixed=[
        (nn.Sequential(_zeros(4, 3), _zeros(3, 2)),),
        (_zeros(3, 2),),
        (_zeros(2, 1, bias=False),),
        (_own_parameter(),),
        (nn.Sequential(_zeros(4, 3).requires_grad_(False), _zeros(3, 1)),),
    ],
    draw=_draw_net,
    hints=(
        "net.parameters() yields the tensors of all layers, one at a time.",
        "A tensor tells with numel() how many elements it has. Add these up over all parameters.",
    ),
    verified="any network: layers with and without bias, frozen, nested, own parameters",
    phrase=_count_code,
)
def count_parameters(net: nn.Module) -> int:
    """Return the number of elements in all parameters of a network."""
    return sum(parameter.numel() for parameter in net.parameters())


@count_parameters.mistake("This counts the tensors. Count the elements in them: numel().")
def _tensors(net: nn.Module) -> int:
    return len(list(net.parameters()))


@count_parameters.mistake("This counts the weights only. Biases are parameters too.")
def _weights_only(net: nn.Module) -> int:
    return sum(p.numel() for name, p in net.named_parameters() if name.endswith("weight"))


@count_parameters.mistake(
    "This counts the rows: len() of a tensor is the length of its first axis."
)
def _rows(net: nn.Module) -> int:
    return sum(len(p) for p in net.parameters())


@count_parameters.mistake("This adds the lengths of the axes. A (2, 3) weight has 2 * 3 elements.")
def _axes(net: nn.Module) -> int:
    return sum(sum(p.shape) for p in net.parameters())


@count_parameters.mistake("This counts the first layer only. net.parameters() goes through all.")
def _first_layer(net: nn.Module) -> int:
    layer = next(module for module in net.modules() if isinstance(module, nn.Linear))
    return sum(p.numel() for p in layer.parameters())


@count_parameters.mistake(
    "This counts the first tensor only. Is there a return inside the loop? Return after it."
)
def _first_tensor(net: nn.Module) -> int:
    return next(net.parameters()).numel()


@count_parameters.mistake(
    "This counts the last tensor only. Add up in the loop, with +=, instead of starting anew."
)
def _last_tensor(net: nn.Module) -> int:
    return list(net.parameters())[-1].numel()


@count_parameters.mistake(
    "This counts the layers only. A network can have parameters of its own; net.parameters() "
    "goes through all."
)
def _layers_only(net: nn.Module) -> int:
    layers = [module for module in net.modules() if isinstance(module, nn.Linear)]
    return sum(p.numel() for layer in layers for p in layer.parameters())


@count_parameters.mistake(
    "This leaves out frozen parameters, those with requires_grad False. Count all."
)
def _trainable(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


@exercise(
    fixed=[(0.1, 3), (0.03, 1), (0.5, 2), (0.0123, 5)],
    draw=lambda g: (
        int(torch.randint(1, 100, (), generator=g)) / 100,
        int(torch.randint(1, 10, (), generator=g)),
    ),
    hints=(
        "Two things differ: squared_loss has a half, and nn.MSELoss divides by the outputs too.",
        "How many times as large is the gradient of nn.MSELoss? Without the half twice, divided "
        "by q outputs 1/q. The rate must undo both.",
    ),
    verified="one output and several, at random learning rates",
)
def equivalent_lr(lr: float, num_outputs: int) -> float:
    """Return the rate at which `nn.MSELoss` takes the steps of `squared_loss` at rate lr.

    `squared_loss` is summed over the outputs and averaged over the batch.
    """
    return lr * num_outputs / 2


@equivalent_lr.mistake(
    "The factor is inverted. nn.MSELoss has 2/q times the gradient, so the rate is divided by 2/q."
)
def _inverted(lr: float, num_outputs: int) -> float:
    return lr * 2 / num_outputs


@equivalent_lr.mistake(
    "This is right for one output. With q outputs, nn.MSELoss divides by q as well."
)
def _outputs_forgotten(lr: float, num_outputs: int) -> float:
    return lr / 2


@equivalent_lr.mistake("The half of squared_loss is missing: it halves the gradient.")
def _half_forgotten(lr: float, num_outputs: int) -> float:
    return lr * num_outputs


@equivalent_lr.mistake(
    "The 2 is right, the number of outputs is on the wrong side: nn.MSELoss divides its gradient "
    "by q, so the rate is multiplied by q."
)
def _outputs_inverted(lr: float, num_outputs: int) -> float:
    return lr / (2 * num_outputs)


@equivalent_lr.mistake(
    "The number of outputs is right, the 2 is on the wrong side: without the half the gradient "
    "is twice as large, so the rate is halved."
)
def _half_inverted(lr: float, num_outputs: int) -> float:
    return lr * 2 * num_outputs


def _evaluated(answer: Answer, inputs: Inputs) -> dict[str, Any]:
    """Return the mean, and the traces that an evaluation should not leave."""
    net, loader, loss_fn = inputs
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    recorded = []
    net.register_forward_hook(lambda net, inputs, y_hat: recorded.append(y_hat.requires_grad))
    with torch.enable_grad():  # puts the setting back afterwards
        mean = answer(net, loader, loss_fn)
        still_recording = torch.is_grad_enabled()
    return {
        "mean": mean.detach() if isinstance(mean, Tensor) else mean,
        "graph recorded": any(recorded) or getattr(mean, "requires_grad", False),
        "training of all modules afterwards": [module.training for module in net.modules()],
        "requires_grad afterwards": [parameter.requires_grad for parameter in net.parameters()],
        "gradients changed": not all(
            parameter.grad is not None and bool((parameter.grad == 1).all())
            for parameter in net.parameters()
        ),
        "torch.is_grad_enabled() afterwards": still_recording,
    }


def _evaluate_code(inputs: Inputs) -> str:
    net, loader, loss_fn = inputs
    X, y = loader.dataset.tensors
    layer, name = (net[0], "net[0]") if isinstance(net, nn.Sequential) else (net, "net")
    values = f"{show(layer.weight.data)}, {show(layer.bias.data)}"
    return (
        f"net = {show(net)}{'' if net.training else '.eval()'}\n"
        f"{name}.weight.data, {name}.bias.data = {values}\n"
        f"dataset = TensorDataset({show(X)}, {show(y)})\n"
        f"evaluate(net, DataLoader(dataset, {loader.batch_size}), {show(loss_fn)})"
    )


def _draw_evaluation(g: torch.Generator) -> Inputs:
    n, batch_size, training = torch.randint(2, 6, (3,), generator=g).tolist()
    net = _linear(tenths(g, 1, 2), tenths(g, 1)).train(training > 3)
    return (
        net,
        DataLoader(TensorDataset(tenths(g, n, 2), tenths(g, n, 1)), batch_size),
        nn.MSELoss(),
    )


def _identity() -> nn.Linear:
    return _linear(torch.ones(1, 1), torch.zeros(1))


_COLUMN = torch.tensor([[1.0], [2.0], [3.0]])


@exercise(
    fixed=[
        (_identity(), DataLoader(TensorDataset(_COLUMN, 0 * _COLUMN), 2), nn.MSELoss()),
        (_identity().eval(), DataLoader(TensorDataset(_COLUMN, 0 * _COLUMN), 1), nn.L1Loss()),
        (  # p=1 drops every output, so that chance does not decide
            nn.Sequential(_identity(), nn.Dropout(1.0)),
            DataLoader(TensorDataset(_COLUMN, 4 * _COLUMN), 2),
            nn.MSELoss(),
        ),
    ],
    draw=_draw_evaluation,
    hints=(
        "The last batch may be smaller, so its mean counts less. How do you get the sum over a "
        "batch from its mean?",
        "Remember net.training, and call net.eval(). Inside torch.no_grad(), add up "
        "loss_fn(net(X), y) * len(y), and count the examples. Put the mode back with "
        "net.train(before), and divide at the end.",
    ),
    verified="even and uneven batches, two losses, dropout off, no graph, and the net as before",
    observe=_evaluated,
    phrase=_evaluate_code,
)
def evaluate(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> float:
    """Return the mean loss over all examples, with the net in eval mode meanwhile.

    loss_fn returns the mean over a batch.
    """
    before = net.training
    net.eval()
    total, num_examples = 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            total += loss_fn(net(X), y).item() * len(y)
            num_examples += len(y)
    net.train(before)
    return total / num_examples


@evaluate.mistake(
    "This is the mean of the batches' means: a smaller last batch counts as much as a full one. "
    "Weight each batch by its number of examples."
)
def _mean_of_means(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Tensor:
    with torch.no_grad():
        return torch.stack([loss_fn(net(X), y) for X, y in loader]).mean()


@evaluate.mistake(
    "A graph was recorded, for a gradient that nobody needs. Predict inside torch.no_grad()."
)
def _graph(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    losses = [loss_fn(net(X), y) * len(y) for X, y in loader]
    return sum(losses) / sum(len(y) for _, y in loader)


_MODE = (
    "The mode of the net was changed. Evaluating leaves no traces: remember net.training before, "
    "and put it back with net.train(before)."
)


@evaluate.mistake(_MODE)
def _left_in_eval(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    net.eval()
    with torch.no_grad():
        return _graph(net, loader, loss_fn)


@evaluate.mistake(_MODE)
def _left_in_train(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    mean = _left_in_eval(net, loader, loss_fn)
    net.train()
    return mean


@evaluate.mistake(
    "Dropout was on: in training mode it drops outputs at random. Remember net.training and call "
    "net.eval() first; put the mode back at the end with net.train(before)."
)
def _without_eval(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    with torch.no_grad():
        return _graph(net, loader, loss_fn)


@evaluate.mistake(
    "The mode was put back for the net alone, and its layers are still in eval mode. "
    "net.train(before) reaches them all; `net.training = before` does not."
)
def _layers_left_in_eval(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    before = net.training
    mean = _left_in_eval(net, loader, loss_fn)
    net.training = before
    return mean


@evaluate.mistake(
    "The parameters were frozen: requires_grad is False now, and they would no longer learn. "
    "Predict inside torch.no_grad() instead."
)
def _frozen(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    net.requires_grad_(False)
    return _graph(net, loader, loss_fn)


_GRADIENTS = (
    "The gradients of the parameters were changed. Evaluating calls neither backward() nor "
    "zero_grad()."
)


@evaluate.mistake(_GRADIENTS)
def _backward(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    mean = _graph(net, loader, loss_fn)
    mean.backward()
    return mean


@evaluate.mistake(_GRADIENTS)
def _zero_grad(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    net.zero_grad()
    return _without_eval(net, loader, loss_fn)


@evaluate.mistake(
    "Gradients are switched off for the whole session now. `with torch.no_grad():` ends by itself."
)
def _switched_off(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    torch.set_grad_enabled(False)
    return _graph(net, loader, loss_fn)


@evaluate.mistake(
    "The means of the batches are added as if they were sums. Multiply each by its number of "
    "examples first."
)
def _unweighted(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    with torch.no_grad():
        return sum(loss_fn(net(X), y) for X, y in loader) / sum(len(y) for _, y in loader)


@evaluate.mistake("This is the sum over all examples. Divide by their number.")
def _sum(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    with torch.no_grad():
        return sum(loss_fn(net(X), y) * len(y) for X, y in loader)


@evaluate.mistake("This is the mean of the last batch only. Add up over all batches.")
def _last_batch(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> Any:
    with torch.no_grad():
        return [loss_fn(net(X), y) for X, y in loader][-1]


@evaluate.mistake("The function returns nothing. Is there a return at its end?")
def _nothing(net: nn.Module, loader: DataLoader[Any], loss_fn: Answer) -> None:
    with torch.no_grad():
        for X, y in loader:
            loss_fn(net(X), y)


__all__ = ["count_parameters", "equivalent_lr", "evaluate"]
