# cause: the squared errors are added up, not averaged, so the gradient is a thousand times
#     larger than the rate was meant for
# identifier: sum-not-divided
# also: rate-too-large
# symptom: the loss grows in each round, soon inf, then nan
# source:
#     https://stats.stackexchange.com/questions/594738/loss-is-growing-between-epochs-in-simple-model

import torch

torch.manual_seed(47)
n = 1000
x = torch.rand(n) * 2 - 1
y = 1.2 * x + 0.3 + 0.05 * torch.randn(n)
slope = torch.zeros(1, requires_grad=True)
offset = torch.zeros(1, requires_grad=True)
lr = 0.01

# BEGIN
for k in range(60):
    residual = slope * x + offset - y
    loss = (residual**2).sum()
    loss.backward()
    with torch.no_grad():
        slope -= lr * slope.grad
        offset -= lr * offset.grad
    slope.grad.zero_()
    offset.grad.zero_()
    if k % 10 == 0:
        print(k, loss.item())
# END
print("last", loss.item())

# told: The loss is a sum over 1,000 rows, so each step is 1,000 times as long as with their mean,
#     and the loss went from 568 to nan. Divide by the number of rows: on the same batches and at
#     the same rate, the mean goes from 0.568 to 0.225.
