#!/usr/bin/env bash
# Figures of the built program on this machine: whole sign-ins beside a floor, on SQLite and PostgreSQL with
# full durability; how soon the demo answers, what it keeps in memory; and the Go benchmarks. The machine may
# be shared: compare figures of one run only.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== Whole sign-ins: the program beside a floor that only signs and commits"
CGO_ENABLED=0 go build -trimpath -o bin/bench ./bench
./scripts/postgres.sh ./bin/bench -program bin/signpost

echo "== More than the machine can do: what holds, and memory"
./bin/bench -program bin/signpost -overload || true # what does not hold says so

echo "== A silent mail server: how soon sessions end beside mails that wait for it"
./bin/bench -program bin/signpost -revocation || true # what does not hold says so

echo "== Demo: start to first page, and resident memory at rest"
node e2e/lib/measure.mjs

echo "== Answers of authenticators that are checked in a second of a processor, and how fast that is beside the bare cryptography"
go test -run '^$' -bench Verifications ./internal/careid/authenticator/... ./internal/platform/certificate ./internal/platform/relying | grep ^Benchmark

echo "== Go benchmarks"
go test -run '^$' -bench . -skip Verifications -benchmem ./...

echo "== Lists of 100,000 accounts, their import, the board, the comparison of their addresses on both sides and what explains a login, on PostgreSQL"
./scripts/postgres.sh go test -run '^$' -bench 'PagesOfLargeLists|BoardPages|ImportOfAccounts|Comparison|Sets|Read' \
  ./internal/dos/site ./internal/dos/directory/importing ./internal/dos/drift ./internal/dos/rollout/board \
  ./internal/careid/extract
