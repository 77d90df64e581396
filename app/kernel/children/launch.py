"""Sets a program's limits and becomes it: `launch.py {"parent": 1, …} COMMAND ARGUMENT…`. It does not import the app.

If the kernel lets us, the program runs in namespaces of its own, as an ordinary user: a network with nothing in it
(CLONE_NEWNET), and all folders except those that hold our data (CLONE_NEWNS). The user namespace also keeps it from
reading other processes in /proc. It dies with its parent. Sources: unshare(2), mount(2), prctl(2), ptrace(2),
ioprio_set(2), user_namespaces(7).
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
LAST_CAPABILITY = 63
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
IOPRIO_IDLE = 3 << 13
NICE = 10
ROOM_BYTES = 2_000_000_000
"""Address space in addition to the memory itself: libraries, and room that threads reserve but do not use."""
CANNOT = 125
"""Exit code: the limits could not be set."""

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Set the limits, then exec."""
    rules, command = json.loads(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        network, must = rules["network"] != "shared", rules["network"] == "none"
        is_apart = step_aside(network=network, hidden=rules["hidden"], shown=rules["shown"])
        if must and not is_apart:
            sys.exit(CANNOT)
        give_up_privileges()
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)  # a new user namespace would clear it
        if os.getppid() != rules["parent"]:
            sys.exit(CANNOT)
        yield_to_others()
    os.nice(NICE)
    for what, limit in (
        (resource.RLIMIT_DATA, rules["memory_bytes"]),  # written memory; libraries and reserved room are free
        (resource.RLIMIT_AS, 4 * rules["memory_bytes"] + ROOM_BYTES),
        (resource.RLIMIT_CPU, rules["cpu_s"]),
        (resource.RLIMIT_FSIZE, rules["file_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(what, limit)
    os.execvp(command[0], command)  # noqa: S606 - the program's only purpose


def step_aside(*, network: bool, hidden: Sequence[str], shown: Sequence[str]) -> bool:
    """Leave the network, even the loopback, and hide our data. Return whether that worked."""
    spaces = (CLONE_NEWNET if network else 0) | (CLONE_NEWNS if hidden else 0)
    if not spaces:
        return True
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | spaces) == 0:
        for file, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with suppress(OSError):  # a program without a user name still runs, and its files have the same owner
                Path("/proc/self", file).write_text(line)
    elif libc.unshare(spaces) != 0:  # root may do it even if nobody gets a user namespace
        return False
    try:
        if hidden:
            hide(hidden, shown)
    except OSError:
        return False
    return True


def hide(hidden: Sequence[str], shown: Sequence[str]) -> None:
    """Mount an empty folder over each hidden folder, an empty file over each file. Then put back the shown paths.

    Raises:
        OSError: the kernel does not allow it.
    """
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    opened = {path: os.open(path, os.O_PATH) for path in shown}
    for path in sorted(hidden):  # a folder comes before its contents, which are then hidden with it
        if Path(path).is_dir():
            mount("none", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=755")
        elif Path(path).exists():
            mount("/dev/null", path, None, MS_BIND)
    for path, handle in sorted(opened.items()):
        if not Path(path).exists():
            is_folder = Path(f"/proc/self/fd/{handle}").is_dir()
            (Path(path) if is_folder else Path(path).parent).mkdir(parents=True, exist_ok=True)
            if not is_folder:
                Path(path).touch()
            mount(f"/proc/self/fd/{handle}", path, None, MS_BIND | MS_REC)
        os.close(handle)
    os.chdir(Path.cwd())  # the way up from here must not lead beneath the new mounts


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mount something over a path (mount(2)).

    Raises:
        OSError: the kernel refuses.
    """
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind, options)]
    if libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]) != 0:
        raise OSError(ctypes.get_errno(), "mount", target)


def give_up_privileges() -> None:
    """Keep a program that root has started from removing the mounts that hide our data."""
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def yield_to_others() -> None:
    """Let all other programs go first at the disk, and let the kernel kill this one first when memory runs out."""
    if call := IOPRIO_SET.get(platform.machine()):
        libc.syscall(call, 1, 0, IOPRIO_IDLE)
    with suppress(OSError):  # then the kernel chooses by size alone
        Path("/proc/self/oom_score_adj").write_text("900")


def _lower(what: int, limit: int) -> None:
    _soft, hard = resource.getrlimit(what)
    most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
