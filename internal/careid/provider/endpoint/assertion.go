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
	"signpost/internal/platform/random"
)

// What an assertion's times may be.
const (
	maxAssertionLife = 5 * time.Minute // it may expire no later than this from now (reference §4)
	leeway           = time.Minute     // by which a client's clock may differ from ours
)

// assertion is one by which a client proved itself, and may do so once (RFC 7523 §3). It is remembered until it
// has expired.
type assertion struct {
	clientID string
	id       string // its jti; empty where there is no assertion
	ends     time.Time
}

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
	return assertion{clientID: c.ID, id: claims.ID, ends: claims.Expires.Add(leeway)}, err
}

const insertAssertion = `INSERT INTO provider_jti (client_id, jti_digest, ends_at) VALUES ($1, $2, $3)
	ON CONFLICT (client_id, jti_digest) DO NOTHING`

func (a assertion) row() []any { return []any{a.clientID, random.Digest(a.id), a.ends} }

// used is the reason why one is refused.
func (a assertion) used() error {
	return &jwt.Mismatch{Claim: "jti", Want: "one that was not used before", Got: a.id}
}

// useIn uses an assertion up together with what else an Update does. If it was used before, the Update ends in
// fault.Conflict; if the Update is refused, the assertion is not used yet.
func (a assertion) useIn(ctx context.Context, w *db.W) error {
	if a.id == "" {
		return nil
	}
	if err := w.ChangeSoon(ctx, insertAssertion, a.row()...); err != nil {
		return fmt.Errorf("use assertion: %w", err)
	}
	return nil
}

// usedBy turns the fault.Conflict of an Update that useIn took part in into its reason.
func (a assertion) usedBy(err error) error {
	if a.id != "" && errors.Is(err, fault.Conflict) {
		return a.used()
	}
	return err
}

// use uses an assertion up by itself, or says that it was used before.
func (e *Endpoints) use(ctx context.Context, a assertion) error {
	if a.id == "" {
		return nil
	}
	return e.o.DB.Jot(ctx, func(k *db.K) error {
		n, err := k.Exec(ctx, insertAssertion, a.row()...)
		if err != nil {
			return fmt.Errorf("use assertion: %w", err)
		}
		if n != 1 {
			return a.used()
		}
		return nil
	})
}

// Sweep forgets the assertions that have expired.
func (e *Endpoints) Sweep(ctx context.Context) error {
	_, err := db.Keep(ctx, e.o.DB, func(k *db.K) (int64, error) {
		return k.Exec(ctx, `DELETE FROM provider_jti WHERE ends_at <= $1`, k.Now())
	})
	if err != nil {
		return fmt.Errorf("sweep assertions: %w", err)
	}
	return nil
}
