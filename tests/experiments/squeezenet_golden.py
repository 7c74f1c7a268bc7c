"""Makes squeezenet_golden.json: activations before ReLU of torchvision's own SqueezeNet 1.1 in double precision.

    pip install torch torchvision && python3 squeezenet_golden.py

Weights and image are functions of a tensor's name and an element's row-major index, so that both sides make them:
splitmix64, started at the name's FNV-1a hash, as a number in [-1, 1), scaled, rounded to single precision. The file keeps
eight numbers of each layer, evenly spread over its first image, and its shape.

    python3 squeezenet_golden.py WEIGHTS.safetensors

prints the same of real weights on the same image, without preprocessing.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torchvision.models import squeezenet1_1

SIDE = 72


def numbers(name, shape, centre, spread):
    count = int(np.prod(shape))
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(state) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    uniform = (z >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1
    return torch.from_numpy((centre + spread * uniform).astype(np.float32).astype(np.float64).reshape(shape))


def weights(model):
    for name, parameter in model.named_parameters():
        spread = np.sqrt(6 / np.prod(parameter.shape[1:])) if name.endswith("weight") else 0.125
        yield name, numbers(name, tuple(parameter.shape), 0, spread)


def main():
    model = squeezenet1_1(weights=None).double().eval()
    if len(sys.argv) > 1:
        from safetensors.torch import load_file
        model.load_state_dict({name: tensor.double() for name, tensor in load_file(sys.argv[1]).items()})
    else:
        model.load_state_dict(dict(weights(model)))
    for module in model.modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False  # or what was before it is lost

    found = {}
    remember = lambda name: lambda module, inputs, output: found.__setitem__(name, output)
    model.features[0].register_forward_hook(remember("conv1"))
    fires = [layer for layer in model.features if type(layer).__name__ == "Fire"]
    for number, fire in enumerate(fires, start=2):
        fire.expand1x1.register_forward_hook(remember(f"fire{number}.1"))
        fire.expand3x3.register_forward_hook(remember(f"fire{number}.3"))
    with torch.no_grad():
        model(numbers("image", (1, 3, SIDE, SIDE), 0.5, 0.5))

    golden = {}
    for name in ["conv1"] + [f"fire{number}" for number in range(2, 10)]:
        layer = found[name] if name == "conv1" else torch.cat([found[name + ".1"], found[name + ".3"]], 1)
        flat = layer.flatten()
        golden[name] = {"shape": list(layer.shape), "values": [flat[i * (len(flat) - 1) // 7].item() for i in range(8)]}
    if len(sys.argv) > 1:
        print(json.dumps(golden, indent=1))
    else:
        Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
