"""Settings of the web process for gunicorn, which reads this file."""

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
    """Calm the garbage collector once the app is loaded."""
    from app.kernel import garbage

    garbage.calm()
