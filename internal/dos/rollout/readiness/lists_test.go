package readiness_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
)

const (
	accountsHead   = "username,email,first_name,last_name,kind,organisation,email_confirmed\n"
	identitiesHead = "uuid,email,first_name,last_name,status,email_verified,organisation,positions,authenticators\n"
	fit            = ",active,yes,RX1,R8008:B0166,smartcard\n"
)

// Of one account, what the list of Care Identities says decides the class and the next step.
func TestOneAccount(t *testing.T) {
	for name, tt := range map[string]struct {
		account    string
		identities []string
		class      readiness.Class
		state      planning.State
		next       path.What
	}{
		"ready": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1", []string{"1,Ann.Smith@NHS.net,ann,SMITH" + fit},
			readiness.Exact, planning.Ready, path.Link},
		"a family name that changed": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Jones" + fit}, readiness.Exact, planning.Ready, path.Link},
		"inactive": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,suspended,yes,RX1,R8008:B0166,smartcard\n"},
			readiness.Exact, planning.Blocked, path.ReactivateIdentity},
		"a state that nobody knows is not active": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,PENDING-7,yes,RX1,R8008:B0166,smartcard\n"},
			readiness.Exact, planning.Blocked, path.ReactivateIdentity},
		"closed": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,Closed,yes,RX1,R8008:B0166,smartcard\n"},
			readiness.None, planning.Blocked, path.ObtainCareIdentity},
		"a row for each position": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX2,R8000:B0001,\n",
				"1,ann.smith@nhs.net,Ann,Smith" + fit,
				"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX3,R8001:B0002,smartcard\n"},
			readiness.Exact, planning.Ready, path.Link},
		"rows of which one is not active": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith" + fit, "1,ann.smith@nhs.net,Ann,Smith,suspended,yes,RX1,,\n"},
			readiness.Exact, planning.Blocked, path.ReactivateIdentity},
		"rows of which one says that the address is not confirmed": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith" + fit,
				"1,ann.smith@nhs.net,Ann,Smith,active,no,RX1,R8008:B0166,smartcard\n"},
			readiness.Exact, planning.Blocked, path.VerifyIdentityEmail},
		"rows none of which has the position": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8000:B0001,smartcard\n",
				"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8001:B0002,smartcard\n"},
			readiness.Exact, planning.Blocked, path.GetPosition},
		"rows of authenticators, of which one nobody knows": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8008:B0166,\n",
				"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8008:B0166,wand\n"},
			readiness.Exact, planning.Unsure, path.AskAccess},
		"rows of one number with two names": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith" + fit, "1,ann.smith@nhs.net,Bo,Lee" + fit},
			readiness.DuplicateIdentities, planning.Blocked, path.ResolveSeveral},
		"rows without a number": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{",ann.smith@nhs.net,Ann,Smith" + fit, ",ann.smith@nhs.net,Ann,Smith" + fit},
			readiness.DuplicateIdentities, planning.Blocked, path.ResolveSeveral},
		"no position": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8000:B0001,smartcard\n"},
			readiness.Exact, planning.Blocked, path.GetPosition},
		"role and activity of two positions": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8008:B0001; R8000:B0166,smartcard\n"},
			readiness.Exact, planning.Blocked, path.GetPosition},
		"no authenticator": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8008:B0166,\n"},
			readiness.Exact, planning.Blocked, path.GetAuthenticator},
		"one that is not approved": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8008:B0166,Passkey\n"},
			readiness.Exact, planning.Blocked, path.ApproveAuthenticator},
		"one that nobody knows": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,yes,RX1,R8008:B0166,wand\n"},
			readiness.Exact, planning.Unsure, path.AskAccess},
		"not confirmed": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Ann,Smith,active,no,RX1,R8008:B0166,smartcard\n"},
			readiness.Exact, planning.Blocked, path.VerifyIdentityEmail},
		"another domain": {"ann,ann.smith@trust.nhs.uk,Ann,Smith,,RX1", []string{"1,ann.smith@nhs.net,Ann,Smith" + fit},
			readiness.Drifted, planning.Blocked, path.MatchEmails},
		"a slip": {"ann,ann.smth@nhs.net,Ann,Smith,,RX1", []string{"1,ann.smith@nhs.net,Ann,Smith" + fit},
			readiness.Drifted, planning.Blocked, path.MatchEmails},
		"another address of the organisation": {"ann,asmith7@trust.nhs.uk,Ann,Smith,,RX1",
			[]string{"1,ann.mary@nhs.net,Ann,Smith" + fit}, readiness.Drifted, planning.Blocked, path.MatchEmails},
		"a namesake elsewhere": {"ann,asmith7@trust.nhs.uk,Ann,Smith,,RX9",
			[]string{"1,ann.mary@nhs.net,Ann,Smith" + fit}, readiness.None, planning.Blocked, path.ObtainCareIdentity},
		"two who drifted": {"ann,ann.smith@trust.nhs.uk,Ann,Smith,,RX1", []string{"1,ann.smith@nhs.net,Ann,Smith" + fit,
			"2,ann.smith@other.nhs.uk,Ann,Smith" + fit}, readiness.LookAlike, planning.Unsure, path.AskIdentity},
		"a letter of another alphabet": {"ann,аnn.smith@nhs.net,Ann,Smith,,RX9",
			[]string{"1,ann.smith@nhs.net,Ann,Smith" + fit}, readiness.LookAlike, planning.Unsure, path.AskIdentity},
		"two of one address": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1", []string{"1,ann.smith@nhs.net,Ann,Smith" + fit,
			"2,ANN.SMITH@nhs.net,Ann,Smith" + fit}, readiness.DuplicateIdentities, planning.Blocked, path.ResolveSeveral},
		"somebody else's address now": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1",
			[]string{"1,ann.smith@nhs.net,Zoe,Young" + fit}, readiness.Recycled, planning.Unsure, path.AskIdentity},
		"shared": {"desk,ann.smith@nhs.net,Ann,Smith,Shared,RX1", []string{"1,ann.smith@nhs.net,Ann,Smith" + fit},
			readiness.RoleMailbox, planning.Blocked, path.RequestIndividualAccount},
		"a team's address": {"desk,reception@nhs.net,,,,RX1", []string{"1,reception@nhs.net,Ann,Smith" + fit},
			readiness.RoleMailbox, planning.Unsure, path.AskAccount},
		"nobody": {"ann,ann.smith@nhs.net,Ann,Smith,,RX1", nil, readiness.None, planning.Blocked, path.ObtainCareIdentity},
		"no address": {"ann,not-an-address,Bo,Lee,,RX1", []string{"1,ann.smith@nhs.net,Ann,Smith" + fit}, readiness.None,
			planning.Blocked, path.ObtainCareIdentity},
	} {
		t.Run(name, func(t *testing.T) {
			r := compute(t, readiness.Options{Accounts: text(accountsHead + tt.account + ",yes\n"),
				Identities: text(identitiesHead + strings.Join(tt.identities, "")),
				Approved:   []authn.Kind{authn.SmartcardInternet}})
			if len(r.People) != 1 {
				t.Fatalf("%d people, refused %+v", len(r.People), r.Accounts.Refused)
			}
			p := r.People[0]
			next, _ := p.Next()
			if p.Class != tt.class || p.Plan.State != tt.state || next.What != tt.next {
				t.Errorf("%s, %s, next %s; want %s, %s, %s", p.Class, p.Plan.State, next.What, tt.class, tt.state,
					tt.next)
			}
		})
	}
}

