package site_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/national/path"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// A name in a script that is written from right to left leaves the words around it in their order.
func TestNamesAreIsolatedFromTheTextAroundThem(t *testing.T) {
	const first, last, service = "שרה", "כהן", "בית מרקחת"
	w := newWorld(t)
	w.account(account.New{
		Username: "sarah", FirstName: first, LastName: last, Email: "sarah@example.nhs.uk", EmailProved: true,
		Grants: account.Everywhere.Of(account.ManageUsers, account.ReviewLinks, account.EditCapacity), Organisation: "FA001",
	}, path.Choose)
	w.issuer.Person.Name = first + " " + last
	w.issuer.Person.GivenName = first
	w.issuer.Person.FamilyName = last
	w.issuer.Person.Email = "sarah@example.nhs.uk"
	var made directory.Service
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		made, err = directory.Add(ctx, u, directory.Service{
			Name: service, Type: 13, ODSCode: "FA001", Postcode: "FM1 1AA", Place: &postcode.Point{Latitude: 52, Longitude: 0},
		}, "")
		return err
	})
	b := w.browser()
	b.withPassword("sarah", goodPass)
	b.post("/services/"+made.ID+"/capacity/now", "status", "RED", "seen", string(made.Capacity.Version()))
	unlinked := w.browser()
	unlinked.careIdentity()
	linking := w.browser()
	linking.withPassword("sarah", goodPass)
	linking.careIdentity()
	for at, page := range map[string]page{
		"tapped": b.get("/services"), "/users": b.get("/users"), "/account": b.get("/account"), "/services": b.get("/services/" + made.ID),
		"/sign-in/no-account": unlinked.get("/sign-in/no-account"), "/link/confirm": linking.get("/link/confirm"),
	} {
		seen := false
		for _, name := range []string{first + " " + last, service} {
			seen = seen || strings.Contains(page.body, "<bdi>"+name+"</bdi>")
			for _, text := range webtest.InSentences(page.body, name) {
				t.Errorf("%s: %q", at, text)
			}
		}
		if !seen {
			t.Errorf("%s shows no name: %d %s", at, page.status, webtest.Text(page.body))
		}
	}
}
