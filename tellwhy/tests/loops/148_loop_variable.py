# cause: p = p - lr * p.grad binds the name p of the for loop to a new tensor and leaves the
#     parameter as it was
# identifier: parameter-replaced
# symptom: the gradients are there and are not small, but the loss is the same in every epoch
#     and the parameters never change
# source: from memory (asked again and again, by hand and with model.parameters())
import torch
from torch import nn


def update(parameters, lr):
    with torch.no_grad():
        for p in parameters:
            p = p - lr * p.grad


torch.manual_seed(508)
x = torch.rand(120, 1) * 4 - 2
y = x**2 + 0.05 * torch.randn(120, 1)
model = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))

# BEGIN
for epoch in range(1000):
    loss = ((model(x) - y) ** 2).mean()
    model.zero_grad()
    loss.backward()
    update(model.parameters(), lr=0.1)
    if epoch % 200 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "variance", y.var().item())
