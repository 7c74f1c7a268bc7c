"""Makes statistics_golden.json: intervals and tests computed by SciPy, or by counting all cases with NumPy where SciPy has
no exact answer, without calling our code.

    pip install numpy scipy && python3 statistics_golden.py
"""
import itertools
import json
from pathlib import Path

import numpy as np
import scipy.stats

HERE = Path(__file__).parent
random = np.random.default_rng(20240607)


def student():
    cases = []
    for freedom in (1, 2, 3, 4.5, 10, 29, 200):
        for probability in (0.005, 0.025, 0.3, 0.5, 0.9, 0.975, 0.9995):
            t = scipy.stats.t.ppf(probability, freedom)
            cases.append({"freedom": freedom, "probability": probability, "t": t})
    return cases


def means():
    cases = []
    for n in (2, 3, 5, 30):
        values = random.normal(0.3, 0.1, n)
        low, high = scipy.stats.t.interval(0.95, n - 1, values.mean(), scipy.stats.sem(values))
        cases.append({"values": values.tolist(), "mean": values.mean(), "low": low, "high": high})
    return cases


def differences():
    cases = []
    for m, n in ((2, 2), (3, 5), (10, 4)):
        a, b = random.normal(0.5, 0.2, m), random.normal(0.3, 0.05, n)
        interval = scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
        cases.append({"first": a.tolist(), "second": b.tolist(), "low": interval.low, "high": interval.high})
    return cases


def shift_by_counting(a, b):
    """Hodges and Lehmann's shift: the differences that the exact two-sided test at 5 % leaves, by counting all deals."""
    differences = np.sort(np.subtract.outer(a, b).ravel())
    m, n = len(a), len(b)
    us = [sum(c) - m * (m + 1) / 2 for c in itertools.combinations(range(1, m + n + 1), m)]
    counts = np.bincount(np.array(us, dtype=int), minlength=m * n + 1)
    below = np.cumsum(counts) / counts.sum()  # P(U <= u)
    c = int(np.searchsorted(below, 0.025, side="right"))  # The largest c with P(U <= c - 1) <= 0.025.
    return np.median(differences), (differences[c - 1], differences[m * n - c]) if c > 0 else None


def rank_sums():
    cases = []
    for m, n in ((3, 3), (3, 4), (5, 5), (6, 8), (2, 12)):
        a, b = random.normal(0.8, 1, m), random.normal(0, 1, n)
        test = scipy.stats.mannwhitneyu(a, b, method="exact")
        shift, interval = shift_by_counting(a, b)
        cases.append({"first": a.tolist(), "second": b.tolist(), "u": test.statistic, "p": test.pvalue, "exact": True,
                      "shift": shift, "interval": interval})
    for m, n in ((4, 5), (6, 6), (3, 8)):  # With ties: every deal of the mean ranks.
        a, b = random.integers(0, 4, m).astype(float), random.integers(1, 6, n).astype(float)
        ranks = scipy.stats.rankdata(np.concatenate([a, b]))
        middle = m * (m + n + 1) / 2
        sums = np.array([sum(c) for c in itertools.combinations(ranks, m)])
        p = np.mean(np.abs(sums - middle) >= abs(ranks[:m].sum() - middle) - 1e-9)
        cases.append({"first": a.tolist(), "second": b.tolist(), "u": ranks[:m].sum() - m * (m + 1) / 2, "p": p, "exact": True,
                      "shift": np.median(np.subtract.outer(a, b))})
    a, b = np.round(random.normal(0.3, 1, 40), 1), np.round(random.normal(0, 1, 50), 1)
    test = scipy.stats.mannwhitneyu(a, b, method="asymptotic")
    cases.append({"first": a.tolist(), "second": b.tolist(), "u": test.statistic, "p": test.pvalue, "exact": False,
                  "shift": np.median(np.subtract.outer(a, b))})
    return cases


def correlations():
    cases = []
    for n, slope in ((10, 1.0), (30, -0.5), (25, 0.0)):
        x = np.round(random.normal(size=n), 1)
        y = slope * x + random.normal(size=n)
        r = scipy.stats.spearmanr(x, y).statistic
        half = scipy.stats.norm.ppf(0.975) * np.sqrt((1 + r * r / 2) / (n - 3))
        cases.append({"a": x.tolist(), "b": y.tolist(), "r": r, "low": np.tanh(np.arctanh(r) - half),
                      "high": np.tanh(np.arctanh(r) + half)})
    return cases


def dominations():
    cases = []
    for objectives in (1, 2, 3):
        scores = random.integers(0, 8, (40, objectives)).astype(float)
        worse = (scores[:, None] >= scores[None]).all(2) & (scores[:, None] > scores[None]).any(2)
        cases.append({"scores": scores.tolist(), "dominated_by": worse.sum(1).tolist()})
    return cases


golden = {"student": student(), "means": means(), "differences": differences(), "rank_sums": rank_sums(),
          "correlations": correlations(), "dominations": dominations()}
(HERE / "statistics_golden.json").write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