// The level that a list gives counts before the kinds; what it leaves open is asked.
func TestLevelsOfAuthenticators(t *testing.T) {
	const head = "uuid,email,positions,authenticators,authenticator_level\n1,ann@nhs.net,yes,"
	for cells, want := range map[string]path.What{
		"smartcard,AAL1": path.StrongerAuthenticator,
		"smartcard,3":    path.Link,
		",2":             path.AskAccess, // strong enough, of a kind that nobody named
		",none":          path.GetAuthenticator,
	} {
		r := compute(t, readiness.Options{
			Accounts: text("username,email,email_confirmed\nann,ann@nhs.net,yes\n"), Identities: text(head + cells + "\n"),
			Approved: []authn.Kind{authn.SmartcardInternet},
		})
		if next, _ := r.People[0].Next(); next.What != want {
			t.Errorf("%s: %s, want %s", cells, next.What, want)
		}
	}
}

// Steps of which one waits for another take their days one after the other; others go on at the same time.
func TestDaysOfSteps(t *testing.T) {
	const identity = "uuid,email,status,positions,authenticators\n1,ann@nhs.net,"
	for cells, want := range map[string]int{
		"active,yes,smartcard":    0,
		"active,no,":              5,  // position and authenticator at once
		"suspended,no,smartcard":  10, // and before the position the Care Identity
		"suspended,yes,smartcard": 5,
	} {
		r := compute(t, readiness.Options{
			Accounts: text("username,email\nann,ann@nhs.net\n"), Identities: text(identity + cells + "\n"),
			Approved: []authn.Kind{authn.SmartcardInternet},
		})
		if got := r.People[0].Plan.Days; got != want {
			t.Errorf("%s: %d days, want %d", cells, got, want)
		}
	}
}

