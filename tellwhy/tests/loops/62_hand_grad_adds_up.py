# cause: the gradients of the hand-written update are never set to zero
# identifier: gradients-not-zeroed
# symptom: w and b swing past the answer again and again and never settle
# source: https://github.com/greebear/pytorch-learning/issues/1 (linear regression demo, the two
#     zeroing lines are missing)
import torch

torch.manual_seed(16)
x = torch.randn(80)
y = -1.5 * x + 0.8
w = torch.zeros((), requires_grad=True)
b = torch.zeros((), requires_grad=True)

# BEGIN
for epoch in range(60):
    y_pred = w * x + b
    loss = (y_pred - y).pow(2).mean()
    loss.backward()
    w.data = w.data - 0.3 * w.grad.data
    b.data = b.data - 0.3 * b.grad.data
    if epoch % 6 == 0:
        print("epoch", epoch, "loss", loss.item(), "w", w.item())
# END
print("last", loss.item())

# told: The gradients are not set to zero: in 11 of 11 steps that were looked at, `backward()`
#     added to the gradient of the step before, so that each step follows a sum of many. Call
#     `optimizer.zero_grad()` in every step; by hand, `w.grad.zero_()` for each parameter. (line
#     18)
