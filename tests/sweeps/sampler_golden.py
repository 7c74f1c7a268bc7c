#!/usr/bin/env python3
"""Prints the numbers of sobol_test.cpp and tpe_test.cpp that come from SciPy."""
import numpy as np
from scipy.stats import norm, qmc, truncnorm

# How many leading bits the points 1 to 15 of SciPy's plain Sobol sequence share with the point 0, which is zero.
# SciPy walks in Gray code: its point n is our point n ^ (n >> 1).
points = (qmc.Sobol(128, scramble=False, bits=32).random(16) * 2**32).astype(np.uint64)
for dimension in (1, 4, 40, 127):
    print(dimension, [32 - int(p).bit_length() for p in points[1:, dimension]])

# A Parzen estimator over one ordered axis and one of three choices, relative to the even density. Three points with weights
# 1, 2, 1; the even kernel has 1.5 times the mean weight; no width below max(0.01, 0.25 / 5); other choices 2 each / (1 + 3).
centres, choices, weights = np.array([0.1, 0.4, 0.45]), np.array([0, 2, 2]), np.array([1.0, 2, 1])
widths = np.array([0.3, 0.3, 0.05])  # to the farther neighbour
even = 1.5 * weights.mean()
for x, choice in ((0.1, 0), (0.42, 2), (0.95, 1)):
    kernel = truncnorm.pdf(x, -centres / widths, (1 - centres) / widths, loc=centres, scale=widths)
    others = 2 / 4
    kernel *= 3 * ((choices == choice) + others) / (1 + 3 * others)
    print(x, choice, repr(np.log((kernel @ weights + even) / (weights.sum() + even))))
