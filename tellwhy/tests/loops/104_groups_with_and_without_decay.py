# cause: none, weights with decay, biases without, an embedding with a rate of its own
# identifier: healthy
# symptom: none
# source: made up
import torch
from torch import nn


class Ratings(nn.Module):
    def __init__(self):
        super().__init__()
        self.films = nn.Embedding(12, 6)
        self.people = nn.Embedding(20, 6)
        self.mix = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, film, person):
        return self.mix(torch.cat([self.films(film), self.people(person)], dim=1)).squeeze(1)


torch.manual_seed(317)
film, person = torch.randint(12, (300,)), torch.randint(20, (300,))
taste = torch.randn(12)[film] + torch.randn(20)[person]
model = Ratings()
decay = [p for name, p in model.mix.named_parameters() if name.endswith("weight")]
others = [p for name, p in model.mix.named_parameters() if name.endswith("bias")]
tables = [*model.films.parameters(), *model.people.parameters()]
optimizer = torch.optim.AdamW(
    [
        {"params": decay, "weight_decay": 0.01},
        {"params": others, "weight_decay": 0.0},
        {"params": tables, "weight_decay": 0.0, "lr": 0.02},
    ],
    lr=0.005,
)

# BEGIN
for epoch in range(25):
    for rows in torch.randperm(300).split(60):
        loss = nn.functional.mse_loss(model(film[rows], person[rows]), taste[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
# END
print("last", loss.item())
