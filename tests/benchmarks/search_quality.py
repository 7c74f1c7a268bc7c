#!/usr/bin/env python3
"""Our samplers beside Optuna's on the same functions: regret (best value less the least there is) after 100 trials, for
Gaussian processes after 50, as median (lower quartile, upper quartile) over the seeds and as the ratio ours / peer: below 1
is better than the peer. zdt1 (two objectives, 200 trials) is the hypervolume up to (1.1, 6), where above 1 is better; its
whole front has 6.27. auto is compared with the best of our own.

Usage: search_quality.py [--functions sphere5,...] [--samplers tpe,gp,...] [--seeds 20] [--peer-results FILE.json]
       search_quality.py --speed [--trials 1000]
with a Python that has numpy, optuna and cmaes (for gp also torch and scipy), after
       cmake --build build/release --target search_quality
--peer-results keeps the peer's numbers: what FILE does not have is run and written, what it has is read.

Functions: sphere5 in [-5, 5], rosenbrock4 in [-2.5, 2.5], ackley5 in [-32.768, 32.768], branin, hartmann6, rastrigin3 in
[-5.12, 5.12], all with the optimum moved off the centre; mixed: two logarithmic rates, a width in steps of 8 and a choice
that moves the best rate; conditional: three kinds of optimizer with parameters of their own, nested once. They stand here
and in search_quality.cpp; each run first compares both at random points.
"""
import argparse, json, math, os, pathlib, statistics, subprocess, sys, time, warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
ours = pathlib.Path(__file__).resolve().parents[2] / "build/release/benchmarks/search_quality"
pi = math.pi


def sphere(z):
    return sum(v * v for v in z)


def rosenbrock(z):
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(z, z[1:]))


def ackley(z):
    n = len(z)
    return (-20 * math.exp(-0.2 * math.sqrt(sum(v * v for v in z) / n)) - math.exp(sum(math.cos(2 * pi * v) for v in z) / n)
            + 20 + math.e)


def branin(z):
    a = z[1] - 5.1 / (4 * pi * pi) * z[0] ** 2 + 5 / pi * z[0] - 6
    return a * a + 10 * (1 - 1 / (8 * pi)) * math.cos(z[0]) + 10


def hartmann6(z):
    alpha = [1.0, 1.2, 3.0, 3.2]
    a = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
    p = [[0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
         [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381]]
    return -sum(alpha[i] * math.exp(-sum(a[i][j] * (z[j] - p[i][j]) ** 2 for j in range(6))) for i in range(4))


def rastrigin(z):
    return 10 * len(z) + sum(v * v - 10 * math.cos(2 * pi * v) for v in z)


class Given:
    """Stands for a trial whose parameters are known."""
    def __init__(self, parameters):
        self.parameters = parameters

    def suggest_float(self, name, *_, **__):
        return self.parameters[name]

    suggest_int = suggest_categorical = suggest_float


def in_box(box, shift, least, value):
    def objective(trial):
        z = [trial.suggest_float(f"x{i}", low, high) - s for i, ((low, high), s) in enumerate(zip(box, shift))]
        return value(z) - least
    return objective


def mixed(trial):
    rate = math.log10(trial.suggest_float("rate", 1e-5, 1e-1, log=True))
    decay = math.log10(trial.suggest_float("decay", 1e-6, 1e-1, log=True))
    width = trial.suggest_int("width", 8, 128, step=8)
    norm = trial.suggest_categorical("norm", ["none", "batch", "layer", "instance"])
    worse = {"none": 0.5, "batch": 0.15, "layer": 0.0, "instance": 0.25}[norm]
    best = {"none": -3.8, "batch": -2.0, "layer": -2.6, "instance": -2.3}[norm]
    return (rate - best) ** 2 + 0.3 * (decay + 4.3) ** 2 + ((width - 72) / 60) ** 2 + worse


def conditional(trial):
    kind = trial.suggest_categorical("kind", ["adam", "sgd", "plain"])
    if kind == "adam":
        rate = math.log10(trial.suggest_float("adam.rate", 1e-5, 1e-1, log=True))
        return 0.1 + 0.3 * (rate + 3.4) ** 2 + 2 * (trial.suggest_float("adam.beta", 0.5, 0.999) - 0.83) ** 2
    if kind == "plain":
        return 0.3 + 0.2 * (math.log10(trial.suggest_float("plain.rate", 1e-4, 10.0, log=True)) + 0.7) ** 2
    rate = math.log10(trial.suggest_float("sgd.rate", 1e-4, 1.0, log=True))
    shared = 0.3 * (rate + 1.3) ** 2 + (trial.suggest_float("sgd.momentum", 0.0, 0.99) - 0.77) ** 2
    if trial.suggest_categorical("sgd.schedule", ["constant", "warm"]) == "constant":
        return 0.05 + shared
    return shared + 3 * (trial.suggest_float("sgd.warmup", 0.0, 0.5) - 0.21) ** 2


def zdt1(trial):
    x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(6)]
    g = 1 + 9 * sum(x[1:]) / 5
    return x[0], g * (1 - math.sqrt(x[0] / g))


