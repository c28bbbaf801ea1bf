package demo_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/demo"
	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/password"
	"signpost/internal/platform/worldtest"
)

// Making a world takes a while, so everything that only looks at one shares it.
func TestWorld(t *testing.T) {
	w := made(t)
	for _, look := range []struct {
		name string
		at   func(t *testing.T, w *world)
	}{
		{"every case of the notice", everyCaseOfTheNotice},
		{"people are as the guide says", peopleAreAsTheGuideSays},
		{"the password is the one told", passwordIsTheOneTold},
		{"size", sizeOfTheWorld},
		{"services near the city", servicesNearTheCity},
		{"numbers of their own", numbersOfTheirOwn},
		{"the first is invited", firstIsInvited},
		{"personas", personas},
		{"the tour", tourTicksItselfOff},
	} {
		t.Run(look.name, func(t *testing.T) { look.at(t, w) })
	}
}

// Each case of the notice has somebody, and the checklist begins with what the notice tells them to do.
func everyCaseOfTheNotice(t *testing.T, w *world) {
	for _, tt := range []struct {
		name  string
		phase path.Phase
		first path.What // what the checklist says first; empty when nothing is left
	}{
		{"Ada Okafor", path.Choose, path.GetAuthenticator}, // her link to add one is in the mail
		{"Tomasz Nowak", path.Choose, ""},
		{"riverside.reception", path.Choose, path.RequestIndividualAccount},
		{"Grace Mbeki", path.Choose, path.ReactivateIdentity},
		{"Daniel Price", path.Choose, path.AskIdentity}, // nothing is found by his address, which says little
		{"Mei Chen", path.Choose, path.GetPosition},
		{"Oliver Grant", path.Choose, path.AskIdentity}, // his is under another address
		{"Sofia Rossi", path.Choose, path.VerifyIdentityEmail},
		{"Hannah Walker", path.Choose, path.GetAuthenticator},
		{"Ibrahim Khan", path.Choose, path.ResolveSeveral},
		{"Lucy Barnes", path.Require, path.Link},
		{"night.team", path.Closed, path.RequestIndividualAccount},
		{"Priya Shah", path.Choose, ""},
		{"Margaret Hill", path.Prepare, path.AwaitLinking},
		{"Sam Doyle", path.Choose, ""},
	} {
		facts := w.facts(t, w.introduced(t, tt.name).AccountID)
		if facts.Phase != tt.phase {
			t.Errorf("%s: phase %v, want %v", tt.name, facts.Phase, tt.phase)
		}
		if got := first(path.Next(facts)); got != tt.first {
			t.Errorf("%s: first step %q, want %q", tt.name, got, tt.first)
		}
	}
}

func first(steps []path.Step) path.What {
	if len(steps) == 0 {
		return ""
	}
	return steps[0].What
}

// What the guide says about a person is so.
func peopleAreAsTheGuideSays(t *testing.T, w *world) {
	for _, c := range w.cast {
		if c.Username != "" {
			w.accountIs(t, c)
		}
		if c.UUID != "" {
			w.identityIs(t, c)
		}
		if c.Introduced && (c.Group == "" || c.Story == "" || len(c.Try) == 0) {
			t.Errorf("%s is introduced without a story", c.Name)
		}
	}
	oliver := w.introduced(t, "Oliver Grant")
	if strings.HasPrefix(oliver.Email, oliver.Username) {
		t.Errorf("Oliver's addresses are the same: %s", oliver.Email)
	}
}

func (w *world) accountIs(t *testing.T, c demo.Cast) {
	t.Helper()
	w.view(t, w.DoS, func(ctx context.Context, r db.R) error {
		a, err := account.ByUsername(ctx, r, c.Username)
		if err == nil && a.ID != c.AccountID {
			t.Errorf("%s has account %s, is told to have %s", c.Name, a.ID, c.AccountID)
		}
		return err
	})
}

