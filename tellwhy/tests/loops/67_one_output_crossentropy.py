# cause: cross entropy over a single output column, the softmax of one number is always 1 and
#     the loss always 0
# identifier: one-class-output
# symptom: the loss is 0 from the start, the weights never change, accuracy stays at chance
# source:
#     https://discuss.pytorch.org/t/unable-to-learn-xor-representation-using-2-layers-of-multi-layered-perceptron-mlp/13287/3
#     (CrossEntropyLoss replaced in the answer); loss always 0 from memory of Stack Overflow
import torch
from torch import nn

torch.manual_seed(112)
x = torch.randn(80, 2)
label = (x[:, :1] > 0).float()
model = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()

# BEGIN
for epoch in range(50):
    scores = model(x)
    loss = criterion(scores, label)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        accuracy = ((scores > 0).float() == label).float().mean()
        print(epoch, loss.item(), accuracy.item())
# END
print("last", loss.item(), accuracy.item())

# told: `cross_entropy` sees a single output column: the probability of one class alone is always
#     1, so the loss is 0 and every gradient in 50 passes was exactly 0. Give a column for each
#     class, or use `binary_cross_entropy_with_logits` with one. (line 21)
