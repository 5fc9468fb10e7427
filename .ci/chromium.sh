#!/usr/bin/env bash
# Installs what the tests of the HTML report drive: Chromium and its driver (Debian's, as root), and axe-core, which finds what keeps people from a page, with
# npm into the folder that is named (default: .tools/axe of this checkout). Running it again costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.tools/axe}
axe=4.14.1

die() { echo "chromium.sh: $*" >&2; exit 1; }

debian() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "$* are needed, and installing them takes root on Debian. Mend: install them"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >/dev/null
}

if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
  debian chromium chromium-driver fonts-dejavu-core
fi

if [ ! -e "$folder/$axe" ]; then
  command -v npm >/dev/null || debian nodejs npm ca-certificates
  mkdir -p "$folder"
  npm install --loglevel=error --no-audit --no-fund --ignore-scripts --prefix "$folder" "axe-core@$axe" >/dev/null || die "axe-core could not be installed: see above"
  touch "$folder/$axe"
fi
echo "$(chromium --version 2>/dev/null), axe-core $axe"
