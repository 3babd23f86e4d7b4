# cause: the step size 4e-7 is far too small for the number of iterations
# identifier: rate-too-small
# symptom: the loss goes down steadily but only in the fourth digit
# source:
#     https://stats.stackexchange.com/questions/320289/approximate-the-sine-function-with-shallow-neural-network
#     (learning rate 4e-7)

import torch

torch.manual_seed(41)
x = torch.randn(100, 1)
y = 0.9 * x - 0.4
w1 = torch.randn(1, 8, requires_grad=True)
w2 = torch.randn(8, 1, requires_grad=True)
c = torch.zeros(1, requires_grad=True)
rate = 4e-7

# BEGIN
for i in range(400):
    hidden = torch.tanh(x @ w1)
    loss = (hidden @ w2 + c - y).pow(2).mean()
    loss.backward()
    for p in (w1, w2, c):
        p.data -= rate * p.grad.data
        p.grad.data.zero_()
    if i % 100 == 0:
        print(i, loss.item())
# END
print("last", loss.item())

# told: The learning rate of 4e-07 is too small: in 400 steps the loss went from 2.69 to 2.69, and
#     the way takes about 40,000,000. With a rate of 0.04 the same batches bring it to 0.00326 in
#     300 steps.
