package person

import (
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/life"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// statusText says what can be done to a Care Identity in a status, but for closing it.
func statusText(s identity.Status) string {
	switch s {
	case identity.Pending:
		return "Activate"
	case identity.Suspended:
		return "Make active again"
	case identity.Closed:
		return "Reopen"
	}
	return "Suspend"
}

// movesFrom offers what can be done to a Care Identity in a status.
func movesFrom(s identity.Status) []nhsuk.RadioItem {
	items := []nhsuk.RadioItem{}
	for _, act := range []identity.Act{
		identity.Activate, identity.Resume, identity.Reopen, identity.Suspend,
	} {
		if _, possible := identity.After(s, act); possible {
			item := actTexts[act]
			item.Value = string(act)
			items = append(items, item)
		}
	}
	return items
}

var actTexts = map[identity.Act]nhsuk.RadioItem{
	identity.Activate: {Text: "Activate it", Hint: "It can be used from now on."},
	identity.Resume:   {Text: "Make it active again", Hint: "Its positions and authenticators work again."},
	identity.Reopen: {
		Text: "Reopen it",
		Hint: "Only the identity comes back. Positions and authenticators stay ended, and are given again.",
	},
	identity.Suspend: {
		Text: "Suspend it", Hint: "They are logged out everywhere. Positions and authenticators are kept.",
	},
}

var movedTexts = map[identity.Act]string{
	identity.Activate: "The Care Identity is active.",
	identity.Resume:   "The Care Identity is active again.",
	identity.Reopen: "The Care Identity is open again. Give its positions again, and make a link to add an " +
		"authenticator.",
	identity.Suspend: "The Care Identity is suspended. They are being logged out everywhere.",
}

func (p *Person) askMove(w http.ResponseWriter, r *http.Request) error {
	return p.showMove(w, r, moveForm.New(r))
}

func (p *Person) showMove(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	k, err := p.known(r)
	if err != nil {
		return err
	}
	offered := movesFrom(k.identity.Status)
	if k.own(r) || len(offered) == 0 {
		return web.SeeOther(w, r, frame.PathOf(k.identity.UUID), "Nothing was changed. That cannot be done now.")
	}
	f.Offer("move", offered)
	f.About(k.identity.DisplayName())
	v := changeView{Page: p.frame.Page(w, r, moveForm.Page), Form: f, Button: moveForm.Act,
		Name: k.identity.DisplayName(), Warns: true}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PathOf(k.identity.UUID)
	return web.Show(w, r, f.Status(), changePage(v))
}

func (p *Person) move(w http.ResponseWriter, r *http.Request) error {
	f := moveForm.Read(r)
	if !f.Complete() {
		return p.showMove(w, r, f)
	}
	act := identity.Act(f.Value("move"))
	err := life.Move(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"), act, f.Value("why"))
	if refused(err) {
		f.Explain(err)
		return p.showMove(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.PathOf(r.PathValue("uuid")), movedTexts[act])
}
