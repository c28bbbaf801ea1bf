package mail

import (
	"regexp"
	"strings"
)

// www is how addresses without a scheme begin of which mail programs make links.
var www = regexp.MustCompile(`(?i)\bwww\.`)

// Quote sets apart what somebody typed from what the system says, in the text of a mail: each line of it begins with
// "> ", and addresses that begin with https:// or www. are broken, so that mail programs make no links of them.
// Nobody's words then pass for the system's, whoever wrote them and to whomever they go.
func Quote(typed string) string {
	typed = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(typed)
	typed = www.ReplaceAllString(strings.ReplaceAll(strings.TrimSpace(typed), "://", ":// "), "$0 ")
	return "> " + strings.ReplaceAll(typed, "\n", "\n> ")
}
