package mail

import "strings"

// Quote sets apart what somebody typed from what the system says, in the text of a mail: each line of it begins with
// "> ", and an address of the web in it is no link any more. So nobody's words pass for the system's, whoever wrote
// them and to whomever they go.
func Quote(typed string) string {
	typed = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(typed)
	typed = strings.ReplaceAll(strings.TrimSpace(typed), "://", ":// ")
	return "> " + strings.ReplaceAll(typed, "\n", "\n> ")
}
