package mine

import (
	"net/http"

	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider/session"
	"signpost/internal/platform/fault"
	store "signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// endings tell people why their session is over, by the reason.
var endings = map[store.Reason]error{
	store.NotKnown:            words.Fault(fault.Unauthenticated, "session-over"),
	store.Unused:              words.Fault(fault.Unauthenticated, "session-unused"),
	store.TooOld:              words.Fault(fault.Unauthenticated, "session-too-old"),
	store.Surplus:             words.Fault(fault.Unauthenticated, "session-surplus"),
	session.ByOwner:           words.Fault(fault.Unauthenticated, "session-owner"),
	session.ByDesk:            words.Fault(fault.Unauthenticated, "session-desk"),
	session.WithIdentity:      words.Fault(fault.Unauthenticated, "session-identity"),
	session.WithPosition:      words.Fault(fault.Unauthenticated, "session-position"),
	session.WithAuthenticator: words.Fault(fault.Unauthenticated, "session-authenticator"),
	session.WithPassword:      words.Fault(fault.Unauthenticated, "session-password"),
}

// over says why the session of a browser is over, once: on a shared computer the next person has nothing to do with it.
// Of a cookie that was never given here it says only that nobody is logged in.
func (p *Pages) over(w http.ResponseWriter, r *http.Request) error {
	cookie := web.Cookie(r, session.Cookie)
	if cookie == "" {
		return errNotSignedIn
	}
	reason, err := p.Sessions.Ending(r.Context(), cookie)
	if err != nil {
		return err
	}
	if r.Method != http.MethodHead {
		clearCookie(w, r)
	}
	said, known := endings[reason]
	if !known || reason == store.NotKnown && !web.GivenSession(r, session.Cookie) {
		return errNotSignedIn
	}
	return said
}
