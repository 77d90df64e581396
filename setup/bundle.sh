#!/bin/sh
# Puts the portable player of courseware together: one classic script and one style sheet, which play from a file
# that somebody opens by double click, where browsers load no modules. Its sources are those that our own pages load.
# The oldest browsers are those whose style sheets know layers and container units, as our pages need them too.
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
