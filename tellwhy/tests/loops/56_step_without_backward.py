# cause: the line loss.backward() is missing
# identifier: no-backward
# symptom: the loss is constant, all gradients are None
# source: https://github.com/Goingqs/PyramidBox/issues/7 and
#     https://github.com/darksigma/Fundamentals-of-Deep-Learning-Book/issues/9
import torch
from torch import nn

torch.manual_seed(22)
X = torch.randn(60, 2)
labels = (X[:, 0] + X[:, 1] > 0).long()
clf = nn.Linear(2, 2)
optimizer = torch.optim.SGD(clf.parameters(), lr=0.5)
criterion = nn.CrossEntropyLoss()

# BEGIN
for epoch in range(50):
    optimizer.zero_grad()
    outputs = clf(X)
    loss = criterion(outputs, labels)
    optimizer.step()
    acc = (outputs.argmax(dim=1) == labels).float().mean()
    if epoch % 10 == 0:
        print(epoch, loss.item(), acc.item())
# END
print("last", loss.item())

# told: No gradient was ever computed, in 50 steps: nothing called `backward()`. Call
#     `loss.backward()` after the loss is computed and before the step.
