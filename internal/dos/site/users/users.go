// Package users serves the pages on which DoS user administrators see accounts and their links, and undo a link.
package users

import (
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Users serves the user administrator's pages.
type Users struct {
	frame     *frame.Frame
	passwords *signin.PasswordSignIn
}

var (
	unlinkForm = form.Form{Path: "/users/{id}/unlink", At: "/users/{id}",
		Page: "Users", Act: "Undo the link", Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{
				Name: "reason", Label: nhsuk.LabelParams{Text: "Why it has to be undone", Size: "s"}, Rows: 3,
			}).Required("Enter why the link has to be undone"),
		}}
	relinkForm = form.Form{Path: "/users/{id}/relink", At: "/users/{id}"}
)

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	u := &Users{frame: f, passwords: f.Passwords}
	may := f.May(account.ManageUsers)
	look := f.May(looking...)
	s.Handle("GET "+path.UsersPage, look, u.list)
	s.Handle("GET /users/names", f.May(account.ReviewLinks), u.names)
	s.Handle("GET /users/{id}", look, u.show)
	f.HandleForm(s, unlinkForm, may, f.Freshly(unlinkForm, u.unlink))
	f.HandleForm(s, relinkForm, may, f.Freshly(relinkForm, u.relink))
}

// looking are the permissions by which people see accounts.
var looking = []account.Permission{account.ManageUsers, account.ServiceDesk}

// seen gives the accounts that the user may see.
func seen(r *http.Request) account.Reach { return frame.Reach(r, looking...) }

// accountPath leads to the page of an account.
func accountPath(id string) string { return path.UsersPage + "/" + id }

func nameCell(a account.Account) nhsuk.TableCell { return nhsuk.TableCell{HTML: page.Name(a.Name())} }

func linkText(r *http.Request, read db.R, id string) (string, error) {
	link, err := account.LinkOf(r.Context(), read, id)
	if errors.Is(err, fault.NotFound) {
		return "Not linked", nil
	}
	return "Linked " + when.Date(link.Linked), err
}

func (u *Users) show(w http.ResponseWriter, r *http.Request) error {
	return u.user(w, r, http.StatusOK, unlinkForm.New(r))
}

func (u *Users) user(w http.ResponseWriter, r *http.Request, status int, unlink *form.Rendered) error {
	v, err := db.Read(r.Context(), u.passwords.DB, func(read db.R) (v userView, err error) {
		err = v.read(r, read)
		return v, err
	})
	if err != nil {
		return err
	}
	v.Unlink = unlink.About(v.Name)
	v.Relink = relinkForm.New(r).About(v.Name)
	v.Page = u.frame.Page(w, r, v.title)
	if unlink.HasProblems() && !v.CanUndo {
		return web.SeeOther(w, r, accountPath(r.PathValue("id")), "Nothing changed. The account has no link any more.")
	}
	v.Code = takeCode(w, r)
	v.Page.BackHref = path.UsersPage
	v.Page.Error = unlink.HasProblems()
	return web.Show(w, r, status, userPage(v))
}

func (v *userView) read(r *http.Request, read db.R) error {
	a, err := account.ByID(r.Context(), read, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !seen(r).Covers(a) {
		return account.ErrOutside
	}
	linked, err := linkText(r, read, a.ID)
	if err != nil {
		return err
	}
	v.Username = a.Username
	v.Name = a.Name() + " (" + a.Username + ")"
	if err := v.readRefusals(r, read, a.ID); err != nil {
		return err
	}
	organisation, err := directory.OrganisationText(r.Context(), read, a.Organisation)
	if err != nil {
		return err
	}
	may := frame.Reach(r, account.ManageUsers).Covers(a)
	isLinked := linked != "Not linked"
	v.CanUndo = may && isLinked
	individual := a.Active && a.Kind == account.Individual && a.ID != frame.User(r).Account.ID
	v.CanRelink = may && !isLinked && individual
	if read.Now().Before(a.RelinkUntil) {
		v.RelinkUntil = when.Date(a.RelinkUntil)
	}
	v.Rows = []nhsuk.SummaryListRow{
		{Key: "Name", ValueHTML: page.Name(a.Name())}, {Key: "Email", ValueHTML: page.Contact(a.Email)},
		{Key: "Organisation", Value: organisation},
		{Key: "Kind", Value: kindTexts[a.Listed()]}, {Key: "Care Identity", Value: linked},
	}
	v.Clashes, err = account.Clashes(r.Context(), read, a.ID)
	return err
}

func (u *Users) unlink(w http.ResponseWriter, r *http.Request) error {
	typed := unlinkForm.Read(r)
	if !typed.Complete() {
		return u.user(w, r, http.StatusUnprocessableEntity, typed)
	}
	id := r.PathValue("id")
	code, err := u.frame.Linker.Undo(r.Context(), web.Actor(r), id, typed.Value("reason"))
	if err != nil {
		return err
	}
	if err := leaveCode(w, r, id, code); err != nil {
		return err
	}
	return web.SeeOther(w, r, accountPath(id), "The link is undone.")
}

func (u *Users) relink(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	code, err := u.frame.Linker.AllowRelink(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	if err := leaveCode(w, r, id, code); err != nil {
		return err
	}
	return web.SeeOther(w, r, accountPath(id), "They can link without their password for 7 days.")
}
