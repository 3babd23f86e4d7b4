# cause: the biases of the hidden layer start at -20, no relu unit ever fires and no gradient
#     reaches the first layer
# identifier: dead-units
# symptom: the prediction is one constant, the loss stops at the variance
# source: https://github.com/Yang7879/3D-RecGAN/issues/6 (dead relu, depends on initialisation)
import torch
from torch import nn

torch.manual_seed(120)
x = torch.rand(70, 3)
y = 2 * x[:, :1] - x[:, 1:2] + 4 * x[:, 2:]
net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
nn.init.constant_(net[0].bias, -20.0)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

# BEGIN
for step in range(200):
    pred = net(x)
    loss = (pred - y).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 40 == 0:
        print(step, loss.item())
# END
print("last", loss.item(), "variance", y.var().item(), "spread", pred.std().item())

# told: All 16 units of `relu` are zero for all 70 rows, from the first step on: so no gradient
#     reaches the layers before it, and they cannot learn. Start that layer with biases near 0 and
#     small random weights, as `nn.Linear` does by itself. (line 18)
