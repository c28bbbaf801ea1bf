package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// CIS2 says no more than this, whatever is wrong; the reason goes to the log and to the event.
var (
	errAssertion = request.Invalid("invalid_client", "JWT is not valid")
	errClient    = request.Invalid("invalid_client", "Client authentication failed")
)

// mostLife is how far ahead an assertion may expire (reference §4).
const mostLife = 5 * time.Minute

// proof is what a request brings to show which client makes it, by one way only.
type proof struct {
	method    string // of the client authentication methods; empty where nothing was brought
	clientID  string
	secret    string
	assertion string
}

// proofOf reads it from the header or from the form.
func proofOf(header string, form url.Values) (proof, error) {
	id, secret, assertion := form.Get("client_id"), form.Get("client_secret"), form.Get("client_assertion")
	switch {
	case header != "":
		return basicProof(header, form)
	case assertion != "" && secret != "":
		return proof{clientID: id, assertion: assertion}, errors.New("both an assertion and a secret were sent")
	case assertion != "":
		return assertionProof(assertion, id)
	case secret != "":
		return proof{method: client.ClientSecretPost, clientID: id, secret: secret}, nil
	}
	return proof{clientID: id}, errors.New("no secret and no assertion was sent")
}

// basicProof reads client_secret_basic: id and secret are form-encoded before they are joined (RFC 6749
// §2.3.1).
func basicProof(header string, form url.Values) (proof, error) {
	r := http.Request{Header: http.Header{"Authorization": {header}}}
	user, password, ok := r.BasicAuth()
	id, errID := url.QueryUnescape(user)
	secret, errSecret := url.QueryUnescape(password)
	switch {
	case !ok || errID != nil || errSecret != nil:
		return proof{}, errors.New("the Authorization header is not Basic with a form-encoded id and secret")
	case form.Has("client_secret") || form.Has("client_assertion"):
		return proof{clientID: id}, errors.New("the client proved itself in the header and in the form")
	case form.Has("client_id") && form.Get("client_id") != id:
		return proof{clientID: id}, fmt.Errorf("client_id is %.100q, the header names %.100q", form.Get("client_id"), id)
	}
	return proof{method: client.ClientSecretBasic, clientID: id, secret: secret}, nil
}

func assertionProof(assertion, id string) (proof, error) {
	p := proof{method: client.PrivateKeyJWT, clientID: id, assertion: assertion}
	token, err := jwt.Unverified(assertion)
	if err != nil {
		return p, err
	}
	claims, err := token.Claims()
	if err != nil {
		return p, err
	}
	if id != "" && id != claims.Subject {
		return p, fmt.Errorf("client_id is %.100q, the assertion's sub is %.100q", id, claims.Subject)
	}
	p.clientID = claims.Subject
	return p, nil
}

// says is all that the client is told of a proof that will not do.
func (b proof) says() *request.Error {
	if b.assertion != "" {
		return errAssertion
	}
	return errClient
}

// caller is the client that makes a request, and the assertion by which it proved that; none if it has a
// secret.
type caller struct {
	client.Client
	with assertion
}

// authenticate says which client makes a request. Its assertion is right, and still to be used up. The error
// is for an operator; the client is told no more than says. c is the client that was named, if we know it.
func (p *Provider) authenticate(ctx context.Context, header string, form url.Values) (c caller, says *request.Error, why error) {
	brought, wrong := proofOf(header, form)
	says = brought.says()
	if brought.clientID == "" {
		return c, says, errors.Join(wrong, errors.New("no client was named"))
	}
	var err error
	c.Client, err = client.FindActive(ctx, p.o.DB, brought.clientID)
	switch {
	case err != nil:
		return c, says, err
	case wrong != nil:
		return c, says, wrong
	case brought.method != c.AuthMethod:
		return c, says, fmt.Errorf("token_endpoint_auth_method: expected %s, received %s", c.AuthMethod, brought.method)
	case brought.assertion != "":
		c.with, err = p.checkAssertion(ctx, c.Client, form)
		return c, says, err
	case !c.HasSecret(p.o.Box, brought.secret):
		return c, says, errors.New("the client secret is not right")
	}
	return c, says, nil
}

func (p *Provider) checkAssertion(ctx context.Context, c client.Client, form url.Values) (a assertion, err error) {
	if form.Get("client_assertion_type") != jwt.AssertionType {
		return a, fmt.Errorf("client_assertion_type: expected %q, received %.200q", jwt.AssertionType, form.Get("client_assertion_type"))
	}
	keys, err := p.keysOf(c)
	if err != nil {
		return a, err
	}
	want := jwt.Expect{Algorithms: []jwt.Algorithm{c.Algorithm}, Types: []string{"", "JWT", "client-authentication+jwt"}}
	token, err := jwt.Verify(ctx, form.Get("client_assertion"), keys, want)
	if err != nil {
		return a, err
	}
	claims, err := token.Claims()
	if err != nil {
		return a, err
	}
	if claims.Subject != c.ID {
		return a, &jwt.Mismatch{Claim: "sub", Want: c.ID, Got: claims.Subject}
	}
	err = claims.Check(jwt.Rules{
		Issuer: c.ID, Audience: []string{p.address(cis2.TokenPath), p.o.Issuer}, AudienceForm: jwt.OneString,
		Now: p.o.Clock.Now(), Leeway: leeway, MaxLife: mostLife, NeedID: true,
	})
	return assertion{clientID: c.ID, id: claims.ID, ends: claims.Expires.Add(leeway)}, err
}

// keysOf gives the public keys of a client: those registered, or those it publishes.
func (p *Provider) keysOf(c client.Client) (jwt.Keys, error) {
	if c.JWKS != "" {
		return c.Keys()
	}
	p.remotesMu.Lock()
	defer p.remotesMu.Unlock()
	remote, known := p.remotes[c.JWKSURI]
	if !known {
		remote = jwt.NewRemote(c.JWKSURI, p.o.Fetch, p.o.Clock)
		p.remotes[c.JWKSURI] = remote
	}
	return remote, nil
}

// eventClientRefused is recorded when a client did not prove itself.
const eventClientRefused audit.Kind = "client.refused"

// refuseClient keeps an event with the reason why a known client was not believed. A stranger that
// names no client we know leaves a log line only.
func (p *Provider) refuseClient(r *http.Request, c client.Client, code string, why error) error {
	if c.ID == "" {
		return nil
	}
	ctx, reason := r.Context(), client.Plain(why.Error())
	if !p.doubts.keep(c.ID, p.o.Clock.Now()) {
		return p.note(r, c.ID, code, reason)
	}
	err := p.o.DB.Update(ctx, web.Actor(r), func(w *db.W) error {
		return w.Refuse(ctx, audit.Event{Kind: eventClientRefused, Subject: client.Ref(c.ID), Reason: reason}, fault.Unauthenticated)
	})
	if errors.Is(err, fault.Unauthenticated) {
		return p.note(r, c.ID, code, reason)
	}
	return err
}
