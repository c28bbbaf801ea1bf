package config

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/audit/retain"
)

// Retention says how long is kept what nobody works with any more. The envelopes of events are kept for good.
type Retention struct {
	MailDays       int `koanf:"mail_days"`       // to whom mail went, after it was delivered or given up
	InvitationDays int `koanf:"invitation_days"` // invitations that were not answered, after they have ended
	VisitDays      int `koanf:"visit_days"`      // that a person knows a service, after their last login to it

	RefusalAddresses   audit.Addresses `koanf:"refusal_addresses"`    // how much is kept of where refusals came from
	RefusalAddressDays int             `koanf:"refusal_address_days"` // and for how long

	Details []Details `koanf:"details"` // how long details of events are kept, by their kind; for good unless named
}

// Details says how long the details of one kind of event are kept.
type Details struct {
	Kind audit.Kind `koanf:"kind"`
	Days int        `koanf:"days"`
}

const (
	usualRetentionDays = 90
	usualVisitDays     = 365
)

func usualRetention() Retention {
	return Retention{
		MailDays: usualRetentionDays, InvitationDays: usualRetentionDays, VisitDays: usualVisitDays,
		RefusalAddresses: audit.Truncated, RefusalAddressDays: usualRetentionDays,
	}
}

// Mail is how long mail is kept that was delivered or given up.
func (r Retention) Mail() time.Duration { return time.Duration(r.MailDays) * aDay }

// Invitations is how long invitations are kept that have ended.
func (r Retention) Invitations() time.Duration { return time.Duration(r.InvitationDays) * aDay }

// Visits is how long a person knows a service after their last login to it.
func (r Retention) Visits() time.Duration { return time.Duration(r.VisitDays) * aDay }

// Addresses is how long it is kept where refusals came from.
func (r Retention) Addresses() time.Duration { return time.Duration(r.RefusalAddressDays) * aDay }

// OfDetails is how long the details of events are kept.
func (r Retention) OfDetails() (list []retain.Details) {
	for _, d := range r.Details {
		list = append(list, retain.Details{Kind: d.Kind, Keep: time.Duration(d.Days) * aDay})
	}
	return list
}

// check refuses times so short that the service desk could not answer a question about what was sent.
func (r Retention) check() error {
	if min(r.MailDays, r.InvitationDays, r.VisitDays, r.RefusalAddressDays) < 1 {
		return errors.New(
			"retention: mail_days, invitation_days, visit_days and refusal_address_days must be 1 or more")
	}
	if !slices.Contains(audit.AddressPolicies, r.RefusalAddresses) {
		return fmt.Errorf("retention.refusal_addresses: %q must be one of %q",
			r.RefusalAddresses, audit.AddressPolicies)
	}
	for _, d := range r.Details {
		if len(d.Kind) == 0 || d.Days < 1 {
			return errors.New("retention.details: each needs the kind of an event, and days of 1 or more")
		}
		if err := known(d.Kind); err != nil {
			return err
		}
	}
	return nil
}
