# cause: none, a small rate, but enough rounds: the loss goes down slowly and gets there
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(144)
X = torch.randn(60, 2)
y = X @ torch.tensor([[1.0], [-1.5]]) + 0.5 + 0.1 * torch.randn(60, 1)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.003)

# BEGIN
for epoch in range(1500):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(X), y)
    loss.backward()
    optimizer.step()
    if epoch % 250 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())
