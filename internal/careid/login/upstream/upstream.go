// Package upstream serves the pages on which accounts elsewhere are proved and bound. They send the browser to the
// provider of the account, and take its answer back.
package upstream

import (
	"net/http"
	"strings"

	"signpost/internal/careid/authenticator/upstream"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// The names of the forms: the one that leads to the provider, and the one that brings its answer.
const (
	connectName = "connect"
	accountName = "account"
)

// The marks by which a callback knows whether the browser proves or binds.
const (
	proving = "s-"
	binding = "b-"
)

// answer has what the provider answered.
var answer = []form.Field{form.Hidden(upstream.AnswerField)}

// New makes the method for accounts elsewhere, with its pages.
func New(d step.Dependencies) (step.Way, error) {
	accounts := &upstream.Keeper{Providers: d.Upstreams}
	return step.Way{
		Method:  accounts,
		Proof:   func(p step.Prover) step.Pages[provider.Flow] { return provePages{p, accounts} },
		Binding: func(b step.Binder) step.Pages[step.BindingFlow] { return bindPages{b, accounts} },
	}, nil
}

// choice asks where the account is, if there are several places.
func choice(l words.Language, accounts *upstream.Keeper) form.Field {
	if len(accounts.Providers) < 2 {
		return form.Hidden(upstream.ProviderField)
	}
	radios := nhsuk.RadiosParams{Name: upstream.ProviderField,
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: l.Say("upstream.which"), Size: "m"}}}
	for _, p := range accounts.Providers {
		radios.Items = append(radios.Items, nhsuk.RadioItem{Value: p.Name, Text: p.Label})
	}
	return form.Radios(radios)
}

// offered fills in the one place where accounts are, if there is one.
func offered(shown *form.Rendered, accounts *upstream.Keeper) *form.Rendered {
	if len(accounts.Providers) == 1 {
		shown.Set(upstream.ProviderField, accounts.Providers[0].Name)
	}
	return shown
}

// toProvider shows the page from which the browser goes on to the provider.
func toProvider(w http.ResponseWriter, r *http.Request, f frame.Frame, l words.Language, address string) error {
	return step.Away(w, r, f, l, address, l.Say("upstream.going"), l.Say("upstream.going_says"))
}

// callback sends a browser on that comes back from a provider: to the login or the binding from which it went there,
// which looks at what it brings. It changes nothing, and leads nowhere else.
func callback(w http.ResponseWriter, r *http.Request) error {
	back, came := upstream.Back(r.PathValue("provider"), r.URL.Query())
	to := ""
	if id, is := strings.CutPrefix(back, proving); is {
		to = provider.FlowPath + id
	} else if id, is := strings.CutPrefix(back, binding); is {
		to = step.BindingPath(step.BindingFlow{ID: id})
	}
	if to == "" || strings.ContainsAny(back, "/\\?#%.:") {
		return step.SignInOver
	}
	return web.Redirect{To: to + "?" + accountQuery(came)}
}

// CallbackPath gives the path to which a provider sends browsers back.
func CallbackPath(name string) string { return upstream.CallbackPath(name) }
