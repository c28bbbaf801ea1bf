package importing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const boHeading = "username,first name,last name,email,phone,organisation,region,status,kind,groups,permissions," +
	"access reason,approved by,approved date\n"

// boRow is a row about Bo with some cells changed, by column.
func boRow(changed map[string]string) string {
	cells := []string{"bo", "Bo", "Lead", "bo@example.nhs.uk", "01632 960001", "FA123", "London", "ACTIVE", "individual",
		"DoS lead", "approve user@everywhere", "Leads", "Al", "2019-02-03"}
	for i, column := range strings.Split(strings.TrimSpace(boHeading), ",") {
		if text, is := changed[column]; is {
			cells[i] = text
		}
	}
	return boHeading + strings.Join(cells, ",") + "\n"
}

func (w changing) account(username string) account.Account {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (account.Account, error) {
		return account.ByUsername(ctx, r, username)
	})
}

// changing is a directory with Bo's account, which came by an import.
type changing struct{ *dostest.World }

func withBo(t *testing.T) changing {
	t.Helper()
	w, _, _ := oldDirectory(t)
	imported(w, boRow(nil))
	return changing{w}
}

// apply imports a file that may change accounts.
func (w changing) apply(text string) (importing.Plan, string) {
	w.Helper()
	f, reading := w.read(text, true)
	plan, err := db.Read(w.Context(), w.DB, func(r db.R) (importing.Plan, error) {
		return importing.Compare(w.Context(), r, f, reading.Accepted)
	})
	w.Must(err)
	id, err := importing.Apply(w.Context(), w.DB, f, plan, quiet, quiet)
	w.Must(err)
	return plan, id
}

func (w changing) read(text string, change bool) (importing.Format, importing.Reading) {
	w.Helper()
	formats, err := importing.Find("accounts", "")
	w.Must(err)
	f := formats[0]
	reading := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (importing.Reading, error) {
		reading := readAccounts(w.World, f, text)
		reading.ChangeExisting = change
		return importing.Check(ctx, r, f, reading)
	})
	return f, reading
}

// A row about an account that is there is unchanged only if all that it says is so; else each difference is named with
// what is there and what the file says, and nothing is changed unless somebody asks for it.
func TestADifferenceOfAnyDetailIsNamed(t *testing.T) {
	w := withBo(t)
	if _, r := w.read(boRow(nil), false); r.Unchanged != 1 || len(r.Differences) != 0 {
		t.Fatalf("the honest twin: %+v", r)
	}
	for column, tt := range map[string]struct{ here, there, says string }{
		"first name":    {"Bob", "Bo", "--change-existing"},
		"last name":     {"", "Lead", "--change-existing"},
		"phone":         {"01632 960002", "01632 960001", "--change-existing"},
		"organisation":  {"FA999", "FA123", "--change-existing"},
		"access reason": {"Helps", "Leads", "--change-existing"},
		"approved by":   {"Cy", "Al", "--change-existing"},
		"approved date": {"2019-02-04", "2019-02-03T00:00:00Z", "--change-existing"},
		"email":         {"b@example.nhs.uk", "bo@example.nhs.uk", "on its page"},
		"kind":          {"machine", "individual", "on its page"},
		"status":        {"INACTIVE", "ACTIVE", "on its page"},
		"groups":        {"", "DoS lead @ region 2000000002", "on its page"},
		"permissions":   {"", "approveUser @ everywhere", "on its page"},
	} {
		changed := map[string]string{column: tt.here}
		if column == "kind" {
			changed["groups"] = "" // which is for people
		}
		_, r := w.read(boRow(changed), false)
		field := strings.ReplaceAll(column, " ", "_")
		named := false
		for _, d := range r.Differences {
			named = named || d.Row == 2 && d.Account == "bo" && d.Field == field && d.There == tt.there
		}
		if !named || r.Unchanged != 0 || len(r.Refused) != 1 ||
			!strings.Contains(r.Refused[0].Reason, "another") || !strings.Contains(r.Refused[0].Reason, tt.says) {
			t.Errorf("%s: unchanged %d, refused %+v, differences %+v", column, r.Unchanged, r.Refused, r.Differences)
		}
		if _, r := w.read(boRow(changed), true); (len(r.Accepted) == 1) != (tt.says == "--change-existing") {
			t.Errorf("%s, to be changed: accepted %d, refused %+v", column, len(r.Accepted), r.Refused)
		}
	}
}

// What a file has no column for is neither compared nor changed.
func TestWhatAFileDoesNotSayStays(t *testing.T) {
	w := withBo(t)
	if _, r := w.read("username,email\nBO,bo@example.nhs.uk\n", true); r.Unchanged != 1 {
		t.Errorf("a file with two columns: %+v", r)
	}
	before := w.account("bo")
	w.apply("username,email,phone\nbo,bo@example.nhs.uk,01632 960009\n")
	before.Phone = "01632 960009"
	if after := w.account("bo"); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("after: %+v\nwant   %+v", after, before)
	}
}

