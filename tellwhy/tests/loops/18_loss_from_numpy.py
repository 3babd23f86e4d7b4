# cause: the loss is computed in NumPy from detached predictions and turned into a tensor
#     again, so the graph ends there
# identifier: graph-cut
# symptom: the loss never changes and no error appears
# source: as remembered (Stack Overflow: custom loss with numpy, the network does not train)

import numpy as np
import torch
from torch import nn


def rmse(pred, true):
    gap = pred.detach().numpy() - true.numpy()
    return torch.tensor(np.sqrt(np.mean(gap**2)), requires_grad=True)


torch.manual_seed(23)
x = torch.randn(40, 2)
y = 3 * x[:, :1] - x[:, 1:]
net = nn.Linear(2, 1)
trainer = torch.optim.Adam(net.parameters(), lr=0.05)

# BEGIN
for i in range(100):
    trainer.zero_grad()
    loss = rmse(net(x), y)
    loss.backward()
    trainer.step()
    if i % 25 == 0:
        print("step", i, "rmse", loss.item())
# END
print("last", loss.item())
