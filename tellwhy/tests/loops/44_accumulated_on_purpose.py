# cause: none, five batches make one step, and the gradients are zeroed after it
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(200, 3)
y = X @ torch.randn(3, 1) + 2 + 0.1 * torch.randn(200, 1)
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

# BEGIN
for epoch in range(30):
    for k in range(10):
        part = slice(20 * k, 20 * k + 20)
        loss = nn.functional.mse_loss(net(X[part]), y[part]) / 5
        loss.backward()
        if k % 5 == 4:
            optimizer.step()
            optimizer.zero_grad()
# END
print("last", loss.item())

# told: It learns: the loss went from 1.51 to 0.00193. Always predicting the mean gives 0.691, the
#     best linear model 0.00193, on the 200 rows seen.