// An account is changed with an event, beside accounts that are new, is found by its new name, and is as before after
// an undo; one that was changed since stays.
func TestAccountsAreChangedAndBroughtBack(t *testing.T) {
	w := withBo(t)
	before := w.account("bo")
	file := boRow(map[string]string{"last name": "Leader", "region": "North East", "groups": "DoS lead@region London"}) +
		"cy,Cy,Till,cy@example.nhs.uk,,FA123,,ACTIVE,individual,,,,,\n" +
		strings.TrimPrefix(boRow(map[string]string{"username": "ada", "first name": "Ada", "last name": "Example",
			"email": "ada@example.nhs.uk", "groups": "", "permissions": ""}), boHeading)
	plan, id := w.apply(file)
	if plan.Added != 1 || plan.Changed != 2 {
		t.Fatalf("plan %+v", plan)
	}
	after := w.account("bo")
	if after.LastName != "Leader" || after.Region == before.Region || after.PasswordHash != before.PasswordHash {
		t.Errorf("after: %+v", after)
	}
	const found = `SELECT COUNT(*) FROM account_word WHERE word = 'leader' AND account_id = $1`
	if w.Count(found, after.ID) != 1 || len(w.Events("account.import-changed")) != 2 {
		t.Error("Bo is not found by the new name, or there is no event of it")
	}
	if _, r := w.read(file, false); r.Unchanged != 3 {
		t.Errorf("imported again: %+v", r)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.SetOrganisation(ctx, u, w.account("ada").ID, "FA777", "moved")
	})
	undone, err := importing.Undo(t.Context(), w.DB, id, quiet)
	w.Must(err)
	if undone.Restored != 2 || len(undone.Untouched) != 1 || !strings.HasPrefix(undone.Untouched[0], "ada ") {
		t.Errorf("undone %+v", undone)
	}
	if back := w.account("bo"); fmt.Sprint(back) != fmt.Sprint(before) {
		t.Errorf("back:   %+v\nbefore: %+v", back, before)
	}
	if n := w.Count(`SELECT COUNT(*) FROM account WHERE username = 'cy'`); n != 0 {
		t.Error("the account that was added is there")
	}
}

// What somebody changed between the reading of a file and its writing stays, but for what the file changes.
func TestAChangeKeepsWhatOthersChangedMeanwhile(t *testing.T) {
	w := withBo(t)
	f, reading := w.read(boRow(map[string]string{"phone": "01632 960009"}), true)
	bo := w.account("bo")
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.SetOrganisation(ctx, u, bo.ID, "FA777", "moved")
	})
	_, err := importing.Apply(t.Context(), w.DB, f, importing.IntoNothing(reading.Accepted), quiet, quiet)
	w.Must(err)
	if bo = w.account("bo"); bo.Organisation != "FA777" || bo.Phone != "01632 960009" {
		t.Errorf("after: %+v", bo)
	}
}

// A shared account may have the address of an individual one; each such pair is listed, whichever came first.
func TestATeamsAddressIsListed(t *testing.T) {
	w, _, _ := oldDirectory(t)
	w.Account(account.New{Username: "oldteam", Email: "crew@example.nhs.uk", Kind: account.Shared}, "")
	r := checked(w, "username,email,shared\nward,ada@example.nhs.uk,yes\nbo,crew@example.nhs.uk,\n"+
		"cy,cy@example.nhs.uk,\nnight,CY@example.nhs.uk,yes\nday1,day@example.nhs.uk,yes\nday2,day@example.nhs.uk,yes\n")
	want := []importing.Collision{
		{What: "email", Value: "ada@example.nhs.uk", Rows: []int{2}, Accounts: []string{"ada"}, Allowed: true},
		{What: "email", Value: "crew@example.nhs.uk", Rows: []int{3}, Accounts: []string{"oldteam"}, Allowed: true},
		{What: "email", Value: "cy@example.nhs.uk", Rows: []int{4, 5}, Accounts: []string{}, Allowed: true},
	}
	if fmt.Sprint(r.Collisions) != fmt.Sprint(want) || len(r.Accepted) != 6 {
		t.Errorf("accepted %d, collisions %+v", len(r.Accepted), r.Collisions)
	}
	if len(r.Notes) != 2 || r.Notes[0].Number != 3 || !strings.Contains(r.Notes[0].Reason, `the account "oldteam"`) ||
		!strings.Contains(r.Notes[1].Reason, `"night" in row 5`) {
		t.Errorf("notes %+v", r.Notes)
	}
}

