"""The closed list of what can be found in a training loop, and what is told of it."""

from typing import Any

from tellwhy.finding import Catalogue, Finding
from tellwhy.training.sites import Site

SAID = Catalogue({
    "no-backward": "No gradient was ever computed, in {steps} steps: nothing called `backward()`.\n"
    "Call `loss.backward()` after the loss is computed and before the step.",
    "no-step": "Gradients were computed {passes} times, and no parameter has moved: nothing took a "
    "step.\nCall `optimizer.step()`, with its parentheses, after `backward()`.",
    "gradients-not-zeroed": "The gradients are not set to zero: in {times} of {steps} steps that "
    "were looked at, `backward()` added to the gradient of the step before, so that each step "
    "follows a sum of many.\nCall `optimizer.zero_grad()` in every step; by hand, `w.grad.zero_()` "
    "for each parameter.",
    "gradients-zeroed-before-step": "The gradients are set to zero between `backward()` and the "
    "step: {times} of {steps} steps that were looked at found none.\nZero them before `backward()`, "
    "or after the step.",
    "other-parameters": "The optimizer holds other tensors than the model that you train: {idle} of "
    "its {held} never get a gradient, and {orphans} on which the loss depends are in no "
    "optimizer{names}.\nMake the optimizer after the model, from its parameters.",
    "parameter-replaced": "A new tensor takes the place of a parameter: {how}.\nChange the "
    "parameter in place: {cure}.",
    "parameter-frozen": "{what} does not require a gradient, so it never changes: {numbers}.\n"
    "Set `requires_grad` to `True`.",
    "graph-cut": "The loss does not depend on {cut} of {parameters} parameter tensors any more: "
    "{by} cuts it off, and they get no gradient.\nCompute the loss in PyTorch, from the "
    "predictions as they are.",
    "model-rebuilt": "The parameters are made anew in the loop: {models} times in {passes} passes, "
    "and each time training starts again (loss {first} when they are made, {last} when they are "
    "left).\nMake the model and its optimizer once, before the loop.",
    "wrong-direction": "The steps go up the slope: each adds {rate} times the gradient, and the "
    "loss went from {first} to {last}.\nSubtract the gradient.",
    "broadcast-loss": "Your loss is not what you think: `{left}` is {one} and `{right}` is {two}, "
    "so {both} is {shape}: every prediction with every label.\nReshape the labels: "
    "`{label}.reshape({wanted})`.",
    "not-finite-data": "The {what} hold {values} numbers that are not finite: {rows}. They make the "
    "loss and all gradients nan.\nMend these rows or leave them out; a division by zero may be "
    "where they come from.",
    "bounded-output": "The model cannot reach the labels: `{activation}` gives numbers {bounds}, "
    "the labels run from {low} to {high}, and {outside} of them lie outside. So the loss cannot "
    "fall below {least}.\nLeave the last activation out.",
    "activation-twice": "`{activation}` is applied twice, as `{loss}` applies it itself. It takes "
    "your probabilities for scores, and cannot fall below {least}.\nHand it the output of the last "
    "layer as it is.",
    "flat-function": "`{function}` lets no gradient through: its slope is zero, and so was every "
    "gradient in {passes} passes.\nLeave it out in training, and round afterwards.",
    "all-zero-start": "{zero} of {parameters} parameter tensors start at zero and have a gradient "
    "of exactly 0: layers of zeros pass nothing on.\nStart at small random numbers, as `nn.Linear` "
    "does by itself.",
    "no-bias": "The model has no bias, and the labels lie around {mean}: its loss is {last}, "
    "without a bias none below {without} can be reached, with one {best}.\nAdd a bias: `+ b`, or "
    "`bias=True`.",
    "sum-not-divided": "The loss is a sum over {rows} rows, so each step is {rows} times as long as "
    "with their mean, and the loss went from {first} to {last}.\nDivide by the number of rows: on "
    "the same batches and at the same rate, the mean goes from {mean} to {reached}.",
    "rate-too-large": "The learning rate of {rate} is too large: the loss went from {first} to "
    "{last}.\n{stable}",
    "rate-too-small": "The learning rate of {rate} is too small: in {steps} steps the loss went "
    "from {first} to {last}, and the way takes about {needed}.\n{stable}",
    "features-not-standardised": "The features are not standardised: {columns}. No rate suits all "
    "directions (condition number {raw}; standardised {standard}, so about {factor} times fewer "
    "steps). The loss is {last}, and {best} can be reached.\nSubtract each column's mean, and "
    "divide by its standard deviation.",
    "no-better-than-mean": "Nothing is learned from the features: the loss is {last}, always "
    "predicting the mean gives {mean}, and the best linear model {best}.\nDo the labels belong to "
    "their rows, and can this model say what the features say about them?",
    "healthy": "It learns: the loss went from {first} to {last}.\n{yardsticks}",
})  # fmt: skip


def told(
    name: str, site: Site | None = None, quoted: dict[str, str] | None = None, **numbers: Any
) -> Finding:
    """Return a finding; its sentence ends with the line, if it has one."""
    found = SAID.finding(
        name, quoted or {}, **{key: number(value) for key, value in numbers.items()}
    )
    where = f" ({site})" if site else ""
    return Finding(name, found.parameters, found.quoted, found.sentence + where)


def number(value: Any) -> str:
    """Return a number as it is told.

    Example:
        >>> number(1234567.0), number(0.0123456), number(1200), number((10, 1))
        ('1,230,000', '0.0123', '1,200', '(10, 1)')
    """
    if isinstance(value, float) and 1000 <= abs(value) < 1e7:
        value = round(float(f"{value:.2e}"))
    return (
        f"{value:,}"
        if type(value) is int
        else f"{value:.3g}"
        if isinstance(value, float)
        else str(value)
    )
