package endpoint

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/code"
	"signpost/internal/careid/provider/request"
	"signpost/internal/careid/provider/standing"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
)

// tokenRequest is the request of an authenticated client to exchange a code for tokens. redeem accepts or refuses
// it, in one place, and serveToken answers.
type tokenRequest struct {
	call
	code  string
	token string // the access token that the client gets if the request is accepted
}

func (e *Endpoints) serveToken(w http.ResponseWriter, r *http.Request, c call) error {
	t := tokenRequest{call: c, code: c.form.Get("code"), token: random.Secret()}
	got, err := e.redeem(r.Context(), t, c.actor(r))
	var mismatch *jwt.Mismatch
	var refused *refusal
	switch {
	case errors.As(err, &mismatch):
		return e.refuseCaller(w, r, c.Client, errAssertion, mismatch)
	case errors.As(err, &refused):
		e.o.Keys.Called(c.ID, web.Address(r))
		return e.refuse(w, r, c, refused)
	case errors.Is(err, fault.Unknown):
		return fmt.Errorf("%w: %w", errOutcome, err)
	case err != nil:
		return err // whether the assertion was used before is unknown
	}
	e.o.Keys.Called(c.ID, web.Address(r))
	return web.JSON(w, http.StatusOK, got)
}

// errOutcome answers a request of which nobody knows whether it spent its code. A code that was spent stays spent.
var errOutcome = fault.Keyed("unknown-spent", fault.SayCure(fault.Unknown,
	"We cannot tell whether the code was used. Begin the login again: the same code may be refused.",
	"Begin the login again."))

// errGrant is CIS2's message for every code that it does not accept.
var errGrant = request.NewError("invalid_grant", "The provided access grant is invalid, expired, or revoked.")

// errReplayed refuses a code that was used before. Its tokens are revoked.
var errReplayed = &refusal{message: errGrant, reason: "the code was used before; its tokens are revoked"}

// redeem exchanges the code for tokens in one Update, which also uses up the client's assertion. It returns a
// *refusal if it refuses the request, and a *jwt.Mismatch if the assertion was used before.
func (e *Endpoints) redeem(ctx context.Context, t tokenRequest, by actor.Actor) (tokens, error) {
	if refused := t.otherGrant(); refused != nil {
		return tokens{}, e.useAndRefuse(ctx, t, refused)
	}
	got, err := db.Write(ctx, e.o.DB, by, func(w *db.W) (redeemed, error) { return spend(ctx, w, t) })
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return tokens{}, e.useAndRefuse(ctx, t, refused) // the Update was undone
	case err != nil:
		return tokens{}, t.assertion.explain(err)
	case got.replayed:
		return tokens{}, errReplayed
	}
	return e.answerTokens(t, got)
}

// useAndRefuse uses up the assertion of a request that is refused. If several requests send the same assertion at
// once, each with a wrong code, all may be refused for the code before one of them uses the assertion up.
func (e *Endpoints) useAndRefuse(ctx context.Context, t tokenRequest, refused *refusal) error {
	if err := e.use(ctx, t.assertion); err != nil {
		return err
	}
	return refused
}

// redeemed is the result of redeeming a code.
type redeemed struct {
	grant       code.Grant
	owner       identity.Identity
	extraClaims map[string]json.RawMessage // claims that the request wants in the ID token
	replayed    bool                       // the code was used before, so its tokens are revoked and none are issued
}

// spend uses up the code and the client's assertion, and reads the content of the ID token.
func spend(ctx context.Context, w *db.W, t tokenRequest) (redeemed, error) {
	if err := t.assertion.useIn(ctx, w); err != nil {
		return redeemed{}, err
	}
	c, err := code.Spend(ctx, w, t.code)
	if errors.Is(err, fault.NotFound) {
		return redeemed{}, t.refuse(ctx, w, "no such code")
	}
	if err != nil {
		return redeemed{}, err
	}
	if reason := t.problem(c, w.Now()); reason != "" {
		return redeemed{}, t.refuse(ctx, w, reason)
	}
	if !c.Used.IsZero() {
		return redeemed{replayed: true}, code.RevokeReplayed(ctx, w, t.ID, t.code)
	}
	got, err := t.readOwner(ctx, w, c.Grant)
	if err != nil {
		return redeemed{}, err
	}
	return got, code.IssueToken(ctx, w, c.Grant, t.code, t.token)
}

