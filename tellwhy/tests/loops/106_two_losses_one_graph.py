# cause: none, two losses of one graph add their gradients on purpose, and retain_graph keeps it
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(319)
x = torch.randn(100, 4)
height = x[:, :1] + 0.5
warm = (x[:, 1:2] > 0).float()
shared = nn.Sequential(nn.Linear(4, 16), nn.ReLU())
size, kind = nn.Linear(16, 1), nn.Linear(16, 1)
params = [*shared.parameters(), *size.parameters(), *kind.parameters()]
optimizer = torch.optim.Adam(params, lr=0.01)

# BEGIN
for epoch in range(90):
    optimizer.zero_grad()
    hidden = shared(x)
    loss_size = nn.functional.mse_loss(size(hidden), height)
    loss_size.backward(retain_graph=True)
    loss_kind = nn.functional.binary_cross_entropy_with_logits(kind(hidden), warm)
    loss_kind.backward()
    optimizer.step()
# END
print("last", loss_size.item(), loss_kind.item())
