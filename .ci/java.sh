#!/usr/bin/env bash
# Installs Debian's Java with its compiler (as root) where there is none: some merchants of the full tier are written in it. It is 120 MB, too much for the gate.
set -euo pipefail

die() { echo "java.sh: $*" >&2; exit 1; }

if ! command -v javac >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "Java is needed, and installing it takes root on Debian. Mend: install a JDK, 17 or newer"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jdk-headless >/dev/null
fi
java -version 2>&1 | head -n 1
