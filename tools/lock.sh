#!/bin/sh
# Lock the dependencies with hashes. The files name no registry: whoever installs decides where from.
set -eu
cd "$(dirname "$0")/../requirements"
uv="../.venv/bin/uv"
[ -x "$uv" ] || ../.venv/bin/python -m pip --disable-pip-version-check install --quiet uv
for name in run test bench; do
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header "$name.in" -o "$name.txt"
done
