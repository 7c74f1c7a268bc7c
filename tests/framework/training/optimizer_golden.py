"""Writes optimizer_golden.json: parameters after each of six steps of PyTorch's AdamW and SGD, in double precision.

Gradients are those of sum(cos(3 p) * (i + 1)) by hand: g = -3 sin(3 p) (i + 1). Run: python3 optimizer_golden.py > optimizer_golden.json
"""
import json

import torch


def steps(make):
    p = torch.tensor([0.5, -1.25, 2.0, 0.01], dtype=torch.float64, requires_grad=True)
    optimizer = make([p])
    result = []
    for _ in range(6):
        p.grad = -3 * torch.sin(3 * p.detach()) * torch.arange(1, 5, dtype=torch.float64)
        optimizer.step()
        result.append(p.tolist())
    return result


print(json.dumps({
    "torch": torch.__version__,
    "adamw": steps(lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.1, foreach=False)),
    "sgd": steps(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, weight_decay=0.1, foreach=False)),
    "sgd_plain": steps(lambda p: torch.optim.SGD(p, lr=0.05, foreach=False)),
}, indent=1))
