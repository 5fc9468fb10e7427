#!/usr/bin/env bash
# Installs pytest 8 with xdist into the folder that is named (default: .tools/pytest8 of this checkout), so that the plug-in is tested with it beside the
# pytest that is installed. Needs pip's registry.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.tools/pytest8}
python=.venv/bin/python
[ -x "$python" ] || python=python3
[ -e "$folder/pytest/__init__.py" ] || "$python" -m pip install --quiet --target "$folder" 'pytest>=8,<9' 'pytest-xdist>=3.5' pytest-timeout pytest-randomly
echo "pytest 8 is in $folder"
