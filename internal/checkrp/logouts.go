package checkrp

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/platform/relying/issuer"
)

const backchannel = "oidcc-client-test-rp-backchannel-rpinitlogout"

// logouts lists the requirements on what the provider says of sessions that have ended there (Back-Channel Logout 1.0).
func logouts() []requirement {
	return []requirement{
		{backchannel, "ends the session that a valid logout token names, and says 200", (*run).endsNamed},
		{"signpost-logout-sub", "ends the person's sessions where the token names no session", (*run).endsOfSubject},
		{
			"signpost-logout-other-sid", "ends nobody else's session",
			keepsSession(logoutAttack{name: "an unknown sid", change: member("sid", "no-such-session"), lax: true}),
		},
		{
			backchannel + "-alg-none", "refuses a logout token that is not signed",
			keepsSession(logoutAttack{name: "alg none", script: signing(unsigned("none"))}),
		},
		{
			backchannel + "-wrong-alg", "refuses HS256 with the public key, and another's signature",
			(*run).wrongLogoutKeys,
		},
		{
			backchannel + "-wrong-iss", "refuses a logout token of another issuer",
			keepsSession(logoutAttack{name: "wrong iss", change: member("iss", otherIssuer)}),
		},
		{
			backchannel + "-wrong-aud", "refuses a logout token for another client",
			keepsSession(logoutAttack{name: "wrong aud", change: member("aud", otherClient)}),
		},
		{
			backchannel + "-wrong-event", "refuses a logout token with another event",
			keepsSession(logoutAttack{
				name:   "wrong event",
				change: member("events", map[string]any{"http://schemas.openid.net/event/other": map[string]any{}}),
			}),
		},
		{
			backchannel + "-no-event", "refuses a logout token without the event",
			keepsSession(logoutAttack{name: "no event", change: lacking("events")}),
		},
		{
			backchannel + "-with-nonce", "refuses a logout token with a nonce",
			keepsSession(logoutAttack{name: "with nonce", change: member("nonce", "nonce")}),
		},
		{
			"signpost-logout-nobody", "refuses a logout token about nobody",
			keepsSession(logoutAttack{name: "no sub, no sid", change: lacking("sub", "sid")}),
		},
		{"signpost-logout-expired", "refuses a logout token that has expired", (*run).expiredLogout},
		{"signpost-logout-old", "lets an old logout token end no newer session", (*run).oldLogout},
		{"signpost-logout-replay", "takes a logout token once", (*run).replayedLogout},
		{"signpost-logout-id-token", "refuses an ID token in place of a logout token", (*run).idTokenAsLogout},
		{"signpost-logout-form", "reads the token from the form: not from JSON, not from the address", keepsSession(
			logoutAttack{name: "in JSON", send: asJSON}, logoutAttack{name: "in the address", send: inAddress},
			logoutAttack{name: "nothing sent", send: empty},
			logoutAttack{name: "no token", send: asForm("x.y.z")})},
	}
}

// logoutAttack is one message to the logout address that must leave a session as it is.
type logoutAttack struct {
	name   string
	change func(claims map[string]any)
	script change                                            // of who signs it
	send   func(r *run, token string) (*http.Request, error) // a form if nil
	lax    bool                                              // whatever status is answered
}

func member(name string, value any) func(map[string]any) {
	return func(c map[string]any) { c[name] = value }
}

func lacking(names ...string) func(map[string]any) {
	return func(c map[string]any) {
		for _, name := range names {
			delete(c, name)
		}
	}
}

func (r *run) noLogout() *finding {
	if r.BackchannelLogout != "" {
		return nil
	}
	f := notSeen("the back-channel logout address was not given")
	return &f
}

// logoutToken is a token about a session.
func (r *run) logoutToken(sid string, a logoutAttack) (string, error) {
	r.play(sid, a.script)
	defer r.play(sid, nil)
	return r.Issuer.LogoutToken(r.Client.ID, r.Person.Subject, sid, a.change)
}

