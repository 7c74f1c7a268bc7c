"""Numbers that are functions of a name, so that scripts and tests make the same ones."""
import numpy as np


def uniform(name, count):
    """`count` numbers in [-1, 1): splitmix64, started at the name's FNV-1a hash."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(state) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1


def numbers(name, shape, centre, spread):
    """Of this shape, around a centre, rounded to single precision."""
    values = (centre + spread * uniform(name, int(np.prod(shape)))).astype(np.float32)
    return values.reshape(shape).astype(np.float64)
