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
