#!/usr/bin/env python3
"""A sweep under torture: workers are killed, suspended past their lease and started anew, at random, while it runs. Then
every trial has one result, told once, the same to the bit as in a sweep that nobody disturbed, and no process is left.

Usage: torture.py ATELIER [--trials 200] [--workers 4] [--seed 0]
"""
import argparse, json, os, pathlib, random, re, signal, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument("atelier")
parser.add_argument("--trials", type=int, default=200)
parser.add_argument("--workers", type=int, default=4)
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_args()
arguments.atelier = os.path.abspath(arguments.atelier)
chance = random.Random(arguments.seed)

EXPERIMENT = """kind = "function"
name = "f"
[function]
name = "ackley"
dimensions = 3
steps = 5
seconds = 0.04
noise = 0.5
"""
SWEEP = """name = "s"
experiment = "f.toml"
trials = %d
sampler = "random"
minimize = ["value"]
[space]
"function.x1" = { uniform = [-3, 3] }
"function.x2" = { choice = [0.0, 0.5, 1.0] }
"function.x3" = { log = [0.01, 10], when = { "function.x2" = [0.5, 1.0] } }
""" % arguments.trials


def start(folder, out, log):
    return subprocess.Popen([arguments.atelier, "sweep", "s.toml", "--out", out, "--lease", "1s"], cwd=folder, stdout=log,
                            stderr=subprocess.STDOUT, start_new_session=True)


def result_of(trial):
    """What must be the same, without times: the state, the values, and what was recorded on the way."""
    text = (trial / "result.toml").read_text()
    assert text.strip(), f"{trial} has an empty result"
    records = [json.loads(line) for line in (trial / "metrics.jsonl").read_text().splitlines()]
    return {"result": re.sub(r"seconds = .*", "", text), "trial": (trial / "trial.toml").read_text(),
            "records": [(record["step"], record["value"]) for record in records]}


def results(out):
    return {trial.name: result_of(trial) for trial in sorted((out / "trials").iterdir())}


def ends_told(out):
    ends = {}
    for journal in (out / "journal").iterdir():
        for line in journal.read_text().splitlines():
            event = json.loads(line)  # a line that a kill cut off may only be the last of its file
            if event["event"] == "end":
                ends[event["trial"]] = ends.get(event["trial"], 0) + 1
    return ends


def complete(out):
    return sum(1 for _ in (out / "trials").glob("*/result.toml")) if (out / "trials").exists() else 0


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "f.toml").write_text(EXPERIMENT)
    (folder / "s.toml").write_text(SWEEP)
    log = open(folder / "log.txt", "w")
    calm = [start(folder, "calm", log) for _ in range(2)]
    for worker in calm:
        assert worker.wait() == 0, (folder / "log.txt").read_text()

    workers = [start(folder, "torn", log) for _ in range(arguments.workers)]
    suspended = []  # (when it goes on, worker)
    kills = stops = 0
    begin = time.monotonic()
    while complete(folder / "torn") < arguments.trials:
        assert time.monotonic() - begin < 60 + arguments.trials, "the sweep does not come to an end\n" + (folder / "log.txt").read_text()[-3000:]
        time.sleep(chance.uniform(0.1, 0.6))
        for until, worker in list(suspended):
            if time.monotonic() > until:
                worker.send_signal(signal.SIGCONT)
                suspended.remove((until, worker))
        awake = [w for w in workers if w.poll() is None and all(w is not s for _, s in suspended)]
        fate = chance.random()
        if awake and fate < 0.5:
            victim = chance.choice(awake)
            victim.kill()
            victim.wait()
            kills += 1
        elif awake and fate < 0.75 and len(suspended) < 2:
            victim = chance.choice(awake)
            victim.send_signal(signal.SIGSTOP)
            suspended.append((time.monotonic() + chance.uniform(1.5, 3), victim))
            stops += 1
        workers = [w for w in workers if w.poll() is None]
        while len(workers) < arguments.workers:
            workers.append(start(folder, "torn", log))
    for _, worker in suspended:
        worker.send_signal(signal.SIGCONT)
    for worker in workers:
        worker.wait()
    # Who died last may have left a trial's journal line behind; joining again finds nothing to do.
    assert start(folder, "torn", log).wait() == 0

    undisturbed, torn = results(folder / "calm"), results(folder / "torn")
    assert len(undisturbed) == arguments.trials and undisturbed.keys() == torn.keys(), (len(undisturbed), len(torn))
    different = [name for name in undisturbed if undisturbed[name] != torn[name]]
    assert not different, f"{len(different)} trials differ: {different[0]}\n{undisturbed[different[0]]}\n{torn[different[0]]}"
    twice = {trial: count for trial, count in ends_told(folder / "torn").items() if count > 1}
    assert not twice, f"ended more than once: {twice}"
    left = []
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if os.readlink(process / "cwd") == str(folder) and (process / "status").read_text().find("State:\tZ") < 0:
                left.append(process.name)
        except OSError:
            pass
    assert not left, f"processes are left: {left}"
    print(f"{arguments.trials} trials, {kills} workers killed, {stops} suspended past their lease, in {time.monotonic() - begin:.0f} s: "
          "each has one result, the same to the bit as undisturbed")
