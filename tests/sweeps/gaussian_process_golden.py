"""Writes gaussian_process_golden.json: posterior and likelihood of a small Gaussian process, with SciPy.

The Matern kernel is the general one with a Bessel function (Rasmussen and Williams 2006, eq. 4.14) at nu = 5/2, the
likelihood SciPy's multivariate normal density, so that nothing is shared with our closed forms.
Run: python3 gaussian_process_golden.py > gaussian_process_golden.json
"""
import json

import numpy as np
from scipy import linalg, special, stats

NU = 2.5
length_scales = np.array([0.3, 0.8, 1.4])
variance, noise, mean_variance = 1.7, 0.02, 1.0
rng = np.random.default_rng(20)
# Two numbers and a category of three values.
inputs = np.column_stack([rng.random((9, 2)), rng.integers(0, 3, 9)])
queries = np.column_stack([rng.random((4, 2)), rng.integers(0, 3, 4)])
targets = np.sin(5 * inputs[:, 0]) + inputs[:, 1] ** 2 - 0.4 * inputs[:, 2]
targets = (targets - targets.mean()) / targets.std()


def kernel(a, b):
    gap = a[:, None, :] - b[None, :, :]
    gap[..., 2] = gap[..., 2] != 0
    r = np.sqrt(((gap / length_scales) ** 2).sum(-1))
    x = np.sqrt(2 * NU) * np.where(r == 0, 1, r)
    matern = 2 ** (1 - NU) / special.gamma(NU) * x**NU * special.kv(NU, x)
    return variance * np.where(r == 0, 1, matern) + mean_variance


noisy = kernel(inputs, inputs) + noise * np.eye(len(inputs))
across = kernel(queries, inputs)
solved = linalg.solve(noisy, across.T, assume_a="pos")
print(
    json.dumps(
        {
            "length_scales": length_scales.tolist(),
            "variance": variance,
            "noise": noise,
            "inputs": inputs.tolist(),
            "targets": targets.tolist(),
            "queries": queries.tolist(),
            "means": (solved.T @ targets).tolist(),
            "variances": (variance + mean_variance - (across * solved.T).sum(1)).tolist(),
            "log_likelihood": float(stats.multivariate_normal(np.zeros(len(inputs)), noisy).logpdf(targets)),
        },
        indent=1,
    )
)
