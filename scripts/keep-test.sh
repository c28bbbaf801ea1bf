#!/bin/sh
# keep-test.sh BINARY ARGUMENTS: runs a test binary as go test -exec has it. One that can use PostgreSQL is kept in KEPT for
# another run, in a file named by the folder of its package, so that it need not be linked a second time; of others an
# empty file says that they ran.
name=$KEPT/$(pwd | sed "s|^$KEPT_ROOT/||; s|/|%|g")
if grep -q TEST_POSTGRES "$1"; then ln -f "$1" "$name" 2>/dev/null || cp "$1" "$name"; else : >"$name"; fi
exec "$@"
