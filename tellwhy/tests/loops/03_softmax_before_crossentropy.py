# cause: softmax in the model and again inside cross entropy, the probabilities are squashed
#     and the loss cannot fall below about 0.55 for three classes
# identifier: activation-twice
# symptom: the loss creeps and stops near 0.55 although the classes are easy to separate
# source:
#     https://pythonkb.com/python-should-i-use-softmax-as-output-when-using-cross-entropy-loss-in-pytorch
#     and https://datarekha.com/interview/deep-learning/debugging-model-not-learning/

import torch
from torch import nn

torch.manual_seed(89)
centres = torch.tensor([[3.0, 0.0], [-3.0, 0.0], [0.0, 4.0]])
labels = torch.arange(90) % 3
points = centres[labels] + 0.5 * torch.randn(90, 2)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3), nn.Softmax(dim=1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
criterion = nn.CrossEntropyLoss()

# BEGIN
for epoch in range(300):
    probs = net(points)
    loss = criterion(probs, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 60 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "accuracy", (probs.argmax(1) == labels).float().mean().item())

# told: `softmax` is applied twice, as `cross_entropy` applies it itself. It takes your
#     probabilities for scores, and cannot fall below 0.551. Hand it the output of the last layer
#     as it is. (line 22)