functions = {
    "sphere5": in_box([(-5, 5)] * 5, [1.7, -2.3, 0.9, -3.1, 2.6], 0, sphere),
    "rosenbrock4": in_box([(-2.5, 2.5)] * 4, [0.35, -0.6, 0.5, -0.25], 0, rosenbrock),
    "ackley5": in_box([(-32.768, 32.768)] * 5, [9.1, -13.7, 4.3, -18.2, 15.6], 0, ackley),
    "branin": in_box([(-5, 10), (0, 15)], [1.3, -0.8], 0.39788735772973816, branin),
    "hartmann6": in_box([(0, 1)] * 6, [0.12, -0.07, 0.15, 0.2, -0.1, 0.08], -3.322368011415515, hartmann6),
    "rastrigin3": in_box([(-5.12, 5.12)] * 3, [1.3, -2.1, 2.7], 0, rastrigin),
    "mixed": mixed,
    "conditional": conditional,
    "zdt1": zdt1,
}
least = {"branin": 0.39788735772973816, "hartmann6": -3.322368011415515}
# Ours, the peer's name in optuna.samplers and its options, the number of trials.
samplers = {
    "random": ("RandomSampler", {}, 100),
    "sobol": ("QMCSampler", {"scramble": True}, 100),
    "tpe": ("TPESampler", {"multivariate": True, "group": True}, 100),
    "gp": ("GPSampler", {}, 50),
    "cma-es": ("CmaEsSampler", {}, 100),
    "nsga2": ("NSGAIISampler", {}, 100),
    "auto": (None, {}, 100),
}


def hypervolume(points):
    area, height = 0, 6
    for x, y in sorted(points):
        if x < 1.1 and y < height:
            area, height = area + (1.1 - x) * (height - y), y
    return area


