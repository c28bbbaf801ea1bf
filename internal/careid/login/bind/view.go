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
	"signpost/internal/national/authn"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

type openView struct {
	Page   page.Params
	Here   string
	Errors []frame.FieldError
	One    string // the only kind there is to add; empty if there is a choice
	Radios nhsuk.RadiosParams
	Email  string
}

func (p *Pages) openView(r *http.Request, i authenticator.Invitation, wrong []frame.FieldError) openView {
	v := openView{Page: p.Frame.Form("Add an authenticator", wrong), Here: authenticator.BindPath + r.PathValue("token"), Errors: wrong, Email: r.PostFormValue("email")}
	v.Radios = nhsuk.RadiosParams{
		Name: "authenticator", Value: r.PostFormValue("authenticator"), ErrorMessage: frame.Of(wrong, "authenticator"),
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which authenticator do you want to add?", Size: "m"}},
	}
	for _, k := range i.Kinds {
		if slices.Contains(supported, k) {
			v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Value: string(k), Text: k.Label()})
		}
	}
	if len(i.Kinds) == 1 {
		v.One = i.Kinds[0].Label()
	}
	return v
}

type stepView struct {
	Page   page.Params
	Here   string
	Errors []frame.FieldError
	Kind   string
	Advice string
}

// titles are what each step is called.
var titles = map[step]string{
	stepCode: "Enter the code from your email", stepPassword: "Choose a password for your authenticator app",
	stepApp: "Set up your authenticator app", stepKey: "Register your authenticator",
}

// advice says what to have ready.
var advice = map[authn.Kind]string{
	authn.SecurityKey:  "Plug in your security key or keep it at hand. Your browser asks you to set or enter its PIN, and to touch it twice.",
	authn.WindowsHello: "Windows Hello must be set up on this computer. If the battery is low, plug the computer in first.",
	authn.Passkey:      "Use this on the phone or tablet itself, or have it at hand with Bluetooth on to scan a QR code.",
}

func (p *Pages) stepView(f session.Flow[state], wrong []frame.FieldError) stepView {
	return stepView{
		Page: p.Frame.Form(titles[next(f.State)], wrong), Here: stepsPath + f.ID, Errors: wrong,
		Kind: f.State.Kind.Label(), Advice: advice[f.State.Kind],
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
