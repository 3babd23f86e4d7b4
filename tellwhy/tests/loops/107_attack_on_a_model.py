# cause: none, an input is changed so that a trained model errs: the loss is driven up on purpose
# identifier: none
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(320)
x = torch.randn(50, 3)
y = x.sum(1, keepdim=True)
model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
fit = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(200):
    fit.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    fit.step()
delta = torch.zeros_like(x).uniform_(-0.01, 0.01).requires_grad_()
attack = torch.optim.Adam([delta], lr=0.01)

# BEGIN
for step in range(40):
    loss = -nn.functional.mse_loss(model(x + delta), y)
    attack.zero_grad()
    loss.backward()
    attack.step()
    delta.data.clamp_(-0.1, 0.1)
# END
print("last", -loss.item())
