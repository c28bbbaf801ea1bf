package extract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	wire "signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/once"
)

// leeway is how far a caller's clock may differ from ours.
const leeway = 5 * time.Second

// errToken is the answer to every token that is not accepted. The log names the reason.
var errToken = fault.Say(fault.Unauthenticated, "The token is not valid for this extract.")

// badToken joins the answer for the caller and the detail for the log and the event.
func badToken(detail error) error { return fmt.Errorf("%w: %w", errToken, detail) }

var expected = jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256, jwt.RS512, jwt.ES256}, Types: []string{wire.TokenType}}

// verifiedToken returns the request's token, if it is signed by a registered asker.
func (e *Extract) verifiedToken(r *http.Request) (asker string, t jwt.Token, err error) {
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		return "", t, badToken(errors.New("no bearer token"))
	}
	unverified, err := jwt.Unverified(text)
	if err != nil {
		return "", t, badToken(err)
	}
	unverifiedClaims, err := unverified.Claims()
	if err != nil {
		return "", t, badToken(err)
	}
	keys, known := e.Askers[unverifiedClaims.Issuer]
	if !known {
		return "", t, badToken(fmt.Errorf("nobody is registered as %.80q", unverifiedClaims.Issuer))
	}
	if t, err = jwt.Verify(r.Context(), text, keys, expected); err != nil {
		return "", t, badToken(err)
	}
	return unverifiedClaims.Issuer, t, nil
}

// claims checks a registered asker's token against the rules of the exchange.
func (e *Extract) claims(asker string, t jwt.Token) (jwt.Claims, error) {
	c, err := t.Claims()
	if err != nil {
		return c, badToken(err)
	}
	if c.Subject != asker {
		return c, badToken(&jwt.Mismatch{Claim: "sub", Want: fmt.Sprintf("%q", asker), Got: c.Subject})
	}
	err = c.Check(jwt.Rules{
		Issuer: asker, Audience: []string{wire.Audience(e.Address)}, Now: e.Clock.Now(), Leeway: leeway,
		MaxLife: wire.TokenMaxAge, NeedIssuedAt: true, NeedID: true,
	})
	if err == nil && c.Expires.Sub(c.IssuedAt) > wire.TokenMaxAge {
		err = &jwt.Mismatch{
			Claim: "exp", Want: "a time within " + wire.TokenMaxAge.String() + " of iat", Got: c.Expires.String(),
		}
	}
	if err != nil {
		return c, badToken(err)
	}
	return c, nil
}

// refuse records that a registered asker's token was not accepted, and returns the reason.
func (e *Extract) refuse(ctx context.Context, by actor.Actor, reason error) error {
	return e.DB.Update(ctx, by, func(w *db.W) error { return w.Refuse(ctx, refusedEvent(by.ID, reason), reason) })
}

func refusedEvent(asker string, reason error) audit.Event {
	return audit.Event{Kind: eventRefused, Subject: client(asker), Reason: reason.Error()}
}

func client(asker string) audit.Ref { return audit.Ref{Kind: "client", ID: asker} }

// spend uses a token up and has the outcome of its call recorded.
func (e *Extract) spend(ctx context.Context, by actor.Actor, claims jwt.Claims, record func(*db.W) error) error {
	token := once.Thing{
		Kind: "extract-token", ID: claims.Issuer + " " + claims.ID, Ends: claims.Expires.Add(time.Minute),
	}
	return e.DB.Update(ctx, by, func(w *db.W) error {
		err := token.Use(ctx, w)
		if errors.Is(err, once.ErrUsed) {
			replayed := audit.Event{Kind: eventReplayed, Subject: client(by.ID)}
			return w.Refuse(ctx, replayed, badToken(errors.New("jti was used before")))
		}
		if err != nil {
			return err
		}
		return record(w)
	})
}
