package importing_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/worldtest"
)

// oldDirectory is a directory with two regions, a service and an account.
func oldDirectory(t *testing.T) (w *dostest.World, north, pharmacy directory.Service) {
	t.Helper()
	w = dostest.Open(t, noon)
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		north, err = directory.Add(ctx, u, directory.Service{Name: "North East", Type: directory.RegionType}, "")
		w.Must(err)
		_, err = directory.Add(ctx, u, directory.Service{Name: "London", Type: directory.RegionType}, "")
		w.Must(err)
		shop := directory.Service{Name: "High Street Pharmacy", Type: 13, ODSCode: "FA123"}
		pharmacy, err = directory.Add(ctx, u, shop, "")
		return err
	})
	w.Account(account.New{Username: "ada", FirstName: "Ada", LastName: "Example", Email: "ada@example.nhs.uk"}, "")
	return w, north, pharmacy
}

// checked reads a file of accounts and holds it against the directory.
func checked(w *dostest.World, text string) importing.Reading {
	w.Helper()
	formats, err := importing.Find("accounts", "")
	w.Must(err)
	reading := readAccounts(w, formats[0], text)
	reading, err = db.Read(w.Context(), w.DB, func(r db.R) (importing.Reading, error) {
		return importing.Check(w.Context(), r, formats[0], reading)
	})
	w.Must(err)
	return reading
}

// readAccounts reads a file of accounts by itself.
func readAccounts(w *dostest.World, f importing.Format, text string) importing.Reading {
	w.Helper()
	file, err := sheet.Look(strings.NewReader(text), 0)
	w.Must(err)
	_, err = importing.Recognise(file, []importing.Format{f})
	w.Must(err)
	reading, err := importing.Read(f, file, nil, func(int) {})
	w.Must(err)
	return reading
}

// imported imports a file of accounts, and gives the import's id.
func imported(w *dostest.World, text string) (importing.Reading, string) {
	w.Helper()
	formats, err := importing.Find("accounts", "")
	w.Must(err)
	reading := checked(w, text)
	id, err := importing.Apply(w.Context(), w.DB, formats[0], importing.IntoNothing(reading.Accepted), quiet, quiet)
	w.Must(err)
	return reading, id
}

const oldHash = "$6$saltstring$.r0X7ub5wGR2v4Xz7svCIozfnlorFh19V89t8KC9Umd81uGhFgsyTRNyzQDXDIm17fFcR9z3z7oBNdsyYBbtm/"

