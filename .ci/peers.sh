#!/usr/bin/env bash
# Installs the payment providers of other authors that tests drive, and Stripe's own client libraries, into the folder that is named (default: .tools/peers of
# this checkout): localstripe, with stripe for Python, and LNbits in virtual environments of their own, stripe-stateful-mock, Five Bells Ledger and stripe for
# Node with npm, stripe-mock with Go. Where there is no Node or no Go it installs Debian's (as root). Where no Python is at hand that LNbits runs on, it leaves LNbits out and
# says why. Running it again costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.tools/peers}
localstripe=1.15.10
stateful_mock=0.0.16
stripe_python=16.1.0
stripe_node=22.6.2 # the last that runs on Debian's Node 18
stripe_mock=0.203.0
five_bells=21.2.5
pg=8.5.1 # Five Bells Ledger's own is older and gets no answer from PostgreSQL on a Node of today
lnbits=$(sed -n 's/^lnbits==//p' .ci/lnbits.txt)
wanted="localstripe $localstripe, stripe-stateful-mock $stateful_mock, stripe-mock $stripe_mock, stripe $stripe_python (Python) and $stripe_node (Node), Five Bells Ledger $five_bells, LNbits $lnbits ($(cksum <.ci/lnbits.txt))"

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
rm -rf "$folder/five-bells-ledger"
npm install --loglevel=error --no-audit --no-fund --ignore-scripts --omit=optional --prefix "$folder/five-bells-ledger" "five-bells-ledger@$five_bells" "pg@$pg" >/dev/null &
ledger=$!
python3 -m venv --clear "$folder/venv"
"$folder/venv/bin/pip" install --quiet "localstripe==$localstripe" "stripe==$stripe_python"
npm install --loglevel=error --no-audit --no-fund --ignore-scripts --prefix "$folder" "stripe-stateful-mock@$stateful_mock" "stripe@$stripe_node" >/dev/null ||
  die "stripe-stateful-mock and stripe could not be installed: see above"

work=$(mktemp -d "${TMPDIR:-/tmp}/ackord-peers-XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
. .ci/go.sh
find_go "$work"
GOBIN="$folder" GOTOOLCHAIN=auto "$go" install -ldflags "-s -w" "github.com/stripe/stripe-mock@v$stripe_mock" || die "stripe-mock could not be built: see above"

rm -rf "$folder/lnbits"
mkdir "$folder/lnbits"
for python in python3 python3.12 python3.11 python3.10; do
  if "$python" -c 'import sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null; then
    "$python" -m venv "$folder/lnbits/venv"
    "$folder/lnbits/venv/bin/pip" install --quiet --no-deps -r .ci/lnbits.txt || die "LNbits could not be installed: see above"
    break
  fi
done
[ -e "$folder/lnbits/venv" ] || echo "LNbits $lnbits runs on Python 3.10 to 3.12, and there is none here" | tee "$folder/lnbits/left-out"

wait "$ledger" || die "Five Bells Ledger could not be installed: see above"
echo "$wanted" >"$folder/installed"
echo "$wanted"
