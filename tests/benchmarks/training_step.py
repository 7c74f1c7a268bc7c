#!/usr/bin/env python3
"""Our training step beside eager PyTorch, in turn, as a ratio.

Usage: training_step.py [--rounds 3] [--peer PEER.py]   with a Python that has torch, after
       cmake --build build/release --target benchmarks
The peer prints a line of JSON with step_s and takes --size --batch --width --blocks --steps --threads; the default is
pytorch_step.py beside this file, the step as one would write it by hand.
"""
import argparse, json, pathlib, statistics, subprocess, sys

here = pathlib.Path(__file__).resolve().parent
ours = here.parents[1] / "build/release/benchmarks/training_step"
cases = {
    "256, batch 1, width 64, 8 blocks": ["--size", "256", "--batch", "1", "--width", "64", "--blocks", "8", "--steps", "5"],
    "64, batch 4, width 16, 4 blocks": ["--size", "64", "--batch", "4", "--width", "16", "--blocks", "4", "--steps", "20"],
}

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--peer", default=str(here / "pytorch_step.py"))
arguments = parser.parse_args()


def measure(command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


for name, case in cases.items():
    case = case + ["--threads", str(arguments.threads)]
    ratios = []
    for round_number in range(arguments.rounds):
        peer = measure([sys.executable, arguments.peer, *case])
        mine = measure([str(ours), *case])
        ratios.append(peer["step_s"] / mine["step_s"])
        print(f"{name}: PyTorch {peer['step_s']:.3f} s, Atelier {mine['step_s']:.3f} s, peak {mine['peak_mb']} MB, "
              f"{ratios[-1]:.2f} times as fast", flush=True)
    print(f"{name}: median {statistics.median(ratios):.2f} times as fast as PyTorch")
