#!/usr/bin/env bash
# Starts a PostgreSQL server of our own on loopback in a temporary folder, runs the given command with
# TEST_POSTGRES set to its URL, and stops it again. Installs Debian's package if there is none.
set -euo pipefail

find_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

bin=$(find_bin)
if [ -z "$bin" ]; then
  echo "PostgreSQL is not installed: installing Debian's package"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql </dev/null >/dev/null
  bin=$(find_bin)
fi

folder=$(mktemp -d /tmp/signpost-postgres.XXXXXX)
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')

# PostgreSQL refuses to run as root, so there it runs as the package's own user.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$folder"

stop() {
  as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT

cd "$folder"
as_owner "$bin/initdb" -D "$folder/data" -U signpost --auth=trust --locale=C.UTF-8 --encoding=UTF8 >/dev/null
as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=300 ${SIGNPOST_POSTGRES_OPTIONS:-}" start >/dev/null
cd - >/dev/null

export TEST_POSTGRES="postgres://signpost@127.0.0.1:$port/postgres?sslmode=disable"
"$@"
