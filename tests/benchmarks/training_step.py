#!/usr/bin/env python3
"""Our training step beside eager PyTorch, in turn, as ratios: how many times as fast, in the first epoch (targets of the
losses are computed) and from the second on (they are read).

Usage: training_step.py [--rounds 3] [--only fp32,bf16,switches] [--peer PEER.py]   with a Python that has torch, after
       cmake --build build/release --target benchmarks
The peer prints a line of JSON with step_s (and peak_mb) and takes --size --batch --width --blocks --steps --threads, and
for bf16 --amp --channels-last; the default is pytorch_step.py beside this file, the step as one would write it by hand.
"switches" compares our step with each optimisation switched off with our step as it is.
"""
import argparse, json, pathlib, statistics, subprocess, sys

here = pathlib.Path(__file__).resolve().parent
ours = here.parents[1] / "build/release/benchmarks/training_step"
cases = {
    "256, batch 1, width 64, 8 blocks": ["--size", "256", "--batch", "1", "--width", "64", "--blocks", "8", "--steps", "5"],
    "64, batch 4, width 16, 4 blocks": ["--size", "64", "--batch", "4", "--width", "16", "--blocks", "4", "--steps", "20"],
}
switches = {
    "direct convolutions": ['speed.convolution="direct"'],
    "tiles of 4 (winograd4)": ['speed.convolution="winograd4"'],
    "no fused norms": ["speed.fused_norm=false"],
    "two passes of the discriminator": ["speed.one_pass=false"],
    "batches not read ahead": ["speed.prefetch=false"],
    "channels first, direct": ["speed.channels_last=false"],
    "channels first, direct, no fused norms, no cache": ["speed.channels_last=false", "speed.fused_norm=false", 'features.cache="off"'],
}

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--only", default="fp32,bf16,switches")
parser.add_argument("--peer", default=str(here / "pytorch_step.py"))
arguments = parser.parse_args()


def measure(command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


def run_ours(case, settings):
    return measure([str(ours), *case, *[word for setting in settings for word in ("--set", setting)]])


def beside_peer(name, case, kind, settings, peer_options):
    first, second = [], []
    for _ in range(arguments.rounds):
        peer = measure([sys.executable, arguments.peer, *case, *peer_options])
        mine = run_ours(case, settings)
        a, b = mine["first_epoch"]["step_s"], mine["second_epoch"]["step_s"]
        first.append(peer["step_s"] / a)
        second.append(peer["step_s"] / b)
        print(f"  {kind}: PyTorch {peer['step_s']:.3f} s, peak {peer.get('peak_mb', '?')} MB; Atelier {a:.3f} s and {b:.3f} s, peak "
              f"{mine['peak_mb']} MB; {first[-1]:.2f} and {second[-1]:.2f} times as fast", flush=True)
    print(f"{name}, {kind}: median {statistics.median(first):.2f} times as fast in the first epoch, "
          f"{statistics.median(second):.2f} from the second on", flush=True)


kinds = arguments.only.split(",")
for name, case in cases.items():
    case = case + ["--threads", str(arguments.threads)]
    if "fp32" in kinds:
        beside_peer(name, case, "fp32", [], [])
    if "bf16" in kinds:
        beside_peer(name, case, "bf16", ['train.precision="bf16"'], ["--amp", "--channels-last"])
    if "switches" in kinds:
        for what, settings in switches.items():
            first, second = [], []
            for _ in range(arguments.rounds):
                base, other = run_ours(case, []), run_ours(case, settings)
                first.append(other["first_epoch"]["step_s"] / base["first_epoch"]["step_s"])
                second.append(other["second_epoch"]["step_s"] / base["second_epoch"]["step_s"])
            print(f"{name}, {what}: {statistics.median(first):.2f} times the time in the first epoch, "
                  f"{statistics.median(second):.2f} from the second on", flush=True)
