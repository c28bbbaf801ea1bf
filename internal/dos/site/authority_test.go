package site_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"signpost/internal/national/extract"
	"signpost/internal/platform/web/webtest"
)

// asker answers about one person.
type asker struct {
	subject string
	problem error
}

func (a asker) Ask(_ context.Context, q extract.Question) (extract.Answer, error) {
	if q.Subject != a.subject {
		return extract.Answer{Ref: q.Ref, Found: extract.None}, a.problem
	}
	return extract.Answer{Ref: q.Ref, Found: extract.One, Authority: &extract.Authority{
		Organisation: "Fenmarch Hospitals", Contact: "ra@fenmarch.example, 01632 960990",
	}}, a.problem
}

// Whoever is sent to their registration authority reads which it is and how to reach it, once.
func TestRefusalsNameTheRegistrationAuthority(t *testing.T) {
	for name, tt := range map[string]struct {
		change  func(w *world)
		request string // in the mail that stands ready written
	}{
		"no position":      {func(w *world) { w.issuer.Person.Roles = nil }, "B0166"},
		"identity too low": {func(w *world) { w.issuer.Person.IdentityLevel = "2" }, "identity level 3"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			person := w.issuer.Person
			w.asker = asker{subject: person.Subject}
			w.makeSite()
			w.issuer.Person = person
			w.link()
			tt.change(w)
			b := w.browser()
			page := b.get(b.careIdentity().location)
			for _, want := range []string{"<bdi>Fenmarch Hospitals</bdi>", `href="tel:01632960990"`,
				`href="mailto:ra@fenmarch.example"`, strings.ReplaceAll(tt.request, " ", "%20")} {
				if !strings.Contains(page.body, want) {
					t.Errorf("the page lacks %s: %s", want, webtest.Text(page.body))
				}
			}
		})
	}
}

// Where nobody can say which it is, the page leads to where it is found.
func TestRefusalsWithoutARegistrationAuthority(t *testing.T) {
	for name, asks := range map[string]asker{
		"nobody knows": {}, "no answer": {problem: errors.New("away")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			person := w.issuer.Person
			w.asker = asks
			w.makeSite()
			w.issuer.Person = person
			w.link()
			w.issuer.Person.Roles = nil
			b := w.browser()
			page := b.get(b.careIdentity().location)
			if !strings.Contains(page.body, `href="https://cim.example/find-your-ra"`) ||
				strings.Contains(page.body, "Who to ask") {
				t.Errorf("the page: %s", webtest.Text(page.body))
			}
		})
	}
}
