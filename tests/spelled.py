"""A class of notebook 03 in which each slip is spelled by each student in another way."""

HEAD = {
    "gradient": "def gradient(X, y, w, b):",
    "closed_form": "def closed_form(X, y):",
    "sgd_momentum": "def sgd_momentum(params, velocities, lr, batch_size, momentum):",
}
# Of each exercise the slips, by the idea that they are counted by, and how students spell each.
SPELLED: dict[str, dict[str, list[str]]] = {
    "gradient": {
        "factor(by=2)": [
            "e = 2 * (X @ w + b - y)\nreturn X.T @ e / len(X), e.mean(0)",
            "d = X @ w + b - y\nreturn X.T @ d / (len(X) / 2), d.mean(0) / 0.5",
            "r = X @ w + b - y\nreturn (r + r).T.matmul(X).T / len(y), (r + r).mean(0)",
        ],
        "factor(by=0.5)": [
            "e = (X @ w + b - y) / 2\nreturn X.T @ e / len(X), e.mean().reshape(1)",
            "d, n = X @ w + b - y, len(X)\nreturn X.T @ d / (2 * n), d.sum(0) / (2 * n)",
        ],
        "not_allowed": [
            "w, b = w.clone().requires_grad_(), b.clone().requires_grad_()\n"
            "((X @ w + b - y) ** 2 / 2).mean().backward()\nreturn w.grad, b.grad",
            "loss = lambda w, b: ((X @ w + b - y) ** 2 / 2).mean()\n"
            "return torch.func.grad(loss, argnums=(0, 1))(w, b)",
            "w.requires_grad_()\nb.requires_grad_()\nloss = ((X @ w + b - y) ** 2).mean() / 2\n"
            "return torch.autograd.grad(loss, [w, b])",
        ],
        "sum for mean": [
            "error = X @ w + b - y\nreturn X.T @ error, error.sum().reshape(1)",
            "e = X @ w + b - y\nreturn torch.einsum('nd,nk->dk', X, e), e.sum(0)",
            "e = X @ w + b - y\nreturn X.T @ e, e.mean(0)",
            "e = X @ w + b - y\nreturn (X * e).mean(0)[:, None], torch.sum(e).reshape(1)",
        ],
        "shapes": [
            "e = X @ w + b - y\nreturn X @ e / len(X), e.mean(0)",
            "e = X @ w + b - y\nreturn torch.mm(e, X) / len(X), e.mean(0)",
            "e = X.T @ w + b - y\nreturn X.T @ e / len(X), e.mean(0)",
        ],
        "shape": [
            "e = X @ w + b - y\nreturn X.T @ e / len(X), e.mean()",
            "e = X @ w + b - y\nreturn X.T @ e / len(X), e.mean(0, keepdim=True)",
            "e = X @ w + b - y\nreturn (X * e).mean(0), e.mean(0)",
            "e = X @ w + b - y\nreturn e.T @ X / len(X), e.mean(0)",
        ],
        "silent_shape": [
            "e = X @ w + b - y.reshape(-1)\nreturn X.T @ e / len(X), e.mean().reshape(1)",
            "e = (X @ w + b).squeeze() - y\nreturn X.T @ e / len(X), e.mean().reshape(1)",
        ],
        "negated": [
            "e = y - X @ w - b\nreturn X.T @ e / len(X), e.mean(0)",
            "e = X @ w + b - y\nreturn -X.T @ e / len(X), -e.mean(0)",
        ],
        "inexact": [
            "f, h = lambda w, b: ((X @ w + b - y) ** 2).mean() / 2, 1e-3\n"
            "steps = h * torch.eye(len(w))[:, :, None]\n"
            "gw = torch.stack([(f(w + s, b) - f(w - s, b)) / (2 * h) for s in steps])\n"
            "return gw.reshape(-1, 1), ((f(w, b + h) - f(w, b - h)) / (2 * h)).reshape(1)",
            "def loss(w, b):\n    return ((X @ w + b - y) ** 2).mean() / 2\n"
            "eps, g = 0.01, []\nfor j in range(w.shape[0]):\n"
            "    w2 = w.clone()\n    w2[j] += eps\n    g.append((loss(w2, b) - loss(w, b)) / eps)\n"
            "gb = (loss(w, b + eps) - loss(w, b)) / eps\n"
            "return torch.tensor(g).reshape(-1, 1), gb.reshape(1)",
        ],
        "raise": ["raise RuntimeError('the shapes are a riddle to me')"],
    },
    "closed_form": {
        "shapes": [
            "X1 = torch.cat([X, torch.ones(len(X))], dim=1)\n"
            "s = torch.linalg.lstsq(X1, y).solution\nreturn s[:-1], s[-1]",
            "X1 = torch.hstack([X, torch.ones(X.shape[0])])\n"
            "s = torch.linalg.lstsq(X1, y).solution\nreturn s[:-1], s[-1]",
            "X1 = torch.cat([X, torch.ones(1, len(X))], dim=1)\n"
            "s = torch.linalg.pinv(X1) @ y\nreturn s[:-1], s[-1]",
            "X1 = torch.cat((X, torch.ones_like(y).squeeze()), 1)\n"
            "s = torch.linalg.solve(X1.T @ X1, X1.T @ y)\nreturn s[:-1], s[-1]",
        ],
        "shape": [
            "X1 = torch.cat([X, torch.ones(len(X), 1)], dim=1)\n"
            "s = torch.linalg.pinv(X1) @ y\nreturn s[:-1], s[-1, 0]",
            "X1 = torch.column_stack([X, torch.ones(len(X))])\n"
            "s = torch.linalg.pinv(X1) @ y\nreturn s[:-1], s[-1].item()",
        ],
        "no bias": [
            "return torch.linalg.inv(X.T @ X) @ X.T @ y, torch.zeros(1)",
            "w = torch.linalg.lstsq(X, y).solution\nreturn w, torch.tensor([0.0])",
        ],
    },
    "sgd_momentum": {
        "parameters rebound": [
            "for p, v in zip(params, velocities):\n"
            "    v.mul_(momentum).add_(p.grad / batch_size)\n"
            "    p = p - lr * v\n    p.grad.zero_()",
            "with torch.no_grad():\n    for p, v in zip(params, velocities):\n"
            "        v *= momentum\n        v += p.grad / batch_size\n        p = p - lr * v",
            "for i in range(len(params)):\n    velocities[i].mul_(momentum)\n"
            "    velocities[i].add_(params[i].grad / batch_size)\n    gradient = params[i].grad\n"
            "    params[i] = params[i] - lr * velocities[i]\n    gradient.zero_()",
            "for param, velocity in zip(params, velocities):\n    velocity *= momentum\n"
            "    velocity += param.grad / batch_size\n    with torch.no_grad():\n"
            "        param = param - lr * velocity\n        param.grad.zero_()",
        ],
        "batch size in the step": [
            "with torch.no_grad():\n    for p, v in zip(params, velocities):\n"
            "        v *= momentum\n        v += p.grad\n        p -= lr * v / batch_size\n"
            "        p.grad.zero_()",
            "for p, v in zip(params, velocities):\n    v.copy_(v * momentum + p.grad)\n"
            "    p.data.add_(v, alpha=-lr / batch_size)\n    p.grad.zero_()",
        ],
    },
}
