package app

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/demo"
	"signpost/internal/dos/account"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// maxTold is within what a session of the directory has to be over.
const maxTold = 5 * time.Second

// actsOfEach is to how many people each act is done.
func actsOfEach() int {
	if os.Getenv("TEST_LONG") != "" {
		return 20
	}
	return 3
}

// colleague is somebody with a linked account who can log in, and what their rights rest on.
type colleague struct {
	uuid, assignment, authenticator string
}

// acts are what ends somebody's rights on the care identity side.
var acts = []struct {
	name string
	do   func(ctx context.Context, c *CareIdentity, of colleague) error
}{
	{"identity suspended", func(ctx context.Context, c *CareIdentity, of colleague) error {
		return identity.Move(ctx, c.DB, actor.ForCommand("test"), of.uuid, identity.Suspend, "test")
	}},
	{"identity closed", func(ctx context.Context, c *CareIdentity, of colleague) error {
		return identity.Move(ctx, c.DB, actor.ForCommand("test"), of.uuid, identity.Close, "test")
	}},
	{"role ended", func(ctx context.Context, c *CareIdentity, of colleague) error {
		return c.DB.Update(ctx, actor.ForCommand("test"), func(w *db.W) error {
			return access.End(ctx, w, of.uuid, of.assignment, "test")
		})
	}},
	{"authenticator removed", func(ctx context.Context, c *CareIdentity, of colleague) error {
		return c.DB.Update(ctx, actor.ForCommand("test"), func(w *db.W) error {
			return authenticator.Remove(ctx, w, of.authenticator, "test")
		})
	}},
	{"logged out elsewhere", func(ctx context.Context, c *CareIdentity, of colleague) error {
		return c.provider.Sessions().EndOthers(ctx, actor.Actor{Kind: actor.Person, ID: of.uuid}, of.uuid, "")
	}},
}

// From the act on the care identity side until the directory refuses the next request of the session there are at most
// 5 seconds. Both run as they do outside, and reach each other over HTTP.
func TestHowSoonASessionIsOver(t *testing.T) {
	d := running(t)
	organisation := d.organisationOfALinkedAccount(t)
	for n, act := range acts {
		var waits []time.Duration
		for i := range actsOfEach() {
			of := d.colleague(t, organisation, fmt.Sprintf("colleague%d-%d", n, i))
			w := d.walker(t, demo.Cast{Name: of.uuid}, fmt.Sprintf("10.7.%d.%d", n, i+1))
			w.get(d.system.Config.Addresses.CIS2+bePath+of.uuid+"/dos", "the guide")
			if !w.isIn() {
				t.Fatalf("%s: not logged in", act.name)
			}
			began := time.Now()
			if err := act.do(t.Context(), d.care, of); err != nil {
				t.Fatalf("%s: %v", act.name, err)
			}
			for w.isIn() && time.Since(began) < 2*maxTold {
				time.Sleep(10 * time.Millisecond)
			}
			waits = append(waits, time.Since(began))
		}
		slices.Sort(waits)
		longest := waits[len(waits)-1]
		worldtest.Table("told", fmt.Sprintf("%-24s %3d sessions, over after: median %5.2f s, longest %5.2f s",
			act.name, len(waits), waits[len(waits)/2].Seconds(), longest.Seconds()))
		if longest > maxTold {
			t.Errorf("%s: a session was in for %v", act.name, longest)
		}
	}
}

// isIn reports whether the directory shows the person's account to their browser.
func (w *walker) isIn() bool {
	w.t.Helper()
	at, err := url.Parse(w.demo.system.Config.Addresses.DoS + "/account")
	if err != nil {
		w.t.Fatal(err)
	}
	answer, text := w.ask(at)
	return answer.StatusCode == 200 && strings.Contains(text, "Log out")
}

func (d *Demo) organisationOfALinkedAccount(t *testing.T) (code string) {
	t.Helper()
	code, err := db.Read(t.Context(), d.dos.DB, func(r db.R) (string, error) {
		return db.Value[string](t.Context(), r, `SELECT MIN(a.organisation) FROM account a
			JOIN account_link l ON l.account_id = a.id WHERE a.organisation <> ''`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// colleague makes somebody whose account is linked, with the position and a simulated authenticator.
func (d *Demo) colleague(t *testing.T, organisation, username string) (of colleague) {
	t.Helper()
	ctx := t.Context()
	email := username + "@fenmarch.example"
	err := d.care.DB.Update(ctx, actor.ForCommand("test"), func(w *db.W) error {
		made, err := identity.Add(ctx, w, identity.New{GivenName: "Col", FamilyName: "League", Email: email,
			Verified: true, AssuranceLevel: 3, Organisation: organisation})
		if err != nil {
			return err
		}
		of.uuid = made.UUID
		if of.assignment, err = assigned(ctx, w, of.uuid, organisation); err != nil {
			return err
		}
		of.authenticator, err = authenticator.Bind(ctx, w, authenticator.New{UUID: of.uuid, Kind: authn.SecurityKey,
			Level: authn.AAL3, Name: "Simulated", Simulated: true})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.dos.DB.Update(ctx, actor.ForCommand("test"), func(w *db.W) error {
		a, err := account.Add(ctx, w, account.New{Username: username, FirstName: "Col", LastName: "League", Email: email,
			Organisation: organisation})
		if err != nil {
			return err
		}
		return account.AddLink(ctx, w, account.Link{AccountID: a.ID, Issuer: d.system.Config.Addresses.Issuer(),
			Subject: of.uuid, How: "test", Linked: w.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	d.cast = append(d.cast, demo.Cast{UUID: of.uuid, Introduced: true}) // so that the page of personas offers them
	return of
}

// assigned gives somebody the position that lets them into the directory, and gives the id of that.
func assigned(ctx context.Context, w *db.W, uuid, organisation string) (id string, err error) {
	role, _ := rbac.Full(rbac.AdminClinicalSupport)
	position, err := access.Prepared(ctx, w, access.Position{Organisation: organisation, Name: rbac.DirectoryPosition,
		Profiles: access.One(role.String(), rbac.DirectoryUIAccess)})
	if err != nil {
		return "", err
	}
	err = access.Assign(ctx, w, access.Grant{UUID: uuid, Position: position, Organisation: organisation,
		Starts: w.Now(), Number: identity.Number})
	if err != nil {
		return "", err
	}
	held, err := access.OfIdentity(ctx, w, uuid)
	if err != nil || len(held) == 0 {
		return "", fmt.Errorf("no position was given: %w", err)
	}
	return held[0].ID, nil
}
