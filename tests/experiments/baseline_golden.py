"""Makes baseline_golden.json: one joint step of the baseline and one of its pretraining, in TensorFlow and double
precision, written from the formulas of the baseline's facts and without calling our code. Convolutions, transposed
convolutions and their SAME padding are TensorFlow's own.

    pip install tensorflow-cpu && python3 baseline_golden.py

Weights and images are functions of a tensor's name and an element's row-major index, so that both sides make them:
splitmix64, started at the name's FNV-1a hash, as a number in [-1, 1), scaled, rounded to single precision. Names and
shapes are Atelier's and torchvision's: N x C x H x W, out x in x kh x kw, transposed in x out x kh x kw.
"""
import json
import re
from pathlib import Path

import numpy as np
import tensorflow as tf

from named_numbers import numbers, uniform

BATCH, SIDE, WIDTH, BLOCKS, DISCRIMINATOR_WIDTH = 2, 64, 8, 2, 4
LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-4, 0.5, 0.999, 1e-7


def constant(name, shape, centre, spread):
    return tf.constant(numbers(name, shape, centre, spread))


class Parameters(dict):
    """Variables by name."""

    def convolution(self, name, inputs, outputs, kernel=3):
        self.weighted(name, outputs, (outputs, inputs, kernel, kernel), inputs * kernel * kernel)

    def transposed(self, name, inputs, outputs):
        # At stride 2 a quarter of the 9 taps meet in an output, in the mean.
        self.weighted(name, outputs, (inputs, outputs, 3, 3), inputs * 9 / 4)

    def weighted(self, name, outputs, shape, fan_in):
        """Weights of variance 2 / fan_in and small biases."""
        self[name + ".weight"] = tf.Variable(constant(name + ".weight", shape, 0, np.sqrt(6 / fan_in)))
        self[name + ".bias"] = tf.Variable(constant(name + ".bias", (outputs,), 0, 0.125))

    def norm(self, name):
        self[name + ".gamma"] = tf.Variable(constant(name + ".gamma", (1,), 1, 0.25))
        self[name + ".beta"] = tf.Variable(constant(name + ".beta", (1,), 0, 0.125))


def image(name):
    return constant(name, (BATCH, 3, SIDE, SIDE), 0.5, 0.5)


# Layers; inside the networks everything is N x H x W x C, as TensorFlow has it.

def convolve(p, name, x, stride=1):
    kernel = tf.transpose(p[name + ".weight"], (2, 3, 1, 0))
    return tf.nn.conv2d(x, kernel, stride, "SAME") + p[name + ".bias"]


def convolve_transposed(p, name, x):
    kernel = tf.transpose(p[name + ".weight"], (2, 3, 1, 0))  # kh x kw x out x in
    shape = (x.shape[0], 2 * x.shape[1], 2 * x.shape[2], kernel.shape[2])
    return tf.nn.conv2d_transpose(x, kernel, shape, 2, "SAME") + p[name + ".bias"]


def leaky(x):
    return tf.where(x > 0, x, 0.2 * x)


def norm(p, name, x):
    """(x - mean) / (std + 1e-3) * gamma + beta over height, width and channels of each image."""
    centred = x - tf.reduce_mean(x, (1, 2, 3), keepdims=True)
    deviation = tf.sqrt(tf.reduce_mean(centred**2, (1, 2, 3), keepdims=True))
    return centred / (deviation + 1e-3) * p[name + ".gamma"] + p[name + ".beta"]


# The networks.

def generator_parameters():
    p, w = Parameters(), WIDTH
    p.convolution("generator.stem", 3, w, 7)
    p.norm("generator.stem_norm")
    for name, inputs, outputs in (("down1", w, 2 * w), ("down2", 2 * w, 4 * w)):
        p.convolution(f"generator.{name}.resize", inputs, outputs)
        p.convolution(f"generator.{name}.conv", outputs, outputs)
        p.norm(f"generator.{name}.norm")
    for block in range(1, BLOCKS + 1):
        for part in (1, 2):
            p.convolution(f"generator.block{block}.conv{part}", 4 * w, 4 * w)
            p.norm(f"generator.block{block}.norm{part}")
    for name, inputs, outputs in (("up1", 4 * w, 2 * w), ("up2", 2 * w, w)):
        p.transposed(f"generator.{name}.resize", inputs, outputs)
        p.convolution(f"generator.{name}.conv", outputs, outputs)
        p.norm(f"generator.{name}.norm")
    p.convolution("generator.head", w, 3, 7)
    return p


