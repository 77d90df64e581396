"""How the web process is served; gunicorn reads this file."""

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
worker_connections = 20_000  # sockets and pages together; what the system lets a process open is the true limit
backlog = 2048
keepalive = 30  # seconds; a learner asks for a segment every second on one connection
graceful_timeout = 2  # seconds; sockets are told at once and come back by themselves
timeout = 30  # seconds without a sign of life from the worker, then it is replaced
loglevel = "warning"
accesslog = None
control_socket_disable = True


def post_fork(_server, _worker):
    """A worker whose master was killed must not sit on the port."""
    die_with_parent(signal.SIGKILL)
