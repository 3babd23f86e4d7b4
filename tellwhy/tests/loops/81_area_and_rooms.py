# cause: square metres squared (tens of thousands) stand beside the number of rooms (a few),
#     unscaled, so the step that suits one explodes for the other
# identifier: features-not-standardised
# also: rate-too-large
# symptom: the loss is inf after some steps, then nan
# source: https://syntaxbug.com/d1e7d3ba69/ (Boston prices, loss is NaN)
import torch
from torch import nn

torch.manual_seed(84)
size = torch.rand(100, 1) * 9000 + 500
rooms = torch.randint(1, 7, (100, 1)).float()
house = torch.cat([size, rooms], dim=1)
price = 0.02 * size + 10 * rooms + 20
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.001)

# BEGIN
for epoch in range(50):
    for i in range(0, 100, 25):
        pred = model(house[i : i + 25])
        loss = ((pred - price[i : i + 25]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item())
