"""Reasons for an unexpected end of a process."""

from __future__ import annotations

import logging
import re
import signal

from app.documents.convert.results import Problem, Refused
from app.kernel.children.family import Child

log = logging.getLogger(__name__)

OUT_OF_MEMORY = {signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGKILL}
"""Signals that end a program without memory: by abort(3), by pdfium's trap, or by the kernel."""
OUT_OF_TIME = {signal.SIGPROF, signal.SIGXCPU}


def reason(child: Child) -> Refused:
    """Return the problem of the file that a child has died of."""
    child.process.wait()
    code, complaint = child.process.returncode, child.complaint()
    log.info("converting: %s ended with %s: %s", child.name, code, complaint)
    detail = f"{child.name} ended with {code}"
    if -code in OUT_OF_TIME or child.cpu_s > child.rules.cpu_s - 0.5:
        return Refused(Problem.TOO_SLOW, detail)
    if -code in OUT_OF_MEMORY or child.was_short_of_memory or re.search("MemoryError|bad_alloc", complaint):
        return Refused(Problem.TOO_MUCH_MEMORY, detail)
    return Refused(Problem.BROKEN, detail)
