#!/usr/bin/env bash
# Figures of the built program on this machine: how soon the demo answers, what it keeps in memory, and
# the Go benchmarks. The machine may be shared: compare figures of one run only.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== Demo: start to first page, and resident memory at rest"
node e2e/lib/measure.mjs

echo "== Go benchmarks"
go test -run '^$' -bench . -benchmem ./...
