#!/bin/sh
# Bundles the portable player of courseware: one classic script and one style sheet, because browsers load no modules
# for a file that is opened by double click. Its sources are those of our own pages.
# The oldest supported browsers know layers and container units in style sheets, which our pages need, too.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
export PATH
bundle() {
    node_modules/.bin/esbuild "$@" --bundle --minify --charset=utf8 --legal-comments=none --log-level=warning \
        --target=chrome105,edge105,firefox110,safari16
}
bundle static/js/courseware/player/player.js --format=iife --outfile=static/vendor/course-player.js
bundle static/css/courseware/player.css --outfile=static/vendor/course-player.css
