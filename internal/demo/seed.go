// Package demo makes the sample world that Signpost is tried on: a county that does not exist, its
// organisations and services, and about sixty people who between them are in every situation that the
// move to Care Identity knows. Nothing outside the program's wiring imports it.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/population"
	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/wave"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/records"
	"signpost/internal/platform/seal"
)

// The kinds of events that this package records.
const (
	eventInvited       audit.Kind = "demo.invited"
	eventDirectoryMade audit.Kind = "demo.directory-made"
)

// Systems are the two sides that the world is put into.
type Systems struct {
	Care   *db.DB
	DoS    *db.DB
	Box    *seal.Box     // of the care identity side
	Post   *mail.Post    // of the care identity side
	CIS2   string        // address of the sign-in service
	Issuer string        // of its tokens
	Age    time.Duration // how long before today the clock stands while the world is made

	Authenticators authenticator.Make // makes the real ones
}

// maker is who made the sample world, in the audit.
var maker = actor.Actor{Kind: actor.CommandLine, ID: "demo", Name: "signpost demo"}

// waves of the sample world, by name.
const (
	waveChoose  = "Wave 1, first adopters"
	waveRequire = "Wave 2, urgent treatment"
	waveClosed  = "Wave 3, pilot that is over"
	wavePrepare = "Wave 4, everybody else"
)

// approvedKinds are the authenticators that the organisations of the world have approved, but for the hospice.
var approvedKinds = []authn.Kind{
	authn.SecurityKey, authn.WindowsHello, authn.Passkey, authn.AuthenticatorApp, authn.SmartcardInternet,
}

// Make puts the whole world into both sides and gives the people to introduce.
func (s Systems) Make(ctx context.Context) ([]Cast, error) {
	organisations, services, places := worldOf()
	region, err := s.makeDirectory(ctx, organisations, services, places)
	if err != nil {
		return nil, fmt.Errorf("make sample directory: %w", err)
	}
	cast, err := s.makePeople(ctx, organisations, region)
	if err != nil {
		return nil, fmt.Errorf("make sample people: %w", err)
	}
	return cast, s.makeSuppliers(ctx, cast)
}

// organisationsOf describes the organisations for the care identity side.
func organisationsOf(all []sampleOrganisation) (list []population.Organisation) {
	for _, o := range all {
		one := population.Organisation{
			Code: o.Code, Name: o.Name, Role: o.Kind, Postcode: o.Postcode, RAParent: o.RegistrationHost,
			Approved: approvedKinds,
		}
		switch o.Code {
		case trustCode:
			one.Contact = "registration.authority@fenmarch.example, " + authorityPhone
		case hospiceCode:
			one.Approved = []authn.Kind{authn.AuthenticatorApp}
		}
		list = append(list, one)
	}
	return list
}

// makeDirectory makes the directory and gives the id of the county's region.
func (s Systems) makeDirectory(ctx context.Context, organisations []sampleOrganisation, services []service,
	places []district) (region string, err error) {
	return db.Write(ctx, s.DoS, maker, func(w *db.W) (string, error) {
		for _, p := range places {
			if err := put(ctx, w, directory.ImportedPlaces(), p.Outcode, postcode.Point{
				Latitude: p.Latitude, Longitude: p.Longitude,
			}); err != nil {
				return "", err
			}
		}
		for _, o := range organisations {
			record := directory.Organisation{Name: o.Name, Status: "A", Address: o.Address, Postcode: o.Postcode}
			if err := put(ctx, w, directory.ImportedOrganisations(), o.Code, record); err != nil {
				return "", err
			}
		}
		region, board, err := addRegions(ctx, w)
		if err != nil {
			return "", err
		}
		for _, v := range services {
			if err := addService(ctx, w, v, board, w.Now().Add(s.Age)); err != nil {
				return "", err
			}
		}
		if err := w.Record(ctx, audit.Event{
			Kind: eventDirectoryMade, After: map[string]int{"services": len(services)},
		}); err != nil {
			return "", err
		}
		_, err = directory.Changed(ctx, w)
		return region, err
	})
}

