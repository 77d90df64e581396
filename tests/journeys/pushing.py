"""The line on which Firefox waits for messages: what it needs of the protocol of Mozilla's push service, autopush.

Together with `tests.notices.push_service`, which takes the messages, it is a whole push service on this machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

from simple_websocket import ConnectionClosed, Server

from tests.notices.push_service import Came, PushService


class Lines:
    """Browsers that wait, by the channel of each subscription."""

    def __init__(self, service: PushService) -> None:
        self._service = service
        self._waiting: dict[str, Server] = {}
        service.hand_on = self._deliver

    def talk(self, line: Server) -> None:
        """Answer a browser until it goes away."""
        with suppress(ConnectionClosed):
            while True:
                said = json.loads(line.receive())
                answer = self._answer(said, line)
                if answer is not None:
                    line.send(json.dumps(answer))

    def _answer(self, said: dict[str, Any], line: Server) -> dict[str, Any] | None:
        kind, channel = said.get("messageType"), said.get("channelID", "")
        match kind:
            case "hello":
                return {"messageType": kind, "status": 200, "uaid": uuid4().hex, "use_webpush": True, "broadcasts": {}}
            case "register":
                self._waiting[channel] = line
                endpoint = self._service.subscription(channel).endpoint
                return {"messageType": kind, "status": 200, "channelID": channel, "pushEndpoint": endpoint}
            case "unregister":
                self._waiting.pop(channel, None)
                return {"messageType": kind, "status": 200, "channelID": channel}
            case None:
                return {}  # a ping
        return None

    def _deliver(self, came: Came) -> None:
        channel = came.path.removeprefix("/")
        message = {
            "messageType": "notification",
            "channelID": channel,
            "version": uuid4().hex,
            "data": base64.urlsafe_b64encode(came.body).rstrip(b"=").decode(),
            "headers": {"encoding": came.headers["Content-Encoding"]},
        }
        self._waiting[channel].send(json.dumps(message))


@contextmanager
def line_of(service: PushService) -> Iterator[dict[str, object]]:
    """Open the line of a push service. Yields the preferences with which Firefox waits there."""
    lines = Lines(service)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
            place = {"werkzeug.socket": self.connection, "PATH_INFO": self.path, "QUERY_STRING": ""}
            lines.talk(Server(place | headers, subprotocols=["push-notification"]))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield {
            "dom.push.enabled": True,
            "dom.push.connection.enabled": True,
            "dom.push.serverURL": f"ws://127.0.0.1:{server.server_port}/",
            "dom.push.testing.allowInsecureServerURL": True,
            "permissions.default.desktop-notification": 1,
            "alerts.useSystemBackend": False,  # it shows them itself, as there is no desktop
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
