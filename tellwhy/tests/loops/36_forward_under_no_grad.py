# cause: the forward pass runs under torch.no_grad, and requires_grad was switched on for the
#     loss by hand to silence the error
# identifier: graph-cut
# symptom: backward runs without complaint, all grads of the model stay None, the loss is
#     constant
# source: https://github.com/ronghuaiyang/arcface-pytorch/issues/56 (loss.requires_grad = True
#     to silence the error, the loss does not go down)

import torch
from torch import nn

torch.manual_seed(14)
X = torch.randn(48, 3)
Y = X.pow(2).sum(1, keepdim=True)
mlp = nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 1))
optimizer = torch.optim.Adam(mlp.parameters(), lr=0.01)

# BEGIN
for epoch in range(60):
    optimizer.zero_grad()
    with torch.no_grad():
        prediction = mlp(X)
    loss = nn.functional.mse_loss(prediction, Y)
    loss.requires_grad = True
    loss.backward()
    optimizer.step()
    if epoch % 15 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "grad", mlp[0].weight.grad)

# told: The loss does not depend on 4 of 8 parameter tensors any more: `torch.no_grad()` cuts it
#     off, and they get no gradient. Compute the loss in PyTorch, from the predictions as they
#     are. (line 22)
