# cause: none, the rate rises from nothing in thirty steps, and falls to nothing at the end
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(322)
x = torch.randn(200, 3)
y = 2 * x[:, :1] - x[:, 1:2] + 0.7 + 0.1 * torch.randn(200, 1)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
warm = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(step / 30, (160 - step) / 130))

# BEGIN
for step in range(160):
    rows = torch.randint(200, (20,))
    loss = nn.functional.mse_loss(model(x[rows]), y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    warm.step()
# END
print("last", loss.item())
