# cause: the rows of X are shuffled, those of y are not, so inputs and targets have nothing to
#     do with each other
# identifier: no-better-than-mean
# symptom: the loss stops near the variance of y
# source: https://github.com/udacity/nd320-c1-emr-data-starter/issues/4 and
#     https://github.com/microsoft/CNTK/issues/3792 (shuffled data against labels in the old
#     order)
import torch
from torch import nn

torch.manual_seed(108)
X = torch.randn(300, 2)
y = X @ torch.tensor([[3.0], [-1.0]]) + 1
X = X[torch.randperm(300)]
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(60):
    for i in range(0, 300, 50):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(X[i : i + 50]), y[i : i + 50])
        loss.backward()
        optimizer.step()
    if epoch % 15 == 0:
        print(epoch, nn.functional.mse_loss(model(X), y).item())
# END
print("last", nn.functional.mse_loss(model(X), y).item(), "variance", y.var().item())

# told: Nothing is learned from the features: the loss is 13.3, always predicting the mean gives
#     13.4, and the best linear model 13.3. Do the labels belong to their rows, and can this model
#     say what the features say about them?
