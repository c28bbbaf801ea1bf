#!/usr/bin/env bash
# Runs the tests that keep-test.sh kept once more, three packages at a time, and says what go test -json says. Packages
# whose results were cached, so that nothing was kept of them, are left to go test.
set -uo pipefail
: "${KEPT:?the folder of the kept tests}" "${KEPT_ROOT:?the folder of the module}"
module=$(go list -m)

one() {
  local folder=${1//%/\/} said status
  said=$(mktemp)
  # test2json ignores interrupts, and what it starts would inherit that
  (cd "$KEPT_ROOT/$folder" && go tool test2json -t -p "$module/$folder" \
    env --default-signal=INT,QUIT "$KEPT/$1" -test.paniconexit0 -test.timeout=10m -test.v=test2json) >"$said" 2>&1
  status=$?
  flock "$KEPT" cat "$said"
  rm -f "$said"
  : >"$KEPT/$1" # its room is needed
  return $status
}
export -f one
export module

find "$KEPT" -type f -size +0 -printf '%s %f\n' | sort -rn | cut -d ' ' -f 2 | xargs -r -P 3 -n 1 bash -c 'one "$1"' _
status=$?

rest=$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./... | while read -r package; do
  folder=${package#"$module"/}
  [ -e "$KEPT/${folder//\//%}" ] || echo "$package"
done)
[ -z "$rest" ] || go test -json -p 3 $rest || status=1
exit $status
