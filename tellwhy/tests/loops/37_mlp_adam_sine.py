# cause: none, a small network fits a sine with Adam
# identifier: healthy
# symptom: none
# source: made up

import math

import torch
import torch.nn as nn


class Wave(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, width), nn.Tanh(), nn.Linear(width, 1))

    def forward(self, x):
        return self.body(x)


torch.manual_seed(131)
x = torch.linspace(-math.pi, math.pi, 100).view(-1, 1)
y = torch.sin(x)
model = Wave()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

# BEGIN
for epoch in range(500):
    optimizer.zero_grad()
    loss = nn.MSELoss()(model(x), y)
    loss.backward()
    optimizer.step()
    if epoch % 100 == 0:
        print(f"epoch {epoch} loss {loss.item():.5f}")
# END
print("last", loss.item())
