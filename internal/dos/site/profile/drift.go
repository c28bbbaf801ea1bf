package profile

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/drift"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// driftView is how the addresses of somebody's account and Care Identity differ, as they are told.
type driftView struct {
	Rows  []nhsuk.SummaryListRow // the addresses
	Words string                 // what to do; empty where the addresses are one
	There bool                   // it can be done where Care Identities are kept
}

// driftOf reads how the addresses of an account's holder differ. Whoever has left, or whose address is somebody else's,
// is told nothing here: the page may be open to somebody who is not the holder.
func driftOf(ctx context.Context, r db.R, a account.Account) (v driftView, err error) {
	if a.Kind != account.Individual {
		return v, nil
	}
	c, err := drift.Of(ctx, r, a.ID)
	if errors.Is(err, fault.NotFound) {
		return v, nil
	}
	if err != nil || c.Change == drift.ByOthers || c.Ours != a.EmailKey {
		return v, err
	}
	v = driftView{Words: changeWords(c), There: c.Change != drift.InDirectory}
	for _, row := range []struct{ key, address string }{
		{"This account", a.Email}, {"Your Care Identity", c.Theirs}, {"Your staff record", c.Staff},
	} {
		if row.address != "" {
			v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: row.key, ValueHTML: page.Contact(row.address)})
		}
	}
	return v, nil
}

// changeWords say which address to change where.
func changeWords(c drift.Case) string {
	words := "Look which one is right and yours alone. Change the other: here, or in Care Identity Management."
	switch {
	case c.Change == drift.InDirectory:
		words = "The one on your Care Identity looks newer. If it is yours, enter it here under Email Id and save it."
	case c.Cause == drift.Missing:
		words = "Your Care Identity has no email address. Enter yours in Care Identity Management, under View your " +
			"profile."
	case c.Change == drift.InCareIdentity:
		words = "The one of this account looks newer. Change the other in Care Identity Management, under View your " +
			"profile."
	}
	if c.Linked {
		return words + " You can log in all the same."
	}
	return words + " Until they are the same, we send a code when you link your Care Identity."
}
