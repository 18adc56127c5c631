"""Fits the polynomials of kernels/wasm/vector_math.ts and prints them with their largest error.

Made with Python 3.11 and numpy 2.4.6:

    python3 -m venv venv && venv/bin/pip install numpy
    venv/bin/python tools/fit_polynomials.py

Each is the polynomial of its degree whose largest relative error is smallest, found by Lawson's
algorithm: least squares, reweighted towards the points where the error is large.
"""

import numpy as np


def fit(function, low, high, degree, weight, points=4000, rounds=600):
    nodes = np.cos(np.pi * (np.arange(points) + 0.5) / points)
    x = (low + high) / 2 + (high - low) / 2 * nodes
    w = weight(x)
    columns = np.vander(x, degree + 1, increasing=True) * w[:, None]
    wanted = function(x) * w
    share = np.ones(points)
    for _ in range(rounds):
        root = np.sqrt(share)
        found = np.linalg.lstsq(columns * root[:, None], wanted * root, rcond=None)[0]
        error = np.abs(columns @ found - wanted)
        share *= error / error.max() + 1e-9
        share /= share.sum()
    return found, error.max()


def exp_rest(x):
    """(exp(x) - 1 - x) / x^2"""
    near = np.abs(x) < 1e-3
    return np.where(near, 0.5 + x / 6 + x**2 / 24, (np.expm1(x) - x) / np.where(near, 1, x**2))


def atanh_rest(t):
    """(atanh(s) / s - 1) / s^2 where t = s^2"""
    near = t < 1e-4
    s = np.sqrt(np.where(near, 1, t))
    return np.where(near, 1 / 3 + t / 5 + t**2 / 7, (np.arctanh(np.where(near, 0, s)) / s - 1) / s**2)


HALF = np.log(2) / 2
for name, function, low, high, degree, weight in [
    ("exp", exp_rest, -HALF, HALF, 4, lambda x: x**2 / np.exp(x)),
    ("atanh", atanh_rest, 0, 1 / 9, 3, lambda t: t),
]:
    coefficients, error = fit(function, low, high, degree, weight)
    print(name, [float(np.float32(value)) for value in coefficients], f"relative error {error:.1e}")
