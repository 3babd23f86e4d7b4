# cause: x, x squared and x cubed go in unscaled (up to ten thousand and more), no rate suits
#     all three
# identifier: features-not-standardised
# also: rate-too-large
# symptom: the loss is inf after a few steps, then nan
# source: "Finding Polynomial Function Questions", PyTorch forum, November 2020

import torch

torch.manual_seed(59)
x = torch.randint(-25, 25, (120,)).float()
y = 6 * x**2 + 2 * x - 4
X = torch.stack([x, x**2, x**3], dim=1)
theta = torch.zeros(3, requires_grad=True)
bias = torch.zeros(1, requires_grad=True)
opt = torch.optim.SGD([theta, bias], lr=0.001)

# BEGIN
for epoch in range(50):
    pred = X @ theta + bias
    loss = ((pred - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
# END
print("theta", theta.detach())

# told: The features are not standardised: column 2 runs from -13,800 to 13,800. No rate suits all
#     directions (condition number 9.48e+07; standardised 30.1, so about 3,150,000 times fewer
#     steps). The loss is nan, and 6.98e-10 can be reached. Subtract each column's mean, and
#     divide by its standard deviation.
