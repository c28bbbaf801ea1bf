package frame

import "signpost/internal/dos/linking"

// CeremonyCookie is the cookie of the linking ceremony in progress on a browser. The pages of package entry begin the
// ceremony and those of package linking end it.
const CeremonyCookie = "dos-link"

// LinkRefusedAt gives the address of the page that says why a link is not allowed and what to do instead.
func LinkRefusedAt(reason linking.Refusal) string {
	if reason == linking.SharedAccount {
		return "/request-account?shared=1"
	}
	return "/link/refused/" + string(reason)
}
