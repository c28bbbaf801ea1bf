#!/usr/bin/env bash
# Every check there is: formatting of generated pages, lint, Go tests on SQLite and on PostgreSQL, the
# real open data, and journeys through the built program in Chromium. Installs what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null && return
  say "Installing Debian's $2"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" </dev/null >/dev/null
}

export TEST_NHSUK="$PWD/node_modules/nhsuk-frontend"
export SIGNPOST_SHARED_DATA="${SIGNPOST_SHARED_DATA:-$PWD/../shared/data}"

say "Pages are generated from their templates"
make --no-print-directory generate
git diff --exit-code --stat -- '*_templ.go' || { echo "FAIL: run make generate and commit the result"; exit 1; }

say "Lint"
make --no-print-directory lint

say "Go tests on SQLite"
go test ./...

say "Go tests on PostgreSQL"
./scripts/postgres.sh go test -p 2 ./...

say "Journeys in Chromium"
need chromium chromium
npm ci --prefix e2e --silent --no-audit --no-fund
npm test --prefix e2e
