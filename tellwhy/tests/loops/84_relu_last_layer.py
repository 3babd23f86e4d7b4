# cause: a relu on the last layer, the targets are mostly negative and can never be reached
# identifier: bounded-output
# symptom: the negative targets are all predicted as 0, the loss stays high
# source: https://github.com/ibab/tensorflow-wavenet/issues/143 (relu layers at the end cut off
#     the output); the temperatures are made up
import torch
from torch import nn


class Winter(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(1, 12)
        self.fc2 = nn.Linear(12, 1)

    def forward(self, day):
        return nn.functional.relu(self.fc2(nn.functional.relu(self.fc1(day))))


torch.manual_seed(96)
day = torch.linspace(-1, 1, 80).unsqueeze(1)
degrees = 12 * day - 6
net = Winter()
opt = torch.optim.Adam(net.parameters(), lr=0.02)

# BEGIN
for epoch in range(300):
    opt.zero_grad()
    guess = net(day)
    loss = nn.functional.mse_loss(guess, degrees)
    loss.backward()
    opt.step()
    if epoch % 60 == 0:
        print(epoch, loss.item())
# END
print(
    "last",
    loss.item(),
    "smallest prediction",
    guess.min().item(),
    "smallest target",
    degrees.min().item(),
)

# told: The model cannot reach the labels: `relu` gives numbers above 0, the labels run from -18
#     to 6, and 75% of them lie outside. So the loss cannot fall below 82. Leave the last
#     activation out. (line 17, in `forward`)
