"""Gives a program its limits and becomes it: `launch.py {"parent": 1, …} COMMAND ARGUMENT…`. Knows nothing of the app.

Where the kernel lets us, the program gets a network of its own with nothing in it (CLONE_NEWNET), as an ordinary user
within a user namespace of its own. It dies with whoever started it. Sources: unshare(2), prctl(2), ioprio_set(2),
user_namespaces(7).
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
IOPRIO_IDLE = 3 << 13
NICE = 10
ROOM_BYTES = 2_000_000_000
"""Address space beside the memory itself: libraries, and what threads reserve and do not use."""
CANNOT = 125
"""Exit code: the limits could not be set."""


def main() -> None:
    """Set the limits, then exec."""
    rules, command = json.loads(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        if rules["network"] != "shared" and not leave_network() and rules["network"] == "none":
            sys.exit(CANNOT)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)  # a new user namespace would clear it
        if os.getppid() != rules["parent"]:
            sys.exit(CANNOT)
        yield_to_others()
    os.nice(NICE)
    for what, limit in (
        (resource.RLIMIT_DATA, rules["memory_bytes"]),  # what it writes to; libraries and room only reserved are free
        (resource.RLIMIT_AS, 4 * rules["memory_bytes"] + ROOM_BYTES),
        (resource.RLIMIT_CPU, rules["cpu_s"]),
        (resource.RLIMIT_FSIZE, rules["file_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(what, limit)
    os.execvp(command[0], command)  # noqa: S606 - this is what it is for


def leave_network() -> bool:
    """Go where there is no network, not even a loopback that is up; say whether that worked."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) == 0:  # root may
        return True
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    for file, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with suppress(OSError):  # without a name for itself a program still runs, its files are the same person's
            Path("/proc/self", file).write_text(line)
    return True


def yield_to_others() -> None:
    """Let everybody else go first at the disk, and let the kernel choose this one when memory runs out."""
    if call := IOPRIO_SET.get(platform.machine()):
        ctypes.CDLL(None).syscall(call, 1, 0, IOPRIO_IDLE)
    with suppress(OSError):  # then the kernel chooses by size alone
        Path("/proc/self/oom_score_adj").write_text("900")


def _lower(what: int, limit: int) -> None:
    _soft, hard = resource.getrlimit(what)
    most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
