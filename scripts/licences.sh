#!/bin/sh
# Writes the notices of everything that the program is built from into internal/licences/third-party.txt: of the Go
# modules as their folders have them, of Go itself, and of nhsuk-frontend, whose package has none. A test tells when a
# module came, went or changed its version.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C GOOS=linux GOARCH=amd64 CGO_ENABLED=1

to=internal/licences/third-party.txt

# notice NAME VERSION FILE...: a heading, and the texts below it.
notice() {
	printf '== %s %s\n\n' "$1" "$2"
	shift 2
	for file in "$@"; do
		tr -d '\r' <"$file" | sed 's/[[:space:]]*$//'
		echo
	done
}

go mod download
{
	notice Go "$(sed -n 's/^go //p' go.mod)" "$(go env GOROOT)/LICENSE"
	notice nhsuk-frontend "$(sed -n 's/.*"nhsuk-frontend": "\(.*\)".*/\1/p' package.json)" internal/licences/nhsuk-frontend.txt
	go list -tags hsm -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/signpost |
		sort -u | while read -r path version folder; do
		texts=$(find "$folder" -maxdepth 1 -type f | sort | grep -iE '/(licen[sc]e|copying|notice|patents)[^/]*$') || {
			echo "$path has no licence in $folder" >&2
			exit 1
		}
		# shellcheck disable=SC2086 # the names of modules' folders have no spaces
		notice "$path" "$version" $texts
	done
} >"$to.new"
mv "$to.new" "$to"
