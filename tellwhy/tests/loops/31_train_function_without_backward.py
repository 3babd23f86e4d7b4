# cause: the training function computes the loss and steps, but nobody calls backward
# identifier: no-backward
# symptom: the loss does not change, every .grad is None
# source: https://github.com/aalto-intelligent-robotics/sivl/issues/2 (the backward line
#     deleted while cleaning up)

import torch
from torch import nn


def train_one(model, batch, optimizer, loss_fn):
    model.train()
    xb, yb = batch
    optimizer.zero_grad()
    loss = loss_fn(model(xb), yb)
    optimizer.step()
    return loss.item()


torch.manual_seed(8)
x = torch.randn(64, 5)
y = x[:, :1] - 2 * x[:, 3:4]
model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
losses = []

# BEGIN
for epoch in range(40):
    value = train_one(model, (x, y), optimizer, nn.functional.mse_loss)
    losses.append(value)
# END
print("first", losses[0], "last", losses[-1])

# told: No gradient was ever computed, in 40 steps: nothing called `backward()`. Call
#     `loss.backward()` after the loss is computed and before the step.
