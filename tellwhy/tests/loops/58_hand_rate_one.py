# cause: the step size of 1.2 is too large for this problem, each step jumps over the minimum
#     and lands further away
# identifier: rate-too-large
# symptom: the loss grows by a constant factor until inf and nan
# source: https://blog.51cto.com/u_16213299/7145640 (unstable learning rate); the case itself
#     from memory of many beginners' questions
import torch

torch.manual_seed(60)
X = torch.randn(100, 2)
y = X @ torch.tensor([2.0, 1.0]) - 3
w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 1.2

# BEGIN
for epoch in range(120):
    loss = ((X @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
    w.grad = None
    b.grad = None
    if epoch % 20 == 0:
        print(f"{epoch}: {loss.item():.4g}")
# END
print("last", loss.item())

# told: The learning rate of 1.2 is too large: the loss went from 12.6 to inf. At a rate of 0.6
#     the same batches bring it to 0, at 1.2 to inf.
