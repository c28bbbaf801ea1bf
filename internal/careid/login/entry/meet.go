package entry

import (
	"net/http"

	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
)

// showMeet says whose service it is to somebody who is logged in and never logged in to it before.
func (p *Pages) showMeet(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	owner, err := p.readOwner(r, f)
	if err != nil {
		return err
	}
	l := p.Frame.Language(r)
	team, err := p.team(r, f, l)
	if err != nil {
		return err
	}
	title := l.Say("meet.title", "service", f.State.Request.ClientName)
	v := meetView{
		View: p.View(r, f, title, p.Button(r, "continue")),
		Name: owner.DisplayName(), Team: team, Else: p.Button(r, "somebody-else"),
	}
	return web.Show(w, r, http.StatusOK, meetPage(v))
}

// team says who connects the service of a sign-in, and how to reach them.
func (p *Pages) team(r *http.Request, f provider.Flow, l words.Language) (string, error) {
	runner, err := p.Provider.Runner(r.Context(), f)
	if err != nil || runner.Team == "" {
		return "", err
	}
	if runner.Contact == "" {
		return l.Say("whose.team", "team", runner.Team), nil
	}
	return l.Say("whose.contact", "team", runner.Team, "contact", runner.Contact), nil
}
