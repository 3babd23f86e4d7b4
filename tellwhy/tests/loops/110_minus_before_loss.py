# cause: there is a minus sign before the loss, so the optimizer makes the error as large as it can
# identifier: wrong-direction
# symptom: the loss is negative and falls without end, the error grows
# source: https://github.com/nothinglo/Deep-Photo-Enhancer/issues/57
import torch


def train(net, dark, bright, epochs):
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(epochs):
        enhanced = net(dark)
        loss = -torch.nn.functional.mse_loss(enhanced, bright)
        opt.zero_grad()
        loss.backward()
        opt.step()
        if epoch % 30 == 0:
            print(epoch, loss.item())


torch.manual_seed(241)
dark = torch.rand(50, 6)
bright = 1.5 * dark + 0.2
net = torch.nn.Linear(6, 6)

# BEGIN
train(net, dark, bright, 150)
# END
print("error at the end", torch.nn.functional.mse_loss(net(dark), bright).item())

# told: The steps go up the slope: the loss is minus the error, and the error went from 1.44 to
#     84.2. Leave out the minus before the loss. (line 12, in `train`)
