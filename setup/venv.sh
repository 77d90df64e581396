#!/bin/sh
# Makes .venv with a Python of 3.11 or newer and installs the given requirements into it.
# Usage: setup/venv.sh requirements.txt. PYTHON names the interpreter, if the first one found is not the right one.
set -eu
cd "$(dirname "$0")/.."

new_enough() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make PYTHON=/path/to/python3 …" >&2
    return 1
}

if ! new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        echo "$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi
echo "Installing $1 (pinned; the first time this takes a minute)"
.venv/bin/python -m pip install -qq --disable-pip-version-check -r "$1"
