# cause: none, a likelihood is maximized: the loss rises on purpose, and the error falls
# identifier: none
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(323)
x = torch.randn(60, 2)
y = x[:, :1] - 2 * x[:, 1:] + 0.5
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02, maximize=True)

# BEGIN
for step in range(100):
    optimizer.zero_grad()
    likelihood = -nn.functional.mse_loss(model(x), y)
    likelihood.backward()
    optimizer.step()
# END
print("last", likelihood.item())
