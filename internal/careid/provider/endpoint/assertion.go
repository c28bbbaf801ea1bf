package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/once"
)

// leeway is how far a client's clock may differ from ours.
const leeway = time.Minute

// assertion is a JWT with which a client has authenticated. It may be used once (RFC 7523 §3). Its id is its jti;
// empty if there is no assertion.
type assertion struct{ once.Thing }

// assertionKind is followed by the client's id, so that two clients may use the same jti.
const assertionKind = "client-assertion "

// checkAssertion checks that a client has just made the assertion in a form, for us.
func (e *Endpoints) checkAssertion(ctx context.Context, c client.Client, form url.Values) (a assertion, err error) {
	if received := form.Get("client_assertion_type"); received != jwt.AssertionType {
		return a, fmt.Errorf("client_assertion_type: expected %q, received %.200q", jwt.AssertionType, received)
	}
	keys, err := e.remotes.keysOf(c)
	if err != nil {
		return a, err
	}
	types := []string{"", jwt.TypePlain, "client-authentication+jwt"}
	want := jwt.Expect{Algorithms: []jwt.Algorithm{c.Algorithm}, Types: types}
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
		Issuer: c.ID, Audience: []string{e.address(cis2.TokenPath), e.o.Issuer}, AudienceForm: jwt.OneName,
		Now: e.o.Clock.Now(), Leeway: leeway, EndsWithin: cis2.AssertionLimit, NeedID: true,
	})
	a.Thing = once.Thing{Kind: assertionKind + c.ID, ID: claims.ID, Ends: claims.Expires.Add(leeway)}
	return a, err
}

// errUsed is the reason for refusing an assertion that was used before.
func (a assertion) errUsed() error {
	return &jwt.Mismatch{Claim: "jti", Want: "one that was not used before", Got: a.ID}
}

// useIn uses an assertion up as a part of an Update. If it was used before, the Update ends in fault.Conflict. If
// the Update is refused, the assertion stays unused.
func (a assertion) useIn(ctx context.Context, w *db.W) error {
	if a.ID == "" {
		return nil
	}
	return a.UseSoon(ctx, w)
}

// explain replaces the fault.Conflict of an Update with useIn by its reason, errUsed.
func (a assertion) explain(err error) error {
	if a.ID != "" && errors.Is(err, fault.Conflict) {
		return a.errUsed()
	}
	return err
}

// use uses an assertion up on its own, or returns errUsed.
func (e *Endpoints) use(ctx context.Context, a assertion) error {
	if a.ID == "" {
		return nil
	}
	err := e.o.DB.Jot(ctx, func(k *db.K) error { return a.Use(ctx, k) })
	if errors.Is(err, once.ErrUsed) {
		return a.errUsed()
	}
	return err
}