def compare_functions():
    output = subprocess.run([ours, "--points", "50"], check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        point = json.loads(line)
        value = functions[point["function"]](Given(point["parameters"]))
        value = list(value) if isinstance(value, tuple) else [value + least.get(point["function"], 0)]
        if any(abs(a - b) > 1e-9 * (1 + abs(b)) for a, b in zip(value, point["values"])):
            sys.exit(f"search_quality: {point} is {value} here")


def run_ours(function, sampler, trials, seeds, extra=()):
    command = [ours, "--function", function, "--sampler", sampler, "--trials", str(trials), "--seeds", str(seeds), *extra]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return None, done.stderr.strip()
    return json.loads(done.stdout)["scores"][str(trials)], None


def run_peer(function, sampler, trials, seed):
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    name, options, _ = samplers[sampler]
    front = function == "zdt1"
    study = optuna.create_study(directions=["minimize"] * (2 if front else 1), sampler=getattr(optuna.samplers, name)(seed=seed, **options))
    study.optimize(functions[function], n_trials=trials)
    return hypervolume([t.values for t in study.trials]) if front else study.best_value


class PeerResults:
    def __init__(self, file):
        self.file = pathlib.Path(file) if file else None
        self.scores = json.loads(self.file.read_text()) if self.file and self.file.exists() else {}

    def of(self, function, sampler, trials, seeds):
        """None where the peer has nothing to do with it: CMA-ES knows one objective, NSGA-II is for several, and 200 trials
        of two Gaussian processes take it minutes a seed."""
        if not samplers[sampler][0] or sampler in (("cma-es", "gp") if function == "zdt1" else ("nsga2",)):
            return None
        known = self.scores.setdefault(f"{samplers[sampler][0]} {function} {trials}", {})
        for seed in range(seeds):
            if str(seed) not in known:
                known[str(seed)] = run_peer(function, sampler, trials, seed)
                if self.file:
                    self.file.with_suffix(".new").write_text(json.dumps(self.scores, indent=0))
                    self.file.with_suffix(".new").rename(self.file)
        return [known[str(seed)] for seed in range(seeds)]


def summary(scores):
    if scores is None:
        return "-"
    if len(scores) < 2:
        return f"{scores[0]:.3g}"
    low, middle, high = statistics.quantiles(scores, n=4, method="inclusive")
    return f"{middle:.3g} ({low:.2g}, {high:.2g})"


def measure_speed(arguments):
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    for sampler in arguments.samplers.split(","):
        name, options, _ = samplers[sampler]
        done = subprocess.run([ours, "--speed", "--sampler", sampler, "--trials", str(arguments.trials)], check=True, capture_output=True, text=True)
        mine = json.loads(done.stdout)["microseconds"]
        for dimensions in (1, 10):
            box = [(-1, 1)] * dimensions
            study = optuna.create_study(sampler=getattr(optuna.samplers, name)(seed=0, **options)) if name else None
            start = time.process_time()
            if study:
                study.optimize(in_box(box, [0.3] * dimensions, 0, sphere), n_trials=arguments.trials)
            peer = (time.process_time() - start) / arguments.trials * 1e6
            ratio = f"Optuna {peer:.0f} (a whole trial), {peer / mine[str(dimensions)]:.0f} times" if study else ""
            print(f"{sampler}, {dimensions} parameters, {arguments.trials} trials: {mine[str(dimensions)]:.1f} microseconds of processor time a suggestion; {ratio}", flush=True)


parser = argparse.ArgumentParser()
parser.add_argument("--functions", default=",".join(functions))
parser.add_argument("--samplers", default="tpe,gp,cma-es,random,sobol,nsga2,auto")
parser.add_argument("--seeds", type=int, default=20)
parser.add_argument("--trials", type=int, default=1000, help="for --speed")
parser.add_argument("--peer-results", default="")
parser.add_argument("--peers-only", action="store_true", help="only fill --peer-results")
parser.add_argument("--speed", action="store_true")
arguments = parser.parse_args()
if arguments.speed:
    measure_speed(arguments)
    sys.exit()
compare_functions()
peers = PeerResults(arguments.peer_results)
chosen = arguments.functions.split(",")


def compare_with_peer(sampler):
    print(f"\n{sampler} | trials | ours | {samplers[sampler][0]} | ratio\n--- | --- | --- | --- | ---")
    for function in chosen:
        trials = 200 if function == "zdt1" else samplers[sampler][2]
        peer = peers.of(function, sampler, trials, arguments.seeds)
        if arguments.peers_only:
            continue
        mine, problem = run_ours(function, sampler, trials, arguments.seeds)
        ratio = "-" if not (mine and peer) else f"{statistics.median(mine) / statistics.median(peer):.3g}"
        print(f"{function} | {trials} | {summary(mine) if mine else problem} | {summary(peer)} | {ratio}", flush=True)


def compare_auto():
    """With the best of our own samplers, after as many trials."""
    print("\nauto | trials | auto | best of the others | ratio\n--- | --- | --- | --- | ---")
    for function in chosen:
        for trials in (200,) if function == "zdt1" else (50, 100):
            mine, _ = run_ours(function, "auto", trials, arguments.seeds)
            others = {name: run_ours(function, name, trials, arguments.seeds)[0] for name in samplers if name != "auto"}
            medians = {name: statistics.median(scores) for name, scores in others.items() if scores}
            best = (max if function == "zdt1" else min)(medians, key=medians.get)
            print(f"{function} | {trials} | {summary(mine)} | {best}: {summary(others[best])} | "
                  f"{statistics.median(mine) / medians[best]:.3g}", flush=True)


for sampler in arguments.samplers.split(","):
    if sampler != "auto":
        compare_with_peer(sampler)
    elif not arguments.peers_only:
        compare_auto()