func (w *world) identityIs(t *testing.T, c demo.Cast) {
	t.Helper()
	w.view(t, w.Care, func(ctx context.Context, r db.R) error {
		i, err := identity.ByUUID(ctx, r, c.UUID)
		if err == nil && (i.Email != c.Email || i.GivenName+" "+i.FamilyName != c.Name) {
			t.Errorf("%s <%s> is kept as %s %s <%s>", c.Name, c.Email, i.GivenName, i.FamilyName, i.Email)
		}
		if err != nil {
			return err
		}
		all, err := authenticator.OfIdentity(ctx, r, c.UUID)
		if app := slices.ContainsFunc(all, func(a authenticator.Authenticator) bool {
			return !a.Simulated
		}); app != (c.Secret != "") {
			t.Errorf("%s has an authenticator app: %v, is told to have one: %v", c.Name, app, c.Secret != "")
		}
		return err
	})
}

// Everybody's password, hashed beforehand, is the one that the guide tells.
func passwordIsTheOneTold(t *testing.T, w *world) {
	hasher, err := password.New(password.Cheap)
	worldtest.Check(t, err)
	w.view(t, w.DoS, func(ctx context.Context, r db.R) error {
		a, err := account.ByID(ctx, r, w.introduced(t, "Ada Okafor").AccountID)
		worldtest.Check(t, err)
		for plain, want := range map[string]bool{demo.Password: true, demo.Password + "!": false} {
			if fits, _, err := hasher.Check(ctx, password.Asker{}, a.PasswordHash, plain); fits != want || err != nil {
				t.Errorf("%q fits: %v, %v; want %v", plain, fits, err, want)
			}
		}
		return nil
	})
}

// A few hundred organisations and services, about sixty people of every kind.
func sizeOfTheWorld(t *testing.T, w *world) {
	counts := map[string]int64{}
	for table, d := range map[string]*db.DB{"organisation": w.Care, "identity": w.Care, "ods_organisation": w.DoS, "service": w.DoS, "account": w.DoS} {
		w.view(t, d, func(ctx context.Context, r db.R) (err error) {
			counts[table], err = db.Value[int64](ctx, r, `SELECT COUNT(*) FROM `+table)
			return err
		})
	}
	t.Logf("people: %d, rows: %v", len(w.cast), counts)
	if len(w.cast) < 55 || len(w.cast) > 70 {
		t.Errorf("%d people, want about 60", len(w.cast))
	}
	for table, least := range map[string]int64{"organisation": 200, "ods_organisation": 200, "service": 200, "account": 50, "identity": 40} {
		if n := counts[table]; n < least || n > 500 {
			t.Errorf("%d rows of %s, want %d to 500", n, table, least)
		}
	}
}

// Whoever telephones the registration authority or the service desk does not reach a service.
func numbersOfTheirOwn(t *testing.T, w *world) {
	contact := w.facts(t, w.introduced(t, "Ada Okafor").AccountID).Contact
	w.view(t, w.DoS, func(ctx context.Context, r db.R) error {
		numbers, err := db.All(ctx, r, func(scan db.Scanner) (list []string, err error) {
			list = make([]string, 2)
			return list, scan(&list[0], &list[1])
		}, `SELECT public_phone, professional_phone FROM service WHERE type_id NOT IN (-1, 22)`)
		for _, number := range slices.Concat(numbers...) {
			if strings.Contains(contact, number) || number == demo.DeskPhone {
				t.Errorf("a service has the number %s", number)
			}
		}
		if len(numbers) < 200 || !strings.Contains(contact, "01632") {
			t.Errorf("%d services looked at, contact %q", len(numbers), contact)
		}
		return err
	})
}

