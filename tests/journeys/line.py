"""A network line that can be cut, as in a lift: all stays connected and nothing comes through. Or made thin."""

from __future__ import annotations

import json
import queue
import random
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

from tests.journeys.browsers import Screen

PIECE = 4096
LOST_S = 0.3
"""Time in which TCP notices a lost packet and sends it again, on a line with a round trip of 200 to 300 ms."""


@dataclass(frozen=True)
class Shape:
    """Properties of a line, from the near side to the far one."""

    kbps: float
    delay_s: float = 0.0
    """One way."""
    loss: float = 0.0
    """Share of packets that are lost, and come later."""
    jitter_s: float = 0.0
    """Maximum delay of a packet over the quickest. None overtakes another."""


class Line:
    """Forwards TCP to a port of this machine while the line is whole."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.shape: Shape | None = None
        self._whole = threading.Event()
        self._whole.set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._ends: list[socket.socket] = [self._door]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._whole.set()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self) -> None:
        """Let nothing through. Neither side is told."""
        self._whole.clear()

    def snap(self) -> None:
        """Break every connection, and let no other through. Both sides are told."""
        self.cut()
        ends, self._ends = self._ends[1:], self._ends[:1]
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def mend(self) -> None:
        """Let everything through again, waiting bytes included."""
        self._whole.set()

    def _accept(self) -> None:
        with suppress(OSError):  # the door is closed
            while True:
                near, _address = self._door.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._port))
                except OSError:  # nobody listens at the moment: a later connection may succeed
                    near.close()
                    continue
                self._ends += [near, far]
                near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * PIECE)  # bytes must wait at the sender
                for carry, source, target in ((self._carry_up, near, far), (self._carry, far, near)):
                    threading.Thread(target=carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._whole.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _carry_up(self, source: socket.socket, target: socket.socket) -> None:
        """Carry the bytes of the near side, in the shape of the line."""
        on_its_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        threading.Thread(target=self._deliver, args=(on_its_way, target), daemon=True).start()
        data = b"-"
        with suppress(OSError):
            while data:
                data = source.recv(PIECE if self.shape else 65536)
                shape = self.shape
                if shape:
                    time.sleep(len(data) * 8 / shape.kbps / 1000)
                    if random.random() < shape.loss:
                        time.sleep(LOST_S)
                delay = shape.delay_s + random.uniform(0, shape.jitter_s) if shape else 0.0
                on_its_way.put((time.monotonic() + delay, data))
        on_its_way.put((0.0, b""))

    def _deliver(self, on_its_way: queue.SimpleQueue[tuple[float, bytes]], target: socket.socket) -> None:
        with suppress(OSError):
            while (due := on_its_way.get())[1]:
                time.sleep(max(0.0, due[0] - time.monotonic()))
                self._whole.wait()
                target.sendall(due[1])
            target.shutdown(socket.SHUT_WR)


def send_over(page: Page, line: Line) -> None:
    """Make a presenter's page reach media_worker over a line."""

    def through(route: Route) -> None:
        reply = route.fetch()
        told = reply.json()
        if "url" in told:
            told["url"] = urlsplit(told["url"])._replace(netloc=f"127.0.0.1:{line.port}").geturl()
        route.fulfill(response=reply, body=json.dumps(told))

    page.route("**/sending", through)


OVER = """
const ask = window.fetch;
window.fetch = async (address, ...more) => {
  const reply = await ask(address, ...more);
  if (!String(address).endsWith("/sending")) return reply;
  const told = await reply.clone().json();
  if (!told.url) return reply;
  const url = new URL(told.url);
  url.host = "127.0.0.1:PORT";
  return new Response(JSON.stringify({ ...told, url: url.href }), reply);
};
"""


def send_page_over(screen: Screen, line: Line) -> None:
    """Do the same for the open page, in any browser, until it is left."""
    screen.run(OVER.replace("PORT", str(line.port)))
