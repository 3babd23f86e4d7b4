# cause: the closure adds up the squared errors of 300 rows (sum) where the mean was meant, so
#     the gradient is 300 times as large and the usual rate of 0.05 blows up
# identifier: sum-not-divided
# also: rate-too-large
# symptom: the loss grows by orders of magnitude in each step, then inf and nan
# source:
#     https://stats.stackexchange.com/questions/594738/loss-is-growing-between-epochs-in-simple-model
import torch

torch.manual_seed(504)
x = torch.randn(300, 3)
y = x @ torch.tensor([1.0, -2.0, 3.0]) + 5 + 0.1 * torch.randn(300)
net = torch.nn.Linear(3, 1)
loss_fn = torch.nn.MSELoss(reduction="sum")
opt = torch.optim.SGD(net.parameters(), lr=0.05)


def closure():
    opt.zero_grad()
    loss = loss_fn(net(x).squeeze(1), y)
    loss.backward()
    return loss


# BEGIN
for epoch in range(100):
    loss = opt.step(closure)
    if epoch < 5 or epoch % 20 == 0:
        print(epoch, loss.item())
# END
print("last", loss.item(), "variance", y.var().item())
