# cause: the logarithm of the sales is taken and some sales are 0, the targets contain minus
#     infinity
# identifier: not-finite-data
# symptom: the loss is inf in the first step and nan afterwards
# source: https://github.com/summerlvsong/Aggregation-Cross-Entropy/issues/2 (log of 0, loss
#     nan), moved to the targets
import torch

torch.manual_seed(92)
price = torch.rand(80) * 2
sales = torch.poisson(torch.exp(1.5 - 1.2 * price))
log_sales = torch.log(sales)
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)

# BEGIN
for step in range(100):
    loss = torch.mean((price * w + b - log_sales) ** 2)
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
        w.grad.zero_()
        b.grad.zero_()
    if step % 25 == 0:
        print(step, loss.item())
# END
print("last", loss.item(), "zeros among the sales:", int((sales == 0).sum()))

# told: Some labels are not finite (30 of 80 numbers): row 1, 2, 8, 9, 12, .... They make the loss
#     and all gradients nan. Mend these rows or leave them out; a division by zero may be where
#     they come from.
