# cause: w is made anew as a fresh tensor in each epoch, the optimizer still holds the first w
# identifier: parameter-replaced
# also: other-parameters
# symptom: w stays what it was at the start (its copy of the start), the loss is constant, only
#     b moves
# source: https://github.com/pytorch/pytorch/issues/14467 (optimizer does not notice that the
#     parameters changed); the detach variant from memory
import torch

torch.manual_seed(32)
X = torch.randn(70, 2)
y = X @ torch.tensor([3.0, -2.0]) + 0.1
w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1)

# BEGIN
for epoch in range(80):
    w = w.detach().clone().requires_grad_(True)
    loss = ((X @ w + b - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, loss.item(), w.tolist())
# END
print("last", loss.item(), "w", w.tolist(), "b", b.item())

# told: A new tensor takes the place of a parameter: `w` is a new parameter, and the optimizer steps
#     the old one. Change the parameter in place: `parameter.data.clamp_(...)` or
#     `parameter.data.copy_(...)`; or make the optimizer anew. (line 19)
