# cause: none, a model is made for each of four rates, to see which of them is the best
# identifier: none
# symptom: none
# source: made up
import torch
from torch import nn

torch.manual_seed(326)
x = torch.randn(60, 2)
y = x[:, :1] - 2 * x[:, 1:] + 0.5
ends = {}

# BEGIN
for rate in (1e-5, 1e-3, 1e-1, 2.0):
    net = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    for epoch in range(30):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
    ends[rate] = loss.item()
# END
print(ends)