// commissioner is the type of services that are commissioning organisations.
const commissioner = 22

// addRegions makes the region of the county, with its commissioner below it, and a neighbouring region.
func addRegions(ctx context.Context, w *db.W) (region, board string, err error) {
	if _, err := directory.Add(ctx, w,
		directory.Service{UID: "900002", Name: "Westmoor", Type: directory.RegionType}, ""); err != nil {
		return "", "", err
	}
	top, err := directory.Add(ctx, w,
		directory.Service{UID: "900001", Name: "Fenmarch", Type: directory.RegionType}, "")
	if err != nil {
		return "", "", err
	}
	below, err := directory.Add(ctx, w, directory.Service{
		UID: "900011", Name: "Fenmarch Commissioning", Type: commissioner, Parent: top.ID, ODSCode: boardCode,
	}, "")
	return top.ID, below.ID, err
}

func put(ctx context.Context, w *db.W, t records.Table, key string, record any) error {
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return t.Put(ctx, w, key, "", string(text))
}

func addService(ctx context.Context, w *db.W, v service, parent string, today time.Time) error {
	var week directory.Week
	for i, text := range v.Hours {
		day, err := directory.ParseDay(text)
		if err != nil {
			return fmt.Errorf("hours of %s: %w", v.Name, err)
		}
		week[i] = day
	}
	_, err := directory.Add(ctx, w, directory.Service{
		UID: v.UID, Name: v.Name, Type: v.Type, ODSCode: v.ODSCode, Address: v.Address + ", " + v.Town,
		Postcode: v.Postcode, Place: &postcode.Point{Latitude: v.Latitude, Longitude: v.Longitude},
		PublicPhone: v.PublicPhone, ProfessionalPhone: v.NonPublicPhone, AllHours: v.AllHours, Hours: week,
		Capacity: reportOf(v, today), Parent: parent,
	}, "")
	return err
}

// reportOf gives the capacity that somebody at the service has reported by today.
func reportOf(v service, today time.Time) directory.CapacityNow {
	if v.Reported == 0 {
		return directory.CapacityNow{}
	}
	return directory.CapacityNow{Status: directory.Capacity(v.Capacity), At: today.Add(-v.Reported), By: "Reception"}
}

// makeWaves makes the waves and gives their ids by name.
func makeWaves(ctx context.Context, w *db.W) (map[string]string, error) {
	now := w.Now()
	in := func(days int) time.Time { return now.AddDate(0, 0, days) }
	ids := map[string]string{}
	for _, v := range []wave.Wave{
		{Name: waveChoose, Phase: path.Choose, Dates: wave.Dates{Choose: in(0), Require: in(90), Close: in(150)}},
		{Name: waveRequire, Phase: path.Require, Dates: wave.Dates{Choose: in(-60), Require: in(-1), Close: in(60)}},
		{Name: waveClosed, Phase: path.Closed, Dates: wave.Dates{Choose: in(-150), Require: in(-60), Close: in(-2)}},
		{Name: wavePrepare, Phase: path.Prepare, Dates: wave.Dates{Choose: in(40), Require: in(130), Close: in(190)}},
	} {
		id, err := wave.Add(ctx, w, v)
		if err != nil {
			return nil, err
		}
		ids[v.Name] = id
	}
	return ids, nil
}

// addAccount makes somebody's account of the directory, in their wave.
func addAccount(ctx context.Context, w *db.W, p person, waves map[string]string, region string) (
	account.Account, error) {
	a, err := account.Add(ctx, w, account.New{
		Username: p.username, FirstName: p.first, LastName: p.last, Email: p.dosEmail, Kind: p.kind(),
		PasswordHash: sampleHash, Organisation: p.organisation, Grants: p.grants, EmailProved: p.proved,
		Region: region, Details: account.Details{Phone: p.phone},
	})
	if err != nil {
		return a, err
	}
	return a, wave.Join(ctx, w, a.ID, waves[p.wave])
}
