package config

import (
	"testing"
	"time"

	"signpost/internal/platform/audit"
)

// Without a word of the operator mail and invitations are kept for 90 days; nothing is forgotten on the day it ends.
func TestRetention(t *testing.T) {
	usual := Usual("data").Retention
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
		"half of an address": {func(r *Retention) { r.RefusalAddresses = "half" }, false},
	} {
		r := usual
		tt.change(&r)
		if err := r.check(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
