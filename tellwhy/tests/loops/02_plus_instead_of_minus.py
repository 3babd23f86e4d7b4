# cause: the gradient is added instead of subtracted, the loop climbs
# identifier: wrong-direction
# symptom: the loss grows in every round until inf and nan
# source: as remembered (Stack Overflow: gradient descent diverges, sign of the update)

import torch

torch.manual_seed(103)
x = torch.randn(50)
y = 2 * x + 1
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
alpha = 0.05

# BEGIN
for i in range(100):
    cost = torch.mean((y - (w * x + b)) ** 2)
    cost.backward()
    w.data += alpha * w.grad.data
    b.data += alpha * b.grad.data
    w.grad.data.zero_()
    b.grad.data.zero_()
    if i % 20 == 0:
        print(i, cost.item())
# END
print("last", cost.item())

# told: The steps go up the slope: each adds 0.05 times the gradient, and the error went from 5.31
#     to 2.51e+10. Subtract the gradient. (line 17)
