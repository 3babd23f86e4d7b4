# cause: one feature is the same in all rows, standardising divides by zero and the whole
#     column becomes nan
# identifier: not-finite-data
# symptom: the loss is nan from the first epoch on
# source: as remembered (Stack Overflow: nan loss after normalising the features;
#     https://www.codegenes.net/blog/pytorch-cost-result-is-nan names division by zero)

import torch
from torch import nn

torch.manual_seed(61)
raw = torch.rand(50, 3) * 10
raw[:, 1] = 7.0
target = raw[:, :1] * 2 + raw[:, 2:] - 5
X = (raw - raw.mean(dim=0)) / raw.std(dim=0)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(40):
    out = model(X)
    loss = nn.functional.mse_loss(out, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())

# told: Some features are not finite (50 of 150 numbers): every row, column 1. They make the loss
#     and all gradients nan. Mend these rows or leave them out; a division by zero may be where
#     they come from.
