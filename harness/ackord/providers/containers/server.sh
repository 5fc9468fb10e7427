# What a database container runs in place of its image's own command: a server from nothing, with its data in memory.
#
#     sh -c "$(cat server.sh)" server primary|standby
#
# It needs POSIX sh and PostgreSQL's programs where Debian's packages and the official image have them.
# ACKORD_PASSWORD is the superuser's. ACKORD_SETTINGS are lines for the primary's configuration; the standby gets them
# with the data.
set -eu
umask 077
bin=
for folder in /usr/lib/postgresql/*/bin; do bin=$folder; done
[ -x "$bin/initdb" ] || { echo "this image has no PostgreSQL server under /usr/lib/postgresql/*/bin" >&2; exit 1; }
data=/cluster/data
export PATH="$bin:$PATH" LC_ALL=C TZ=UTC

case $1 in
primary)
  printf %s "$ACKORD_PASSWORD" >/cluster/password
  initdb -D "$data" -U postgres --pwfile=/cluster/password --auth=scram-sha-256 \
    --no-sync --no-locale -E UTF8 --wal-segsize=1 >/dev/null
  printf '%s\n' "$ACKORD_SETTINGS" "listen_addresses = '*'" >>"$data/postgresql.auto.conf"
  printf '%s\n' 'host all all all scram-sha-256' 'host replication all all scram-sha-256' >>"$data/pg_hba.conf"
  ;;
standby)
  until pg_isready --quiet --host=primary --port=5432; do sleep 0.05; done
  PGPASSWORD=$ACKORD_PASSWORD pg_basebackup --pgdata="$data" --host=primary --port=5432 --username=postgres \
    --wal-method=stream --checkpoint=fast --no-sync --no-manifest
  printf '%s\n' "primary_conninfo = 'host=link port=5433 user=postgres password=$ACKORD_PASSWORD application_name=standby'" \
    >>"$data/postgresql.auto.conf"
  : >"$data/standby.signal"
  ;;
esac
unset ACKORD_PASSWORD ACKORD_SETTINGS
exec postgres -D "$data" -p 5432
