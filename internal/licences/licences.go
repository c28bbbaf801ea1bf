// Package licences holds the notices of everything that the program is built from, which whoever passes it on must pass
// on too. They are gathered by scripts/licences.sh (make licences).
package licences

import _ "embed"

// ThirdParty has a heading for each module, Go itself and nhsuk-frontend, with its version, and below it its notices.
//
//go:embed third-party.txt
var ThirdParty string
