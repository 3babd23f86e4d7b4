# cause: the layer was made with bias=False, but the data does not go through the origin
# identifier: no-bias
# symptom: the loss comes to rest far above the noise, the slope is bent to make up for the
#     missing intercept
# source: from memory (Stack Overflow: nn.Linear(bias=False) copied from an example, line goes
#     through the origin)
import torch
from torch import nn

torch.manual_seed(100)
x = torch.randn(60, 1)
y = 1.5 * x + 10 + 0.2 * torch.randn(60, 1)
model = nn.Linear(1, 1, bias=False)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(200):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    if epoch % 50 == 0:
        print("epoch", epoch, "loss", loss.item())
# END
print("last", loss.item(), "variance", y.var().item())

# told: The model has no bias, and the labels lie around 9.89: its loss is 99.8, without a bias
#     none below 99.8 can be reached, with one 0.0472. Add a bias: `+ b`, or `bias=True`. (line
#     20)
