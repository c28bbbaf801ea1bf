package demo

import (
	"context"
	"encoding/json"
	"errors"

	"signpost/internal/careid/authenticator"
	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Tour is how far a visitor has come on the main journey, from what the two sides recorded.
type Tour struct {
	Authenticator bool // the first of the cast has an authenticator of their own
	Password      bool // they logged in with their password
	Linked        bool
	CareIdentity  bool // they logged in with their Care Identity
	Changed       bool // they changed a service
	Again         bool // they logged in with their Care Identity a second time
	Desk          bool // the service desk logged in
}

// maxEvents is how many events of a kind are looked at; more are made in no demo.
const maxEvents = 500

// Tour finds out how far a visitor has come.
func (s Systems) Tour(ctx context.Context, cast []Cast) (Tour, error) {
	lead := cast[0]
	t, err := db.Read(ctx, s.DoS, func(r db.R) (Tour, error) { return tourOf(ctx, r, lead, deskOf(cast)) })
	if err != nil {
		return t, err
	}
	all, err := db.Read(ctx, s.Care, func(r db.R) ([]authenticator.Authenticator, error) {
		return authenticator.OfIdentity(ctx, r, lead.UUID)
	})
	for _, a := range all {
		if !a.Simulated && a.Status == authenticator.Active {
			t.Authenticator = true
		}
	}
	return t, err
}

// deskOf is somebody of the service desk.
func deskOf(cast []Cast) (desk Cast) {
	for _, c := range cast {
		if c.Email == operatorEmail {
			return c
		}
	}
	return desk
}

func tourOf(ctx context.Context, r db.R, lead, desk Cast) (t Tour, err error) {
	logins, err := audit.Of(ctx, r, account.Ref(lead.AccountID), maxEvents, signin.SignedIn)
	if err != nil {
		return t, err
	}
	t.countLogins(logins)
	desks, err := audit.Of(ctx, r, account.Ref(desk.AccountID), 1, signin.SignedIn)
	if err != nil {
		return t, err
	}
	t.Desk = len(desks) > 0
	changes, err := audit.OfKind(ctx, r, directory.ServiceChanged, maxEvents)
	if err != nil {
		return t, err
	}
	for _, change := range changes {
		t.Changed = t.Changed || change.ActorID == lead.AccountID
	}
	_, err = account.LinkOf(ctx, r, lead.AccountID)
	t.Linked = err == nil
	if errors.Is(err, fault.NotFound) {
		return t, nil
	}
	return t, err
}

// countLogins tells logins by password from those with a Care Identity.
func (t *Tour) countLogins(list []audit.Entry) {
	for _, login := range list {
		var how signin.How
		if json.Unmarshal(login.After, &how) == nil && how == signin.ByPassword {
			t.Password = true
			continue
		}
		t.Again = t.CareIdentity
		t.CareIdentity = true
	}
}
