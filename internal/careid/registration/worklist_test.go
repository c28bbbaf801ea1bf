package registration_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// binds gives somebody an authenticator, used or not; a smartcard, if it ends after some days.
func (w *trust) binds(uuid string, used bool, cardDays int) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		kind := authn.SecurityKey
		if cardDays != 0 {
			kind = authn.SmartcardInternet
		}
		id, err := authenticator.Bind(ctx, u, authenticator.New{UUID: uuid, Kind: kind, Level: authn.AAL2})
		if err != nil {
			return err
		}
		if used {
			a, err := authenticator.ByID(ctx, u, id)
			if err != nil {
				return err
			}
			if _, err := authenticator.Accept(ctx, u, a); err != nil {
				return err
			}
		}
		if cardDays == 0 {
			return nil
		}
		ends := u.Now().Add(time.Duration(cardDays) * 24 * time.Hour)
		_, err = u.Exec(ctx, `INSERT INTO smartcard_certificate (fingerprint, authenticator_id, uuid, issuer, serial,
			not_after) VALUES ($1, $2, $3, '', '', $4)`, id, id, uuid, ends)
		return err
	})
}

// The list has who could soon be unable to log in, the most urgent first, and nobody else.
func TestWorklist(t *testing.T) {
	w := openTrust(t)
	somebody := func(name string) string {
		return w.Person(population.Person{GivenName: name, FamilyName: "Z", Organisation: "Z90001"}).ID
	}
	used := func(uuid string) { w.binds(uuid, true, 0) }
	for _, name := range []string{"Two", "Fresh", "Soon", "Late", "Ended", "Far"} {
		uuid := somebody(name)
		used(uuid)
		switch name {
		case "Two":
			used(uuid)
		case "Fresh":
			w.binds(uuid, false, 0)
		case "Soon":
			used(uuid)
			w.binds(uuid, true, 7)
		case "Late":
			used(uuid)
			w.binds(uuid, true, 60)
		case "Ended":
			w.binds(uuid, true, -1)
		case "Far":
			w.binds(uuid, true, 91)
		}
	}
	used(w.cy)
	list := func(at string, only registration.Care) (texts []string) {
		found := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]registration.InNeed, error) {
			return registration.Worklist(ctx, r, at, only)
		})
		for _, n := range found {
			texts = append(texts, fmt.Sprint(n.Person.GivenName, n.Reasons, n.Within))
		}
		return texts
	}
	want := []string{"Ended[expiring one] 0", "Soon[expiring] 7", "Late[expiring] 60", "Cy[one] 0", "Fresh[unused] 0"}
	if got := list("Z90001", ""); !slices.Equal(got, want) {
		t.Errorf("all: %q, want %q", got, want)
	}
	for only, want := range map[registration.Care][]string{
		registration.HasOne: {"Ended[expiring one] 0", "Cy[one] 0"}, registration.NeverUsed: {"Fresh[unused] 0"},
		registration.HasNone: nil,
	} {
		if got := list("Z90001", only); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", only, got, want)
		}
	}
	if got := list("Z90002", registration.HasNone); !slices.Equal(got, []string{"Dot[none] 0"}) {
		t.Errorf("elsewhere: %q", got)
	}
}
