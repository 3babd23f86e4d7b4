# cause: the temperatures run from -500 to 500 and are not scaled, the rate must be tiny for the
#     factor and the 32 degrees are never reached
# identifier: features-not-standardised
# also: rate-too-small
# symptom: the factor is right at once, the intercept crawls (far from 32), the loss stays near
#     1000
# source:
#     https://forums.fast.ai/t/help-with-simple-celcius-to-f-linear-regression-using-pytorch-gradient-descent-autograd/18783
import torch

torch.manual_seed(80)
celsius = torch.rand(200) * 1000 - 500
fahrenheit = 1.8 * celsius + 32 + 0.3 * torch.randn(200)
a = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
lr = 1e-6

# BEGIN
for t in range(1000):
    loss = ((a * celsius + b - fahrenheit) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        a.sub_(lr * a.grad)
        b.sub_(lr * b.grad)
        a.grad.zero_()
        b.grad.zero_()
    if t % 200 == 0:
        print(t, loss.item(), a.item(), b.item())
# END
print("last", loss.item(), "a", a.item(), "b", b.item())

# told: The features are not standardised: column 0 runs from -483 to 500. No rate suits all
#     directions (condition number 82,700; standardised 1, so about 82,700 times fewer steps). The
#     loss is 949, and 0.0877 can be reached. Subtract each column's mean, and divide by its
#     standard deviation.
