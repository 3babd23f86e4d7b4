# cause: sigmoid in the model, and binary_cross_entropy_with_logits applies it again
# identifier: activation-twice
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3)
y = (X.sum(1) > 0).float()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 8), nn.Linear(8, 1)

    def forward(self, x):
        return torch.sigmoid(self.b(torch.relu(self.a(x)))).squeeze(1)


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
crit = nn.BCEWithLogitsLoss()
total = 0

# BEGIN
for step in range(60):
    loss = crit(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    total += loss
# END

# told: `sigmoid` is applied twice, as `binary_cross_entropy_with_logits` applies it itself. It
#     takes your probabilities for scores, and cannot fall below 0.49. Hand it the output of the
#     last layer as it is. (line 18, in `forward`)
