# cause: none, the sigmoid belongs there, the targets are shares between 0 and 1
# identifier: healthy
# symptom: none
# source: made up

import torch
from torch import nn

torch.manual_seed(109)
x = torch.randn(120, 2)
share = torch.sigmoid(2 * x[:, :1] - x[:, 1:] + 0.3)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

# BEGIN
for epoch in range(200):
    guess = model(x)
    loss = nn.functional.mse_loss(guess, share)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 50 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())

# told: It learns: the loss went from 0.061 to 1.42e-11. Always predicting the mean gives 0.111,
#     the best linear model 0.00813, on the 120 rows seen.
