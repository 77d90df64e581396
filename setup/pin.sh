#!/bin/sh
# Writes requirements.txt and requirements-dev.txt: the newest versions that fit the .in files, everything pinned.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

python3 -m venv "$scratch/venv"
pip() { "$scratch/venv/bin/python" -m pip --disable-pip-version-check "$@"; }

pip install --quiet -r requirements.in
{
    echo "# Made by \`make requirements\` from requirements.in: every package with the version that was tested."
    pip freeze
} >"$scratch/requirements.txt"
cp "$scratch/requirements.txt" requirements.txt

pip install --quiet -r requirements-dev.in
{
    echo "# Made by \`make requirements\` from requirements-dev.in: what tests and checks need on top of requirements.txt."
    echo "-r requirements.txt"
    pip freeze | grep -vxFf requirements.txt
} >"$scratch/requirements-dev.txt"
cp "$scratch/requirements-dev.txt" requirements-dev.txt
