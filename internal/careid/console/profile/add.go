package profile

import (
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

type addView struct {
	Page  page.Params
	Form  *form.Rendered
	Email string // empty if they have none, and cannot add any
	Kinds int    // that they may add
	AAL2  bool   // they logged in at AAL2
	Next  string // where they go on, once
}

// nextNote keeps where somebody goes on to add an authenticator.
const nextNote = "add-authenticator"

func (p *Profile) askAdd(w http.ResponseWriter, r *http.Request) error {
	return p.showAdd(w, r, addForm.New(r))
}

func (p *Profile) showAdd(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	user := frame.User(r)
	level := authn.Level(user.Session.State.Level)
	kinds, err := db.Read(r.Context(), p.frame.DB, func(read db.R) ([]authn.Kind, error) {
		return registration.OwnKinds(r.Context(), read, user.Identity, level, p.kinds)
	})
	if err != nil {
		return err
	}
	items := []nhsuk.RadioItem{}
	for _, k := range kinds {
		items = append(items, nhsuk.RadioItem{Value: string(k), Text: k.Label(), Hint: k.MaxLevel().String()})
	}
	if f.HasProblems() && (len(items) == 0 || user.Identity.Email == "") {
		return web.SeeOther(w, r, addForm.Path, "Nothing was changed. Look at the page again: that cannot be done now.")
	}
	f.Offer("kind", items)
	f.About(user.Identity.DisplayName())
	v := addView{
		Page: p.frame.Page(w, r, addForm.Page), Form: f, Email: user.Identity.Email, Kinds: len(items),
		AAL2: level < authn.AAL3,
	}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = path.ProfilePage
	var next string
	if web.TakeNote(w, r, nextNote, &next) {
		v.Next = p.frame.CIS2Pages + next
	}
	return web.Show(w, r, f.Status(), addPage(v))
}

// add makes a link for the user themselves.
func (p *Profile) add(w http.ResponseWriter, r *http.Request) error {
	typed := addForm.Read(r)
	if !typed.Complete() {
		return p.showAdd(w, r, typed)
	}
	user := frame.User(r)
	next, err := registration.InviteSelf(r.Context(), p.frame.DB, web.Actor(r), authn.Level(user.Session.State.Level),
		p.kinds, authn.Kind(typed.Value("kind")))
	if errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) {
		typed.Explain(err)
		return p.showAdd(w, r, typed)
	}
	if err != nil {
		return err
	}
	if err := web.LeaveNote(w, r, nextNote, next); err != nil {
		return err
	}
	return web.SeeOther(w, r, addForm.Path, "")
}

// spare says what the profile urges somebody to do about how many authenticators they have that work.
func spare(list []authenticator.Authenticator) string {
	working := 0
	for _, a := range list {
		if a.Status == authenticator.Active {
			working++
		}
	}
	switch working {
	case 0:
		return ""
	case 1:
		return "You have only one that works. Add a second one now: without it you cannot log in if this one is lost."
	}
	return "You have more than one. Keep one of them in another place."
}
