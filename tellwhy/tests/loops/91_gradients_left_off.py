# cause: the function that validates switches gradients off and never on again, so the second epoch
#     computes a loss without a graph
# identifier: graph-cut
# symptom: element 0 of tensors does not require grad and does not have a grad_fn, in epoch 1
# source: made up, after questions on this message
import torch
from torch import nn


def validate(model, x, y):
    model.eval()
    torch.set_grad_enabled(False)
    return nn.functional.mse_loss(model(x), y).item()


torch.manual_seed(304)
x = torch.randn(80, 3)
y = x[:, :1] * 2 - x[:, 1:2]
model = nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Dropout(0.1), nn.Linear(12, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

# BEGIN
try:
    for epoch in range(5):
        model.train()
        for i in range(0, 60, 20):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x[i : i + 20]), y[i : i + 20])
            loss.backward()
            optimizer.step()
        print(epoch, validate(model, x[60:], y[60:]))
finally:
    torch.set_grad_enabled(True)
# END

# told: The loss does not depend on 4 of 4 parameter tensors any more: `torch.no_grad()` cuts it
#     off, and they get no gradient. Compute the loss in PyTorch, from the predictions as they
#     are. (line 28)
