"""Checks with TensorBoard's own reader that a run's event files hold what its metrics.jsonl does, each step once.

Run: python3 read_events.py RUN (needs the package tensorboard). Prints what it found; exit status 1 on a difference.
"""
import glob
import json
import os
import struct
import sys

from tensorboard.backend.event_processing import event_accumulator

run = sys.argv[1]
reader = event_accumulator.EventAccumulator(run, size_guidance={"scalars": 0, "images": 0, "tensors": 0})
reader.Reload()

expected = {}
with open(os.path.join(run, "metrics.jsonl")) as lines:
    for line in lines:
        record = json.loads(line)
        for name, value in record.items():
            if "." in name:
                expected.setdefault(name, []).append((record["step"], struct.unpack("f", struct.pack("f", float(value)))[0]))
problems = []
tags = reader.Tags()
if set(tags["scalars"]) != set(expected):
    problems.append(f"tags differ: {set(tags['scalars']) ^ set(expected)}")
for name in tags["scalars"]:
    found = [(event.step, event.value) for event in reader.Scalars(name)]
    if found != expected.get(name):
        problems.append(f"{name}: {found} is not {expected.get(name)}")
for name in tags["images"]:
    steps = [event.step for event in reader.Images(name)]
    if steps != sorted(set(steps)):
        problems.append(f"{name}: steps {steps}")
    for event in reader.Images(name):
        folder, number = name.split("/")
        where = "input" if folder == "samples.input" else f"{event.step:08}"
        with open(os.path.join(run, "samples", where, number + ".png"), "rb") as picture:
            if picture.read() != event.encoded_image_string:
                problems.append(f"{name} at {event.step} is another picture")
files = glob.glob(os.path.join(run, "events.out.tfevents.*"))
print(f"{len(files)} files, {len(tags['scalars'])} scalars, {len(tags['images'])} pictures, version {reader.file_version}")
for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
