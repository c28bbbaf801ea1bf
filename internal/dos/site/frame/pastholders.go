package frame

import (
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/linking"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// PastHolders says who had an address before, a sentence each. It names the accounts within the reach of a permission.
func PastHolders(
	r *http.Request, read db.R, past []mailbox.PastHolder, p account.Permission,
) (list []string, err error) {
	var ids []string
	for _, one := range past {
		ids = append(ids, one.AccountID)
	}
	accounts, err := account.ByIDs(r.Context(), read, ids)
	if err != nil {
		return nil, err
	}
	for _, one := range past {
		other := accounts[one.AccountID]
		whose := "an account outside the area that you look after"
		if Reach(r, p).Covers(other) {
			whose = "the account " + other.Username + " (" + page.Apart(other.Name()) + ")"
		}
		list = append(list, pastText(one, whose))
	}
	return list, nil
}

func pastText(one mailbox.PastHolder, whose string) string {
	if one.Subject != "" {
		return "On " + when.Date(one.Since) + " the address came with the Care Identity with number ending " +
			linking.LastDigits(one.Subject) + ", when " + whose + " was linked to it."
	}
	text := "The address belonged to " + whose + " from " + when.Date(one.Since)
	if !one.Until.IsZero() {
		text += " until " + when.Date(one.Until)
	}
	return text + "."
}
