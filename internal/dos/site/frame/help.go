package frame

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/holders"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/page"
)

// maxHelpers is how many are named on a page: more do not help.
const maxHelpers = 5

// HelpersOf gives some accounts as people who can help, the first few of them.
func HelpersOf(accounts []account.Account) (list []page.Helper) {
	for _, one := range accounts[:min(len(accounts), maxHelpers)] {
		list = append(list, page.Helper{Name: one.Name(), Contact: ContactOf(one)})
	}
	return list
}

// AdministratorsOf says who looks after an account, to whoever has shown that it is theirs. Of none it says that they
// are not known here: who looks after an account is nothing for those who only name it.
func AdministratorsOf(ctx context.Context, r db.R, a account.Account) (shown page.Help, err error) {
	shown = page.Help{Heading: "Your DoS user administrators", Nobody: notKnownHere}
	if a.ID == "" {
		return shown, nil
	}
	administrators, err := account.AdministratorsOf(ctx, r, a)
	shown.Helpers = HelpersOf(administrators)
	return shown, err
}

const notKnownHere = "We do not know here which DoS user administrator is yours, nor their email address or " +
	"telephone number. The service desk can tell you."

// help says who can give a user one of the permissions that they lack, or who looks after their account.
func help(ctx context.Context, r db.R, user signin.Current, lacks []string) (page.Help, error) {
	permissions := make([]account.Permission, len(lacks))
	for i, name := range lacks {
		permissions[i] = account.Permission(name)
	}
	if len(lacks) == 0 {
		return AdministratorsOf(ctx, r, user.Account)
	}
	shown := page.Help{
		Heading: "Who can give you the permission",
		Nobody: "Nobody who looks after your account can give you this permission. Ask the service desk: " +
			"those who run the Directory of Services can.",
	}
	givers, err := holders.Givers(ctx, r, user.Account, permissions...)
	shown.Helpers = HelpersOf(givers)
	return shown, err
}
