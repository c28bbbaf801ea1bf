package site_test

import (
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

func TestFormsFilledInAsNobodyShould(t *testing.T) {
	w := newWorld(t)
	w.link()
	w.account(account.New{
		Username: "all", FirstName: "Al", Email: "al@example.nhs.uk",
		Permissions: []account.Permission{account.ManageUsers, account.EditCapacity, account.EditService},
	}, path.Choose)
	b := w.browser()
	b.withPassword("all", goodPass)
	webtest.PostForms(t, b.Browser, w.site, "{id}", w.ada.ID)
}
