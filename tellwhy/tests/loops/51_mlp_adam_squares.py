# cause: the network gives (N, 1), the targets are (N,), MSELoss broadcasts them to (N, N)
# identifier: broadcast-loss
# symptom: the loss stops at the variance of the targets, all predictions equal the mean;
#     PyTorch prints a warning
# source:
#     https://datascience.stackexchange.com/questions/115368/pytorch-neural-network-that-tries-to-approximate-z-i-x-i2-y-i2-not-conve
import torch
from torch import nn


class Bowl(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(2, 16)
        self.narrow = nn.Linear(16, 1)

    def forward(self, p):
        return self.narrow(torch.tanh(self.wide(p)))


torch.manual_seed(1)
points = torch.rand(150, 2)
z = points[:, 0] ** 2 + points[:, 1] ** 2
bowl = Bowl()
adam = torch.optim.Adam(bowl.parameters(), lr=0.01)
loss_fn = nn.MSELoss()

# BEGIN
for epoch in range(150):
    adam.zero_grad()
    loss = loss_fn(bowl(points), z)
    loss.backward()
    adam.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "variance", z.var().item())

# told: Your loss is not what you think: `bowl(points)` is (150, 1) and `z` is (150,), so their
#     difference is (150, 150): every prediction with every label. Reshape the labels:
#     `z.reshape(-1, 1)`. (line 31)
