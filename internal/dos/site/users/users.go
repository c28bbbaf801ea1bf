// Package users serves the pages on which DoS user administrators see accounts and their links, and undo a link.
package users

import (
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/stepmail"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// Users serves the user administrator's pages.
type Users struct {
	frame     *frame.Frame
	passwords *signin.PasswordSignIn
	asker     rollout.Asker // nil if the care identity side answers no questions
	stepMail  stepmail.Desk
}

var (
	unlinkForm = form.Form{Path: "/users/{id}/unlink", At: "/users/{id}",
		Page: "Users", Act: "Undo the link", Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{
				Name: "reason", Label: nhsuk.LabelParams{Text: "Why it has to be undone", Size: "s"}, Rows: 3,
			}).Required("Enter why the link has to be undone"),
		}}
	deactivateForm = form.Form{Path: "/users/{id}/deactivate", At: "/users/{id}",
		Page: "Users", Act: "Deactivate the account", Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{
				Name: "deactivation", Label: nhsuk.LabelParams{Text: "Why it is deactivated", Size: "s"}, Rows: 3,
			}).Required("Enter why the account is deactivated"),
		}}
	reactivateForm = form.Form{Path: "/users/{id}/reactivate", At: "/users/{id}",
		Page: "Users", Act: "Activate the account again", Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{
				Name: "reactivation", Label: nhsuk.LabelParams{Text: "Why it can be used again", Size: "s"}, Rows: 3,
			}).Required("Enter why the account can be used again"),
		}}
	relinkForm = form.Form{Path: "/users/{id}/relink", At: "/users/{id}"}
)

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, stepMail stepmail.Desk) {
	u := &Users{frame: f, passwords: f.Passwords, asker: stepMail.Asker, stepMail: stepMail}
	may := f.May(account.ManageUsers)
	look := f.May(looking...)
	s.Handle("GET "+path.UsersPage, look, u.list)
	s.Handle("GET /users/names", f.May(account.ReviewLinks), u.names)
	s.Handle("GET "+countsPath, look, u.counts)
	s.Handle("GET "+frame.ExportUsers, may, u.export)
	s.Handle("GET /users/{id}", look, u.show)
	f.HandleForm(s, unlinkForm, may, f.Freshly(unlinkForm, u.unlink))
	f.HandleForm(s, relinkForm, may, f.Freshly(relinkForm, u.relink))
	s.Handle("GET "+groupsPath, may, u.askGroup)
	f.HandleForm(s, giveForm, may, f.Freshly(giveForm, u.give))
	f.HandleForm(s, takeForm, may, f.Freshly(takeForm, u.take))
	helps := f.May(account.ServiceDesk)
	f.HandleForm(s, endForm, helps, u.endSessions)
	f.HandleForm(s, unlockForm, helps, u.unlock)
	f.HandleForm(s, stepForm, helps, u.mailStep)
	f.HandleForm(s, deactivateForm, may, f.Freshly(deactivateForm, u.deactivate))
	f.HandleForm(s, reactivateForm, may, f.Freshly(reactivateForm, u.reactivate))
}

// looking are the permissions by which people see accounts.
var looking = []account.Permission{account.ManageUsers, account.ServiceDesk}

// seen gives the accounts that the user may see.
func seen(r *http.Request) account.Reach { return frame.Reach(r, looking...) }

// accountPath leads to the page of an account.
func accountPath(id string) string { return path.UsersPage + "/" + id }

func nameCell(a account.Account) nhsuk.TableCell { return nhsuk.TableCell{HTML: page.Name(a.Name())} }

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

func (u *Users) deactivate(w http.ResponseWriter, r *http.Request) error {
	typed := deactivateForm.Read(r)
	if !typed.Complete() {
		return u.user(w, r, http.StatusUnprocessableEntity, typed)
	}
	id := r.PathValue("id")
	if err := u.office().Deactivate(r.Context(), web.Actor(r), id, typed.Value("deactivation")); err != nil {
		return err
	}
	return web.SeeOther(w, r, accountPath(id), "The account is deactivated.")
}

func (u *Users) reactivate(w http.ResponseWriter, r *http.Request) error {
	typed := reactivateForm.Read(r)
	if !typed.Complete() {
		return u.user(w, r, http.StatusUnprocessableEntity, typed)
	}
	id := r.PathValue("id")
	if err := u.office().Reactivate(r.Context(), web.Actor(r), id, typed.Value("reactivation")); err != nil {
		return err
	}
	return web.SeeOther(w, r, accountPath(id), "The account can be used again.")
}
