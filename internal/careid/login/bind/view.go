package bind

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// plainView is a page that only says something.
type plainView struct {
	words.Language
	Page page.Params
}

func (p *Pages) plain(r *http.Request, title words.Key) plainView {
	l := p.Frame.Language(r)
	return plainView{Language: l, Page: p.Frame.Page(l, l.Say(title))}
}

type openView struct {
	words.Language
	Page   page.Params
	Here   string
	Errors []frame.FieldError
	One    string // the only kind there is to add; empty if there is a choice
	Radios nhsuk.RadiosParams
	Email  string
}

func (p *Pages) openView(r *http.Request, i authenticator.Invitation, wrong []frame.FieldError) openView {
	l := p.Frame.Language(r)
	v := openView{Language: l, Page: p.Frame.Form(l, l.Say("bind.title"), wrong), Here: authenticator.BindPath + r.PathValue("token"), Errors: wrong, Email: r.PostFormValue("email")}
	v.Radios = nhsuk.RadiosParams{
		Name: "authenticator", Value: r.PostFormValue("authenticator"), ErrorMessage: frame.Of(wrong, "authenticator"), ErrorPrefix: l.Say("frame.error"),
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: l.Say("bind.which"), Size: "m"}},
	}
	for _, k := range i.Kinds {
		if slices.Contains(supported, k) {
			v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Value: string(k), Text: l.Label(k), Hint: l.Hint(k)})
		}
	}
	if len(i.Kinds) == 1 {
		v.One = l.Say("bind.one", "kind", l.Label(i.Kinds[0]))
	}
	return v
}

type stepView struct {
	words.Language
	Page   page.Params
	Here   string
	Errors []frame.FieldError
	Kind   string
	Ready  string // what to have at hand
}

// titles are what each step is called.
var titles = map[step]words.Key{stepCode: "bind.code_title", stepPassword: "bind.password_title", stepApp: "bind.app_title", stepKey: "bind.key_title"}

func (p *Pages) stepView(l words.Language, f session.Flow[state], wrong []frame.FieldError) stepView {
	return stepView{
		Language: l, Page: p.Frame.Form(l, l.Say(titles[next(f.State)]), wrong), Here: stepsPath + f.ID, Errors: wrong,
		Kind: l.Say("bind.key_adding", "kind", l.Label(f.State.Kind)), Ready: l.Ready(f.State.Kind),
	}
}

type appView struct {
	stepView
	QR      totp.QR
	ViewBox string
	Secret  string // in groups of four, to type
}

func (p *Pages) appView(ctx context.Context, f session.Flow[state], v stepView) (appView, error) {
	secret, err := p.Apps.Box.Open(f.State.Secret, secretContext(f))
	if err != nil {
		return appView{}, err
	}
	whose, err := p.whose(ctx, f)
	if err != nil {
		return appView{}, err
	}
	qr, err := totp.QRCode(totp.URL("Care Identity", whose.Email, string(secret)))
	if err != nil {
		return appView{}, err
	}
	size := strconv.Itoa(qr.Size)
	return appView{stepView: v, QR: qr, ViewBox: "0 0 " + size + " " + size, Secret: grouped(string(secret))}, nil
}

func grouped(secret string) string {
	var groups []string
	for chunk := range slices.Chunk([]byte(secret), 4) {
		groups = append(groups, string(chunk))
	}
	return strings.Join(groups, " ")
}
