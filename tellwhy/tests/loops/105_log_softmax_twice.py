# cause: none: a log_softmax before the cross-entropy changes nothing, as it leaves a log_softmax
#     as it is
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(5, 16), nn.Linear(16, 3)

    def forward(self, x):
        return nn.functional.log_softmax(self.fc2(torch.relu(self.fc1(x))), dim=1)


torch.manual_seed(318)
x = torch.randn(120, 5)
y = x[:, :3].argmax(1)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()

# BEGIN
for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
# END
print("last", loss.item())
