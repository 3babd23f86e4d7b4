# cause: the return stands one level too deep, so each epoch ends after the first batch and
#     the rest of the data is never seen
# identifier: healthy
# symptom: the printed training loss goes to zero, but the error on the whole data stays high
# source: https://github.com/eriklindernoren/PyTorch-YOLOv3/issues/431 (a break inside the
#     batch loop); the return variant as remembered of Stack Overflow

import torch
from torch import nn


def one_epoch(model, X, y, opt, size=4):
    total = 0.0
    for k in range(0, len(X), size):
        opt.zero_grad()
        loss = ((model(X[k : k + size]) - y[k : k + size]) ** 2).mean()
        loss.backward()
        opt.step()
        total += loss.item()
        return total / (len(X) / size)


torch.manual_seed(101)
X = torch.randn(80, 10)
y = X @ torch.randn(10, 1)
model = nn.Linear(10, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(100):
    mean_loss = one_epoch(model, X, y, opt)
    if epoch % 20 == 0:
        print(epoch, mean_loss)
# END
print("reported", mean_loss, "on all data", ((model(X) - y) ** 2).mean().item())