def generate(p, x):
    x = leaky(norm(p, "generator.stem_norm", leaky(convolve(p, "generator.stem", x))))
    for name in ("generator.down1", "generator.down2"):
        x = convolve(p, name + ".conv", convolve(p, name + ".resize", x, stride=2))
        x = leaky(norm(p, name + ".norm", x))
    for block in range(1, BLOCKS + 1):
        name = f"generator.block{block}"
        inner = leaky(norm(p, name + ".norm1", convolve(p, name + ".conv1", x)))
        x = leaky(norm(p, name + ".norm2", convolve(p, name + ".conv2", inner)) + x)
    for name in ("generator.up1", "generator.up2"):
        x = convolve(p, name + ".conv", convolve_transposed(p, name + ".resize", x))
        x = leaky(norm(p, name + ".norm", x))
    return convolve(p, "generator.head", x)


def discriminator_layers():
    """Name, inputs, outputs, stride, whether a norm follows."""
    w = DISCRIMINATOR_WIDTH
    return (("conv1", 3, w, 1, False), ("conv2", w, 2 * w, 2, False), ("conv3", 2 * w, 4 * w, 1, True),
            ("conv4", 4 * w, 4 * w, 2, False), ("conv5", 4 * w, 8 * w, 1, True), ("conv6", 8 * w, 8 * w, 1, True),
            ("conv7", 8 * w, 1, 1, False))


def discriminator_parameters():
    p = Parameters()
    for name, inputs, outputs, _, normalised in discriminator_layers():
        p.convolution("discriminator." + name, inputs, outputs)
        if normalised:
            p.norm("discriminator." + name.replace("conv", "norm"))
    return p


def discriminate(p, x):
    for name, _, _, stride, normalised in discriminator_layers():
        x = convolve(p, "discriminator." + name, x, stride)
        if normalised:
            x = norm(p, "discriminator." + name.replace("conv", "norm"), x)
        if name != "conv7":
            x = leaky(x)
    return x


# VGG19 up to block4_conv4, each with its number in torchvision's list of layers; a pooling before a block but the first.
VGG_BLOCKS = (((0, 3, 64), (2, 64, 64)),
              ((5, 64, 128), (7, 128, 128)),
              ((10, 128, 256), (12, 256, 256), (14, 256, 256), (16, 256, 256)),
              ((19, 256, 512), (21, 512, 512), (23, 512, 512), (25, 512, 512)))


def feature_parameters():
    p = Parameters()
    for block in VGG_BLOCKS:
        for number, inputs, outputs in block:
            p.convolution(f"features.{number}", inputs, outputs)
    return p


def features(p, x):
    """Of an RGB image in [0, 1], before the last ReLU. The weights are in RGB order, so red and blue are exchanged."""
    x = tf.reverse(x, (3,))
    for block, layers in enumerate(VGG_BLOCKS):
        if block > 0:
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        for number, _, _ in layers:
            x = convolve(p, f"features.{number}", x)
            if number != 25:
                x = tf.nn.relu(x)
    return x


# The losses.

def cross_entropy(logits, target):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.fill(logits.shape, np.float64(target)), logits))


def mean_absolute(a, b):
    return tf.reduce_mean(tf.abs(a - b))


def gram(f):
    n, h, w, c = f.shape
    flat = tf.reshape(f, (n, h * w, c))
    return tf.matmul(flat, flat, transpose_a=True) / (h * w * c)


def channels_last(x):
    return tf.transpose(x, (0, 2, 3, 1))


