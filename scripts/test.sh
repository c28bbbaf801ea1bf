#!/usr/bin/env bash
# Every check there is: room on the disk, formatting of generated pages, lint, Go tests on SQLite and on
# PostgreSQL, the real open data, the program behind HAProxy, the demo's start and size, and journeys
# through the built program in Chromium. Installs what is missing, goes on after a failure, and closes with
# how many checks passed; build/tests/tally keeps the same for programs.
set -uo pipefail
cd "$(dirname "$0")/.."

tally=$PWD/build/tests/tally
journeys=$PWD/build/tests/journeys.tap
mkdir -p build/tests && rm -f "$tally" "$journeys"

say() { printf '\n== %s\n' "$*"; }
note() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$tally"; } # note NAME PASSED FAILED

# failed NAME STATUS FAILURES: a run that ended badly without a failure to show for it is one itself.
failed() { if [ "$2" != 0 ] && [ "$3" = 0 ]; then echo "FAIL: $1" >&2; echo 1; else echo "$3"; fi; }

# one NAME COMMAND...: a check that passes or fails as a whole.
one() {
  say "$1"
  if "${@:2}"; then note "$1" 1 0; else note "$1" 0 "$(failed "$1" 1 0)"; fi
}

# go_tests NAME COMMAND...: runs Go tests that are reported as JSON, and counts each.
go_tests() {
  local passed=0 failures=0 status
  say "$1"
  "${@:2}" | node scripts/tally.mjs build/tests/counts
  status=${PIPESTATUS[0]}
  [ -f build/tests/counts ] && read -r passed failures <build/tests/counts
  rm -f build/tests/counts
  note "$1" "$passed" "$(failed "$1" "$status" "$failures")"
}

# there_is_room: a full disk fails tests anywhere, each in words of its own. A run takes some 6 GiB when nothing is cached.
there_is_room() {
  local folder free status=0
  for folder in . "${TMPDIR:-/tmp}" "$(go env GOCACHE)"; do
    mkdir -p "$folder"
    free=$(df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge 8192 ] || { echo "Only $free MiB are free at $folder: make room for 8192 (go clean -cache)"; status=1; }
  done
  return $status
}

pages_are_generated() {
  make --no-print-directory generate &&
    { git diff --exit-code --stat -- '*_templ.go' || { echo "Run make generate and commit the result"; false; }; }
}

# Apache with the module that signs people in, for the journeys of clients that others wrote
apache_is_there() {
  [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || ./scripts/need.sh mod_auth_openidc.so libapache2-mod-auth-openidc
}

walk() {
  ./scripts/need.sh "${CHROMIUM:-chromium}" chromium && apache_is_there && npm ci --prefix e2e --silent --no-audit --no-fund && npm test --silent --prefix e2e
}

walk_journeys() {
  local status
  say "$1"
  walk
  status=$?
  counted() { sed -n "s/^# $1 //p" "$journeys" 2>/dev/null | tail -n 1 | grep . || echo 0; }
  note "$1" "$(counted pass)" "$(failed "$1" "$status" "$(counted fail)")"
}

export TEST_NHSUK="$PWD/node_modules/nhsuk-frontend"
export SIGNPOST_SHARED_DATA="${SIGNPOST_SHARED_DATA:-$PWD/../shared/data}"

SIGNPOST_POSTGRES_FOLDER=${SIGNPOST_POSTGRES_FOLDER:-$(./scripts/fast-folder.sh)}
export SIGNPOST_POSTGRES_FOLDER

# Without the paths of the clone in what is built, all clones share one cache.
export GOFLAGS="${GOFLAGS:+$GOFLAGS }-trimpath"

one "Room on the disk" there_is_room
one "Pages are generated from their templates" pages_are_generated
one "Lint" make --no-print-directory lint
rm -rf build/tests/tables && mkdir -p build/tests/tables
# What is linked for the one engine is run again with the other. Both stand on one disk, so that keeping costs nothing, and
# in folders that ./... leaves out.
export KEPT="$PWD/build/tests/_kept" KEPT_ROOT="$PWD"
rm -rf "$KEPT" build/tests/_go && mkdir -p "$KEPT" build/tests/_go
TEST_LONG=1 TEST_TABLES="$PWD/build/tests/tables" GOTMPDIR="$PWD/build/tests/_go" \
  go_tests "Go tests on SQLite" go test -json -exec "$PWD/scripts/keep-test.sh" ./...
go_tests "Go tests on PostgreSQL" ./scripts/postgres.sh ./scripts/kept-tests.sh
rm -rf "$KEPT" build/tests/_go
go_tests "Behind HAProxy" ./scripts/haproxy.sh ./scripts/postgres.sh go test -json -run HAProxy ./internal/platform/web ./internal/platform/certificate ./cmd/signpost
one "The demo starts fast and rests small" node e2e/lib/measure.mjs
walk_journeys "Journeys in Chromium"
go_tests "Clients in Go that others wrote" go test -C e2e/clients -json ./...

say "Modules of the OpenID plans, walked by our own harness"
cat build/tests/tables/conformance.txt || note "The table of modules" 0 1
say "Attacks on the OpenID Provider, each after its honest twin"
cat build/tests/tables/attacks.txt || note "The table of attacks" 0 1
say "Rules of linking and attacks on it, each after its honest twin"
sort -V build/tests/tables/linking.txt || note "The table of linking" 0 1
say "Spoiled ceremonies of authenticators, each beside an honest one"
cat build/tests/tables/ceremonies.txt || note "The table of ceremonies" 0 1
say "What the ID token says of a login, by authenticator: acr_values that it meets, amr and level"
cat build/tests/tables/acr.txt || note "The table of acr and amr" 0 1
say "From an act on the care identity side until a session of the directory is over"
cat build/tests/tables/told.txt || note "The table of sessions that end" 0 1

say "All together"
awk -F'\t' '{ printf "%-42s %5d passed %5d failed\n", $1, $2, $3; failed += $3 } END { exit failed > 0 }' "$tally"
