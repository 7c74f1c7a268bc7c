#!/usr/bin/env python3
"""Importance of parameters beside Optuna's, on the same trials of functions whose Sobol indices are known in closed form.

Usage: importance.py [--seeds 10] [--show]   with a Python that has numpy, scipy, scikit-learn and optuna, after
       cmake --build build/release --target atelier
For each function, way of sampling and number of trials: the median over seeds of Kendall's rank correlation of the shares with
the true total indices, and in how many of the seeds the most important parameter was named. `atelier` reads folders that are
written as a sweep leaves them. PED-ANOVA answers another question (what tells the best tenth from the rest), fANOVA in Optuna
gives shares of first order; both are ranked as their users would read them. --show prints the rankings of the first seed.
"""
import argparse, json, pathlib, statistics, subprocess, tempfile, warnings

import numpy as np
import optuna
import scipy.stats

here = pathlib.Path(__file__).resolve().parent
atelier = here.parents[1] / "build/release/bin/atelier"
optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, default=10)
parser.add_argument("--show", action="store_true")
arguments = parser.parse_args()


def ishigami(u):
    x = np.pi * (2 * u[:3] - 1)
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def additive(u):
    return float(np.dot([4, 3, 2, 1, 0, 0], u))


g_factors = np.array([0, 1, 4.5, 9, 99, 99])


def sobol_g(u):
    return float(np.prod((np.abs(4 * u - 2) + g_factors) / (1 + g_factors)))


def g_totals():
    parts = 1 / (3 * (1 + g_factors) ** 2)  # Variances of the factors (Saltelli and Sobol, 1995).
    whole = np.prod(1 + parts) - 1
    return [float(part * np.prod(1 + np.delete(parts, i)) / whole) for i, part in enumerate(parts)]


functions = {
    "Ishigami and 3 without effect": (ishigami, [0.5576, 0.4424, 0.2437, 0, 0, 0]),
    "additive 4, 3, 2, 1, 0, 0": (additive, [16 / 30, 9 / 30, 4 / 30, 1 / 30, 0, 0]),
    "Sobol's g 0, 1, 4.5, 9, 99, 99": (sobol_g, g_totals()),
}
names = [f"x{i}" for i in range(6)]


def sample(function, sampler, trials):
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda t: function(np.array([t.suggest_float(name, 0, 1) for name in names])), n_trials=trials)
    return study


def ours(study):
    with tempfile.TemporaryDirectory() as folder:
        sweep = pathlib.Path(folder)
        space = "\n".join(f"{name} = {{ uniform = [0, 1] }}" for name in names)
        (sweep / "sweep.toml").write_text(f'name = "known"\nminimize = ["value"]\n[space]\n{space}\n')
        for trial in study.trials:
            run = sweep / "trials" / f"{trial.number:06}"
            run.mkdir(parents=True)
            chosen = "\n".join(f"{name} = {trial.params[name]!r}" for name in names)
            (run / "trial.toml").write_text(f"number = {trial.number}\n[parameters]\n{chosen}\n")
            (run / "result.toml").write_text(f'state = "finished"\nsteps = 1\nseconds = 1.0\n[values]\nvalue = {trial.value!r}\n')
        report = subprocess.run([atelier, "report", sweep, "--json", "-"], check=True, capture_output=True, text=True).stdout
    found = json.loads(report)["importance"][0]
    shares = {each["key"]: each["share"] for each in found["parameters"]}
    return [shares.get(name, 0) for name in names] if found["enough"] else None


def optunas(study, evaluator):
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return [found.get(name, 0) for name in names]


for title, (function, truth) in functions.items():
    print(f"{title}; true totals " + ", ".join(f"{share:.3f}" for share in truth))
    for way in ("random", "TPE"):
        for trials in (30, 100, 300):
            rows = {"atelier": [], "Optuna fANOVA": [], "Optuna PED-ANOVA": []}
            for seed in range(arguments.seeds):
                sampler = optuna.samplers.RandomSampler(seed=seed) if way == "random" else optuna.samplers.TPESampler(seed=seed)
                study = sample(function, sampler, trials)
                rows["atelier"].append(ours(study))
                rows["Optuna fANOVA"].append(optunas(study, optuna.importance.FanovaImportanceEvaluator(seed=seed)))
                rows["Optuna PED-ANOVA"].append(optunas(study, optuna.importance.PedAnovaImportanceEvaluator()))
            print(f"  {way:6} n = {trials}")
            for who, found in rows.items():
                said = [shares for shares in found if shares is not None]
                taus = [scipy.stats.kendalltau(shares, truth).statistic for shares in said]
                first = sum(int(np.argmax(shares)) == int(np.argmax(truth)) for shares in said)
                silent = len(found) - len(said)
                print(f"    {who:17} tau {statistics.median(taus) if taus else float('nan'):5.2f}, "
                      f"first right in {first} of {len(said)}" + (f", {silent} times not enough to say" if silent else ""))
                if arguments.show and said:
                    order = np.argsort(-np.array(said[0]), kind="stable")
                    print("      " + ", ".join(f"{names[i]} {said[0][i]:.2f}" for i in order))
