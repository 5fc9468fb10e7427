#!/usr/bin/env bash
# Installs Toxiproxy's server as toxiproxy-server into the folder that is named (default: .tools/bin of this checkout), from Go's registry of
# modules. Where there is no Go it installs Debian's (as root). Running it again costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.tools/bin}
version=2.12.0
toolchain=1.24.4 # fetched only by a Go that is too old to fetch one by itself
program=toxiproxy-server

die() { echo "toxiproxy.sh: $*" >&2; exit 1; }

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if "$folder/$program" -version 2>/dev/null | grep -qxF "$program version $version"; then
  exit 0
fi

go=$(command -v go || true)
[ -n "$go" ] || { [ ! -x /usr/local/go/bin/go ] || go=/usr/local/go/bin/go; }
if [ -z "$go" ]; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "Go is needed to build it, and installing Go takes root on Debian. Mend: install Go 1.21 or newer"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends golang-go ca-certificates >/dev/null
  go=$(command -v go) || die "Debian's golang-go brought no go"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/ackord-toxiproxy-XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

minor=$("$go" version | sed -n 's/^go version go1\.\([0-9]*\).*/\1/p')
if [ "${minor:-0}" -lt 21 ]; then
  # From 1.21 on Go fetches the version that a module asks for; an older one can fetch it as what it is, a module.
  module="golang.org/toolchain@v0.0.1-go$toolchain.$("$go" env GOOS)-$("$go" env GOARCH)"
  GOMODCACHE="$work/mod" "$go" mod download "$module"
  chmod -R u+wx "$work/mod/$module/bin" "$work/mod/$module/pkg/tool"
  go="$work/mod/$module/bin/go"
  export GOROOT="$work/mod/$module"
fi

# Without its release's build flags it would say that its version is "git".
GOBIN="$work/bin" GOTOOLCHAIN=auto "$go" install -ldflags "-s -w -X github.com/Shopify/toxiproxy/v2.Version=$version" \
  "github.com/Shopify/toxiproxy/v2/cmd/server@v$version" || die "it could not be built: see above"
mv "$work/bin/server" "$folder/$program"
"$folder/$program" -version
