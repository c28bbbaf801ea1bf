package frame

import "signpost/internal/dos/linking"

// CeremonyCookie names the ceremony of linking that a browser is in: signing in begins it, and the pages of
// linking end it.
const CeremonyCookie = "dos-link"

// LinkRefusedAt gives the address of the page that says why a link may not be, and what to do instead.
func LinkRefusedAt(reason linking.Refusal) string {
	if reason == linking.SharedAccount {
		return "/request-account?shared=1"
	}
	return "/link/refused/" + string(reason)
}
