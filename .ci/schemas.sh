#!/usr/bin/env bash
# Fetches the published schemas by which tests hold reports to their forms, into the folder that is named (default: .tools/schemas of this checkout):
# junit-10.xsd of Jenkins' xUnit plugin, which pytest's source package brings, and the schema of CTRF from its reference implementation for Node.
# Running it again costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.tools/schemas}
pytest=9.0.1
ctrf=0.3.0
wanted="pytest $pytest, ctrf $ctrf"

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
[ "$(cat "$folder/installed" 2>/dev/null)" != "$wanted" ] || exit 0
rm -f "$folder/installed"
work=$(mktemp -d "${TMPDIR:-/tmp}/ackord-schemas-XXXXXX")
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary pytest --dest "$work" "pytest==$pytest"
tar -xzf "$work/pytest-$pytest.tar.gz" -C "$folder" --strip-components=3 "pytest-$pytest/testing/example_scripts/junit-10.xsd"

command -v npm >/dev/null || { echo "schemas.sh: npm is needed (.ci/peers.sh installs it on Debian)" >&2; exit 1; }
(cd "$work" && npm pack --silent "ctrf@$ctrf" >/dev/null)
tar -xzf "$work/ctrf-$ctrf.tgz" -C "$folder" --strip-components=2 package/dist/ctrf-schema-0.0.json

echo "$wanted" >"$folder/installed"
echo "schemas of $wanted"
