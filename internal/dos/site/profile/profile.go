// Package profile serves the pages of "My account details": the email address of an account, and its link.
package profile

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
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
	frame     *frame.Frame
	passwords *signin.PasswordSignIn
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Profile{frame: f, passwords: f.Passwords}
	s.Handle("GET "+frame.AccountPage, f.SignedIn(), p.show)
	f.HandleForm(s, emailForm, f.SignedIn(), f.Freshly(emailForm, p.saveEmail))
	f.HandleForm(s, phoneForm, f.SignedIn(), p.savePhone)
	code := p.mailedCode()
	s.Handle("GET /account/email/code", f.SignedIn(), code.Ask)
	f.HandleForm(s, codeForm, f.SignedIn(), code.Answer)
	f.HandleForm(s, unlinkForm, f.MaybeSignedIn(), f.Freshly(unlinkForm, p.unlink))
	p.mountProof(s)
	f.Seconds[unlinkForm.Path] = p.unlinkedAlready
}

func (p *Profile) show(w http.ResponseWriter, r *http.Request) error {
	return p.account(w, r, http.StatusOK, forms{})
}

// forms are those of the account page that were typed; nil is as the account has it.
type forms struct{ email, phone *form.Rendered }

// presentEmail gives the form filled in with the address that the account has.
func presentEmail(r *http.Request) *form.Rendered {
	return emailForm.New(r).Set("email", frame.User(r).Account.Email)
}

func (p *Profile) account(w http.ResponseWriter, r *http.Request, status int, typed forms) error {
	user := frame.User(r)
	email := cmp.Or(typed.email, presentEmail(r))
	phone := cmp.Or(typed.phone, phoneForm.New(r).Set("phone", user.Account.Phone))
	v, err := db.Read(r.Context(), p.passwords.DB, func(read db.R) (accountView, error) {
		return p.accountViewOf(r.Context(), read, user)
	})
	if err != nil {
		return err
	}
	about := user.Account.Name() + " (" + user.Account.Username + ")"
	v.Page = p.frame.Page(w, r, "Account")
	v.Page.Error = email.HasProblems() || phone.HasProblems()
	v.Email = email.About(about)
	v.Phone = phone.About(about)
	v.Unlink = unlinkForm.New(r)
	v.Editable = user.Account.Kind != account.Shared
	return web.Show(w, r, status, accountPage(v))
}

// accountViewOf shows how the user's account is linked, or can be.
func (p *Profile) accountViewOf(ctx context.Context, read db.R, user *signin.Current) (v accountView, err error) {
	v.Proved = !user.Account.EmailProved.IsZero() && read.Now().Sub(user.Account.EmailProved) < mailbox.ProofLasts
	if v.Rows, err = rowsOf(ctx, read, user.Account, v.Proved); err != nil {
		return v, err
	}
	_, err = merge.Open(ctx, read, user.Account.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return v, err
	}
	v.Merge = err == nil
	if v.Rights, err = rightsOf(ctx, read, user); err != nil {
		return v, err
	}
	current, err := wave.Of(ctx, read, user.Account.ID)
	if err != nil {
		return v, err
	}
	own := user.Account.Kind != account.Shared && user.Session.State.How == signin.ByPassword
	if v.Waits, err = frame.WaitingLinkOf(ctx, read, user.Account); err != nil {
		return v, err
	}
	v.TooEarly = own && current.Phase == path.Prepare
	v.CanLink = own && current.Phase != path.Prepare
	if v.Addresses, err = p.frame.AddressesOf(ctx, read, user.Account); err != nil {
		return v, err
	}
	link, err := account.LinkOf(ctx, read, user.Account.ID)
	if errors.Is(err, fault.NotFound) {
		return v, nil
	}
	v.Linked = err == nil
	v.CanUndo = err == nil && link.Undoable(read.Now())
	v.LinkRows = []nhsuk.SummaryListRow{{Key: "Care Identity number", Value: link.Subject},
		{Key: "Linked", Value: when.DateTime(link.Linked)}}
	return v, err
}

func rowsOf(ctx context.Context, read db.R, a account.Account, proved bool) ([]nhsuk.SummaryListRow, error) {
	organisation, err := directory.OrganisationText(ctx, read, a.Organisation)
	if err != nil {
		return nil, err
	}
	region, err := directory.ByIDs(ctx, read, []string{a.Region})
	rows := []nhsuk.SummaryListRow{
		{Key: "Username", Value: a.Username}, {Key: "Name", ValueHTML: page.Name(a.Name())},
		{Key: "Home organisation", ValueHTML: page.Name(cmp.Or(organisation, "Not known"))},
	}
	if len(region) > 0 {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Region", ValueHTML: page.Name(region[0].Name)})
	}
	if a.Kind == account.Shared {
		return append(rows, nhsuk.SummaryListRow{Key: "Email address", ValueHTML: page.Contact(a.Email)},
			nhsuk.SummaryListRow{Key: "Kind of account", Value: "Shared"}), err
	}
	confirmed := ""
	if proved {
		confirmed = when.Date(a.EmailProved)
	}
	if err != nil {
		return nil, err
	}
	rows = append(rows, nhsuk.SummaryListRow{Key: "Email address", ValueHTML: page.Email(a.Email, confirmed)})
	bounce, err := mail.BounceOf(ctx, read, a.Email)
	if !bounce.Since.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Our emails", Value: "Do not arrive since " +
			when.Date(bounce.Since) + ". Confirm the address again, or change it."})
	}
	return rows, err
}