def joint_step(generator, discriminator, vgg):
    """Outputs, losses by name, gradients by name."""
    photo, anime, smoothed = (channels_last(image(name)) for name in ("photo", "anime", "smoothed"))
    with tf.GradientTape(persistent=True) as tape:
        output = generate(generator, photo)
        logits = {"output": discriminate(discriminator, output), "anime": discriminate(discriminator, anime),
                  "smoothed": discriminate(discriminator, smoothed)}
        real = cross_entropy(logits["anime"], 1)
        fake = cross_entropy(logits["output"], 0)
        smooth = cross_entropy(logits["smoothed"], 0)
        discriminator_total = real + fake + smooth
        adversarial = cross_entropy(logits["output"], 1)
        output_features = features(vgg, output)
        content = mean_absolute(features(vgg, photo), output_features)
        style = mean_absolute(gram(features(vgg, anime)), gram(output_features))
        generator_total = adversarial + 10 * content + style
    gradients = tape.gradient(generator_total, dict(generator)) | tape.gradient(discriminator_total, dict(discriminator))
    losses = {"generator.adversarial": adversarial, "generator.content": content, "generator.style": style,
              "generator.total": generator_total, "discriminator.real": real, "discriminator.fake": fake,
              "discriminator.smooth": smooth, "discriminator.total": discriminator_total}
    return {"output": output} | {"logits." + name: value for name, value in logits.items()}, losses, gradients


def pretraining_step(generator, vgg):
    photo = channels_last(image("photo"))
    with tf.GradientTape() as tape:
        content = mean_absolute(features(vgg, photo), features(vgg, generate(generator, photo)))
        total = 100 * content
    return {"generator.content": content, "generator.total": total}, tape.gradient(total, dict(generator))


def first_update(parameters, gradients):
    """Adam in Keras' form, t = 1, moments zero before."""
    rate = LEARNING_RATE * np.sqrt(1 - BETA2) / (1 - BETA1)
    for name, parameter in parameters.items():
        m = (1 - BETA1) * gradients[name]
        v = (1 - BETA2) * gradients[name] ** 2
        parameter.assign_sub(rate * m / (tf.sqrt(v) + EPSILON))


# What is kept.

def picked(x):
    """A dozen elements as [row-major index in N x C x H x W, value], the sum, the sum of squares."""
    values = np.transpose(x.numpy(), (0, 3, 1, 2)).ravel()
    indices = [int(i) for i in np.linspace(0, values.size - 1, 12)]
    return {"elements": [[i, float(values[i])] for i in indices], "sum": float(values.sum()),
            "squares": float((values**2).sum())}


def sums(tensors):
    """By name: the sum, the sum of absolute values, the product with numbers from the name "probe"."""
    result = {}
    for name, tensor in tensors.items():
        values = np.asarray(tensor).ravel()
        result[name] = [float(values.sum()), float(np.abs(values).sum()), float(values @ uniform("probe", values.size))]
    return result


def plain(losses):
    return {name: float(value) for name, value in losses.items()}


def main():
    generator, discriminator, vgg = generator_parameters(), discriminator_parameters(), feature_parameters()
    pretraining_losses, pretraining_gradients = pretraining_step(generator, vgg)
    outputs, losses, gradients = joint_step(generator, discriminator, vgg)
    golden = {
        "outputs": {name: picked(value) for name, value in outputs.items()},
        "losses": plain(losses),
        "gradients": sums(gradients),
        "pretraining": {"losses": plain(pretraining_losses), "gradients": sums(pretraining_gradients)},
    }
    first_update(generator | discriminator, gradients)
    golden["updated"] = sums(generator | discriminator)
    golden["losses_after_update"] = plain(joint_step(generator, discriminator, vgg)[1])
    text = json.dumps(golden, indent=1)
    text = re.sub(r"\[([^][{}]*)\]", lambda row: "[" + " ".join(row[1].split()) + "]", text)  # one row a line
    (Path(__file__).parent / "baseline_golden.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
