# cause: after each step the weight is normalised and put back as a new Parameter
# identifier: parameter-replaced
# symptom: the loss comes to rest far above the noise, as only the bias is trained
# source: made up

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3)
y = X @ torch.randn(3, 1) + 2 + 0.1 * torch.randn(200, 1)
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)

# BEGIN
for _ in range(50):
    loss = ((net(X) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    net.weight = nn.Parameter(net.weight / net.weight.norm())
# END
print("last", loss.item())
