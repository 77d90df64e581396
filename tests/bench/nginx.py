"""Debian's nginx with its RTMP module and its HLS, for comparison. Its page plays with hls.js in its defaults."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

from tests.conftest import ROOT
from tests.journeys.waiting import wait_for
from tests.ports import free_port

CONF = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
events {{ worker_connections 256; }}
rtmp {{ server {{ listen 127.0.0.1:{rtmp}; application live {{
    live on; hls on; hls_path {folder}/hls; hls_fragment 2s; }} }} }}
http {{
  types {{ text/html html; text/javascript js mjs; application/vnd.apple.mpegurl m3u8; video/mp2t ts; }}
  access_log off; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{http}; root {folder};
    location /hls/ {{ add_header Cache-Control no-cache; }}
    location /vendor/ {{ alias {vendor}/; }} }} }}
"""

PAGE = """<!doctype html><video muted autoplay playsinline style="width: 960px"></video><script type="module">
import Hls from "/vendor/hls.mjs";
const hls = new Hls({ workerPath: "/vendor/hls.worker.js" });
hls.on(Hls.Events.ERROR, (_, problem) => {
  if (problem.fatal) setTimeout(() => hls.loadSource("/hls/key.m3u8"), 500);
});
hls.loadSource("/hls/key.m3u8");
hls.attachMedia(document.querySelector("video"));
</script>"""


class Nginx:
    """One nginx with one worker. `rtmp_url` takes a stream, `page` shows it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rtmp, self._http = free_port(), free_port()
        self.rtmp_url = f"rtmp://127.0.0.1:{self._rtmp}/live/key"
        self.page = f"http://127.0.0.1:{self._http}/index.html"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        user = "user root;" if os.getuid() == 0 else ""
        vendor = ROOT / "static" / "vendor"
        conf = CONF.format(folder=self.folder, rtmp=self._rtmp, http=self._http, user=user, vendor=vendor)
        (self.folder / "nginx.conf").write_text(conf)
        (self.folder / "index.html").write_text(PAGE)
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        argv = [program, "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]
        self._process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
        wait_for(lambda: listens(self._rtmp) and listens(self._http), "nginx listens", 10)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    @property
    def pid(self) -> int:
        return self._process.pid


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
