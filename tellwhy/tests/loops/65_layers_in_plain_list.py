# cause: the hidden layers sit in a plain Python list, so parameters() gives only the output
#     layer to the optimizer
# identifier: other-parameters
# symptom: the hidden layers never change; only the last layer learns and the loss stops far
#     above zero
# source:
#     https://theflyingbirds.in/blog/pytorch-mysteries-lets-understand-nnmodule-nnparameter-modulelist-sequential-and-the-classic-layers-linear-activations-dropout
#     and https://www.engineermaxxing.com/micro/lessons/pytorch-internals.html
import torch
from torch import nn


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 3), nn.Linear(3, 3)]
        self.out = nn.Linear(3, 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.out(x)


torch.manual_seed(28)
x = torch.randn(100, 2)
y = 3 * x[:, :1] * x[:, 1:]
model = Deep()
opt = torch.optim.Adam(model.parameters(), lr=0.02)

# BEGIN
for epoch in range(250):
    opt.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    opt.step()
    if epoch % 50 == 0:
        print(epoch, loss.item())
# END
print(
    "last",
    loss.item(),
    "variance",
    y.var().item(),
    "trained tensors",
    len(list(model.parameters())),
)

# told: The optimizer holds other tensors than the model that you train: 4 on which the loss
#     depends are in no optimizer (`layer.bias`, `layer.bias`, `layer.weight`), and with them in
#     it the same batches bring the loss to 0.306. Make the optimizer after the model, from all
#     its parameters; `parameters()` misses the layers in a plain Python list, and finds those in
#     an `nn.ModuleList`. (line 36)
