"""Runs a command, and with RELOAD=1 again after each change of a file: `again.py FOLDER,FOLDER COMMAND ARGUMENT…`.

It is for people who change the service: `make run RELOAD=1`. Without RELOAD this process becomes the command.
"""

from __future__ import annotations

import os
import shlex
import sys

if __name__ == "__main__":
    folders, command = sys.argv[1].split(","), sys.argv[2:]
    if os.environ.get("RELOAD") == "1":
        watcher = [sys.executable, "-m", "watchfiles", "--verbosity", "warning", "--target-type", "command"]
        command = [*watcher, "--sigint-timeout", "3", shlex.join(command), *folders]
    os.execvp(command[0], command)
