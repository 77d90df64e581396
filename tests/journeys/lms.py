"""Places where an exported course is put: a strict LMS, servers that lack something, frames that forbid something."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.conftest import ROOT
from tests.journeys.moodle import Activity, read

RUNTIME = ROOT / "node_modules" / "scorm-again" / "dist"
STRICT_POLICY = "default-src 'self'; script-src 'self'; media-src 'self' blob:"

HOST = """<!doctype html><meta charset="utf-8"><title>LMS</title>
<script src="/scorm-again/scorm{runtime}.min.js"></script><script src="/lms.js"></script>
<iframe id="sco" width="1200" height="700" allow="autoplay; fullscreen"></iframe>
<script>begin("{version}", {kept}, "{course}", "{key}")</script>"""
"""Our pages hold no inline script; this one is somebody else's."""

WRITES = "kept = {}; const set = (name, value) => { kept[name] = value; return true; };"
STUBS = {
    "none": "",
    "throwing": "API = new Proxy({}, {get: () => () => { throw new Error('broken'); }});",
    "booleans": WRITES
    + """API = { LMSInitialize: () => true, LMSGetValue: (name) => kept[name], LMSSetValue: set,
      LMSCommit: () => true, LMSFinish: () => true };""",
    "half": "API_1484_11 = { LMSInitialize: () => 'true' };",
    "refusing": """API = { LMSInitialize: () => 'false', LMSGetValue: () => '', LMSSetValue: () => 'false',
      LMSCommit: () => 'false' };""",
    "slow": WRITES
    + """API = { LMSInitialize: () => 'true', LMSGetValue: (name) => kept[name] ?? '', LMSSetValue: set,
      LMSCommit: () => { const until = Date.now() + 3000; while (Date.now() < until); return 'true'; } };""",
}
"""What stands in the window of a bad LMS, by name."""


class Site(ThreadingHTTPServer):
    """A web server on a port of its own.

    `kept` is what the strict LMS remembers, by course and version; `activities` are those of its Moodle, by name.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.kept: dict[str, dict[str, Any]] = {}
        self.activities: dict[str, Activity] = {}

    def install(self, package: Path) -> Activity:
        """Put a package, which lies unpacked in a folder of its name, into a course of the Moodle."""
        activity = self.activities[package.stem] = Activity(package.stem, read(package))
        return activity

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(SimpleHTTPRequestHandler):
    """Files of a folder. `/norange/…` gives no parts of files, `/strict/…` allows scripts from here only.

    `/moodle/NAME/player` is an activity of the Moodle.
    """

    server: Site
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path.startswith("/moodle/"):
            self._keep_in_moodle(body)
            return
        told = json.loads(body)
        before = self.server.kept.get(told["key"], {})
        if before.get("session") != told["session"] or before["told"] < told["told"]:  # beacons overtake one another
            self.server.kept[told["key"]] = told
        self._say(b"", "text/plain")

    def _keep_in_moodle(self, body: str) -> None:
        asked = urlsplit(self.path)
        activity = self.server.activities[asked.path.split("/")[2]]
        if asked.query == "refused":
            activity.refused.append(json.loads(body))
        else:
            activity.keep(dict(parse_qsl(body, keep_blank_values=True)), is_end=asked.query == "end")
        self._say(b"true\n0", "text/plain")

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if asked.path == "/lms":
            key = f"{query['course']} {query['version']}"
            page = HOST.format(
                runtime={"1.2": "12", "2004": "2004"}[query["version"]],
                version=query["version"],
                kept=json.dumps(self.server.kept.get(key, {}).get("cmi", {})),
                course=query["course"],
                key=key,
            )
            self._say(page.encode(), "text/html")
        elif asked.path in {"/lms.js", "/moodle.js"}:
            self._say(Path(__file__).with_name(asked.path[1:]).read_bytes(), "text/javascript")
        elif asked.path.startswith("/moodle/"):
            _moodle, name, page = asked.path.removeprefix("/").split("/")
            activity = self.server.activities[name]
            self._say((activity.loader() if page == "loadSCO" else activity.page()).encode(), "text/html")
        elif asked.path == "/stub":
            frame = f'<iframe src="{query["course"]}" {query.get("frame", "")} allow="autoplay"></iframe>'
            self._say(f"<!doctype html><script>{STUBS[query['as']]}</script>{frame}".encode(), "text/html")
        elif asked.path.startswith("/scorm-again/"):
            self._say((RUNTIME / Path(asked.path).name).read_bytes(), "text/javascript")
        else:
            self._file(asked.path)

    def _say(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _file(self, path: str) -> None:
        mood, _slash, rest = path.removeprefix("/").partition("/")
        if mood in {"norange", "strict"}:
            path = f"/{rest}"
        elif mood == "pluginfile.php":
            path = path.replace("/pluginfile.php/", "/").replace("/mod_scorm/content/1/", "/")
        file = Path(self.translate_path(path))
        if not file.is_file():
            self._say(b"", "text/plain", 404)
            return
        data, kind = file.read_bytes(), self.guess_type(str(file))
        asked = self.headers.get("Range", "")
        policy = {"Content_Security_Policy": STRICT_POLICY} if mood == "strict" else {}
        if mood == "norange" or not asked.startswith("bytes="):
            self._say(data, kind, **policy)
            return
        first, _dash, last = asked.removeprefix("bytes=").partition("-")
        begin, end = int(first), min(int(last or len(data) - 1), len(data) - 1)
        told = f"bytes {begin}-{end}/{len(data)}"
        self._say(data[begin : end + 1], kind, 206, Content_Range=told, Accept_Ranges="bytes", **policy)


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Serve a folder."""
    with Site(folder) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()
