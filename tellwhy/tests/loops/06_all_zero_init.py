# cause: all weights start at zero, so no gradient reaches either layer and only the last bias
#     learns
# identifier: all-zero-start
# also: no-better-than-mean
# symptom: the same prediction for every input, the loss stops at the variance
# source: https://taourl.com/read-1959901.html

import torch
from torch import nn

torch.manual_seed(97)
x = torch.randn(64, 3)
y = x[:, :1] * 2 + x[:, 1:2].abs()
model = nn.Sequential(nn.Linear(3, 10), nn.ReLU(), nn.Linear(10, 1))
for p in model.parameters():
    nn.init.zeros_(p)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(200):
    optimizer.zero_grad()
    out = model(x)
    loss = nn.functional.mse_loss(out, y)
    loss.backward()
    optimizer.step()
    if epoch % 40 == 0:
        print(epoch, loss.item())
# END
print(
    "last", loss.item(), "variance", y.var().item(), "spread of the predictions", out.std().item()
)

# told: 3 of 4 parameter tensors start at zero and have a gradient of exactly 0: layers of zeros
#     pass nothing on. Start at small random numbers, as `nn.Linear` does by itself.
