# cause: biases start at -30, so that every unit is off
# identifier: dead-units
# source: written for this test, after no report
import torch
from torch import nn

torch.manual_seed(0)
X = torch.rand(60, 4)
y = X.sum(1, keepdim=True)
hidden, last = nn.Linear(4, 12), nn.Linear(12, 1)
nn.init.constant_(hidden.bias, -30.0)
opt = torch.optim.Adam([*hidden.parameters(), *last.parameters()], lr=0.001)

# BEGIN
for step in range(80):
    loss = nn.functional.mse_loss(last(torch.relu(hidden(X))), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
# END

# told: All 12 units of `relu` are zero for all 60 rows, from the first step on: so no gradient
#     reaches the layers before it, and they cannot learn. Start that layer with biases near 0 and
#     small random weights, as `nn.Linear` does by itself. (line 16)
