// Package home serves the first page after signing in. Users who sign in with a Care Identity are sent to the search;
// everybody else sees what they have to do next, exactly as path.Next says.
package home

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"signpost/internal/dos/account"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// Home serves the pages.
type Home struct {
	frame *frame.Frame
	asker rollout.Asker
	front web.Handler // for those who are not signed in

	requests *asking.Requests
}

// Mount adds the pages to the site. asker is nil if the care identity side answers no questions.
func Mount(s *web.Site, f *frame.Frame, asker rollout.Asker, requests *asking.Requests, front web.Handler) {
	h := &Home{frame: f, asker: asker, requests: requests, front: front}
	s.Handle("GET /{$}", f.MaybeSignedIn(), h.home)
	s.Handle("GET "+frame.ChecklistPage, f.SignedIn(), h.checklist)
	f.HandleForm(s, askForm, f.SignedIn(), h.ask)
	f.HandleForm(s, askedForm, f.SignedIn(), h.asked)
	s.Handle("GET /questions", f.SignedIn(), h.questions)
	f.HandleForm(s, questionsForm, f.SignedIn(), h.answer)
	f.HandleForm(s, laterForm, f.SignedIn(), h.later)
	f.Returns[rollout.ByLogin] = h.loggedIn
}

// laterForm puts linking off for a day.
var laterForm = form.Form{Path: frame.PutOffPath, At: "/checklist", Act: "Not today"}

func (h *Home) later(w http.ResponseWriter, r *http.Request) error {
	err := signin.PutOff(r.Context(), h.frame.Passwords.DB, web.Actor(r), frame.User(r).Session)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/checklist", "You are not asked again for 24 hours after your login.")
}

func (h *Home) home(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	if user == nil {
		return h.front(w, r)
	}
	if user.Session.State.How != signin.ByPassword {
		return web.SeeOther(w, r, "/services", "")
	}
	asked, err := h.whoIsAsked(r)
	if err != nil {
		return err
	}
	if asked {
		return web.SeeOther(w, r, frame.WhoPath, "")
	}
	return h.checklist(w, r)
}

// whoIsAsked reports whether whoever is logged in with a shared account has still to say who they are.
func (h *Home) whoIsAsked(r *http.Request) (bool, error) {
	user := frame.User(r)
	if user.Account.Kind != account.Shared {
		return false, nil
	}
	return db.Read(r.Context(), h.frame.Passwords.DB, func(read db.R) (bool, error) {
		return shared.Asked(r.Context(), read, user.Session.ID)
	})
}

func (h *Home) checklist(w http.ResponseWriter, r *http.Request) error {
	t, problem, err := h.told(r)
	if err != nil {
		return err
	}
	v := h.checklistOf(t)
	v.Addresses, err = db.Read(r.Context(), h.frame.Passwords.DB, func(read db.R) (frame.Addresses, error) {
		return h.frame.AddressesOf(r.Context(), read, t.user)
	})
	if err != nil {
		return err
	}
	v.Waits = t.waits
	v.Waits.More = t.now.Do.What != ""
	v.linkWaits(t.facts)
	v.Answered = t.answered
	v.Shared = t.user.Kind == account.Shared
	if v.Phase, err = h.guide(r, t.known); err != nil {
		return err
	}
	if days := frame.User(r).Days; days.Asked && days.PutOffs > 0 {
		v.PutOffs = days.PutOffs
		v.Later = laterForm.New(r)
	}
	v.Page = h.frame.Page(w, r, v.Heading)
	v.Unsure = problem != nil
	v.Now.fill(r, t.now)
	if problem == nil {
		if err := h.saw(r, t); err != nil {
			return err
		}
	}
	return web.Show(w, r, http.StatusOK, checklistPage(v))
}

// guide gives what the next phase means for whoever has still to link their own account, and notes that they were told.
func (h *Home) guide(r *http.Request, known rollout.Known) (string, error) {
	if known.Linked || known.Account.Kind != account.Individual {
		return "", nil
	}
	err := guidance.Show(r.Context(), h.frame.Passwords.DB, known.Account.ID, known.Wave)
	words := frame.PasswordDays(frame.User(r).Days) + " " + guidance.Words(known.Wave)
	return strings.TrimSpace(words), err
}

// told gathers what the checklist of whoever is logged in is made from. The problem is why the care identity side said
// nothing, if it did not.
func (h *Home) told(r *http.Request) (t told, problem, err error) {
	known, err := h.known(r)
	if err != nil {
		return t, nil, err
	}
	if t.requested, err = h.requested(r); err != nil {
		return t, nil, err
	}
	if t.claimed, err = h.claimed(r); err != nil {
		return t, nil, err
	}
	known.Requested = !t.requested.IsZero() || !t.claimed.IsZero()
	t.known = known
	t.user = known.Account
	t.answered = len(known.Answers) > 0 && !known.Linked
	t.facts, problem = rollout.Facts(r.Context(), h.asker, known)
	if problem != nil {
		web.Log(r, slog.String("extract", problem.Error()))
	}
	t.at = h.frame.Passwords.DB.Now()
	t.asks, err = db.Read(r.Context(), h.frame.Passwords.DB, func(read db.R) ([]checklist.Ask, error) {
		return checklist.Asks(r.Context(), read, known.Account.ID)
	})
	if err != nil {
		return t, nil, err
	}
	t.waits, err = db.Read(r.Context(), h.frame.Passwords.DB, func(read db.R) (frame.WaitingLink, error) {
		return frame.WaitingLinkOf(r.Context(), read, t.user)
	})
	t.now = checklist.Now(t.facts, t.asks, t.waits.Since != "", t.at)
	return t, problem, err
}

// claimed gives when whoever is logged in with a shared account said who they are, in this session.
func (h *Home) claimed(r *http.Request) (at time.Time, err error) {
	user := frame.User(r)
	if user.Account.Kind != account.Shared {
		return at, nil
	}
	return db.Read(r.Context(), h.frame.Passwords.DB, func(read db.R) (time.Time, error) {
		return shared.ClaimedAt(r.Context(), read, user.Session.ID)
	})
}

// requested gives when whoever is logged in with a shared account asked for one of their own on this browser since they
// logged in, if nobody has decided yet. What a colleague asked for is not theirs to know.
func (h *Home) requested(r *http.Request) (at time.Time, err error) {
	user := frame.User(r)
	cookie := web.Cookie(r, frame.RequestCookie)
	if user.Account.Kind != account.Shared || cookie == "" {
		return at, nil
	}
	asked, err := h.requests.Mine(r.Context(), cookie)
	if _, is := fault.From(err); is {
		return at, nil // the sitting is over, or nobody confirmed the address
	}
	if err != nil || asked.AskedBy != user.Account.ID || !asked.State.Undecided() {
		return at, err
	}
	return asked.Created, nil
}

// known reads what the directory knows about whoever is logged in, and what they said. On a shared account that is what
// was said in this session.
func (h *Home) known(r *http.Request) (rollout.Known, error) {
	user := frame.User(r)
	return db.Read(r.Context(), h.frame.Passwords.DB, func(read db.R) (rollout.Known, error) {
		known, err := rollout.Read(r.Context(), read, user.Account.ID)
		if err != nil || known.Account.Kind != account.Shared {
			return known, err
		}
		cookie := web.Cookie(r, frame.AnswersCookie)
		known.Answers, err = rollout.OfSession(r.Context(), read, cookie, user.Session.ID)
		return known, err
	})
}
