#!/usr/bin/env bash
# Runs the given command with TEST_HAPROXY set to the program of HAProxy. Installs Debian's package if there is none.
set -euo pipefail

PATH=$PATH:/usr/sbin # where Debian puts it, which is not on everybody's path
"$(dirname "$0")/need.sh" haproxy haproxy >&2
TEST_HAPROXY=$(command -v haproxy)
export TEST_HAPROXY
"$@"
