# cause: sigmoid everywhere with squared error and a rate of 0.01, the steps are far too small
#     for 1000 rounds
# identifier: rate-too-small
# also: no-better-than-mean
# symptom: the loss goes to 0.25 and stays there, every answer is near 0.5
# source: https://discuss.pytorch.org/t/simple-linear-sigmoid-network-not-learning/98714
import torch
from torch import nn

torch.manual_seed(72)
gates = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
same = torch.tensor([[1.0], [0.0], [0.0], [1.0]])
net = nn.Sequential(nn.Linear(2, 8), nn.Sigmoid(), nn.Linear(8, 1), nn.Sigmoid())
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

# BEGIN
for i in range(1000):
    answer = net(gates)
    loss = nn.functional.mse_loss(answer, same)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if i % 200 == 0:
        print(i, loss.item())
# END
print("last", loss.item(), answer.flatten().tolist())

# told: The learning rate of 0.01 is too small: in 1,000 steps the loss went from 0.251 to 0.25,
#     and the way takes about 1,000,000. With a rate of 10 the same batches bring it to 0.00136 in
#     300 steps.
