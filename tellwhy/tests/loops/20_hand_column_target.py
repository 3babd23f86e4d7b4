# cause: y is a column (N, 1) while the prediction X @ w + b is flat (N,), so every prediction
#     is compared with every target
# identifier: broadcast-loss
# symptom: the loss sinks to the variance of y and stays there, w goes to zero
# source:
#     https://discuss.pytorch.org/t/why-the-model-fail-to-converge-without-a-manul-weight-initialization/50431
#     (there the layer gave (N, 1) and the target (N,))

import torch

torch.manual_seed(11)
X = torch.randn(80, 2)
y = (5 * X[:, 0] + 3 * X[:, 1] + 0.1 * torch.randn(80)).reshape(-1, 1)
w = torch.randn(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.1

# BEGIN
for step in range(200):
    y_hat = X @ w + b
    loss = torch.mean((y_hat - y) ** 2)
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
        w.grad.zero_()
        b.grad.zero_()
    if step % 50 == 0:
        print(f"step {step}: {loss.item():.3f}")
# END
print("w", w.detach(), "loss", loss.item())

# told: Your loss is not what you think: `y_hat` is (80,) and `y` is (80, 1), so `y_hat - y` is
#     (80, 80): every prediction with every label. Reshape the labels: `y.reshape(-1)`. (line 21)
