# cause: the first steps are far too large and throw all relu units into the region where they
#     are zero, then nothing but the last bias can learn
# identifier: rate-too-large
# also: no-better-than-mean
# symptom: one huge loss, then the variance of the targets for good; all predictions equal
# source: https://github.com/ibab/tensorflow-wavenet/issues/143 and
#     https://github.com/keras-team/keras/issues/7057 (dead relu after too high a rate)
import torch
from torch import nn

torch.manual_seed(64)
x = torch.rand(80, 2) * 3
y = 5 + 4 * x[:, :1] + x[:, 1:] ** 2
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.2)

# BEGIN
for epoch in range(150):
    out = net(x)
    loss = nn.functional.mse_loss(out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
# END
print(
    "last", loss.item(), "variance", y.var().item(), "spread of the predictions", out.std().item()
)
