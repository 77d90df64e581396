"""Programs on a leash end with their parent, and do not begin without it."""

from __future__ import annotations

import subprocess
import sys

from app.kernel.leash import leashed

SAYS = [sys.executable, "-c", "print('at work')"]


def test_a_program_begins_for_the_process_that_starts_it() -> None:
    done = subprocess.run(leashed(SAYS), capture_output=True, text=True, check=True)
    assert done.stdout == "at work\n"


def test_a_program_whose_parent_died_before_it_could_look_does_not_begin() -> None:
    command = leashed(SAYS)
    with subprocess.Popen([sys.executable, "-c", "pass"]) as parent:
        command[command.index("--kill") + 1] = str(parent.pid)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
