# cause: the model and its optimizer are created inside the epoch loop, so each epoch starts
#     from scratch
# identifier: model-rebuilt
# symptom: the loss jumps around the value of an untrained model and never goes down over the
#     epochs
# source: as remembered (Stack Overflow: accuracy is the same each epoch, model defined in the
#     loop)

import torch
from torch import nn

torch.manual_seed(29)
X = torch.randn(64, 4)
y = X @ torch.tensor([[1.0], [2.0], [-1.0], [0.5]]) + 3

# BEGIN
for epoch in range(20):
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for k in range(0, 64, 16):
        xb, yb = X[k : k + 16], y[k : k + 16]
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())
# END
print("last", loss.item())

# told: The parameters are made anew in the loop: 20 times in 80 passes, and each time training
#     starts again (loss 19.3 when they are made, 12.5 when they are left). Make the model and its
#     optimizer once, before the loop. (line 18)
