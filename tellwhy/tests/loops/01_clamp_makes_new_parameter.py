# cause: after each step the weight is put back as a new Parameter (clamped), so the optimizer
#     keeps stepping a weight that the model no longer uses
# identifier: parameter-replaced
# also: other-parameters
# symptom: only the first step counts, afterwards only the bias learns and the loss stays high
# source: https://github.com/openvinotoolkit/nncf/pull/327 (replacing the parameter breaks the
#     updates); the clamp variant as remembered of discuss.pytorch.org

import torch
from torch import nn

torch.manual_seed(9)
x = torch.rand(60, 2) * 2
y = x @ torch.tensor([[1.5], [3.0]])
layer = nn.Linear(2, 1)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.05)

# BEGIN
for epoch in range(200):
    optimizer.zero_grad()
    loss = ((layer(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    layer.weight = nn.Parameter(layer.weight.detach().clamp(min=0.0))
    if epoch % 50 == 0:
        print(epoch, loss.item(), layer.weight.data)
# END
print("last", loss.item(), "weight", layer.weight.data, "wanted 1.5, 3.0")

# told: A new tensor takes the place of a parameter: `layer.weight` is a new parameter, and the
#     optimizer steps the old one. Change the parameter in place: `parameter.data.clamp_(...)` or
#     `parameter.data.copy_(...)`; or make the optimizer anew. (line 26)
