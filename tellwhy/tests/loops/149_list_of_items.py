# cause: the predictions are gathered as plain numbers with item() and made a tensor again
#     with requires_grad=True, which has no tie to the weights
# identifier: graph-cut
# symptom: backward runs without an error, but the weights get no gradient (None) and the loss
#     never changes
# source: https://github.com/nyukat/breast_cancer_classifier/issues/56
import torch
from torch import nn

torch.manual_seed(511)
x = torch.randn(50, 3)
y = x[:, 0] - 2 * x[:, 2] + 1 + 0.1 * torch.randn(50)
model = nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
mse = nn.MSELoss()

# BEGIN
for epoch in range(120):
    predictions = []
    for row in x:
        predictions.append(model(row).item())
    predictions = torch.tensor(predictions, requires_grad=True)
    loss = mse(predictions, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "variance", y.var().item())
