package audit_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

func TestHowMuchIsKeptOfAnAddress(t *testing.T) {
	for _, tt := range []struct {
		policy        audit.Addresses
		address, want string
	}{
		{"", "198.51.100.77", "198.51.100.0/24"},
		{audit.Truncated, "198.51.100.77", "198.51.100.0/24"},
		{audit.Truncated, "::ffff:198.51.100.77", "198.51.100.0/24"},
		{audit.Truncated, "2001:db8:1:2:3::4", "2001:db8:1::/48"},
		{audit.Truncated, "fe80::1%eth0", "fe80::/48"},
		{audit.Whole, "198.51.100.77", "198.51.100.77"},
		{audit.Whole, "2001:db8:1:2:3::4", "2001:db8:1:2:3::4"},
		{audit.NoAddresses, "198.51.100.77", ""},
		{audit.Truncated, "", ""},
		{audit.Whole, "@", ""},
	} {
		if got := tt.policy.Of(tt.address); got != tt.want {
			t.Errorf("%q of %s: %q, want %q", tt.policy, tt.address, got, tt.want)
		}
	}
}

// Refusals and guesses say where they came from, as far as policy lets them; what was done does not.
func TestRefusalsSayWhereTheyCameFrom(t *testing.T) {
	by := actor.Actor{Kind: actor.Stranger, Request: "r7", Address: "198.51.100.77"}
	for policy, want := range map[audit.Addresses]string{
		audit.Truncated: "198.51.100.0/24", audit.Whole: "198.51.100.77", audit.NoAddresses: "",
	} {
		source := dbtest.Source(t, fstest.MapFS{})
		d, err := db.Open(t.Context(), db.Options{
			Source: source, Migrations: fstest.MapFS{}, Clock: clocktest.At(noon), Throwaway: true, Addresses: policy,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close() }()
		for _, step := range []func(w *db.W) error{
			func(w *db.W) error {
				return w.Refuse(t.Context(), audit.Event{Kind: "service.refused", Subject: service}, fault.Forbidden)
			},
			func(w *db.W) error {
				return w.RecordRefusal(t.Context(), audit.Event{Kind: "service.stopped", Subject: service})
			},
			func(w *db.W) error { return w.Record(t.Context(), change) },
		} {
			if err := d.Update(t.Context(), by, step); err != nil && !errors.Is(err, fault.Forbidden) {
				t.Fatal(err)
			}
		}
		for _, e := range read(t, d, service, 10) {
			said := want
			if !e.Refused {
				said = ""
			}
			if e.Address != said || !e.Intact {
				t.Errorf("%s, %s: from %q, intact %v; want %q", policy, e.Kind, e.Address, e.Intact, said)
			}
		}
	}
}
