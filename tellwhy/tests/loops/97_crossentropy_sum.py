# cause: the cross-entropy is a sum over the batch of 64, at a rate that suits the mean
# identifier: sum-not-divided
# also: rate-too-large
# symptom: the loss is in the hundreds and jumps up and down
# source: made up
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(310)
x = torch.randn(256, 10)
y = (x[:, :4] + 0.3 * torch.randn(256, 4)).argmax(1)
loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4))
criterion = nn.CrossEntropyLoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

# BEGIN
for epoch in range(15):
    for inputs, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
# END

# told: The loss is a sum over 64 rows, so each step is 64 times as long as with their mean, and
#     the loss went from 96.5 to nan. Divide by the number of rows: on the same batches and at the
#     same rate, the mean goes from 1.51 to 0.216.
