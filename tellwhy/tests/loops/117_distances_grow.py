# cause: steps by hand add the gradient of a mean distance
# identifier: wrong-direction
# symptom: the loss grows at every step
# source: made up
import torch

torch.manual_seed(330)
X = torch.randn(80, 3)
y = X @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.1 * torch.randn(80, 1)
w = torch.zeros(3, 1, requires_grad=True)

# BEGIN
for epoch in range(60):
    loss = (X @ w - y).abs().mean()
    loss.backward()
    with torch.no_grad():
        w += 0.1 * w.grad
        w.grad.zero_()
# END
print("last", loss.item())

# told: The steps go up the slope: each adds 0.1 times the gradient, and the error went from 1.67
#     to 4.93. Subtract the gradient. (line 14)