// Whom an account is linked to is decided by the number of the Care Identity, whatever addresses and names are.
func TestLinkedAccounts(t *testing.T) {
	const accounts = "username,email,first_name,last_name,email_confirmed,care_identity\n" +
		"ann,ann.smith@nhs.net,Ann,Smith,yes,5000 0000 0017\n" +
		"bo,bo.lee@nhs.net,Bo,Lee,yes,yes\n" +
		"cy,cy.day@nhs.net,Cy,Day,yes,500000000099\n" +
		"di,di.fox@nhs.net,Di,Fox,yes,\n"
	const identities = identitiesHead +
		"500000000017,a.jones@elsewhere.nhs.uk,Anna,Jones" + fit + "500000000018,ann.smith@nhs.net,Other,Person" + fit +
		"500000000019,bo.lee@nhs.net,Bo,Lee" + fit + "500000000020,di.fox@nhs.net,Di,Fox" + fit
	r := compute(t, readiness.Options{Accounts: text(accounts), Identities: text(identities),
		Approved: []authn.Kind{authn.SmartcardInternet}})
	for i, want := range []struct {
		class readiness.Class
		state planning.State
		found string
	}{
		{readiness.Drifted, planning.Moved, "500000000017"}, // addresses decide nothing any more
		{readiness.Exact, planning.Moved, "500000000019"},
		{readiness.None, planning.Blocked, ""}, // linked to one that the list has not
		{readiness.Exact, planning.Ready, "500000000020"},
	} {
		p := r.People[i]
		found := ""
		for _, one := range r.Found(p) {
			found += one.UUID
		}
		if p.Class != want.class || p.Plan.State != want.state || found != want.found {
			t.Errorf("%s: %s, %s, %q; want %+v", p.Username, p.Class, p.Plan.State, found, want)
		}
	}
}

// Without a list of Care Identities everybody is asked, and nobody is called ready.
func TestAccountsAlone(t *testing.T) {
	r := compute(t, readiness.Options{Accounts: text(accountsHead +
		"ann,ann@nhs.net,Ann,Smith,,RX1,\ntwo,ann@nhs.net,Ann,Smith,,RX1,\ndesk,d@nhs.net,,,shared,RX1,\n" +
		"api,a@nhs.net,,,machine,,\n")})
	want := map[string]planning.State{"ann": planning.Blocked, "two": planning.Blocked, "desk": planning.Blocked}
	for _, p := range r.People {
		if p.Username == "api" {
			if !p.Exempt() {
				t.Error("a machine's account is to move")
			}
			continue
		}
		if p.Plan.State != want[p.Username] {
			t.Errorf("%s is %s", p.Username, p.Plan.State)
		}
	}
	alone := compute(t, readiness.Options{Accounts: text("username,email\nann,ann@nhs.net\n")})
	if p := alone.People[0]; p.Plan.State != planning.Unsure || p.Class != readiness.NotAsked {
		t.Errorf("%s, %s", p.Class, p.Plan.State)
	}
	if len(alone.Unsaid) == 0 {
		t.Error("what the list does not say is not said")
	}
}

// Each row of which nothing can be made is named with its number and the cure; the others are counted.
func TestRowsThatAreRefused(t *testing.T) {
	r := compute(t, readiness.Options{
		Accounts: text("Login;E-Mail;Status\nann;ann@nhs.net;Active\n;bo@nhs.net;Active\ncy;cy@nhs.net;Deactivated\n" +
			"di\nANN;ann2@nhs.net;Active\n\n;;\n"),
		Identities: text("uuid,email\n1,ann@nhs.net\n2\n"),
	})
	if len(r.People) != 1 || r.Inactive != 1 || r.People[0].Class != readiness.Exact {
		t.Errorf("people %+v, inactive %d", r.People, r.Inactive)
	}
	var rows []int
	for _, one := range r.Accounts.Refused {
		rows = append(rows, one.Row)
		if !strings.Contains(one.Reason, "Row") {
			t.Errorf("refused without words: %+v", one)
		}
	}
	if r.Accounts.Rows != 5 || r.Identities.Rows != 2 {
		t.Errorf("%d and %d rows", r.Accounts.Rows, r.Identities.Rows)
	}
	if len(rows) != 3 || rows[0] != 3 || rows[1] != 5 || rows[2] != 6 || len(r.Identities.Refused) != 1 {
		t.Errorf("refused %v and %+v", r.Accounts.Refused, r.Identities.Refused)
	}
}

// A list that is none says which, and what to do.
func TestListsThatAreNone(t *testing.T) {
	good := text("username,email\nann,ann@nhs.net\n")
	for name, o := range map[string]readiness.Options{
		"no heading":                 {Accounts: text("ann,ann@nhs.net\n")},
		"empty":                      {Accounts: text("")},
		"identities no email":        {Accounts: good, Identities: text("uuid,name\n1,Ann\n")},
		"a column that is not there": {Accounts: good, AccountColumns: map[string]string{"shoe_size": "x"}},
	} {
		if _, err := readiness.Compute(o); err == nil || !strings.Contains(err.Error(), "list of") {
			t.Errorf("%s: %v", name, err)
		}
	}
	named := compute(t, readiness.Options{Accounts: text("Anmeldung,E-Post\nann,ann@nhs.net\n"),
		AccountColumns: map[string]string{"username": "Anmeldung", "email": "E-Post"}})
	if len(named.People) != 1 || named.Accounts.About.Under["email"] != "E-Post" {
		t.Errorf("named columns: %+v", named.Accounts.About)
	}
}
