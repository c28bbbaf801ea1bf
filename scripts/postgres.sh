#!/usr/bin/env bash
# Starts a PostgreSQL server of our own on loopback in a temporary folder, runs the given command with
# TEST_POSTGRES set to its URL, and stops it again. Installs Debian's package if there is none. The folder is
# made in SIGNPOST_POSTGRES_FOLDER, /tmp without it.
set -euo pipefail

# Debian keeps the server's programs off the path.
find_server() { for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V); do PATH="$bin:$PATH"; done; }

find_server
"$(dirname "$0")/need.sh" initdb postgresql >&2
find_server
bin=$(dirname "$(command -v initdb)")

folder=$(mktemp -d "${SIGNPOST_POSTGRES_FOLDER:-/tmp}/signpost-postgres.XXXXXX")
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
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=300 ${SIGNPOST_POSTGRES_OPTIONS:-}" start >/dev/null || { cat "$folder/log" >&2; exit 1; }
cd - >/dev/null

export TEST_POSTGRES="postgres://signpost@127.0.0.1:$port/postgres?sslmode=disable"
"$@"
