#!/bin/sh
# Copies what Signpost embeds of nhsuk-frontend out of node_modules (npm ci)
# into internal/platform/web/assets/files, where git ignores it.
#
# On the way it takes out the Frutiger font, which is licensed to the NHS and
# would be fetched from another site (Arial stands in for it), the source maps
# that are not copied, and the NHS icons; and it makes the paths to images
# relative, so that they are found at the versioned address of the style sheet.
set -eu
cd "$(dirname "$0")/.."

from=node_modules/nhsuk-frontend/dist/nhsuk
to=internal/platform/web/assets/files
if [ ! -f "$from/nhsuk-frontend.min.css" ]; then
	echo "nhsuk-frontend is not installed: run npm ci first" >&2
	exit 1
fi

find "$to" -mindepth 1 ! -name .keep -delete
mkdir -p "$to/images"
sed -e 's/@font-face{[^}]*}//g' -e 's#/assets/images/#images/#g' -e 's#/\*\# sourceMappingURL=.*\*/##' \
	"$from/nhsuk-frontend.min.css" >"$to/nhsuk-frontend.min.css"
sed -e 's#//\# sourceMappingURL=.*##' "$from/nhsuk-frontend.min.js" >"$to/nhsuk-frontend.min.js"
for image in $(grep -o 'images/[a-z-]*\.svg' "$to/nhsuk-frontend.min.css" | sort -u); do
	cp "$from/assets/$image" "$to/$image"
done

if grep -E 'https?://' "$to/nhsuk-frontend.min.css" | grep -qv 'www\.w3\.org'; then
	echo "the style sheet still fetches from another site" >&2
	exit 1
fi
