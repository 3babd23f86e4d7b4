# cause: the optimizer is made in the constructor, and the last layer is exchanged for one of
#     another size afterwards, so the new layer is in no optimizer
# identifier: other-parameters
# symptom: the accuracy stays near that of guessing
# source: made up, after questions on exchanging `model.fc`
import torch
from torch import nn


class Trainer:
    def __init__(self, model, rate):
        self.model = model
        for p in model.body.parameters():
            p.requires_grad = False
        self.optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        self.criterion = nn.CrossEntropyLoss()

    def fit(self, x, y, epochs):
        for epoch in range(epochs):
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            if epoch % 20 == 0:
                print(epoch, loss.item())


class Pretrained(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 24), nn.ReLU())
        self.fc = nn.Linear(24, 10)

    def forward(self, x):
        return self.fc(self.body(x))


torch.manual_seed(302)
x = torch.randn(90, 6)
y = x[:, :3].argmax(1)
model = Pretrained()
trainer = Trainer(model, 0.01)
model.fc = nn.Linear(24, 3)

# BEGIN
trainer.fit(x, y, 100)
# END
print("accuracy", (model(x).argmax(1) == y).float().mean().item())

# told: The optimizer holds other tensors than the model that you train: 2 of its 4 never get a
#     gradient, and 2 on which the loss depends are in no optimizer (`model.fc.bias`,
#     `model.fc.weight`). Make the optimizer after the model, from its parameters. (line 23, in
#     `fit`)
