package extract

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/mail"
)

const (
	// toldAgain is after how long people are told once more that several Care Identities have one address.
	toldAgain = 28 * 24 * time.Hour
	// maxTold is how many addresses are told of in one call; the others are in a later one.
	maxTold = 20
)

const noteTold = `INSERT INTO same_address_told (email_canonical, told_at) VALUES ($1, $2)
	ON CONFLICT (email_canonical) DO UPDATE SET told_at = $2 WHERE same_address_told.told_at <= $3`

// tellSeveral tells the holders of several Care Identities with one address that a directory has, and their
// registration authorities (attack L12), as a part of the Update that notes the answer. Whoever asks links none of them
// by itself.
func (e *Extract) tellSeveral(ctx context.Context, w *db.W, request wire.Request, response wire.Response) error {
	var addresses []string
	for i, a := range response.Answers {
		address := request.Questions[i].Email
		if a.Found == wire.Several && !slices.Contains(addresses, address) && len(addresses) < maxTold {
			addresses = append(addresses, address)
		}
	}
	for _, address := range addresses {
		n, err := w.Exec(ctx, noteTold, address, w.Now(), w.Now().Add(-toldAgain))
		if err != nil {
			return fmt.Errorf("note whom to tell of an address: %w", err)
		}
		if n == 0 {
			continue
		}
		if err := e.tellOf(ctx, w, address); err != nil {
			return err
		}
	}
	return nil
}

func (e *Extract) tellOf(ctx context.Context, w *db.W, address string) error {
	people, err := identity.ByEmail(ctx, w, address)
	if err != nil || len(people) < 2 {
		return err
	}
	var organisations []string
	for _, one := range people {
		organisations = append(organisations, one.Organisation)
	}
	authorities, err := hosting.RegistrationAuthorities(ctx, w, organisations)
	if err != nil {
		return err
	}
	if err := e.Post.Send(ctx, w, holdersMail(people)); err != nil {
		return err
	}
	if err := e.Post.Tell(ctx, w, authorityMail(people), contacts(authorities)); err != nil {
		return err
	}
	for _, one := range people {
		told := audit.Event{Kind: eventSeveralTold, Subject: identity.Ref(one.UUID), After: len(people)}
		if err := w.Record(ctx, told); err != nil {
			return err
		}
	}
	return nil
}

// contacts lists the addresses of registration authorities, each once. One that is reached by telephone alone has none.
func contacts(authorities map[string]organisation.Organisation) (list []string) {
	for _, one := range authorities {
		address, err := email.Parse(one.Contact)
		if err == nil && !slices.Contains(list, address.String()) {
			list = append(list, address.String())
		}
	}
	slices.Sort(list)
	return list
}

// holdersMail is to the address that all of them have.
func holdersMail(people []identity.Identity) mail.Message {
	return mail.Message{
		Kind:    "identity.same-address",
		To:      people[0].Email,
		Subject: "Several Care Identities have your email address",
		Text: fmt.Sprintf("%d Care Identities have this email address. None of them can be linked to a Directory of "+
			"Services account by itself as long as that is so.\n\nIf one of them is yours, ask your registration "+
			"authority to look at it, and tell them whether the others are yours too. Each person needs an email "+
			"address of their own.\n", len(people)),
	}
}

func authorityMail(people []identity.Identity) mail.Message {
	var list strings.Builder
	for _, one := range people {
		fmt.Fprintf(&list, "- %s, number %s, registered at %s\n", one.DisplayName(), one.UUID, one.Organisation)
	}
	return mail.Message{
		Kind:    "identity.same-address-authority",
		Subject: "Several Care Identities have one email address",
		Text: "These Care Identities have the email address " + people[0].Email + ":\n\n" + list.String() +
			"\nA Directory of Services asked about it. It links none of them by itself.\n\nFind out in Care Identity " +
			"Management whether they are one person. If so, close those that are not needed. If not, have each enter " +
			"an email address of their own.\n",
	}
}
