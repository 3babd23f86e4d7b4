# cause: none, weight decay of 0.01 shrinks the weights slightly and the loss ends just above
#     the noise
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(107)
X = torch.randn(100, 6)
y = X @ torch.tensor([[1.0], [-1.0], [2.0], [0.0], [0.5], [3.0]]) + 0.1 * torch.randn(100, 1)
net = nn.Linear(6, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, weight_decay=0.01)

# BEGIN
for epoch in range(150):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(X), y)
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())
