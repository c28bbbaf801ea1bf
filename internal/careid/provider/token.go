package provider

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// errGrant is CIS2's wording for any code that will not do.
var errGrant = request.Invalid("invalid_grant", "The provided access grant is invalid, expired, or revoked.")

// tokens is the token response. Its members are those seen of CIS2.
type tokens struct {
	AccessToken string `json:"access_token"`
	Scope       string `json:"scope"`
	IDToken     string `json:"id_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	Nonce       string `json:"nonce,omitempty"`
}

// kept is a code as its row holds it.
type kept struct {
	clientID string
	granted  granted
	ends     time.Time
	spent    time.Time
}

// A code is used up by taking it away. One that was used before is known by the token that it gave.
const (
	takeCode = `DELETE FROM provider_code WHERE digest = $1 RETURNING client_id, granted, ends_at, CAST(NULL AS BIGINT)`
	usedCode = `SELECT client_id, granted, ends_at, issued_at FROM provider_token WHERE code_digest = $1`
)

func scanKept(scan db.Scanner) (k kept, err error) {
	var text string
	if err = scan(&k.clientID, &text, db.At(&k.ends), db.At(&k.spent)); err != nil {
		return k, err
	}
	if err = json.Unmarshal([]byte(text), &k.granted); err != nil {
		return k, fmt.Errorf("read grant: %w", err)
	}
	return k, nil
}

// redeem exchanges a code for tokens, once, for a client that has proved itself, and uses up its assertion. One
// that was used before is a jwt.Mismatch.
func (p *Provider) redeem(ctx context.Context, who actor.Actor, by caller, form url.Values) (tokens, error) {
	c := by.Client
	if form.Get("grant_type") != "authorization_code" {
		wrong := request.Invalid("unsupported_grant_type", "Only the grant type authorization_code is supported.")
		return tokens{}, p.refuseRedeem(ctx, by, fmt.Sprintf("grant_type: expected authorization_code, received %.100q", form.Get("grant_type")), wrong)
	}
	got := redeemed{code: form.Get("code"), access: random.Secret()}
	replayed, refused := false, ""
	err := p.o.DB.Update(ctx, who, func(w *db.W) (err error) {
		replayed, refused = false, ""
		refuse := func(reason string) error {
			refused = reason
			return w.Refuse(ctx, audit.Event{Kind: "token.refused", Subject: client.Ref(c.ID), Reason: reason}, errGrant)
		}
		if err := by.with.useIn(ctx, w); err != nil {
			return err
		}
		k, err := spend(ctx, w, got.code)
		if errors.Is(err, fault.NotFound) {
			return refuse("no such code")
		}
		if err != nil {
			return err
		}
		if reason := k.unfit(c, form, w.Now()); reason != "" {
			return refuse(reason)
		}
		if replayed = !k.spent.IsZero(); replayed {
			return revokeGiven(ctx, w, c, got.code)
		}
		got.granted = k.granted
		if got.whose, err = identity.ByUUID(ctx, w, got.granted.Proven.UUID); err != nil {
			return err
		}
		if got.whose.Status != identity.Active {
			return refuse("the care identity is not active any more")
		}
		if named := got.granted.Request.Claims.IDToken; len(named) > 0 {
			if got.further, err = claim.For(ctx, w, got.whose.UUID, nil, named); err != nil {
				return err
			}
		}
		return p.issue(ctx, w, got.granted, got.code, got.access)
	})
	switch {
	case replayed && err == nil:
		return tokens{}, p.noteRedeem(ctx, c, "the code was used before; what it gave is revoked", errGrant)
	case refused != "" && errors.Is(err, errGrant):
		return tokens{}, p.refuseRedeem(ctx, by, refused, err)
	case err != nil:
		return tokens{}, by.with.usedBy(err)
	}
	return p.answerTokens(c, got)
}

// redeemed is what a code gave.
type redeemed struct {
	code, access string
	granted      granted
	whose        identity.Identity
	further      map[string]json.RawMessage // claims that the ID token was asked to carry
}

// unfit says why a code will not do for this client and request, or nothing.
func (k kept) unfit(c client.Client, form url.Values, now time.Time) string {
	verifier := form.Get("code_verifier")
	r := k.granted.Request
	switch {
	case k.clientID != c.ID:
		return "the code was given to another client"
	case k.spent.IsZero() && !now.Before(k.ends):
		return "the code has expired"
	case form.Get("redirect_uri") != r.RedirectURI:
		return fmt.Sprintf("redirect_uri: expected %.300q as in the request, received %.200q", r.RedirectURI, form.Get("redirect_uri"))
	case r.Challenge == "" && form.Has("code_verifier"):
		return "a code_verifier was sent and there was no code_challenge"
	case r.Challenge != "" && s256(verifier) != r.Challenge:
		return "the code_verifier is not the one of the code_challenge"
	}
	return ""
}

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// spend uses a code up and gives what it stands for, and when it had been used before, if it had.
func spend(ctx context.Context, w *db.W, code string) (kept, error) {
	k, err := db.One(ctx, w, scanKept, takeCode, digest(code))
	if errors.Is(err, fault.NotFound) {
		k, err = db.One(ctx, w, scanKept, usedCode, digest(code))
	}
	if err != nil {
		return k, fmt.Errorf("spend code: %w", err)
	}
	return k, nil
}

// revokeGiven revokes what a code gave that is used a second time: one of the two who had it is not who it
// was meant for.
func revokeGiven(ctx context.Context, w *db.W, c client.Client, code string) error {
	revoked, err := w.Exec(ctx, `UPDATE provider_token SET revoked_at = $2 WHERE code_digest = $1 AND revoked_at IS NULL`, digest(code), w.Now())
	if err != nil {
		return fmt.Errorf("revoke what a code gave: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: "token.code-replayed", Subject: client.Ref(c.ID), After: map[string]int64{"tokens revoked": revoked}})
}

const insertToken = `INSERT INTO provider_token (digest, code_digest, client_id, sid, granted, issued_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`

func (p *Provider) issue(ctx context.Context, w *db.W, g granted, code, access string) error {
	text, err := json.Marshal(g)
	if err != nil {
		return fmt.Errorf("encode grant: %w", err)
	}
	err = w.Soon(ctx, insertToken, digest(access), digest(code), g.Request.ClientID, g.SID, string(text), w.Now(), w.Now().Add(tokenLife))
	if err != nil {
		return fmt.Errorf("make token: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: "token.issued", Subject: identity.Ref(g.Proven.UUID), After: map[string]any{"client": g.Request.ClientID, "scopes": g.Request.Scopes}})
}

func (p *Provider) answerTokens(c client.Client, r redeemed) (tokens, error) {
	signing, err := p.signing(c.IDTokenAlgorithm)
	if err != nil {
		return tokens{}, err
	}
	claims, err := p.idToken(r)
	if err != nil {
		return tokens{}, err
	}
	id, err := jwt.Sign(signing, "JWT", claims)
	if err != nil {
		return tokens{}, err
	}
	return tokens{
		AccessToken: r.access, IDToken: id, TokenType: "Bearer", Scope: strings.Join(r.granted.Request.Scopes, " "),
		ExpiresIn: int(tokenLife/time.Second) - 1, Nonce: r.granted.Request.Nonce,
	}, nil
}
