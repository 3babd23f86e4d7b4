# cause: none, the gradients of four small batches are added on purpose before each step
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(136)
X = torch.randn(160, 4)
y = X[:, :1] - 2 * X[:, 1:2] + 0.5
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
accumulate = 4

# BEGIN
for epoch in range(20):
    for n, i in enumerate(range(0, 160, 10)):
        loss = nn.functional.mse_loss(model(X[i : i + 10]), y[i : i + 10])
        (loss / accumulate).backward()
        if (n + 1) % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
    if epoch % 5 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())
