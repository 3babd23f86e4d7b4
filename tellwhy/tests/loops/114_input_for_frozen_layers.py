# cause: none, an input is made that fools frozen layers: they are to stay as they are
# identifier: none
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(324)
x = torch.randn(60, 2)
y = x[:, :1] - 2 * x[:, 1:] + 0.5
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).requires_grad_(False)
delta = torch.zeros_like(x, requires_grad=True)
optimizer = torch.optim.Adam([delta], lr=0.01, maximize=True)

# BEGIN
for step in range(60):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x + delta), y)
    loss.backward()
    optimizer.step()
# END
print("last", loss.item())
