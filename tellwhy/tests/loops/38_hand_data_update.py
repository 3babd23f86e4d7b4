# cause: none, linear regression by hand with .data, gradients set to zero after each step
# identifier: healthy
# symptom: none
# source: made up

import torch

torch.manual_seed(139)
X = torch.randn(90, 2)
y = X @ torch.tensor([1.5, -0.5]) + 2 + 0.1 * torch.randn(90)
w = torch.randn(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)

# BEGIN
for epoch in range(100):
    pred = X.mv(w) + b
    loss = (pred - y).pow(2).mean()
    loss.backward()
    w.data -= 0.1 * w.grad.data
    b.data -= 0.1 * b.grad.data
    w.grad.data.zero_()
    b.grad.data.zero_()
    if epoch % 20 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())
