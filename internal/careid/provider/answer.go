package provider

import (
	"context"
	"net/http"
	"net/url"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/code"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// Answer is the provider's answer to a service at the end of a sign-in, with its address.
type Answer struct {
	To     string     // the registered address; in query mode with the answer in its query
	Fields url.Values // the fields that the browser posts there; nil in query mode
}

// Empty reports whether there is no answer yet.
func (a Answer) Empty() bool { return a.To == "" }

// Onward shows the page from which a browser goes on to the service with an answer: by a link, or by posting the
// answer's fields (OAuth 2.0 Form Post Response Mode).
type Onward func(w http.ResponseWriter, r *http.Request, a Answer) error

// Send sends the browser back to the service. It answers a POST with a page: browsers hold the form-action of the
// form's page against each redirect that follows, also against those of the service, and drop what it forbids.
func (p *Provider) Send(w http.ResponseWriter, r *http.Request, a Answer) error {
	if a.Fields != nil || r.Method == http.MethodPost {
		return p.onward(w, r, a)
	}
	http.Redirect(w, r, a.To, http.StatusSeeOther)
	return nil
}

// answer makes an answer to a service, with the request's state and our issuer (RFC 9207).
func (p *Provider) answer(r request.Request, q url.Values) Answer {
	q.Set("iss", p.o.Issuer)
	if r.State != "" {
		q.Set("state", r.State)
	}
	if r.FormPost {
		return Answer{To: r.RedirectURI, Fields: q}
	}
	return Answer{To: request.WithQuery(r.RedirectURI, q)}
}

// eventGranted is recorded when a service gets a code.
const eventGranted audit.Kind = "signin.granted"

// grant makes a code for a finished sign-in and returns the answer that takes it to the service, if what the sign-in
// rests on still holds.
func (p *Provider) grant(ctx context.Context, w *db.W, s State, asked pending) (a Answer, err error) {
	if err := asked.stands(ctx, w, s); err != nil {
		return a, err
	}
	if s.Request.Pushed != "" {
		if err := p.endpoints.UsePushed(ctx, w, s.Request.Pushed, FlowLife); err != nil {
			return a, err
		}
	}
	if err := meet(ctx, w, s); err != nil {
		return a, err
	}
	one, err := code.Issue(ctx, w, code.Grant{Request: s.Request, Proven: *s.Proven, SID: s.SID, Role: s.Role})
	if err != nil {
		return a, err
	}
	if err := backchannel.Visit(ctx, w, s.SID, s.Request.ClientID, s.Proven.UUID); err != nil {
		return a, err
	}
	err = w.Record(ctx, audit.Event{Kind: eventGranted, Subject: identity.Ref(s.Proven.UUID),
		After: map[string]any{"client": s.Request.ClientID, "acr": s.Request.Class, "scopes": s.Request.Scopes}})
	return p.answer(s.Request, url.Values{"code": {one}, "client_id": {s.Request.ClientID}}), err
}

// failure makes the answer that tells a service why nobody signed in.
func (p *Provider) failure(r request.Request, e *request.Error) Answer {
	return p.answer(r, url.Values{"error": {e.Code}, "error_description": {e.Description}})
}
