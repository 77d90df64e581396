"""The scripts of the house, bundled by esbuild at the start, so that a page needs a few files instead of each module.

A bundle belongs to its very sources. After a change, and without esbuild, pages load the modules themselves, which need
no build.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from flask import Flask, current_app, g, url_for
from markupsafe import Markup

from app.kernel import web

ROOT = Path(__file__).resolve().parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
ESBUILD = ROOT / "node_modules" / "esbuild" / "bin" / "esbuild"
BUILT = "built"
"""Folder within `static/`. Each bundle has a folder of its own there, named after its sources."""

KEPT = 3
"""Maximum number of bundles, because services that run side by side from one folder each have their own."""

PACKED = (f"{BUILT}/**/*.js", "vendor/*.*js", "icons/*.svg")
"""Files with a compressed copy beside them, for nginx (gzip_static) and for `web.send_static`."""

PAGES = re.compile(r"""\bmodule\(['"](js/[\w/.-]+)['"]\)""")
"""Modules that pages load. Their common imports become shared files."""
ALONE = re.compile(r"""\bstatic\(['"](js/[\w/.-]+\.js)['"]\)""")
"""Scripts of workers and worklets. Each is one file with all its imports."""

OPTIONS = ("--bundle", "--minify", "--charset=utf8", "--target=esnext", "--entry-names=[dir]/[name]-[hash]")
ON_EACH_PAGE = "static/js/site.js"
"""Each page loads it, so it is injected into each page's module: its parts become one file, not eight."""
WAYS = {
    PAGES: ("--format=esm", "--splitting", "--chunk-names=shared-[hash]", f"--inject:{ON_EACH_PAGE}"),
    ALONE: ("--format=iife",),
}


class Script(NamedTuple):
    """A script in the form that browsers load."""

    file: str
    """Its path within `static/`."""
    needs: list[str]
    """Paths of the files that it imports, so that a browser can ask for all of them at once."""


def register(app: Flask) -> None:
    """Hand templates the functions for modules and for addresses of static files."""
    app.jinja_env.globals.update(static=static, module=module)
    app.extensions["scripts"] = _read(STATIC / BUILT / _name() / "scripts.json")


def build() -> None:
    """Bundle the scripts, unless these very sources are bundled already, and compress files for browsers.

    `make setup` does so too, because a service under systemd may write to its DATA_DIR only.

    Raises:
        subprocess.CalledProcessError: esbuild refuses the sources. Its message went to stderr.
    """
    if not os.access(STATIC, os.W_OK):
        return
    folder = STATIC / BUILT / _name()
    if ESBUILD.exists() and not folder.exists():
        _make(folder)
    for file in (one for pattern in PACKED for one in STATIC.glob(pattern)):
        packed = file.with_name(f"{file.name}.gz")
        if not packed.exists() or packed.stat().st_mtime < file.stat().st_mtime:
            packed.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
            packed.chmod(0o644)


def static(path: str) -> str:
    """Return the address of a static file, or of its bundle. Browsers keep either for a year."""
    script = _scripts().get(path)
    return url_for("static", filename=script.file) if script else web.static(path)


def module(path: str) -> Markup:
    """Return the elements that load a module together with its imports, those of a page once."""
    script = _scripts().get(path)
    told = g.setdefault("preloaded_scripts", set())
    new = [file for file in script.needs if file not in told] if script else []
    told.update(new)
    needed = [url_for("static", filename=file) for file in new]
    links = Markup("").join(Markup('<link rel="modulepreload" href="{}">\n').format(address) for address in needed)
    return links + Markup('<script type="module" src="{}"></script>').format(static(path))


def _make(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    making = Path(mkdtemp(dir=folder.parent))
    scripts: dict[str, Script] = {}
    for mark, options in WAYS.items():
        scripts.update(_bundle(making, folder.name, _marked(mark), options))
    (making / "scripts.json").write_text(json.dumps(scripts), encoding="utf-8")
    for one in [making, *making.rglob("*")]:
        one.chmod(0o755 if one.is_dir() else 0o644)  # nginx reads it, whatever the umask of the service
    try:
        making.rename(folder)
    except OSError:  # another service has just made the same bundle
        shutil.rmtree(making)
    for old in sorted(folder.parent.iterdir(), key=lambda one: one.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _scripts() -> dict[str, Script]:
    found: dict[str, Script] = current_app.extensions["scripts"]
    return found


def _read(manifest: Path) -> dict[str, Script]:
    if not manifest.exists():
        return {}
    return {path: Script(*script) for path, script in json.loads(manifest.read_text(encoding="utf-8")).items()}


def _name() -> str:
    """Return a name that changes with the sources, and with the options of the bundler."""
    how = [OPTIONS, *((_marked(mark), options) for mark, options in WAYS.items())]
    made_of = hashlib.sha256(repr(how).encode())
    for file in sorted((STATIC / "js").rglob("*.js")):
        made_of.update(str(file.relative_to(STATIC)).encode() + b"\0" + file.read_bytes())
    return made_of.hexdigest()[:16]


def _marked(mark: re.Pattern[str]) -> list[str]:
    """Return the scripts that templates name with this mark."""
    return sorted(
        {path for file in TEMPLATES.rglob("*.html") for path in mark.findall(file.read_text(encoding="utf-8"))}
    )


def _bundle(making: Path, name: str, paths: list[str], options: tuple[str, ...]) -> Iterator[tuple[str, Script]]:
    meta = making / "meta.json"
    where = [f"--outdir={making}", "--outbase=static", f"--metafile={meta}"]
    command = [str(ESBUILD), *(f"static/{path}" for path in paths), *OPTIONS, *options, *where, "--log-level=warning"]
    subprocess.run(command, cwd=ROOT, check=True)
    outputs: dict[str, dict[str, Any]] = json.loads(meta.read_text(encoding="utf-8"))["outputs"]
    meta.unlink()

    def address(output: str) -> str:
        return f"{BUILT}/{name}/{(ROOT / output).relative_to(making)}"

    def imported(output: str) -> set[str]:
        direct = {one["path"] for one in outputs[output]["imports"] if one["kind"] == "import-statement"}
        return direct.union(*(imported(one) for one in direct))

    for output, about in outputs.items():
        if entry := about.get("entryPoint"):
            needs = [address(one) for one in sorted(imported(output))]
            yield entry.removeprefix("static/"), Script(address(output), needs)


if __name__ == "__main__":
    build()
