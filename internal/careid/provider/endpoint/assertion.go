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

// What an assertion's times may be.
const (
	maxAssertionLife = 5 * time.Minute // it may expire no later than this from now (reference §4)
	leeway           = time.Minute     // by which a client's clock may differ from ours
)

// assertion is one by which a client proved itself, and may do so once (RFC 7523 §3). Its id is its jti; empty
// where there is no assertion.
type assertion struct{ once.Thing }

// assertionKind comes before a client's id, as no client need know what jti another client uses.
const assertionKind = "client-assertion "

// checkAssertion says whether a client made the assertion in a form, for us and just now.
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
		Issuer: c.ID, Audience: []string{e.address(cis2.TokenPath), e.o.Issuer}, AudienceForm: jwt.OneString,
		Now: e.o.Clock.Now(), Leeway: leeway, MaxLife: maxAssertionLife, NeedID: true,
	})
	a.Thing = once.Thing{Kind: assertionKind + c.ID, ID: claims.ID, Ends: claims.Expires.Add(leeway)}
	return a, err
}

// used is the reason why one is refused.
func (a assertion) used() error {
	return &jwt.Mismatch{Claim: "jti", Want: "one that was not used before", Got: a.ID}
}

// useIn uses an assertion up together with what else an Update does. If it was used before, the Update ends in
// fault.Conflict; if the Update is refused, the assertion is not used yet.
func (a assertion) useIn(ctx context.Context, w *db.W) error {
	if a.ID == "" {
		return nil
	}
	return a.UseSoon(ctx, w)
}

// usedBy turns the fault.Conflict of an Update that useIn took part in into its reason.
func (a assertion) usedBy(err error) error {
	if a.ID != "" && errors.Is(err, fault.Conflict) {
		return a.used()
	}
	return err
}

// use uses an assertion up by itself, or says that it was used before.
func (e *Endpoints) use(ctx context.Context, a assertion) error {
	if a.ID == "" {
		return nil
	}
	err := e.o.DB.Jot(ctx, func(k *db.K) error { return a.Use(ctx, k) })
	if errors.Is(err, once.ErrUsed) {
		return a.used()
	}
	return err
}
