package users

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/stepmail"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/ticket"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// What the service desk can do for somebody who telephones.
var (
	endForm = form.Form{Path: "/users/{id}/end-sessions", At: "/users/{id}",
		Page: "Users", Act: "Log them out everywhere", Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "ending", Label: nhsuk.LabelParams{Text: "Why they are logged out", Size: "s"},
				Autocomplete: "off",
			}).Required("Enter why they are logged out"),
		}}
	stepForm = form.Form{Path: "/users/{id}/next-step-mail", At: "/users/{id}",
		Page: "Users", Act: "Email them their next step"}
	unlockForm = form.Form{Path: "/users/{id}/unlock", At: "/users/{id}",
		Page: "Users", Act: "End the lock", Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "unlock", Label: nhsuk.LabelParams{Text: "Why the lock is ended", Size: "s"},
				Autocomplete: "off",
			}).Required("Enter why the lock is ended"),
		}}
)

// caller is what is known of the person of an account who may be on the telephone.
type caller struct {
	known    rollout.Known
	tickets  []ticket.Ticket
	sessions int
	wrong    int64 // passwords since the last right one
	bounce   mail.Bounce
	locked   string // until when that locks the account; empty if it does not
	unmailed error  // why their next step cannot be mailed to them; nil where it can
}

// callerOf reads what the service desk needs; nothing for a program, or for whoever does not help people.
func callerOf(r *http.Request, read db.R, a account.Account) (c caller, err error) {
	ctx := r.Context()
	if a.Kind == account.Machine || !frame.Reach(r, account.ServiceDesk).Covers(a) {
		return c, nil
	}
	if c.known, err = rollout.Read(ctx, read, a.ID); err != nil {
		return c, err
	}
	if c.bounce, err = mail.BounceOf(ctx, read, a.Email); err != nil {
		return c, err
	}
	if c.unmailed, err = stepmail.Problem(ctx, read, a); err != nil {
		return c, err
	}
	if frame.Reach(r, account.WorkTickets).Covers(a) {
		if c.tickets, err = ticket.OfAccount(ctx, read, a.ID); err != nil {
			return c, err
		}
	}
	live, err := signin.Sessions.OfSubject(ctx, read, a.ID)
	if err != nil {
		return c, err
	}
	c.sessions = len(live)
	wrong, locked, err := signin.WrongPasswords(ctx, read, a.ID)
	c.wrong = wrong
	if !locked.IsZero() {
		c.locked = when.DateTime(locked)
	}
	return c, err
}

// problemView is the part of an account's page for whoever has its person on the telephone.
type problemView struct {
	Known    bool // there is somebody to help
	Say      []string
	Needs    []nhsuk.SummaryListRow // what the person has, and what they lack
	Steps    [][]nhsuk.TableCell
	Tickets  []page.Link
	Raise    string // leads to where a ticket is raised for them; empty if it is not for this user
	Sessions int
	Wrong    int64
	Locked   string
	Others   string // says what the service desk cannot do, and who can
	CIM      string // leads to their Care Identity at the desk of Care Identity Management; empty if that is not known
	Unmailed string // why their next step cannot be mailed, and what to do instead; empty where it can
	Step     *form.Rendered
	End      *form.Rendered
	Unlock   *form.Rendered
}

var needTexts = map[path.State]string{
	path.Done: "Yes", path.Do: "No: there is something to do", path.Waiting: "Not yet: something else comes first",
	path.Unclear: "Not known",
}

// problem says what is the matter with the person of an account, and what to say to them.
func (u *Users) problem(r *http.Request, c caller) (v problemView) {
	a := c.known.Account
	if a.ID == "" {
		return v
	}
	v = problemView{Known: true, Sessions: c.sessions, Wrong: c.wrong, Locked: c.locked, Others: othersText(r, a)}
	if problem, is := fault.From(c.unmailed); is {
		v.Unmailed = problem.Message + " " + problem.Cure
	}
	if !c.bounce.Since.IsZero() {
		v.Say = append(v.Say, "Our emails to you do not arrive, so no code or link does. Is "+a.Email+" still right? "+
			"If not, change it under My account when you are logged in.")
	}
	facts, silent := rollout.Facts(r.Context(), u.asker, c.known)
	if silent != nil {
		web.Log(r, slog.String("extract", silent.Error()))
		v.Say = append(v.Say, "The care identity side does not answer now, so not all is known of the Care Identity.")
	}
	for _, item := range path.Checklist(facts) {
		v.Needs = append(v.Needs, nhsuk.SummaryListRow{Key: item.Title, Value: needTexts[item.State]})
	}
	v.Needs = append(v.Needs, authorityRow(facts)...)
	said := silent != nil
	for _, s := range path.Next(facts) {
		if s.Ready() && !said {
			said = true
			v.Say = append(append(v.Say, s.Title+"."), s.Detail...)
		}
		v.Steps = append(v.Steps, []nhsuk.TableCell{{Text: s.Title}, {Text: s.Owner.Title()}, {Text: s.By.ToStaff()},
			{Text: s.Takes}})
	}
	for _, t := range c.tickets {
		v.Tickets = append(v.Tickets, page.Link{Text: t.Show() + ": " + t.Subject + " (" + t.State.Title() + ")",
			Href: frame.TicketsPage + "/" + t.ID})
	}
	if frame.Reach(r, account.WorkTickets).Covers(a) {
		v.Raise = frame.TicketsPage + "/new?" + url.Values{"account": {a.ID}}.Encode()
	}
	if u.frame.CIM != "" && c.known.Subject != "" {
		v.CIM = u.frame.CIM + "/desk/sessions?" + url.Values{"find": {c.known.Subject}}.Encode()
	}
	return v
}

// othersText says who does what the service desk cannot. An administrator of the account reads only what is not theirs
// either.
func othersText(r *http.Request, a account.Account) string {
	const (
		desk = "The service desk cannot change an email address, a password, a link or what somebody can do. "
		own  = "The person changes their own email address and password. "
		lost = "A Care Identity that is lost is recovered by two people of the registration authority."
	)
	if frame.Reach(r, account.ManageUsers).Covers(a) {
		return own + lost
	}
	return desk + own + "A DoS user administrator undoes a link, and gives and takes away groups. " + lost
}

func (u *Users) endSessions(w http.ResponseWriter, r *http.Request) error {
	typed := endForm.Read(r)
	complete := typed.Complete()
	id := r.PathValue("id")
	var err error
	if complete {
		err = fault.At("ending", signin.EndAllForDesk(r.Context(), u.passwords.DB, web.Actor(r), id,
			typed.Value("ending")))
	}
	if !complete || errors.Is(err, fault.Invalid) && typed.Refuse(err) {
		return u.user(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, accountPath(id), "They are logged out everywhere.")
}

func (u *Users) unlock(w http.ResponseWriter, r *http.Request) error {
	typed := unlockForm.Read(r)
	complete := typed.Complete()
	id := r.PathValue("id")
	var err error
	if complete {
		err = fault.At("unlock", signin.UnlockForDesk(r.Context(), u.passwords.DB, web.Actor(r), id,
			typed.Value("unlock")))
	}
	if !complete || errors.Is(err, fault.Invalid) && typed.Refuse(err) {
		return u.user(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, accountPath(id), "The lock is ended. They can try their password again.")
}

// mailStep sends them the mail of their next step.
func (u *Users) mailStep(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := u.stepMail.Send(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, accountPath(id), "Their next step is sent to the email address of their account.")
}
