# cause: the last layer goes through tanh, so the model cannot say anything outside -1 and 1
#     while the targets run to 15
# identifier: bounded-output
# symptom: the loss falls at first and stops at a high level, predictions stick at 1
# source: https://github.com/UC-IIC2613/Syllabus/issues/208 (course forum: does not train with
#     tanh or sigmoid on the last layer)

import torch
from torch import nn


class TemperatureNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 10)
        self.second = nn.Linear(10, 1)

    def forward(self, x):
        x = torch.tanh(self.first(x))
        return torch.tanh(self.second(x))


torch.manual_seed(67)
x = torch.randn(80, 2)
y = 8 + 3 * x[:, :1] - x[:, 1:]
model = TemperatureNet()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

# BEGIN
for epoch in range(200):
    optimizer.zero_grad()
    y_hat = model(x)
    loss = torch.mean((y_hat - y) ** 2)
    loss.backward()
    optimizer.step()
    if epoch % 40 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "largest prediction", y_hat.max().item())

# told: The model cannot reach the labels: `tanh` gives numbers between -1 and 1, the labels run
#     from -1.15 to 17.1, and 99% of them lie outside. So the loss cannot fall below 55.6. Leave
#     the last activation out. (line 20, in `forward`)
