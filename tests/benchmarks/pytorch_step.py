#!/usr/bin/env python3
"""The peer of training_step: the GAN step by hand in eager PyTorch. Prints one line of JSON: the median step_s, and peak_mb."""
import argparse, json, resource, statistics, time
import torch
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
for name, default in dict(size=64, batch=4, width=16, blocks=4, steps=20, threads=2).items():
    parser.add_argument("--" + name, type=int, default=default)
parser.add_argument("--channels-last", action="store_true")
parser.add_argument("--amp", action="store_true", help="autocast to bfloat16")
a = parser.parse_args()
torch.set_num_threads(a.threads)


def norm(c):
    return nn.InstanceNorm2d(c, affine=True)


def activation():
    return nn.LeakyReLU(0.2, inplace=True)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(c, c, 3, padding=1), norm(c), activation(), nn.Conv2d(c, c, 3, padding=1), norm(c))

    def forward(self, x):
        return F.leaky_relu(x + self.body(x), 0.2)


def stage(first, c):
    return [first, nn.Conv2d(c, c, 3, padding=1), norm(c), activation()]


w = a.width
generator = nn.Sequential(
    nn.Conv2d(3, w, 7, padding=3), activation(), norm(w), activation(),
    *stage(nn.Conv2d(w, 2 * w, 3, 2, 1), 2 * w), *stage(nn.Conv2d(2 * w, 4 * w, 3, 2, 1), 4 * w),
    *[Block(4 * w) for _ in range(a.blocks)],
    *stage(nn.ConvTranspose2d(4 * w, 2 * w, 3, 2, 1, 1), 2 * w), *stage(nn.ConvTranspose2d(2 * w, w, 3, 2, 1, 1), w),
    nn.Conv2d(w, 3, 7, padding=3))
d = w // 2
discriminator = nn.Sequential(
    nn.Conv2d(3, d, 3, padding=1), activation(), nn.Conv2d(d, 2 * d, 3, 2, 1), activation(),
    nn.Conv2d(2 * d, 4 * d, 3, padding=1), norm(4 * d), activation(), nn.Conv2d(4 * d, 4 * d, 3, 2, 1), activation(),
    nn.Conv2d(4 * d, 8 * d, 3, padding=1), norm(8 * d), activation(),
    nn.Conv2d(8 * d, 8 * d, 3, padding=1), norm(8 * d), activation(), nn.Conv2d(8 * d, 1, 3, padding=1))
layers, channels = [], 3
for width in [64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512]:
    if width == 0:
        layers.append(nn.MaxPool2d(2))
    else:
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
        channels = width
features = nn.Sequential(*layers[:-1]).requires_grad_(False)
layout = torch.channels_last if a.channels_last else torch.contiguous_format
for network in (generator, discriminator, features):
    network.to(memory_format=layout)
adam_g = torch.optim.Adam(generator.parameters(), 1e-4, (0.5, 0.999))
adam_d = torch.optim.Adam(discriminator.parameters(), 1e-4, (0.5, 0.999))


def gram(f):
    n, c, h, wide = f.shape
    f = f.reshape(n, c, h * wide)
    return f @ f.transpose(1, 2) / (c * h * wide)


def bce(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def autocast():
    return torch.autocast("cpu", torch.bfloat16, enabled=a.amp)


def step(photo, anime, smoothed):
    with autocast():
        output = generator(photo)
        loss_d = bce(discriminator(anime), 1.0) + bce(discriminator(output.detach()), 0.0) + bce(discriminator(smoothed), 0.0)
    adam_d.zero_grad()
    loss_d.backward()
    discriminator.requires_grad_(False)
    with autocast():
        f = features(output)
        with torch.no_grad():
            target, style = features(photo), gram(features(anime))
        loss_g = bce(discriminator(output), 1.0) + 10 * F.l1_loss(f, target) + F.l1_loss(gram(f), style)
    adam_g.zero_grad()
    loss_g.backward()
    discriminator.requires_grad_(True)
    adam_d.step()
    adam_g.step()


batch = [torch.rand(a.batch, 3, a.size, a.size).to(memory_format=layout) for _ in range(3)]
times = []
for i in range(2 + a.steps):
    start = time.perf_counter()
    step(*batch)
    if i >= 2:
        times.append(time.perf_counter() - start)
print(json.dumps({"step_s": statistics.median(times), "min_s": min(times), "max_s": max(times),
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
