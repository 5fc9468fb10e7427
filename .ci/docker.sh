#!/usr/bin/env bash
# Docker's engine and the images for tests/containers, where neither an engine nor a registry of images is at hand. Run as root on Debian:
#
#     eval "$(.ci/docker.sh dockerd.pid)"
#
# It installs Debian's docker.io when there is no engine, and docker-compose when there is no Compose; starts the engine when none runs (only then its pid is
# written to the file that is named); makes the images that are missing, and prints the settings that name them. Everything else that it says goes to
# standard error. Running it again costs seconds.
set -euo pipefail
cd "$(dirname "$0")/.."
pid_file=${1:-}

say() { echo "docker.sh: $*" >&2; }
die() { say "$@"; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/ackord-docker-XXXXXX")
fast=""
trap 'rm -rf "$work" ${fast:+"$fast"}' EXIT

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

install_packages() {
  [ "$(id -u)" = 0 ] || die "$* must be installed, which takes root"
  command -v apt-get >/dev/null || die "$* must be installed; this script knows Debian's packages only"
  say "installing $*"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$work/apt.log" 2>&1 ||
    { tail -n 20 "$work/apt.log" >&2; die "that did not succeed"; }
}

start_engine() {
  if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
    install_packages docker.io iptables ca-certificates
  fi
  local log=/var/log/ackord-dockerd.log
  setsid dockerd >"$log" 2>&1 </dev/null &
  local pid=$!
  for _ in $(seq 150); do
    if engine_answers; then
      [ -z "$pid_file" ] || echo "$pid" >"$pid_file"
      say "engine $(docker version --format '{{.Server.Version}}') started, pid $pid"
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  kill "$pid" 2>/dev/null || true
  tail -n 20 "$log" >&2
  die "the engine did not start; its last words are above, all of them in $log"
}

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

# A key of what goes into an image, so that a change makes a new one and nothing else does.
key() { sha256sum | cut -c1-16; }

make_base() { # TAG: Debian with Python and PostgreSQL's server, of the release that this machine runs
  command -v debootstrap >/dev/null || install_packages debootstrap
  local archive
  archive=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    awk -v release="$release" '$2 == release && $3 == "main" && !found++ { print $1 }')
  [ -n "$archive" ] || die "apt knows no archive for $release"
  # In memory where there is room: a package manager waits for the disk after every file.
  local room
  room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
  local root=$work/root
  if [ "${room:-0}" -gt 2000000 ]; then
    fast=$(mktemp -d /dev/shm/ackord-base-XXXXXX)
    root=$fast/root
  fi
  say "making $1 from Debian's packages ($release)"
  debootstrap --variant=minbase --include=python3-minimal,python3-venv,postgresql "$release" "$root" "$archive" >"$work/debootstrap.log" 2>&1 ||
    { tail -n 20 "$work/debootstrap.log" >&2; die "debootstrap did not succeed"; }
  tar --numeric-owner -C "$root" \
    --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./var/lib/postgresql/*/main' --exclude='./etc/apt/sources.list' \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./usr/lib/postgresql/*/lib/bitcode' \
    -c . | docker import - "$1" >/dev/null
  rm -rf "$root"
}

make_wheels() { # TAG BASE: the base with wheels of what the project needs, so that no build needs an index
  say "making $1: wheels of what the project needs"
  local python
  python=$(docker run --rm --network none "$2" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  python3 -m venv "$work/venv" >&2
  python3 -c '
import sys
try:
    import tomllib
except ImportError:
    sys.exit("python3 must be 3.11 or newer")
made = tomllib.load(open("pyproject.toml", "rb"))
needs = made["project"]["dependencies"] + made["build-system"]["requires"]
print(*(n for n in needs if "pgserver" not in n), sep="\n")' >"$work/needs.txt"
  local platforms=()
  for glibc in 36 35 34 31 28 27 24 17 12 5; do platforms+=(--platform "manylinux_2_${glibc}_$(uname -m)"); done
  "$work/venv/bin/python" -m pip download --quiet --dest "$work/wheels" --only-binary=:all: --implementation cp --python-version "$python" \
    "${platforms[@]}" --platform "manylinux2014_$(uname -m)" --platform "linux_$(uname -m)" -r "$work/needs.txt" >&2
  printf 'FROM %s\nCOPY wheels /wheels\n' "$2" >"$work/Dockerfile.wheels"
  docker_build -f "$work/Dockerfile.wheels" -t "$1" "$work"
}

docker_build() { # the builder that every engine has; the newer one is a package of its own
  DOCKER_BUILDKIT=0 docker build --quiet "$@" >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; die "the image could not be built"; }
}

engine_answers || start_engine

docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || install_packages docker-compose

release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$release" ] || die "this is not a release of Debian"

base=ackord-ci/base:$( (echo "$release"; declare -f make_base) | key)
has_image "$base" || make_base "$base"

wheels=ackord-ci/wheels:$( (echo "$base"; declare -f make_wheels; grep -v '^version' pyproject.toml) | key)
has_image "$wheels" || make_wheels "$wheels" "$base"

# The command's image is an earlier stage of the same file, so the second of the two builds finds all but a layer made.
for stage in ackord reference-provider; do
  docker_build -t "ackord-ci/$stage" --target "$stage" --build-arg "BASE=$base" --build-arg "BUILD_BASE=$wheels" \
    --build-arg "PIP_OPTIONS=--no-index --find-links=/wheels" .
done

toxiproxy=.tools/bin/toxiproxy-server
[ -x "$toxiproxy" ] || toxiproxy=$(command -v toxiproxy-server || true)
if [ -z "$toxiproxy" ]; then
  bash .ci/toxiproxy.sh .tools/bin >&2
  toxiproxy=.tools/bin/toxiproxy-server
fi
mkdir "$work/toxiproxy"
cp "$toxiproxy" "$work/toxiproxy/toxiproxy"
printf 'FROM %s\nCOPY toxiproxy /toxiproxy\nUSER 65534:65534\nENTRYPOINT ["/toxiproxy"]\nCMD ["-host=0.0.0.0"]\n' "$base" >"$work/toxiproxy/Dockerfile"
docker_build -t ackord-ci/toxiproxy "$work/toxiproxy"

docker tag "$base" ackord-ci/postgres
echo "export ACKORD_DOCKER_POSTGRES_IMAGE=ackord-ci/postgres"
echo "export ACKORD_DOCKER_TOXIPROXY_IMAGE=ackord-ci/toxiproxy"
echo "export ACKORD_DOCKER_PROVIDER_IMAGE=ackord-ci/reference-provider"
echo "export ACKORD_COMMAND_IMAGE=ackord-ci/ackord"
