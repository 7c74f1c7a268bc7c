"""Makes networks_golden.json: outputs of the variants of the networks, in TensorFlow and double precision, written from
their formulas and without calling our code. Convolutions, their SAME padding, depthwise and transposed ones, resizing
and singular values are TensorFlow's and NumPy's own.

    pip install tensorflow-cpu && python3 networks_golden.py

Weights and images are functions of names, as baseline_golden.py says.
"""
import json
from pathlib import Path

import numpy as np
import tensorflow as tf

from baseline_golden import leaky, numbers

EPSILON = 1e-5


def parameter(name, shape):
    """Weights of variance 2 / (elements an output), gamma near 1, biases and beta near 0."""
    if name.endswith(".gamma"):
        return numbers(name, shape, 1, 0.25)
    if not name.endswith(".weight"):
        return numbers(name, shape, 0, 0.125)
    return numbers(name, shape, 0, np.sqrt(6 * shape[0] / np.prod(shape)))


class Network:
    """Layers by name, N x H x W x C inside."""

    def __init__(self, prefix, norm="layer", reflect=False, upsample="transposed", spectral=False):
        self.prefix, self.norm_kind, self.reflect, self.upsample, self.spectral = prefix, norm, reflect, upsample, spectral

    def weight(self, name, shape):
        w = parameter(f"{self.prefix}.{name}.weight", shape)
        if self.spectral:
            w = w / np.linalg.svd(w.numpy().reshape(shape[0], -1), compute_uv=False)[0]
        return w

    def bias(self, name, channels):
        return parameter(f"{self.prefix}.{name}.bias", (channels,))

    def conv(self, name, x, out, kernel=3, stride=1):
        w = tf.transpose(self.weight(name, (out, x.shape[3], kernel, kernel)), (2, 3, 1, 0))
        return tf.nn.conv2d(*self.padded(x, w, kernel, stride)) + self.bias(name, out)

    def depthwise(self, name, x):
        channels = x.shape[3]
        w = tf.transpose(self.weight(name, (channels, 1, 3, 3)), (2, 3, 0, 1))
        x, w, stride, padding = self.padded(x, w, 3, 1)
        return tf.nn.depthwise_conv2d(x, w, (1, stride, stride, 1), padding) + self.bias(name, channels)

    def padded(self, x, w, kernel, stride):
        if not self.reflect:
            return x, w, stride, "SAME"
        total = kernel - stride  # of SAME, on sizes that the stride divides
        sides = (total // 2, total - total // 2)
        return tf.pad(x, ((0, 0), sides, sides, (0, 0)), "REFLECT"), w, stride, "VALID"

    def norm(self, name, x):
        def affine(z, count):
            return z * parameter(f"{self.prefix}.{name}.gamma", (count,)) + parameter(f"{self.prefix}.{name}.beta", (count,))

        channels = x.shape[3]
        if self.norm_kind == "layer":
            mean, variance = tf.nn.moments(x, (1, 2, 3), keepdims=True)
            return affine((x - mean) / (tf.sqrt(variance) + 1e-3), 1)
        if self.norm_kind == "batch":
            mean, variance = tf.nn.moments(x, (0, 1, 2))
            return affine((x - mean) / tf.sqrt(variance + EPSILON), channels)
        mean, variance = tf.nn.moments(x, (1, 2), keepdims=True)
        z = (x - mean) / tf.sqrt(variance + EPSILON)
        if self.norm_kind == "instance":
            return affine(z, channels)
        assert self.norm_kind == "lade"
        w = tf.transpose(self.weight(name, (channels, channels, 1, 1)), (2, 3, 1, 0))
        mean, variance = tf.nn.moments(tf.nn.conv2d(x, w, 1, "SAME"), (1, 2), keepdims=True)
        return z * tf.sqrt(variance + EPSILON) + mean

    def down(self, name, x, out):
        x = self.conv(name + ".conv", self.conv(name + ".resize", x, out, stride=2), out)
        return leaky(self.norm(name + ".norm", x))

    def up(self, name, x, out, skip=None):
        size = (2 * x.shape[1], 2 * x.shape[2])
        if self.upsample == "transposed":
            w = tf.transpose(self.weight(name + ".resize", (x.shape[3], out, 3, 3)), (2, 3, 1, 0))
            x = tf.nn.conv2d_transpose(x, w, (x.shape[0], *size, out), 2, "SAME") + self.bias(name + ".resize", out)
        else:
            grown = bilinear(x) if self.upsample == "bilinear" else tf.image.resize(x, size, "nearest")
            x = self.conv(name + ".resize", grown, out)
        if skip is not None:
            x = tf.concat((x, skip), 3)
        return leaky(self.norm(name + ".norm", self.conv(name + ".conv", x, out)))

    def stem(self, x, width):
        return leaky(self.norm("stem_norm", leaky(self.conv("stem", x, width, 7))))


def bilinear(x):
    """Twice the size, pixels as squares: a quarter of the one neighbour and three of the other. (tf.image.resize would
    compute it in single precision.)"""
    for axis in (1, 2):
        size = x.shape[axis]
        before = tf.gather(x, np.maximum(np.arange(size) - 1, 0), axis=axis)
        after = tf.gather(x, np.minimum(np.arange(size) + 1, size - 1), axis=axis)
        pairs = tf.stack((0.25 * before + 0.75 * x, 0.75 * x + 0.25 * after), axis + 1)
        shape = list(x.shape)
        shape[axis] *= 2
        x = tf.reshape(pairs, shape)
    return x


def light(network, x, width, blocks):
    x = network.stem(x, width)
    for name, out in (("down1", 2 * width), ("down2", 4 * width)):
        x = network.down(name, x, out)
    for block in range(1, blocks + 1):
        name = f"block{block}."
        y = leaky(network.norm(name + "expand_norm", network.conv(name + "expand", x, 8 * width, 1)))
        y = leaky(network.norm(name + "depthwise_norm", network.depthwise(name + "depthwise", y)))
        x = x + network.norm(name + "project_norm", network.conv(name + "project", y, 4 * width, 1))
    for name, out in (("up1", 2 * width), ("up2", width)):
        x = network.up(name, x, out)
    return network.conv("head", x, 3, 7)


def unet(network, x, width, blocks):
    whole = network.stem(x, width)
    half = network.down("down1", whole, 2 * width)
    quarter = network.down("down2", half, 4 * width)
    x = network.down("down3", quarter, 4 * width)
    for block in range(1, blocks + 1):
        name = f"block{block}."
        inner = leaky(network.norm(name + "norm1", network.conv(name + "conv1", x, 4 * width)))
        x = leaky(network.norm(name + "norm2", network.conv(name + "conv2", inner, 4 * width)) + x)
    x = network.up("up1", x, 4 * width, quarter)
    x = network.up("up2", x, 2 * width, half)
    x = network.up("up3", x, width, whole)
    return network.conv("head", x, 3, 7)


def patch(network, x, width, depth):
    layers = [(width, 1, False), (2 * width, 2, False), (4 * width, 1, True), (4 * width, 2, False)]
    layers += [(8 * width, 1, True)] * (2 + 2 * (depth - 2))
    for number, (out, stride, normalised) in enumerate(layers, 1):
        x = network.conv(f"conv{number}", x, out, stride=stride)
        x = leaky(network.norm(f"norm{number}", x) if normalised else x)
    return network.conv(f"conv{len(layers) + 1}", x, 1)


def picked(x):
    """Of N x H x W x C, read as N x C x H x W: the sum of the squares and some elements with their row-major indices."""
    values = tf.transpose(x, (0, 3, 1, 2)).numpy().reshape(-1)
    indices = [(i * 7919 + 11) % len(values) for i in range(12)]
    return {"squares": float(np.sum(values**2)), "elements": [[i, float(values[i])] for i in indices]}


def main():
    photo = tf.transpose(numbers("photo", (2, 3, 32, 40), 0.5, 0.5), (0, 2, 3, 1))
    adaptive = light(Network("light", "lade", reflect=True, upsample="bilinear"), photo, width=4, blocks=2)
    corrected = light(Network("light", "batch", upsample="nearest"), photo, width=2, blocks=1)
    bounded = unet(Network("unet", "instance", reflect=True, upsample="bilinear"), photo, width=2, blocks=1)
    half = tf.nn.avg_pool2d(photo, 2, 2, "VALID")
    golden = {
        "light, lade, reflect, bilinear": picked(adaptive),
        "light, batch, nearest, residual": picked(photo + corrected),
        "unet, layer": picked(unet(Network("unet", "layer"), photo, width=2, blocks=1)),
        "unet, instance, reflect, bilinear, tanh": picked((tf.tanh(bounded) + 1) / 2),
        "multi-scale 1": picked(patch(Network("multi.scale1", "instance", spectral=True), photo, width=2, depth=3)),
        "multi-scale 2": picked(patch(Network("multi.scale2", "instance", spectral=True), half, width=2, depth=3)),
    }
    rows = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in golden.items())
    (Path(__file__).parent / "networks_golden.json").write_text("{\n" + rows + "\n}\n")


if __name__ == "__main__":
    main()
