// Package extract answers the one question that the directory side may ask outside sign-in: which of
// these people could sign in, and what keeps the others from it. It tells classes and yes or no, never a
// name, a number or an address.
package extract

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// Extract answers the directories that are registered with it.
type Extract struct {
	DB      *db.DB
	Clock   clock.Clock
	Address string              // of this site; tokens are for it
	Askers  map[string]jwt.Keys // the public keys of each that may ask, by its client id
}

// Mount adds the address to a site.
func (e *Extract) Mount(s *web.Site) {
	s.Handle("POST "+wire.Path, web.Anyone, e.people)
}

// errToken is said for every reason why a token is not taken; the log says which.
var errToken = fault.Say(fault.Unauthenticated, "The token is not valid for this extract.")

func (e *Extract) people(w http.ResponseWriter, r *http.Request) error {
	asker, claims, err := e.asker(r)
	if err != nil {
		web.Log(r, slog.String("refused", err.Error()))
		return problem(w, http.StatusUnauthorized, errToken)
	}
	var request wire.Request
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return problem(w, http.StatusBadRequest, fault.Say(fault.Invalid, "The request is not JSON."))
	}
	if err := request.Check(); err != nil {
		return problem(w, http.StatusBadRequest, fault.Say(fault.Invalid, err.Error()))
	}
	who := actor.Actor{Kind: actor.Machine, ID: asker, Request: web.RequestID(r.Context())}
	response, err := e.answer(r.Context(), who, claims, request)
	if errors.Is(err, fault.Unauthenticated) {
		return problem(w, http.StatusUnauthorized, err)
	}
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, response)
}

// problem answers a machine.
func problem(w http.ResponseWriter, status int, err error) error {
	f, _ := fault.From(err)
	return web.JSON(w, status, map[string]string{"error": string(f.Code), "error_description": f.Says})
}

// asker says who asks, by the token that came with the request.
func (e *Extract) asker(r *http.Request) (string, jwt.Claims, error) {
	text, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		return "", jwt.Claims{}, errors.New("no bearer token")
	}
	unverified, err := jwt.Unverified(text)
	if err != nil {
		return "", jwt.Claims{}, err
	}
	named, err := unverified.Claims()
	if err != nil {
		return "", jwt.Claims{}, err
	}
	keys, known := e.Askers[named.Issuer]
	if !known {
		return "", jwt.Claims{}, fmt.Errorf("nobody is registered as %.80q", named.Issuer)
	}
	token, err := jwt.Verify(r.Context(), text, keys, jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256, jwt.RS512, jwt.ES256}, Types: []string{wire.TokenType}})
	if err != nil {
		return "", jwt.Claims{}, err
	}
	claims, err := token.Claims()
	if err != nil {
		return "", jwt.Claims{}, err
	}
	return claims.Issuer, claims, claims.Check(jwt.Rules{
		Issuer: named.Issuer, Audience: []string{wire.Audience(e.Address)}, Now: e.Clock.Now(), Leeway: 5 * time.Second,
		MaxLife: wire.TokenMaxAge, NeedIssuedAt: true, NeedID: true,
	})
}

// answer uses the token up and answers every question, in one Update with one event that tells how many
// were asked.
func (e *Extract) answer(ctx context.Context, who actor.Actor, claims jwt.Claims, request wire.Request) (response wire.Response, err error) {
	err = e.DB.Update(ctx, who, func(w *db.W) error {
		response = wire.Response{Version: wire.Version, AsOf: w.Now().UnixMilli()}
		if err := useOnce(ctx, w, claims); err != nil {
			return err
		}
		for _, q := range request.Questions {
			a, err := answerOne(ctx, w, q)
			if err != nil {
				return err
			}
			response.Answers = append(response.Answers, a)
		}
		return w.Record(ctx, audit.Event{Kind: "extract.answered", Subject: audit.Ref{Kind: "client", ID: who.ID}, After: map[string]int{"questions": len(request.Questions)}})
	})
	return response, err
}

func useOnce(ctx context.Context, w *db.W, claims jwt.Claims) error {
	sum := sha256.Sum256([]byte(claims.Issuer + " " + claims.ID))
	_, err := w.Exec(ctx, `INSERT INTO extract_token (digest, ends_at) VALUES ($1, $2)`, sum[:], claims.Expires.Add(time.Minute))
	if errors.Is(err, db.ErrUnique) {
		return w.Refuse(ctx, audit.Event{Kind: "extract.replayed", Subject: audit.Ref{Kind: "client", ID: claims.Issuer}}, errToken)
	}
	return err
}

func answerOne(ctx context.Context, r db.R, q wire.Question) (wire.Answer, error) {
	a := wire.Answer{Ref: q.Ref}
	found, err := find(ctx, r, q)
	if err != nil {
		return a, err
	}
	switch len(found) {
	case 0:
		a.Found = wire.None
		return a, nil
	case 1:
		a.Found = wire.One
		return a, about(ctx, r, q, found[0], &a)
	}
	a.Found = wire.Several
	return a, nil
}

// find looks for whom a question is about: by subject where it is given, else by address.
func find(ctx context.Context, r db.R, q wire.Question) ([]identity.Identity, error) {
	if q.Subject == "" {
		return identity.ByEmail(ctx, r, q.Email)
	}
	i, err := identity.ByUUID(ctx, r, q.Subject)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	return []identity.Identity{i}, err
}

func about(ctx context.Context, r db.R, q wire.Question, i identity.Identity, a *wire.Answer) error {
	a.State, a.Email = stateOf(i.Status), emailOf(i, q.Email)
	profiles, err := access.RoleProfiles(ctx, r, i.UUID, r.Now())
	if err != nil {
		return err
	}
	a.Position = wire.No
	if access.HoldsDirectoryPosition(profiles) {
		a.Position = wire.Yes
	}
	if a.Authenticator, err = bestOf(ctx, r, i); err != nil {
		return err
	}
	authority, err := organisation.RegistrationAuthority(ctx, r, i.Organisation)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	a.Authority = &wire.Authority{Organisation: authority.Name, Code: authority.Code, Contact: authority.Contact}
	return err
}

func stateOf(s identity.Status) wire.State {
	switch s {
	case identity.Active:
		return wire.Active
	case identity.Closed:
		return wire.Closed
	}
	return wire.NotActive
}

// emailOf says how the identity's address stands to the one asked about.
func emailOf(i identity.Identity, asked string) wire.EmailMatch {
	switch {
	case i.EmailCanonical == "":
		return wire.EmailUnknown
	case i.EmailCanonical != asked:
		return wire.EmailDifferent
	case !i.EmailVerified.Done():
		return wire.EmailUnverified
	}
	return wire.EmailEqual
}

// bestOf is the strongest authenticator that can be used now; one that the organisation approved comes
// before a stronger one that it did not.
func bestOf(ctx context.Context, r db.R, i identity.Identity) (*wire.Authenticator, error) {
	held, err := authenticator.OfIdentity(ctx, r, i.UUID)
	if err != nil {
		return nil, err
	}
	approved, err := organisation.Approved(ctx, r, i.Organisation)
	if err != nil {
		return nil, err
	}
	best := &wire.Authenticator{}
	for _, a := range held {
		if a.Status != authenticator.Active || a.Locked {
			continue
		}
		one := &wire.Authenticator{Level: int(a.Level), Approved: slices.Contains(approved, a.Kind)}
		if one.Approved && !best.Approved || one.Approved == best.Approved && one.Level > best.Level {
			best = one
		}
	}
	return best, nil
}
