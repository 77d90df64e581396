"""Settings of the web process for gunicorn, which reads this file."""

import gc
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from leash import die_with_parent
from patience import PatientWorker

bind = [f"{os.environ.get('WEB_HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"]
worker_class = PatientWorker
workers = int(os.environ.get("WEB_PROCESSES") or 1)
worker_connections = 20_000  # sockets and pages together; the true limit is the system's number of open files
backlog = 2048
keepalive = 30  # seconds; a learner asks for a segment every second on one connection
graceful_timeout = 2  # seconds; sockets close at once and come back by themselves
timeout = 30  # seconds of silence after which the worker is replaced
loglevel = "warning"
accesslog = None
control_socket_disable = True


def post_fork(_server, _worker):
    """Let the worker die with its master, or it would sit on the port."""
    die_with_parent(signal.SIGKILL)


def post_worker_init(_worker):
    """Keep the garbage collector from stopping a full room.

    Beside 5,000 pages it would walk through everything that they hold every eight seconds, for 0.8 s in which nobody
    hears a word, to find a few hundred objects. What is loaded now stays for ever. The rest is looked through once so
    many more objects were made than were freed: the young ones after ten thousand, all of them after ten million.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 200)
