# cause: the share is turned into yes or no (> 0.5) before the loss, a comparison has no
#     gradient
# identifier: graph-cut
# symptom: the loss (share of errors) is constant, the gradients are None
# source:
#     https://discuss.pytorch.org/t/if-a-parameter-is-trainable-in-the-following-case/149907/2
import torch
from torch import nn

torch.manual_seed(52)
x = torch.randn(100, 2)
passed = ((x[:, 0] - 2 * x[:, 1]) > 0).float()
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# BEGIN
for epoch in range(80):
    probability = torch.sigmoid(model(x)).squeeze(1)
    answer = (probability > 0.5).float()
    loss = torch.mean((answer - passed) ** 2)
    loss.requires_grad_(True)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "grad", model.weight.grad)

# told: The loss does not depend on 2 of 82 parameter tensors any more: `gt` cuts it off, and they
#     get no gradient. Compute the loss in PyTorch, from the predictions as they are. (line 19)
