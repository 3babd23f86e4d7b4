# cause: none, a GAN with two optimizers; the discriminator's loss of true and false is two passes
# identifier: none
# symptom: none
# source: made up
import torch
from torch import nn


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 16), nn.LeakyReLU(0.2), nn.Linear(16, 2), nn.Tanh())

    def forward(self, z):
        return self.net(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1), nn.Sigmoid()
        )

    def forward(self, x):
        return self.net(x)


torch.manual_seed(313)
G, D = Generator(), Discriminator()
opt_g = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.999))
opt_d = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.999))
bce = nn.BCELoss()
ones, zeros = torch.ones(32, 1), torch.zeros(32, 1)

# BEGIN
for step in range(80):
    real = 0.3 * torch.randn(32, 2) + torch.tensor([0.5, -0.5])
    opt_d.zero_grad()
    bce(D(real), ones).backward()
    fake = G(torch.randn(32, 4))
    bce(D(fake.detach()), zeros).backward()
    opt_d.step()
    opt_g.zero_grad()
    loss_g = bce(D(fake), ones)
    loss_g.backward()
    opt_g.step()
# END
print("last", loss_g.item())
