#!/usr/bin/env bash
# Installs the payment providers of other authors that tests drive, and Stripe's own client libraries, into the folder that is named (default: .tools/peers of
# this checkout): localstripe and stripe for Python in a virtual environment of their own, stripe-stateful-mock and stripe for Node with npm. Where there is no
# Node it installs Debian's (as root). Running it again costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.tools/peers}
localstripe=1.15.10
stateful_mock=0.0.16
stripe_python=16.1.0
stripe_node=22.6.2 # the last that runs on Debian's Node 18
wanted="localstripe $localstripe, stripe-stateful-mock $stateful_mock, stripe $stripe_python (Python), stripe $stripe_node (Node)"

die() { echo "peers.sh: $*" >&2; exit 1; }

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ "$(cat "$folder/installed" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "Node and npm are needed, and installing them takes root on Debian. Mend: install Node 18 or newer"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm ca-certificates >/dev/null
fi

rm -f "$folder/installed"
python3 -m venv --clear "$folder/venv"
"$folder/venv/bin/pip" install --quiet "localstripe==$localstripe" "stripe==$stripe_python"
npm install --loglevel=error --no-audit --no-fund --ignore-scripts --prefix "$folder" "stripe-stateful-mock@$stateful_mock" "stripe@$stripe_node" >/dev/null ||
  die "stripe-stateful-mock and stripe could not be installed: see above"
echo "$wanted" >"$folder/installed"
echo "$wanted"
