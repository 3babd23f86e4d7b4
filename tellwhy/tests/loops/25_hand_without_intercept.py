# cause: the model is X @ w only, the targets lie around 30, and there is no intercept to take
#     that up
# identifier: no-bias
# symptom: the loss comes to rest near 900, far above the noise
# source: as remembered (Stack Overflow: gradient descent converges to the wrong line,
#     intercept column forgotten)

import torch

torch.manual_seed(73)
X = torch.randn(120, 2)
y = X @ torch.tensor([4.0, -2.0]) + 30 + 0.5 * torch.randn(120)
w = torch.zeros(2, requires_grad=True)

# BEGIN
for step in range(300):
    loss = ((X @ w - y) ** 2).mean()
    loss.backward()
    w.data = w.data - 0.1 * w.grad
    w.grad = None
    if step % 60 == 0:
        print(step, loss.item())
# END
print("last", loss.item(), "variance", y.var().item(), "w", w.detach())

# told: The model has no bias, and the labels lie around 30.1: its loss is 899, without a bias
#     none below 899 can be reached, with one 0.22. Add a bias: `+ b`, or `bias=True`. (line 17)
