// Package profile serves "View your profile": the details, positions and authenticators of people's own care
// identities, and the change of their email address.
package profile

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/usable"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Profile serves the pages.
type Profile struct {
	frame *frame.Frame
	post  *mail.Post
	kinds []authn.Kind // of authenticator that can be added at CIS2
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, post *mail.Post, kinds []authn.Kind) {
	p := &Profile{frame: f, post: post, kinds: kinds}
	s.Handle("GET "+addForm.Path, f.SignedIn(), p.askAdd)
	f.HandleForm(s, addForm, f.SignedIn(), f.Freshly(addForm, p.add))
	s.Handle("GET "+path.ProfilePage, f.SignedIn(), p.show)
	s.Handle("GET "+activityPath, f.SignedIn(), p.activity)
	s.Handle("GET /view-your-profile/email", f.SignedIn(), p.askEmail)
	f.HandleForm(s, emailForm, f.SignedIn(), f.Freshly(emailForm, p.saveEmail))
	code := p.mailedCode()
	s.Handle("GET /view-your-profile/email/code", f.SignedIn(), code.Ask)
	f.HandleForm(s, codeForm, f.SignedIn(), code.Answer)
}

func (p *Profile) show(w http.ResponseWriter, r *http.Request) error {
	i := frame.User(r).Identity
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (profileView, error) {
		v := profileView{Page: p.frame.Page(w, r, "View your profile"), Personal: personal(i), CIS2: p.frame.CIS2Pages,
			EmailWaits: frame.EmailWaits(i, read.Now())}
		err := v.read(r.Context(), read, i)
		return v, err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, profilePage(v))
}

func (v *profileView) read(ctx context.Context, r db.R, i identity.Identity) error {
	var err error
	v.Personal, err = frame.WithBounce(ctx, r, v.Personal, i.Email, "Change the address, or confirm it again.")
	if err != nil {
		return err
	}
	assignments, err := access.OfIdentity(ctx, r, i.UUID)
	if err != nil {
		return err
	}
	for _, a := range assignments {
		at, err := organisation.Text(ctx, r, a.Position.Organisation)
		if err != nil {
			return err
		}
		v.Positions = append(v.Positions, positionCells(a, at, r.Now()))
	}
	authenticators, err := authenticator.OfIdentity(ctx, r, i.UUID)
	if err != nil {
		return err
	}
	for _, a := range authenticators {
		cells := nhsuk.Cells(a.Name, a.LevelText(), statusText(a), when.Date(a.BoundAt))
		v.Authenticators = append(v.Authenticators, cells)
	}
	v.Spare = spare(authenticators)
	facts, err := usable.Of(ctx, r, i)
	if err != nil {
		return err
	}
	v.Missing = facts.Missing()
	authority, err := hosting.RegistrationAuthority(ctx, r, i.Organisation)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	v.Authority = authority.Text()
	v.Contact = authority.Contact
	return err
}

func personal(i identity.Identity) []nhsuk.SummaryListRow {
	change := nhsuk.ActionParams{Text: "Change", VisuallyHiddenText: "email address", Href: "/view-your-profile/email"}
	email := nhsuk.SummaryListRow{Key: "Email address", Actions: []nhsuk.ActionParams{change}}
	switch {
	case i.Email == "":
		email.Value = "None given"
	case i.EmailVerified.Done():
		email.ValueHTML = page.Email(i.Email, when.Date(i.EmailVerified.At))
	default:
		email.ValueHTML = page.Email(i.Email, "")
	}
	return []nhsuk.SummaryListRow{
		{Key: "Name", ValueHTML: page.Name(strings.TrimSpace(i.Title + " " + i.DisplayName()))},
		{Key: "Care Identity number", Value: i.UUID},
		email,
		{Key: "Identity level", Value: levelText(i.AssuranceLevel)},
	}
}

func levelText(level int) string {
	if level == 3 {
		return "3, identity documents were checked"
	}
	return string(rune('0'+level)) + ", identity documents were not checked"
}

func statusText(a authenticator.Authenticator) string {
	switch {
	case a.Locked:
		return "Locked after too many wrong attempts, until " + when.DateTime(a.Until)
	case a.Status == authenticator.Active:
		return "Active"
	}
	return "Suspended"
}

// positionCells shows a position; at is the organisation where it is held.
func positionCells(a access.Assignment, at string, now time.Time) []nhsuk.TableCell {
	role := a.RolesText()
	ends := "No end"
	if !a.Ends.IsZero() {
		ends = when.LastDay(a.Ends)
	}
	if !a.InForce(now) && !a.Starts.After(now) {
		ends += " (over)"
	}
	return nhsuk.Cells(a.Position.Name, at, role, when.Date(a.Starts), ends)
}

func (p *Profile) askEmail(w http.ResponseWriter, r *http.Request) error {
	return p.email(w, r, http.StatusOK, emailForm.New(r).Set("email", frame.User(r).Identity.Email))
}

func (p *Profile) email(w http.ResponseWriter, r *http.Request, status int, email *form.Rendered) error {
	email.About(frame.User(r).Identity.DisplayName())
	v := emailView{Page: p.frame.Page(w, r, emailForm.Page), Form: email}
	v.Page.Error = email.HasProblems()
	v.Page.BackHref = path.ProfilePage
	return web.Show(w, r, status, emailPage(v))
}

func (p *Profile) saveEmail(w http.ResponseWriter, r *http.Request) error {
	typed := emailForm.Read(r)
	if i := frame.User(r).Identity; typed.Value("email") == i.Email && i.EmailVerified.Done() {
		return web.SeeOther(w, r, path.ProfilePage,
			"Nothing changed. This is your email address already, and it is confirmed.")
	}
	uuid := frame.User(r).Identity.UUID
	err := identity.RequestEmail(r.Context(), p.frame.DB, web.Actor(r), p.post, uuid, typed.Value("email"))
	if errors.Is(err, fault.TooMany) {
		typed.Explain(err)
	}
	if typed.HasProblems() || typed.Refuse(err) {
		return p.email(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/view-your-profile/email/code", "")
}

// mailedCode makes the page on which the code is typed that was mailed to a new address.
func (p *Profile) mailedCode() codeform.Page {
	return codeform.Page{Form: codeForm, Show: p.code,
		SendAgain: func(r *http.Request) error {
			uuid := frame.User(r).Identity.UUID
			return identity.SendCodeAgain(r.Context(), p.frame.DB, web.Actor(r), p.post, uuid)
		},
		Use: func(r *http.Request, code string) error {
			uuid := frame.User(r).Identity.UUID
			return identity.ConfirmEmail(r.Context(), p.frame.DB, web.Actor(r), p.post, uuid, code)
		},
		Done: func(w http.ResponseWriter, r *http.Request) error {
			return web.SeeOther(w, r, path.ProfilePage, "Your email address has been updated and confirmed.")
		},
	}
}

func (p *Profile) code(w http.ResponseWriter, r *http.Request, status int, code *form.Rendered) error {
	v := codeform.AddressView{Page: p.frame.Page(w, r, "Enter the code from the email"), Form: code}
	v.Page.Error = code.HasProblems()
	v.Page.BackHref = "/view-your-profile/email"
	to, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (string, error) {
		return identity.PendingEmail(r.Context(), read, web.Actor(r), frame.User(r).Identity.UUID)
	})
	if errors.Is(err, fault.NotFound) {
		return codeform.SeeNone(w, r, code, path.ProfilePage)
	}
	if err != nil {
		return err
	}
	v.To = to
	return web.Show(w, r, status, codeform.AddressPage(v))
}
