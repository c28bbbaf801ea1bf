package checkrp

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying/issuer"
)

// run is one run through the list.
type run struct {
	Options
	ctx     context.Context // a run is one call, and each requirement is a part of it
	report  Report
	honest  []attempt // every honest sign-in, for what is told from several
	entrant way       // the Care Identity button, if the start is a page
	other   jwt.Key   // a key that is never published
}

// attempt is one sign-in, come to its end.
type attempt struct {
	browser *browser
	sid     string
	end     page
	seen    []issuer.Seen
	in      bool
}

// change has the provider do something otherwise; nil for nothing.
type change func(*issuer.Script)

func (r *run) browser() *browser {
	return &browser{fetch: r.Fetch, timer: r.Timer, jar: newJar()}
}

// signIn signs the person in on a new browser.
func (r *run) signIn(c change) (attempt, error) { return r.signInOn(r.browser(), random.ID(), c) }

// signInOn signs the person in on a browser; sid is the provider's session.
func (r *run) signInOn(b *browser, sid string, c change) (attempt, error) {
	a := attempt{browser: b, sid: sid}
	r.Issuer.Taken()
	r.play(sid, c)
	defer r.play(sid, nil)
	var err error
	if a.end, err = r.begin(b, nil); err != nil {
		return a, err
	}
	a.seen = r.Issuer.Taken()
	a.in, err = r.isIn(b)
	if c == nil && err == nil && a.in {
		r.honest = append(r.honest, a)
	}
	return a, err
}

// play sets the provider's script: the person, and what is otherwise.
func (r *run) play(sid string, c change) {
	r.Issuer.Change(func(s *issuer.Script) {
		s.Person = r.Person
		s.Alter = issuer.Alter{}
		s.Person.SID = sid
		if c != nil {
			c(s)
		}
	})
}

// begin opens the start, presses the button if there is one, and goes on to the end.
func (r *run) begin(b *browser, until stop) (page, error) {
	p, err := b.get(r.ctx, r.Start, until)
	if err != nil || p.next != nil || p.status != http.StatusOK {
		return p, err
	}
	w, found := findWay(p)
	if !found {
		return p, nil
	}
	r.entrant = w
	return b.open(r.ctx, w.method, w.to, w.form, p.url, until)
}

// callback starts a sign-in and gives the address that the provider sends the browser back to, before it
// goes there.
func (r *run) callback(b *browser) (*url.URL, error) {
	r.play(random.ID(), nil)
	p, err := r.begin(b, func(from, _ *url.URL) bool { return r.atIssuer(from) })
	if err != nil {
		return nil, err
	}
	if p.next == nil {
		return nil, fmt.Errorf("sign-in did not reach the provider: %s", p.seen())
	}
	return p.next, nil
}

func (r *run) atIssuer(u *url.URL) bool {
	at, err := url.Parse(r.Issuer.Address())
	return err == nil && u.Host == at.Host && strings.HasPrefix(u.Path, cis2.Realm)
}

// isIn reports whether somebody is signed in on a browser. A page that would sign them in anew is not one.
func (r *run) isIn(b *browser) (bool, error) {
	p, err := b.get(r.ctx, r.SignedInURL, func(_, to *url.URL) bool { return r.atIssuer(to) })
	return p.status == http.StatusOK && strings.Contains(p.body, r.SignedInText), err
}

// seen says what a browser ended up with.
func (p page) seen() string {
	if p.url == nil {
		return "nothing"
	}
	said := fmt.Sprintf("status %d", p.status)
	if h := p.heading(); h != "" {
		said += fmt.Sprintf(" “%.120s”", h)
	}
	return said
}

// requests are those of a kind in an attempt.
func (a attempt) requests(what string) []issuer.Seen {
	var list []issuer.Seen
	for _, s := range a.seen {
		if s.What == what {
			list = append(list, s)
		}
	}
	return list
}

// query gives what the first request of a kind held; empty if there was none.
func (a attempt) query(what string) url.Values {
	for _, s := range a.seen {
		if s.What == what {
			return s.Values
		}
	}
	return url.Values{}
}

// twin is the honest sign-in that goes before what is hostile; without it a refusal would prove nothing.
func (r *run) twin() (attempt, *finding) {
	a, err := r.signIn(nil)
	if err == nil && a.in {
		return a, nil
	}
	f := fail("the honest sign-in before it did not work: %s", outcome(a, err))
	return a, &f
}

func outcome(a attempt, err error) string {
	if err != nil {
		return err.Error()
	}
	if reason := a.refused(); reason != "" {
		return a.end.seen() + "; the token endpoint refused: " + reason
	}
	return a.end.seen()
}

// refused says why the token endpoint gave no tokens in an attempt; empty if it was not asked or gave some.
func (a attempt) refused() string {
	for _, s := range a.requests("token") {
		if s.Refused == "" {
			continue
		}
		if s.Problem != "" {
			return s.Refused + "; the client's authentication: " + s.Problem
		}
		return s.Refused
	}
	return ""
}
