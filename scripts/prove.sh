#!/usr/bin/env bash
# The long runs: the checklist's walk over every state, histories of links, a rollout of 10,000, races, what strangers
# leave in the database, nodes that are stopped under load, a day of forty requests in Chromium, every Go test under the
# race detector, and each fuzz target for a while (FUZZ_SECONDS each, 20 if unset).
set -euo pipefail
cd "$(dirname "$0")/.."

SIGNPOST_POSTGRES_FOLDER=${SIGNPOST_POSTGRES_FOLDER:-$(./scripts/fast-folder.sh)}
export SIGNPOST_POSTGRES_FOLDER

./scripts/need.sh gcc gcc # which the race detector is linked by

echo "== Every state of the checklist"
PROVE=1 go test -count=1 -timeout 30m -v -run '^TestEvery' ./internal/national/path | grep -v '^=== '

echo "== Histories of accounts and Care Identities that are linked"
PROVE=1 go test -count=1 -timeout 120m -v -run '^TestHistoriesOfLinks$' ./internal/dos/linking | grep -v '^=== \|--- PASS'

echo "== A rollout of 10,000 people in five waves, with faults"
PROVE=1 go test -count=1 -timeout 60m -v -run '^TestARolloutInFiveWaves' ./internal/dos/rollout/rehearsal | grep -v '^=== \|--- PASS'

echo "== Each two acts on an account at once, on SQLite and on PostgreSQL"
races='^Test(EachTwoActsAtOnce|TwoPeopleLinkOneAccountAtOnce|LinkAgainst(EmailChange|Deactivation))$'
race_acts() {
  "$@" go test -count=1 -timeout 120m -v -run "$races" ./internal/dos/linking | grep -v '^=== \|--- PASS'
}
race_acts env PROVE=1
race_acts env PROVE=1 ./scripts/postgres.sh

echo "== Scanners of mail, before the readers of 1,000 mails of each kind, and of some on PostgreSQL"
scan_mails() {
  "$@" go test -count=1 -timeout 60m -v -run '^TestScanners(ConfirmNothing|ConfirmNoAddress|AddNoAuthenticator)$' \
    ./internal/dos/site ./internal/careid/login ./internal/careid/console | grep -v '^=== \|--- PASS'
}
scan_mails env PROVE=1
scan_mails env TEST_LONG=1 ./scripts/postgres.sh

echo "== What a login's time tells of who there is"
PROVE=1 go test -count=1 -timeout 10m -v -run '^TestTimeTellsNobodyWhoThereIs$' ./internal/careid/login | grep -v '^=== '

echo "== What the requests of strangers leave behind"
PROVE=1 go test -count=1 -timeout 10m -v -run '^TestBytesKeptOfStrangers$' ./internal/app | grep -v '^=== '

echo "== Nodes behind HAProxy, stopped under load"
PROVE=1 ./scripts/haproxy.sh ./scripts/postgres.sh \
  go test -count=1 -timeout 15m -v -run '^TestNoRequestIsLostBehindHAProxy$' ./cmd/signpost | grep -v '^=== '

echo "== An administrator's day of forty requests"
./scripts/need.sh "${CHROMIUM:-chromium}" chromium
npm ci --prefix e2e --silent --no-audit --no-fund
PROVE=1 node --test --test-reporter=spec e2e/journeys/day.test.mjs

echo "== A security module and a smartcard at its reader, for which tokens of SoftHSM2 stand"
./scripts/need.sh softhsm2-util softhsm2
./scripts/need.sh pkcs11-tool opensc
TEST_SOFTHSM=${TEST_SOFTHSM:-/usr/lib/softhsm/libsofthsm2.so} CGO_ENABLED=1 \
  go test -count=1 -tags hsm ./internal/platform/seal/hsm ./internal/command/cards

echo "== Race detector"
go test -race -p 1 ./...

echo "== Fuzz targets"
go list -f '{{.ImportPath}} {{.Dir}}' ./... | while read -r package folder; do
  for target in $(grep -hoE '^func (Fuzz[A-Za-z0-9_]+)' "$folder"/*_test.go 2>/dev/null | awk '{print $2}' | sort -u); do
    echo "-- $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZ_SECONDS:-20}s" "$package" </dev/null
  done
done
