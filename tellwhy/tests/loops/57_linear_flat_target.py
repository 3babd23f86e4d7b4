# cause: y is a flat vector, nn.Linear gives a column, so the loss is taken over all pairs
# identifier: broadcast-loss
# symptom: the weights go to zero, the bias to the mean, the loss to the variance
# source:
#     https://discuss.pytorch.org/t/output-of-the-model-depends-on-the-shape-of-the-weights-tensor/148155
import torch
from torch import nn

torch.manual_seed(12)
X = torch.rand(128, 3)
y = X[:, 0] + X[:, 1] + X[:, 2]
m = torch.nn.Linear(3, 1)
optim = torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)

# BEGIN
for epoch in range(300):
    optim.zero_grad()
    loss = nn.functional.mse_loss(m(X), y)
    loss.backward()
    optim.step()
    if epoch % 60 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "weights", m.weight.data.tolist(), "bias", m.bias.item())
