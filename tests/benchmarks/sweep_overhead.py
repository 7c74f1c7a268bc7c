#!/usr/bin/env python3
"""What a trial costs besides itself: `atelier sweep` on a test function, in a folder on disk, beside Optuna with its journal
file, in turn, as milliseconds a trial and as the ratio. Then commands, and many workers on one folder.

Usage: sweep_overhead.py [--trials 1000] [--rounds 3] [--only samplers,commands,workers] [--folder DIR]
with a Python that has optuna, after  cmake --build build/release --target atelier
Each round is a sweep from nothing; the time is the whole program's, from its start to its end, Optuna's without its import.
"""
import argparse, json, os, pathlib, statistics, subprocess, sys, tempfile, time

root = pathlib.Path(__file__).resolve().parents[2]
atelier = str(root / "build/release/bin/atelier")

PEER = """
import sys, time, json, optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
optuna.logging.set_verbosity(optuna.logging.ERROR)
file, sampler, parameters, trials = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
samplers = {"random": lambda: optuna.samplers.RandomSampler(seed=0),
            "tpe": lambda: optuna.samplers.TPESampler(multivariate=True, group=True, seed=0)}
study = optuna.create_study(storage=JournalStorage(JournalFileBackend(file)), sampler=samplers[sampler]())
begin = time.perf_counter()
study.optimize(lambda t: sum(t.suggest_float(f"x{i}", -1, 1) ** 2 for i in range(parameters)), n_trials=trials)
print(json.dumps(time.perf_counter() - begin))
"""

parser = argparse.ArgumentParser()
parser.add_argument("--trials", type=int, default=1000)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--only", default="samplers,commands,workers")
parser.add_argument("--folder", help="where sweeps are made (default: a new folder in the working folder, so on its disk)")
arguments = parser.parse_args()
kinds = arguments.only.split(",")


def write_sweep(folder, name, sampler, parameters, trials):
    (folder / "f.toml").write_text(f'kind = "function"\n[function]\nname = "sphere"\ndimensions = {parameters}\n')
    space = "".join(f'"function.x{i + 1}" = {{ uniform = [-1, 1] }}\n' for i in range(parameters))
    (folder / f"{name}.toml").write_text(f'name = "{name}"\nexperiment = "f.toml"\nsampler = "{sampler}"\ntrials = {trials}\n'
                                         f'minimize = ["value"]\n[space]\n{space}')


def timed(command, folder):
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def samplers(folder):
    for sampler in ("random", "tpe"):
        for parameters in (1, 10):
            ours, peer = [], []
            for round in range(arguments.rounds):
                name = f"{sampler}{parameters}-{round}"
                out = subprocess.run([sys.executable, "-c", PEER, str(folder / (name + ".log")), sampler, str(parameters), str(arguments.trials)],
                                     check=True, capture_output=True, text=True).stdout
                peer.append(1000 * json.loads(out.strip().splitlines()[-1]) / arguments.trials)
                write_sweep(folder, name, sampler, parameters, arguments.trials)
                ours.append(1000 * timed([atelier, "sweep", name + ".toml"], folder) / arguments.trials)
            a, b = statistics.median(ours), statistics.median(peer)
            print(f"{sampler}, {parameters} parameters: Atelier {a:.2f} ms a trial ({min(ours):.2f} to {max(ours):.2f}), Optuna {b:.2f} ms "
                  f"({min(peer):.2f} to {max(peer):.2f}): {b / a:.1f} times as fast", flush=True)


def commands(folder):
    trials = max(arguments.trials // 4, 50)
    script = """echo '{"value": 1}'"""
    ours, bare = [], []
    for round in range(arguments.rounds):
        begin = time.perf_counter()
        for _ in range(trials):
            subprocess.run(["sh", "-c", script], stdout=subprocess.DEVNULL)
        bare.append(1000 * (time.perf_counter() - begin) / trials)
        name = f"command-{round}"
        (folder / f"{name}.toml").write_text(f'name = "{name}"\ncommand = ["sh", "-c", {json.dumps(script)}, "sh", "{{x}}"]\nsampler = "random"\n'
                                             f'trials = {trials}\nminimize = ["value"]\n[space]\nx = {{ uniform = [0, 1] }}\n')
        ours.append(1000 * timed([atelier, "sweep", name + ".toml"], folder) / trials)
    a, b = statistics.median(ours), statistics.median(bare)
    print(f"commands (sh -c echo): Atelier {a:.2f} ms a trial, Python's subprocess.run alone {b:.2f} ms: {a - b:+.2f} ms", flush=True)


def workers(folder):
    count, trials = 8, 10 * arguments.trials
    write_sweep(folder, "many", "random", 2, trials)
    begin = time.perf_counter()
    processes = [subprocess.Popen([atelier, "sweep", "many.toml"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                 for _ in range(count)]
    assert all(process.wait() == 0 for process in processes)
    seconds = time.perf_counter() - begin
    ends = {}
    for journal in (folder / "runs/many/journal").iterdir():
        for line in journal.read_text().splitlines():
            event = json.loads(line)
            if event["event"] == "end":
                ends[event["trial"]] = ends.get(event["trial"], 0) + 1
    results = sum(1 for _ in (folder / "runs/many/trials").glob("*/result.toml"))
    twice = sum(1 for n in ends.values() if n != 1)
    print(f"{count} workers on one folder: {results} of {trials} trials have a result, {twice} ran twice, {1000 * seconds / trials:.2f} ms a trial")
    began = time.perf_counter()
    subprocess.run([atelier, "status", "runs/many"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    print(f"atelier status on these: {time.perf_counter() - began:.2f} s")


with tempfile.TemporaryDirectory(dir=arguments.folder or os.getcwd()) as name:
    folder = pathlib.Path(name)
    if "samplers" in kinds:
        samplers(folder)
    if "commands" in kinds:
        commands(folder)
    if "workers" in kinds:
        workers(folder)