// A search around the guide's district finds open and full services, near and far.
func servicesNearTheCity(t *testing.T, w *world) {
	w.view(t, w.DoS, func(ctx context.Context, r db.R) error {
		city, err := directory.CentreOf(ctx, r, "FM1")
		worldtest.Check(t, err)
		var ids []string
		worldtest.Check(t, directory.Candidates(ctx, r, directory.Criteria{Centre: &city, Kilometres: 16},
			directory.Calendar{}.Moment(r.Now()), func(c directory.Candidate) { ids = append(ids, c.ID) }))
		found, err := directory.ByIDs(ctx, r, ids)
		worldtest.Check(t, err)
		kinds := map[int]bool{}
		capacities := map[directory.Capacity]bool{}
		for _, s := range found {
			kinds[s.Type] = true
			capacities[s.Capacity.Status] = true
			if _, err := postcode.Parse(s.Postcode); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
		if len(found) < 50 || len(kinds) < 5 || len(capacities) != 3 {
			t.Errorf("%d services of %d kinds with capacities %v", len(found), len(kinds), capacities)
		}
		return nil
	})
}

// Two worlds are the same but for what is drawn by lot, and each can be made beside the other.
func TestMadeTwice(t *testing.T) {
	one := made(t)
	two := made(t)
	if a, b := said(one.cast), said(two.cast); a != b {
		t.Errorf("two worlds differ:\n%s\n%s", a, b)
	}
	if _, err := one.Make(t.Context()); err == nil {
		t.Error("a world was made over another")
	}
	one.identityIs(t, one.introduced(t, "Ada Okafor"))
}

func said(cast []demo.Cast) string {
	var b strings.Builder
	for _, c := range cast {
		fmt.Fprintln(&b, c.Group, c.Name, c.Username, c.Email, c.Shows, c.Secret)
	}
	return b.String()
}

// The main journey begins with a link in the mail.
func firstIsInvited(t *testing.T, w *world) {
	worldtest.Check(t, w.InviteFirst(t.Context(), w.cast))
	jobtest.Settle(t, w.jobs)
	got := w.mails.To(w.introduced(t, "Ada Okafor").Email)
	if len(got) != 1 || !strings.Contains(got[0].Text, cis2+"/bind/") {
		t.Fatalf("Ada's mail: %+v", got)
	}
}

// The page of personas offers who can be signed in, each once, and nobody else.
func personas(t *testing.T, w *world) {
	w.view(t, w.Care, func(ctx context.Context, r db.R) error {
		list, err := demo.Personas(w.cast)(ctx, r)
		worldtest.Check(t, err)
		seen := map[string]bool{}
		for _, p := range list {
			if p.About == "" || seen[p.UUID] {
				t.Errorf("persona %+v", p)
			}
			seen[p.UUID] = true
		}
		if !seen[w.introduced(t, "Tomasz Nowak").UUID] || seen[""] {
			t.Errorf("personas %v", list)
		}
		return nil
	})
}

// Each step of the tour is ticked off by what was recorded, and by nothing else.
func tourTicksItselfOff(t *testing.T, w *world) {
	ada := w.introduced(t, "Ada Okafor")
	sam := w.introduced(t, "Sam Doyle")
	withIdentity := map[string]any{"how": signin.ByCareIdentity}
	var want demo.Tour
	w.tourIs(t, want)
	w.records(t, sam, signin.SignedIn, account.Ref(w.introduced(t, "Mei Chen").AccountID), withIdentity)
	w.records(t, sam, directory.ServiceChanged, directory.Ref("some-service"), nil)
	w.tourIs(t, want)
	w.records(t, ada, signin.SignedIn, account.Ref(ada.AccountID), signin.ByPassword)
	want.Password = true
	w.tourIs(t, want)
	w.records(t, ada, signin.SignedIn, account.Ref(ada.AccountID), withIdentity)
	want.CareIdentity = true
	w.tourIs(t, want)
	w.records(t, ada, directory.ServiceChanged, directory.Ref("some-service"), nil)
	w.records(t, ada, signin.SignedIn, account.Ref(ada.AccountID), withIdentity)
	w.records(t, sam, signin.SignedIn, account.Ref(sam.AccountID), withIdentity)
	want.Changed = true
	want.Again = true
	want.Desk = true
	w.tourIs(t, want)
	worldtest.Check(t, w.DoS.Update(t.Context(), actor.ForCommand("test"), func(u *db.W) error {
		return account.AddLink(t.Context(), u, account.Link{
			AccountID: ada.AccountID, Issuer: w.Issuer, Subject: ada.UUID, How: "test",
		})
	}))
	want.Linked = true
	w.tourIs(t, want)
}

func (w *world) tourIs(t *testing.T, want demo.Tour) {
	t.Helper()
	got, err := w.Tour(t.Context(), w.cast)
	worldtest.Check(t, err)
	if got != want {
		t.Errorf("tour %+v, want %+v", got, want)
	}
}

// records records an event of the directory of which somebody is the actor.
func (w *world) records(t *testing.T, person demo.Cast, kind audit.Kind, subject audit.Ref, after any) {
	t.Helper()
	by := actor.Actor{Kind: actor.Person, ID: person.AccountID, Name: person.Name}
	worldtest.Check(t, w.DoS.Update(t.Context(), by, func(u *db.W) error {
		return u.Record(t.Context(), audit.Event{Kind: kind, Subject: subject, After: after})
	}))
}
