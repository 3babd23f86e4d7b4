# cause: zero_grad stands between backward and step, so step always sees empty gradients
# identifier: gradients-zeroed-before-step
# symptom: the loss is exactly the same number in every epoch
# source: https://github.com/gaozhihan/PreDiff/issues/32 (zero_grad in the wrong place erases
#     the gradient); the order itself as remembered of Stack Overflow

import torch
from torch import nn

torch.manual_seed(5)
inputs = torch.randn(40, 4)
labels = inputs.sum(dim=1, keepdim=True) * 0.7 - 1
lin = nn.Linear(4, 1)
adam = torch.optim.Adam(lin.parameters(), lr=0.01)
lossfun = nn.MSELoss()

# BEGIN
for epoch in range(60):
    out = lin(inputs)
    loss = lossfun(out, labels)
    loss.backward()
    adam.zero_grad()
    adam.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())

# told: The gradients are set to zero between `backward()` and the step: all 16 steps that were
#     looked at found none. Zero them before `backward()`, or after the step. (line 23)
