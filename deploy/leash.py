"""Runs a command that gets SIGTERM when its parent dies, however it dies: `leash.py COMMAND ARGUMENT…`.

So `kill -9` of the supervisor leaves no process that holds a port.
With `--kill PARENT` before the command, it gets SIGKILL instead, and no signal to its parent's group reaches it. PARENT
is the id of the process that starts it. If that died before this program could look, the command does not begin. This
is for work that is begun again when its parent comes back.
Linux only; elsewhere the command just runs.
Source: prctl(2), PR_SET_PDEATHSIG; the setting survives execve.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send `how` to this process when its parent thread ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)


if __name__ == "__main__":
    kills = sys.argv[1] == "--kill"
    parent, command = (int(sys.argv[2]), sys.argv[3:]) if kills else (os.getppid(), sys.argv[1:])
    if kills:
        os.setsid()
    die_with_parent(signal.SIGKILL if kills else signal.SIGTERM)
    if os.getppid() != parent:  # the parent died in between
        sys.exit(1)
    os.execvp(command[0], command)
