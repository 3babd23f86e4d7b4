# cause: requires_grad of the weight is set to False inside the loop, only the bias is trained
# identifier: parameter-frozen
# symptom: the loss falls a little and stops near its value for a constant correction, the
#     weight never changes
# source:
#     https://boxofcuriosities.co.uk/post/how-can-requires-grad-be-true-immediately-after-i-set-it-to

import torch
from torch import nn

torch.manual_seed(6)
dose = torch.randn(50, 1)
effect = -2.5 * dose + 1.0
model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# BEGIN
for epoch in range(120):
    model.weight.requires_grad = False
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(dose), effect)
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
# END
print("weight", model.weight.item(), "bias", model.bias.item(), "loss", loss.item())

# told: Training cannot change `model.weight`, as `requires_grad` is `False` there: the loss is
#     10.5, and 1.33e-14 can be reached. Set it to `True`. (line 20)
