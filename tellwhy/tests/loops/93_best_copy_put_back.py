# cause: after some epochs the best copy of the model takes its place, and the optimizer steps the
#     parameters of the one that is gone
# identifier: parameter-replaced
# also: other-parameters
# symptom: from that epoch on the loss is the same to all digits
# source: made up, after questions on deepcopy and the best model
import copy

import torch
from torch import nn

torch.manual_seed(306)
x = torch.rand(150, 2) * 4 - 2
y = (x[:, :1] * x[:, 1:]) + 0.1 * torch.randn(150, 1)
model = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
best, best_loss = None, float("inf")

# BEGIN
for epoch in range(100):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    if loss.item() < best_loss:
        best, best_loss = copy.deepcopy(model), loss.item()
    optimizer.step()
    if epoch == 30:
        model = best
    if epoch % 10 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())

# told: A new tensor takes the place of a parameter: `model[0].weight` is a new parameter, and the
#     optimizer steps the old one. Change the parameter in place: `parameter.data.clamp_(...)` or
#     `parameter.data.copy_(...)`; or make the optimizer anew. (line 22)
