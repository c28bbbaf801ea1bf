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

// leeway is by how much an asker's clock may differ from ours.
const leeway = 5 * time.Second

// errToken is said for every reason why a token is not taken; the log says which.
var errToken = fault.Say(fault.Unauthenticated, "The token is not valid for this extract.")

// badToken joins the words for the asker and the detail, which is for the log and the event.
func badToken(detail error) error { return fmt.Errorf("%w: %w", errToken, detail) }

var expected = jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256, jwt.RS512, jwt.ES256}, Types: []string{wire.TokenType}}

// signed gives the token that came with the request, once it is signed by a registered asker.
func (e *Extract) signed(r *http.Request) (asker string, t jwt.Token, err error) {
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		return "", t, badToken(errors.New("no bearer token"))
	}
	unverified, err := jwt.Unverified(text)
	if err != nil {
		return "", t, badToken(err)
	}
	named, err := unverified.Claims()
	if err != nil {
		return "", t, badToken(err)
	}
	keys, known := e.Askers[named.Issuer]
	if !known {
		return "", t, badToken(fmt.Errorf("nobody is registered as %.80q", named.Issuer))
	}
	if t, err = jwt.Verify(r.Context(), text, keys, expected); err != nil {
		return "", t, badToken(err)
	}
	return named.Issuer, t, nil
}

// claims holds a registered asker's token to the rules of the exchange.
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
		err = &jwt.Mismatch{Claim: "exp", Want: "a time within " + wire.TokenMaxAge.String() + " of iat", Got: c.Expires.String()}
	}
	if err != nil {
		return c, badToken(err)
	}
	return c, nil
}

// refuse keeps the event of a registered asker's token that cannot be taken, and gives back why.
func (e *Extract) refuse(ctx context.Context, who actor.Actor, why error) error {
	return e.DB.Update(ctx, who, func(w *db.W) error { return w.Refuse(ctx, refused(who.ID, why), why) })
}

func refused(asker string, why error) audit.Event {
	return audit.Event{Kind: eventRefused, Subject: client(asker), Reason: why.Error()}
}

func client(asker string) audit.Ref { return audit.Ref{Kind: "client", ID: asker} }

// spend uses a token up, and keeps the event of what became of its call.
func (e *Extract) spend(ctx context.Context, who actor.Actor, claims jwt.Claims, what audit.Event) error {
	token := once.Thing{Kind: "extract-token", ID: claims.Issuer + " " + claims.ID, Ends: claims.Expires.Add(time.Minute)}
	return e.DB.Update(ctx, who, func(w *db.W) error {
		err := token.Use(ctx, w)
		if errors.Is(err, once.ErrUsed) {
			replayed := audit.Event{Kind: eventReplayed, Subject: client(who.ID)}
			return w.Refuse(ctx, replayed, badToken(errors.New("jti was used before")))
		}
		if err != nil {
			return err
		}
		return w.Record(ctx, what)
	})
}
