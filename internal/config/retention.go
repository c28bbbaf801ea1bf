package config

import (
	"errors"
	"time"
)

// Retention says how long is kept what nobody works with any more. The events of the audit are kept for good.
type Retention struct {
	MailDays       int `koanf:"mail_days"`       // to whom mail went, after it was delivered
	InvitationDays int `koanf:"invitation_days"` // invitations to add an authenticator, after they have ended
}

const usualRetentionDays = 90

func usualRetention() Retention {
	return Retention{MailDays: usualRetentionDays, InvitationDays: usualRetentionDays}
}

// Mail is how long delivered mail is kept.
func (r Retention) Mail() time.Duration { return time.Duration(r.MailDays) * aDay }

// Invitations is how long invitations are kept that have ended.
func (r Retention) Invitations() time.Duration { return time.Duration(r.InvitationDays) * aDay }

// check refuses times so short that the service desk could not answer a question about what was sent.
func (r Retention) check() error {
	if r.MailDays < 1 || r.InvitationDays < 1 {
		return errors.New("retention: mail_days and invitation_days must be 1 or more")
	}
	return nil
}
