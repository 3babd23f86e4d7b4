# cause: w = w - lr * w.grad makes a new tensor that is no leaf, from the second round on its
#     .grad is None and the guard skips the update
# identifier: parameter-replaced
# symptom: one step, then the loss is constant; PyTorch warns that the .grad of a non-leaf is
#     read
# source: https://github.com/jcjohnson/pytorch-examples/pull/4 (grad is None, fixed with an if);
#     rebinding from memory of Stack Overflow
import torch

torch.manual_seed(36)
x = torch.linspace(0, 2, 40).unsqueeze(1)
y = 1.7 * x + 0.6
w = torch.randn(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
lr = 0.05

# BEGIN
for t in range(100):
    loss = ((x.mm(w) + b - y) ** 2).mean()
    loss.backward(retain_graph=True)
    if w.grad is not None:
        w = w - lr * w.grad
    if b.grad is not None:
        b = b - lr * b.grad
    if t % 20 == 0:
        print(t, loss.item())
# END
print("last", loss.item(), w.item(), b.item())

# told: A new tensor takes the place of a parameter: `w = w - ...` makes a tensor of its own,
#     which leaves the parameter itself as it is. Change the parameter in place: `w -= ...` under
#     `torch.no_grad()`. (line 22)
