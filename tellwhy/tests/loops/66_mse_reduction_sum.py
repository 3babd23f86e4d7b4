# cause: MSELoss(reduction="sum") adds the errors of all 500 rows, the gradient is 500 times
#     that of the mean
# identifier: sum-not-divided
# also: rate-too-large
# symptom: the loss explodes although a rate of 0.01 is harmless with the mean
# source:
#     https://discuss.pytorch.org/t/finding-coefficients-of-a-polynomial-through-linear-regression/71751
#     (reduction="sum", diverges above 1e-4)
import torch
from torch import nn

torch.manual_seed(76)
X = torch.randn(500, 2)
y = X @ torch.tensor([[0.5], [1.5]]) + 2
net = nn.Linear(2, 1)
criterion = nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

# BEGIN
for epoch in range(60):
    optimizer.zero_grad()
    loss = criterion(net(X), y)
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())

# told: The loss is a sum over 500 rows, so each step is 500 times as long as with their mean, and
#     the loss went from 3,000 to nan. Divide by the number of rows: on the same batches and at
#     the same rate, the mean goes from 6 to 0.578.
