#!/usr/bin/env bash
# Builds the compiled wheel, as `ACKORD_COMPILE=1 pip install .` does, into the folder .tools/compiled of this checkout, and runs on it the unit tests of every
# room that has compiled modules, and the comparison of engines, which sends what they make to other processes. Needs a C compiler, pip's registry and .venv; words
# are passed on to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
folder=.tools/compiled
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ACKORD_COMPILE=1 "$python" -m pip wheel --quiet --no-deps --wheel-dir "$work" .
rm -rf "$folder"
"$python" -m pip install --quiet --no-deps --no-compile --target "$folder" "$work"/*.whl
export PYTHONPATH=$PWD/$folder

# Tests of a pure build would be green, too: say and check what is tested.
rooms=$("$python" - <<'PY'
import tomllib
from importlib import import_module
from pathlib import Path

hook = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
pure = [name for name in hook["compiled"] if not str(import_module(name).__file__).endswith(".so")]
assert not pure, f"not compiled: {pure}"
print(*sorted({"tests/unit/scale", *(f"tests/unit/{name.split('.')[1]}" for name in hook["compiled"])}))
PY
)
echo "compiled: $rooms"
# shellcheck disable=SC2086
"$python" -m pytest -q -n 2 $rooms "$@"
