package checkrp

import (
	"fmt"
	"net/url"

	"signpost/internal/platform/relying/issuer"
)

// callbacks lists the requirements on what the browser brings back to the relying party, or has been made to bring.
func callbacks() []requirement {
	return []requirement{
		{"signpost-iss", "refuses an answer of another issuer, or without iss, and asks for no token (RFC 9207)",
			stopsAt(
				attack{name: "iss of another", change: back(set("iss", otherIssuer))},
				attack{name: "iss empty", change: back(set("iss", ""))},
				attack{name: "no iss, though the metadata promises it", change: back(drop("iss"))})},
		{"signpost-csrf", "refuses an answer with another state, or none, and asks for no token", stopsAt(
			attack{name: "another state", change: back(set("state", "another"))},
			attack{name: "empty state", change: back(set("state", ""))},
			attack{name: "no state", change: back(drop("state"))})},
		{
			"signpost-login-csrf", "refuses a whole answer on a browser that did not start the sign-in",
			(*run).foreignBrowser,
		},
		{"signpost-replay", "refuses a callback that was used, also with the cookies from before", (*run).replayed},
		{"signpost-code-injection", "refuses another's code in its own answer, by PKCE and by nonce", (*run).injected},
		{"signpost-error-answer", "shows the person a page when the provider refuses them", (*run).providerRefuses},
	}
}

func set(name, value string) func(map[string][]string) {
	return func(q map[string][]string) { q[name] = []string{value} }
}

func drop(name string) func(map[string][]string) {
	return func(q map[string][]string) { delete(q, name) }
}

// stopsAt is refuses, and the code must not be redeemed either.
func stopsAt(attacks ...attack) func(*run) finding {
	return func(r *run) finding {
		if _, bad := r.twin(); bad != nil {
			return *bad
		}
		var t tally
		for _, a := range attacks {
			got, err := r.signIn(a.change)
			if err != nil {
				t.broken = append(t.broken, a.name+": "+err.Error())
				continue
			}
			if redeemed := len(got.requests("token")) > 0; redeemed && !got.in {
				t.count(a.name+" (not signed in, but the code was redeemed)", true, "")
			} else {
				t.count(a.name, got.in, got.end.seen())
			}
		}
		return t.finding()
	}
}

// visit opens a callback on a browser and counts whether that signed somebody in.
func (r *run) visit(t *tally, name string, b *browser, callback *url.URL) {
	p, err := b.get(r.ctx, callback.String(), nil)
	if err != nil {
		t.broken = append(t.broken, name+": "+err.Error())
		return
	}
	in, err := r.isIn(b)
	if err != nil {
		t.broken = append(t.broken, name+": "+err.Error())
		return
	}
	t.count(name, in, p.seen())
}

// foreignBrowser is an attacker's own answer, never used, put into the victim's browser.
func (r *run) foreignBrowser() finding {
	if _, bad := r.twin(); bad != nil {
		return *bad
	}
	var t tally
	for _, on := range []struct {
		name   string
		victim func() *browser
	}{{"on a new browser", r.browser}, {"on a browser with a sign-in of its own under way", r.underWay}} {
		answer, err := r.callback(r.browser())
		if err != nil {
			return fail("%v", err)
		}
		r.visit(&t, on.name, on.victim(), answer)
	}
	return t.finding()
}

// underWay is a browser that has started a sign-in and not come back.
func (r *run) underWay() *browser {
	b := r.browser()
	_, _ = r.callback(b) // where that fails nothing is under way, and it is a new browser
	return b
}

func (r *run) replayed() finding {
	b := r.browser()
	answer, err := r.callback(b)
	if err != nil {
		return fail("%v", err)
	}
	stolen := b.jar.copied()
	if _, err := b.get(r.ctx, answer.String(), nil); err != nil {
		return fail("%v", err)
	}
	if in, err := r.isIn(b); err != nil || !in {
		return fail("the first use did not sign in")
	}
	var t tally
	r.visit(&t, "with the cookies from before", &browser{fetch: r.Fetch, timer: r.Timer, jar: stolen}, answer)
	r.visit(&t, "on a new browser", r.browser(), answer)
	return t.finding()
}

// injected puts the code of an attacker's sign-in into the victim's answer. A provider that does not look
// at PKCE leaves it to the nonce.
func (r *run) injected() finding {
	if _, bad := r.twin(); bad != nil {
		return *bad
	}
	var t tally
	for _, lax := range []bool{false, true} {
		attackers, err := r.callback(r.browser())
		if err != nil {
			return fail("%v", err)
		}
		name := map[bool]string{false: "the provider holds to PKCE", true: "the provider does not"}[lax]
		r.try(&t, attack{name: name, by: "token", change: func(s *issuer.Script) {
			s.Alter.AnyVerifier = lax
			s.Alter.Callback = set("code", attackers.Query().Get("code"))
		}})
	}
	return t.finding()
}

// providerRefuses is the person who cancelled, and the provider in trouble.
func (r *run) providerRefuses() finding {
	var t tally
	for _, code := range []string{"access_denied", "login_required", "temporarily_unavailable"} {
		got, err := r.signIn(back(func(q map[string][]string) {
			delete(q, "code")
			q["error"] = []string{code}
		}))
		switch {
		case err != nil:
			return fail("%s: %v", code, err)
		case got.end.status == 500 || got.end.heading() == "":
			return fail("%s: no page for the person, %s", code, got.end.seen())
		}
		t.count(code, got.in, fmt.Sprintf("%s: %s", code, got.end.seen()))
	}
	return t.finding()
}
