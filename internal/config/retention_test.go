package config

import (
	"testing"
	"time"
)

// Without a word of the operator mail and invitations are kept for 90 days; nothing is forgotten on the day it ends.
func TestRetention(t *testing.T) {
	usual := Usual("data").Retention
	if usual.Mail() != 90*24*time.Hour || usual.Invitations() != 90*24*time.Hour {
		t.Errorf("usually %s and %s", usual.Mail(), usual.Invitations())
	}
	for _, tt := range []struct {
		r  Retention
		ok bool
	}{{usual, true}, {Retention{MailDays: 1, InvitationDays: 1}, true}, {Retention{MailDays: 1}, false}, {Retention{InvitationDays: 9}, false}} {
		if err := tt.r.check(); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt.r, err)
		}
	}
}
