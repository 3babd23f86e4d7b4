# cause: the losses of the samples are summed as Python numbers (.item()) and wrapped into a
#     new tensor, which knows nothing of the weights
# identifier: graph-cut
# symptom: the loss is the same in each epoch, w.grad is None
# source: as remembered (discuss.pytorch.org: summing the losses of single samples, grad is
#     None)

import torch
from torch import nn

torch.manual_seed(19)
points = [(float(i) / 10, 0.8 * i / 10 + 0.2) for i in range(20)]
model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# BEGIN
for epoch in range(25):
    summed = 0.0
    for a, b in points:
        guess = model(torch.tensor([[a]]))
        summed += ((guess - b) ** 2).item()
    loss = torch.tensor(summed / len(points), requires_grad=True)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
# END
print("grad of the weight:", model.weight.grad)

# told: The loss does not depend on 27 of 27 parameter tensors any more: `item` cuts it off, and
#     they get no gradient. Compute the loss in PyTorch, from the predictions as they are. (line
#     21)
