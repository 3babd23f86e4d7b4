# cause: x runs from 0 to 100 and is not scaled, so the rate must be tiny for the slope and
#     the intercept hardly moves
# identifier: features-not-standardised
# also: rate-too-small
# symptom: the slope is fitted at once, the loss stays far above the noise and the intercept
#     creeps
# source:
#     https://discuss.pytorch.org/t/bias-grad-in-linear-regression-remains-small-compared-to-weight-grad-and-intercept-is-not-properly-learnt/136505

import torch
from torch import nn

torch.manual_seed(53)
x = torch.linspace(0, 100, 100).unsqueeze(1)
y = 0.4 * x + 25 + torch.randn(100, 1)
model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
loss_function = nn.MSELoss()

# BEGIN
for epoch in range(500):
    optimizer.zero_grad()
    preds = model(x)
    loss = loss_function(preds, y)
    loss.backward()
    optimizer.step()
    if epoch % 100 == 0:
        print(epoch, loss.item(), model.bias.item())
# END
print(
    "slope",
    model.weight.item(),
    "intercept",
    model.bias.item(),
    "wanted 0.4 and 25; loss",
    loss.item(),
)

# told: The features are not standardised: column 0 runs from 0 to 100. No rate suits all
#     directions (condition number 13,200; standardised 1, so about 13,200 times fewer steps). The
#     loss is 152, and 1.08 can be reached. Subtract each column's mean, and divide by its
#     standard deviation.
