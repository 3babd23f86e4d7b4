# cause: softmax over the classes of each place, and cross_entropy applies it again
# identifier: activation-twice
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(20, 2, 10)
y = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
net = nn.Sequential(nn.Conv1d(2, 8, 1), nn.ReLU(), nn.Conv1d(8, 3, 1), nn.Softmax(dim=1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)

# BEGIN
for e in range(60):
    loss = nn.CrossEntropyLoss()(net(X), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
# END

# told: `softmax` is applied twice, as `cross_entropy` applies it itself. It takes your
#     probabilities for scores, and cannot fall below 0.551. Hand it the output of the last layer
#     as it is. (line 15)