// readOwner reads the person whose tokens they are. What the sign-in rests on may have changed since the code was
// given; the client is as it was when it authenticated this request.
func (t tokenRequest) readOwner(ctx context.Context, w *db.W, g code.Grant) (got redeemed, err error) {
	got.grant = g
	owner := identity.Ask(g.Proven.UUID)
	proof := standing.AskProof(g.Request, g.Proven)
	if err := db.Together(ctx, w, append(proof.Queries(), owner)...); err != nil {
		return got, fmt.Errorf("read owner: %w", err)
	}
	now, err := proof.Facts()
	if err != nil {
		return got, err
	}
	if got.owner, err = owner.One(); err != nil && !errors.Is(err, fault.NotFound) {
		return got, err
	}
	now.Client = t.Client
	now.Person = got.owner.Status
	if fallen := now.Problem(g.Request); fallen != nil {
		return got, t.refuse(ctx, w, "since the code was given: "+fallen.Reason())
	}
	if names := g.Request.Claims.IDToken; len(names) > 0 {
		got.extraClaims, err = claim.For(ctx, w, got.owner.UUID, nil, names)
		return got, err
	}
	return got, nil
}

// eventTokenRefused is recorded when a token request is refused.
const eventTokenRefused audit.Kind = "token.refused"

// refuse undoes the Update and records an event of the refusal.
func (t tokenRequest) refuse(ctx context.Context, w *db.W, reason string) error {
	event := audit.Event{Kind: eventTokenRefused, Subject: client.Ref(t.ID), Reason: reason}
	return w.Refuse(ctx, event, &refusal{message: errGrant, reason: reason})
}

// otherGrant refuses a request with another grant type than a code.
func (t tokenRequest) otherGrant() *refusal {
	received := t.form.Get("grant_type")
	if received == "authorization_code" {
		return nil
	}
	return &refusal{
		message: request.NewError("unsupported_grant_type", "Only the grant type authorization_code is supported."),
		reason:  fmt.Sprintf("grant_type: expected authorization_code, received %.100q", received),
	}
}

// problem returns why a code is not valid for this request, or an empty text.
func (t tokenRequest) problem(c code.Code, now time.Time) string {
	original := c.Grant.Request
	redirect := t.form.Get("redirect_uri")
	verifier := t.form.Get("code_verifier")
	switch {
	case c.ClientID != t.ID:
		return "the code was given to another client"
	case c.Used.IsZero() && !now.Before(c.Ends):
		return "the code has expired"
	case redirect != original.RedirectURI:
		const text = "redirect_uri: expected %.300q as in the request, received %.200q"
		return fmt.Sprintf(text, original.RedirectURI, redirect)
	case original.Challenge == "" && t.form.Has("code_verifier"):
		return "a code_verifier was sent and there was no code_challenge"
	case original.Challenge != "" && s256(verifier) != original.Challenge:
		return "the code_verifier is not the one of the code_challenge"
	}
	return ""
}

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// tokens is the token response. It has the members of CIS2's own responses.
type tokens struct {
	AccessToken string `json:"access_token"`
	Scope       string `json:"scope"`
	IDToken     string `json:"id_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	Nonce       string `json:"nonce,omitempty"`
}

func (e *Endpoints) answerTokens(t tokenRequest, got redeemed) (tokens, error) {
	signing, err := e.signing(t.IDTokenAlgorithm)
	if err != nil {
		return tokens{}, err
	}
	claims, err := e.idToken(t, got)
	if err != nil {
		return tokens{}, err
	}
	id, err := jwt.Sign(signing, jwt.TypePlain, claims)
	if err != nil {
		return tokens{}, err
	}
	original := got.grant.Request
	return tokens{
		AccessToken: t.token, IDToken: id, TokenType: "Bearer", Scope: strings.Join(original.Scopes, " "),
		ExpiresIn: int(code.TokenLife/time.Second) - 1, Nonce: original.Nonce,
	}, nil
}
