# cause: none, the errors are summed and the rate is chosen for a sum
# identifier: healthy
# symptom: none
# source: made up
import torch

torch.manual_seed(148)
X = torch.randn(150, 2)
y = X @ torch.tensor([2.0, 0.5]) + 1 + 0.1 * torch.randn(150)
w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.0005)

# BEGIN
for epoch in range(100):
    loss = ((X @ w + b - y) ** 2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, loss.item() / len(y))
# END
print("last", loss.item() / len(y))
