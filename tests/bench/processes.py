"""CPU time of a process with everything that it has started."""

from __future__ import annotations

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds so far: of running processes by their own clocks (ns), of ended ones in ticks (10 ms)."""
    return sum(own_cpu_seconds(one) + _ended_children(one) for one in family(pid))


def own_cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process alone."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the clock of a whole process, clock_getcpuclockid(3)
    except OSError:
        return 0.0


def _ended_children(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / TICKS  # cutime and cstime, proc(5)
