package identity

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Bodies are the bodies that register professionals. They have the names of the claims for their numbers
// (reference, CIS2 Authentication §6, scope professionalmemberships).
var Bodies = []string{"gmc", "nmc", "gphc", "gdc", "gdp", "gmp", "rcn", "consultant"}

// Register stores the number under which a body has registered somebody, as a part of an Update. An empty number
// removes the registration.
func Register(ctx context.Context, w *db.W, uuid, body, number string) error {
	if !slices.Contains(Bodies, body) {
		return fault.OfField("body", fmt.Sprintf("Choose a professional body: %q is not one", body))
	}
	_, err := w.Exec(ctx, `DELETE FROM identity_registration WHERE uuid = $1 AND body = $2`, uuid, body)
	if err == nil && number != "" {
		_, err = w.Exec(ctx, `INSERT INTO identity_registration (uuid, body, number) VALUES ($1, $2, $3)`,
			uuid, body, number)
	}
	if err != nil {
		return fmt.Errorf("register with %s: %w", body, err)
	}
	return w.Record(ctx, audit.Event{
		Kind: eventRegistration, Subject: Ref(uuid), After: map[string]string{"body": body, "number": number},
	})
}

// Registrations returns somebody's numbers by body.
func Registrations(ctx context.Context, r db.R, uuid string) (map[string]string, error) {
	type registration struct{ body, number string }
	list, err := db.All(ctx, r, func(scan db.Scanner) (n registration, err error) {
		err = scan(&n.body, &n.number)
		return n, err
	}, `SELECT body, number FROM identity_registration WHERE uuid = $1`, uuid)
	if err != nil {
		return nil, fmt.Errorf("list registrations: %w", err)
	}
	numbers := map[string]string{}
	for _, n := range list {
		numbers[n.body] = n.number
	}
	return numbers, nil
}
