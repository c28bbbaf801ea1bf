package mail

import (
	"regexp"
	"strings"
)

// www is how addresses without a scheme begin of which mail programs make links.
var www = regexp.MustCompile(`(?i)\bwww\.`)

// oneBreak makes one of all that programs take for the end of a line.
var oneBreak = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n",
	"\u2029", "\n")

// Quote sets apart what somebody typed from what the system says, in the text of a mail: each line of it begins with
// "> ", and addresses that begin with https:// or www. are broken, so that mail programs make no links of them.
// Nobody's words then pass for the system's, whoever wrote them and to whomever they go.
func Quote(typed string) string {
	typed = oneBreak.Replace(typed)
	typed = www.ReplaceAllString(strings.ReplaceAll(strings.TrimSpace(typed), "://", ":// "), "$0 ")
	return "> " + strings.ReplaceAll(typed, "\n", "\n> ")
}