// An ODS code that nobody has imported is named, also where no organisation was imported at all.
func TestODSCodesThatNobodyImportedAreNamed(t *testing.T) {
	w, _, _ := oldDirectory(t)
	const file = "username,email,organisation\nbo,bo@example.nhs.uk,FA123\n"
	if r := checked(w, file); len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Reason, `"FA123"`) ||
		!strings.Contains(r.Notes[0].Reason, "has no list of organisations yet") {
		t.Errorf("without organisations: %+v", r.Notes)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone, roles)
			VALUES ('FA123', 'High Street', 'A', '', '', '', '', '')`)
		return err
	})
	if r := checked(w, file); len(r.Notes) != 0 {
		t.Errorf("an organisation that was imported: %+v", r.Notes)
	}
	r := checked(w, strings.ReplaceAll(file, "FA123", "FA124"))
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Reason, "of no organisation that was imported") {
		t.Errorf("another code: %+v", r.Notes)
	}
}

// A row that names an organisation which nobody knows takes none away, whatever it may change; where the account has
// none either, it is as the row says.
func TestAnUnknownOrganisationTakesNoneAway(t *testing.T) {
	w := withBo(t)
	unknown := boRow(map[string]string{"organisation": "Some Unknown Surgery"})
	_, r := w.read(unknown, true)
	if len(r.Accepted) != 0 || len(r.Refused) != 1 ||
		!strings.Contains(r.Refused[0].Reason, `is not known, and the account is at "FA123"`) {
		t.Errorf("accepted %+v, refused %+v", r.Accepted, r.Refused)
	}
	w.apply(boRow(map[string]string{"organisation": ""}))
	if a := w.account("bo"); a.Organisation != "" {
		t.Fatalf("the honest twin, which says that there is none: %q", a.Organisation)
	}
	if _, r := w.read(unknown, true); r.Unchanged != 1 {
		t.Errorf("at none, as the row says: %+v", r)
	}
}

// Each account that is changed has an event of its own, so one Update changes fewer than it adds.
func TestFewerAccountsAreChangedAtOnce(t *testing.T) {
	w := withBo(t)
	file := func(family string) string {
		text := "username,email,last name\n"
		for i := range 1100 {
			text += fmt.Sprintf("user%d,user%d@example.nhs.uk,%s\n", i, i, family)
		}
		return text
	}
	for _, tt := range []struct {
		family string
		want   []int
	}{{"Smith", []int{1100}}, {"Jones", []int{1000, 1100}}} {
		f, reading := w.read(file(tt.family), true)
		plan, err := db.Read(w.Context(), w.DB, func(r db.R) (importing.Plan, error) {
			return importing.Compare(w.Context(), r, f, reading.Accepted)
		})
		w.Must(err)
		var steps []int
		_, err = importing.Apply(w.Context(), w.DB, f, plan, quiet, func(done, _ int) { steps = append(steps, done) })
		w.Must(err)
		if !slices.Equal(steps, tt.want) {
			t.Errorf("%s: written up to %v, want %v", tt.family, steps, tt.want)
		}
	}
}

// What an account is follows from any of the columns that say so, and so does the region in which its holder works.
func TestADifferenceOfTheOtherColumns(t *testing.T) {
	for heading, tt := range map[string]struct{ cell, field, says string }{
		"shared":           {"yes", "kind", "on its page"},
		"web service only": {"yes", "kind", "on its page"},
		"regions":          {"North East", "region", "--change-existing"},
	} {
		w := withBo(t)
		same := map[string]string{"shared": "no", "web service only": "no", "regions": "London"}[heading]
		file := func(cell string) string {
			return "username,email," + heading + "\nbo,bo@example.nhs.uk," + cell + "\n"
		}
		if _, r := w.read(file(same), false); r.Unchanged != 1 {
			t.Fatalf("%s, the honest twin: %+v", heading, r)
		}
		_, r := w.read(file(tt.cell), false)
		if len(r.Differences) != 1 || r.Differences[0].Field != tt.field || len(r.Refused) != 1 ||
			!strings.Contains(r.Refused[0].Reason, tt.says) {
			t.Errorf("%s: refused %+v, differences %+v", heading, r.Refused, r.Differences)
		}
	}
}

// What should be looked at in a row is told of rows that are taken alone: of the others their reason is.
func TestNotesAreOfRowsThatAreTaken(t *testing.T) {
	w := withBo(t)
	_, r := w.read("username,email,care identity\nann,ann@example.nhs.uk,500000000042\n"+
		"cy,bo@example.nhs.uk,500000000059\n", false)
	if len(r.Refused) != 1 || len(r.Notes) != 1 || r.Notes[0].Number != 2 {
		t.Errorf("refused %+v, notes %+v", r.Refused, r.Notes)
	}
}

// An organisation whose name has no letter that is compared is nobody's who names none.
func TestAnOrganisationWithoutLetters(t *testing.T) {
	w := withBo(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone, roles)
			VALUES ('ZZ999', '—', 'Active', '', '', '', '', '')`)
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "account.amended", Subject: account.Ref("test")}))
	})
	w.apply("username,email,organisation\nann,ann@example.nhs.uk,\n")
	if a := w.account("ann"); a.Organisation != "" {
		t.Errorf("at %s", a.Organisation)
	}
}
