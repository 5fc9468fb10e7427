# Finds Go for the script that sources this: `find_go FOLDER` sets $go to a command that is 1.21 or newer, and uses the empty folder for what it fetches.
# Where there is no Go it installs Debian's (as root).
find_go() {
  local work=$1 toolchain=1.24.4 minor module # the toolchain is fetched only by a Go that is too old to fetch one by itself
  go=$(command -v go || true)
  [ -n "$go" ] || { [ ! -x /usr/local/go/bin/go ] || go=/usr/local/go/bin/go; }
  if [ -z "$go" ]; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "Go is needed, and installing Go takes root on Debian. Mend: install Go 1.21 or newer"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends golang-go ca-certificates >/dev/null
    go=$(command -v go) || die "Debian's golang-go brought no go"
  fi
  minor=$("$go" version | sed -n 's/^go version go1\.\([0-9]*\).*/\1/p')
  if [ "${minor:-0}" -lt 21 ]; then
    # From 1.21 on Go fetches the version that a module asks for; an older one can fetch it as what it is, a module.
    module="golang.org/toolchain@v0.0.1-go$toolchain.$("$go" env GOOS)-$("$go" env GOARCH)"
    GOMODCACHE="$work/mod" "$go" mod download "$module"
    chmod -R u+wx "$work/mod/$module/bin" "$work/mod/$module/pkg/tool"
    go="$work/mod/$module/bin/go"
    export GOROOT="$work/mod/$module"
  fi
}
