package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"signpost/internal/platform/audit"
)

// Without a word of the operator mail and invitations are kept for 90 days; nothing is forgotten on the day it ends.
func TestRetention(t *testing.T) {
	usual := Usual("data").Retention
	if usual.Visits() != 365*24*time.Hour {
		t.Errorf("usually visits are kept for %s", usual.Visits())
	}
	if usual.Mail() != 90*24*time.Hour || usual.Invitations() != 90*24*time.Hour {
		t.Errorf("usually %s and %s", usual.Mail(), usual.Invitations())
	}
	for name, tt := range map[string]struct {
		change func(r *Retention)
		ok     bool
	}{
		"as usual":           {func(*Retention) {}, true},
		"a day":              {func(r *Retention) { r.MailDays = 1 }, true},
		"no mail":            {func(r *Retention) { r.MailDays = 0 }, false},
		"no invitations":     {func(r *Retention) { r.InvitationDays = 0 }, false},
		"addresses for ever": {func(r *Retention) { r.RefusalAddressDays = 0 }, false},
		"whole addresses":    {func(r *Retention) { r.RefusalAddresses = audit.Whole }, true},
		"no visits":          {func(r *Retention) { r.VisitDays = 0 }, false},
		"details a year":     {func(r *Retention) { r.Details = []Details{{"signin.refused", 365}} }, true},
		"details of nothing": {func(r *Retention) { r.Details = []Details{{"", 365}} }, false},
		"details no day":     {func(r *Retention) { r.Details = []Details{{"signin.refused", 0}} }, false},
		"half of an address": {func(r *Retention) { r.RefusalAddresses = "half" }, false},
	} {
		r := usual
		tt.change(&r)
		if err := r.check(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRetentionOfDetailsIsRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "signpost.toml")
	text := "[[retention.details]]\nkind = \"signin.refused\"\ndays = 365\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Read(file, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if list := c.Retention.OfDetails(); len(list) != 1 || list[0].Kind != "signin.refused" || list[0].Keep != 365*aDay {
		t.Errorf("read %+v", list)
	}
}
