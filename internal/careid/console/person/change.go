package person

import (
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/photo"
	"signpost/internal/careid/registration/correction"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// change is a page on which one detail of somebody is changed.
type change struct {
	form form.Form
	done string // said once it is saved

	proved bool // it is what identity documents show, and changed only after somebody saw them

	fill func(f *form.Rendered, k known) // with what stands there now; nil for nothing
	save func(p *Person, r *http.Request, uuid string, f *form.Rendered) error
}

var details = []change{
	{
		form: nameForm, done: "Name updated.", proved: true,
		fill: func(f *form.Rendered, k known) {
			n := k.identity.Names()
			f.Set("title", n.Title)
			f.Set("given_name", n.GivenName)
			f.Set("middle_names", n.MiddleNames)
			f.Set("family_name", n.FamilyName)
			f.Set("preferred_name", n.PreferredName)
		},
		save: func(p *Person, r *http.Request, uuid string, f *form.Rendered) error {
			return correction.Names(r.Context(), p.frame.DB, web.Actor(r), uuid, identity.Names{
				Title: f.Value("title"), GivenName: f.Value("given_name"), MiddleNames: f.Value("middle_names"),
				FamilyName: f.Value("family_name"), PreferredName: f.Value("preferred_name"),
			}, f.Value("why_name"))
		},
	},
	{
		form: birthForm, done: "Birth date updated.", proved: true,
		fill: func(f *form.Rendered, k known) { f.Set("birth_date", k.details.BirthDate.Typed()) },
		save: func(p *Person, r *http.Request, uuid string, f *form.Rendered) error {
			return correction.BirthDate(r.Context(), p.frame.DB, web.Actor(r), uuid, f.Value("birth_date"))
		},
	},
	{
		form: niForm, done: "National Insurance number updated.", proved: true,
		save: func(p *Person, r *http.Request, uuid string, f *form.Rendered) error {
			return correction.NI(r.Context(), p.frame.DB, web.Actor(r), p.frame.Box, uuid, f.Value("ni_number"))
		},
	},
	{
		form: cardNameForm, done: "Name on smartcard updated.",
		fill: func(f *form.Rendered, k known) { f.Set("card_name", k.details.CardName) },
		save: func(p *Person, r *http.Request, uuid string, f *form.Rendered) error {
			return correction.CardName(r.Context(), p.frame.DB, web.Actor(r), uuid, f.Value("card_name"))
		},
	},
	{
		form: mobileForm, done: "Mobile number updated.",
		fill: func(f *form.Rendered, k known) { f.Set("mobile", k.details.Mobile) },
		save: func(p *Person, r *http.Request, uuid string, f *form.Rendered) error {
			return correction.Mobile(r.Context(), p.frame.DB, web.Actor(r), uuid, f.Value("mobile"))
		},
	},
	{
		form: addressForm, done: "Email address updated. Nobody has confirmed it yet.",
		fill: func(f *form.Rendered, k known) { f.Set("email", k.identity.Email) },
		save: func(p *Person, r *http.Request, uuid string, f *form.Rendered) error {
			return correction.Email(r.Context(), p.frame.DB, web.Actor(r), p.post, uuid, f.Value("email"))
		},
	},
	{
		form: bodyForm, done: "Professional registration updated.",
		save: func(p *Person, r *http.Request, uuid string, f *form.Rendered) error {
			return correction.Registration(r.Context(), p.frame.DB, web.Actor(r), uuid, f.Value("body"),
				f.Value("number"))
		},
	},
	{
		form: photoForm, done: "Photo updated.", proved: true,
		save: func(p *Person, r *http.Request, uuid string, _ *form.Rendered) error {
			sent, err := web.FileOf(r, "picture", photo.MaxBytes)
			if err != nil {
				return err
			}
			return correction.Photo(r.Context(), p.frame.DB, web.Actor(r), p.frame.Box, uuid, sent)
		},
	},
}

// ask asks for the detail.
func (p *Person) ask(c change) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		k, err := p.known(r)
		if err != nil {
			return err
		}
		f := c.form.New(r)
		if c.fill != nil && !f.HasProblems() {
			c.fill(f, k)
		}
		return p.showChange(w, r, c, f, k)
	}
}

func (p *Person) showChange(w http.ResponseWriter, r *http.Request, c change, f *form.Rendered, k known) error {
	if !correction.Open(k.identity) || k.own(r) || c.proved && !correction.Proved(k.identity) {
		return web.SeeOther(w, r, frame.PathOf(k.identity.UUID), "Nothing was changed. That cannot be changed now.")
	}
	f.About(k.identity.DisplayName())
	v := changeView{Page: p.frame.Page(w, r, c.form.Page), Form: f, Button: c.form.Act,
		Name: k.identity.DisplayName()}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PathOf(k.identity.UUID)
	return web.Show(w, r, f.Status(), changePage(v))
}

// save changes the detail.
func (p *Person) save(c change) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		uuid := r.PathValue("uuid")
		f := c.form.Read(r)
		if f.Complete() {
			err := c.save(p, r, uuid, f)
			if err == nil {
				return web.SeeOther(w, r, frame.PathOf(uuid), c.done)
			}
			if !refused(err) {
				return err
			}
			f.Explain(err)
		}
		k, err := p.known(r)
		if err != nil {
			return err
		}
		return p.showChange(w, r, c, f, k)
	}
}
