#!/usr/bin/env bash
# Builds Docker's Compose 2 into .tools/compose for tests of the full tier; Debian's docker-compose, which the gate uses, is Compose 1. It takes two minutes
# and a half of a processor, so it is built once. Where there is no Go it installs Debian's (as root).
set -euo pipefail
cd "$(dirname "$0")/.."
version=2.40.3
folder=$PWD/.tools/compose

die() { echo "compose.sh: $*" >&2; exit 1; }

if [ "$("$folder/docker-compose" version --short 2>/dev/null)" != "$version" ]; then
  work=$(mktemp -d "${TMPDIR:-/tmp}/ackord-compose-XXXXXX")
  trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
  . .ci/go.sh
  find_go "$work"
  mkdir -p "$folder" "$work/build"
  cd "$work/build"
  # Its go.mod excludes versions, which `go install` refuses: so it is built as what another module needs.
  "$go" mod init build >/dev/null 2>&1
  export GOTOOLCHAIN=auto
  "$go" get "github.com/docker/compose/v2/cmd@v$version" >"$work/log" 2>&1 &&
    "$go" build -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$version" -o "$folder/docker-compose" github.com/docker/compose/v2/cmd >>"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; die "Compose could not be built: see above"; }
fi
"$folder/docker-compose" version
