# cause: none, a copy of the model follows it as a moving average, and is what is validated
# identifier: healthy
# symptom: none
# source: made up
import copy

import torch
from torch import nn


class EMA:
    def __init__(self, model, decay):
        self.model, self.decay = copy.deepcopy(model).eval(), decay
        for p in self.model.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for mine, new in zip(self.model.parameters(), model.parameters(), strict=True):
            mine.mul_(self.decay).add_(new, alpha=1 - self.decay)


torch.manual_seed(315)
x = torch.randn(128, 4)
y = x[:, :1] - 2 * x[:, 1:2] + 0.5 * x[:, 2:3] ** 2
model = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 1))
ema = EMA(model, 0.95)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

# BEGIN
for step in range(150):
    rows = torch.randperm(128)[:32]
    loss = (model(x[rows]) - y[rows]).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    ema.update(model)
    if step % 50 == 0:
        print(step, nn.functional.mse_loss(ema.model(x), y).item())
# END
print("last", nn.functional.mse_loss(ema.model(x), y).item())
