#!/usr/bin/env python3
"""Fits a network with one hidden layer to a curve by gradient descent with momentum, in plain Python.

A program as `atelier sweep` wants it (docs/commands.md), which also runs alone: it takes its parameters as arguments, reports
each epoch as a line of JSON, keeps a checkpoint in its trial's folder, goes on from it, and ends well on SIGTERM.
"""
import argparse
import json
import math
import os
import random
import signal
import sys


def curve(x):
    return math.sin(3 * x) + 0.5 * x


def initial_state(width, seed):
    """Weights in, biases, weights out and the last bias, as one list of numbers; velocities of the same."""
    rng = random.Random(seed)
    numbers = [rng.gauss(0, 2) for _ in range(width)] + [rng.uniform(-2, 2) for _ in range(width)]
    numbers += [rng.gauss(0, 1 / math.sqrt(width)) for _ in range(width)] + [0.0]
    return {"epoch": 0, "numbers": numbers, "velocities": [0.0] * len(numbers)}


def predict(numbers, width, x):
    hidden = [math.tanh(numbers[i] * x + numbers[width + i]) for i in range(width)]
    return sum(numbers[2 * width + i] * hidden[i] for i in range(width)) + numbers[3 * width], hidden


def mean_loss(numbers, width, points):
    errors = [predict(numbers, width, x)[0] - curve(x) for x in points]
    return sum(error * error for error in errors) / len(points)


def train_epoch(state, width, points, lr, momentum):
    """One step of gradient descent on all points; returns the loss before it."""
    numbers, velocities = state["numbers"], state["velocities"]
    gradient = [0.0] * len(numbers)
    loss = 0.0
    for x in points:
        output, hidden = predict(numbers, width, x)
        error = output - curve(x)
        loss += error * error / len(points)
        slope = 2 * error / len(points)
        for i in range(width):
            through = slope * numbers[2 * width + i] * (1 - hidden[i] ** 2)
            gradient[i] += through * x
            gradient[width + i] += through
            gradient[2 * width + i] += slope * hidden[i]
        gradient[3 * width] += slope
    for i in range(len(numbers)):
        velocities[i] = momentum * velocities[i] - lr * gradient[i]
        numbers[i] += velocities[i]
    state["epoch"] += 1
    return loss


def write_checkpoint(file, state):
    """Aside, then renamed: a kill leaves the old one or the new one."""
    with open(file + ".part", "w") as stream:
        json.dump(state, stream)
    os.replace(file + ".part", file)


def read_checkpoint(file):
    with open(file) as stream:
        return json.load(stream)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=270)
    arguments = parser.parse_args()

    folder = os.environ.get("ATELIER_TRIAL_DIR", ".")
    seed = int(os.environ.get("ATELIER_SEED", "0"))
    metrics = open(os.environ["ATELIER_METRICS"], "a") if "ATELIER_METRICS" in os.environ else sys.stdout

    checkpoint = os.path.join(folder, "checkpoint.json")
    parent = os.path.join(os.environ.get("ATELIER_PARENT_DIR", ""), "checkpoint.json")
    state = initial_state(arguments.width, seed)
    if os.environ.get("ATELIER_RESUME") and os.path.exists(checkpoint):
        state = read_checkpoint(checkpoint)  # this trial was interrupted or pruned
    elif os.environ.get("ATELIER_PARENT_DIR") and os.path.exists(parent):
        better = read_checkpoint(parent)  # population-based training: begin where a better trial is, if that has our width
        state = better if len(better["numbers"]) == len(state["numbers"]) else state

    told_to_end = []
    signal.signal(signal.SIGTERM, lambda number, frame: told_to_end.append(number))

    training = [i / 20 - 1 for i in range(41)]
    validation = [i / 20 - 0.975 for i in range(40)]
    while state["epoch"] < arguments.epochs and not told_to_end:
        loss = train_epoch(state, arguments.width, training, arguments.lr, arguments.momentum)
        held_out = mean_loss(state["numbers"], arguments.width, validation)
        record = {"step": state["epoch"], "train.loss": loss, "val.loss": held_out}
        metrics.write(json.dumps(record) + "\n")
        metrics.flush()
        if not math.isfinite(held_out):
            sys.exit(f"the loss is not finite after {state['epoch']} epochs: lr {arguments.lr} is too high")
        if state["epoch"] % 10 == 0:
            write_checkpoint(checkpoint, state)
    write_checkpoint(checkpoint, state)
    if told_to_end:
        sys.exit(128 + told_to_end[0])


if __name__ == "__main__":
    main()