func (p *Profile) savePhone(w http.ResponseWriter, r *http.Request) error {
	typed := phoneForm.Read(r)
	err := account.ChangePhone(r.Context(), p.passwords.DB, web.Actor(r), typed.Value("phone"))
	if typed.HasProblems() || typed.Refuse(err) {
		return p.account(w, r, http.StatusUnprocessableEntity, forms{phone: typed})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.AccountPage, "Your telephone number is saved.")
}

func (p *Profile) saveEmail(w http.ResponseWriter, r *http.Request) error {
	typed := emailForm.Read(r)
	if typed.Value("prove") == "present" {
		typed = presentEmail(r)
	} else if typed.Value("email") == frame.User(r).Account.Email {
		return web.SeeOther(w, r, frame.AccountPage,
			"Nothing changed. This is the email address of your account already.")
	}
	id := frame.User(r).Account.ID
	err := mailbox.Ask(r.Context(), p.passwords.DB, web.Actor(r), p.frame.Linker.Post, id, typed.Value("email"))
	if errors.Is(err, fault.TooMany) {
		typed.Explain(err)
	}
	if typed.HasProblems() || typed.Refuse(err) {
		return p.account(w, r, http.StatusUnprocessableEntity, forms{email: typed})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/account/email/code", "")
}

// mailedCode makes the page on which the code is typed that was mailed to the address of the account, or a new one.
func (p *Profile) mailedCode() codeform.Page {
	return codeform.Page{Form: codeForm, Show: p.code,
		SendAgain: func(r *http.Request) error {
			id := frame.User(r).Account.ID
			return mailbox.AskAgain(r.Context(), p.passwords.DB, web.Actor(r), p.frame.Linker.Post, id)
		},
		Use: func(r *http.Request, code string) error {
			id := frame.User(r).Account.ID
			return mailbox.Confirm(r.Context(), p.passwords.DB, web.Actor(r), p.frame.Linker.Post, id, code)
		},
		Done: func(w http.ResponseWriter, r *http.Request) error {
			return web.SeeOther(w, r, frame.AccountPage, "Your email address has been saved and confirmed.")
		},
		Fail: p.refusedEmail,
	}
}

// refusedEmail shows the form of the address again if the account cannot have the one to which the code was mailed.
func (p *Profile) refusedEmail(w http.ResponseWriter, r *http.Request, problem error) error {
	email := presentEmail(r)
	if !email.Refuse(problem) {
		return problem
	}
	return p.account(w, r, http.StatusUnprocessableEntity, forms{email: email})
}

func (p *Profile) code(w http.ResponseWriter, r *http.Request, status int, code *form.Rendered) error {
	v := codeform.AddressView{Page: p.frame.Page(w, r, "Enter the code from the email"), Form: code}
	v.Page.Error = code.HasProblems()
	v.Page.BackHref = frame.AccountPage
	to, err := db.Read(r.Context(), p.passwords.DB, func(read db.R) (string, error) {
		return mailbox.Awaited(r.Context(), read, web.Actor(r), frame.User(r).Account.ID)
	})
	if errors.Is(err, fault.NotFound) {
		return codeform.SeeNone(w, r, code, frame.AccountPage)
	}
	if err != nil {
		return err
	}
	v.To = to
	return web.Show(w, r, status, codeform.AddressPage(v))
}

func (p *Profile) unlink(w http.ResponseWriter, r *http.Request) error {
	id := frame.User(r).Account.ID
	_, err := p.frame.Linker.Undo(r.Context(), web.Actor(r), id, "the person said it is not theirs")
	if errors.Is(err, fault.NotFound) {
		if answered, failed := p.unlinkedAlready(w, r, web.Author{ID: id}); answered || failed != nil {
			return failed
		}
	}
	if err != nil {
		return err
	}
	p.frame.ClearCookie(w, r)
	return web.SeeOther(w, r, "/", undone)
}

const undone = "The link is undone and you are logged out."

// unlinkedAlready answers a second click on the form that undoes the link: the first one ended the session.
func (p *Profile) unlinkedAlready(w http.ResponseWriter, r *http.Request, author web.Author) (bool, error) {
	just, err := db.Read(r.Context(), p.passwords.DB, func(read db.R) (bool, error) {
		return account.JustUnlinked(r.Context(), read, author.ID)
	})
	if err != nil || !just {
		return false, err
	}
	p.frame.ClearCookie(w, r)
	return true, web.SeeOther(w, r, "/", undone)
}
