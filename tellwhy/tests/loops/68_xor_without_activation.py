# cause: two linear layers without anything between them are one linear layer, and XOR is not
#     linear
# identifier: no-better-than-mean
# symptom: all four answers go to 0.5, the loss to 0.25
# source:
#     https://discuss.pytorch.org/t/unable-to-learn-xor-representation-using-2-layers-of-multi-layered-perceptron-mlp/13287/3
import torch
from torch import nn

torch.manual_seed(104)
bits = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
xor = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
model = nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

# BEGIN
for epoch in range(500):
    out = model(bits)
    loss = nn.functional.mse_loss(out, xor)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 100 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), out.flatten().tolist())
