#!/bin/sh
# Say plainly what is missing on this machine before anything is installed.
set -u
python="${PYTHON:-python3}"
command -v "$python" >/dev/null 2>&1 || {
    echo "sf2530 needs Python 3.11 or newer, and there is no '$python' here." >&2
    echo "Install it, or name one: make setup PYTHON=/path/to/python3.12" >&2
    exit 2
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "sf2530 needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1)." >&2
    echo "Name a newer one: make setup PYTHON=python3.12" >&2
    exit 2
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    echo "This Python can't make virtual environments (no 'venv' or 'ensurepip')." >&2
    echo "On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 2
}
