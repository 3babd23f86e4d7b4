# cause: the gradient of w is cleared after each step, that of b was forgotten, so all
#     gradients of b add up
# identifier: gradients-not-zeroed
# symptom: w is found, but b swings to and fro around its right value and the loss goes up and
#     down without end
# source: from memory (by-hand loops grown from one parameter to two)
import torch

torch.manual_seed(516)
x = torch.randn(150)
y = 4 * x + 12 + 0.3 * torch.randn(150)
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.05

# BEGIN
for step in range(400):
    y_hat = w * x + b
    loss = torch.mean((y_hat - y) ** 2)
    loss.backward()
    w.data -= lr * w.grad
    b.data -= lr * b.grad
    w.grad.zero_()
    if step % 25 == 0:
        print(step, loss.item(), b.item())
# END
print("last", loss.item(), "variance", y.var().item(), "w", w.item(), "b", b.item())