// An account comes with everything that the reference names, under the headings that people write.
func TestAccountsAreImportedWhole(t *testing.T) {
	w, north, pharmacy := oldDirectory(t)
	reading, _ := imported(w, "Username;First name;Surname;Email Id;Telephone;Status;Home organisation;Region;"+
		"User regions;Services;Groups;Permissions;Password hash;Last login time;Created;Access reason;Approved by;"+
		"Approved date;Web service only\n"+
		"bo;Bo;Lead;Bo@Example.NHS.uk;01632 960 001;ACTIVE;fa123;North East;;;DoS lead;;"+oldHash+
		";2026-05-31 14:30:00;01/02/2019;\"Runs the region\";Al;2019-02-03;no\n"+
		"cy;Cy;Till;cy@example.nhs.uk;;INACTIVE;FA123;;;"+pharmacy.UID+";Provider users;;;never;;;;;\n"+
		"di;Di;Admin;di@example.nhs.uk;;;FA123;;north east|London;;;approve user;;;;;;;\n"+
		"robot;;;;;yes;;;everywhere;;machine;;;;;;;;yes\n")
	if len(reading.Accepted) != 4 || len(reading.Refused) != 0 {
		t.Fatalf("accepted %d, refused %+v", len(reading.Accepted), reading.Refused)
	}
	type held struct {
		account account.Account
		grants  account.Grants
	}
	find := func(username string) (h held) {
		t.Helper()
		h, err := db.Read(w.Context(), w.DB, func(r db.R) (h held, err error) {
			if h.account, err = account.ByUsername(w.Context(), r, username); err != nil {
				return h, err
			}
			h.grants, err = account.GrantsOf(w.Context(), r, h.account.ID)
			return h, err
		})
		w.Must(err)
		return h
	}
	bo := find("BO")
	if a := bo.account; a.EmailKey != "bo@example.nhs.uk" || a.Phone != "01632 960 001" || !a.Active ||
		a.Organisation != "FA123" || a.Region != north.ID || a.PasswordHash != oldHash || a.Created.Year() != 2019 ||
		a.AccessReason != "Runs the region" || a.ApprovedBy != "Al" || a.Approved.Year() != 2019 {
		t.Errorf("Bo's account: %+v", a)
	}
	if want := account.DoSLead.In(account.InRegion(north.ID)); !slices.Equal(sorted(bo.grants), sorted(want)) {
		t.Errorf("Bo's grants: %+v", bo.grants)
	}
	if n := w.Count(`SELECT COUNT(*) FROM account_login WHERE account_id = $1 AND at = 1780234200000`,
		bo.account.ID); n != 1 { // 13:30 UTC
		t.Error("Bo's last login was not kept")
	}
	if a := find("cy"); a.account.Active ||
		!slices.Equal(sorted(a.grants), sorted(account.ProviderUser.In(account.BelowService(pharmacy.ID)))) {
		t.Errorf("Cy: %+v", a)
	}
	if a := find("di"); len(a.grants) != 2 || a.grants[0].Scope.Kind != account.KindRegion || a.account.Region != "" {
		t.Errorf("Di: %+v", a)
	}
	if a := find("robot"); a.account.Kind != account.Machine || a.account.Email != "" ||
		!a.grants.Hold(account.WebService) {
		t.Errorf("the robot: %+v", a)
	}
	const found = `SELECT COUNT(*) FROM account_word WHERE word = 'lead' AND account_id = $1`
	if n := w.Count(found, bo.account.ID); n != 1 {
		t.Error("Bo is not found by name")
	}
	if n := w.Count(`SELECT COUNT(*) FROM import_change WHERE after LIKE '%example%' OR after LIKE '%$6$%'`); n != 0 {
		t.Error("what is kept of an import has somebody's address or password")
	}
}

