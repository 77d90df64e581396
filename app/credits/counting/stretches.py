"""Sets of moments of the media clock, as sorted disjoint stretches. Pure: no database."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

Stretch = tuple[int, int]
"""From and to, epoch ms on the capture clock; the end does not belong to it."""

Stretches = list[Stretch]
"""In order, without overlaps; stretches that touch are one."""


def tidy(stretches: Iterable[Sequence[int]], *, seam_ms: int = 0) -> Stretches:
    """Return the union of stretches in any order; empty ones are left out.

    Args:
        stretches: pairs of from and to.
        seam_ms: stretches that are at most so far apart are joined.
    """
    found: Stretches = []
    for start, end in sorted((one[0], one[1]) for one in stretches):
        if end <= start:
            continue
        if found and start <= found[-1][1] + seam_ms:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def within(start: int, end: int, stretches: Stretches) -> Stretches:
    """Return what of one stretch lies within others."""
    found: Stretches = []
    at = max(0, bisect_right(stretches, start, key=lambda one: one[0]) - 1)
    while at < len(stretches) and stretches[at][0] < end:
        one = max(start, stretches[at][0]), min(end, stretches[at][1])
        if one[0] < one[1]:
            found.append(one)
        at += 1
    return found


def outside(start: int, end: int, stretches: Stretches) -> Stretches:
    """Return what of one stretch lies in none of the others."""
    covered = within(start, end, stretches)
    edges = [(start, start), *covered, (end, end)]
    return [(one[1], two[0]) for one, two in pairwise(edges) if one[1] < two[0]]


def length_ms(stretches: Stretches) -> int:
    """Return how long stretches are together."""
    return sum(end - start for start, end in stretches)
