#!/usr/bin/env bash
# Builds the image of the autograder: Python, bubblewrap, and cnn-conformance {{ version }} with pinned libraries.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends bubblewrap python3 python3-pip python3-venv

if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python3 -m venv "$root/venv"
else # Ubuntu 22.04 has Python 3.10
    python3 -m pip install --quiet 'uv=={{ uv }}'
    python3 -m uv venv --quiet --seed --python {{ python }} "$root/venv"
fi
"$root/venv/bin/python" -m pip install --quiet --requirement "$source/requirements.txt"
"$root/venv/bin/python" -m pip install --quiet --no-deps "$source/{{ wheel }}"
