#!/usr/bin/env bash
# Installs Toxiproxy's server as toxiproxy-server into the folder that is named (default: .tools/bin of this checkout), from Go's registry of
# modules. Where there is no Go it installs Debian's (as root). Running it again costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.tools/bin}
version=2.12.0
program=toxiproxy-server

die() { echo "toxiproxy.sh: $*" >&2; exit 1; }

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if "$folder/$program" -version 2>/dev/null | grep -qxF "$program version $version"; then
  exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/ackord-toxiproxy-XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

. .ci/go.sh
find_go "$work"

# Without its release's build flags it would say that its version is "git".
GOBIN="$work/bin" GOTOOLCHAIN=auto "$go" install -ldflags "-s -w -X github.com/Shopify/toxiproxy/v2.Version=$version" \
  "github.com/Shopify/toxiproxy/v2/cmd/server@v$version" || die "it could not be built: see above"
mv "$work/bin/server" "$folder/$program"
"$folder/$program" -version
