# cause: a straight line is fitted to a symmetric parabola, the best line is the flat one at
#     the mean
# identifier: no-better-than-mean
# symptom: the loss stops at the variance of the targets
# source: "Failing to Learn a Quadratic Function with PyTorch", PyTorch forum, July 2020

import torch
from torch import nn

torch.manual_seed(79)
x = torch.linspace(-3, 3, 61).unsqueeze(1)
y = x**2
model = nn.Sequential(nn.Linear(1, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(300):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    if epoch % 60 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "variance", y.var(unbiased=False).item())

# told: Nothing is learned from the features: the loss is 7.68, always predicting the mean gives
#     7.68, and the best linear model 7.68. Do the labels belong to their rows, and can this model
#     say what the features say about them?
