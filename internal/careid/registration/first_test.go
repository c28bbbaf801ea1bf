package registration_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

func joseph() registration.First {
	return registration.First{
		GivenName: "Joseph", FamilyName: "Adeyemi", Email: "joseph@example.nhs.uk",
		Organisation: organisation.Organisation{Code: "Z90001", Name: "EXAMPLE TRUST"},
		Kinds:        []authn.Kind{authn.SecurityKey, authn.AuthenticatorApp},
	}
}

func open(t *testing.T) *careidtest.World {
	t.Helper()
	return careidtest.Open(t, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
}

// roles lists the jobs of somebody's positions that are in force.
func roles(w *careidtest.World, uuid string) (jobs []string) {
	w.Helper()
	held := worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) ([]access.Assignment, error) {
		return access.OfIdentity(w.Context(), r, uuid)
	}))(w)
	for _, profile := range access.Effective(held, w.Clock.Now()) {
		role, err := rbac.ParseRole(profile.RoleCode)
		w.Must(err)
		jobs = append(jobs, role.Job)
	}
	return jobs
}

func TestFirstManager(t *testing.T) {
	w := open(t)
	made := worldtest.Must(registration.FirstManager(t.Context(), w.DB, worldtest.By, joseph()))(t)
	i := made.Identity
	if i.DisplayName() != "Joseph Adeyemi" ||
		i.Status != identity.Active || i.AssuranceLevel != 3 || made.Organisation != "Z90001" {
		t.Errorf("made %+v, %+v", made, i)
	}
	if got := roles(w, made.Identity.UUID); len(got) != 1 || got[0] != rbac.RegistrationManager {
		t.Errorf("positions %v", got)
	}
	token := made.BindPath[len(authenticator.BindPath):]
	invited := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (authenticator.Invitation, error) {
		return authenticator.ByToken(t.Context(), r, token)
	}))(t)
	if invited.UUID != made.Identity.UUID || len(invited.Kinds) != 2 {
		t.Errorf("the link is for %+v", invited)
	}

	mended := joseph()
	mended.FamilyName = "Adeyemi-Hill"
	mended.Email = "joseph.hill@example.nhs.uk"
	mended.Organisation.Code = " z90001"
	mended.Directory = true
	again := worldtest.Must(registration.FirstManager(t.Context(), w.DB, worldtest.By, mended))(t)
	if again.Identity.UUID != made.Identity.UUID || again.BindPath == made.BindPath ||
		again.Identity.FamilyName != "Adeyemi-Hill" || again.Identity.Email != "joseph.hill@example.nhs.uk" {
		t.Errorf("asked again: %+v after %+v", again, made)
	}
	if got := roles(w, made.Identity.UUID); len(got) != 2 {
		t.Errorf("positions %v, want the one that opens the directory too, and none twice", got)
	}
	_, err := db.Read(t.Context(), w.DB, func(r db.R) (authenticator.Invitation, error) {
		return authenticator.ByToken(t.Context(), r, token)
	})
	if err == nil {
		t.Error("the former link still works")
	}
}

func TestFirstManagerWhoOpensTheDirectory(t *testing.T) {
	w := open(t)
	n := joseph()
	n.Directory = true
	made := worldtest.Must(registration.FirstManager(t.Context(), w.DB, worldtest.By, n))(t)
	if got := roles(w, made.Identity.UUID); len(got) != 2 {
		t.Errorf("positions %v", got)
	}
}

// An organisation gets its first manager this way, and no second: those who can come in give positions themselves.
func TestFirstManagerIsTheFirst(t *testing.T) {
	w := open(t)
	w.Start(careidtest.Idle)
	made := worldtest.Must(registration.FirstManager(t.Context(), w.DB, worldtest.By, joseph()))(t)
	var y worldtest.Tally
	for name, change := range map[string]func(*registration.First){
		"without an address":       func(n *registration.First) { n.Email = "" },
		"without a name":           func(n *registration.First) { n.Organisation.Code = "Z90002"; n.FamilyName = "" },
		"no organisation's code":   func(n *registration.First) { n.Organisation.Code = "Z9 !" },
		"an unknown organisation":  func(n *registration.First) { n.Organisation = organisation.Organisation{Code: "Z90003"} },
		"without an authenticator": func(n *registration.First) { n.Organisation.Code = "Z90002"; n.Kinds = nil },
	} {
		n := joseph()
		change(&n)
		_, err := registration.FirstManager(t.Context(), w.DB, worldtest.By, n)
		y.Refused(t, name, err == nil)
		if err != nil && name != "without an authenticator" {
			if _, said := fault.From(err); !said {
				t.Errorf("%s: no words for people: %v", name, err)
			}
		}
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := authenticator.Bind(ctx, u, authenticator.New{UUID: made.Identity.UUID, Kind: authn.SecurityKey, Level: 3})
		return err
	})
	named := joseph()
	named.GivenName = "Not Joseph"
	back, err := registration.FirstManager(t.Context(), w.DB, worldtest.By, named)
	if err != nil || back.Identity.UUID != made.Identity.UUID || back.Identity.GivenName != "Joseph" ||
		back.BindPath == "" {
		t.Errorf("the only manager who lost theirs: %+v, %v", back, err)
	}
	beside := joseph()
	beside.Email = "chloe@example.nhs.uk"
	_, err = registration.FirstManager(t.Context(), w.DB, worldtest.By, beside)
	y.Refused(t, "somebody beside them", err == nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		return identity.MovePart(ctx, u, made.Identity.UUID, identity.Suspend, "left")
	})
	_, err = registration.FirstManager(t.Context(), w.DB, worldtest.By, joseph())
	y.Refused(t, "one who is suspended", err == nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		return identity.MovePart(ctx, u, made.Identity.UUID, identity.Resume, "came back")
	})
	w.Person(population.Person{GivenName: "Second", FamilyName: "Manager", Organisation: "Z90001",
		Positions: []population.Position{{Organisation: "Z90001", Role: rbac.RegistrationManager}}})
	_, err = registration.FirstManager(t.Context(), w.DB, worldtest.By, joseph())
	y.Refused(t, "one of two, whom the other lets back in", err == nil)

	other := joseph()
	other.Email = "chloe@example.nhs.uk"
	other.Organisation = organisation.Organisation{Code: "Z90002", Name: "ANOTHER TRUST"}
	if _, err := registration.FirstManager(t.Context(), w.DB, worldtest.By, other); err != nil {
		t.Errorf("another organisation's: %v", err)
	}
}
