package frame

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/held"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// EmergencyPage is the path of the page about emergency rights, and AskEmergency of the one on which they are asked
// for.
const (
	EmergencyPage = "/emergency-rights"
	AskEmergency  = EmergencyPage + "/ask"
)

// emergencyNotice stands on every page while the emergency rights of the user are open.
func emergencyNotice(c signin.Current, _ time.Time) page.Banner {
	if len(c.Widened) == 0 {
		return page.Banner{}
	}
	return page.Banner{
		Tag: "Emergency rights",
		Text: "Open until " + when.DateTime(c.Emergency.Ends) +
			". What you do is marked, and somebody else reviews it. ",
		Link: page.Link{Text: "See or end them", Href: breakglass.Path(c.Emergency.ID)},
	}
}

// noNumberNotice stands where whoever may open emergency rights begins, until they have given a telephone number.
var noNumberNotice = page.Banner{
	Tag: "Emergency rights",
	Text: "You can open emergency rights with people at night, and they cannot telephone you: we have no number of " +
		"yours. ",
	Link: page.Link{Text: "Give your telephone number", Href: AccountPage + "#phone"},
}

// userOf gives the user of a session, with what waits for them.
func userOf(ctx context.Context, r db.R, s session.Session[signin.State]) (signin.Current, error) {
	c, err := signin.Find(ctx, r, s)
	if err == nil && c.Grants.Hold(account.BreakGlass) {
		c.Pending, err = breakglass.PendingFor(ctx, r, c.Account.ID, c.Reach(account.BreakGlass))
	}
	if err == nil && c.Grants.Hold(account.ManageUsers) {
		c.Exceptions, err = exception.CountWaiting(ctx, r, exception.Filter{Within: c.Reach(account.ManageUsers),
			But: c.Account.ID})
	}
	return c, err
}

// nightNotice tells whoever may open emergency rights that some wait, wherever they are not looking at them.
func nightNotice(r *http.Request) page.Banner {
	user := User(r)
	if len(user.Pending) == 0 || strings.HasPrefix(r.URL.Path, EmergencyPage) {
		return page.Banner{}
	}
	return pendingNotice(user.Pending)
}

// numberNotice tells whoever may open emergency rights that nobody can telephone them.
func numberNotice(r *http.Request) page.Banner {
	if !User(r).Grants.Hold(account.BreakGlass) || !asksForNumber(r) {
		return page.Banner{}
	}
	return noNumberNotice
}

// pendingNotice leads to the emergency rights that wait.
func pendingNotice(ids []string) page.Banner {
	who := "Somebody needs"
	to := breakglass.Path(ids[0])
	if len(ids) > 1 {
		who = fmt.Sprintf("%d people need", len(ids))
		to = EmergencyPage
	}
	return page.Banner{Tag: "Emergency rights", Text: who + " them now, and you can open them with them. ",
		Link: page.Link{Text: "See who asks, and open or decline them", Href: to}}
}

// asksForNumber reports whether a page asks the user for a telephone number: it is one on which they begin.
func asksForNumber(r *http.Request) bool {
	user := User(r)
	if user.Account.Phone != "" || user.Account.Kind != account.Individual {
		return false
	}
	return slices.Contains([]string{"/", "/services", path.UsersPage, EmergencyPage}, r.URL.Path)
}

// SaysEnded has a form of services say that the sender's emergency rights have ended, where they may not send it since.
// What they typed is kept for them.
func (f *Frame) SaysEnded(permission account.Permission, h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if !errors.Is(err, fault.Forbidden) {
			return err
		}
		ended, problem := f.emergencyEnded(w, r, permission)
		if problem != nil || ended == nil {
			return errors.Join(problem, err)
		}
		return ended
	}
}

// rightsEnded is why a form is held that was sent after the emergency rights for it had ended.
func rightsEnded(n widening.Widening) held.Cause {
	return held.Cause{
		Title: "Your emergency rights ended while you were working",
		Text:  "They ended on " + when.DateTime(n.Ends) + ", before this reached us.",
		First: page.Link{Text: "ask for emergency rights again, if they are not open", Href: AskEmergency},
	}
}

// emergencyEnded tells a user whose emergency rights ended not long ago that this is why they may not do something any
// more, and keeps what they typed; it gives nil to all others.
func (f *Frame) emergencyEnded(w http.ResponseWriter, r *http.Request, permissions ...account.Permission) (
	ended, failed error) {
	c := User(r)
	if c == nil || c.Emergency.ID == "" || len(c.Widened) > 0 {
		return nil, nil
	}
	widened := slices.ContainsFunc(permissions, func(p account.Permission) bool {
		return slices.Contains(account.Emergency(), p)
	})
	if !widened {
		return nil, nil
	}
	kept, err := f.Held.Hold(w, r, rightsEnded(c.Emergency))
	cure := "If you still need them, ask for them again."
	if kept {
		cure += " What you typed is kept for an hour, and you can send it then."
	}
	return fault.SayCure(fault.Forbidden,
		"Your emergency rights ended on "+when.DateTime(c.Emergency.Ends)+", so nothing was saved.", cure), err
}
