# cause: one cell of the table is empty and came in as nan
# identifier: not-finite-data
# symptom: nan from the first epoch on, the weights are nan too
# source: https://github.com/circleAhn/TESLA-tf/issues/1 and
#     https://github.com/ratschlab/DeepSpot/issues/9 (all losses nan, missing values in the
#     input)
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(88)
table = torch.randn(64, 4)
target = table.sum(dim=1, keepdim=True)
table[41, 2] = float("nan")
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
loader = DataLoader(TensorDataset(table, target), batch_size=16, shuffle=True)

# BEGIN
for epoch in range(20):
    for rows, wanted in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(rows), wanted)
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "weight", model[0].weight[0, 0].item())

# told: Some features are not finite (1 of 64 numbers): row 9, column 2, of batch 2. They make the
#     loss and all gradients nan. Mend these rows or leave them out; a division by zero may be
#     where they come from.
