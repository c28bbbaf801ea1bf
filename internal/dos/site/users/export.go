package users

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// maxExported is how many accounts one file has at most, so that no export holds the others up.
const maxExported = 20_000

var errTooMany = fault.SayCure(fault.Invalid,
	fmt.Sprintf("There are more than %d users in this list, which is too many for one file.", maxExported),
	"Choose a state, a wave, an organisation or a region, or "+
		"ask whoever runs the system for all: signpost export accounts.")

// exportLink leads to the file of the accounts that were found; empty if there are none, or it is not for this user.
func exportLink(r *http.Request, total int) string {
	if total == 0 || !frame.Allowed(r, account.ManageUsers) {
		return ""
	}
	return frame.ExportUsers + "?" + page.WithoutPlace(r).Encode()
}

// export sends the accounts that are found as a CSV file (RFC 4180). That it was taken, and for which search, is an
// event.
func (u *Users) export(w http.ResponseWriter, r *http.Request) error {
	choices, err := u.choices(r)
	if err != nil {
		return err
	}
	search := searchOf(usersForm(r, choices).Read(r), frame.Reach(r, account.ManageUsers))
	all, err := db.Costly(r.Context(), u.passwords.DB, func(read db.R) (all everyFound, err error) {
		if all.list, err = findAll(r.Context(), read, search); err != nil {
			return all, err
		}
		all.steps, err = nextSteps(r.Context(), read, all.list)
		return all, err
	})
	if err != nil {
		return err
	}
	file, err := all.file()
	if err != nil {
		return err
	}
	if err := u.office().NoteExport(r.Context(), web.Actor(r), r.URL.Query(), len(all.list)); err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, "users.csv", file)
}

// findAll finds the accounts for a file, with the names of their regions in place of the ids.
func findAll(ctx context.Context, read db.R, search account.Search) ([]account.Found, error) {
	found, err := account.Find(ctx, read, search, account.Place{}, maxExported)
	if err != nil {
		return nil, err
	}
	if found.Total > maxExported {
		return nil, errTooMany
	}
	names := map[string]string{"": ""}
	for i, f := range found.Accounts {
		if _, known := names[f.Region]; !known {
			if names[f.Region], err = directory.RegionText(ctx, read, f.Region); err != nil {
				return nil, err
			}
		}
		found.Accounts[i].Region = names[f.Region]
	}
	return found.Accounts, nil
}

// everyFound are all accounts that a search finds, with what is next for their holders, by the accounts' ids.
type everyFound struct {
	list  []account.Found
	steps map[string]nextStep
}

// file writes accounts as a file.
func (all everyFound) file() ([]byte, error) {
	var rows [][]string
	for _, f := range all.list {
		status := "active"
		if !f.Active {
			status = "not active"
		}
		next := all.steps[f.ID]
		rows = append(rows, []string{f.Username, f.FirstName, f.LastName, f.Email, f.Phone, string(f.Kind), status,
			f.Organisation, f.Region, dateOf(f.Linked),
			next.Wave, next.HowFar, next.Task, next.Owner, dateOf(next.Since)})
	}
	return sheet.CSV([]string{"username", "first_name", "last_name", "email", "phone", "kind", "status", "organisation",
		"region", "linked", "wave", "how_far", "next_step", "who_acts", "like_this_since"}, rows)
}

// dateOf words a day in a file; empty for none.
func dateOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return when.Date(t)
}
