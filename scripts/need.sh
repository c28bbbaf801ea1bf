#!/usr/bin/env bash
# need.sh COMMAND PACKAGE: installs Debian's package if the command is missing. As somebody who may not
# install, says what to ask for.
set -euo pipefail

command -v "$1" >/dev/null && exit
say="$1 is missing: install it (on Debian: apt-get install $2), then run this again"
command -v apt-get >/dev/null || { echo "$say" >&2; exit 1; }
as=()
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || { echo "$say" >&2; exit 1; }
  as=(sudo)
fi
echo "Installing Debian's $2"
"${as[@]}" apt-get update -qq
"${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" </dev/null >/dev/null