// tell sends a token to the logout address, as the provider does: no cookies, no browser.
func (r *run) tell(token string, send func(*run, string) (*http.Request, error)) (status int, err error) {
	ctx, cancel := context.WithTimeout(r.ctx, pageTime)
	defer cancel()
	if send == nil {
		send = func(r *run, token string) (*http.Request, error) {
			return r.message(r.BackchannelLogout, "application/x-www-form-urlencoded",
				url.Values{"logout_token": {token}}.Encode())
		}
	}
	req, err := send(r, token)
	if err != nil {
		return 0, err
	}
	res, err := r.Fetch.HTTP().Transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return 0, fmt.Errorf("tell of a logout: %w", err)
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

func (r *run) message(to, kind, body string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(r.ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("tell of a logout: %w", err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

func asJSON(r *run, token string) (*http.Request, error) {
	return r.message(r.BackchannelLogout, "application/json", `{"logout_token":"`+token+`"}`)
}

func inAddress(r *run, token string) (*http.Request, error) {
	u, err := url.Parse(r.BackchannelLogout)
	if err != nil {
		return nil, fmt.Errorf("tell of a logout: %w", err)
	}
	u.RawQuery = url.Values{"logout_token": {token}}.Encode()
	return r.message(u.String(), "", "")
}

func empty(r *run, _ string) (*http.Request, error) {
	return r.message(r.BackchannelLogout, "application/x-www-form-urlencoded", "")
}

func asForm(token string) func(*run, string) (*http.Request, error) {
	return func(r *run, _ string) (*http.Request, error) {
		return r.message(r.BackchannelLogout, "application/x-www-form-urlencoded",
			url.Values{"logout_token": {token}}.Encode())
	}
}

// keepsSession finds that messages are refused and the session they name goes on, and then that an honest
// one does end it.
func keepsSession(attacks ...logoutAttack) func(*run) finding {
	return func(r *run) finding {
		if none := r.noLogout(); none != nil {
			return *none
		}
		a, bad := r.twin()
		if bad != nil {
			return *bad
		}
		var t tally
		for _, one := range attacks {
			token, err := r.logoutToken(a.sid, one)
			if err != nil {
				return fail("%s: %v", one.name, err)
			}
			if a = r.withstand(&t, one, token, a); !a.in {
				return t.finding()
			}
		}
		if f := r.endHonestly(a); f.outcome != Pass {
			return f
		}
		return t.finding()
	}
}

// withstand sends a bad message about a session and counts whether it had its way. If the session is over,
// another is begun for what comes next.
func (r *run) withstand(t *tally, one logoutAttack, token string, a attempt) attempt {
	status, err := r.tell(token, one.send)
	in, isErr := r.isIn(a.browser)
	switch {
	case err != nil || isErr != nil:
		t.broken = append(t.broken, fmt.Sprintf("%s: %v %v", one.name, err, isErr))
	case !in:
		t.count(one.name+" (ended the session)", true, "")
	case !one.lax && (status < 400 || status > 499):
		t.count(fmt.Sprintf("%s (the session goes on, but status %d, not 400)", one.name, status), true, "")
	default:
		t.count(one.name, false, fmt.Sprintf("status %d, the session goes on", status))
	}
	if in && isErr == nil {
		return a
	}
	next, err := r.signIn(nil)
	if err != nil {
		t.broken = append(t.broken, one.name+": "+err.Error())
	}
	return next
}

// endHonestly ends a session by a valid token.
func (r *run) endHonestly(a attempt) finding {
	token, err := r.logoutToken(a.sid, logoutAttack{})
	if err != nil {
		return fail("%v", err)
	}
	return r.ended(a, token, "a valid logout token")
}

// ended finds that a token ends a session.
func (r *run) ended(a attempt, token, name string) finding {
	status, err := r.tell(token, nil)
	if err != nil {
		return fail("%v", err)
	}
	in, err := r.isIn(a.browser)
	switch {
	case err != nil:
		return fail("%v", err)
	case in:
		return fail("%s: status %d, and the session goes on", name, status)
	case status != http.StatusOK && status != http.StatusNoContent:
		return fail("%s: the session is over, but status %d, not 200", name, status)
	}
	return pass("status %d, the session is over", status)
}

// endsNamed ends one of two sessions of the person.
func (r *run) endsNamed() finding {
	if none := r.noLogout(); none != nil {
		return *none
	}
	a, bad := r.twin()
	if bad != nil {
		return *bad
	}
	other, bad := r.twin()
	if bad != nil {
		return *bad
	}
	in, err := r.isIn(a.browser)
	if err != nil {
		return fail("%v", err)
	}
	if !in { // allowed, and advised (reference, CIS2 Authentication §8)
		f := r.endHonestly(other)
		f.saw += "; a second sign-in ends the first"
		return f
	}
	f := r.endHonestly(a)
	if still, err := r.isIn(other.browser); f.outcome == Pass && (err != nil || !still) {
		return fail("the person's other session, which the token does not name, is over too")
	}
	return f
}

func (r *run) endsOfSubject() finding {
	if none := r.noLogout(); none != nil {
		return *none
	}
	a, bad := r.twin()
	if bad != nil {
		return *bad
	}
	token, err := r.logoutToken(a.sid, logoutAttack{change: lacking("sid")})
	if err != nil {
		return fail("%v", err)
	}
	return r.ended(a, token, "a logout token with sub alone")
}

func (r *run) wrongLogoutKeys() finding {
	attacks := []logoutAttack{{name: "another's key under the published kid",
		script: stranger(r.other, func(s *issuer.Script) string {
			return s.Key.ID
		})}}
	for _, s := range publicSecrets(r) {
		attacks = append(attacks, logoutAttack{name: s.name, script: symmetric(s.secret)})
	}
	return keepsSession(attacks...)(r)
}

func (r *run) expiredLogout() finding {
	now := r.Timer.Now()
	return keepsSession(logoutAttack{name: "expired an hour ago", change: func(c map[string]any) {
		c["iat"] = now.Add(-2 * time.Hour).Unix()
		c["exp"] = now.Add(-time.Hour).Unix()
	}})(r)
}

// oldLogout is a token that still holds, of before the sign-in: a stale event must not end a newer session.
func (r *run) oldLogout() finding {
	ago := r.Timer.Now().Add(-time.Hour).Unix()
	return keepsSession(
		logoutAttack{name: "issued an hour ago, by sid", change: member("iat", ago), lax: true},
		logoutAttack{name: "issued an hour ago, by sub", change: func(c map[string]any) {
			c["iat"] = ago
			delete(c, "sid")
		}, lax: true},
	)(r)
}

// replayedLogout ends a session, signs in again in the same session of the provider, and sends it again.
func (r *run) replayedLogout() finding {
	if none := r.noLogout(); none != nil {
		return *none
	}
	a, bad := r.twin()
	if bad != nil {
		return *bad
	}
	token, err := r.logoutToken(a.sid, logoutAttack{})
	if err != nil {
		return fail("%v", err)
	}
	if f := r.ended(a, token, "its first use"); f.outcome != Pass {
		return f
	}
	again, err := r.signInOn(r.browser(), a.sid, nil)
	if err != nil || !again.in {
		return fail("not signed in again: %s", outcome(again, err))
	}
	var t tally
	r.withstand(&t, logoutAttack{name: "used before"}, token, again)
	return t.finding()
}

func (r *run) idTokenAsLogout() finding {
	if none := r.noLogout(); none != nil {
		return *none
	}
	var caught string
	a, err := r.signIn(func(s *issuer.Script) {
		k := s.Key
		s.Alter.Sign = func(typ string, claims any) string {
			caught = signed(k, typ, claims)
			return caught
		}
	})
	if err != nil || !a.in {
		return fail("not signed in: %s", outcome(a, err))
	}
	var t tally
	r.withstand(&t, logoutAttack{name: "the ID token of the session"}, caught, a)
	return t.finding()
}
