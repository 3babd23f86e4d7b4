# cause: the gradients are set to zero directly after backward, before they are used
# identifier: gradients-zeroed-before-step
# symptom: w and b never change, no error
# source: https://github.com/llSourcell/pytorch_in_5_minutes/issues/1 (when to call
#     grad.data.zero_()?); the wrong order itself from memory
import torch

torch.manual_seed(18)
xs = torch.linspace(-1, 1, 40)
ys = 2.2 * xs - 0.4
weight = torch.randn(1, requires_grad=True)
bias = torch.randn(1, requires_grad=True)
params = [weight, bias]

# BEGIN
for it in range(50):
    loss = torch.mean((weight * xs + bias - ys) ** 2)
    loss.backward()
    for p in params:
        p.grad.zero_()
    with torch.no_grad():
        for p in params:
            p -= 0.1 * p.grad
    if it % 10 == 0:
        print(it, loss.item())
# END
print("last", loss.item(), weight.item(), bias.item())

# told: The gradients are set to zero between `backward()` and the step: all 15 steps that were
#     looked at found none. Zero them before `backward()`, or after the step. (line 23)
