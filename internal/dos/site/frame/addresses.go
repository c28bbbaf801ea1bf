package frame

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/drift"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// Addresses are those of somebody's account and Care Identity where they differ, as they are told.
type Addresses struct {
	Rows  []nhsuk.SummaryListRow // the addresses
	Words string                 // what to do; empty where the addresses are one
	There []page.Link            // where Care Identities are kept, if it can be done there
}

// AddressesOf reads how the addresses of an account's holder differ. Whoever has left, or whose address is somebody
// else's, is told nothing here: the page may be open to somebody who is not the holder.
func (f *Frame) AddressesOf(ctx context.Context, r db.R, a account.Account) (v Addresses, err error) {
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
	v.Words = changeWords(c)
	if c.Change != drift.InDirectory {
		v.There = f.Links(path.PlaceProfileEmail)
	}
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
