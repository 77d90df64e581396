"""`python -m media_worker` runs the RTMP door, the HTTP door and the desk until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from aiohttp import web

from media_worker.browser.door import BrowserDoor
from media_worker.browser.line import LineDoor
from media_worker.client import AppClient
from media_worker.config import Config, ConfigError
from media_worker.desk import Desk
from media_worker.disk import HELD_BACK_BYTES, Disk
from media_worker.rtmp.server import RtmpServer
from media_worker.voice import VoiceDoor

log = logging.getLogger("media_worker")

HEADERS_S = 10.0
"""Maximum seconds in which the headers of a request arrive. It also holds for the first request of a connection."""


async def serve(config: Config, until: asyncio.Event) -> None:
    """Run the worker until the event is set, then let every ffmpeg finish."""
    config.media_root.mkdir(parents=True, exist_ok=True)
    disk = Disk(config.media_root, config.disk_reserve_bytes, held_back_bytes=HELD_BACK_BYTES)
    async with AppClient(config.app_url, config.worker_secret) as app:
        desk = Desk(media_root=config.media_root, program=config.ffmpeg, worker=config.worker_id, app=app, disk=disk)
        rtmp = RtmpServer(desk, host=config.rtmp_host, port=config.rtmp_port)
        browsers = BrowserDoor(desk, origins=config.ingest_origins, trusted_proxies=config.trusted_proxies)
        voices = VoiceDoor(config.worker_secret, desk.streams.get)
        door = await open_door(config, desk, browsers, voices)
        await desk.start()
        await rtmp.start()
        log.info("listening for encoders on %s:%d", config.rtmp_host, config.rtmp_port)
        await until.wait()
        log.info("stopping")
        await rtmp.stop()
        await browsers.stop()
        await voices.stop()
        await desk.stop()
        await door.cleanup()


async def open_door(config: Config, desk: Desk, browsers: BrowserDoor, voices: VoiceDoor) -> web.AppRunner:
    """Open the worker's own HTTP door for browsers. `/healthz` answers that the worker is alive."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "worker": config.worker_id, "streams": len(desk.streams)})

    site = web.Application()
    site.router.add_get("/healthz", healthz)
    browsers.add_to(site)
    LineDoor(config.worker_secret).add_to(site)
    voices.add_to(site)
    runner = web.AppRunner(site, access_log=None, keepalive_timeout=HEADERS_S)
    await runner.setup()
    await web.TCPSite(runner, config.ingest_host, config.ingest_port).start()
    return runner


async def run(config: Config) -> None:
    """Serve until the process is told to stop."""
    until = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, until.set)
    await serve(config, until)


def main() -> int:
    """Read the settings and serve. Return the exit code."""
    try:
        config = Config.from_env()
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log yet
        return 2
    logging.basicConfig(level=config.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(run(config))
    return 0


if __name__ == "__main__":
    sys.exit(main())
