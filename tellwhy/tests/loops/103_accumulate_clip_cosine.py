# cause: none, gradients of two batches are accumulated, clipped, and stepped with a rate that falls
#     as a cosine
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Trainer:
    def __init__(self, model, loader, epochs, accumulate=2):
        self.model, self.loader, self.epochs, self.accumulate = model, loader, epochs, accumulate
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        steps = epochs * len(loader) // accumulate
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, steps)

    def train(self):
        for _ in range(self.epochs):
            for i, (xb, yb) in enumerate(self.loader, 1):
                loss = nn.functional.cross_entropy(self.model(xb), yb)
                (loss / self.accumulate).backward()
                if i % self.accumulate == 0:
                    nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                    self.optimizer.step()
                    self.scheduler.step()
                    self.optimizer.zero_grad()
        return loss.item()


torch.manual_seed(316)
x = torch.randn(256, 6)
y = (x[:, :3] * 2 + 0.2 * torch.randn(256, 3)).argmax(1)
model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3))
trainer = Trainer(model, DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True), 20)

# BEGIN
last = trainer.train()
# END
print("last", last)
