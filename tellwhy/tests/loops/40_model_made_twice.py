# cause: the model is created a second time after the optimizer, which still holds the
#     parameters of the first one
# identifier: other-parameters
# symptom: the loss does not move at all
# source: https://github.com/spro/practical-pytorch/issues/9

import torch
from torch import nn


class Regressor(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.fc = nn.Linear(n_in, 1)

    def forward(self, x):
        return self.fc(x)


torch.manual_seed(4)
X = torch.randn(70, 3)
Y = X @ torch.tensor([[1.0], [0.5], [-2.0]]) + 0.7
model = Regressor(3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss_fn = nn.MSELoss()
model = Regressor(3)

# BEGIN
for epoch in range(50):
    loss = loss_fn(model(X), Y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 9:
        print(epoch + 1, loss.item())
# END
print("last", loss.item())

# told: The optimizer holds other tensors than the model that you train: 2 of its 2 never get a
#     gradient, and 2 on which the loss depends are in no optimizer (`model.fc.bias`,
#     `model.fc.weight`). Make the optimizer after the model, from its parameters. (line 33)
