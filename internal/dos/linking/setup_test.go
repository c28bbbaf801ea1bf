package linking_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

func ada() account.New {
	return account.New{FirstName: "Ada", LastName: "Example", Email: "ada@example.nhs.uk", Organisation: "Z90001"}
}

// first makes the first administrator, and gives the two parts of their link.
func (w *world) first() (id, secret string) {
	w.Helper()
	link := worldtest.Must(w.linker.FirstAdministrator(w.Context(), worldtest.By, ada()))(w)
	id, secret, _ = strings.Cut(strings.TrimPrefix(link, linking.SetUpPath), "/")
	return id, secret
}

// setUp follows a set-up link, proves who they are at CIS2 and comes back.
func (w *world) setUp(id, secret string) (cookie string, err error) {
	stranger := actor.Actor{Kind: actor.Stranger}
	claim, err := w.linker.ClaimBySetUp(w.Context(), stranger, id, secret)
	if err != nil {
		return "", err
	}
	return w.linker.Begin(w.Context(), stranger, cameBack(claim.Ask()), person("first", "elsewhere@example.nhs.uk"))
}

func TestFirstAdministrator(t *testing.T) {
	w := newWorld(t)
	id, secret := w.first()
	if a, err := w.linker.SetUp(t.Context(), id, secret); err != nil || a.Name() != "Ada Example" ||
		a.PasswordHash != "" {
		t.Fatalf("%+v, %v", a, err)
	}
	cookie, err := w.setUp(id, secret)
	w.Must(err)
	if w.confirm(cookie, "") == nil || w.linked(id) {
		t.Error("linked without the code that was mailed")
	}
	w.Must(w.confirm(cookie, w.code("ada@example.nhs.uk")))
	if !w.linked(id) {
		t.Fatal("not linked")
	}
	if n := w.Count(`SELECT COUNT(*) FROM account_permission WHERE account_id = $1`, id); n != int64(len(account.All())) {
		t.Errorf("%d permissions", n)
	}
	var y worldtest.Tally
	_, err = w.setUp(id, secret)
	y.Refused(t, "the link a second time", err == nil)
	_, err = w.linker.FirstAdministrator(t.Context(), worldtest.By, ada())
	y.Refused(t, "a first administrator beside one who is linked", err == nil)
}

func TestSetUpLinksThatDoNotWork(t *testing.T) {
	w := newWorld(t)
	id, secret := w.first()
	newer, newSecret := w.first()
	if newer != id || newSecret == secret {
		t.Errorf("asked again: %s %s after %s %s", newer, newSecret, id, secret)
	}
	var y worldtest.Tally
	try := func(name, id, secret string) {
		t.Helper()
		_, err := w.setUp(id, secret)
		y.Refused(t, name, err == nil)
		if err != nil && !is(err, fault.Expired) {
			t.Errorf("%s: %v", name, err)
		}
	}
	try("the former link", id, secret)
	try("another secret", id, "x")
	try("nobody's account", "x", newSecret)
	w.Clock.Advance(account.RelinkFor)
	try("a link of a week ago", id, newSecret)
}

// Where somebody can administer the directory already, they let others in.
func TestFirstAdministratorIsTheFirst(t *testing.T) {
	w := newWorld(t)
	var y worldtest.Tally
	w.account("plain", path.Choose)
	n := ada()
	n.Email = "plain@example.nhs.uk"
	_, err := w.linker.FirstAdministrator(t.Context(), worldtest.By, n)
	y.Refused(t, "with the address of an account that is another's", err == nil)
	if !is(err, fault.Conflict) {
		t.Errorf("an account that is another's: %v", err)
	}
	n.Email = "plain@elsewhere.example"
	_, err = w.linker.FirstAdministrator(t.Context(), worldtest.By, n)
	y.Refused(t, "with a username that another account has", err == nil)
	if _, said := fault.From(err); !said {
		t.Errorf("a username that another account has: %v", err)
	}
	n.Email = "no address"
	_, err = w.linker.FirstAdministrator(t.Context(), worldtest.By, n)
	y.Refused(t, "without an address", err == nil)
	w.account("admin", path.Choose, func(n *account.New) { n.Permissions = []account.Permission{account.ManageUsers} })
	_, err = w.linker.FirstAdministrator(t.Context(), worldtest.By, ada())
	y.Refused(t, "beside an administrator with a password", err == nil)
}