func sorted(g account.Grants) account.Grants {
	return slices.SortedFunc(slices.Values(g), func(a, b account.Grant) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
}

// A row that cannot be taken is named with its column, what was read and what to do; its neighbours are taken.
func TestRowsOfAccountsAreRefusedByName(t *testing.T) {
	w, _, _ := oldDirectory(t)
	const heading = "username,first name,email,kind,status,region,regions,services,groups,password hash,last login," +
		"phone\n"
	honest := checked(w, heading+"bo,Bo,bo@example.nhs.uk,individual,active,London,,FA123,Provider user,"+oldHash+
		",2026-01-01,01632 960001\n")
	if len(honest.Accepted) != 1 {
		t.Fatalf("the honest twin: %+v", honest.Refused)
	}
	tried := 0
	for name, tt := range map[string]struct{ row, column, says string }{
		"no username":          {",Bo,bo@example.nhs.uk,,,,,,,,,", "username", "Fill in"},
		"hidden in a name":     {"bo,B\u200bo,bo@example.nhs.uk,,,,,,,,,", "first_name", "In "},
		"no address":           {"bo,Bo,,,,,,,,,,", "email", "Enter"},
		"a look-alike address": {"bo,Bo,b\u043e@example.nhs.uk,,,,,,,,,", "email", "In "},
		"an unknown kind":      {"bo,Bo,bo@example.nhs.uk,robot dog,,,,,,,,", "kind", "individual, shared or machine"},
		"an unknown status":    {"bo,Bo,bo@example.nhs.uk,,maybe,,,,,,,", "status", "ACTIVE or INACTIVE"},
		"an unknown region":    {"bo,Bo,bo@example.nhs.uk,,,Atlantis,,,,,,", "region", `no region "Atlantis"`},
		"an unknown service":   {"bo,Bo,bo@example.nhs.uk,,,,,999,,,,", "services", `no service "999"`},
		"an unknown group":     {"bo,Bo,bo@example.nhs.uk,,,,,,Wizard,,,", "groups", "DoS lead"},
		"a group with no place for it": {
			"bo,Bo,bo@example.nhs.uk,,,,,,DoS lead,,,", "groups", "a region"},
		"a group that is for people": {"bo,,,machine,,London,,,DoS lead,,,", "groups", "of this kind"},
		"a group beyond its places": {
			"bo,Bo,bo@example.nhs.uk,,,,,,Programme team@region London,,,", "groups", "everywhere"},
		"a hash of another kind": {"bo,Bo,bo@example.nhs.uk,,,,,,,{MD5}abc,,", "password_hash", "of a kind"},
		"a password":             {"bo,Bo,bo@example.nhs.uk,,,,,,,letmein,,", "password_hash", "of a kind"},
		"a hash that costs too much": {"bo,Bo,bo@example.nhs.uk,,,,,,,$6$rounds=999999999$abc$" + oldHash[14:] + ",,",
			"password_hash", "too long"},
		"no date":                     {"bo,Bo,bo@example.nhs.uk,,,,,,,,yesterday,", "last_login", "a date or time"},
		"no telephone number":         {"bo,Bo,bo@example.nhs.uk,,,,,,,,,call me", "phone", "telephone"},
		"a formula for a name":        {"\"=1+1\",Bo,=cmd|x!A1,,,,,,,,,", "email", "In "},
		"a username that is there":    {"ADA,Ada,new@example.nhs.uk,,,,,,,,,", "username", "is there already"},
		"an address that is there":    {"bo,Bo,ADA@example.nhs.uk,,,,,,,,,", "email", `the account "ada"`},
		"a column too few":            {"bo,Bo", "", "2 columns"},
		"a double quote that is open": {"\"bo,Bo,bo@example.nhs.uk,,,,,,,,,", "", "double quote"},
	} {
		tried++
		r := checked(w, heading+tt.row+"\n")
		if len(r.Accepted) != 0 || len(r.Refused) != 1 || r.Refused[0].Field != tt.column ||
			!strings.Contains(r.Refused[0].Reason, tt.says) || r.Refused[0].Number != 2 {
			t.Errorf("%s: accepted %d, refused %+v", name, len(r.Accepted), r.Refused)
		}
		if len(r.Refused) == 1 && strings.Contains(r.Refused[0].Reason, "letmein") {
			t.Errorf("%s: the reason has the password", name)
		}
	}
	worldtest.Linking(t, "L36 rows of a file of accounts: tried %d, accepted 0", tried)
}

// Of rows that share a username or a canonical address nobody can say which is right: each is refused with the others,
// and the collision is listed with all who have it.
func TestCollisionsAreListedBothWays(t *testing.T) {
	w, _, _ := oldDirectory(t)
	r := checked(w, "username,email,shared\n"+
		"bo,bo@example.nhs.uk,\n"+ // 2
		"BO,other@example.nhs.uk,\n"+ // 3
		"cy,Same@Example.nhs.uk,\n"+ // 4
		"di,same@EXAMPLE.nhs.uk,\n"+ // 5
		"ed,ada@example.nhs.uk,\n"+ // 6
		"ward,same@example.nhs.uk,yes\n"+ // 7: a team may have any address
		"fay,fay@example.nhs.uk,\n") // 8
	if len(r.Accepted) != 2 || len(r.Refused) != 5 {
		t.Fatalf("accepted %+v, refused %+v", r.Accepted, r.Refused)
	}
	for i, want := range []string{"row 3", "row 2", "row 5", "row 4", `the account "ada"`} {
		if got := r.Refused[i]; got.Number != i+2 || !strings.Contains(got.Reason, want) {
			t.Errorf("refused %+v, want it to name %s", got, want)
		}
	}
	want := []importing.Collision{
		{What: "username", Value: "bo", Rows: []int{2, 3}, Accounts: []string{}},
		{What: "email", Value: "same@example.nhs.uk", Rows: []int{4, 5, 7}, Accounts: []string{}},
		{What: "email", Value: "ada@example.nhs.uk", Rows: []int{6}, Accounts: []string{"ada"}},
	}
	if fmt.Sprint(r.Collisions) != fmt.Sprint(want) {
		t.Errorf("collisions %+v", r.Collisions)
	}
}

// Usernames that look alike are taken, and each is named with the other, in the file and there already.
func TestUsernamesThatLookAlikeAreNamed(t *testing.T) {
	w, _, _ := oldDirectory(t)
	r := checked(w, "username,email\nann1,a@example.nhs.uk\nannl,b@example.nhs.uk\n\u0430da,c@example.nhs.uk\n")
	if len(r.Accepted) != 3 || len(r.Notes) != 3 || !strings.Contains(r.Notes[0].Reason, `"annl" in row 3`) ||
		!strings.Contains(r.Notes[1].Reason, `"ann1" in row 2`) ||
		!strings.Contains(r.Notes[2].Reason, `account "ada"`) {
		t.Errorf("accepted %d, refused %+v, notes %+v", len(r.Accepted), r.Refused, r.Notes)
	}
}

// A file that is imported twice changes nothing, also where people have used their accounts between.
func TestAccountsThatAreThereStayAsTheyAre(t *testing.T) {
	w, _, _ := oldDirectory(t)
	const file = "username,first name,email,password hash\nbo,Bo,bo@example.nhs.uk," + oldHash + "\n"
	imported(w, file)
	w.Update(func(ctx context.Context, u *db.W) error {
		a, err := account.ByUsername(ctx, u, "bo")
		w.Must(err)
		w.Must(account.SetPassword(ctx, u, a.ID, w.Hash))
		return account.NoteLogin(ctx, u, a.ID)
	})
	again := checked(w, file)
	if again.Unchanged != 1 || len(again.Accepted) != 0 || len(again.Refused) != 0 {
		t.Errorf("again: %+v", again)
	}
}

// An undo removes the accounts that nobody has used since, and names the others, which stay.
func TestAnImportOfAccountsIsUndone(t *testing.T) {
	w, _, _ := oldDirectory(t)
	before := w.Count(`SELECT COUNT(*) FROM account_word`)
	_, id := imported(w, "username,first name,email,groups,organisation,last login\n"+
		"bo,Bo,bo@example.nhs.uk,Provider user,FA123,2026-01-01\n"+
		"cy,Cy,cy@example.nhs.uk,,FA123,\ndi,Di,di@example.nhs.uk,,,\n")
	w.Update(func(ctx context.Context, u *db.W) error {
		a, err := account.ByUsername(ctx, u, "cy")
		w.Must(err)
		return account.Rename(ctx, u, a.ID, "cyril", "asked")
	})
	w.Update(func(ctx context.Context, u *db.W) error {
		a, err := account.ByUsername(ctx, u, "di")
		w.Must(err)
		return account.Deactivate(ctx, u, a.ID, "left")
	})
	undone, err := importing.Undo(t.Context(), w.DB, id, quiet)
	w.Must(err)
	slices.Sort(undone.Untouched)
	if undone.Restored != 1 || len(undone.Untouched) != 2 || !strings.HasPrefix(undone.Untouched[0], "cy ") ||
		!strings.HasPrefix(undone.Untouched[1], "di ") {
		t.Errorf("undone %+v", undone)
	}
	for table, want := range map[string]int64{"account": 3, "account_grant": 0, "account_login": 0} {
		if n := w.Count(`SELECT COUNT(*) FROM ` + table); n != want {
			t.Errorf("%d rows of %s after the undo, want %d", n, table, want)
		}
	}
	const ofBo = `SELECT COUNT(*) FROM account_word WHERE word IN ('bo', 'bo@example.nhs.uk')`
	if n := w.Count(ofBo); n != 0 || before == 0 {
		t.Error("an account that was removed is still found")
	}
}

// Whoever takes a username or an address while the file is imported keeps it: the import stops and says so.
func TestAnImportTakesNobodysUsername(t *testing.T) {
	w, _, _ := oldDirectory(t)
	formats, err := importing.Find("accounts", "")
	w.Must(err)
	reading := checked(w, "username,email\nbo,bo@example.nhs.uk\n")
	w.Account(account.New{Username: "robert", Email: "bo@example.nhs.uk"}, "")
	_, err = importing.Apply(w.Context(), w.DB, formats[0], importing.IntoNothing(reading.Accepted), quiet, quiet)
	if f, known := fault.From(err); !known || f.Code != fault.Conflict || !strings.Contains(f.Message, "robert") {
		t.Errorf("the address was taken meanwhile: %v", err)
	}
	if n := w.Count(`SELECT COUNT(*) FROM account`); n != 2 {
		t.Errorf("%d accounts", n)
	}
}

// Where a row's organisation is not known that is what is said, also where a group needs it, with what can be done.
func TestOrganisationsThatAreNotKnown(t *testing.T) {
	w, _, _ := oldDirectory(t)
	reading := checked(w, "username,email,organisation,groups\nbo,bo@example.nhs.uk,Nowhere Hospital,\n"+
		"cy,cy@example.nhs.uk,Nowhere Hospital,Provider user\n")
	if len(reading.Notes) != 1 || len(reading.Refused) != 1 {
		t.Fatalf("notes %+v, refused %+v", reading.Notes, reading.Refused)
	}
	for _, said := range []string{reading.Notes[0].Reason, reading.Refused[0].Reason} {
		if !strings.Contains(said, `The organisation "Nowhere Hospital" is not known`) ||
			!strings.Contains(said, "enter its ODS code in the row, or import the organisation first") {
			t.Errorf("said: %s", said)
		}
	}
}

// What is said of a hash that cannot be used is what there is: without one, no password can be set either.
func TestAHashThatIsNotKnownNamesTheWayIn(t *testing.T) {
	w, _, _ := oldDirectory(t)
	reading := checked(w, "username,email,password hash\nbo,bo@example.nhs.uk,what is this\n")
	if len(reading.Refused) != 1 ||
		!strings.Contains(reading.Refused[0].Reason, "links their Care Identity with a code from their administrator") {
		t.Errorf("refused %+v", reading.Refused)
	}
}

// An import says of how many of the accounts to add nobody can come in as yet, and what lets them in: without a
// password hash, and without an organisation. It does not count accounts that nobody uses.
func TestAnImportSaysWhoCannotComeIn(t *testing.T) {
	w, _, _ := oldDirectory(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone, roles)
			VALUES ('FA123', 'High Street', 'A', '', '', '', '', '')`)
		return err
	})
	about := func(rows ...string) string {
		const heading = "username,email,organisation,kind,status,password_hash\n"
		return strings.Join(checked(w, heading+strings.Join(rows, "\n")+"\n").About, "\n")
	}
	const hash = "$2a$04$xlM35ndYhc4t0vOEBJS/GuVPZPF9Nh5F9m4l1GJjwYMFB4Epu9L6a"
	fine := "bo,bo@example.nhs.uk,FA123,,," + hash
	ended := "ed,ed@example.nhs.uk,,,inactive,"
	machine := "api,,,machine,,"
	if got := about(fine, ended, machine); got != "" {
		t.Errorf("of those who can come in, or whom nobody uses, it says: %s", got)
	}
	got := about(fine, ended, machine, "cy,cy@example.nhs.uk,FA123,,,", "di,di@example.nhs.uk,FA999,,,",
		"team,team@example.nhs.uk,FA123,shared,,", "em,em@example.nhs.uk,,,,"+hash)
	for _, want := range []string{
		"2 of the accounts to add have no password hash, so nobody can log in with them as yet.",
		"makes a code on the page of each", "1 of the accounts to add are shared and have no password hash",
		"1 of the accounts to add have no organisation.", "Users, Organisation not known",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q: %s", want, got)
		}
	}
}
