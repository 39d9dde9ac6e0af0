"""Random numbers by name: every draw is a hash of what it is about, never of how many draws came before it.

So any window of the world can be made alone and in one sweep of numpy, and the same minute always holds the same
orders. The mixer is the finaliser of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
generators").
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)


def _mix(x: Keys) -> Keys:
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * _M1
        x = (x ^ (x >> np.uint64(27))) * _M2
        return x ^ (x >> np.uint64(31))


def keys(*parts: Any) -> Keys:
    """One 64-bit key per row from integer parts (scalars or arrays, broadcast against each other)."""
    arrays = np.broadcast_arrays(*[np.atleast_1d(np.asarray(part)).astype(np.int64).view(np.uint64) for part in parts])
    state = np.zeros(arrays[0].shape, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in arrays:
            state = _mix(state + _GOLDEN + part)
    return state


def uniform(key: Keys, stream: str) -> Floats:
    """Uniform [0, 1) for each key; another `stream` is independent."""
    salt = np.uint64(zlib.crc32(stream.encode()) * 2654435761 % 2**64)
    with np.errstate(over="ignore"):
        return (_mix(key ^ _mix(np.array([salt + _GOLDEN]))[0]) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(key: Keys, stream: str) -> Floats:
    """Standard normal by Box and Muller."""
    radius = np.sqrt(-2.0 * np.log1p(-uniform(key, stream + "/r")))
    return radius * np.cos(2 * np.pi * uniform(key, stream + "/a"))


def integers(key: Keys, stream: str, low: Any, high: Any) -> Ints:
    """Whole numbers in [low, high)."""
    low = np.asarray(low)
    return (low + np.floor(uniform(key, stream) * (np.asarray(high) - low))).astype(np.int64)


def choose(key: Keys, stream: str, weights: Any) -> Ints:
    """Index by weight."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(cumulative, uniform(key, stream) * cumulative[-1], side="right")
    return np.minimum(found, len(cumulative) - 1).astype(np.int64)


def poisson(rates: Any, key: Keys, stream: str) -> Ints:
    """Poisson counts: by inversion below a rate of 30, by the normal approximation above."""
    rate = np.asarray(rates, dtype=np.float64)
    counts = np.zeros(rate.shape, dtype=np.int64)
    big = rate >= 30
    counts[big] = np.maximum(0, np.rint(rate[big] + np.sqrt(rate[big]) * normal(key[big], stream))).astype(np.int64)
    rows = np.flatnonzero(~big & (rate > 0))
    u, mass = uniform(key[rows], stream), np.exp(-rate[rows])
    total = mass.copy()
    for k in range(1, 120):
        more = u > total
        if not more.any():
            break
        rows, u, mass, total = rows[more], u[more], mass[more], total[more]
        counts[rows] = k
        mass = mass * rate[rows] / k
        total = total + mass
    return counts


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """For every unit of `counts`: the row it belongs to, and its number within that row."""
    rows = np.repeat(np.arange(len(counts)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    return rows, np.arange(len(rows)) - first
